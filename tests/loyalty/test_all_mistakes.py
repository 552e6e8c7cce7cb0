"""All mistakes of a file at once, and mistakes that the engine finds, at their place in the file."""

from pathlib import Path

import pytest

from loyalty.text.errors import TextError
from loyalty.text.fields import find_key, mistake_in
from loyalty.text.files import (
    programme_mistakes,
    promotions_mistakes,
    read_programme,
    read_promotions,
    zone_of,
)
from loyalty.text.source import Source

CLUB = (Path(__file__).parents[2] / "deploy/programmes/sports-club.toml").read_text("utf-8")


def test_a_file_without_mistakes() -> None:
    assert programme_mistakes(CLUB) == []
    assert promotions_mistakes("", read_programme(CLUB).rules) == []
    assert zone_of(CLUB) == "Europe/Vienna"


def test_the_first_of_each_table_is_told() -> None:
    """In the order rules, partners, stores, promotions; the first of them is what reading tells."""
    text = (
        CLUB.replace("earn_points = 3", 'earn_points = "three"')
        .replace('name = "Nordkap"', "name = 7")
        .replace('number = 2\nname = "Graz', 'number = 1\nname = "Graz')
        .replace("percent = 20", "percent = 20.001")
        .replace('kind = "cheapest_free"', 'kind = "cheapest_fre"')
    )
    mistakes = programme_mistakes(text)
    assert [mistake.where for mistake in mistakes] == [
        "programme.earn_points",
        "partner[1].name",
        "store[2].number",
        "promotion[3].effect.percent",
        "promotion[5].effect.kind",
    ]
    with pytest.raises(TextError) as told:
        read_programme(text)
    assert str(told.value) == str(mistakes[0])


BROKEN = [  # a whole file: nothing more can be told than the first mistake
    ("[programme", "no TOML"),
    ("zone = 'x'\n[programme]", "no zone is called"),
    ("", "[programme] is missing"),
    ("programme = 1", "is no table"),
    ("[programme]\ncurrency = 'EUR'\n[partner]\nnumber = 1", "is no list of tables"),
]


@pytest.mark.parametrize(("text", "says"), BROKEN)
def test_a_file_that_cannot_be_read_at_all(text: str, says: str) -> None:
    told = [str(mistake) for mistake in programme_mistakes(text)]
    assert any(says in one for one in told)
    with pytest.raises(TextError) as first:
        read_programme(text)
    assert str(first.value) == told[0]


def test_promotions_alone() -> None:
    rules = read_programme(CLUB).rules
    text = "[[promotion]]\nnumber = 1\n\n[[promotion]]\nnumber = 'x'\n"
    assert [mistake.line for mistake in promotions_mistakes(text, rules)] == [1, 5]
    with pytest.raises(TextError, match="name is missing"):
        read_promotions(text, rules)
    assert [m.where for m in promotions_mistakes("[programme]", rules)] == ["programme"]


FIELDS = [  # table, field as the engine calls it, key of the file
    (("programme",), "earn_per_minor", "programme.earn_per"),
    (("programme",), "tiers[2].from_minor", "programme.tiers[2].from"),
    (("programme",), "line_limit_basis_points", "programme.line_limit_percent"),
    (("programme",), "channel_delays[1]", "programme.channel_delay_days[1]"),
    (("programme",), "policies.grace_days", "programme.policies.grace_days"),
    (("partner", 1), "funds_minor", "partner[1].funds_money"),
    (("store", 2), "city", "store[2].city"),
    (("promotion", 2), "effect.minor", "promotion[2].effect.price"),
    (("promotion", 2), "effect.parts[3].lines", "promotion[2].effect.parts[3].lines"),
    (("promotion", 3), "effect.basis_points", "promotion[3].effect.percent"),
    (("promotion", 3), "caps.budget_minor", "promotion[3].caps.budget_money"),
    (("promotion", 4), "effect.basis_points", "promotion[4].effect.times"),
    (("promotion", 1), "when.until_ms", "promotion[1].when.until"),
    (("promotion", 10), "effect.minor", "promotion[10].effect.amount"),
    (("promotion", 1), "lines.all_of.parts[1]", "promotion[1].lines.all_of.parts[1]"),  # shown at its line
]


@pytest.mark.parametrize(("table", "field", "key"), FIELDS)
def test_the_key_of_a_field(table: tuple[str | int, ...], field: str, key: str) -> None:
    source = Source(CLUB)
    mistake = mistake_in(source, table, field, "")
    assert mistake.where == key
    path = find_key(source, table, field)
    shown = mistake.excerpt.split("\n")[0]
    if source.has(path):
        assert shown.strip().split()[0].strip("[]").split(".")[-1] in key
    assert mistake.line > 0


WANTED = [  # field, what the engine wants, what the file says
    ("earn_per_minor", "1 to 1000000", "0.01 to 10000.00"),
    ("line_limit_basis_points", "0 to 10000", "0 to 100"),
    ("earn_points", "0 to 1000000", "0 to 1000000"),
]


@pytest.mark.parametrize(("field", "wanted", "shown"), WANTED)
def test_what_would_be_right_is_said_as_files_say_it(field: str, wanted: str, shown: str) -> None:
    assert mistake_in(Source(CLUB), ("programme",), field, wanted).wanted == shown


def test_instants_are_dates_in_the_files_zone() -> None:
    source, wanted = Source(CLUB), "above 1798066800000, or 0"
    told = mistake_in(source, ("promotion", 1), "when.until_ms", wanted, 2, "Europe/Vienna")
    assert told.wanted == "above 2026-12-24, or 0"
    factor = mistake_in(source, ("promotion", 4), "effect.basis_points", "10001 to 1000000")
    assert factor.wanted == "1.0001 to 100"
