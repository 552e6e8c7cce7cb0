"""Ways to lose or make points and money, or to stop the engine, that a reader of its code found."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty.commands import Line, LineKind, Shortfall, SpendMode
from loyalty.commands.conditions import AttributeType
from loyalty.commands.policies import Policies, ReturnedLot, SameReceipt
from loyalty.commands.promotions import Caps, PercentOff, PointsFixed, PointsPer, Stacking
from loyalty.commands.rules import Currency, Tier, TierPeriod, Worth
from loyalty.engine import budgets, keys, lots
from loyalty.engine.records import Usage
from loyalty.outcomes import (
    AdjustDone,
    Balance,
    Code,
    ConfirmDone,
    DefineDone,
    HoldDone,
    QuoteDone,
    Rejected,
    ReturnLinesDone,
)
from tests.loyalty.desk import adjust, adjustment, merged, publish
from tests.loyalty.kit import (
    DAY_MS,
    NOON,
    DictState,
    Shop,
    expect,
    goods,
    lots_of,
    purchase,
    receipt,
    recount,
)

MAY = NOON - 196 * DAY_MS  # 2026-05-10


def test_no_rate_of_a_currency_makes_a_turnover_that_no_record_holds() -> None:
    """10^15 yen at 1,000,000 cents a yen would be 10^21: counted as 10^15, more than any tier needs."""
    shop = Shop()
    rules: dict[str, Any] = {
        "currencies": (Currency("JPY", 0, 1, 160, 10**6, 1),),
        "tiers": (Tier("blue", 0, 10_000), Tier("gold", 10**15, 10_000)),
    }
    expect(shop.define(**rules), DefineDone)
    expect(shop.run(cmd.DefineStore(18, "Osaka", ((0, 32_400),), currency="JPY")), DefineDone)
    member = shop.enrol()
    for number in (1, 2, 3):
        expect(shop.run(purchase(member, goods(10**15), store=18, number=number)), ConfirmDone)
    answer: Any = shop.ask(cmd.GetBalance(1, member))
    assert answer.standing.tier == "gold"
    assert answer.standing.turnover_minor == 3 * 10**15


def test_what_a_funder_owes_for_points_is_never_more_than_an_amount_can_be() -> None:
    """10^14 points that are worth 10,000.00 each."""
    shop = Shop()
    expect(shop.define(worths=(Worth(0, "EUR", 10**6, 1),)), DefineDone)
    expect(shop.run(cmd.DefinePartner(5, "Nordkap")), DefineDone)
    publish(shop, 1, PointsPer(0, 1, 1), funder=5)
    bill = shop.buy(shop.enrol(), goods(10**14)).bill
    assert [(one.funder, one.points) for one in bill.applied] == [(5, 10**14)]


def test_sums_over_all_members_have_no_last_number() -> None:
    """Twenty members with as many points as one may have, and twenty budgets' worth of uses."""
    state = DictState()
    key = keys.outstanding(1, 1, 20_000, 0, 0)
    for _ in range(20):
        lots.count_outstanding(state, key, 10**18)
        budgets.use(state, 1, keys.OF_PROMOTION, 7, Usage(1, 10**18, 10**18), 1)
    assert int.from_bytes(state.get(key) or b"") == 20 * 10**18
    for _ in range(20):
        lots.count_outstanding(state, key, -(10**18))
    assert state.get(key) is None


def turnover_minor(shop: Shop, member: int) -> int:
    answer: Any = shop.ask(cmd.GetBalance(1, member))
    return answer.standing.turnover_minor if answer.standing else 0


def test_an_order_held_before_there_were_tiers_counts_for_none_as_its_return_will() -> None:
    """Else buying, and bringing the goods back, would be a way to gold."""
    shop = Shop()
    member = shop.enrol()
    expect(shop.run(cmd.Hold(purchase(member, goods(100_00)), shop.now_ms + DAY_MS)), HoldDone)
    expect(shop.define(tiers=(Tier("blue", 0, 10_000), Tier("gold", 100_00, 20_000))), DefineDone)
    expect(shop.run(cmd.Capture(receipt(1), 0)), ConfirmDone)
    assert turnover_minor(shop, member) == 0
    shop.buy(member, goods(30_00), number=2)
    shop.give_back(1, (1, 1000))
    assert turnover_minor(shop, member) == 30_00


