"""A small article file: what a scanned number is called and costs.

A CSV file with a header. `sku`, `name` and `price` are needed, `kind` (goods, delivery, gift_card) is known;
every other column is an attribute that promotions may ask about, a whole number if its title ends in
`:number`.

    sku,name,price,brand,season:number
    4006381333931,Ski boots,129.00,Nordkap,2026
"""

import csv
from pathlib import Path
from typing import Final, NamedTuple

from loyalty.cli.till.amounts import NotANumber, minor_of
from loyalty.v1 import common_pb2 as common

KINDS: Final = {
    name.removeprefix("LINE_KIND_").lower(): number for name, number in common.LineKind.items() if number
}
NEEDED: Final = ("sku", "name", "price")
ARTICLES_MAX: Final = 100_000


class ArticleFileError(ValueError):
    """The text names file, line and what is wrong."""


class Article(NamedTuple):
    """What is sold under one number."""

    sku: str
    name: str
    price_minor: int | None  # of one piece; None: it is typed
    kind: str = "goods"
    attributes: tuple[tuple[str, str | int], ...] = ()


class Articles:
    """All that a till knows, by number and by name."""

    def __init__(self, articles: tuple[Article, ...] = ()) -> None:
        self.by_sku = {article.sku: article for article in articles}
        self.by_name = {article.name.lower(): article for article in articles}

    def find(self, text: str) -> Article | None:
        """By number, by name, or by the beginning of a word of exactly one name."""
        exact = self.by_sku.get(text) or self.by_name.get(text.lower())
        if exact is not None or not text:
            return exact
        begun = [article for name, article in self.by_name.items() if f" {text.lower()}" in f" {name}"]
        return begun[0] if len(begun) == 1 else None

    @property
    def names(self) -> list[str]:
        return list(self.by_name)


def read_articles(path: str | Path, exponent: int) -> Articles:
    """Read an article file.

    Raises:
        ArticleFileError: what is wrong, and where.
    """
    try:
        with open(path, encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            missing = [name for name in NEEDED if name not in (reader.fieldnames or [])]
            if missing:
                raise ArticleFileError(f"{path}: no column {', '.join(missing)}; wanted sku,name,price")
            articles = tuple(_article(row, f"{path}, line {reader.line_num}", exponent) for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise ArticleFileError(f"article file {path}: {problem}") from None
    if len(articles) > ARTICLES_MAX:
        raise ArticleFileError(f"{path}: {len(articles)} articles, at most {ARTICLES_MAX}")
    return Articles(articles)


def _article(row: dict[str, str | None], place: str, exponent: int) -> Article:
    given = {name: (value or "").strip() for name, value in row.items() if name}
    kind = given.pop("kind", "") or "goods"
    sku, name, price = (given.pop(title) for title in NEEDED)
    if not sku:
        raise ArticleFileError(f"{place}: an article without a number")
    if kind not in KINDS:
        raise ArticleFileError(f"{place}: kind {kind!r} is none of {', '.join(KINDS)}")
    try:
        price_minor = minor_of(price, exponent) if price else None
        attributes = tuple(_attribute(title, value) for title, value in given.items() if value)
    except NotANumber as problem:
        raise ArticleFileError(f"{place}: {problem}") from None
    return Article(sku, name or sku, price_minor, kind, attributes)


def _attribute(title: str, value: str) -> tuple[str, str | int]:
    if not title.endswith(":number"):
        return title, value
    if not value.removeprefix("-").isdigit():
        raise NotANumber(f"{title.removesuffix(':number')} {value!r} is no whole number")
    return title.removesuffix(":number"), int(value)
