"""The unit's log as the loop uses it: entries made and taken, kept at hand for sending, synced behind us.

Entries are encoded once, by the active; log, link and standby's log hold the same bytes.
"""

import random
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from ftnode.core import versions
from ftnode.core.ends import between
from ftnode.core.messages import Append
from ftnode.core.reconfigure import Change, to_body
from ftnode.core.versions import Order
from ftnode.machine.kinds import Kind
from ftnode.shell.calls import Call
from ftnode.shell.table import Command
from ftnode.store.entry import Entry, EntryFaultError, Run, cut_run, decode_run, encode_run
from ftnode.store.wal import Wal
from ftnode.store.wal_faults import LogFault

RECENT_MAX_BYTES: Final = 8 << 20  # of entries at hand without a look at the log's files
READ_MAX_BYTES: Final = 1 << 20  # read from the log's files at once


class Taken:
    """Entries that came from the active, checked against our own log, not yet in it."""

    __slots__ = ("entries", "hashes", "run")

    def __init__(self, run: Run, entries: list[Entry], hashes: list[bytes]) -> None:
        """As `decode_run` gave them."""
        self.run = run
        self.entries = entries
        self.hashes = hashes


class SetTime(NamedTuple):
    """Who sets log time, and why: kept in the entry."""

    actor: bytes
    reason: str
    was_ms: int  # log time before it

    def body(self) -> bytes:
        """As it lies in the log: JSON, for an auditor to read."""
        return msgspec.json.encode({"reason": self.reason, "was_ms": self.was_ms})


class Asked(NamedTuple):
    """Who wants another engine version, and why; who is kept in the entry."""

    actor: bytes
    reason: str


