"""One log record: 64 bytes of header, three byte strings, one hash that is checksum and chain.

This is format 1. Others, if this program knows any, are in `entry_forms.py`.

The same bytes go to the write-ahead log, over the link and into the archive:

    header | request id | actor | body | blake2b-128(predecessor's hash, all of the foregoing)

Making and reading entries is the hot path: once per entry on each unit. Everything here is
a pure function of its arguments.
"""

import struct
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from ftnode.store.entry_forms import (
    ENVELOPE_MIN_BYTES,
    FORM_AT,
    FORMS,
    HEADER_MORE_BYTES,
    LENGTH_BYTES,
    WRITTEN,
    Form,
)
from ftnode.store.entry_limits import (
    ACTOR_MAX_BYTES,
    BODY_MAX_BYTES,
    FITS,
    REQUEST_ID_MAX_BYTES,
    SLOTS,
    EntryLimitError,
    which_limit,
)

__all__ = ["ACTOR_MAX_BYTES", "BODY_MAX_BYTES", "REQUEST_ID_MAX_BYTES", "SLOTS", "EntryLimitError"]

FORMAT: Final = 1
HASH_BYTES: Final = 16
GENESIS_HASH: Final = bytes(HASH_BYTES)  # what the first entry is chained to

# length u32, format u8, request id length u8, actor length u8, zero; seq, epoch, time, chance,
# client time, seen time; engine version, kind, tenant, slot. Little endian, no padding.
_HEADER: Final = struct.Struct("<IBBBxQQqQqqHHHH")
HEADER_BYTES: Final = _HEADER.size
ENTRY_MIN_BYTES: Final = HEADER_BYTES + HASH_BYTES
ENTRY_MAX_BYTES: Final = ENTRY_MIN_BYTES + REQUEST_ID_MAX_BYTES + ACTOR_MAX_BYTES + BODY_MAX_BYTES


class EntryFaultError(ValueError):
    """These bytes are not the entry that the chain demands here: torn, rotten, or nonsense of a peer."""


class NewerEntryError(ValueError):
    """A whole and sound entry of a format that this program does not read: a newer one wrote it. Nothing is
    wrong with it, so nothing may be done about it."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One place in the log. What may be in it and why: `ftnode.machine.contract.EntryView`."""

    seq: int
    epoch: int
    time_ms: int
    chance: int
    engine_version: int
    kind: int
    tenant: int = 0
    slot: int = 0
    request_id: bytes = b""
    actor: bytes = b""
    client_ms: int = 0
    seen_ms: int = 0  # newest log time that the client had been told
    body: bytes = b""


class Run(msgspec.Struct, frozen=True, gc=False):
    """Encoded entries without a gap, and what is known of them without reading them again."""

    data: bytes
    first_seq: int
    last_seq: int
    prev_hash: bytes  # of entry first_seq - 1
    last_hash: bytes
    ends: tuple[tuple[int, int], ...]  # (epoch, last seq in it) of the entries carried, ascending


def encode(prev_hash: bytes, entry: Entry) -> tuple[bytes, bytes]:
    """The entry's bytes and its hash, chained to `prev_hash`.

    Raises:
        EntryLimitError: a field is out of its range; names the field and the range.
    """
    other = WRITTEN.get(entry.engine_version)
    if other is not None:
        return _encode_other(prev_hash, entry, other)
    request_id, actor, body = entry.request_id, entry.actor, entry.body
    if len(request_id) > REQUEST_ID_MAX_BYTES or len(actor) > ACTOR_MAX_BYTES or len(body) > BODY_MAX_BYTES:
        raise EntryLimitError(which_limit(entry))
    try:
        header = _HEADER.pack(
            ENTRY_MIN_BYTES + len(request_id) + len(actor) + len(body),
            FORMAT,
            len(request_id),
            len(actor),
            entry.seq,
            entry.epoch,
            entry.time_ms,
            entry.chance,
            entry.client_ms,
            entry.seen_ms,
            entry.engine_version,
            entry.kind,
            entry.tenant,
            entry.slot,
        )
    except struct.error:
        raise EntryLimitError(which_limit(entry)) from None
    if entry.slot >= SLOTS or not entry.seq:
        raise EntryLimitError(which_limit(entry))
    text = b"".join((header, request_id, actor, body))
    entry_hash = blake2b(prev_hash + text, digest_size=HASH_BYTES).digest()
    return text + entry_hash, entry_hash


