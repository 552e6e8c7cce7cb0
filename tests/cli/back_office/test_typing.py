"""What people type: times on a clock, amounts with a currency's decimals, lines, days, ranges of years."""

import pytest
import typer

from loyalty.cli import arguments
from loyalty.cli.back_office.members import read_birthday
from loyalty.cli.clocks import clock_of_offsets, clock_of_zone
from loyalty.cli.show import in_words
from loyalty.cli.view import View
from loyalty.commands import Currency, Rules, Shortfall, UnknownStore
from loyalty.commands.conditions import AttributeType
from loyalty.text.errors import TextError
from loyalty.text.instants import expand_zone
from loyalty.v1 import common_pb2 as common
from tests.cli.back_office.here import Here

VIENNA = clock_of_zone("Europe/Vienna")
STORE = clock_of_offsets("store 1", expand_zone("Europe/Vienna", (2025, 2036)))
HOUR_MS = 3_600_000
NOON_UTC_MS = 1_798_113_600_000  # 2026-12-24 12:00 UTC

TIMES = [  # typed, milliseconds after noon UTC on 24 December 2026
    ("2026-12-24 13:00", 0),
    ("2026-12-24T13:00:01", 1000),
    ("2026-12-24", -13 * HOUR_MS),
    ("2026-12-24 12:00Z", 0),
    ("2026-12-24 05:00-07:00", 0),
]


@pytest.mark.parametrize("clock", [VIENNA, STORE], ids=lambda clock: str(clock.name))
@pytest.mark.parametrize(("typed", "after_ms"), TIMES)
def test_times_on_a_clock(clock: object, typed: str, after_ms: int) -> None:
    """A store's clock, made of numbers, tells the same as the zone it was made from."""
    reading = VIENNA if clock is VIENNA else STORE
    assert reading.read(typed) == NOON_UTC_MS + after_ms
    assert reading.show(NOON_UTC_MS + 1000) == "2026-12-24 13:00:01"
    assert reading.iso(NOON_UTC_MS) == "2026-12-24T13:00:00.000+01:00"


@pytest.mark.parametrize("clock", [VIENNA, STORE], ids=lambda clock: str(clock.name))
def test_hours_that_are_there_twice_or_not_at_all(clock: object) -> None:
    reading = VIENNA if clock is VIENNA else STORE
    first = reading.read("2026-10-25 02:30")  # the clock goes back at three
    assert (reading.iso(first), reading.show(first + HOUR_MS)) == (
        "2026-10-25T02:30:00.000+02:00",
        "2026-10-25 02:30:00",
    )
    assert reading.show(reading.read("2026-03-29 02:30")) == "2026-03-29 03:30:00"  # it goes on at two


def test_a_time_that_is_none() -> None:
    with pytest.raises(TextError, match="soon"):
        VIENNA.read("soon")


RULES = Rules(
    *("Club", "EUR", 1, 100, 1, 365, 1, 1, 1, 3000, 3000, 0, 0, 30, 30),
    Shortfall.NEGATIVE,
    UnknownStore.UTC,
    currencies=(Currency("JPY", 0, 1, 160, 1, 2), Currency("KWD", 3, 1, 300, 100, 30)),
    attributes=(
        ("brand", AttributeType.TEXT),
        ("list_price", AttributeType.MONEY),
        ("nights", AttributeType.NUMBER),
        ("weight", AttributeType.QUANTITY),
    ),
)
VIEW = View(RULES, VIENNA)

LINES = [  # typed, currency, pieces in thousandths, amount in minor units
    ("a:1:12.34", "", 1000, 1234),
    ("a:1:12", "", 1000, 1200),
    ("a:0.5:1234", "JPY", 500, 1234),
    ("a:1.234:1.234", "KWD", 1234, 1234),
]


@pytest.mark.parametrize(("typed", "currency", "milli", "minor"), LINES)
def test_lines_in_a_currency(typed: str, currency: str, milli: int, minor: int) -> None:
    line = arguments.basket_line(typed, VIEW, currency)
    assert (line.sku, line.quantity_milli, line.amount_minor) == ("a", milli, minor)
    assert line.kind == common.LINE_KIND_GOODS


