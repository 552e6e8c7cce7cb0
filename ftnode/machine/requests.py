"""Exactly once: which requests were executed, and what came of them, in the replicated state itself.

A record lies in the slot that its own name gives, so that records spread evenly:

    slot | ffff | "R" | name                -> digest of the command, seq, log time, result
    slot | ffff | "T" | log time | name     -> nothing; finds what has ended

`name` is a hash over actor and request id. A record counts for `keep_ms` of log time and is
removed some time later, a bounded number with each new record of the same slot.

Why a client's word is enough: a command carries the newest log time that its client had seen
*when the command was made*, and carries the same on every retry. Its record, if there is one,
is not older than that. So while the word is within the window the record is still here, and
when it is not the command is refused unexecuted. A word ahead of log time is nobody's: it would be
within the window after the record is gone, so it is refused too.

An abandon carries the word of the command that it gives up. If a record is still there, ended or not,
it is answered from that.
"""

from struct import Struct
from typing import Final

import msgspec

from ftnode.machine.kinds import ABANDONED, AHEAD, REUSED, TOO_OLD
from ftnode.machine.view import RUNTIME_TENANT, EntryState, StateView
from ftnode.store.entry import Entry
from ftnode.store.hashing import HASH_BYTES, hash16
from ftnode.store.state import SLOTS, VALUE_MAX_BYTES

NAME_BYTES: Final = HASH_BYTES
TIME_BYTES: Final = 8
PRUNE_PER_ENTRY: Final = 4
PRUNE_TICK_MAX_RECORDS: Final = 256  # with one tick
# Ended records wait until the oldest is this part of the window over, so that one scan finds several.
SLACK_PARTS: Final = 64

_HEAD: Final = Struct(">16sQQ")  # digest of the command, seq, log time
_COMMAND: Final = Struct(">HH")  # kind, tenant
_ACTOR: Final = Struct(">B")  # its length
HEAD_BYTES: Final = _HEAD.size
OUTCOME_MAX_BYTES: Final = VALUE_MAX_BYTES - HEAD_BYTES - 1
_NO_COMMAND: Final = bytes(16)
_RECORDS: Final = RUNTIME_TENANT + b"R"
_TIMES: Final = RUNTIME_TENANT + b"T"
_TIMES_END: Final = RUNTIME_TENANT + b"U"
_UNKNOWN: Final = -1
_TIME_AT: Final = 5  # in a key of the time index


class Record(msgspec.Struct, frozen=True, gc=False):
    """What came of a request."""

    seq: int
    time_ms: int
    result: bytes  # verdict and outcome


