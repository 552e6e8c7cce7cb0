"""Two members are one person: nothing is lost, nothing doubled, and old receipts can still be returned."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty.commands import Gift, GiftDay, Profile, Status, Tier
from loyalty.commands.conditions import OneOf
from loyalty.commands.limits import (
    USAGE_MAX_DAYS,
)
from loyalty.commands.promotions import Caps, GiveLot, GiveService, PointsFixed
from loyalty.engine import keys, records
from loyalty.engine.budgets import joined
from loyalty.engine.records import MemberUsage
from loyalty.outcomes import (
    NEVER_MS,
    Account,
    Balance,
    Code,
    FindMemberDone,
    GetBalanceDone,
    GetStatementDone,
    IssueCouponDone,
    ListLotsDone,
    Lot,
    MergeMembersDone,
    Movement,
    Posting,
    Rejected,
    StatementItem,
)
from tests.loyalty.desk import WHY, adjust, change, merged, person, publish
from tests.loyalty.kit import DAY_MS, NOON, PHONE, TODAY, Shop, expect, goods, lots_of, purchase, receipt

ANN, BOB = "p" + PHONE, "cB-01"
LOT, DEBT, ISSUER = Account.MEMBER_LOT, Account.MEMBER_DEBT, Account.ISSUER


def opened(**changes: Any) -> tuple[Shop, int, int]:
    """Ann and Bob, without points; what is earned can be spent with the next receipt."""
    shop = Shop()
    values = {"welcome_points": 0, "earn_delay_days": 0, "earn_points": 1, "lot_window_days": 0}
    shop.define(**(values | changes))
    return shop, person(shop, PHONE), person(shop, "", "B-01")


def found(shop: Shop, who: cmd.Who) -> FindMemberDone:
    return expect(shop.ask(cmd.FindMember(1, who)), FindMemberDone)


def newest(shop: Shop, who: cmd.Who) -> StatementItem:
    return expect(shop.ask(cmd.GetStatement(1, who, 1, 0, 0)), GetStatementDone).items[0]


def test_points_lots_and_debts_add_up() -> None:
    """Lots keep windows, priorities and sources; their numbers go on behind the target's."""
    shop, ann, bob = opened()
    adjust(shop, ann, 10)
    adjust(shop, bob, 20, until_ms=NOON + DAY_MS, priority=3)
    adjust(shop, bob, 30, from_ms=NOON + DAY_MS)
    done = merged(shop, bob, ann)
    assert done == MergeMembersDone(ann, bob, 2, Balance(30, 30, 30, 0), False)
    assert [lot for lot, _ in lots_of(shop.state, ann)] == [
        Lot(1, 10, NOON, NEVER_MS),
        Lot(2, 20, NOON, NOON + DAY_MS, 0, 3),
        Lot(3, 30, NOON + DAY_MS, NEVER_MS),
    ]
    assert lots_of(shop.state, bob) == []
    shop.pass_days(1)
    assert shop.balance(BOB) == Balance(40, 40, 0, 0)


def test_both_statements_tell_it_and_balance() -> None:
    """The source's ends with it; what leaves there for the issuer enters here, and each names the other."""
    shop, ann, bob = opened()
    adjust(shop, ann, 10)
    adjust(shop, bob, 20)
    merged(shop, bob, ann)
    away, here = newest(shop, bob), newest(shop, ann)
    assert away.postings == (Posting(LOT, 1, -20), Posting(ISSUER, ann, 20))
    assert here.postings == (Posting(LOT, 2, 20), Posting(ISSUER, bob, -20))
    assert (away.points, here.points) == (-20, 20)
    for item in (away, here):
        assert (item.movement, item.reason, item.seq) == (Movement.MERGE, WHY, shop.seq)


def test_even_nothing_names_the_other() -> None:
    """A merge can be followed from either side."""
    shop, ann, bob = opened()
    merged(shop, bob, ann)
    assert newest(shop, bob).postings == (Posting(ISSUER, ann, 0),)
    assert newest(shop, ann).postings == (Posting(ISSUER, bob, 0),)