def test_a_return_under_old_rules_forgets_no_months_that_count_now() -> None:
    """Sold when only one month counted; now the year does. A return in July leaves what he bought in May."""
    shop = Shop(now_ms=MAY)
    tiers = (Tier("blue", 0, 10_000), Tier("gold", 100_00, 20_000))
    rolling: dict[str, Any] = {"tiers": tiers, "tier_period": TierPeriod.ROLLING_MONTHS, "tier_months": 1}
    expect(shop.define(**rolling), DefineDone)
    member = shop.enrol()
    shop.buy(member, goods(10_00), number=1, day=20260510)
    expect(shop.define(tiers=tiers), DefineDone)
    shop.buy(member, goods(100_00), number=2, day=20260510)
    shop.pass_days(61).buy(member, goods(5_00), number=3, day=20260710)
    back = cmd.ReturnLines(receipt(9), receipt(1, day=20260510), (cmd.ReturnLine(1, 1000),))
    expect(shop.run(back), ReturnLinesDone)
    assert turnover_minor(shop, member) == 105_00


GRACE: dict[str, Any] = {
    "welcome_points": 0,
    "lot_window_days": 10,
    "line_limit_basis_points": 10_000,
    "receipt_limit_basis_points": 10_000,
    "policies": Policies(
        same_receipt=SameReceipt.AT_ONCE, returned_lot=ReturnedLot.GRACE_DAYS, grace_days=30
    ),
}


@pytest.mark.parametrize("shortfall", [Shortfall.NEGATIVE, Shortfall.CLAMP, Shortfall.CASH])
@pytest.mark.parametrize(
    "order",
    [
        pytest.param((2, 1), id="what the points paid for, then what earned them"),
        pytest.param((1, 2), id="the other way round"),
    ],
)
def test_points_with_a_window_of_grace_are_not_made_by_bringing_all_back(
    shortfall: Shortfall, order: tuple[int, int]
) -> None:
    """100.00 earn 500 points, which pay for 5.00 of goods. Both come back: nothing is left unpaid."""
    shop = Shop()
    expect(shop.define(shortfall=shortfall, **GRACE), DefineDone)
    member = shop.enrol()
    shop.buy(member, goods(100_00), number=1)
    shop.buy(member, goods(5_00), number=2, spend=500)
    kept_back = sum(shop.give_back(sold, (1, 1000)).returned.kept_back_points for sold in order)
    balance = shop.balance(member)
    assert balance == recount(shop.state, member, shop.now_ms, balance.debt_points)
    assert balance.active_points - balance.debt_points == kept_back


def test_points_spent_again_out_of_a_lot_of_grace_are_settled_with_the_lot_that_they_came_from() -> None:
    """As above, and the 500 pay once more in between; merged with another on the way."""
    shop = Shop()
    expect(shop.define(shortfall=Shortfall.CLAMP, **GRACE), DefineDone)
    member, twin = shop.enrol(), shop.enrol("+886912345679")
    shop.buy(twin, goods(20_00), number=9)  # a lot of the twin's: numbers move
    shop.buy(member, goods(100_00), number=1)
    shop.buy(member, goods(5_00), number=2, spend=500)
    shop.give_back(2, (1, 500))
    merged(shop, member, twin)
    shop.give_back(2, (1, 500))
    assert len(lots_of(shop.state, twin)) == 3  # all that comes back on a day goes into one lot
    shop.buy(twin, goods(6_00), number=3, spend=600)
    assert shop.give_back(1, (1, 1000)).returned.points_taken == 0  # forgiven for now
    back = shop.give_back(3, (1, 1000)).returned
    assert (back.points_back, back.points_back_settled) == (600, 500)
    assert shop.balance(twin) == Balance(100, 100, 0, 0)


def test_the_first_currency_stays() -> None:
    """10,000 cents booked in no other currency must not be 10,000 yen a version later."""
    shop = Shop()
    expect(shop.define(currency="USD"), DefineDone)
    for changes in ({"currency": "JPY"}, {"currency": "USD", "exponent": 0}):
        refused = expect(shop.define(**changes), Rejected)
        assert refused.code is Code.PROGRAMME_INVALID
    expect(shop.define(currency="USD", earn_points=6), DefineDone)


