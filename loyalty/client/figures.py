"""What an answer says of a receipt, in figures: kept in the history, compared with what the pair has booked.

The same figures are read from the answer that a till got and from the receipt that the pair shows later, so
whatever differs was altered on the way or after it.
"""

from typing import Any, Final, TypeAlias

import msgspec

Given: TypeAlias = tuple[int, int, int]
"""Promotion, money off (minor units), points."""


class Figures(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """Of a bill; of a return only the last three."""

    amount_minor: int = 0
    discount_minor: int = 0
    paid_minor: int = 0
    spent_points: int = 0
    earned_points: int = 0
    applied: tuple[Given, ...] = ()
    funded: tuple[Given, ...] = ()  # of `applied`, money that a partner pays for
    services: int = 0
    refund_minor: int = 0
    points_back: int = 0
    points_taken: int = 0


class Details(msgspec.Struct, frozen=True, array_like=True):
    """What a history keeps of an answer when it is kept in detail."""

    figures: Figures
    after_points: int | None = None  # the member's balance after it, future and owed included
    moved_points: int | None = None  # how far it moved that balance: points with a purpose are in none


NOTHING: Final = Figures()


def details_of(method: str, outcome: Any) -> tuple[Details, int]:
    """Details of a command's outcome or a balance, and how it changed the member's points in all.

    Args:
        method: the command's: a capture answers as a purchase, and its points were spent when it was held.
    """
    after = _after(outcome)
    match type(outcome).__name__:
        case "ConfirmDone":
            bill = outcome.bill
            spends = method != "Capture"
            moved = _plain_earned(bill) - (_plain_spent(bill) if spends else 0)
            points = bill.earned_points - (bill.spent_points if spends else 0)
            return Details(of_bill(bill), after, moved), points
        case "HoldDone":
            bill = outcome.bill
            return Details(of_bill(bill), after, -_plain_spent(bill)), -bill.spent_points
        case "CancelHoldDone":
            return Details(NOTHING, after), outcome.points_back
        case "ReturnLinesDone":
            return Details(of_returned(outcome), after), outcome.points_back - outcome.points_taken
        case "VoidDone":
            returned = outcome.returned
            return Details(of_returned(returned), after), returned.points_back - returned.points_taken
        case "UseServiceDone":
            return Details(msgspec.structs.replace(NOTHING, services=outcome.times)), 0
    return Details(NOTHING, after), after or 0


def of_bill(bill: Any) -> Figures:
    """A bill's figures."""
    applied = tuple((one.promotion, one.minor, one.points) for one in bill.applied)
    funded = tuple((one.promotion, one.minor, 0) for one in bill.applied if one.funder and not one.points)
    return Figures(
        bill.amount_minor,
        bill.discount_minor,
        bill.paid_minor,
        bill.spent_points,
        bill.earned_points,
        applied,
        funded,
        sum(given.times for given in bill.services),
    )


def of_returned(returned: Any) -> Figures:
    """The figures of what came back."""
    return Figures(
        refund_minor=returned.refund_minor,
        points_back=returned.points_back,
        points_taken=returned.points_taken,
    )


def _after(outcome: Any) -> int | None:
    """A balance in one number; None: the outcome has none."""
    if "balance" not in outcome.DESCRIPTOR.fields_by_name:
        return None
    balance = outcome.balance
    points: int = balance.active_points + balance.future_points - balance.debt_points
    return points


def _plain_earned(bill: Any) -> int:
    """Points of wallet 0 that go into lots without a purpose, or pay a debt."""
    return sum(one.points for one in bill.earnings if not one.wallet and not one.lot.purposed)


def _plain_spent(bill: Any) -> int:
    return sum(draw.points for draw in bill.draws if not draw.wallet and not draw.purposed)