def test_a_debt_goes_along() -> None:
    """It holds the target's points back as it did the source's."""
    shop, ann, bob = opened()
    shop.buy(BOB, goods(4000), number=1)
    shop.buy(BOB, goods(4000), number=2, spend=40)
    shop.give_back(1, (1, 1000))  # owes 40, has 39
    adjust(shop, ann, 10)
    assert merged(shop, bob, ann).balance == Balance(49, 9, 0, 40)
    posted = (Posting(LOT, 3, 39), Posting(DEBT, 0, -40), Posting(ISSUER, bob, 1))
    assert newest(shop, ann).postings == posted


def test_receipts_of_the_source_are_returned_as_if_nothing_had_happened() -> None:
    """Spent points go back into the lots they came from, earned ones are taken out of theirs."""
    answers = []
    for is_merged in (False, True):
        shop, ann, bob = opened()
        adjust(shop, ann, 7)
        adjust(shop, bob, 100)
        shop.buy(BOB, goods(10_000), goods(5000), number=1, spend=100)
        shop.give_back(1, (2, 1000), number=901)
        if is_merged:
            merged(shop, bob, ann)
        back = shop.give_back(1, (1, 1000), number=902)
        whose = ann if is_merged else bob
        held = {lot.points for lot, _ in lots_of(shop.state, whose)}
        answers.append((back.returned, sorted(held - {7})))
    assert answers[0] == answers[1]


def test_a_receipt_of_the_source_is_repeated_and_a_return_too() -> None:
    """The same person, the same basket: answered again."""
    shop, ann, bob = opened()
    bought = purchase(BOB, goods(10_000), number=1)
    shop.run(bought)
    merged(shop, bob, ann)
    again: Any = shop.run(bought)
    assert (again.member_id, again.repeated) == (ann, True)


def test_phones_cards_and_ids() -> None:
    """All lead to the target; of two phones the target's stays, and the other is nobody's."""
    shop = Shop()
    ann = person(shop, PHONE, "A-01", externals=("crm:1",))
    bob = person(shop, "+886987654321", "B-01", externals=("crm:2",))
    merged(shop, bob, ann)
    now = found(shop, bob)
    assert (now.member_id, now.merged_into, now.phone) == (ann, ann, PHONE)
    assert (now.cards, now.externals) == (("A-01", "B-01"), ("crm:1", "crm:2"))
    assert [found(shop, who).merged_into for who in ("cB-01", "xcrm:2", ANN)] == [0, 0, 0]
    assert expect(shop.ask(cmd.FindMember(1, "p+886987654321")), Rejected).code is Code.MEMBER_UNKNOWN
    assert person(shop, "+886987654321") not in (ann, bob)


def test_the_sources_phone_fills_a_gap() -> None:
    """It leads to the target then."""
    shop, ann, bob = opened()
    merged(shop, ann, bob)
    assert (found(shop, ANN).member_id, found(shop, bob).phone) == (bob, PHONE)


def test_a_profile_is_filled_up() -> None:
    """What the target does not know the source does."""
    shop = Shop()
    ann = person(shop, PHONE, profile=Profile(314, "", "Wien", (), ("skiers",)))
    bob = person(shop, "", "B-01", profile=Profile(401, "de", "Graz", ("sms",), ("bikers",)))
    merged(shop, bob, ann)
    assert found(shop, ann).profile == Profile(314, "de", "Wien", ("sms",), ("skiers",))
    assert [key for key in shop.state.pairs if key[4:5] == b"Y" and key.endswith(bob.to_bytes(8))] == []


def test_blocked_stays_blocked() -> None:
    """Whichever of the two was."""
    for blocked in (0, 1):
        shop, *two = opened()
        shop.run(change(two[blocked], status=Status.BLOCKED))
        merged(shop, two[1], two[0])
        assert found(shop, ANN).status is Status.BLOCKED