def test_a_quote_in_another_currency_has_another_digest() -> None:
    """The same numbers at the store in Osaka are yen."""
    shop = Shop()
    expect(shop.define(currencies=(Currency("JPY", 0, 5, 100, 1, 160),)), DefineDone)
    expect(shop.run(cmd.DefineStore(18, "Osaka", ((0, 0),), currency="JPY")), DefineDone)
    member = shop.enrol()
    here, there = (
        expect(shop.ask(cmd.Quote(1, member, store, 0, (goods(100_00),), 0, SpendMode.NONE)), QuoteDone)
        for store in (17, 18)
    )
    assert here.quote_digest != there.quote_digest


def test_how_much_more_there_could_have_been_is_a_number_that_an_answer_holds() -> None:
    """Sixty promotions of nearly 10^15 points, each worth 10,000.00, on a hundred lines: too much to try."""
    shop = Shop()
    expect(shop.define(worths=(Worth(0, "EUR", 10**6, 1),), receipt_max_points=10**15), DefineDone)
    for number in range(1, 61):
        publish(shop, number, PointsFixed(0, 10**15 - number), stacking=Stacking(group=number % 25))
        publish(shop, 100 + number, PercentOff(100 + number), caps=Caps(receipt_minor=1000 + number))
    lines = tuple(goods(5 * 10**8 + at) for at in range(100))
    quote = expect(shop.ask(cmd.Quote(1, shop.enrol(), 17, 0, lines, 0, SpendMode.NONE)), QuoteDone)
    assert not quote.search.exact
    assert 0 < quote.search.bound_minor <= 10**18


def test_missing_points_that_are_worth_less_than_a_cent_are_owed_and_not_given_away() -> None:
    """Ten points a cent. Ten receipts earn 9 each, which pay 0.09 together; each comes back for itself."""
    shop = Shop()
    rules = GRACE | {"shortfall": Shortfall.CASH, "point_value_points": 10, "spend_unit_points": 10}
    expect(shop.define(**rules), DefineDone)
    member = shop.enrol()
    for number in range(1, 11):
        shop.buy(member, goods(1_80), number=number)
    shop.buy(member, goods(18), number=20, spend=90)
    returned = [shop.give_back(number, (1, 1000)).returned for number in range(1, 11)]
    assert {(one.kept_back_minor, one.points_owed) for one in returned} == {(0, 9)}
    assert shop.balance(member).debt_points == 90


def test_parts_of_a_line_pay_for_missing_points_as_all_of_it_does() -> None:
    """25 points at ten a cent are missing: 0.02 are kept back and 5 owed, however it comes back."""
    kept = []
    for parts in ((2000,), (1000, 1000), (300, 700, 999, 1)):
        shop = Shop()
        rules = GRACE | {"shortfall": Shortfall.CASH, "point_value_points": 10, "spend_unit_points": 10}
        expect(shop.define(**rules), DefineDone)
        member = shop.enrol()
        shop.buy(member, goods(5_00, 2000), number=1)
        adjust(shop, member, 5)
        adjust(shop, member, -30)
        returned = [shop.give_back(1, (1, part)).returned for part in parts]
        kept.append((sum(one.kept_back_minor for one in returned), shop.balance(member).debt_points))
    assert kept == [(2, 5)] * 3


def test_a_receipt_is_answered_again_when_the_programme_would_not_take_its_lines_any_more() -> None:
    """A till without a line sends twice; in between, `brand` was declared to be a text."""
    shop = Shop()
    member = shop.enrol()
    line = Line("boots", 1000, 50_00, LineKind.GOODS, attributes=(("brand", 7),))
    first = shop.buy(member, line, number=1)
    expect(shop.define(attributes=(("brand", AttributeType.TEXT),)), DefineDone)
    again = shop.buy(member, line, number=1)
    assert again.repeated
    assert again.bill == first.bill
    refused = expect(shop.run(purchase(member, line, number=2)), Rejected)
    assert refused.code is Code.ATTRIBUTE_INVALID


def test_an_adjustment_is_answered_again_after_its_window_has_ended() -> None:
    """Its reference counts for ever."""
    shop = Shop()
    member = shop.enrol()
    command = adjustment(member, 100, until_ms=shop.now_ms + DAY_MS)
    assert not expect(shop.run(command), AdjustDone).repeated
    shop.pass_days(2)
    assert expect(shop.run(command), AdjustDone).repeated