def test_attributes_by_their_types() -> None:
    typed = "a:1:1:delivery,brand=Page & Co,list_price=19.90,nights=7,weight=1.5"
    line = arguments.basket_line(typed, VIEW)
    assert line.kind == common.LINE_KIND_DELIVERY
    assert [(each.name, each.text or each.number) for each in line.attributes] == [
        ("brand", "Page & Co"),
        ("list_price", 1990),
        ("nights", 7),
        ("weight", 1500),
    ]


BAD_LINES = [  # typed, currency, what is said
    ("a:1", "", "wanted SKU:PIECES:AMOUNT"),
    ("a:1:1.5", "JPY", "too many decimals; wanted a whole number"),
    ("a:1:1.505", "", "too many decimals"),
    ("a:inf:1", "", "is no number"),
    ("a:1e30:1", "", "too large"),
    ("a:1:1,brnd=x", "", "did you mean brand"),
    ("a:1:1,brand", "", "wanted NAME=VALUE"),
    ("a:1:1,nights=7.5", "", "too many decimals"),
]


@pytest.mark.parametrize(("typed", "currency", "says"), BAD_LINES)
def test_lines_that_are_none(typed: str, currency: str, says: str) -> None:
    with pytest.raises(typer.BadParameter, match=says):
        arguments.basket_line(typed, VIEW, currency)


MEMBERS = [
    ("+43660", common.MemberRef(phone="+43660")),
    ("81", common.MemberRef(member_id=81)),
    ("card:81", common.MemberRef(card="81")),
    ("2000-1", common.MemberRef(card="2000-1")),
    ("ext:crm:81", common.MemberRef(external="crm:81")),
]


@pytest.mark.parametrize(("typed", "meant"), MEMBERS)
def test_members(typed: str, meant: common.MemberRef) -> None:
    assert arguments.member_ref(typed) == meant


def test_birthdays() -> None:
    assert [read_birthday(typed) for typed in ("1990-03-14", "03-14", "02-29", "")] == [19900314, 314, 229, 0]
    with pytest.raises(TextError, match="birthday"):
        read_birthday("13-01")


WANTED = [  # what the engine would take, of which field, in words
    ("at most 300", "points", "at most 300"),
    ("together 33670", "tenders", "together 336.70 EUR"),
    (f"above {NOON_UTC_MS}, or 0", "until_ms", "above 2026-12-24 13:00:00 (Europe/Vienna), or 0"),
]


@pytest.mark.parametrize(("acceptable", "field", "words"), WANTED)
def test_what_would_be_right(acceptable: str, field: str, words: str) -> None:
    assert in_words(acceptable, field, VIEW) == words
    assert in_words("at most 300", "until_minor", View()) == "at most 300"  # nothing is known of its decimals


def test_a_days_receipt_is_todays_at_the_store(here: Here) -> None:
    """Half past midnight in Auckland, while it is noon before in Greenwich."""
    here.done("store", "define", "7", "--name", "Auckland", "--zone", "Pacific/Auckland")
    here.set_time("2026-11-22 11:30")
    here.done("enrol", "--phone", "+6421123456")
    said = here.done("confirm", "+6421123456", "--receipt", "7/1/1", "--line", "a:1:1")
    assert "receipt 7/1/1/20261123 of" in said
    assert "sold    2026-11-23 00:30:00 (store 7)" in here.done("receipt", "7/1/1")
    assert "sold    2026-11-22 11:30:00 (UTC)" in here.done("receipt", "7/1/1/20261123", "--tz", "UTC")


def test_without_the_back_office_decimals_are_typed(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """A till that cannot reach it says how many decimals there are, or buys nothing."""
    here.done("enrol", "--phone", "+436601234567")
    here.closed = "BackOfficeService"
    words = ("confirm", "+436601234567", "--receipt", "1/1/1/20261122", "--line", "a:1:12.34")
    status, said = here.say(*words)
    assert (status, "give --exponent" in said, here.commands()) == (3, True, [])
    said = here.done("--exponent", "2", *words)
    assert "12.34" in said
    assert "minor units" in here.done("receipt", "1/1/1/20261122")
    status, said = here.say("--exponent", "2", "receipt", "1/1/1")
    assert (status, "give its day" in said) == (2, True)
