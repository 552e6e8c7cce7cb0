"""What a member has: wallets, lots in spending order, tier, gifts; and what stands behind a receipt."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty.commands import Gift, GiftDay, LineKind, Profile, Tier, TierPeriod, Wallet, WalletKind
from loyalty.commands.conditions import OneOf
from loyalty.commands.limits import ENDING_MAX_LOTS, LIST_MAX_LOTS
from loyalty.commands.promotions import GiveLot
from loyalty.outcomes import (
    NEVER_MS,
    Balance,
    Code,
    ConfirmDone,
    Ending,
    FindMemberDone,
    GetBalanceDone,
    GetReceiptDone,
    GetStatementDone,
    HeldOrder,
    HoldItem,
    HoldState,
    ListLotsDone,
    Lot,
    LotItem,
    Movement,
    Purchase,
    Rejected,
    Return,
    ReturnLinesDone,
    Source,
    Standing,
    WalletBalance,
)
from tests.loyalty.desk import adjust, change, merged, person, publish
from tests.loyalty.kit import DAY_MS, NOON, PHONE, TODAY, Shop, expect, giving_back, goods, purchase, receipt

ANN = "p" + PHONE
MIDNIGHT = NOON + DAY_MS // 2
NOBODY = "c-nobody"


def opened(**changes: Any) -> tuple[Shop, int]:
    """Ann without points; a partner and his wallet."""
    shop = Shop()
    wallets = (Wallet(2, "Nordkap", WalletKind.PARTNER, 5, 1), Wallet(1, "club", WalletKind.BONUS, 0, 1))
    shop.define(**({"welcome_points": 0, "earn_points": 0, "wallets": wallets} | changes))
    shop.run(cmd.DefinePartner(5, "Nordkap"))
    return shop, person(shop, PHONE, "A-01")


def balance(shop: Shop, who: cmd.Who = ANN) -> GetBalanceDone:
    return expect(shop.ask(cmd.GetBalance(1, who)), GetBalanceDone)


def listed(shop: Shop, who: cmd.Who = ANN) -> ListLotsDone:
    return expect(shop.ask(cmd.ListLots(1, who)), ListLotsDone)


def booked(shop: Shop, number: int, store: int = 17) -> Any:
    return expect(shop.ask(cmd.GetReceipt(1, receipt(number, store=store))), GetReceiptDone).booked


def test_all_wallets() -> None:
    """Those that he ever had points in, ascending; bonus points apart."""
    shop, ann = opened()
    adjust(shop, ANN, 5, wallet=2)
    adjust(shop, ANN, 7, from_ms=NOON + 1, wallet=1)
    adjust(shop, ANN, 9)
    further = (WalletBalance(1, Balance(0, 0, 7, 0)), WalletBalance(2, Balance(5, 5, 0, 0)))
    assert (balance(shop).balance, balance(shop).wallets) == (Balance(9, 9, 0, 0), further)
    found = expect(shop.ask(cmd.FindMember(1, ann)), FindMemberDone)
    assert (found.balance, found.wallets, found.merged_into) == (Balance(9, 9, 0, 0), further, 0)


ORDER = [(7, 40), (4, 4), (3, 3), (2, 2), (1, 1), (6, 6)]


def test_lots_in_the_order_in_which_they_are_spent() -> None:
    """With a purpose first, then by priority, by end, by beginning; what ended or is empty is not there."""
    shop, _ = opened()
    publish(shop, 7, GiveLot(0, 40, OneOf("sku", ("wax",)), 1, 10))
    adjust(shop, ANN, 1)  # lot 1
    adjust(shop, ANN, 2, until_ms=NOON + 9 * DAY_MS, from_ms=NOON + DAY_MS)  # lot 2
    adjust(shop, ANN, 3, until_ms=NOON + 9 * DAY_MS, partner=5)  # lot 3
    adjust(shop, ANN, 4, priority=1)  # lot 4
    adjust(shop, ANN, 5, until_ms=NOON + 1)  # lot 5
    adjust(shop, ANN, 6, wallet=2)  # lot 6
    shop.buy(ANN, number=1)  # lot 7
    shop.now_ms += 1
    answer = listed(shop)
    assert [(item.lot.lot, item.lot.points) for item in answer.lots] == ORDER
    purposed, _, third, *_ = answer.lots
    begins_ms, ends_ms = MIDNIGHT, MIDNIGHT + 10 * DAY_MS
    lot = Lot(7, 40, begins_ms, ends_ms, purposed=True)
    assert purposed == LotItem(lot, Source.PROMOTION, receipt(1), 0, 0, 7, 1)
    assert (third.source, third.receipt, third.partner) == (Source.ADJUSTMENT, None, 5)
    assert not answer.cut


def test_a_long_list_is_cut_and_says_so() -> None:
    """Those that would be spent first are in it."""
    shop, _ = opened()
    for _ in range(LIST_MAX_LOTS):
        adjust(shop, ANN, 1)
    assert (len(listed(shop).lots), listed(shop).cut) == (LIST_MAX_LOTS, False)
    adjust(shop, ANN, 1, priority=1)
    answer = listed(shop)
    assert (len(answer.lots), answer.cut, answer.lots[0].lot.priority) == (LIST_MAX_LOTS, True, 1)


def test_points_with_a_purpose_are_told_apart() -> None:
    """Active ones, and in no balance."""
    shop, _ = opened()
    for days in (0, 1):
        publish(shop, 1 + days, GiveLot(0, 40 + days, OneOf("sku", ("wax",)), days, 10))
    shop.buy(ANN, number=1)
    answer = balance(shop)
    assert (answer.balance, [lot.points for lot in answer.purposed]) == (Balance(0, 0, 0, 0), [40])
    shop.now_ms = MIDNIGHT
    assert [lot.points for lot in balance(shop).purposed] == [40, 41]


def test_what_ends_soon_in_all_priorities() -> None:
    """Bonus points only; those of one instant together, whatever their priority."""
    shop, _ = opened(ending_soon_days=2)
    soon, later = NOON + DAY_MS, NOON + 2 * DAY_MS
    for points, priority, until_ms in ((1, 200, soon), (2, 128, later), (4, 3, later), (8, 3, soon)):
        adjust(shop, ANN, points, priority=priority, until_ms=until_ms)
    adjust(shop, ANN, 16, until_ms=later + 1)
    adjust(shop, ANN, 32, until_ms=soon, wallet=1)
    answer = balance(shop)
    assert answer.ending_soon == (Ending(soon, 9), Ending(later, 6))
    assert (answer.ending_soon_points, answer.ending_soon_cut) == (15, False)


@pytest.mark.parametrize(("more", "cut"), [(0, False), (1, True)])
def test_what_ends_soon_is_looked_at_so_far(more: int, cut: bool) -> None:
    """So many lots, of all priorities together."""
    shop, _ = opened(ending_soon_days=2)
    for number in range(ENDING_MAX_LOTS + more):
        adjust(shop, ANN, 1, priority=number % 2, until_ms=NOON + DAY_MS)
    answer = balance(shop)
    assert (answer.ending_soon_points, answer.ending_soon_cut) == (ENDING_MAX_LOTS, cut)


TIERS = (Tier("blue", 0, 10_000), Tier("silver", 10_000, 10_000), Tier("gold", 50_000, 10_000))


def test_standing() -> None:
    """Tier, turnover, how far to the next, and until when it is sure."""
    shop, _ = opened(tiers=TIERS, tier_period=TierPeriod.CALENDAR_YEAR)
    assert balance(shop).standing == Standing("blue", 0, "silver", 10_000, 0)
    shop.buy(ANN, goods(10_000), number=1)
    assert balance(shop).standing == Standing("silver", 10_000, "gold", 40_000, 20271231)
    shop.buy(ANN, goods(60_000), number=2)
    assert balance(shop).standing == Standing("gold", 70_000, "", 0, 20271231)
    shop.pass_days(365)  # November 2027
    assert balance(shop).standing == Standing("gold", 0, "", 0, 20271231)
    shop.define(tiers=())
    assert balance(shop).standing is None


def test_a_gift_is_there_for_a_question_and_nothing_is_written() -> None:
    """It counts as soon as its window holds; it is real when something else touches him."""
    shop, _ = opened(gifts=(Gift(1, GiftDay.BIRTHDAY, 0, 100, 1, 1, 128, None),))
    shop.run(change(ANN, profile=Profile(TODAY % 10_000 + 2)))
    assert balance(shop).balance.active_points == 0
    shop.pass_days(1)
    before = dict(shop.state.pairs)
    assert balance(shop).balance.active_points == 100
    assert [item.source for item in listed(shop).lots] == [Source.GIFT]
    assert movements(shop) == [Movement.CHANGE, Movement.ENROL]
    assert dict(shop.state.pairs) == before
    adjust(shop, ANN, -30)
    assert movements(shop) == [Movement.ADJUST, Movement.GIFT, Movement.CHANGE, Movement.ENROL]


def movements(shop: Shop, who: cmd.Who = ANN) -> list[Movement]:
    page = expect(shop.ask(cmd.GetStatement(1, who, 50, 0, 0)), GetStatementDone)
    return [item.movement for item in page.items]


def test_several_movements_of_one_entry_are_several_places() -> None:
    """Page by page none is left out, none comes twice; as of a seq, all of that entry are in it."""
    shop, _ = opened(gifts=tuple(Gift(n, GiftDay.BIRTHDAY, 0, n, 1, 1, 128, None) for n in (1, 2, 3)))
    shop.run(change(ANN, profile=Profile(TODAY % 10_000)))  # seq 4
    adjust(shop, ANN, 9)  # seq 5: three gifts and the points
    found: list[tuple[int, int]] = []
    before_seq = -1
    while before_seq:
        query = cmd.GetStatement(1, ANN, 2, max(before_seq, 0), 5)
        page = expect(shop.ask(query), GetStatementDone)
        found += [(item.seq, item.points) for item in page.items]
        before_seq = page.next_before_seq
    assert found == [(5, 9), (5, 3), (5, 2), (5, 1), (4, 0), (3, 0)]
    then = expect(shop.ask(cmd.GetStatement(1, ANN, 9, 0, 4)), GetStatementDone)
    assert [item.seq for item in then.items] == [4, 3]


@pytest.mark.parametrize("place", [-1, 2**63 - 1])
def test_places_far_off_are_no_fault(place: int) -> None:
    """They begin at the newest."""
    shop, _ = opened()
    page = expect(shop.ask(cmd.GetStatement(1, ANN, 0, place, place)), GetStatementDone)
    assert (len(page.items), page.as_of_seq) == (1, 0)


def test_statements_of_two_who_were_merged() -> None:
    """By his card the target's; by his own old id the source's, up to the merge."""
    shop, ann = opened()
    bob = person(shop, "", "B-01")
    adjust(shop, bob, 9)
    merged(shop, bob, ann)
    assert movements(shop, bob) == [Movement.MERGE, Movement.ADJUST, Movement.ENROL]
    assert movements(shop, "cB-01") == [Movement.MERGE, Movement.ENROL]
    assert balance(shop, bob).merged_into == ann
    assert balance(shop, "cB-01").merged_into == 0


def test_what_stands_behind_a_purchase_and_a_return() -> None:
    """As they were booked, with what has come back since."""
    shop, ann = opened()
    lines = (goods(4000, 2000), cmd.Line("card", 1000, 500, LineKind.GIFT_CARD))
    bill = expect(shop.run(purchase(ANN, *lines, number=1, sold_ms=NOON - 5)), ConfirmDone).bill
    back = expect(shop.run(giving_back(1, (1, 500))), ReturnLinesDone)
    where = (ann, receipt(1), NOON - 5, lines, bill)
    assert booked(shop, 1) == Purchase(*where, (500, 0), (), False, False, shop.seq - 1, NOON, b"till-3")
    returned = Return(ann, receipt(900, store=18), receipt(1), back.returned, shop.seq, NOON, b"till-3")
    assert booked(shop, 900, store=18) == returned


def test_what_stands_behind_a_hold() -> None:
    """Open, ended by time though nobody looked since, cancelled, captured: then it is a purchase."""
    shop, ann = opened()
    adjust(shop, ANN, 100)
    until_ms = NOON + DAY_MS
    for number in (1, 2, 3):
        shop.run(cmd.Hold(purchase(ANN, number=number, spend=10), until_ms))
    assert listed(shop).holds == tuple(HoldItem(receipt(number), 0, 10, until_ms) for number in (1, 2, 3))
    held = booked(shop, 1)
    assert isinstance(held, HeldOrder)
    assert (held.member_id, held.state, held.until_ms, held.seq) == (ann, HoldState.OPEN, until_ms, 5)
    assert (held.bill.spent_points, held.lines) == (10, (goods(10_000),))
    shop.run(cmd.CancelHold(receipt(2)))
    assert booked(shop, 2).state is HoldState.CANCELLED
    shop.run(cmd.Capture(receipt(3), 0))
    assert isinstance(booked(shop, 3), Purchase)
    assert [item.receipt.number for item in listed(shop).holds] == [1]
    shop.pass_days(1)
    assert booked(shop, 1).state is HoldState.ENDED
    assert (listed(shop).holds, balance(shop).balance.active_points) == ((), 90)


ASKED: list[tuple[Any, Code, str]] = [
    (cmd.FindMember(9, ANN), Code.PROGRAMME_UNKNOWN, "programme"),
    (cmd.FindMember(1, NOBODY), Code.MEMBER_UNKNOWN, "member"),
    (cmd.FindMember(1, 2**64 - 1), Code.MEMBER_UNKNOWN, "member"),
    (cmd.FindMember(1, -1), Code.MEMBER_UNKNOWN, "member"),
    (cmd.GetBalance(9, ANN), Code.PROGRAMME_UNKNOWN, "programme"),
    (cmd.GetBalance(1, NOBODY), Code.MEMBER_UNKNOWN, "member"),
    (cmd.ListLots(9, ANN), Code.PROGRAMME_UNKNOWN, "programme"),
    (cmd.ListLots(1, NOBODY), Code.MEMBER_UNKNOWN, "member"),
    (cmd.GetStatement(9, ANN, 5, 0, 0), Code.PROGRAMME_UNKNOWN, "programme"),
    (cmd.GetStatement(1, NOBODY, 5, 0, 0), Code.MEMBER_UNKNOWN, "member"),
    (cmd.GetStatement(1, 7, 5, 0, 0), Code.MEMBER_UNKNOWN, "member"),
    (cmd.GetReceipt(9, receipt(1)), Code.PROGRAMME_UNKNOWN, "programme"),
    (cmd.GetReceipt(1, receipt(0)), Code.RECEIPT_MALFORMED, "receipt.number"),
    (cmd.GetReceipt(1, receipt(1, day=20260230)), Code.RECEIPT_MALFORMED, "receipt.business_day"),
    (cmd.GetReceipt(1, receipt(1)), Code.RECEIPT_UNKNOWN, "receipt"),
    (cmd.GetCoupon(9, "SKI-2026"), Code.PROGRAMME_UNKNOWN, "programme"),
    (cmd.GetCoupon(1, "SKI-2026"), Code.COUPON_UNKNOWN, "code"),
]


@pytest.mark.parametrize(("query", "code", "field"), ASKED)
def test_questions_that_have_no_answer(query: Any, code: Code, field: str) -> None:
    """Say why, and what would."""
    shop, _ = opened()
    refused = expect(shop.ask(query), Rejected)
    assert (refused.code, refused.field) == (code, field)
    assert refused.acceptable


def test_never_ending_points_never_end_soon() -> None:
    """However far one looks ahead."""
    shop, _ = opened(ending_soon_days=366)
    assert adjust(shop, ANN, 5).lot == Lot(1, 5, NOON, NEVER_MS)
    assert balance(shop).ending_soon == ()
