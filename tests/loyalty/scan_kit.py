"""A state full of members, made by the engine's own steps, and what a scan says of it."""

from typing import Any, Final

from msgspec import msgpack

from loyalty.commands import Profile, Status
from loyalty.commands.places import NUMBER_BITS
from loyalty.engine import keys, lots, members, records, scans
from loyalty.engine.records import HeldLot, Member
from loyalty.outcomes import Lot, Source
from loyalty.outcomes.scans import Chunk
from tests.loyalty.kit import DAY_MS, NOON, DictState

TODAY: Final = NOON // DAY_MS  # from 1970
TENANT: Final = 1
_chunk = msgpack.Decoder(Chunk[Any]).decode
_encode = msgpack.Encoder().encode


def person(
    state: DictState, slot: int, birthday: int = 0, status: Status = Status.ACTIVE, phone: str = ""
) -> int:
    """The next member of a slot; his id."""
    key = keys.members_of_slot(slot, TENANT)
    number = int.from_bytes(state.get(key) or b"") + 1
    state.put(key, number.to_bytes(8))
    member_id = slot << NUMBER_BITS | number
    member = Member(phone, (), NOON - DAY_MS, NOON - DAY_MS, [], status=status)
    profile = Profile(birthday, language="de", consents=("sms",)) if birthday else Profile()
    members.save_profile(state, TENANT, member_id, member, profile)
    members.save(state, TENANT, member_id, member)
    return member_id


def give(
    state: DictState,
    member_id: int,
    points: int,
    until_ms: int,
    *,
    from_ms: int = NOON - 2 * DAY_MS,
    wallet: int = 0,
    partner: int = 0,
    priority: int = 128,
    purposed: bool = False,
) -> None:
    """A lot of so many points."""
    member = records.member(state.get(keys.of_member(TENANT, member_id, b"M")) or b"")
    lot = Lot(member.lots + 1, points, from_ms, until_ms, wallet, priority, purposed)
    held = HeldLot(points, Source.PURCHASE, None, 0, partner=partner)
    lots.open_lot(state, TENANT, member_id, member, lot, held)
    members.save(state, TENANT, member_id, member)


def chunks(state: DictState, scan: Any, at_ms: int = NOON) -> list[Chunk[Any]]:
    """All that a scan says."""
    return [_chunk(text) for text in scans.run(state, at_ms, _encode(scan))]


def rows(state: DictState, scan: Any, row: Any, at_ms: int = NOON) -> list[Any]:
    """All its rows, as values of `row`."""
    decode = msgpack.Decoder(Chunk[row]).decode
    return [one for text in scans.run(state, at_ms, _encode(scan)) for one in decode(text).rows]
