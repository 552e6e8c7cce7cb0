"""Coupons: issued, found in any case, used once whoever is first, given back with what was undone."""

from typing import Any

import pytest
from msgspec.structs import replace

from loyalty import commands as cmd
from loyalty.commands.limits import COUPON_MAX_TIMES, MEMBER_MAX_COUPONS
from loyalty.commands.promotions import AmountOff, Audience, GiveCoupon
from loyalty.engine import coupons
from loyalty.engine.state import Question
from loyalty.outcomes import (
    NEVER_MS,
    Code,
    ConfirmDone,
    CouponItem,
    GetCouponDone,
    GetStatementDone,
    IssueCouponDone,
    ListLotsDone,
    Movement,
    Rejected,
)
from tests.loyalty.desk import merged, person, publish
from tests.loyalty.kit import DAY_MS, NOON, PHONE, TODAY, Shop, expect, goods, purchase, receipt

ANN, BOB = "p" + PHONE, "cB-01"


def opened() -> tuple[Shop, int, int]:
    """5.00 off with a coupon: promotions 1 and 2; Ann and Bob."""
    shop = Shop()
    shop.define(welcome_points=0, earn_points=0)
    for number in (1, 2):
        publish(shop, number, AmountOff(500), who=Audience(coupon=True))
    return shop, person(shop, PHONE), person(shop, "", "B-01")


def coupon(code: str = "SKI-2026", **rest: Any) -> cmd.IssueCoupon:
    """For one use by whoever has it, from now on for ever."""
    values: dict[str, Any] = {"promotion": 1, "times": 1, "from_ms": 0, "until_ms": 0, "owner": None}
    return cmd.IssueCoupon(code, **(values | rest))


def issue(shop: Shop, code: str = "SKI-2026", **rest: Any) -> str:
    return expect(shop.run(coupon(code, **rest)), IssueCouponDone).code


def look(shop: Shop, code: str) -> GetCouponDone:
    return expect(shop.ask(cmd.GetCoupon(1, code)), GetCouponDone)


def own(shop: Shop, who: cmd.Who) -> tuple[CouponItem, ...]:
    return expect(shop.ask(cmd.ListLots(1, who)), ListLotsDone).coupons


def buying(who: cmd.Who, number: int, *codes: str) -> cmd.Confirm:
    return replace(purchase(who, goods(2000), number=number), coupons=codes)


def test_a_coupon_takes_money_off_once() -> None:
    """Then it is used, whoever comes with it."""
    shop, _, _ = opened()
    issue(shop)
    bill = expect(shop.run(buying(ANN, 1, "ski-2026")), ConfirmDone).bill
    assert (bill.discount_minor, bill.applied[0].coupon) == (500, "SKI-2026")
    assert look(shop, "Ski-2026").used_times == 1
    refused = expect(shop.run(buying(BOB, 2, "SKI-2026")), Rejected)
    assert (refused.code, refused.field) == (Code.COUPON_USED, "coupons[1]")


def test_what_is_undone_gives_the_use_back() -> None:
    """And the owner has it again."""
    shop, ann, _ = opened()
    issue(shop, owner=ANN)
    shop.run(buying(ANN, 1, "SKI-2026"))
    assert own(shop, ann) == ()
    shop.run(cmd.VoidReceipt(receipt(1), "wrong"))
    assert own(shop, ann) == (CouponItem("SKI-2026", 1, 1, NOON, NEVER_MS),)


def test_made_codes() -> None:
    """Ten characters that nobody mistakes for one another; the same from the same log; each another."""
    made = []
    for _ in range(2):
        shop, _, _ = opened()
        made.append([issue(shop, "") for _ in range(50)])
    assert made[0] == made[1]
    assert len(set(made[0])) == 50
    assert all(len(code) == 10 and not set(code) & set("01IO") for code in made[0])
    assert all(coupons.is_code(code) for code in made[0])


def test_a_made_code_that_is_taken_is_made_again() -> None:
    """Somebody had typed it in before."""
    shop, _, _ = opened()
    twin = Shop(shop.state.copy(), shop.now_ms, shop.seq + 1)
    expected = issue(twin, "")
    issue(shop, expected)
    assert issue(shop, "") != expected


