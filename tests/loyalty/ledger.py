"""A recount of everything that a state holds, written apart from the engine's own sums.

Each function counts one thing from the lots, receipts and statements alone and compares it with what is kept.
`check` does all of them.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from loyalty.commands import ReceiptId, Status
from loyalty.commands.places import RECEIPT_KEY_BYTES, card_token, external_token, member_slot, phone_token
from loyalty.engine import keys, records
from loyalty.engine.lots import NEVER_DAY
from loyalty.engine.records import Held, HeldLot, Item, Member, Receipt
from loyalty.outcomes import NEVER_MS, Account, HoldState, Lot
from tests.loyalty.kit import DAY_MS, DictState, Shop

TENANT: Final = 1


def check(shop: Shop) -> None:
    """Everything of one programme's state."""
    state = shop.state
    members = members_of(state)
    check_postings(state, members)
    check_accounts(state, members)
    check_sums(state, members, shop.now_ms)
    check_outstanding(state, members)
    check_usage(state)
    check_coupons(state)
    check_names(state, members)


def of_type(state: DictState, letter: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Pairs whose key is of a type, for those that are no member's own."""
    return ((key, value) for key, value in state.pairs.items() if key[4:5] == letter)


def members_of(state: DictState) -> dict[int, Member]:
    """Everybody, merged ones too."""
    return {
        int.from_bytes(key[5:13]): records.member(value)
        for key, value in of_type(state, b"M")
        if key[13:] == b"M"
    }


def own(state: DictState, member_id: int, letter: bytes) -> Iterator[tuple[bytes, bytes]]:
    """A member's own pairs of a type."""
    prefix = keys.of_member(TENANT, member_id, letter)
    return ((key, state.pairs[key]) for key in state.pairs.irange(prefix, prefix + b"\xff" * 40))


def lots_of(state: DictState, member_id: int) -> list[tuple[Lot, HeldLot]]:
    """All lots of a member; none is below zero, and empty ones lie apart."""
    found = []
    for letter in (b"L", b"Q", b"E"):
        for key, value in own(state, member_id, letter):
            held = records.held_lot(value)
            assert (held.points > 0) == (letter != b"E"), (letter, held)
            assert held.points >= 0 <= held.missing_points, held
            if letter != b"E":
                assert (held.purpose is not None) == (letter == b"Q")
            found.append((keys.read_lot(key, held.points), held))
    numbers = [lot.lot for lot, _ in found]
    assert len(set(numbers)) == len(numbers)
    return found


def items_of(state: DictState, member_id: int) -> list[Item]:
    """A member's statement."""
    return [records.item(value) for _, value in own(state, member_id, b"S")]


def booked(state: DictState) -> list[tuple[ReceiptId, Any]]:
    """What stands behind every identity."""
    return [(_identity(key), records.taken(value)) for key, value in of_type(state, b"I")]


def _identity(key: bytes) -> ReceiptId:
    name = key[5 : 5 + RECEIPT_KEY_BYTES]
    parts = (name[:4], name[4:8], name[8:16], name[16:])
    return ReceiptId(*[int.from_bytes(part) for part in parts])


def check_postings(state: DictState, members: dict[int, Member]) -> None:
    """Every movement sums to zero, per wallet and per currency; its points are those of wallet 0."""
    for member_id in members:
        for item in items_of(state, member_id):
            sums: Counter[tuple[str, object]] = Counter()
            points = 0
            for posting in item.postings:
                sums["points", posting.wallet] += posting.points
                sums["minor", posting.currency] += posting.minor
                if posting.account in (Account.MEMBER_LOT, Account.MEMBER_DEBT) and not posting.wallet:
                    points += posting.points
            assert not any(sums.values()), item
            assert item.points == points


def check_accounts(state: DictState, members: dict[int, Member]) -> None:
    """What the postings say of each lot, debt and hold is what is there; so points are conserved."""
    open_holds: Counter[tuple[int, int]] = Counter()
    for _, one in booked(state):
        if isinstance(one, Held) and one.hold is HoldState.OPEN:
            for draw in one.bill.draws:
                open_holds[one.member_id, draw.lot] += draw.points
    for member_id, member in members.items():
        posted = posted_of(state, member_id)
        lots = {lot.lot: lot.points for lot, _ in lots_of(state, member_id)}
        wallets = {lot.lot: lot.wallet for lot, _ in lots_of(state, member_id)}
        partners = {lot.lot: held.partner for lot, held in lots_of(state, member_id)}
        assert _of(posted, Account.MEMBER_LOT) == _above_zero(lots)
        for (account, ref, wallet, partner), points in posted.items():
            if account is Account.MEMBER_LOT and points:
                assert (wallet, partner) == (wallets[ref], partners[ref])
        held = {lot: points for (who, lot), points in open_holds.items() if who == member_id}
        assert _of(posted, Account.HELD) == _above_zero(held)
        debts: Counter[int] = Counter()
        for (account, _, wallet, _), points in posted.items():
            if account is Account.MEMBER_DEBT:
                debts[wallet] -= points
        owed = {purse.wallet: purse.debt_points for purse in member.purses}
        assert all(points >= 0 for points in owed.values())
        assert _above_zero(dict(debts)) == _above_zero(owed)


def posted_of(state: DictState, member_id: int) -> Counter[tuple[Account, int, int, int]]:
    """Points by account, ref, wallet and partner."""
    sums: Counter[tuple[Account, int, int, int]] = Counter()
    for item in items_of(state, member_id):
        for posting in item.postings:
            sums[posting.account, posting.ref, posting.wallet, posting.partner] += posting.points
    return sums


def _of(posted: Counter[tuple[Account, int, int, int]], wanted: Account) -> dict[int, int]:
    sums: Counter[int] = Counter()
    for (account, ref, _, _), points in posted.items():
        if account is wanted:
            sums[ref] += points
    return _above_zero(dict(sums))


def _above_zero(sums: dict[int, int]) -> dict[int, int]:
    return {name: amount for name, amount in sums.items() if amount}


def check_sums(state: DictState, members: dict[int, Member], now_ms: int) -> None:
    """The sums in the purses, as of when the member was last touched."""
    for member_id, member in members.items():
        found, at_ms = lots_of(state, member_id), member.as_of_ms
        assert at_ms <= now_ms
        if member.status is Status.MERGED:
            assert not found
            assert not member.purses
        assert {lot.wallet for lot, _ in found} <= {purse.wallet for purse in member.purses}
        for purse in member.purses:
            mine = [lot for lot, held in found if lot.wallet == purse.wallet]
            plain = [lot for lot in mine if not lot.purposed and lot.points and lot.active_until_ms > at_ms]
            active = [lot for lot in plain if lot.active_from_ms <= at_ms]
            future: Counter[int] = Counter()
            for lot in plain:
                if lot.active_from_ms > at_ms:
                    future[lot.active_from_ms] += lot.points
            assert purse.open_lots == len(plain)
            assert purse.active_points == sum(lot.points for lot in active)
            assert purse.future == tuple(sorted(future.items()))
            assert purse.next_end_ms <= min([lot.active_until_ms for lot in plain], default=NEVER_MS)
            assert {lot.priority for lot in mine} <= {*purse.priorities}
            ends = [lot.active_until_ms for lot in mine if lot.purposed]
            assert purse.purposed_until_ms >= max(ends, default=0)
        assert member.lots >= max([lot.lot for lot, _ in found], default=0)


def check_outstanding(state: DictState, members: dict[int, Member]) -> None:
    """Points by slot, end day, wallet and partner: the index of what is owed to members."""
    counted: Counter[tuple[int, int, int, int]] = Counter()
    for member_id in members:
        for lot, held in lots_of(state, member_id):
            counted[member_slot(member_id), end_day(lot), lot.wallet, held.partner] += lot.points
    kept = {
        (int.from_bytes(key[:2]), *keys.read_outstanding(key)): int.from_bytes(value)
        for key, value in of_type(state, b"T")
    }
    assert kept == {where: points for where, points in counted.items() if points}


def end_day(lot: Lot) -> int:
    """The UTC day in which it ends; what ends after the days that the index can name never does."""
    return min((lot.active_until_ms - 1) // DAY_MS, NEVER_DAY)


def check_usage(state: DictState) -> None:
    """What promotions and funders gave: the receipts that stand, and holds until somebody gave them back."""
    counted: dict[tuple[bytes, int], Counter[str]] = {}
    reserved = {key[5:] for key, _ in of_type(state, b"X") if key[5:6] != b"C"}
    for name, one in booked(state):
        if not isinstance(one, Receipt | Held) or (isinstance(one, Receipt) and one.voided):
            continue
        for kind, number, amount in _amounts(one.uses):
            if isinstance(one, Held):
                key = keys.reservation(TENANT, kind, number, one.until_ms, name)[5:]
                if key not in reserved:
                    continue
                reserved.remove(key)
            counted.setdefault((kind, number), Counter()).update(amount)
    assert not reserved
    for key, value in of_type(state, b"U"):
        usage = records.usage(value)
        sums = counted.pop((key[5:6], int.from_bytes(key[6:10])), Counter())
        assert (usage.times, usage.minor, usage.points) == (sums["times"], sums["minor"], sums["points"])
    assert not counted


def _amounts(uses: tuple[records.Use, ...]) -> list[tuple[bytes, int, dict[str, int]]]:
    found = [(b"P", use.promotion, {"times": 1, "minor": use.minor, "points": use.points}) for use in uses]
    for funder in {use.funder for use in uses} - {0}:
        mine = [use for use in uses if use.funder == funder]
        minor, points = sum(use.minor for use in mine), sum(use.points for use in mine)
        found.append((b"F", funder, {"times": 1, "minor": minor, "points": points}))
    return found


def check_coupons(state: DictState) -> None:
    """Uses of each coupon: receipts that stand, and holds until somebody gave them back; never too many."""
    counted: Counter[str] = Counter()
    held = {key for key, _ in of_type(state, b"X") if key[5:6] == b"C"}
    for name, one in booked(state):
        if not isinstance(one, Receipt | Held) or (isinstance(one, Receipt) and one.voided):
            continue
        for code in [use.coupon for use in one.uses if use.coupon]:
            if isinstance(one, Held):
                key = keys.coupon_hold(TENANT, code, one.until_ms, name)
                if key not in held:
                    continue
                held.remove(key)
            counted[code] += 1
    assert not held
    for key, value in of_type(state, b"C"):
        code, coupon = key[5:].decode(), records.coupon(value)
        assert coupon.used_times == counted.pop(code, 0) <= coupon.times, (code, coupon)
    assert not counted


def check_names(state: DictState, members: dict[int, Member]) -> None:
    """Every phone, card and id leads to the one who has it, and to nobody else; birthdays are indexed."""
    wanted: dict[str, int] = {}
    birthdays = set()
    for member_id, member in members.items():
        tokens = [phone_token(member.phone)] if member.phone else []
        tokens += [card_token(card) for card in member.cards]
        tokens += [external_token(name) for name in member.externals]
        wanted |= dict.fromkeys(tokens, member_id)
        if member.birthday:
            birthdays.add((member.birthday % 10_000, member_id))
    kept = {key[5:].decode(): int.from_bytes(value) for key, value in of_type(state, b"D")}
    assert kept == wanted
    assert {keys.read_birthday(key) for key, _ in of_type(state, b"Y")} == birthdays
