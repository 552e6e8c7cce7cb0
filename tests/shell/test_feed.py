"""What the feed tells of an entry is what its client was told, or that it is not known any more."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import grpc
import pytest

from ftnode.machine.executor import DAY_MS, Executor
from ftnode.machine.kinds import ABANDONED, AHEAD, EXECUTED, REUSED, TOO_OLD, Kind
from ftnode.machine.requests import record_key
from ftnode.shell.changes import Changes
from ftnode.shell.feed import FeedServer
from ftnode.store.entry import Entry, encode_run
from ftnode.store.state_dict import DictMedium, DictStateStore
from ftnode.store.wal_faults import LogFault, LogGone, LogRotten
from ftnode.v1 import feed_pb2 as pb

KEEP_MS = 35 * DAY_MS
T_MS = 1_700_000_000_000


class Machine:
    """Says what it did."""

    version = 1

    def execute(self, _: object, entry: Entry) -> bytes:
        return b"did " + entry.body

    def query(self, *_: object) -> bytes:
        return b""


@dataclass
class Log:
    """Entries in memory, or a fault."""

    entries: list[Entry] = field(default_factory=list)
    fault: LogFault | None = None
    first_seq: int = 1

    def read(self, seq: int, _: int) -> Any:
        if self.fault is not None:
            raise self.fault
        return encode_run(bytes(16), self.entries[seq - 1 :])[0]


class Context:
    """Notes how the call ended."""

    async def abort(self, code: grpc.StatusCode, message: str, _: object) -> None:
        self.code = code
        raise grpc.aio.AbortError(message)


class Unit:
    """Just what the feed reads of a unit that has executed a log."""

    def __init__(self) -> None:
        self.log = Log()
        self.executor = Executor(DictStateStore(DictMedium()), [cast(Any, Machine())], KEEP_MS)
        self.told: list[bytes] = []

    def run(
        self, name: bytes, body: bytes, at_ms: int, *, seen_ms: int | None = None, kind: int = 16
    ) -> None:
        """The next entry; `told` has what its client hears."""
        seq = len(self.log.entries) + 1
        entry = Entry(
            seq, 1, at_ms, 7, 1, kind, 1, 7, name, b"me", 0, at_ms if seen_ms is None else seen_ms, body
        )
        self.log.entries.append(entry)
        self.told.append(self.executor.execute(entry, b"h" * 16))

    async def read(self) -> list[pb.FeedEntry]:
        """Everything, through the server."""
        seq = self.executor.executed_seq
        executor = SimpleNamespace(executed_seq=max(1, seq), told=self.executor.told)
        running = SimpleNamespace(
            settings=SimpleNamespace(
                limits=SimpleNamespace(page_max_entries=100, feed_readers_max=1),
                timing=SimpleNamespace(retry_pushback_ms=1),
            ),
            driver=SimpleNamespace(
                halted=False, unit=SimpleNamespace(log=SimpleNamespace(compared_seq=max(1, seq)))
            ),
            runner=SimpleNamespace(executor=executor),
            logbook=SimpleNamespace(wal=self.log),
            compared_feed=Changes(),
        )
        server = FeedServer(cast(Any, running))
        self.context = Context()
        asked = pb.FeedServiceReadRequest(from_seq=1, to_seq=max(1, seq))
        return [entry async for page in server.Read(asked, self.context) for entry in page.entries]


async def told(unit: Unit) -> list[bytes | None]:
    """What the feed tells; None where it is gone."""
    entries = await unit.read()
    assert all(entry.result_gone is not bool(entry.result) for entry in entries)
    return [None if entry.result_gone else entry.result for entry in entries]


async def test_an_entry_is_told_as_its_client_was() -> None:
    """Executed, repeated, refused for each reason, abandoned, without an id."""
    unit = Unit()
    unit.run(b"request-A", b"buy 10", T_MS)
    unit.run(b"request-A", b"buy 99", T_MS + 1)  # another command under the same id
    unit.run(b"request-A", b"buy 10", T_MS + 2)
    unit.run(b"request-B", b"buy 1", T_MS + 3, seen_ms=0)
    unit.run(b"request-C", b"", T_MS + 4, kind=Kind.ABANDON)
    unit.run(b"request-C", b"buy 2", T_MS + 5)
    unit.run(b"request-A", b"", T_MS + 6, kind=Kind.ABANDON)
    unit.run(b"", b"", T_MS + 7, kind=Kind.NOOP)
    unit.run(b"request-D", b"buy 3", T_MS + 8, seen_ms=T_MS + 9)
    unit.run(b"request-A", b"buy 10", T_MS + 36 * DAY_MS, seen_ms=T_MS + 37 * DAY_MS)  # its record has ended
    unit.run(b"request-A", b"", T_MS + 36 * DAY_MS, seen_ms=T_MS, kind=Kind.ABANDON)
    ten = EXECUTED + b"did buy 10"
    assert unit.told == [ten, REUSED, ten, TOO_OLD, ABANDONED, ABANDONED, ten, EXECUTED, AHEAD, AHEAD, ten]
    first = Unit()
    for entry in unit.log.entries[:9]:
        first.run(entry.request_id, entry.body, entry.time_ms, seen_ms=entry.seen_ms, kind=entry.kind)
    assert await told(first) == first.told == unit.told[:9]
    assert (await told(unit))[9:] == [AHEAD, ten]


async def test_an_abandon_whose_record_is_gone_may_have_been_told_an_outcome() -> None:
    """An ended record answers it for as long as it is there, and then nobody knows whether it was."""
    unit = Unit()
    unit.run(b"request-A", b"buy 10", T_MS)
    unit.run(b"request-A", b"", T_MS + 36 * DAY_MS, seen_ms=T_MS, kind=Kind.ABANDON)
    slot = int.from_bytes(record_key(b"me", b"request-A")[:2], "big")
    tick = Entry(3, 1, T_MS + 37 * DAY_MS, slot, 1, Kind.TICK, 1, 7, b"", b"", 0, 0, b"")
    unit.log.entries.append(tick)
    unit.told.append(unit.executor.execute(tick, b"h" * 16))
    assert unit.told[1] == EXECUTED + b"did buy 10"
    assert (await told(unit))[:2] == [None, None]


async def test_what_ended_is_told_as_gone_not_as_never_executed() -> None:
    """Request ids are remembered for 35 days; the log may be kept for longer, and ids are used again."""
    unit = Unit()
    unit.run(b"request-A", b"buy 10", T_MS)
    unit.run(b"request-A", b"buy 10", T_MS + DAY_MS)
    unit.run(b"request-B", b"buy 1", T_MS + DAY_MS, seen_ms=0)
    unit.run(b"request-A", b"buy 5", T_MS + 37 * DAY_MS)  # the id is free again
    unit.run(b"request-A", b"buy 5", T_MS + 38 * DAY_MS, seen_ms=T_MS)
    five = EXECUTED + b"did buy 5"
    assert await told(unit) == [None, None, None, five, five]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (LogGone("gone"), "no longer kept here; the first one is 1"),
        (LogRotten("here", 1, 3), "entry 1 cannot be read here.* entries 1..3 are rotten"),
        (LogFault("no such device"), "entry 1 cannot be read here.* no such device"),
    ],
)
async def test_rotten_is_not_told_as_gone(fault: LogFault, words: str) -> None:
    """A reader that takes it for trimmed goes on behind it, with a gap that the other unit could fill."""
    unit = Unit()
    unit.log.fault = fault
    with pytest.raises(grpc.aio.AbortError, match=words):
        await unit.read()
    assert unit.context.code is grpc.StatusCode.FAILED_PRECONDITION
