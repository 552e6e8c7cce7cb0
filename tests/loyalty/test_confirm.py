"""Confirming a purchase: refusals in their order, earning, once for ever, quotes that still hold."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty.commands import Line, LineKind, SpendMode
from loyalty.commands.limits import AMOUNT_MAX_MINOR, QUANTITY_MAX_MILLI, SOLD_AHEAD_MAX_MS
from loyalty.outcomes import NEVER_MS, Balance, Code, ConfirmDone, QuoteDone, Rejected
from tests.loyalty.kit import DAY_MS, NOON, PHONE, TODAY, Shop, expect, goods, lots_of, purchase, receipt

MIDNIGHT = NOON + DAY_MS // 2  # tonight, in UTC
ANN = "p" + PHONE
FINE = (goods(10_000),)  # at most 3000 points may pay for it; Ann has 500


def identity(**changes: int) -> cmd.ReceiptId:
    values = {"store": 17, "terminal": 3, "number": 2, "business_day": TODAY}
    return cmd.ReceiptId(**(values | changes))


def confirm(**changes: Any) -> cmd.Confirm:
    """Ann buys; one thing or more is different."""
    fine = purchase(ANN, *FINE, number=2)
    values = {name: getattr(fine, name) for name in cmd.Confirm.__struct_fields__}
    return cmd.Confirm(**(values | changes))


EXACTLY, UP_TO = SpendMode.EXACTLY, SpendMode.UP_TO
REFUSED: list[tuple[dict[str, Any], Code, str]] = [  # what is different, code, field; receipt 1 is confirmed
    ({"receipt": identity(store=0), "lines": ()}, Code.RECEIPT_MALFORMED, "receipt.store"),
    ({"receipt": identity(store=2**32)}, Code.RECEIPT_MALFORMED, "receipt.store"),
    ({"receipt": identity(terminal=0)}, Code.RECEIPT_MALFORMED, "receipt.terminal"),
    ({"receipt": identity(number=0)}, Code.RECEIPT_MALFORMED, "receipt.number"),
    ({"receipt": identity(business_day=20260230)}, Code.RECEIPT_MALFORMED, "receipt.business_day"),
    ({"lines": (), "member": "p+000"}, Code.NO_LINES, "lines"),  # a bad basket before an unknown member
    ({"lines": (goods(1),) * 201}, Code.TOO_MANY_LINES, "lines"),
    ({"lines": (goods(-1), goods(1, 0))}, Code.QUANTITY_OUT_OF_RANGE, "lines[2].quantity_milli"),
    ({"lines": (goods(1, QUANTITY_MAX_MILLI + 1),)}, Code.QUANTITY_OUT_OF_RANGE, "lines[1].quantity_milli"),
    ({"lines": (goods(1), goods(-1))}, Code.AMOUNT_OUT_OF_RANGE, "lines[2].amount_minor"),
    ({"lines": (goods(AMOUNT_MAX_MINOR + 1),)}, Code.AMOUNT_OUT_OF_RANGE, "lines[1].amount_minor"),
    ({"lines": (goods(AMOUNT_MAX_MINOR), goods(1))}, Code.AMOUNT_OUT_OF_RANGE, "lines"),  # together
    ({"spend_mode": EXACTLY, "spend_points": 0}, Code.SPEND_OUT_OF_RANGE, "spend.points"),
    ({"spend_mode": UP_TO, "spend_points": -5}, Code.SPEND_OUT_OF_RANGE, "spend.points"),
    ({"member": "p+000", "receipt": identity(number=1)}, Code.MEMBER_UNKNOWN, "member"),
    (
        {"receipt": identity(number=1), "sold_ms": 1},
        Code.RECEIPT_TAKEN,
        "receipt",
    ),  # before its time is looked at
    ({"sold_ms": NOON - 30 * DAY_MS - 1}, Code.SOLD_TOO_LONG_AGO, "sold_ms"),
    ({"sold_ms": NOON + SOLD_AHEAD_MAX_MS + 1}, Code.SOLD_AHEAD, "sold_ms"),
    ({"receipt": identity(business_day=20261120)}, Code.BUSINESS_DAY_WRONG, "receipt.business_day"),
    ({"receipt": identity(business_day=20261124)}, Code.BUSINESS_DAY_WRONG, "receipt.business_day"),
    ({"offline": True, "spend_mode": UP_TO, "spend_points": 1}, Code.SPEND_OFFLINE, "spend"),
    ({"spend_mode": EXACTLY, "spend_points": 3001}, Code.SPEND_OVER_LIMIT, "spend.points"),
    ({"spend_mode": EXACTLY, "spend_points": 501}, Code.BALANCE_TOO_LOW, "spend.points"),
]


@pytest.mark.parametrize(("changes", "code", "field"), REFUSED)
def test_what_cannot_be_confirmed(changes: dict[str, Any], code: Code, field: str) -> None:
    """One row per reason, in the order of the codes; nothing is written."""
    shop = Shop()
    shop.enrol()
    shop.buy(ANN, number=1)
    before = dict(shop.state.pairs)
    refused = expect(shop.run(confirm(**changes)), Rejected)
    assert (refused.code, refused.field) == (code, field)
    assert refused.acceptable
    assert dict(shop.state.pairs) == before


TAKEN: list[dict[str, Any]] = [  # the nearest thing that is fine
    {"receipt": identity(number=2**64 - 1, store=2**32 - 1, terminal=2**32 - 1)},
    {"lines": (goods(1),) * 200},
    {"lines": (goods(0, 1),)},
    {"lines": (goods(AMOUNT_MAX_MINOR, QUANTITY_MAX_MILLI),)},
    {"sold_ms": NOON - 30 * DAY_MS, "receipt": identity(business_day=20261023)},
    {"sold_ms": NOON + SOLD_AHEAD_MAX_MS},
    {"receipt": identity(business_day=20261121)},
    {"receipt": identity(business_day=20261123)},
    {"offline": True},
    {"spend_mode": EXACTLY, "spend_points": 500},
    {"spend_mode": UP_TO, "spend_points": 10**15},
]


@pytest.mark.parametrize("changes", TAKEN)
def test_what_can_be_confirmed(changes: dict[str, Any]) -> None:
    """The boundaries beside the refusals above."""
    shop = Shop()
    shop.enrol()
    assert not expect(shop.run(confirm(**changes)), ConfirmDone).repeated


def delivery(amount_minor: int) -> Line:
    return Line("courier", 1000, amount_minor, LineKind.DELIVERY)


def gift_card(amount_minor: int) -> Line:
    return Line("gift", 1000, amount_minor, LineKind.GIFT_CARD)


EARNED: list[tuple[tuple[Line, ...], int, list[int]]] = [  # lines, points paid, earned per line; 5 per 100
    ((goods(100),), 0, [5]),
    ((goods(99),), 0, [4]),  # 4.95, rounded down
    ((goods(19),), 0, [0]),  # 0.95
    ((goods(10), goods(10)), 0, [1, 0]),  # 1 on the sum: the receipt is rounded once, not its lines
    ((goods(1000), goods(500)), 0, [50, 25]),
    ((goods(1000),), 300, [35]),  # on what is paid after points
    ((goods(1000), delivery(1000), gift_card(5000)), 0, [50, 0, 0]),  # only goods earn
    ((delivery(1000),), 0, [0]),
]


@pytest.mark.parametrize(("lines", "spend", "earned"), EARNED)
def test_points_earned(lines: tuple[Line, ...], spend: int, earned: list[int]) -> None:
    """Numbers in the open; the parts sum to the receipt's points, which are the lot's."""
    shop = Shop()
    shop.enrol()
    bill = shop.buy(ANN, *lines, spend=spend).bill
    assert [line.earned_points for line in bill.lines] == earned
    assert bill.earned_points == sum(earned)
    assert sum(earning.lot.points for earning in bill.earnings if earning.lot) == sum(earned)


WINDOWS: list[tuple[dict[str, int], int, int]] = [  # rules, begin, end of points earned today at noon
    ({"earn_delay_days": 1, "lot_window_days": 1}, MIDNIGHT, MIDNIGHT + DAY_MS),
    ({"earn_delay_days": 14, "lot_window_days": 30}, MIDNIGHT + 13 * DAY_MS, MIDNIGHT + 43 * DAY_MS),
    ({"earn_delay_days": 0, "lot_window_days": 1}, NOON, MIDNIGHT),  # the rest of today
    ({"earn_delay_days": 1, "lot_window_days": 0}, MIDNIGHT, NEVER_MS),
]


@pytest.mark.parametrize(("rules", "from_ms", "until_ms"), WINDOWS)
def test_the_window_of_points_earned(rules: dict[str, int], from_ms: int, until_ms: int) -> None:
    """Active from the first instant of it, no more at the end; the balance says so at both ends."""
    shop = Shop()
    shop.define(welcome_points=0, **rules)
    member = shop.enrol()
    lot = shop.buy(ANN).bill.earnings[0].lot
    assert lot is not None
    assert (lot.active_from_ms, lot.active_until_ms) == (from_ms, until_ms)
    instants = [(from_ms - 1, 0), (from_ms, 500), (until_ms - 1, 500), (until_ms, 0)]
    for now_ms, active in instants:
        if NOON <= now_ms < NEVER_MS:
            shop.now_ms = now_ms
            assert shop.balance(member).active_points == active


def test_days_end_at_the_store_s_midnight() -> None:
    """In Taipei it is evening at noon UTC; the business day is the store's."""
    shop = Shop()
    shop.enrol()
    shop.run(cmd.DefineStore(17, "Taipei", ((0, 8 * 3600),)))
    lot = shop.buy(ANN).bill.earnings[0].lot
    assert lot is not None
    assert lot.active_from_ms == MIDNIGHT - 8 * 3_600_000