class Logbook:
    """See the module. `marks` are what the core knows at the time of writing: (commit_seq, peer_seq)."""

    def __init__(self, wal: Wal) -> None:
        """`wal` is open and whole."""
        self.wal = wal
        self._recent: deque[Run] = deque()
        self._recent_bytes = 0

    # ---------------------------------------------------------------- writing

    def make(
        self, calls: Sequence[Call], from_seq: int, epoch: int, time_ms: int, engine_version: int
    ) -> tuple[Run, list[Entry], list[bytes]]:
        """Entries of commands, chained to our head."""
        draw = random.getrandbits
        entries = [
            _entry(call, seq, epoch, time_ms, draw(64), engine_version)
            for seq, call in enumerate(calls, from_seq)
        ]
        return self._chained(entries)

    def make_noop(
        self, seq: int, epoch: int, time_ms: int, engine_version: int
    ) -> tuple[Run, list[Entry], list[bytes]]:
        """The entry that a new active begins with."""
        return self._chained([Entry(seq, epoch, time_ms, random.getrandbits(64), engine_version, Kind.NOOP)])

    def make_change(
        self, change: Change, seq: int, epoch: int, time_ms: int, engine_version: int
    ) -> tuple[Run, list[Entry], list[bytes]]:
        """The entry that names a survivor or a witness."""
        head = (seq, epoch, time_ms, random.getrandbits(64), engine_version, Kind.RECONFIGURE)
        return self._chained([Entry(*head, body=to_body(change))])

    def make_order(
        self, order: Order, seq: int, epoch: int, time_ms: int, engine_version: int, asked: object
    ) -> tuple[Run, list[Entry], list[bytes]]:
        """The entry that prepares an engine version, switches to it, or takes that back; with who asked."""
        head = (seq, epoch, time_ms, random.getrandbits(64), engine_version, Kind.UPGRADE)
        actor = asked.actor if isinstance(asked, Asked) else b""  # by itself: nobody's
        return self._chained([Entry(*head, actor=actor, body=versions.to_body(order))])

    def make_set_time(
        self, asked: object, seq: int, epoch: int, time_ms: int, engine_version: int
    ) -> tuple[Run, list[Entry], list[bytes]]:
        """The operator's step of log time, with who asked and why."""
        if not isinstance(asked, SetTime):
            raise TypeError("log time is set by nobody")
        head = (seq, epoch, time_ms, random.getrandbits(64), engine_version, Kind.SET_TIME)
        return self._chained([Entry(*head, actor=asked.actor, body=asked.body())])

    def _chained(self, entries: list[Entry]) -> tuple[Run, list[Entry], list[bytes]]:
        run, hashes = encode_run(self.wal.head_hash, entries)
        self._remember(run)  # it may be sent before it is written
        return run, entries, hashes

    def append(self, run: Run, commit_seq: int, peer_seq: int) -> None:
        """Write a run behind the head. Not durable before a sync. Raises LogFault, OSError."""
        self.wal.append(run, commit_seq, peer_seq)
        if not self._recent or self._recent[-1] is not run:
            self._remember(run)

    def _remember(self, run: Run) -> None:
        self._recent.append(run)
        self._recent_bytes += len(run.data)
        while self._recent_bytes > RECENT_MAX_BYTES and len(self._recent) > 1:
            self._recent_bytes -= len(self._recent.popleft().data)

    def forget_recent(self) -> None:
        """The log was cut or replaced: look into its files again."""
        self._recent.clear()
        self._recent_bytes = 0

    # ---------------------------------------------------------------- reading

    def entries(self, from_seq: int, to_seq: int) -> bytes:
        """The encoded entries `from_seq..to_seq`, as they lie in the log.

        Raises:
            LogFault: gone, rotten, or not written.
        """
        return b"".join(data for data, _ in self._pieces(from_seq, to_seq))

    def _pieces(self, from_seq: int, to_seq: int) -> Iterator[tuple[bytes, int]]:
        """The same, each piece with its last seq, read when it is asked for."""
        recent = self._recent
        head_seq = max(self.wal.head_seq, recent[-1].last_seq if recent else 0)
        if to_seq > head_seq:
            raise LogFault(f"entry {to_seq} is beyond the log's head, {head_seq}")
        if recent and recent[-1].first_seq == from_seq and recent[-1].last_seq == to_seq:
            yield recent[-1].data, to_seq  # nearly always: what was given out right now
            return
        if recent and recent[0].first_seq <= from_seq:
            runs = [run for run in recent if run.last_seq >= from_seq and run.first_seq <= to_seq]
            yield b"".join(_part(run, from_seq, to_seq) for run in runs), to_seq
            return
        while from_seq <= to_seq:
            run = self.wal.read(from_seq, READ_MAX_BYTES)
            if run is None:
                raise LogFault(f"entry {from_seq} is beyond the log's head")
            yield _part(run, from_seq, to_seq), min(run.last_seq, to_seq)
            from_seq = run.last_seq + 1

    def upto(self, run: Run, seq: int) -> tuple[bytes, int]:
        """The encoded entries of a run through `seq` at most, and the last of them."""
        return _part(run, run.first_seq, seq), min(run.last_seq, seq)

    def in_memory(self, first_seq: int, last_seq: int) -> bytes | None:
        """The encoded entries, if they are at hand without a look at the log's files."""
        recent = self._recent
        if not recent or first_seq < recent[0].first_seq or last_seq > recent[-1].last_seq:
            return None
        runs = [run for run in recent if run.last_seq >= first_seq and run.first_seq <= last_seq]
        return b"".join(_part(run, first_seq, last_seq) for run in runs)

    def readable(self, seqs: Sequence[int], max_bytes: int) -> dict[int, bytes]:
        """Those of the entries asked for that are here and can be read, encoded, by seq; no more than fit."""
        found: dict[int, bytes] = {}
        size_bytes = 0
        for seq in seqs:
            with suppress(LogFault):
                data = self.entries(seq, seq)
                size_bytes += len(data)
                if size_bytes > max_bytes:
                    break
                found[seq] = data
        return found

    def parts(self, message: Append, max_bytes: int) -> Iterator[tuple[Append, bytes]]:
        """An Append with its entries; as several if they are larger than a batch may be.

        Raises:
            LogFault: as `entries`, perhaps after some parts.
        """
        from_seq = message.from_seq
        for data, last_seq in self._pieces(from_seq, message.to_seq):
            at = 0
            while at < len(data):
                end, seq = (
                    _cut_at(data, at, from_seq, max_bytes) if len(data) > max_bytes else (len(data), last_seq)
                )
                yield _as_part(message, from_seq, seq), data[at:end]
                at, from_seq = end, seq + 1

    def hash_at(self, seq: int) -> bytes | None:
        """Hash of entry `seq`, or None if it is not known here."""
        try:
            return self.wal.hash_at(seq)
        except (LogFault, ValueError):
            return None

    # ---------------------------------------------------------------- what came

    def check(self, said: Append, data: bytes) -> Taken | None:
        """The part of an Append that would continue our log; None if nothing of it could.

        Raises:
            EntryFaultError: it does not continue our log, or is not what it says it is.
        """
        head_seq = self.wal.head_seq
        if not said.from_seq <= head_seq + 1 <= said.to_seq:
            return None
        prev_hash = self.wal.head_hash if said.from_seq == head_seq + 1 else self.hash_at(said.from_seq - 1)
        if prev_hash is None:
            raise EntryFaultError(f"our own entry {said.from_seq - 1} is not known here")
        run, entries, hashes = decode_run(prev_hash, said.from_seq, data)
        if run.last_seq != said.to_seq or run.ends != said.ends:
            raise EntryFaultError(f"entries through {run.last_seq} came as {said.from_seq}..{said.to_seq}")
        if said.from_seq <= head_seq:
            skip = head_seq + 1 - said.from_seq
            if hashes[skip - 1] != self.wal.head_hash:
                raise EntryFaultError(f"the active's entry {head_seq} is not ours")
            run = cut_run(run, head_seq + 1, said.to_seq)
            entries, hashes = entries[skip:], hashes[skip:]
        return Taken(run, entries, hashes)

    def repairs(self, seqs: Sequence[int], data: bytes) -> list[Run]:
        """Entries fetched for rotten ones, as runs that the log's own hashes demand.

        Raises:
            EntryFaultError: they are not. LogFault: what stands around them is not known either.
        """
        runs: list[Run] = []
        at = 0
        for first_seq, last_seq in _ranges(seqs):
            end = at
            for _ in range(first_seq, last_seq + 1):
                end += _size_at(data, end)
            run, _, _ = decode_run(self.wal.hash_at(first_seq - 1), first_seq, data[at:end])
            if run.last_seq != last_seq or run.last_hash != self.wal.hash_at(last_seq):
                raise EntryFaultError(f"entries {first_seq}..{last_seq} are not those that our log demands")
            runs.append(run)
            at = end
        return runs

    def fits_holes(self, seqs: Sequence[int], data: bytes) -> bool:
        """Whether what came can replace what is rotten."""
        try:
            self.repairs(seqs, data)
        except (EntryFaultError, LogFault, ValueError):
            return False
        return True