def test_turnover_and_purchases_add_up() -> None:
    """Together they are silver."""
    tiers = (Tier("blue", 0, 10_000), Tier("silver", 10_000, 10_000))
    shop, ann, bob = opened(tiers=tiers)
    shop.buy(ANN, goods(6000), number=1)
    shop.buy(BOB, goods(6000), number=2)
    standing = found(shop, ANN).standing
    assert standing is not None
    assert (standing.tier, standing.missing_minor) == ("blue", 4000)
    merged(shop, bob, ann)
    standing = found(shop, ANN).standing
    assert standing is not None
    assert (standing.tier, standing.turnover_minor) == ("silver", 12_000)


BIRTHDAY = Gift(1, GiftDay.BIRTHDAY, 0, 100, 3, 3, 128, None)


@pytest.mark.parametrize("had_it", [(), ("ann",), ("bob",), ("ann", "bob")])
def test_nobody_gets_a_birthday_twice(had_it: tuple[str, ...]) -> None:
    """One gift after the merge if nobody or one of them had it; what both had stays."""
    shop = Shop()
    shop.define(welcome_points=0)
    born = Profile(TODAY % 10_000)
    ann, bob = person(shop, PHONE, profile=born), person(shop, "", "B-01", profile=born)
    shop.define(welcome_points=0, gifts=(BIRTHDAY,))
    for name in had_it:
        adjust(shop, {"ann": ann, "bob": bob}[name], 1)  # touches him
    merged(shop, bob, ann)
    assert shop.balance(ANN).active_points == max(100 * len(had_it), 100) + len(had_it)


def test_a_limit_by_member_counts_for_both_together() -> None:
    """Three receipts a member, two a day: each had it once today, so together they had it twice."""
    shop, ann, bob = opened(earn_points=0)
    publish(shop, 1, PointsFixed(0, 50), caps=Caps(member_times=3, member_day_times=2))
    shop.buy(ANN, number=1)
    shop.buy(BOB, number=2)
    merged(shop, bob, ann)
    assert shop.buy(ANN, number=3).bill.earned_points == 0  # twice on this day already
    shop.pass_days(1)
    assert shop.buy(ANN, number=4, day=TODAY + 1).bill.earned_points == 50
    assert shop.buy(ANN, number=5, day=TODAY + 1).bill.earned_points == 0  # three times in all


def test_services_and_coupons_go_along() -> None:
    """And go back with the goods that gave them."""
    shop, ann, bob = opened(earn_points=0)
    publish(shop, 1, GiveService("tune-up", 2, 365))
    publish(shop, 2, PointsFixed(0, 50))
    shop.buy(ANN, number=1)
    shop.buy(BOB, goods(9000, 2000), number=2)
    code = expect(shop.run(cmd.IssueCoupon("SKI-2026", 2, 1, 0, 0, BOB)), IssueCouponDone).code
    merged(shop, bob, ann)
    listed = expect(shop.ask(cmd.ListLots(1, ANN)), ListLotsDone)
    assert sorted(item.times for item in listed.services) == [2, 4]
    assert [(item.code, item.promotion) for item in listed.coupons] == [(code, 2)]
    assert shop.give_back(2, (1, 1000)).returned.services_taken == 2
    used: Any = shop.run(cmd.UseService(receipt(77), ANN, "tune-up", 4))
    assert used.left_times == 0


def test_services_of_four_who_are_one() -> None:
    """Numbers never meet: each receipt takes back what it gave, and nothing else."""
    shop, ann, bob = opened(earn_points=0)
    eve, zoe = person(shop, "", "E-01"), person(shop, "", "Z-01")
    publish(shop, 1, GiveService("tune-up", 1, 365))
    for number, who in enumerate((ann, ann, ann, bob, bob, eve), 1):
        shop.buy(who, number=number)
    merged(shop, bob, ann)
    merged(shop, ann, eve)
    shop.buy(ANN, number=7)
    merged(shop, eve, zoe)
    for left in range(6, -1, -1):
        assert shop.give_back(left + 1, (1, 1000), number=900 + left).returned.services_taken == 1
        listed = expect(shop.ask(cmd.ListLots(1, ANN)), ListLotsDone)
        assert len(listed.services) == left


