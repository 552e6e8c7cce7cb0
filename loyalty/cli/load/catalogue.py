"""What a load's tills sell in a programme: its stores, and the articles of the file beside it.

Beside `sports-club.toml` lies `sports-club-articles.csv`, an article file as a till reads it.
"""

from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from loyalty.cli.till.articles import ArticleFileError, read_articles
from loyalty.text.errors import TextError
from loyalty.text.files import read_programme
from loyalty.v1 import common_pb2 as common

BESIDE: Final = "-articles.csv"
WEB: Final = "web"


class Store(NamedTuple):
    """Where tills stand."""

    number: int
    is_web: bool


class Article(NamedTuple):
    """A line of one piece, without its quantity; what it costs."""

    line: common.Line
    price_minor: int


class Catalogue(NamedTuple):
    """All that the tills of a programme know."""

    stores: tuple[Store, ...]
    goods: tuple[Article, ...]
    others: tuple[Article, ...]  # delivery, gift cards
    zone: ZoneInfo
    spend_unit_points: int
    late_max_days: int


def read_catalogue(programme_file: str) -> Catalogue:
    """The programme's stores and what is sold there.

    Raises:
        ValueError: a file is missing or wrong, or there is nothing to sell, or nowhere.
    """
    path = Path(programme_file)
    try:
        file = read_programme(path.read_text(encoding="utf-8"))
        found = read_articles(path.with_name(path.stem + BESIDE), file.rules.exponent)
    except (OSError, TextError, ArticleFileError) as problem:
        raise ValueError(f"--programme-file {programme_file}: {problem}") from None
    articles = [
        Article(_line(sku, one.kind, one.price_minor, one.attributes), one.price_minor)
        for sku, one in found.by_sku.items()
        if one.price_minor
    ]
    goods = tuple(one for one in articles if one.line.kind == common.LINE_KIND_GOODS)
    stores = tuple(Store(store.store, store.channel == WEB) for store in file.stores)
    if not goods or not stores:
        raise ValueError(f"--programme-file {programme_file}: needs a store, and goods with prices to sell")
    return Catalogue(
        stores,
        goods,
        tuple(one for one in articles if one.line.kind != common.LINE_KIND_GOODS),
        ZoneInfo(file.zone),
        max(file.rules.spend_unit_points, 1),
        file.rules.late_receipt_max_days,
    )


def _line(
    sku: str, kind: str, price_minor: int, attributes: tuple[tuple[str, str | int], ...]
) -> common.Line:
    line = common.Line(sku=sku, kind=f"LINE_KIND_{kind.upper()}", unit_price_minor=price_minor)
    for name, value in attributes:
        if isinstance(value, int):
            line.attributes.add(name=name, number=value)
        else:
            line.attributes.add(name=name, text=value)
    return line
