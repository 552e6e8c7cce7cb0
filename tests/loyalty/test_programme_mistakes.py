"""Mistakes in programme files: each is told with its line, its key, what is wrong and what would be right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.text.errors import TextError
from loyalty.text.files import read_programme, read_promotions
from loyalty.text.source import Source
from tests.loyalty.published import RULES
from tests.loyalty.test_programme_files import GOOD

WRONG = [  # what is written instead of what, line and key, what is wrong, a part of what would be right
    ('name = "Club"', "name = 7", "5 programme.name", "7 is no text", "a text in quotes"),
    ('name = "Club"', "", "4 programme", "name is missing", "name ="),
    ('name = "Club"', 'name = "' + "x" * 65 + '"', "5 programme.name", "too long", "<= 64"),
    ('"Club"', '"Club"\nearn_pints = 3', "6 programme.earn_pints", "unknown key", "mean earn_points?"),
    ("points = 1", "points = true", "7 programme.earn_points", "no whole number", "a"),
    ("points = 1", "points = 1.5", "7 programme.earn_points", "1.5 is no whole", "a"),
    ("= 365", "= 1" + "0" * 30, "9 programme.lot_window_days", "too large", "at most 9223372036854775807"),
    ("= 0.01", "= 0.001", "10 programme.point_value", "0.001 has too many decimals", "at most 2 decimals"),
    ("= 0.01", "= 1e-2", "10 programme.point_value", "'1e-2' is no number", "a number"),
    ("= 0.01", "= nan", "10 programme.point_value", "'nan' is no number", "a number"),
    ("= 0.01", "= []", "10 programme.point_value", "[] is no number", "a number"),
    ("brand = Nordkap", "brnd = Nordkap", "11 programme.no_spend", "unknown attribute", "mean brand?"),
    ('"brand = Nordkap"', "7", "11 programme.no_spend", "7 is no condition", "in quotes"),
    ('brand = "text"', 'brand = "txt"', "14 programme.attributes.brand", "'txt' is none", "mean text?"),
    ('"half_up"', '"half"', "17 programme.policies.rounding", "'half' is none", "half_even"),
    ("exponent = 0", "exponent = 9", "21 programme.currencies[1].exponent", "9 is no currency's", "0 to 3"),
    ("= 100\nturnover =", "= 1.5\nturnover =", "23 programme.currencies[1].earn_per", "too many", "a whole"),
    ("from = 0", "from = 0\nuntil = 1", "30 programme.tiers[1].until", "unknown key", "one of name, from"),
    ("[[programme.tiers]]", "[programme.tiers]", "27 programme.tiers", "is no list", "[[...]]"),
    ("[[store]]", "[store]", "35 store", "is no list of tables", "[[store]]"),
    ('"Graz"', '"Graz"\nzone = "Vienna"', "38 store[1].zone", "no zone is called", "Europe/Vienna"),
    ('"Graz"', '"Graz"\nzone = 1', "38 store[1].zone", "1 is no zone", "Europe/Vienna"),
    ('"Graz"', '"Graz"\ncurrency = "USD"', "38 store[1].currency", "unknown currency 'USD'", "EUR, JPY"),
    ('"12.5"', '"12,5"', "44 promotion[1].effect.percent", "'12,5' is no number", "at most 2 decimals"),
    ("percent =", "percnt =", "44 promotion[1].effect.percnt", "unknown key", "percent"),
    ('"percent_off"', '"percent_of"', "44 promotion[1].effect.kind", "unknown kind", "mean percent_off?"),
    ('kind = "percent_off", ', "", "44 promotion[1].effect.kind", "kind is missing", "one of percent_off"),
    ("number = 2", "number = 1", "47 promotion[2].number", "1 is promotion[1]'s already", "of its own"),
    ("amount >= 5", "amount => 5", "49 promotion[2].lines", "cannot stand here", "a value"),
    ("2026-12-24,", '"24.12.",', "50 promotion[2].when.from", "'24.12.' is no date", "2026-12-24"),
    ("T18:00:00 ", "T18:00:00.0001 ", "50 promotion[2].when.until", "is no such time", "milliseconds"),
    ("= 2026-12-24,", "= 1969-01-01,", "50 promotion[2].when.from", "is no such time", "1970"),
    ("when = {", 'when = { weekdays = ["sun"],', "50 promotion[2].when.weekdays", "'sun' is no", "sunday"),
    ("when = {", 'when = { from_time = "25:00",', "50 promotion[2].when.from_time", "no time of", "24:00"),
    ("when = {", 'when = { from_time = "24:01",', "50 promotion[2].when.from_time", "no time of", "24:00"),
    (
        "when = {",
        'where.stores = [1, "x"]\nwhen = {',
        "50 promotion[2].where.stores[2]",
        "'x' is no whole",
        "a",
    ),
    ("when = {", "where.stores = 1\nwhen = {", "50 promotion[2].where.stores", "1 is no list", "[...,"),
    ("when = {", "paused = 1\nwhen = {", "50 promotion[2].paused", "1 is neither", "true or false"),
    ("when = {", 'scope = "Line"\nwhen = {', "50 promotion[2].scope", "'Line' is none", "did you mean line?"),
    ("when = {", "caps = []\nwhen = {", "50 promotion[2].caps", "[] is no table", "one of receipt_money"),
    ("brand = B", "brand = ", "61 promotion[2].effect.parts[2].lines", "the condition ends", "a value"),
    (
        '\n[[promotion.effect.parts]]\nlines = "brand = B"\npieces = 2\n',
        "",
        "56 promotion[2].effect.parts",
        "",
        ">= 2",
    ),
    ("[2026, 2027]", "[2027, 2026]", "2 zone_years", "are no years", "[2026, 2036]"),
    ("[2026, 2027]", "[1970, 2060]", "2 zone_years", "are no years", "at most 60"),
    ('"Europe/Vienna"', '"Europe/Wiena"', "1 zone", "no zone is called", "did you mean Europe/Vienna?"),
    ('"Europe/Vienna"', '"../etc/passwd"', "1 zone", "no zone is called", "as Europe/Vienna"),
    ("[[partner]]", "[[partners]]", "31 partners", "unknown key", "did you mean partner?"),
    ("points = 1", "points =", "7", "Invalid value", "toml.io"),
    ("pieces = 2\n", 'x = """', "62", "no TOML", "toml.io"),
    ("pieces = 2\n", "x = " + "[" * 5000, "0", "lists in lists", "a few levels"),
]