def test_a_late_receipt_earns_as_of_its_own_day() -> None:
    """Sold ten days ago with points for five: they have ended, and count nowhere."""
    shop = Shop()
    shop.define(welcome_points=0, lot_window_days=5)
    member = shop.enrol()
    bought = shop.buy(ANN, day=20261112, sold_ms=NOON - 10 * DAY_MS)
    assert bought.bill.earned_points == 500
    assert bought.balance == shop.balance(member) == Balance(0, 0, 0, 0)


def test_a_receipt_counts_once_for_ever() -> None:
    """The same receipt again, whatever the request id: the same bill, and not a byte changes."""
    shop = Shop()
    shop.enrol()
    first = shop.buy(ANN, goods(8990), goods(333, 1234), number=1, spend=400)
    before = dict(shop.state.pairs)
    shop.pass_days(400)  # also when it is too old to be taken anew
    again = expect(shop.run(purchase(ANN, goods(8990), goods(333, 1234), number=1, spend=400)), ConfirmDone)
    assert again.repeated
    assert again.bill == first.bill
    assert dict(shop.state.pairs) == before


OTHERS: list[cmd.Confirm] = [  # receipt 1 again, but different
    purchase(ANN, goods(8991), number=1, spend=400),
    purchase(ANN, goods(8990), goods(0), number=1, spend=400),
    purchase(ANN, goods(8990, 2000), number=1, spend=400),
    purchase(ANN, goods(8990, sku="boots"), number=1, spend=400),
    purchase(ANN, goods(8990), number=1, spend=399),
    purchase(ANN, goods(8990), number=1),
    purchase(ANN, goods(8990), number=1, spend=400, mode=UP_TO),
    purchase(ANN, goods(8990), number=1, spend=400, sold_ms=NOON),
    purchase("c2000-2", goods(8990), number=1, spend=400),  # another member
]