class Requests:
    """The records of one unit's state. Remembers nothing that does not follow from the state.

    Args:
        keep_ms: how long a record counts, in log time; equal on both units.
        prune_per_entry: ended records that a new one may remove; equal on both units.
    """

    def __init__(self, keep_ms: int, prune_per_entry: int = PRUNE_PER_ENTRY) -> None:
        self._prune_per_entry = prune_per_entry
        self._keep_ms = keep_ms
        self._prune_after_ms = keep_ms + keep_ms // SLACK_PARTS
        self._oldest_ms = [_UNKNOWN] * SLOTS
        self.found_seq = 0  # set when `answer` finds a stored one: where it came from; the caller resets it

    def forget(self) -> None:
        """Writes were discarded: what was learned from them may be wrong."""
        self._oldest_ms = [_UNKNOWN] * SLOTS

    def answer(self, state: EntryState, entry: Entry, key: bytes) -> bytes | None:
        """The result that is already certain for this request, or None: it is to be executed now."""
        stored = state.get(key)
        first_ms = entry.time_ms - self._keep_ms
        if stored is not None:
            command, seq, time_ms = _HEAD.unpack_from(stored)
            # One that has ended only waits to be removed; it still ends doubt.
            if time_ms >= first_ms or entry.kind < _FIRST_COMMAND:
                result = stored[HEAD_BYTES:]
                if command == _command(entry) or result == ABANDONED or entry.kind < _FIRST_COMMAND:
                    self.found_seq = seq
                    return result
                return REUSED
        refused = self._refused(entry)
        if refused is None and stored is not None:  # a new record takes the place of the old one
            state.writes[_time_key(key, time_ms)] = None
        return refused

    def _refused(self, entry: Entry) -> bytes | None:
        """Why a request without a record is not executed: its client's word alone decides."""
        if entry.seen_ms < entry.time_ms - self._keep_ms:
            return TOO_OLD
        return AHEAD if entry.seen_ms > entry.time_ms else None

    def keep(self, state: EntryState, entry: Entry, key: bytes, result: bytes) -> None:
        """Record `result`, with the effect, in this entry's writes; remove some that ended."""
        if len(result) > OUTCOME_MAX_BYTES + 1:
            raise ValueError(f"outcome of {len(result) - 1} bytes, at most {OUTCOME_MAX_BYTES}")
        slot = key[0] << 8 | key[1]
        now_ms = entry.time_ms
        if self._oldest_ms[slot] + self._prune_after_ms < now_ms:
            self._prune(state, slot, now_ms, self._prune_per_entry)
        command = _NO_COMMAND if entry.kind < _FIRST_COMMAND else _command(entry)
        writes = state.writes
        writes[key] = _HEAD.pack(command, entry.seq, now_ms) + result
        writes[_time_key(key, now_ms)] = b""

    def prune_some(self, state: EntryState, entry: Entry) -> None:
        """With a tick: one slot, drawn by the entry's chance, so that idle slots get empty, too."""
        self._prune(state, entry.chance % SLOTS, entry.time_ms, PRUNE_TICK_MAX_RECORDS)

    def _prune(self, state: EntryState, slot: int, now_ms: int, most: int) -> None:
        prefix = slot.to_bytes(2, "big")
        rows = state.scan(prefix + _TIMES, prefix + _TIMES_END, most + 1)
        first_ms = now_ms - self._keep_ms
        oldest_ms = _time_of(rows[0][0]) if rows else now_ms
        if oldest_ms + self._prune_after_ms < now_ms:
            oldest_ms = now_ms
            for place, (key, _) in enumerate(rows):
                if place == most or _time_of(key) >= first_ms:
                    oldest_ms = _time_of(key)
                    break
                state.writes[key] = None
                state.writes[prefix + _RECORDS + key[-NAME_BYTES:]] = None
        self._oldest_ms[slot] = oldest_ms

    def find(self, view: StateView, actor: bytes, request_id: bytes, now_ms: int) -> Record | None:
        """The record of a request as of log time `now_ms`; None: not so far, or ended."""
        stored = view.get(record_key(actor, request_id))
        if stored is None:
            return None
        _, seq, time_ms = _HEAD.unpack_from(stored)
        return Record(seq, time_ms, stored[HEAD_BYTES:]) if time_ms >= now_ms - self._keep_ms else None

    def told(self, view: StateView, entry: Entry, now_ms: int) -> bytes | None:
        """What an entry executed earlier was told; None if that is not kept any more.

        The record under its id may be another entry's: of one before it, whose outcome it was told if it
        is the same command, or of one after it, when the id was free again. A record is not replaced
        before it ends, so an entry of the window without one was not executed.
        """
        first_ms = entry.time_ms - self._keep_ms
        stored = view.get(record_key(entry.actor, entry.request_id))
        if stored is not None:
            command, seq, time_ms = _HEAD.unpack_from(stored)
            result = stored[HEAD_BYTES:]
            if seq == entry.seq:
                return result
            if seq < entry.seq:
                if time_ms < first_ms and entry.kind >= _FIRST_COMMAND:
                    return self._refused(entry)  # executed, it would have taken the place of this one
                same = command == _command(entry) or result == ABANDONED or entry.kind < _FIRST_COMMAND
                return result if same else REUSED
        if entry.kind < _FIRST_COMMAND and entry.seen_ms <= entry.time_ms:
            return None  # perhaps a record that had ended answered it, and was removed since
        return self._refused(entry) if entry.time_ms >= now_ms - self._keep_ms else None


_FIRST_COMMAND: Final = 16


def record_key(actor: bytes, request_id: bytes) -> bytes:
    """Where the record of a request lies. The actor's length keeps (ab, c) apart from (a, bc)."""
    name = hash16(_ACTOR.pack(len(actor)) + actor + request_id)
    return bytes((name[0] & 0x0F, name[1])) + _RECORDS + name


def _command(entry: Entry) -> bytes:
    """What makes two commands the same: kind, tenant and canonical body."""
    return hash16(_COMMAND.pack(entry.kind, entry.tenant) + entry.body)


def _time_key(key: bytes, time_ms: int) -> bytes:
    """Where the time index lists the record under `key`."""
    return key[:2] + _TIMES + time_ms.to_bytes(TIME_BYTES, "big") + key[_TIME_AT:]


def _time_of(key: bytes) -> int:
    return int.from_bytes(key[_TIME_AT : _TIME_AT + TIME_BYTES], "big")