def test_the_points_of_a_day_count_together() -> None:
    """A limit on what one member earns on a day: 100 by one and 80 by the other leave 20 of 200."""
    shop, ann, bob = opened(member_day_max_points=200)
    shop.buy(ANN, goods(10_000), number=1)
    shop.buy(BOB, goods(8000), number=2)
    merged(shop, bob, ann)
    assert shop.buy(ANN, goods(10_000), number=3).bill.earned_points == 20


def test_a_member_since_the_earlier_day_at_the_targets_store() -> None:
    """The source's store where the target has none."""
    for stores, kept in (((17, 18), 17), ((0, 18), 18)):
        shop = Shop()
        bob = person(shop, "", "B-01", store=stores[1])
        shop.pass_days(1)
        ann = person(shop, PHONE, store=stores[0])
        merged(shop, bob, ann)
        assert found(shop, ANN).enrolled_ms == NOON
        member = records.member(shop.state.get(keys.of_member(1, ann, b"M")) or b"")
        assert member.store == kept


def counted(*days: tuple[int, int]) -> MemberUsage:
    return MemberUsage(sum(times for _, times in days), days)


FIRST = tuple((day, 1) for day in range(USAGE_MAX_DAYS))
COUNTS = [  # ours, theirs: (day, times) each; together
    ((), ((5, 1),), ((5, 1),)),
    (((5, 1),), ((4, 1), (5, 2), (6, 1)), ((4, 1), (5, 3), (6, 1))),
    (FIRST, ((0, 1),), ((0, 2), *FIRST[1:])),
    (
        FIRST,
        ((USAGE_MAX_DAYS, 7),),
        (*FIRST[1:], (USAGE_MAX_DAYS, 7)),
    ),  # one day too many: the first two are one
    (((0, 3), *FIRST[1:]), ((99, 1),), ((1, 3), *FIRST[2:], (99, 1))),  # as often as on the worse of them
]


@pytest.mark.parametrize(("ours", "theirs", "together"), COUNTS)
def test_counts_by_day_add_up(ours: Any, theirs: Any, together: Any) -> None:
    """As many days as are told apart; the sum over all days stays exact."""
    both = joined(counted(*ours), counted(*theirs))
    assert both == MemberUsage(counted(*ours).times + counted(*theirs).times, together)


def test_lots_with_a_purpose_go_along() -> None:
    """They pay for what they are for, and are in no balance, before and after."""
    shop, ann, bob = opened(earn_points=0, line_limit_basis_points=10_000, receipt_limit_basis_points=10_000)
    publish(shop, 1, GiveLot(0, 40, OneOf("sku", ("wax",)), 0, 10))
    shop.buy(BOB, number=1)
    merged(shop, bob, ann)
    answer = expect(shop.ask(cmd.GetBalance(1, ANN)), GetBalanceDone)
    assert (answer.balance.active_points, [lot.points for lot in answer.purposed]) == (0, [40])
    assert shop.buy(ANN, goods(1000, sku="wax"), number=2, spend=40).bill.spent_minor == 40


def test_merged_before_is_repeated() -> None:
    """By the old id, also after the target went on into a third."""
    shop, ann, bob = opened()
    adjust(shop, bob, 20)
    merged(shop, bob, ann)
    before = dict(shop.state.pairs)
    assert merged(shop, bob, ann) == MergeMembersDone(ann, bob, 0, Balance(20, 20, 0, 0), True)
    assert dict(shop.state.pairs) == before
    eve = person(shop, "", "E-01")
    merged(shop, ann, eve)
    assert merged(shop, bob, eve).repeated
    assert merged(shop, bob, ann).repeated  # both are names of the third


def test_a_source_that_was_merged_stands_for_who_he_is_now() -> None:
    """Bob is Ann; merging Bob into Eve merges Ann."""
    shop, ann, bob = opened()
    adjust(shop, bob, 20)
    merged(shop, bob, ann)
    eve = person(shop, "", "E-01")
    done = merged(shop, bob, eve)
    assert (done.source_id, done.member_id, done.balance.active_points) == (ann, eve, 20)
    assert found(shop, ann).member_id == eve