def _encode_other(prev_hash: bytes, entry: Entry, form: Form) -> tuple[bytes, bytes]:
    wrong = which_limit(entry)
    if wrong != FITS:
        raise EntryLimitError(wrong)
    text = form.text(entry)
    entry_hash = blake2b(prev_hash + text, digest_size=HASH_BYTES).digest()
    return text + entry_hash, entry_hash


def reads() -> tuple[int, ...]:
    """The formats that this program reads."""
    return tuple(sorted({FORMAT, *FORMS}))


def written_by(engine_version: int) -> int:
    """The format in which the entries of an engine version are written."""
    form = WRITTEN.get(engine_version)
    return FORMAT if form is None else form.number


def decode(prev_hash: bytes, data: bytes, at: int = 0) -> tuple[Entry, bytes, int]:
    """Read the entry at `at`: the entry, its hash, and where the next one begins.

    Raises:
        EntryFaultError: what stands there is no whole entry, or not the one chained to `prev_hash`.
        NewerEntryError: it is one, and a newer program wrote it. So does everything below that reads.
    """
    end, entry_hash = _check(prev_hash, data, at)
    return _unpack(data, at, end), entry_hash, end


def encode_run(prev_hash: bytes, entries: Sequence[Entry]) -> tuple[Run, list[bytes]]:
    """Chain `entries` (at least one, no gap in seqs, epochs never back) into a run; also their hashes.

    Raises:
        EntryLimitError: no entries, a gap between them, or a field out of range.
    """
    if not entries:
        raise EntryLimitError("a run has no entries; want at least 1")
    texts: list[bytes] = []
    hashes: list[bytes] = []
    seq = first_seq = entries[0].seq
    ends: list[tuple[int, int]] = []
    epoch = entries[0].epoch
    last_hash = prev_hash
    for entry in entries:
        if entry.seq != seq:
            raise EntryLimitError(f"seq {entry.seq} in a run where {seq} was due")
        if entry.epoch != epoch:
            if entry.epoch < epoch:
                raise EntryLimitError(f"epoch {entry.epoch} at seq {seq} after {epoch}; it only grows")
            ends.append((epoch, seq - 1))
            epoch = entry.epoch
        text, last_hash = encode(last_hash, entry)
        texts.append(text)
        hashes.append(last_hash)
        seq += 1
    ends.append((epoch, seq - 1))
    return Run(b"".join(texts), first_seq, seq - 1, prev_hash, last_hash, tuple(ends)), hashes


def decode_run(prev_hash: bytes, first_seq: int, data: bytes) -> tuple[Run, list[Entry], list[bytes]]:
    """Read all of `data` as entries from `first_seq` on: the run, the entries, the hash of each.

    Raises:
        EntryFaultError: some byte of it is not what the chain demands; says where.
    """
    entries: list[Entry] = []
    hashes: list[bytes] = []
    ends: list[tuple[int, int]] = []
    at, seq, last_hash, epoch = 0, first_seq, prev_hash, -1
    size = len(data)
    while at < size:
        end, last_hash = _check(last_hash, data, at)
        entry = _unpack(data, at, end)
        if entry.seq != seq:
            raise EntryFaultError(f"seq {entry.seq} at byte {at} where {seq} was due")
        if entry.epoch != epoch:
            if entry.epoch < epoch:
                raise EntryFaultError(f"epoch {entry.epoch} at byte {at} after {epoch}; it only grows")
            if entries:
                ends.append((epoch, seq - 1))
            epoch = entry.epoch
        entries.append(entry)
        hashes.append(last_hash)
        at, seq = end, seq + 1
    if not entries:
        raise EntryFaultError(f"no entry where seq {first_seq} was due")
    ends.append((epoch, seq - 1))
    return Run(data, first_seq, seq - 1, prev_hash, last_hash, tuple(ends)), entries, hashes


