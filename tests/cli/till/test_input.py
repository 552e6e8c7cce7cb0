"""Whatever is typed, there is an answer; amounts and article files."""

import asyncio
import json
import tempfile
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty.cli.till import words
from loyalty.cli.till.amounts import NotANumber, ago, date_time, milli_of, minor_of, money, pieces, times
from loyalty.cli.till.articles import ArticleFileError, read_articles
from loyalty.cli.till.bill import Drawn
from loyalty.cli.till.plain import as_dict
from tests.cli.till.stage import Stage
from tests.client.outbox.room import ROOM

WORDS = st.sampled_from(
    [*words.BY_NAME, "socks", "bike", "4006381333931", "+886912345678", "[red]", "\x1b[2J"]
)
NUMBERS = st.one_of(
    st.integers(-(10**40), 10**40).map(str),
    st.sampled_from(
        ["0", "1", "max", "none", "1.5", "1,5", "1e9", "nan", "inf", "-1", "²", "9" * 30, "17/3/1"]
    ),
)
LINES = st.one_of(
    st.text(max_size=40), st.lists(WORDS | NUMBERS | st.text(max_size=8), max_size=5).map(" ".join)
)
ACTS = st.sampled_from(
    ["", "", "", "nobody answers", "somebody answers", "answers get lost", "the pair is busy"]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(ACTS, LINES), max_size=25))
def test_nothing_that_is_typed_breaks_a_till(typed: list[tuple[str, str]]) -> None:
    """Each line has one answer that can be drawn and written as JSON, without control characters."""

    async def day() -> None:
        with tempfile.TemporaryDirectory(dir=ROOM) as directory:
            stage = Stage(Path(directory))
            await stage.type("enrol +886912345678")
            for act, line in typed:
                if act:
                    await stage.happen(act)
                answer = await stage.type(line)
                drawn = stage.drawn(answer)
                assert drawn or line.split()[:1] == ["help"]
                assert all(char.isprintable() for text in drawn for char in text)
                json.dumps(as_dict(answer, Drawn(2, UTC)))
            stage.outbox.close()

    asyncio.run(day())


AMOUNTS = [  # typed, exponent, minor units
    ("12.90", 2, 1290),
    ("12,90", 2, 1290),
    ("12", 2, 1200),
    (".5", 2, 50),
    ("1290", 0, 1290),
    ("1.234", 3, 1234),
    ("0", 2, 0),
]
WRONG = [  # typed, exponent, what is said
    ("12.901", 2, "'12.901' is finer than the currency: wanted as in 12.90"),
    ("1.5", 0, "wanted as in 129"),
    ("-1", 2, "'-1' is no number"),
    ("1.2.3", 2, "is no number"),
    ("NaN", 2, "is no number"),
    ("1e30", 2, "is no number"),
]


@pytest.mark.parametrize(("typed", "exponent", "minor"), AMOUNTS)
def test_amounts(typed: str, exponent: int, minor: int) -> None:
    assert minor_of(typed, exponent) == minor


@pytest.mark.parametrize(("typed", "exponent", "says"), WRONG)
def test_amounts_that_are_none(typed: str, exponent: int, says: str) -> None:
    with pytest.raises(NotANumber, match=says):
        minor_of(typed, exponent)


def test_amounts_are_written_in_the_programmes_exponent() -> None:
    assert [money(1290, exponent) for exponent in range(4)] == ["1290", "129.0", "12.90", "1.290"]
    assert [money(minor, 2) for minor in (-5, 0, -1290)] == ["-0.05", "0.00", "-12.90"]
    assert [pieces(milli) for milli in (1000, 1234, 500, 20_000)] == ["1", "1.234", "0.5", "20"]


COSTS = [  # unit price, thousandths, amount: half a cent goes up
    (1290, 1000, 1290),
    (1290, 2000, 2580),
    (299, 1234, 369),  # 368.966
    (299, 500, 150),  # 149.5
    (1, 499, 0),
    (1, 500, 1),
]


@pytest.mark.parametrize(("unit_minor", "milli", "minor"), COSTS)
def test_what_so_many_cost(unit_minor: int, milli: int, minor: int) -> None:
    assert times(unit_minor, milli) == minor


def test_more_than_a_line_may_cost() -> None:
    with pytest.raises(NotANumber, match="more than a line may cost"):
        times(10**14, milli_of("1000000"))


def test_times_in_words() -> None:
    assert [ago(ms) for ms in (0, 59_999, 60_000, 3_599_999, 7_200_000)] == [
        "0 s",
        "59 s",
        "1 min",
        "59 min",
        "2 h",
    ]
    assert date_time(0, UTC) == date_time(2**63 - 1, UTC) == "never"
    assert date_time(1_795_348_800_000, UTC) == "2026-11-22 12:00"


ARTICLE_FILES = [  # content, what is said
    ("sku,name\n1,Socks\n", "no column price; wanted sku,name,price"),
    ("", "no column sku, name, price"),
    ("sku,name,price\n,Socks,1\n", "line 2: an article without a number"),
    ("sku,name,price\n1,Socks,1.999\n", "line 2: amount '1.999' is finer"),
    ("sku,name,price,kind\n1,Socks,1,food\n", "kind 'food' is none of goods, delivery, gift_card"),
    ("sku,name,price,season:number\n1,Socks,1,winter\n", "season 'winter' is no whole number"),
    ('sku,name,price\n1,"Socks,1\n', "unexpected end of data"),
    ("sku,name,price\n1,\udcff,1\n", "can't decode byte"),
]


@pytest.mark.parametrize(("content", "says"), ARTICLE_FILES)
def test_an_article_file_that_is_none(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "articles.csv"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ArticleFileError, match=says):
        read_articles(path, 2)


def test_articles_are_found_as_people_call_them(tmp_path: Path) -> None:
    path = tmp_path / "articles.csv"
    path.write_text("sku,name,price,brand\n1,Ski boots,129,Nordkap\n2,Ski,399,\n3,Socks,,\n")
    articles = read_articles(path, 2)
    found = {
        text: getattr(articles.find(text), "sku", None)
        for text in ("1", "ski", "SKI B", "boots", "s", "so", "ts", "")
    }
    assert found == {
        "1": "1",
        "ski": "2",
        "SKI B": "1",
        "boots": "1",
        "s": None,
        "so": "3",
        "ts": None,
        "": None,
    }
    assert articles.by_sku["1"].attributes == (("brand", "Nordkap"),)
    assert articles.by_sku["3"].price_minor is None
