"""The numbers of points in RULES.md: each example is quoted from the page and tried."""

from typing import Any, Final

import pytest

from loyalty import commands as cmd
from loyalty.commands import Gift, GiftDay, Line, LineKind, Policies, Shortfall, Tier
from loyalty.commands import policies as pol
from loyalty.commands.conditions import OneOf
from loyalty.commands.promotions import (
    GiveLot,
)
from loyalty.commands.rules import Currency, TierPeriod, Worth
from loyalty.outcomes import Code, DefineDone, Rejected
from tests.loyalty.desk import adjust, promotion
from tests.loyalty.kit import NOON, TODAY, expect, goods, lots_of, purchase, receipt
from tests.loyalty.rules_page import of, policy, quote, says, shop, told

TAXED: Final = Line("shoes", 1000, 12_000, LineKind.GOODS, tax_minor=2000)
EARNED: Final = [  # words, policies, line, points
    ("19.99 earns 99 points", policy(), goods(1999), 99),
    ("19.99 earns 100 points", policy(rounding=pol.Rounding.HALF_UP), goods(1999), 100),
    ("a line of 120.00 with 20.00 tax in it earns 600 points", policy(), TAXED, 600),
    ("| `base_tax` | `WITHOUT` | it earns 500;", policy(base_tax=pol.Tax.WITHOUT), TAXED, 500),
    ("19.90 earns 99 points", policy(), goods(1990), 99),
    ("19.90 earns 95 points", policy(blocks=pol.Blocks.WHOLE), goods(1990), 95),
]


@pytest.mark.parametrize(("words", "policies", "line", "points"), EARNED)
def test_points_earned(words: str, policies: Policies, line: Line, points: int) -> None:
    """5 points for each 1.00."""
    says(words)
    assert quote(shop(policies=policies), line).bill.earned_points == points


@pytest.mark.parametrize(
    ("words", "policies", "begins", "ends"),
    [
        (
            "365 days from 23 November 2026 end at the midnight that begins 23 November 2027",
            policy(),
            "2026-11-23 00:00",
            "2027-11-23 00:00",
        ),
        (
            "they count from noon on",
            policy(same_receipt=pol.SameReceipt.AT_ONCE, window_end=pol.WindowEnd.INSTANT),
            "2026-11-22 12:00",
            "2027-11-22 12:00",
        ),
        (
            "the midnight that begins 1 December 2027",
            policy(window_end=pol.WindowEnd.MONTH),
            "2026-11-23 00:00",
            "2027-12-01 00:00",
        ),
        (
            "with its year: 1 January 2028",
            policy(window_end=pol.WindowEnd.YEAR),
            "2026-11-23 00:00",
            "2028-01-01 00:00",
        ),
        (
            "after that: 1 January 2029",
            policy(window_end=pol.WindowEnd.NEXT_YEAR),
            "2026-11-23 00:00",
            "2029-01-01 00:00",
        ),
    ],
)
def test_windows(words: str, policies: Policies, begins: str, ends: str) -> None:
    """Of a purchase at noon on 22 November 2026."""
    says(words)
    found = shop(policies=policies)
    lot = found.buy(found.enrol_id, goods(10_000)).bill.earnings[0].lot
    assert lot is not None
    assert (told(lot.active_from_ms), told(lot.active_until_ms)) == (begins, ends)


def test_limits_on_earning() -> None:
    """So many a day."""
    says("with 600 a day, two purchases of 100.00 earn 500 and 100 points")
    found = shop(member_day_max_points=600)
    assert [found.buy(found.enrol_id, goods(10_000)).bill.earned_points for _ in range(2)] == [500, 100]


def test_currencies_and_worth() -> None:
    """A store in Brno."""
    says("0.25 CZK for a point, in units of 4: 1000 points pay 250.00 CZK", "1000.00 CZK earn 200 points")
    czk = Currency("CZK", 2, 5, 2500, 1, 25)
    found = shop(spend_unit_points=4, currencies=(czk,), worths=(Worth(0, "CZK", 25, 1),))
    expect(found.run(cmd.DefineStore(18, "Brno", ((0, 0),), currency="CZK")), DefineDone)
    adjust(found, found.enrol_id, 1000)
    assert quote(found, goods(100_000), spend=1000, store=18).bill.spent_minor == 25_000
    assert quote(found, goods(100_000), store=18).bill.earned_points == 200


