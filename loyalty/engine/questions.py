"""What is asked about members: who it is, how many points, what happened, what stands behind a receipt.

A question runs on changes that are thrown away, so that what is due by time alone is in the answer.
"""

from typing import Final

from loyalty.commands import WALLET_BONUS, FindMember, GetBalance, GetReceipt, GetStatement
from loyalty.commands import limits as lim
from loyalty.engine import baskets, buyers, keys, lots, members, programmes, purses, records, tiers
from loyalty.engine.calendar import DAY_MS, day_at, print_day
from loyalty.engine.plans import Buyer
from loyalty.engine.records import Held, Receipt, Return
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import (
    AnyBooked,
    AnyOutcome,
    Code,
    Ending,
    FindMemberDone,
    GetBalanceDone,
    GetReceiptDone,
    GetStatementDone,
    HeldOrder,
    HoldState,
    Lot,
    Purchase,
    Rejected,
    ServiceUse,
    Standing,
    StatementItem,
    WalletBalance,
)
from loyalty.outcomes import Return as ReturnBooked

_SEQ_MAX: Final = 2**56 - 1  # a place is a seq and one byte more, in 64 bits


def find_member(state: Writer, entry: Entry, query: FindMember) -> AnyOutcome:
    """Who it is, with what he has and may."""
    buyer = buyers.find(state, entry, query.member)
    if isinstance(buyer, Rejected):
        return buyer
    member = buyer.member
    return FindMemberDone(
        buyer.member_id,
        member.phone,
        member.cards,
        member.enrolled_ms,
        purses.balance(member),
        member.externals,
        members.profile_of(state, buyer.tenant, buyer.member_id),
        member.status,
        _merged_into(state, buyer, query.member),
        _wallets(buyer),
        _standing(state, buyer),
    )


def get_balance(state: Writer, entry: Entry, query: GetBalance) -> AnyOutcome:
    """What is active, to come, owed, and what ends soon."""
    buyer = buyers.find(state, entry, query.member)
    if isinstance(buyer, Rejected):
        return buyer
    ending, cut = _ending_soon(state, buyer)
    listed = tuple([Ending(until_ms, points) for until_ms, points in ending[: lim.ENDING_MAX_INSTANTS]])
    return GetBalanceDone(
        buyer.member_id,
        purses.balance(buyer.member),
        listed,
        sum([points for _, points in ending]),
        cut or len(ending) > lim.ENDING_MAX_INSTANTS,
        _wallets(buyer),
        _standing(state, buyer),
        buyer.member.status,
        _merged_into(state, buyer, query.member),
        _purposed(state, buyer),
    )


def _merged_into(state: Reader, buyer: Buyer, who: int | str) -> int:
    """The member's id, if he was asked for by that of one who was merged into him."""
    return 0 if members.find_id(state, buyer.tenant, who) == buyer.member_id else buyer.member_id


def _wallets(buyer: Buyer) -> tuple[WalletBalance, ...]:
    """Of the further wallets, those that he ever had points in."""
    wallets = [purse.wallet for purse in buyer.member.purses if purse.wallet != WALLET_BONUS]
    return tuple([WalletBalance(wallet, purses.balance(buyer.member, wallet)) for wallet in wallets])


def _standing(state: Reader, buyer: Buyer) -> Standing | None:
    """His tier today, by the days of the store where he enrolled."""
    rules, turnover = buyer.programme.rules, buyer.member.turnover
    if not rules.tiers:
        return None
    day = day_at(programmes.zone_of(state, buyer.tenant, buyer.member.store), buyer.member.as_of_ms)
    above = tiers.next_tier(rules, turnover, day)
    lost_day = tiers.held_until_day(rules, turnover, day)
    return Standing(
        rules.tiers[tiers.tier_at(rules, turnover, day)].name,
        tiers.counting_minor(rules, turnover, day),
        "" if above is None else above.name,
        0 if above is None else above.missing_minor,
        0 if lost_day is None else print_day(lost_day - 1),
    )


def _purposed(state: Reader, buyer: Buyer) -> tuple[Lot, ...]:
    """Active lots that pay for some goods only, in spending order, wallet by wallet."""
    found: list[Lot] = []
    for purse in buyer.member.purses:
        payers = lots.find_purposed(state, buyer.tenant, buyer.member_id, buyer.member, purse)
        found += [payer.draw for payer in payers]
    return tuple([lot for lot in found if lot.active_from_ms <= buyer.member.as_of_ms])