@pytest.mark.parametrize(("old", "new", "where", "problem", "wanted"), WRONG)
def test_what_is_wrong(old: str, new: str, where: str, problem: str, wanted: str) -> None:
    """The line, the key, what is wrong, and what would be right."""
    assert old in GOOD
    with pytest.raises(TextError) as caught:
        read_programme(GOOD.replace(old, new, 1))
    error = caught.value
    assert f"{error.line} {error.where}".rstrip() == where
    assert problem in error.problem
    assert wanted in error.wanted


def test_a_mistake_in_a_condition_is_shown_with_its_place() -> None:
    """The file's line, and the condition's own words with a caret."""
    with pytest.raises(TextError) as caught:
        read_programme(GOOD.replace("brand = Nordkap and amount", "brand = Nordkap and price"))
    assert str(caught.value) == (
        "line 49, promotion[2].lines: unknown attribute 'price'\n"
        "    brand = Nordkap and price >= 5\n"
        "                        ^\n"
        "wanted: one of brand, sku, kind, amount, unit_price, quantity; did you mean unit_price?"
    )


NOT_THERE = [  # text, problem
    ("", "[programme] is missing"),
    ("programme = 3", "3 is no table"),
    ("[programme]", "name is missing"),
    ("x" * (4 * 1024 * 1024 + 1), "the file has 4194305 characters"),
]


@pytest.mark.parametrize(("text", "problem"), NOT_THERE, ids=[problem for _, problem in NOT_THERE])
def test_what_is_no_programme(text: str, problem: str) -> None:
    """Said at once."""
    with pytest.raises(TextError) as caught:
        read_programme(text)
    assert problem in caught.value.problem


@given(st.text("[]=.\"'{}ab1#\n, -:", max_size=40))
def test_whatever_is_written_is_read_or_explained(text: str) -> None:
    """No other error comes out of a file."""
    for read in (lambda: read_promotions(text, RULES), lambda: read_programme(text)):
        try:
            read()
        except TextError as error:
            assert error.wanted  # noqa: PT017, it may also be fine


LINES = """\
a = 1
[t] # comment
b = [
  1,
]
c = '''
d = 2
'''
[t.u]
"e" = 3
[[p]]
f = 4
[p.q]
g.h = 5
[[p]]
[[p.r]]
[[p.r]]
i = 6
"""
PLACES = [  # path, line
    (("a",), 1),
    (("t",), 2),
    (("t", "b"), 3),
    (("t", "b", 1), 3),  # inside: of the key
    (("t", "c"), 6),
    (("t", "d"), 2),  # a text, no key: of the table
    (("t", "u", "e"), 10),
    (("p", 1, "f"), 12),
    (("p", 1, "q", "g", "h"), 14),
    (("p", 2), 15),
    (("p", 2, "r", 2, "i"), 18),
    (("x", "y"), 0),
]


@pytest.mark.parametrize(("path", "line"), PLACES)
def test_lines_of_keys(path: tuple[str | int, ...], line: int) -> None:
    """As far as they can be told."""
    assert Source(LINES).line_of(path) == line
