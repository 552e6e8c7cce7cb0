"""Points given and taken by a person: once by their reference, in a fixed order of what is wrong."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty.commands import Wallet, WalletKind
from loyalty.commands.limits import ACCOUNT_MAX_POINTS, POINTS_MAX, SPEND_MAX_LOTS
from loyalty.outcomes import (
    NEVER_MS,
    Account,
    AdjustDone,
    Balance,
    Code,
    DefineDone,
    GetStatementDone,
    Lot,
    Movement,
    Posting,
    Rejected,
)
from tests.loyalty.desk import WHY, adjust, adjustment, merged
from tests.loyalty.kit import DAY_MS, NOON, PHONE, Shop, expect, goods

ANN = "p" + PHONE
BOB = "c2000-1"
PARTNER_POINTS = Wallet(1, "Nordkap", WalletKind.PARTNER, 5, 10)
LOT, DEBT, ISSUER = Account.MEMBER_LOT, Account.MEMBER_DEBT, Account.ISSUER


def opened(**changes: Any) -> Shop:
    """Ann without points, partner 5 and his wallet 1."""
    shop = Shop()
    shop.define(welcome_points=0, wallets=(PARTNER_POINTS,), **changes)
    expect(shop.run(cmd.DefinePartner(5, "Nordkap")), DefineDone)
    shop.enrol()
    return shop


def postings_of(shop: Shop, member: cmd.Who = ANN) -> tuple[Posting, ...]:
    """Of the newest movement."""
    page = expect(shop.ask(cmd.GetStatement(1, member, 1, 0, 0)), GetStatementDone)
    assert (page.items[0].movement, page.items[0].reason) == (Movement.ADJUST, WHY)
    return page.items[0].postings


def test_given_points_are_a_lot_of_their_own() -> None:
    """With its window, priority, wallet and issuer; the books say who owes for it."""
    shop = opened()
    done = adjust(shop, ANN, 70, wallet=1, priority=7, partner=5, until_ms=NOON + DAY_MS)
    assert done.lot == Lot(1, 70, NOON, NOON + DAY_MS, 1, 7)
    assert done.balance == Balance(70, 70, 0, 0)
    assert postings_of(shop) == (Posting(ISSUER, 0, -70, 1, 5), Posting(LOT, 1, 70, 1, 5))
    assert adjust(shop, ANN, 5).lot == Lot(2, 5, NOON, NEVER_MS)
    assert adjust(shop, ANN, 5, from_ms=NOON + 1).balance == Balance(5, 5, 5, 0)


def indebted() -> Shop:
    """Ann owes 40 and has 39: she spent what she earned, and brought back the goods that had earned it."""
    shop = opened(earn_points=1, earn_per_minor=100, earn_delay_days=0)
    shop.buy(ANN, goods(4000), number=1)
    shop.buy(ANN, goods(4000), number=2, spend=40)
    shop.give_back(1, (1, 1000))
    return shop


DEBTS = [  # given, of it paid to the debt of 40, left in a lot, balance beside the 39 of before
    (39, 39, None, Balance(39, 38, 0, 1)),
    (40, 40, None, Balance(39, 39, 0, 0)),
    (41, 40, 1, Balance(40, 40, 0, 0)),
]


@pytest.mark.parametrize(("points", "paid", "rest", "balance"), DEBTS)
def test_a_debt_is_paid_first(points: int, paid: int, rest: int | None, balance: Balance) -> None:
    """As earnings do; a lot is opened for what is left, if anything is."""
    shop = indebted()
    done = adjust(shop, ANN, points)
    assert (done.debt_paid_points, done.lot and done.lot.points, done.balance) == (paid, rest, balance)
    issued = Posting(ISSUER, 0, -points)
    lot = (Posting(LOT, 3, rest),) if rest else ()
    assert postings_of(shop) == (issued, Posting(DEBT, 0, paid), *lot)


def test_points_are_taken_in_spending_order() -> None:
    """Lower priority first, then the soonest end; what has ended or not begun stays. Back to the issuers."""
    shop = opened()
    adjust(shop, ANN, 10)  # lot 1, for ever
    adjust(shop, ANN, 10, until_ms=NOON + 2 * DAY_MS, partner=5)  # lot 2
    adjust(shop, ANN, 10, until_ms=NOON + 1)  # lot 3, has ended when it matters
    adjust(shop, ANN, 10, from_ms=NOON + DAY_MS, until_ms=NOON + 2 * DAY_MS)  # lot 4, to come
    adjust(shop, ANN, 10, priority=1)  # lot 5
    shop.now_ms += 1
    done = adjust(shop, ANN, -25)
    assert [(draw.lot, draw.points) for draw in done.draws] == [(5, 10), (2, 10), (1, 5)]
    assert (done.lot, done.balance) == (None, Balance(5, 5, 10, 0))
    assert postings_of(shop) == (
        *(Posting(LOT, 5, -10), Posting(ISSUER, 0, 10)),
        *(Posting(LOT, 2, -10, 0, 5), Posting(ISSUER, 0, 10, 0, 5)),
        *(Posting(LOT, 1, -5), Posting(ISSUER, 0, 5)),
    )


def test_a_reference_counts_once_for_ever() -> None:
    """The same again changes nothing, however the member is named; anything else is refused."""
    shop = opened()
    ann = shop.enrol_id
    first = expect(shop.run(adjustment(ANN, 30, "t-1")), AdjustDone)
    adjust(shop, ANN, -10)
    again = expect(shop.run(adjustment(ann, 30, "t-1")), AdjustDone)
    assert (again.lot, again.repeated, again.balance) == (first.lot, True, Balance(20, 20, 0, 0))
    shop.enrol("", "2000-1")
    taken = expect(shop.run(adjustment(BOB, 30, "t-1")), Rejected)
    assert (taken.code, taken.field) == (Code.REFERENCE_TAKEN, "reference")
    assert expect(shop.run(adjustment(ANN, 31, "t-1")), Rejected).code is Code.REFERENCE_TAKEN
    assert expect(shop.run(adjustment(ANN, 30, "T-1")), AdjustDone).repeated is False


def test_a_reference_of_a_member_who_was_merged_is_repeated_for_the_other() -> None:
    """It is the same person."""
    shop = opened()
    shop.enrol("", "2000-1")
    expect(shop.run(adjustment(BOB, 30, "t-1")), AdjustDone)
    merged(shop, BOB, ANN)
    for who in (ANN, BOB):
        assert expect(shop.run(adjustment(who, 30, "t-1")), AdjustDone).repeated


REFUSED: list[tuple[dict[str, Any], Code, str]] = [  # what is different, code, field; in their order
    ({"reason": " ", "wallet": 9}, Code.REASON_MISSING, "reason"),
    ({"wallet": 2, "points": 0}, Code.WALLET_UNKNOWN, "wallet"),
    ({"wallet": -1}, Code.WALLET_UNKNOWN, "wallet"),
    ({"reference": "", "points": 0}, Code.ADJUST_OUT_OF_RANGE, "reference"),
    ({"points": 0, "member": 1}, Code.ADJUST_OUT_OF_RANGE, "points"),
    ({"points": POINTS_MAX + 1}, Code.ADJUST_OUT_OF_RANGE, "points"),
    ({"points": -POINTS_MAX - 1}, Code.ADJUST_OUT_OF_RANGE, "points"),
    ({"from_ms": -1}, Code.ADJUST_OUT_OF_RANGE, "from_ms"),
    ({"from_ms": NEVER_MS}, Code.ADJUST_OUT_OF_RANGE, "from_ms"),
    ({"until_ms": NOON}, Code.ADJUST_OUT_OF_RANGE, "until_ms"),  # over already
    ({"from_ms": NOON + 9, "until_ms": NOON + 9}, Code.ADJUST_OUT_OF_RANGE, "until_ms"),
    ({"until_ms": 2**63}, Code.ADJUST_OUT_OF_RANGE, "until_ms"),
    ({"priority": 256}, Code.ADJUST_OUT_OF_RANGE, "priority"),
    ({"priority": -1}, Code.ADJUST_OUT_OF_RANGE, "priority"),
    ({"member": "c-nobody", "partner": 6}, Code.MEMBER_UNKNOWN, "member"),
    ({"member": 2**64 - 1}, Code.MEMBER_UNKNOWN, "member"),
    ({"points": -51, "partner": 6}, Code.BALANCE_TOO_LOW, "points"),  # of 50
    ({"points": -1, "wallet": 1}, Code.BALANCE_TOO_LOW, "points"),
    ({"partner": 6, "reference": "used"}, Code.PARTNER_UNKNOWN, "partner"),
    ({"partner": -1}, Code.PARTNER_UNKNOWN, "partner"),
    ({"points": 51, "reference": "used"}, Code.REFERENCE_TAKEN, "reference"),
]


@pytest.mark.parametrize(("changes", "code", "field"), REFUSED)
def test_what_is_refused(changes: dict[str, Any], code: Code, field: str) -> None:
    """In the order of the codes, with the field, and nothing is changed."""
    shop = opened()
    shop.run(adjustment(ANN, 50, "used"))
    before = dict(shop.state.pairs)
    values: dict[str, Any] = {"member": ANN, "points": 1, "reference": "t-1"} | changes
    refused = expect(shop.run(adjustment(**values)), Rejected)
    assert (refused.code, refused.field) == (code, field)
    assert refused.acceptable
    assert dict(shop.state.pairs) == before


def test_an_account_holds_only_so_much() -> None:
    """Active and to come together; the answer says how much would do."""
    shop = opened()
    for _ in range(ACCOUNT_MAX_POINTS // POINTS_MAX - 1):
        adjust(shop, ANN, POINTS_MAX)
    adjust(shop, ANN, POINTS_MAX - 1, from_ms=NOON + 1)
    refused = expect(shop.run(adjustment(ANN, 2)), Rejected)
    assert (refused.code, refused.acceptable) == (Code.POINTS_TOO_LARGE, "at most 1")
    adjust(shop, ANN, 1)


def test_only_so_many_lots_are_emptied_at_once() -> None:
    """As by one receipt."""
    shop = opened()
    for _ in range(SPEND_MAX_LOTS + 1):
        adjust(shop, ANN, 1)
    refused = expect(shop.run(adjustment(ANN, -SPEND_MAX_LOTS - 1)), Rejected)
    assert (refused.code, refused.field) == (Code.SPEND_TOO_MANY_LOTS, "points")
    adjust(shop, ANN, -SPEND_MAX_LOTS)
