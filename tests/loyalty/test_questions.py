"""Balance and statement: what ends soon, pages that stay put, and programmes and stores as published."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty.commands.limits import ENDING_MAX_INSTANTS, ENDING_MAX_LOTS
from loyalty.outcomes import (
    Code,
    DefineDone,
    Ending,
    GetBalanceDone,
    GetProgrammeDone,
    GetStatementDone,
    GetStoreDone,
    Rejected,
)
from tests.loyalty.history import rules
from tests.loyalty.kit import DAY_MS, NOON, PHONE, Shop, expect, goods

ANN = "p" + PHONE
MIDNIGHT = NOON + DAY_MS // 2


def buy_on_days(shop: Shop, days: range) -> None:
    """A lot of 10 points a day."""
    for day in days:
        shop.now_ms = NOON + day * DAY_MS
        shop.run(
            cmd.Confirm(
                cmd.ReceiptId(17, 3, 1000 + day, 20261101 + day),
                ANN,
                0,
                (goods(200),),
                0,
                cmd.SpendMode.NONE,
                b"",
                False,
                False,
            )
        )


def test_what_ends_soon() -> None:
    """Active points by their end, those of one end together; not what has not begun or ends later."""
    shop = Shop()
    shop.define(
        welcome_points=70, welcome_window_days=3, earn_delay_days=0, lot_window_days=3, ending_soon_days=3
    )
    shop.enrol()
    shop.buy(ANN, goods(200), number=1)
    shop.buy(ANN, goods(400), number=2)
    shop.define(earn_delay_days=1, lot_window_days=1, ending_soon_days=3)
    shop.buy(ANN, goods(1000), number=3)  # begins at midnight
    shop.define(lot_window_days=4, earn_delay_days=0, ending_soon_days=3)
    shop.buy(ANN, goods(1000), number=4)  # ends on the fourth midnight, 84 hours from now
    answer = expect(shop.ask(cmd.GetBalance(1, ANN)), GetBalanceDone)
    assert answer.balance.active_points == 70 + 10 + 20 + 50
    assert answer.ending_soon == (Ending(MIDNIGHT + 2 * DAY_MS, 100),)
    assert (answer.ending_soon_points, answer.ending_soon_cut) == (100, False)


HORIZON = [  # days looked ahead, points ending
    (0, 0),
    (1, 500),  # ends in exactly one day
]


@pytest.mark.parametrize(("days", "points"), HORIZON)
def test_soon_includes_its_last_instant(days: int, points: int) -> None:
    """A window that ends exactly at the horizon ends soon."""
    shop = Shop(now_ms=MIDNIGHT)
    shop.define(welcome_window_days=1, ending_soon_days=days)
    shop.enrol()
    assert expect(shop.ask(cmd.GetBalance(1, ANN)), GetBalanceDone).ending_soon_points == points


def test_a_long_list_of_what_ends_soon_is_cut_and_says_so() -> None:
    """By instants listed, and by lots looked at; the sum is over what was looked at."""
    shop = Shop()
    shop.define(welcome_points=0, earn_delay_days=0, lot_window_days=300, ending_soon_days=366)
    shop.enrol()
    for number in range(ENDING_MAX_INSTANTS + 1):
        shop.define(welcome_points=0, earn_delay_days=0, lot_window_days=100 + number, ending_soon_days=366)
        shop.buy(ANN, goods(200), number=1000 + number)
    answer = expect(shop.ask(cmd.GetBalance(1, ANN)), GetBalanceDone)
    assert (len(answer.ending_soon), answer.ending_soon_cut) == (ENDING_MAX_INSTANTS, True)
    assert answer.ending_soon_points == answer.balance.active_points

    shop.define(welcome_points=0, earn_delay_days=0, lot_window_days=1, ending_soon_days=366)
    for number in range(ENDING_MAX_LOTS):
        shop.buy(ANN, goods(200), number=2000 + number)
    answer = expect(shop.ask(cmd.GetBalance(1, ANN)), GetBalanceDone)
    assert (answer.ending_soon, answer.ending_soon_cut) == ((Ending(MIDNIGHT, 10 * ENDING_MAX_LOTS),), True)
    assert answer.balance.active_points == 10 * (ENDING_MAX_LOTS + ENDING_MAX_INSTANTS + 1)


def pages(shop: Shop, size: int, as_of_seq: int = 0) -> list[list[int]]:
    """Seqs of all items, page by page, as a client walks them."""
    found: list[list[int]] = []
    before_seq = -1
    while before_seq:
        query = cmd.GetStatement(1, ANN, size, max(before_seq, 0), as_of_seq)
        page = expect(shop.ask(query), GetStatementDone)
        found.append([item.seq for item in page.items])
        before_seq = page.next_before_seq
    return found


PAGES = [  # items per page, as of, pages        items have seqs 1 (enrolment) to 5
    (2, 0, [[5, 4], [3, 2], [1]]),
    (5, 0, [[5, 4, 3, 2, 1]]),
    (200, 0, [[5, 4, 3, 2, 1]]),
    (1, 2, [[2], [1]]),
    (2, 5, [[5, 4], [3, 2], [1]]),
    (2, 999, [[5, 4], [3, 2], [1]]),
]


@pytest.mark.parametrize(("size", "as_of_seq", "seqs"), PAGES)
def test_a_statement_in_pages_newest_first(size: int, as_of_seq: int, seqs: list[list[int]]) -> None:
    """Every item once; with `as_of_seq` only what had happened then."""
    shop = Shop()
    shop.enrol()
    for number in range(1, 5):
        shop.buy(ANN, number=number)
    assert pages(shop, size, as_of_seq) == seqs


def test_pages_stay_put_while_the_member_buys() -> None:
    """What comes after the first page does not move the next."""
    shop = Shop()
    shop.enrol()
    for number in range(1, 5):
        shop.buy(ANN, number=number)
    first = expect(shop.ask(cmd.GetStatement(1, ANN, 2, 0, 5)), GetStatementDone)
    shop.buy(ANN, number=9)
    then = expect(shop.ask(cmd.GetStatement(1, ANN, 2, first.next_before_seq, 5)), GetStatementDone)
    assert [item.seq for item in (*first.items, *then.items)] == [5, 4, 3, 2]


def test_a_statement_tells_who_asked() -> None:
    """The actor of the entry stays with the movement."""
    shop = Shop()
    shop.enrol()
    (item,) = expect(shop.ask(cmd.GetStatement(1, ANN, 9, 0, 0)), GetStatementDone).items
    assert (item.actor, item.time_ms, item.seq) == (b"till-3", NOON, 1)


BAD_RULES: list[tuple[dict[str, Any], str]] = [  # what is different, field
    ({"currency": "eur"}, "rules.currency"),
    ({"currency": "EURO", "earn_points": -1}, "rules.currency"),  # in the order of the fields
    ({"earn_points": -1}, "rules.earn_points"),
    ({"earn_per_minor": 0}, "rules.earn_per_minor"),
    ({"earn_delay_days": 367}, "rules.earn_delay_days"),
    ({"lot_window_days": 36_501}, "rules.lot_window_days"),
    ({"point_value_minor": 0}, "rules.point_value_minor"),
    ({"point_value_points": 0}, "rules.point_value_points"),
    ({"spend_unit_points": 0}, "rules.spend_unit_points"),
    ({"line_limit_basis_points": 10_001}, "rules.line_limit_basis_points"),
    ({"receipt_limit_basis_points": -1}, "rules.receipt_limit_basis_points"),
    ({"welcome_points": 10**15 + 1}, "rules.welcome_points"),
    ({"welcome_window_days": -1}, "rules.welcome_window_days"),
    ({"late_receipt_max_days": 3651}, "rules.late_receipt_max_days"),
    ({"ending_soon_days": 367}, "rules.ending_soon_days"),
    ({"point_value_points": 10, "spend_unit_points": 5}, "rules.spend_unit_points"),  # half a cent
    ({"point_value_points": 6, "point_value_minor": 4, "spend_unit_points": 4}, "rules.spend_unit_points"),
]


@pytest.mark.parametrize(("changes", "field"), BAD_RULES)
def test_a_programme_that_contradicts_itself(changes: dict[str, Any], field: str) -> None:
    """Refused, with the field and what would be right; the rules in force stay."""
    shop = Shop()
    refused = expect(shop.run(cmd.DefineProgramme(rules(**changes))), Rejected)
    assert (refused.code, refused.field) == (Code.PROGRAMME_INVALID, field)
    assert refused.acceptable
    assert expect(shop.ask(cmd.GetProgramme(1)), GetProgrammeDone).version == 0


def test_programmes_have_versions() -> None:
    """The built-in one is 0; each published one is the next; another programme starts at 1."""
    shop = Shop()
    assert expect(shop.define(earn_points=6), DefineDone).version == 1
    assert expect(shop.define(earn_points=7), DefineDone).version == 2
    found = expect(shop.ask(cmd.GetProgramme(1)), GetProgrammeDone)
    assert (found.version, found.rules.earn_points) == (2, 7)
    assert expect(shop.ask(cmd.GetProgramme(2)), Rejected).code is Code.PROGRAMME_UNKNOWN
    shop.tenant = 2
    assert expect(shop.define(), DefineDone).version == 1


BAD_STORES: list[tuple[cmd.DefineStore, str]] = [
    (cmd.DefineStore(0, "x", ((0, 0),)), "store.store"),
    (cmd.DefineStore(2**32, "x", ((0, 0),)), "store.store"),
    (cmd.DefineStore(1, "x", ()), "store.zone"),
    (cmd.DefineStore(1, "x", tuple((at, 0) for at in range(129))), "store.zone"),
    (cmd.DefineStore(1, "x", ((5, 0),)), "store.zone[1].from_ms"),
    (cmd.DefineStore(1, "x", ((0, 0), (9, 0), (9, 0))), "store.zone[3].from_ms"),
    (cmd.DefineStore(1, "x", ((0, 0), (9, 64_801))), "store.zone[2].offset_s"),
]


@pytest.mark.parametrize(("command", "field"), BAD_STORES)
def test_a_store_that_cannot_be(command: cmd.DefineStore, field: str) -> None:
    """Refused, and not found afterwards."""
    shop = Shop()
    refused = expect(shop.run(command), Rejected)
    assert (refused.code, refused.field) == (Code.STORE_INVALID, field)
    assert expect(shop.ask(cmd.GetStore(1, command.store)), Rejected).code is Code.STORE_UNKNOWN


def test_stores_are_registered_and_changed() -> None:
    """With the zone as it was given."""
    shop = Shop()
    zone = ((0, 3600), (NOON, 7200))
    assert expect(shop.run(cmd.DefineStore(17, "Main street", zone)), DefineDone).version == 1
    assert expect(shop.run(cmd.DefineStore(17, "High street", zone)), DefineDone).version == 2
    found = expect(shop.ask(cmd.GetStore(1, 17)), GetStoreDone)
    assert (found.version, found.store, found.name, found.zone) == (2, 17, "High street", zone)


def test_a_programme_may_insist_on_registered_stores() -> None:
    """For purchases, quotes and returns."""
    shop = Shop()
    shop.enrol()
    shop.buy(ANN, number=1)
    shop.define(unknown_store=cmd.UnknownStore.REJECT)
    quote = cmd.Quote(1, ANN, 17, 0, (goods(1),), 0, cmd.SpendMode.NONE)
    back = cmd.ReturnLines(
        cmd.ReceiptId(18, 1, 1, 20261122), cmd.ReceiptId(17, 3, 1, 20261122), (cmd.ReturnLine(1, 1000),)
    )
    sold = cmd.Confirm(
        cmd.ReceiptId(17, 3, 2, 20261122), ANN, 0, (goods(1),), 0, cmd.SpendMode.NONE, b"", False, False
    )
    answers = [shop.ask(quote), shop.run(back), shop.run(sold)]
    assert [expect(answer, Rejected).code for answer in answers] == [Code.STORE_UNKNOWN] * 3