def test_what_a_coupon_says_of_itself() -> None:
    """0 where it never ends, and where nobody owns it."""
    shop, ann, _ = opened()
    issue(shop, "A-01", times=3)
    issue(shop, "B-02", owner=ANN, from_ms=NOON + 5, until_ms=NOON + 9)
    assert look(shop, "A-01") == GetCouponDone("A-01", 1, 3, 0, NOON, 0, 0)
    assert look(shop, "b-02") == GetCouponDone("B-02", 1, 1, 0, NOON + 5, NOON + 9, ann)
    for code in ("C-03", "", "é", "x" * 5000):
        assert expect(shop.ask(cmd.GetCoupon(1, code)), Rejected).code is Code.COUPON_UNKNOWN


def test_the_owners_statement_tells_of_it() -> None:
    """Nothing moves; it is for the audit."""
    shop, _, _ = opened()
    issue(shop, owner=ANN)
    item = expect(shop.ask(cmd.GetStatement(1, ANN, 1, 0, 0)), GetStatementDone).items[0]
    assert (item.movement, item.points, item.postings) == (Movement.COUPON, 0, ())


REFUSED: list[tuple[dict[str, Any], Code, str]] = [  # what is wrong, code, field; in their order
    ({"owner": "c-nobody", "code": "-"}, Code.MEMBER_UNKNOWN, "owner"),
    ({"code": "A-1", "promotion": 9}, Code.COUPON_INVALID, "code"),  # three characters
    ({"code": "Ä-001"}, Code.COUPON_INVALID, "code"),
    ({"code": "A" * 33}, Code.COUPON_INVALID, "code"),
    ({"promotion": 9, "times": 0}, Code.COUPON_INVALID, "promotion"),
    ({"promotion": 2**40}, Code.COUPON_INVALID, "promotion"),
    ({"promotion": -1}, Code.COUPON_INVALID, "promotion"),
    ({"times": 0, "from_ms": -1}, Code.COUPON_INVALID, "times"),
    ({"times": COUPON_MAX_TIMES + 1}, Code.COUPON_INVALID, "times"),
    ({"from_ms": -1, "until_ms": 1}, Code.COUPON_INVALID, "from_ms"),
    ({"from_ms": NEVER_MS}, Code.COUPON_INVALID, "from_ms"),
    ({"until_ms": NOON}, Code.COUPON_INVALID, "until_ms"),
    ({"from_ms": NOON + 5, "until_ms": NOON + 5}, Code.COUPON_INVALID, "until_ms"),
    ({"code": "used-1"}, Code.COUPON_TAKEN, "code"),
]


@pytest.mark.parametrize(("changes", "code", "field"), REFUSED)
def test_what_is_refused(changes: dict[str, Any], code: Code, field: str) -> None:
    """In the order of the codes, and nothing is changed."""
    shop, _, _ = opened()
    issue(shop, "USED-1")
    before = dict(shop.state.pairs)
    refused = expect(shop.run(coupon(**({"code": "SKI-2026"} | changes))), Rejected)
    assert (refused.code, refused.field) == (code, field)
    assert refused.acceptable
    assert dict(shop.state.pairs) == before


SHOWN = [  # codes, what is wrong, with which      ANN's: MINE of 1, YOURS is Bob's; OTHER of promotion 2
    ((), None, 0),
    (("OPEN-1", "OTHER-2"), None, 0),
    (("open-1", "OPEN-1"), Code.COUPON_INVALID, 2),  # the same twice
    (("OPEN-1", "MINE-1"), Code.COUPON_INVALID, 2),  # two of one promotion
    (("NONE", "NONE"), Code.COUPON_INVALID, 2),
    (("USED-1", "NONE", "OPEN-1"), Code.COUPON_INVALID, 3),  # before all else
    (("YOURS-1", "NONE"), Code.COUPON_UNKNOWN, 2),
    (("ENDED-1", "YOURS-2"), Code.COUPON_NOT_YOURS, 2),
    (("USED-1", "ENDED-2"), Code.COUPON_ENDED, 2),
    (("LATER-1",), Code.COUPON_ENDED, 1),
    (("OTHER-2", "USED-1"), Code.COUPON_USED, 2),
]