def test_which_lots_pay() -> None:
    """A lot for wax, and others that would come earlier if they were of the same kind."""
    says("the lot for wax pays 300 points on the wax, the others pay 1000 on the jacket")
    found = shop(promotion(1, GiveLot(0, 1000, OneOf("sku", ("wax",)), 0, 30, 200)))
    found.buy(found.enrol_id, goods(100))
    adjust(found, found.enrol_id, 1000, priority=10)
    bill = quote(found, goods(1000, sku="wax"), goods(9000, sku="jacket"), spend=3000).bill
    assert [(draw.points, draw.purposed) for draw in bill.draws] == [(300, True), (1000, False)]
    assert [line.spent_points for line in bill.lines] == [300, 1000]


def test_how_many_points_pay() -> None:
    """Limits and steps."""
    says("of 100.00 and 50.00 points pay at most 45.00, as 30.00 and 15.00")
    found = shop(line_limit_basis_points=5000)
    adjust(found, found.enrol_id, 5000)
    done = quote(found, *of(10_000, 5000), spend=5000)
    assert (done.most_points, [line.spent_minor for line in done.bill.lines]) == (4500, [3000, 1500])

    says("of 100 points 96 can be spent, for 0.64")
    found = shop(point_value_points=3, point_value_minor=2, spend_unit_points=6)
    adjust(found, found.enrol_id, 100)
    done = quote(found, goods(10_000), spend=100)
    assert (done.most_points, done.bill.spent_minor) == (96, 64)
    refused = expect(quote(found, goods(10_000), spend=10, exactly=True), Rejected)
    assert refused.code is Code.SPEND_NOT_WHOLE_UNITS


def test_pieces_that_come_back() -> None:
    """One by one, to the cent and the point."""
    says("come back one by one: 3.33, 3.33 and 3.34, with 16, 17 and 17 points")
    found = shop()
    found.buy(found.enrol_id, goods(1000, 3000), number=1)
    done = [found.give_back(1, (1, 1000), number=901 + at).returned for at in range(3)]
    assert [(one.refund_minor, one.points_taken) for one in done] == [(333, 16), (333, 17), (334, 17)]


@pytest.mark.parametrize(
    ("words", "shortfall", "taken", "owed", "refund"),
    [
        (
            "earned 500, spent 400 of them, goods back: 100 are taken, 400 are owed",
            Shortfall.NEGATIVE,
            500,
            400,
            10_000,
        ),
        ("100 are taken, 400 are forgiven", Shortfall.CLAMP, 100, 0, 10_000),
        ("100 are taken, and 4.00 of the refund of 100.00 are kept back", Shortfall.CASH, 500, 0, 9600),
    ],
)
def test_shortfall(words: str, shortfall: Shortfall, taken: int, owed: int, refund: int) -> None:
    """`points_taken` has those that are owed or paid for in it."""
    says(words)
    found = shop(shortfall=shortfall, line_limit_basis_points=10_000, receipt_limit_basis_points=10_000)
    found.buy(found.enrol_id, goods(10_000), number=1)
    found.pass_days(1)
    found.buy(found.enrol_id, goods(400), number=2, spend=400, day=TODAY + 1)
    done = found.give_back(1, (1, 1000)).returned
    assert (done.points_taken, done.points_owed, done.refund_minor) == (taken, owed, refund)


@pytest.mark.parametrize(
    ("words", "by", "taken"),
    [
        ("the pass takes 0", pol.ReturnOfEarned.BY_LINE, [0, 500]),
        ("the pass takes 250, and the shoes 250", pol.ReturnOfEarned.BY_VALUE, [250, 250]),
    ],
)
def test_return_of_earned(words: str, by: pol.ReturnOfEarned, taken: list[int]) -> None:
    """Shoes that earn and a ski pass that does not."""
    says("shoes for 100.00 earned 500, a ski pass for 100.00 none", words)
    found = shop(no_earn=OneOf("sku", ("pass",)), policies=policy(return_of_earned=by))
    found.buy(found.enrol_id, goods(10_000), goods(10_000, sku="pass"), number=1)
    done = [found.give_back(1, (line, 1000), number=900 + line).returned.points_taken for line in (2, 1)]
    assert done == taken