def _as_part(message: Append, from_seq: int, to_seq: int) -> Append:
    if (from_seq, to_seq) == (message.from_seq, message.to_seq):
        return message
    return replace(message, from_seq=from_seq, to_seq=to_seq, ends=between(message.ends, from_seq, to_seq))


def _cut_at(data: bytes, at: int, from_seq: int, max_bytes: int) -> tuple[int, int]:
    """Where a part that begins at `at` with `from_seq` ends, and its last seq; at least one entry."""
    end, seq = at + _size_at(data, at), from_seq
    while end < len(data) and end - at + _size_at(data, end) <= max_bytes:
        end += _size_at(data, end)
        seq += 1
    return end, seq


def _size_at(data: bytes, at: int) -> int:
    """Length of the encoded entry at `at`; at least 1, whatever stands there."""
    return max(1, int.from_bytes(data[at : at + 4], "little"))


def _ranges(seqs: Sequence[int]) -> list[tuple[int, int]]:
    """(first, last) of each stretch without a gap."""
    ranges: list[tuple[int, int]] = []
    for seq in seqs:
        if ranges and ranges[-1][1] == seq - 1:
            ranges[-1] = (ranges[-1][0], seq)
        else:
            ranges.append((seq, seq))
    return ranges


def _part(run: Run, from_seq: int, to_seq: int) -> bytes:
    if run.first_seq >= from_seq and run.last_seq <= to_seq:
        return run.data
    return cut_run(run, max(run.first_seq, from_seq), min(run.last_seq, to_seq)).data


def _entry(call: Call, seq: int, epoch: int, time_ms: int, chance: int, engine_version: int) -> Entry:
    want = call.want
    if not isinstance(want, Command):
        raise TypeError("only a command gets a seq")
    return Entry(
        seq,
        epoch,
        time_ms,
        chance,
        engine_version,
        want.kind,
        want.tenant,
        want.slot,
        want.request_id,
        call.actor,
        want.client_ms,
        _seen_ms(want, time_ms),
        want.body,
    )


def _seen_ms(want: Command, time_ms: int) -> int:
    """A client that was never answered has seen nothing older than now. Not so for an abandon: its word is
    that of a command made at any time before."""
    return want.seen_ms or (0 if want.kind == Kind.ABANDON else time_ms)
