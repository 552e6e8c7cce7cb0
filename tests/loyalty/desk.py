"""The back office's commands with defaults, for tests."""

from typing import Any

from loyalty import commands as cmd
from loyalty.commands.promotions import Audience, Caps, Effect, Promotion, Scope, Stacking, When, Where
from loyalty.outcomes import AdjustDone, EnrolDone, MergeMembersDone
from tests.loyalty.kit import Shop, expect

WHY = "ticket 4711"


def adjustment(member: cmd.Who, points: int, reference: str = "a-1", **rest: Any) -> cmd.Adjust:
    """Points from now on for ever, of wallet 0 and the programme's own, unless said otherwise."""
    values: dict[str, Any] = {
        "wallet": 0,
        "from_ms": 0,
        "until_ms": 0,
        "priority": 128,
        "partner": 0,
        "reason": WHY,
    }
    return cmd.Adjust(reference=reference, member=member, points=points, **(values | rest))


def adjust(shop: Shop, member: cmd.Who, points: int, **rest: Any) -> AdjustDone:
    """With a reference of its own."""
    return expect(shop.run(adjustment(member, points, f"a-{shop.seq + 1}", **rest)), AdjustDone)


def change(member: cmd.Who, **rest: Any) -> cmd.ChangeMember:
    return cmd.ChangeMember(**({"member": member, "reason": WHY} | rest))


def merge(source: cmd.Who, target: cmd.Who, reason: str = WHY) -> cmd.MergeMembers:
    return cmd.MergeMembers(source, target, reason)


def merged(shop: Shop, source: cmd.Who, target: cmd.Who) -> MergeMembersDone:
    return expect(shop.run(merge(source, target)), MergeMembersDone)


def person(shop: Shop, phone: str = "", *cards: str, **rest: Any) -> int:
    """Enrol with externals, profile or store besides."""
    return expect(shop.run(cmd.Enrol(phone, cards, rest.pop("store", 0), **rest)), EnrolDone).member_id


def promotion(number: int, effect: Effect, **rest: Any) -> Promotion:
    """In force for ever, for everybody, everywhere, about all goods."""
    values: dict[str, Any] = {
        "name": f"promotion {number}",
        "paused": False,
        "when": When(0, 0),
        "where": Where(),
        "who": Audience(),
        "lines": None,
        "receipt": None,
        "scope": Scope.RECEIPT,
        "stacking": Stacking(),
        "caps": Caps(),
        "funder": 0,
    }
    return Promotion(number=number, effect=effect, **(values | rest))


def publish(shop: Shop, number: int, effect: Effect, **rest: Any) -> None:
    outcome: Any = shop.run(cmd.PublishPromotion(promotion(number, effect, **rest)))
    assert outcome.version, outcome