def check_run(prev_hash: bytes, first_seq: int, data: bytes) -> Run:
    """Like `decode_run` without making the entries: for the log, which never looks inside them.

    Raises:
        EntryFaultError: some byte of it is not what the chain demands; says where.
    """
    places = walk_run(prev_hash, first_seq, data)
    if not places:
        raise EntryFaultError(f"no entry where seq {first_seq} was due")
    last_seq, _, _, last_hash = places[-1]
    return Run(data, first_seq, last_seq, prev_hash, last_hash, ends_of(places))


def walk_run(prev_hash: bytes, first_seq: int, data: bytes) -> list[tuple[int, int, int, bytes]]:
    """Verify the chain and list (seq, epoch, end in bytes, hash) of each entry in `data`.

    Raises:
        EntryFaultError: some byte of it is not what the chain demands; says where.
    """
    places: list[tuple[int, int, int, bytes]] = []
    at, seq, last_hash, last_epoch = 0, first_seq, prev_hash, 0
    size = len(data)
    while at < size:
        end, last_hash = _check(last_hash, data, at)
        if data[at + FORM_AT] == FORMAT:
            found_seq, epoch = _SEQ_EPOCH.unpack_from(data, at + _SEQ_AT)
        else:
            found_seq, epoch = FORMS[data[at + FORM_AT]].place(data, at)
        if found_seq != seq:
            raise EntryFaultError(f"seq {found_seq} at byte {at} where {seq} was due")
        if epoch < last_epoch:
            raise EntryFaultError(f"epoch {epoch} at byte {at} after {last_epoch}; it only grows")
        last_epoch = epoch
        places.append((seq, epoch, end, last_hash))
        at, seq = end, seq + 1
    return places


def ends_of(places: Sequence[tuple[int, int, int, bytes]]) -> tuple[tuple[int, int], ...]:
    """(epoch, last seq in it) over what `walk_run` listed."""
    ends: dict[int, int] = {}
    for seq, epoch, _, _ in places:
        ends[epoch] = seq
    return tuple(ends.items())


def cut_run(run: Run, from_seq: int, to_seq: int) -> Run:
    """The part `from_seq..to_seq` of a run that holds it, verified on the way.

    Raises:
        EntryFaultError: the run's bytes are not what its hashes say.
    """
    if (from_seq, to_seq) == (run.first_seq, run.last_seq):
        return run
    places = walk_run(run.prev_hash, run.first_seq, run.data)
    low, high = from_seq - run.first_seq, to_seq - run.first_seq
    start, prev_hash = (places[low - 1][2], places[low - 1][3]) if low else (0, run.prev_hash)
    kept = places[low : high + 1]
    return Run(run.data[start : kept[-1][2]], from_seq, to_seq, prev_hash, kept[-1][3], ends_of(kept))


_SEQ_AT: Final = 8  # of seq and epoch in the header
_SEQ_EPOCH: Final = struct.Struct("<QQ")
_LENGTH: Final = struct.Struct("<IBBBB")
_UNPACK: Final = _HEADER.unpack_from
_LENGTHS: Final = _LENGTH.unpack_from


