"""Balance and statement: what is read of a member, in bounded pages."""

from loyalty.commands import GetBalance, GetStatement
from loyalty.commands import limits as lim
from loyalty.engine import keys, lots, pricing, records
from loyalty.engine.calendar import DAY_MS
from loyalty.engine.pricing import Buyer
from loyalty.engine.state import Reader
from loyalty.outcomes import (
    AnyOutcome,
    Ending,
    GetBalanceDone,
    GetStatementDone,
    Rejected,
    StatementItem,
)


def get_balance(state: Reader, at_ms: int, query: GetBalance) -> AnyOutcome:
    """What is active, to come, owed, and what ends soon."""
    buyer = pricing.find_buyer(state, query.programme, query.member, at_ms)
    if isinstance(buyer, Rejected):
        return buyer
    ending, cut = _ending_soon(state, buyer)
    soon_points = sum(points for _, points in ending)
    listed = tuple(Ending(until_ms, points) for until_ms, points in ending[: lim.ENDING_MAX_INSTANTS])
    return GetBalanceDone(
        buyer.member_id,
        lots.balance(buyer.member),
        listed,
        soon_points,
        cut or len(ending) > lim.ENDING_MAX_INSTANTS,
    )


def _ending_soon(state: Reader, buyer: Buyer) -> tuple[list[tuple[int, int]], bool]:
    """Active points by the end of their window, soonest first; and whether there is more."""
    now_ms = buyer.member.as_of_ms
    horizon_ms = now_ms + buyer.programme.rules.ending_soon_days * DAY_MS
    prefix = keys.of_member(buyer.tenant, buyer.member_id, b"L")
    start, stop = prefix + keys.ends_from(now_ms + 1), prefix + keys.ends_from(horizon_ms + 1)
    page = state.scan(start, stop, lim.ENDING_MAX_LOTS + 1)
    ending: list[tuple[int, int]] = []
    for key, value in page[: lim.ENDING_MAX_LOTS]:
        _, from_ms, until_ms = keys.read_window(key)
        if from_ms > now_ms:
            continue
        points = records.held_lot(value).points
        if ending and ending[-1][0] == until_ms:
            points += ending.pop()[1]
        ending.append((until_ms, points))
    return ending, len(page) > lim.ENDING_MAX_LOTS


def get_statement(state: Reader, at_ms: int, query: GetStatement) -> AnyOutcome:
    """One page of movements, newest first."""
    buyer = pricing.find_buyer(state, query.programme, query.member, at_ms)
    if isinstance(buyer, Rejected):
        return buyer
    size = min(max(query.page_size, 1), lim.PAGE_MAX_ITEMS)
    newest = 2**64 - 1
    if 0 < query.before_seq <= newest:
        newest = query.before_seq - 1
    if 0 < query.as_of_seq < newest:
        newest = query.as_of_seq
    prefix = keys.of_member(buyer.tenant, buyer.member_id, b"S")
    page = state.scan(prefix + keys.newest_first(newest), prefix + b"\xff" * 9, size + 1)
    items = tuple(_item(key, value) for key, value in page[:size])
    next_before_seq = items[-1].seq if len(page) > size else 0
    as_of_seq = query.as_of_seq if 0 < query.as_of_seq < 2**64 else 0
    return GetStatementDone(buyer.member_id, items, next_before_seq, as_of_seq)


def _item(key: bytes, value: bytes) -> StatementItem:
    item = records.item(value)
    return StatementItem(
        keys.read_seq(key),
        item.time_ms,
        item.movement,
        item.receipt,
        item.returned_receipt,
        item.points,
        item.postings,
        item.actor,
    )
