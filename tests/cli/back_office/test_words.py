"""Nothing that the pair can say is left without words."""

from typing import Any

import pytest

from loyalty.cli.tell import TELLERS
from loyalty.cli.view import View
from loyalty.cli.words import PASSED_OVER, REJECTIONS, name_of
from loyalty.client.methods import METHODS
from loyalty.outcomes import Code, Reason
from loyalty.v1 import till_pb2 as till
from tests.cli.back_office.here import Here

# Told by their commands, which know the time and the programme.
BY_COMMANDS = {"GetProgrammeDone", "GetPromotionDone", "ListPromotionsDone"}


def test_every_rejection_has_words() -> None:
    assert set(REJECTIONS) == {code.name for code in Code}


def test_every_reason_has_words() -> None:
    assert set(PASSED_OVER) == {reason.name for reason in Reason}


def test_every_outcome_is_told() -> None:
    told = {message.DESCRIPTOR.name for message in TELLERS}
    outcomes = set()
    for method in METHODS.values():
        done: Any = method.response.DESCRIPTOR.fields_by_name.get("done")
        outcomes |= {done.message_type.name} if done is not None else set()
    assert outcomes - told == BY_COMMANDS


@pytest.mark.parametrize("message", TELLERS, ids=lambda message: str(message.DESCRIPTOR.name))
def test_an_empty_outcome_is_told_too(message: type) -> None:
    """Whatever is absent, nothing breaks; without rules as with."""
    TELLERS[message](message(), View())


def test_names_of_numbers() -> None:
    assert name_of(till.Movement, till.MOVEMENT_RETURN) == "return"
    assert name_of(till.Source, till.SOURCE_PURCHASE) == "purchase"


def test_every_command_has_help(here: Here) -> None:
    """Each command and group says what it is for, and every group names its commands."""
    said = here.done("--help")
    for section in ("The till:", "What happened:", "The back office:"):
        assert section in said
    for group in ("programme", "promotion", "store", "partner", "coupon", "member", "service"):
        commands = here.done(group, "--help").partition("Commands:")[2].split("\n")
        names = [line.split()[0] for line in commands if line[:3].strip() or line[2:3].strip()]
        assert names, group
        for name in names:
            assert len(here.done(group, name, "--help")) > 100


def test_json_and_tz_stand_anywhere(here: Here) -> None:
    here.done("enrol", "--phone", "+436601234567")
    first = here.done("--json", "--tz", "Asia/Taipei", "balance", "+436601234567")
    assert first == here.done("balance", "+436601234567", "--json", "--tz=Asia/Taipei")
    assert '"answer": "done"' in first