@pytest.mark.parametrize(("codes", "code", "at"), SHOWN)
def test_coupons_at_the_till(codes: tuple[str, ...], code: Code | None, at: int) -> None:
    """All are looked at for the first reason, then for the next."""
    shop, ann, _ = opened()
    issue(shop, "OPEN-1", until_ms=NOON + 2)  # ends a millisecond after it is looked at
    issue(shop, "MINE-1", owner=ANN)
    issue(shop, "OTHER-2", promotion=2, from_ms=NOON + 1)  # begins then
    for number in (1, 2):
        issue(shop, f"YOURS-{number}", promotion=number, owner=BOB)
        issue(shop, f"ENDED-{number}", promotion=number, until_ms=NOON + 1)
    issue(shop, "LATER-1", from_ms=NOON + 2)
    issue(shop, "USED-1")
    shop.run(buying(BOB, 1, "USED-1"))
    found = coupons.find(shop.state, Question(NOON + 1, 1), ann, codes)
    if code is None:
        assert found == {int(name[-1]): name for name in codes}
    else:
        refused = expect(found, Rejected)
        assert (refused.code, refused.field) == (code, f"coupons[{at}]")


def test_a_late_receipt_is_looked_at_as_of_its_sale() -> None:
    """The coupon has ended since; the goods were paid for in time."""
    shop, ann, _ = opened()
    issue(shop, until_ms=NOON + 2)
    later = Question(NOON + DAY_MS, 1)
    assert coupons.find(shop.state, later, ann, ("SKI-2026",), NOON + 1) == {1: "SKI-2026"}
    assert isinstance(coupons.find(shop.state, later, ann, ("SKI-2026",), NOON + 2), Rejected)


def test_a_merged_owners_coupons_are_the_others() -> None:
    """Also one that was used up before, and is given back after."""
    shop, ann, bob = opened()
    issue(shop, "USED-1", owner=BOB)
    shop.run(buying(BOB, 1, "USED-1"))
    merged(shop, bob, ann)
    assert own(shop, ann) == ()
    shop.run(cmd.VoidReceipt(receipt(1), "wrong"))
    assert [item.code for item in own(shop, ann)] == ["USED-1"]
    assert look(shop, "USED-1").owner_id == ann
    assert expect(shop.run(buying(ANN, 2, "USED-1")), ConfirmDone).bill.discount_minor == 500


def test_a_coupon_comes_with_a_purchase() -> None:
    """It is the buyer's alone, and ends."""
    shop, ann, _ = opened()
    publish(shop, 3, GiveCoupon(1, 10))
    given = shop.buy(ANN, goods(2000), number=1).bill.coupons
    assert [(one.of_promotion, one.code) for one in given] == [(1, own(shop, ann)[0].code)]
    assert expect(shop.run(buying(BOB, 2, given[0].code)), Rejected).code is Code.COUPON_NOT_YOURS
    assert expect(shop.run(buying(ANN, 3, given[0].code)), ConfirmDone).bill.discount_minor == 500


def test_a_member_has_only_so_many() -> None:
    """Those that ended make room; a purchase goes on without the coupon that it would have given."""
    shop, ann, _ = opened()
    publish(shop, 3, GiveCoupon(2, 10))
    for _ in range(MEMBER_MAX_COUPONS):
        issue(shop, "", owner=ANN, until_ms=NOON + DAY_MS)
    refused = expect(shop.run(coupon("", owner=ANN)), Rejected)
    assert (refused.code, refused.field) == (Code.COUPON_INVALID, "owner")
    assert [one.code for one in shop.buy(ANN, goods(2000), number=1).bill.coupons] == [""]
    shop.pass_days(1)
    issue(shop, "", owner=ANN)
    assert len(own(shop, ann)) == 1
    assert shop.buy(ANN, goods(2000), number=2, day=TODAY + 1).bill.coupons[0].code