@pytest.mark.parametrize("other", OTHERS)
def test_a_receipt_s_identity_is_not_used_twice(other: cmd.Confirm) -> None:
    """Another basket, wish or member under a known identity is refused."""
    shop = Shop()
    shop.enrol()
    shop.enrol("", "2000-2")
    shop.buy(ANN, goods(8990), number=1, spend=400)
    assert expect(shop.run(other), Rejected).code is Code.RECEIPT_TAKEN


def test_a_return_s_identity_is_no_receipt() -> None:
    """Receipts and returns share one name space: the till's numbers."""
    shop = Shop()
    shop.enrol()
    shop.buy(ANN, number=1)
    shop.give_back(1, (1, 1000), number=5)
    other = purchase(ANN, number=5, store=18)
    assert expect(shop.run(other), Rejected).code is Code.RECEIPT_TAKEN


def quote(shop: Shop, *lines: Line, spend: int = 0, mode: SpendMode = UP_TO) -> QuoteDone:
    wish = mode if spend else SpendMode.NONE
    return expect(shop.ask(cmd.Quote(1, ANN, 17, TODAY, lines or FINE, spend, wish)), QuoteDone)


def test_a_quote_is_what_the_confirm_will_do() -> None:
    """Bill and digest; the quote itself stores nothing, and says how much could be spent at most."""
    shop = Shop()
    shop.enrol()
    before = dict(shop.state.pairs)
    quoted = quote(shop, goods(1000), goods(700), spend=400)
    assert dict(shop.state.pairs) == before
    assert quoted.most_points == 500  # the limit would be 510
    bought = shop.buy(ANN, goods(1000), goods(700), spend=400, mode=UP_TO, digest=quoted.quote_digest)
    assert bought.bill == quoted.bill