def test_grace() -> None:
    """Points whose lot has ended."""
    says("if it ended on 3 December", "given back on 17 December with 14 days, they count until the midnight")
    graceful = policy(returned_lot=pol.ReturnedLot.GRACE_DAYS, grace_days=14)
    for policies, active in ((policy(), 0), (graceful, 400)):
        found = shop(
            lot_window_days=10,
            policies=policies,
            line_limit_basis_points=10_000,
            receipt_limit_basis_points=10_000,
        )
        found.buy(found.enrol_id, goods(10_000), number=1)
        found.pass_days(1)
        found.buy(found.enrol_id, goods(400), number=2, spend=400, day=TODAY + 1)
        found.pass_days(24)
        again = cmd.ReturnLines(receipt(900), receipt(2, day=TODAY + 1), (cmd.ReturnLine(1, 1000),))
        done: Any = found.run(again)
        assert (done.returned.points_back, done.balance.active_points) == (400, active)
    ends = [told(lot.active_until_ms) for lot, _ in lots_of(found.state, found.enrol_id)]
    assert ends == ["2026-12-03 00:00", "2027-01-01 00:00"]


TIERS: Final = (Tier("blue", 0, 10_000), Tier("silver", 50_000, 15_000))


@pytest.mark.parametrize(
    ("words", "rules", "until"),
    [
        ("silver lasts until 31 December 2027", {}, 20271231),
        ("with 30 days of grace until 30 January 2028", {"tier_grace_days": 30}, 20280130),
        (
            "with 12 rolling months and 30 days of grace until 30 November 2027",
            {"tier_grace_days": 30, "tier_period": TierPeriod.ROLLING_MONTHS},
            20271130,
        ),
    ],
)
def test_tiers(words: str, rules: dict[str, Any], until: int) -> None:
    """Up at once, for the next receipt."""
    says(words, "A purchase of 500.00 earns 2500 points, the next one of 100.00 earns 750")
    found = shop(tiers=TIERS, **rules)
    earned = [found.buy(found.enrol_id, goods(minor)).bill.earned_points for minor in (50_000, 10_000)]
    assert earned == [2500, 750]
    who: Any = found.ask(cmd.FindMember(1, found.enrol_id))
    assert who.standing.held_until_day == until


@pytest.mark.parametrize(
    ("words", "boundary", "tier", "missing"),
    [
        ("a turnover of 500.00 is silver from 500.00", pol.TierBoundary.AT, "silver", 0),
        ("it is not; 0.01 is missing", pol.TierBoundary.ABOVE, "blue", 1),
    ],
)
def test_tier_boundary(words: str, boundary: pol.TierBoundary, tier: str, missing: int) -> None:
    """Exactly the threshold."""
    says(words)
    found = shop(tiers=TIERS, policies=policy(tier_boundary=boundary))
    found.buy(found.enrol_id, goods(50_000))
    who: Any = found.ask(cmd.FindMember(1, found.enrol_id))
    assert (who.standing.tier, who.standing.missing_minor) == (tier, missing)


def test_gifts() -> None:
    """In the balance before anybody hands it out."""
    says("born on 25 November, he has them on the 22nd")
    found = shop(gifts=(Gift(1, GiftDay.BIRTHDAY, 0, 1000, 7, 14, 10, None),))
    expect(found.run(cmd.Enrol("+886912345679", (), 0, (), cmd.Profile(19901125))), object)
    assert found.now_ms == NOON
    assert found.balance("p+886912345679").active_points == 1000


def test_a_held_receipt_is_not_confirmed() -> None:
    """Two of the sentences about identities."""
    says("Who wants another basket cancels and holds or confirms it under another identity")
    found = shop()
    order = purchase(found.enrol_id, goods(10_000), number=6)
    expect(found.run(cmd.Hold(order, NOON + 1000)), object)
    assert expect(found.run(order), Rejected).code is Code.HOLD_OPEN