def _ending_soon(state: Reader, buyer: Buyer) -> tuple[list[tuple[int, int]], bool]:
    """Active bonus points by the end of their window, soonest first; and whether there is more."""
    now_ms = buyer.member.as_of_ms
    horizon_ms = now_ms + buyer.programme.rules.ending_soon_days * DAY_MS
    where = (buyer.tenant, buyer.member_id, keys.WITH_POINTS, WALLET_BONUS)
    purse = purses.find(buyer.member, WALLET_BONUS)
    sums: dict[int, int] = {}
    left = lim.ENDING_MAX_LOTS
    for priority in purse.priorities if purse else ():
        page = state.scan(*keys.lots_between(*where, priority, now_ms, horizon_ms), left + 1)
        for key, value in page[:left]:
            _, from_ms, until_ms = keys.read_window(key)
            if from_ms <= now_ms:
                sums[until_ms] = sums.get(until_ms, 0) + records.held_lot(value).points
        if len(page) > left:
            return sorted(sums.items()), True
        left -= len(page)
    return sorted(sums.items()), False


def get_statement(state: Writer, entry: Entry, query: GetStatement) -> AnyOutcome:
    """One page of movements, newest first. Nothing due is done: what has not happened is in no statement."""
    if programmes.in_force(state, query.programme) is None:
        return programmes.UNKNOWN
    member_id = members.find_id(state, query.programme, query.member)
    if member_id is None or state.get(keys.of_member(query.programme, member_id, b"M")) is None:
        return members.UNKNOWN
    size = min(max(query.page_size, 1), lim.PAGE_MAX_ITEMS)
    as_of_seq = query.as_of_seq if 0 < query.as_of_seq <= _SEQ_MAX else 0
    newest = (as_of_seq or _SEQ_MAX) * keys.ITEMS_OF_ENTRY + keys.ITEMS_OF_ENTRY - 1
    if 0 < query.before_seq <= newest:
        newest = query.before_seq - 1
    prefix = keys.of_member(query.programme, member_id, b"S")
    page = state.scan(prefix + keys.newest_first(newest), prefix + b"\xff" * 10, size + 1)
    items = tuple([_item(key, value) for key, value in page[:size]])
    next_before_seq = keys.read_place(page[size - 1][0]) if len(page) > size else 0
    return GetStatementDone(member_id, items, next_before_seq, as_of_seq)


def _item(key: bytes, value: bytes) -> StatementItem:
    item = records.item(value)
    return StatementItem(
        keys.read_place(key) // keys.ITEMS_OF_ENTRY,
        item.time_ms,
        item.movement,
        item.receipt,
        item.returned_receipt,
        item.points,
        item.postings,
        item.actor,
        item.reason,
    )


def get_receipt(state: Writer, entry: Entry, query: GetReceipt) -> AnyOutcome:
    """What stands behind an identity of a receipt, return, hold or use."""
    if programmes.in_force(state, query.programme) is None:
        return programmes.UNKNOWN
    refused = baskets.check_receipt(query.receipt, "receipt")
    if refused is not None:
        return refused
    value = state.get(keys.identity(query.programme, query.receipt))
    if value is None:
        return Rejected(Code.RECEIPT_UNKNOWN, "receipt", "an identity that something was booked under")
    return GetReceiptDone(_booked(query, records.taken(value), entry.time_ms))


def _booked(query: GetReceipt, taken: Receipt | Return | Held | records.ServiceUse, now_ms: int) -> AnyBooked:
    name, who, when = query.receipt, taken.member_id, (taken.seq, taken.time_ms, taken.actor)
    if isinstance(taken, Return):
        return ReturnBooked(who, name, taken.receipt, taken.returned, *when)
    if isinstance(taken, records.ServiceUse):
        return ServiceUse(who, name, taken.service, taken.times, *when)
    if isinstance(taken, Held):
        is_over = taken.hold is HoldState.OPEN and taken.until_ms <= now_ms  # and nobody has looked since
        hold = HoldState.ENDED if is_over else taken.hold
        return HeldOrder(who, name, taken.asked.lines, taken.bill, taken.until_ms, hold, *when)
    return Purchase(
        who,
        name,
        taken.sold_ms or taken.time_ms,
        taken.asked.lines,
        taken.bill,
        taken.returned_milli,
        taken.asked.tenders,
        taken.offline,
        taken.voided,
        *when,
    )
