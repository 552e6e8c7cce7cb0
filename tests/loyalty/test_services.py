"""Services that come with goods: a bike and its tune-ups."""

from typing import Any

import pytest
from msgspec.structs import replace

from loyalty import commands as cmd
from loyalty.commands import Status, UnknownStore
from loyalty.commands.limits import SERVICE_MAX_TIMES
from loyalty.commands.promotions import GiveService
from loyalty.outcomes import (
    Code,
    GetReceiptDone,
    GetStatementDone,
    ListLotsDone,
    Movement,
    Rejected,
    ServiceItem,
    ServiceUse,
    UseServiceDone,
)
from tests.loyalty.desk import change, merged, person, publish
from tests.loyalty.kit import DAY_MS, NOON, PHONE, TODAY, Shop, expect, goods, receipt

ANN, BOB = "p" + PHONE, "cB-01"
MIDNIGHT = NOON + DAY_MS // 2


def opened(**changes: Any) -> tuple[Shop, int]:
    """Two tune-ups with each piece, in ten days, today the first; Ann has bought one piece as receipt 1."""
    shop = Shop()
    shop.define(welcome_points=0, earn_points=0, **changes)
    publish(shop, 1, GiveService("tune-up", 2, 10))
    ann = person(shop, PHONE)
    person(shop, "", "B-01")
    shop.buy(ANN, number=1)
    return shop, ann


def using(times: int = 1, number: int = 50, **rest: Any) -> cmd.UseService:
    values: dict[str, Any] = {"use": receipt(number), "member": ANN, "service": "tune-up"}
    return cmd.UseService(times=times, **(values | rest))


def use(shop: Shop, times: int = 1, number: int = 50, **rest: Any) -> UseServiceDone:
    return expect(shop.run(using(times, number, **rest)), UseServiceDone)


def left(shop: Shop, who: cmd.Who = ANN) -> list[int]:
    """Of each right, soonest end first."""
    return [one.times for one in expect(shop.ask(cmd.ListLots(1, who)), ListLotsDone).services]


def test_a_right_is_used_until_nothing_is_left() -> None:
    """Each use has an identity of its own."""
    shop, ann = opened()
    listed = expect(shop.ask(cmd.ListLots(1, ANN)), ListLotsDone).services
    assert listed == (ServiceItem("tune-up", 2, NOON, MIDNIGHT + 9 * DAY_MS, receipt(1), 1),)
    assert use(shop, 1, 50) == UseServiceDone(ann, receipt(50), "tune-up", 1, 1, False)
    assert use(shop, 1, 51).left_times == 0
    refused = expect(shop.run(using(1, 52)), Rejected)
    assert (refused.code, refused.field, refused.acceptable) == (Code.SERVICE_NOT_THERE, "times", "at most 0")


def test_a_use_counts_once_for_ever() -> None:
    """The same is answered again, as it was; anything else under the identity is refused."""
    shop, _ = opened()
    first = use(shop)
    use(shop, number=51)
    before = dict(shop.state.pairs)
    assert use(shop) == replace(first, repeated=True)
    for other in (using(2), using(service="wax"), using(member=BOB)):
        assert expect(shop.run(other), Rejected).code is Code.USE_TAKEN
    assert expect(shop.run(using(number=1)), Rejected).code is Code.USE_TAKEN  # a receipt's
    assert dict(shop.state.pairs) == before


def test_a_repeated_use_is_answered_whatever_has_changed_since() -> None:
    """Blocked, or merged into another."""
    shop, ann = opened()
    first = use(shop)
    shop.run(change(ANN, status=Status.BLOCKED))
    assert use(shop) == replace(first, repeated=True)
    merged(shop, ann, BOB)
    assert use(shop, member=BOB).repeated
    assert use(shop, member=ann).repeated


def test_the_soonest_end_is_used_first() -> None:
    """Of several rights, over several at once; what ended is none."""
    shop, _ = opened()
    shop.pass_days(3)
    shop.buy(ANN, goods(1000, 2000), number=2, day=TODAY + 3)
    assert left(shop) == [2, 4]
    use(shop, 3)
    assert left(shop) == [3]
    shop.pass_days(9)
    assert left(shop) == [3]
    shop.pass_days(1)
    assert left(shop) == []
    assert expect(shop.run(using(1, 51)), Rejected).code is Code.SERVICE_NOT_THERE


BACK = [  # used, pieces returned one by one: services taken each time; 2 pieces with 2 each
    (0, [2, 2]),
    (1, [2, 1]),
    (3, [1, 0]),
    (4, [0, 0]),
]


@pytest.mark.parametrize(("used", "taken"), BACK)
def test_goods_take_their_services_with_them(used: int, taken: list[int]) -> None:
    """As far as they are not used."""
    shop, _ = opened()
    shop.give_back(1, (1, 1000))
    shop.buy(ANN, goods(1000, 2000), number=2)
    if used:
        use(shop, used)
    assert [shop.give_back(2, (1, 1000)).returned.services_taken for _ in taken] == taken
    assert left(shop) == []


def test_other_services_are_others() -> None:
    """By their very name."""
    shop, _ = opened()
    for service in ("tune", "Tune-up", ""):
        assert expect(shop.run(using(service=service)), Rejected).code is Code.SERVICE_NOT_THERE


def test_what_stands_behind_a_use() -> None:
    """Under its identity, and in the statement."""
    shop, ann = opened()
    use(shop, 2)
    booked = expect(shop.ask(cmd.GetReceipt(1, receipt(50))), GetReceiptDone).booked
    assert booked == ServiceUse(ann, receipt(50), "tune-up", 2, shop.seq, NOON, b"till-3")
    item = expect(shop.ask(cmd.GetStatement(1, ANN, 1, 0, 0)), GetStatementDone).items[0]
    assert (item.movement, item.receipt, item.postings) == (Movement.SERVICE, receipt(50), ())


REFUSED: list[tuple[dict[str, Any], Code, str]] = [  # what is wrong, code, field; in their order
    ({"use": receipt(0), "times": 0}, Code.RECEIPT_MALFORMED, "use.number"),
    ({"times": 0, "member": BOB + "?"}, Code.QUANTITY_OUT_OF_RANGE, "times"),
    ({"times": SERVICE_MAX_TIMES + 1}, Code.QUANTITY_OUT_OF_RANGE, "times"),
    ({"member": "c-nobody", "use": receipt(1)}, Code.MEMBER_UNKNOWN, "member"),
    ({"use": receipt(1, store=99)}, Code.STORE_UNKNOWN, "use.store"),
    ({"member": BOB, "use": receipt(1)}, Code.MEMBER_BLOCKED, "member"),
    ({"use": receipt(1), "times": 9}, Code.USE_TAKEN, "use"),
    ({"times": 3}, Code.SERVICE_NOT_THERE, "times"),
]


@pytest.mark.parametrize(("changes", "code", "field"), REFUSED)
def test_what_is_refused(changes: dict[str, Any], code: Code, field: str) -> None:
    """In the order of the codes, and nothing is changed. Bob is blocked; store 17 is registered."""
    shop, _ = opened()
    shop.run(change(BOB, status=Status.BLOCKED))
    shop.run(cmd.DefineStore(17, "Wien", ((0, 3600),)))
    shop.define(unknown_store=UnknownStore.REJECT)
    before = dict(shop.state.pairs)
    refused = expect(shop.run(using(**({"times": 1} | changes))), Rejected)
    assert (refused.code, refused.field) == (code, field)
    assert refused.acceptable
    assert dict(shop.state.pairs) == before
