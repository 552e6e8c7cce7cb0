"""Enums have the same numbers in the protos and in our values."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty import outcomes as out
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as pb

ENUMS = [
    (out.Code, common.RejectionCode, "REJECTION_CODE_"),
    (out.Movement, pb.Movement, "MOVEMENT_"),
    (out.Account, pb.Account, "ACCOUNT_"),
    (cmd.LineKind, common.LineKind, "LINE_KIND_"),
    (cmd.Shortfall, bo.Shortfall, "SHORTFALL_"),
    (cmd.UnknownStore, bo.UnknownStore, "UNKNOWN_STORE_"),
]


@pytest.mark.parametrize(("ours", "theirs", "prefix"), ENUMS)
def test_numbers_of_enums_are_the_same_on_both_sides(ours: Any, theirs: Any, prefix: str) -> None:
    """Name by name; the proto has UNSPECIFIED besides."""
    assert {prefix + value.name: value.value for value in ours} | {prefix + "UNSPECIFIED": 0} == dict(
        theirs.items()
    )


def test_spend_modes_are_the_same_on_both_sides() -> None:
    """Except that no message at all is our NONE."""
    assert {mode.name: mode.value for mode in cmd.SpendMode if mode} == {
        name.removeprefix("SPEND_MODE_"): value for name, value in common.SpendMode.items() if value
    }
