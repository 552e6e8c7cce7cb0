"""The table of alarms: complete, found by somebody, and readable at three in the morning."""

import re
from pathlib import Path

import pytest

from ftnode.alarms.catalogue import ROWS, TABLE, About, Row, in_words

ROOT = Path(__file__).parents[2]
FOUND = re.compile(r'\bfound\(\s*"([a-z0-9-]+)"')
EACH = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.code)
# What an operator may be asked to type; each is tried by tests of its own.
COMMANDS = (
    "ftctl ",
    "ftnode",
    "df ",
    "mount",
    "pgrep ",
    "chronyc ",
    "timedatectl",
    "top",
    "iostat ",
    "history",
)
PHONE_CHARS = 60  # a headline is read on a locked screen


def found_in_code() -> set[str]:
    """The codes that some predicate gives to `found`."""
    sources = (ROOT / "ftnode").rglob("*.py")
    return {code for path in sources for code in FOUND.findall(path.read_text())}


def test_every_row_is_found_by_a_predicate_and_every_predicate_has_a_row() -> None:
    """No alarm that cannot come, none that nobody explains."""
    assert found_in_code() == set(ROWS)
    assert len(ROWS) == len(TABLE), "two rows have one code"


def texts(row: Row) -> list[str]:
    return [row.headline, row.cause, row.consequence, row.todo]


@EACH
def test_its_texts_can_be_read_aloud(row: Row) -> None:
    """Sentences, filled in for either unit, with a headline for a small screen and commands in quotes."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.code)
    for unit in (0, 1):
        headline, *sentences = [in_words(text, unit) for text in texts(row)]
        assert len(headline) <= PHONE_CHARS, headline
        assert not headline.endswith(".")
        assert all(text[0].isupper() or text[0] == "`" for text in (headline, *sentences))
        assert all(text.endswith(".") for text in sentences)
        assert not any("{" in text or "  " in text for text in (headline, *sentences))
    quoted = re.findall(r"`([^`]+)`", row.todo)
    assert quoted, f"{row.code}: nothing to type"
    assert all(text.startswith(COMMANDS) for text in quoted), quoted
    assert re.search(r"\btills?\b|\bUnit \{unit\}", row.consequence, re.IGNORECASE), (
        "what is it to the tills?"
    )


@EACH
def test_only_what_is_about_a_unit_names_one(row: Row) -> None:
    """An alarm of the pair is the same whoever tells it."""
    if row.about is not About.UNIT:
        assert not any("{unit}" in text or "{other}" in text for text in texts(row))


@EACH
def test_delays_and_what_hides_it(row: Row) -> None:
    """Delays are sane; what hides an alarm exists, is not itself hidden, and is of the same unit or pair."""
    assert 0 <= row.raise_after_s <= 3600
    assert 0 <= row.clear_after_s <= 300
    for code in row.hidden_by:
        assert not ROWS[code].hidden_by
        assert ROWS[code].about in (About.PAIR, row.about)


def test_every_subcommand_named_exists() -> None:
    """`ftctl` has what the texts ask for."""
    from ftnode.ctl.main import app

    known = {
        command.name or command.callback.__name__ for command in app.registered_commands if command.callback
    }
    known |= {group.name for group in app.registered_groups if group.name}
    named = {word for row in TABLE for word in re.findall(r"`ftctl ([a-z-]+)", " ".join(texts(row)))}
    assert named <= known | {"history"}
