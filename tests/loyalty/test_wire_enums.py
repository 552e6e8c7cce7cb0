"""Enums have the same numbers in the protos and in our values."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty import outcomes as out
from loyalty.commands import policies as pol
from loyalty.commands.conditions import AttributeType, Measure
from loyalty.commands.promotions import Scope
from loyalty.v1 import back_office_outcomes_pb2 as changes
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import conditions_pb2 as conditions
from loyalty.v1 import programmes_pb2 as programmes
from loyalty.v1 import promotions_pb2 as promotions
from loyalty.v1 import till_pb2 as pb

ENUMS: list[tuple[Any, Any]] = [
    (out.Code, common.RejectionCode),
    (out.Movement, pb.Movement),
    (out.Account, pb.Account),
    (out.Source, pb.Source),
    (out.Reason, pb.PassedOverReason),
    (out.HoldState, pb.HoldState),
    (cmd.LineKind, common.LineKind),
    (cmd.TenderKind, common.TenderKind),
    (cmd.Status, common.Status),
    (Measure, conditions.Measure),
    (Scope, promotions.Scope),
    (cmd.Shortfall, programmes.Shortfall),
    (cmd.UnknownStore, programmes.UnknownStore),
    (cmd.WalletKind, programmes.WalletKind),
    (cmd.TierPeriod, programmes.TierPeriod),
    (cmd.GiftDay, programmes.GiftDay),
    (AttributeType, programmes.AttributeType),
    (pol.Rounding, programmes.Rounding),
    (pol.RoundingOn, programmes.RoundingOn),
    (pol.Distribution, programmes.Distribution),
    (pol.LineFloor, programmes.LineFloor),
    (pol.Tax, programmes.BaseTax),
    (pol.Discounts, programmes.BaseDiscounts),
    (pol.Blocks, programmes.Blocks),
    (pol.SameReceipt, programmes.SameReceipt),
    (pol.WindowEnd, programmes.WindowEnd),
    (pol.ReturnedLot, programmes.ReturnedLot),
    (pol.ReturnOfEarned, programmes.ReturnOfEarned),
    (pol.StackingModel, programmes.StackingModel),
    (pol.TierBoundary, programmes.TierBoundary),
]


@pytest.mark.parametrize(("ours", "theirs"), ENUMS, ids=[ours.__name__ for ours, _ in ENUMS])
def test_numbers_of_enums_are_the_same_on_both_sides(ours: Any, theirs: Any) -> None:
    """Name by name; the proto has UNSPECIFIED besides. The order of the names is the same too."""
    names = list(theirs.keys())
    prefix = names[0].removesuffix("UNSPECIFIED")
    assert theirs.items()[0] == (prefix + "UNSPECIFIED", 0)
    assert [(prefix + value.name, value.value) for value in ours] == theirs.items()[1:]


def test_spend_modes_are_the_same_on_both_sides() -> None:
    """Except that no message at all is our NONE."""
    assert {mode.name: mode.value for mode in cmd.SpendMode if mode} == {
        name.removeprefix("SPEND_MODE_"): value for name, value in common.SpendMode.items() if value
    }


def test_no_enum_of_the_protos_is_without_a_row() -> None:
    """One that is forgotten here could drift."""
    files = [pb, bo, changes, common, conditions, programmes, promotions]
    known = {theirs.DESCRIPTOR.name for _, theirs in ENUMS} | {"SpendMode"}
    assert {name for file in files for name in file.DESCRIPTOR.enum_types_by_name} == known