def test_with_points_at_once_a_quote_holds_although_time_passes() -> None:
    """The instant at which points begin is not part of what the customer was told."""
    shop = Shop()
    shop.define(earn_delay_days=0)
    shop.enrol()
    quoted = quote(shop, spend=100)
    shop.now_ms += 5000
    shop.buy(ANN, *FINE, spend=100, mode=UP_TO, digest=quoted.quote_digest)


def test_a_quote_that_no_longer_holds_changes_nothing_and_answers_the_new_one() -> None:
    """Until the till says that the customer accepts it, or quotes again."""
    shop = Shop()
    shop.enrol()
    old = quote(shop, spend=500)
    shop.buy(ANN, spend=300, number=7)  # the other till was faster
    before = dict(shop.state.pairs)
    wish = purchase(ANN, *FINE, number=8, spend=500, mode=UP_TO, digest=old.quote_digest)
    refused = expect(shop.run(wish), Rejected)
    assert refused.code is Code.QUOTE_CHANGED
    assert refused.new_quote == quote(shop, spend=500)
    assert refused.new_quote.bill.spent_points == 200
    assert dict(shop.state.pairs) == before
    accepted = purchase(ANN, *FINE, number=8, spend=500, mode=UP_TO, digest=old.quote_digest, accept=True)
    assert expect(shop.run(accepted), ConfirmDone).bill == refused.new_quote.bill


SOCKS = goods(500, sku="socks")
CHANGED: list[tuple[str, tuple[Line, ...], int]] = [  # what changed, lines, points
    ("socks", (*FINE, SOCKS), 100),
    ("quantity", (goods(10_000, 2000),), 100),
    ("price", (goods(10_001),), 100),
    ("points", FINE, 101),
]


@pytest.mark.parametrize(("_what", "lines", "spend"), CHANGED)
def test_a_quote_is_for_one_basket(_what: str, lines: tuple[Line, ...], spend: int) -> None:
    """Add the socks, and everything is recounted."""
    shop = Shop()
    shop.enrol()
    digest = quote(shop, spend=100).quote_digest
    wish = purchase(ANN, *lines, spend=spend, mode=UP_TO, digest=digest)
    assert expect(shop.run(wish), Rejected).code is Code.QUOTE_CHANGED


def test_new_rules_change_a_quote() -> None:
    """The version of the programme is part of what the customer was told."""
    shop = Shop()
    shop.enrol()
    digest = quote(shop).quote_digest
    shop.define()
    assert expect(shop.run(purchase(ANN, digest=digest)), Rejected).code is Code.QUOTE_CHANGED


def test_a_quote_takes_the_store_s_date_when_none_is_given() -> None:
    """And refuses one that the calendar does not have."""
    shop = Shop()
    shop.enrol()
    given = cmd.Quote(1, ANN, 17, TODAY, FINE, 0, SpendMode.NONE)
    today = cmd.Quote(1, ANN, 17, 0, FINE, 0, SpendMode.NONE)
    assert shop.ask(given) == shop.ask(today)
    wrong = cmd.Quote(1, ANN, 17, 20260230, FINE, 0, SpendMode.NONE)
    assert expect(shop.ask(wrong), Rejected).code is Code.RECEIPT_MALFORMED


def test_the_lot_tells_where_it_comes_from() -> None:
    """Origin and rules version are kept with the points."""
    shop = Shop()
    shop.define(welcome_points=0)
    member = shop.enrol()
    shop.buy(ANN, number=9)
    ((_, held),) = lots_of(shop.state, member)
    assert held.origin == receipt(9)
    assert held.programme_version == 1


def test_a_quote_is_one_members() -> None:
    """Another who has the same points was told the same numbers, but it was not him who was told."""
    shop = Shop()
    ann, bob = shop.enrol(), shop.enrol("+886912345679")
    mine, his = [
        expect(shop.ask(cmd.Quote(1, who, 17, 0, FINE, 100, UP_TO)), QuoteDone) for who in (ann, bob)
    ]
    assert mine.bill == his.bill
    refused = expect(
        shop.run(purchase(bob, *FINE, spend=100, mode=UP_TO, digest=mine.quote_digest)), Rejected
    )
    assert refused.code is Code.QUOTE_CHANGED
    shop.buy(bob, *FINE, spend=100, mode=UP_TO, digest=his.quote_digest)
