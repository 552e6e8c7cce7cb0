"""Facts about the table of a unit's states, and that the docs show the table as it is."""

import re
from collections import Counter
from pathlib import Path

import pytest

from ftnode.core.fsm import TABLE, State, Trigger, diagram, row_for
from ftnode.core.invariants import BrokenInvariantError

DOCS = Path(__file__).parents[2] / "ftnode" / "core" / "README.md"


def test_no_two_rows_compete() -> None:
    """A state and a trigger name one row, so the order of rows cannot matter."""
    assert Counter((row.at, row.on) for row in TABLE).most_common(1)[0][1] == 1


def test_only_a_grant_makes_an_active() -> None:
    """Nothing but the witness's word lets a unit answer, or its own note that the other one obeys it."""
    assert {row.on for row in TABLE if row.to is State.ACTIVE} == {Trigger.GRANTED, Trigger.DESIGNATED}


def test_the_ways_out_of_fenced() -> None:
    """A fenced unit joins anew or is convicted; it never answers."""
    assert {row.to for row in TABLE if row.at is State.FENCED} == {State.DUPLEXING, State.BROKEN}


def test_every_way_back_leads_through_diagnostics() -> None:
    """Neither a broken nor an absent unit takes part before its disk was checked."""
    back = {row.to for row in TABLE if row.at in (State.BROKEN, State.OFFLINE)}
    assert back == {State.DIAGNOSTICS}


def test_every_state_can_be_reached_and_every_trigger_is_used() -> None:
    assert {row.to for row in TABLE} | {State.EMPTY} == set(State)
    assert {row.on for row in TABLE} == set(Trigger)


def test_every_row_says_why() -> None:
    assert all(len(row.why) > 20 for row in TABLE)


def test_a_missing_row_is_our_bug() -> None:
    with pytest.raises(BrokenInvariantError, match="no row in the table"):
        row_for(State.EMPTY, Trigger.GRANTED)


def test_the_diagram_in_the_docs_is_the_table() -> None:
    """`make docs` writes it; a forgotten one fails here."""
    shown = re.search(r"```mermaid\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    assert shown.group(1) == diagram()
