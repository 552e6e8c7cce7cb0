"""Members who are not merged: the same, unknown, with open holds, or with too much together."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty.commands.conditions import OneOf
from loyalty.commands.limits import (
    MEMBER_MAX_COUPONS,
    MEMBER_MAX_FUTURE_STARTS,
    MEMBER_MAX_PURPOSE_LOTS,
    MEMBER_MAX_SERVICES,
    MERGE_MAX_CHAIN,
    MERGE_MAX_LOTS,
)
from loyalty.commands.promotions import GiveLot, GiveService, PointsFixed
from loyalty.outcomes import Code, GetBalanceDone, IssueCouponDone, Rejected
from tests.loyalty.desk import WHY, adjust, change, merge, merged, person, publish
from tests.loyalty.kit import DAY_MS, NOON, PHONE, Shop, expect, goods, purchase
from tests.loyalty.test_merging import opened

ANN, BOB = "p" + PHONE, "cB-01"

REFUSED = [  # source, target, reason, code, field
    (1, 1, " ", Code.REASON_MISSING, "reason"),
    (1, 2, WHY, Code.MEMBER_UNKNOWN, "source"),
    (ANN, 1, WHY, Code.MEMBER_UNKNOWN, "target"),
    (ANN, ANN, WHY, Code.MERGE_SAME, "target"),
]


@pytest.mark.parametrize(("source", "target", "reason", "code", "field"), REFUSED)
def test_what_is_refused(source: cmd.Who, target: cmd.Who, reason: str, code: Code, field: str) -> None:
    """And nothing is changed."""
    shop, _, _ = opened()
    before = dict(shop.state.pairs)
    refused = expect(shop.run(merge(source, target, reason)), Rejected)
    assert (refused.code, refused.field) == (code, field)
    assert dict(shop.state.pairs) == before


def test_an_open_hold_is_in_the_way_until_it_ends() -> None:
    """What is held is given back first: by capturing, cancelling, or by time."""
    shop, ann, bob = opened()
    adjust(shop, bob, 50)
    shop.run(cmd.Hold(purchase(BOB, number=1, spend=50), NOON + DAY_MS))
    refused = expect(shop.run(merge(bob, ann)), Rejected)
    assert (refused.code, refused.field) == (Code.HOLD_OPEN, "source")
    shop.pass_days(1)
    assert merged(shop, bob, ann).balance.active_points == 50


def many_cards(shop: Shop, ann: int, bob: int) -> None:
    for whose, name in ((ann, "A"), (bob, "B")):
        shop.run(change(whose, add_cards=tuple(f"{name}-1{n}" for n in range(10))))


def many_ids(shop: Shop, ann: int, bob: int) -> None:
    for whose, name in ((ann, "A"), (bob, "B")):
        shop.run(change(whose, add_externals=tuple(f"{name}-1{n}" for n in range(6))))


def many_coupons(shop: Shop, ann: int, bob: int) -> None:
    publish(shop, 1, PointsFixed(0, 50))
    for number in range(MEMBER_MAX_COUPONS + 1):
        expect(shop.run(cmd.IssueCoupon("", 1, 1, 0, 0, (ann, bob)[number % 2])), IssueCouponDone)


def many_starts(shop: Shop, ann: int, bob: int) -> None:
    for number in range(MEMBER_MAX_FUTURE_STARTS + 1):
        adjust(shop, (ann, bob)[number % 2], 1, from_ms=NOON + 1 + number)


def many_lots(shop: Shop, ann: int, bob: int) -> None:
    for number in range(MERGE_MAX_LOTS + 1):
        adjust(shop, bob, 1, until_ms=NOON + 1 + number % 2)
    shop.now_ms += 1  # half of them have ended: they move too


def many_services(shop: Shop, ann: int, bob: int) -> None:
    publish(shop, 1, GiveService("tune-up", 1, 365))
    for who, lines in ((ann, MEMBER_MAX_SERVICES // 2), (bob, MEMBER_MAX_SERVICES // 2 + 1)):
        shop.buy(who, *[goods(100)] * lines)


def many_purposes(shop: Shop, ann: int, bob: int) -> None:
    publish(shop, 1, GiveLot(0, 40, OneOf("sku", ("wax",)), 0, 10))
    for number in range(MEMBER_MAX_PURPOSE_LOTS + 1):
        shop.buy((ann, bob)[number % 2])


TOO_MUCH = [
    pytest.param(many_lots, "source.lots", id="1025 lots"),
    pytest.param(many_purposes, "source.purposed_lots", id="65 lots with a purpose"),
    pytest.param(many_services, "source.services", id="257 services"),
    pytest.param(many_cards, "source.cards", id="21 cards"),
    pytest.param(many_ids, "source.externals", id="12 ids"),
    pytest.param(many_coupons, "source.coupons", id="65 coupons"),
    pytest.param(many_starts, "source.future_starts", id="513 beginnings"),
]


@pytest.mark.parametrize(("fill", "field"), TOO_MUCH)
def test_too_much_for_one(fill: Any, field: str) -> None:
    """For one member to have, or for one entry to move."""
    shop, ann, bob = opened()
    fill(shop, ann, bob)
    before = dict(shop.state.pairs)
    refused = expect(shop.run(merge(bob, ann)), Rejected)
    assert (refused.code, refused.field) == (Code.MERGE_TOO_MUCH, field)
    assert dict(shop.state.pairs) == before


def test_a_chain_of_merges_can_be_followed_to_its_end_and_is_not_longer() -> None:
    """The first of 64 is found as the last."""
    shop = Shop()
    shop.define(welcome_points=1)
    first = last = person(shop, "", "N-00")
    for number in range(1, MERGE_MAX_CHAIN + 1):
        after = person(shop, "", f"N-{number:02}", externals=())
        shop.run(change(last, remove_cards=(f"N-{number - 1:02}",)))
        merged(shop, last, after)
        last = after
    now = expect(shop.ask(cmd.GetBalance(1, first)), GetBalanceDone)
    assert (now.member_id, now.balance.active_points) == (last, MERGE_MAX_CHAIN + 1)
    refused = expect(shop.run(merge(last, person(shop, "", "N-99"))), Rejected)
    assert (refused.code, refused.field) == (Code.MERGE_TOO_MUCH, "source.merges")