def _check(prev_hash: bytes, data: bytes, at: int) -> tuple[int, bytes]:
    """Where the entry at `at` ends, and its hash; everything a stranger may have written is doubted."""
    if len(data) - at < ENTRY_MIN_BYTES:
        return _check_short(prev_hash, data, at)
    length, form, id_bytes, actor_bytes, zero = _LENGTHS(data, at)
    if form != FORMAT or zero:
        if form != FORMAT:
            return _check_other(prev_hash, data, at)
        raise EntryFaultError(f"entry format {form} (then {zero}) at byte {at}; want {FORMAT} (then 0)")
    if not ENTRY_MIN_BYTES + id_bytes + actor_bytes <= length <= ENTRY_MAX_BYTES:
        raise EntryFaultError(
            f"entry of {length} bytes at byte {at}; want at most {ENTRY_MAX_BYTES}, strings included"
        )
    end = at + length
    if end > len(data):
        raise EntryFaultError(f"entry at byte {at} ends at {end}, the data at {len(data)}")
    claimed = data[end - HASH_BYTES : end]
    if blake2b(prev_hash + data[at : end - HASH_BYTES], digest_size=HASH_BYTES).digest() != claimed:
        raise EntryFaultError(
            f"bad hash of the entry at byte {at}: it is rotten, or not the successor asked for"
        )
    return end, claimed


def _check_short(prev_hash: bytes, data: bytes, at: int) -> tuple[int, bytes]:
    """Fewer bytes than an entry of this format has: only one of another format could be whole."""
    left_bytes = len(data) - at
    if left_bytes >= ENVELOPE_MIN_BYTES and data[at + FORM_AT] in FORMS:
        return _check_other(prev_hash, data, at)
    raise EntryFaultError(f"{left_bytes} bytes left at byte {at}; an entry has {ENTRY_MIN_BYTES} or more")


def _check_other(prev_hash: bytes, data: bytes, at: int) -> tuple[int, bytes]:
    """The same for an entry of another format: only the chain tells a later one from nonsense."""
    length, number = int.from_bytes(data[at : at + LENGTH_BYTES], "little"), data[at + FORM_AT]
    want = " or ".join(map(str, reads()))
    end = at + length
    if not ENVELOPE_MIN_BYTES <= length <= ENTRY_MAX_BYTES + HEADER_MORE_BYTES or end > len(data):
        raise EntryFaultError(f"entry format {number} with {length} bytes at byte {at}; want format {want}")
    claimed = data[end - HASH_BYTES : end]
    if blake2b(prev_hash + data[at : end - HASH_BYTES], digest_size=HASH_BYTES).digest() != claimed:
        raise EntryFaultError(f"entry format {number} with a bad hash at byte {at}; want format {want}")
    if number not in FORMS:
        raise NewerEntryError(
            f"the entry at byte {at} is whole, and of format {number}; this program reads {want}: "
            "start the program that wrote it"
        )
    return end, claimed


def _unpack(data: bytes, at: int, end: int) -> Entry:
    if data[at + FORM_AT] != FORMAT:
        return FORMS[data[at + FORM_AT]].read(data, at, end)
    (
        _,
        _,
        id_bytes,
        actor_bytes,
        seq,
        epoch,
        time_ms,
        chance,
        client_ms,
        seen_ms,
        version,
        kind,
        tenant,
        slot,
    ) = _UNPACK(data, at)
    start = at + HEADER_BYTES
    actor_at = start + id_bytes
    body_at = actor_at + actor_bytes
    body = data[body_at : end - HASH_BYTES]
    if id_bytes > REQUEST_ID_MAX_BYTES or actor_bytes > ACTOR_MAX_BYTES or slot >= SLOTS:
        raise EntryFaultError(f"entry at byte {at}: request id, actor or slot beyond its limit")
    if len(body) > BODY_MAX_BYTES:
        raise EntryFaultError(f"entry at byte {at}: body of {len(body)} bytes; want at most {BODY_MAX_BYTES}")
    return Entry(
        seq,
        epoch,
        time_ms,
        chance,
        version,
        kind,
        tenant,
        slot,
        data[start:actor_at],
        data[actor_at:body_at],
        client_ms,
        seen_ms,
        body,
    )
