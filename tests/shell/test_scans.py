"""Long reads: a consistent view while commands go on; what happens to a helper hurts nobody else."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from ftnode.config.limits import Scans as Settings
from ftnode.observe.figures import UnitFigures
from ftnode.shell import scan_helper
from ftnode.shell.scan_helper import name_of
from ftnode.shell.scans import PUSHBACK_MS, Scans
from ftnode.shell.table import BadRequestError, Lane, Scan, ScanMethod
from ftnode.store.child import Child
from ftnode.store.state_lmdb import LmdbStateStore
from tests.shell.scan_machine import SCANS, Shelf, encode
from tests.shell.test_serving import info, trailer
from tests.state.contract import ONE, TWO, A, key, make
from tests.state.test_state_lmdb import LmdbDisk

PATH = "/test.S/Scan"
SETTINGS = Settings(
    at_once_max=1,
    waiting_max=2,
    max_ms=20_000,
    chunk_max_bytes=262_144,
    memory_max_bytes=256 << 20,
    send_max_bytes_per_s=1 << 30,
    processor="nice",  # the machine that tests run on is busy
)
AFTER_ONE = b"a=1,b=1,c=one,d="


def decode(request: bytes) -> Scan:
    if request.decode() not in SCANS:
        raise BadRequestError("scan", f"is {request!r}", "one of SCANS")
    return Scan(request)


METHODS = [ScanMethod(PATH, Lane.BACK_OFFICE, decode, encode)]


@dataclass
class Unit:
    """A state with one checkpoint, a port before it, and a client."""

    store: LmdbStateStore
    disk: LmdbDisk
    scans: Scans
    figures: UnitFigures
    server: grpc.aio.Server
    channel: grpc.aio.Channel

    def ask(self, scan: str) -> Any:
        return self.channel.unary_stream(PATH, None, None)(scan.encode())

    async def all_of(self, scan: str) -> list[bytes]:
        return [chunk async for chunk in self.ask(scan)]

    def results(self) -> dict[str, int]:
        return {result: count for (_, result), count in self.figures.scans.items()}

    def readers(self) -> set[int]:
        """Processes that hold a page of the state."""
        return {int(line.split()[0]) for line in self.store._file.env.readers().splitlines()[1:]}


async def at_once() -> None:
    """The checkpoint that is there is fresh enough."""


@asynccontextmanager
async def serving(
    path: Path,
    unready: Callable[[], str] = lambda: "",
    fresh: Callable[[], Awaitable[None]] = at_once,
    **limits: Any,
) -> AsyncIterator[Unit]:
    disk = LmdbDisk(path / "state")
    store = disk.open()
    make(disk, store, 1, ONE)
    store.refresh()
    figures = UnitFigures()
    settings = Settings(**{**{name: getattr(SETTINGS, name) for name in Settings.__slots__}, **limits})
    scans = Scans(settings, path / "state", [Shelf()], figures, unready, fresh)
    server: Any = grpc.aio.server()
    for method, handler in scans.handlers(METHODS).items():
        _, service, name = method.split("/")
        server.add_registered_method_handlers(service, {name: handler})
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Unit(store, disk, scans, figures, server, channel)
    finally:
        scans.stop()
        await server.stop(2)
        store.close()


async def rest_of(call: Any) -> list[bytes]:
    """What is still to come of a call that was read from."""
    chunks: list[bytes] = []
    while isinstance(chunk := await call.read(), bytes):  # and not EOF
        chunks.append(chunk)
    return chunks


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not seen():  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(0.005)


async def gone_is(pid: int) -> None:
    """Ended, and waited for: not even a zombie is left."""
    await until(lambda: not os.path.exists(f"/proc/{pid}"))


async def test_all_of_a_checkpoint_and_where_it_stands(tmp_path: Path) -> None:
    """Every chunk says as of which entry; log time is the checkpoint's, the processor is asked for last."""
    async with serving(tmp_path, processor="idle") as unit:
        with capture_logs() as lines:
            assert await unit.all_of("pairs") == [b"1:a=1,b=1", b"1:c=one,d="]
            await until(lambda: bool(lines))
        assert await unit.all_of("place") == [b"1:1000 %d" % os.SCHED_IDLE]
    assert [(line["result"], line["seq"], line["chunks"], line["bytes"]) for line in lines] == [
        ("done", 1, 2, 19)
    ]
    assert unit.results() == {"done": 2}


async def test_a_helper_stands_back_before_it_imports_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it imports is most of a short scan's work: it has not even been told what to do."""
    seen: list[int] = []

    class Watched(Child):
        def send(self, text: bytes) -> None:
            seen.append(os.sched_getscheduler(self.pid))
            super().send(text)

    monkeypatch.setattr(scan_helper, "Child", Watched)
    async with serving(tmp_path, processor="idle") as unit:
        await unit.all_of("pairs")
    assert seen == [os.SCHED_IDLE]


async def test_a_machine_that_is_never_idle_may_give_scans_their_part(tmp_path: Path) -> None:
    """As `scans.processor` says."""
    async with serving(tmp_path) as unit:
        assert await unit.all_of("place") == [b"1:1000 %d" % os.SCHED_OTHER]


async def test_the_view_stands_still_while_commands_go_on(tmp_path: Path) -> None:
    """What a later checkpoint changes or takes away is seen by the next scan, not by one that had begun."""
    async with serving(tmp_path) as unit:
        scan = unit.ask("slow")
        first = await scan.read()
        for seq in range(2, 8):
            more = [(key(9, f"{seq}{number:03}"), b"x" * 1000) for number in range(100)]
            make(unit.disk, unit.store, seq, [*(TWO if seq == 2 else ()), *more])
        rest = await rest_of(scan)
        assert b",".join(text.removeprefix(b"1:") for text in (first, *rest)) == AFTER_ONE
        later = await unit.all_of("pairs")
        assert later[0] == b"7:b=2,c=one"


async def test_a_scan_waits_for_a_fresh_checkpoint(tmp_path: Path) -> None:
    """What was answered before somebody asked for a report is in the report."""

    async def fresh() -> None:
        make(unit.disk, unit.store, 2, TWO)

    async with serving(tmp_path, fresh=fresh) as unit:
        assert (await unit.all_of("pairs"))[0] == b"2:b=2,c=one"


async def test_a_caller_who_goes_away_takes_the_helper_along(tmp_path: Path) -> None:
    """While nothing comes, while he does not read, while he waits: no process and no page is left."""
    async with serving(tmp_path) as unit:
        for scan in ("silent", "endless"):
            call = unit.ask(scan)
            pid = int((await call.read()).removeprefix(b"1:"))
            waiting = unit.ask("pairs")
            await until(lambda: unit.scans.waiting == 1)
            waiting.cancel()
            await until(lambda: unit.scans.waiting == 0)
            call.cancel()
            await gone_is(pid)
        await until(lambda: not unit.scans.running)
        make(unit.disk, unit.store, 2, TWO)  # each checkpoint looks for readers who are no more
        assert unit.readers() <= {os.getpid()}
        assert unit.results() == {"cancelled": 4}


FAULTS = [  # scan, how it ends, what the caller hears
    ("dies", "gone", "ended by SIGKILL"),
    ("raises", "bug", "KeyError: 'no such shelf'"),
    ("wide", "bug", "a chunk of 500002 bytes; at most scans.chunk_max_bytes = 262144"),
    ("greedy", "gone", "more than scans.memory_max_bytes"),
]


@pytest.mark.parametrize(("scan", "result", "words"), FAULTS)
async def test_a_helper_that_fails_is_heard_of_and_hurts_nobody(
    tmp_path: Path, scan: str, result: str, words: str
) -> None:
    """UNAVAILABLE with the reason, a line in the log; the next scan is answered."""
    async with serving(tmp_path) as unit:
        with capture_logs() as lines, pytest.raises(grpc.aio.AioRpcError, match=words) as caught:
            await unit.all_of(scan)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert [(line["log_level"], line["result"]) for line in lines] == [("error", result)]
        assert ("where" in lines[0]) == (result == "bug")
        assert len(await unit.all_of("pairs")) == 2


async def test_one_runs_the_next_wait_the_others_are_refused(tmp_path: Path) -> None:
    """In the order they came; RESOURCE_EXHAUSTED, NOT_TAKEN and when to come again for who is too many."""
    async with serving(tmp_path) as unit:
        first = unit.ask("silent")
        await first.read()
        waiting = [asyncio.ensure_future(unit.all_of("pairs")) for _ in range(2)]
        await until(lambda: unit.scans.waiting == 2)
        with pytest.raises(grpc.aio.AioRpcError, match=r"scans\.waiting_max = 2") as caught:
            await unit.all_of("pairs")
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert info(caught.value).reason == "NOT_TAKEN"
        assert trailer(caught.value)["grpc-retry-pushback-ms"] == str(PUSHBACK_MS)
        assert unit.figures.refusals["scans wait"] == 1
        assert unit.scans.running == 1
        first.cancel()
        assert [len(chunks) for chunks in await asyncio.gather(*waiting)] == [2, 2]


@pytest.mark.parametrize("scan", ["silent", "endless"])
async def test_a_scan_that_takes_too_long_is_ended(tmp_path: Path, scan: str) -> None:
    """Because nothing comes, or because the caller does not read: no page is held for ever."""
    async with serving(tmp_path, max_ms=2500) as unit:
        call = unit.ask(scan)
        pid = int((await call.read()).removeprefix(b"1:"))
        await gone_is(pid)
        with pytest.raises(grpc.aio.AioRpcError, match=r"longer than scans\.max_ms = 2500") as caught:
            await rest_of(call)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert unit.results() == {"too long": 1}


async def test_a_unit_that_stops_sends_everybody_to_the_other_one(tmp_path: Path) -> None:
    """The one that runs, the one that waits, the one that comes."""
    async with serving(tmp_path) as unit:
        call = unit.ask("silent")
        pid = int((await call.read()).removeprefix(b"1:"))
        waiting = asyncio.ensure_future(unit.all_of("pairs"))
        await until(lambda: unit.scans.waiting == 1)
        unit.scans.stop()
        unit.scans.stop()
        for ending in (call.read(), waiting, unit.all_of("pairs")):
            with pytest.raises(grpc.aio.AioRpcError, match="this unit stops: ask the other one"):
                await ending
        await gone_is(pid)
        assert unit.results() == {"stopping": 2}


async def test_rot_ends_the_scan_and_the_unit_is_told(tmp_path: Path) -> None:
    """The pair is named, its slot goes into quarantine; scans of the other pairs are not touched."""
    async with serving(tmp_path) as unit:
        unit.disk.rot(unit.store, A)
        told: list[tuple[int, str]] = []
        unit.scans.on_rot = lambda slot, why: told.append((slot, why))
        with capture_logs() as lines, pytest.raises(grpc.aio.AioRpcError, match=A.hex()) as caught:
            await unit.all_of("pairs")
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert lines[0]["result"] == "rotten"
        assert await unit.all_of("place")
        ((slot, why),) = told
        assert slot == 0
        assert f"slot 0, key {A.hex()}" in why


async def test_who_is_not_in_sync_does_not_scan(tmp_path: Path) -> None:
    """And a request that does not parse starts nothing."""
    async with serving(tmp_path, lambda: "unit 0 is DUPLEXING: ask the other one") as unit:
        with pytest.raises(grpc.aio.AioRpcError, match="DUPLEXING"):
            await unit.all_of("pairs")
        with pytest.raises(grpc.aio.AioRpcError, match="scan: is b'nonsense'") as caught:
            await unit.all_of("nonsense")
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert unit.results() == {}


ORPHAN = """
import os, sys
from pathlib import Path
from ftnode.shell.scan_helper import HelperScan, Job
names = (("tests.shell.scan_machine:Shelf",), "tests.shell.scan_machine:encode")
job = Job(*names, b"silent", 1000, 1 << 28, 9000)
scan = HelperScan(Path(sys.argv[1]), job)
scan.begin()
print(scan.chunk().decode(), flush=True)
os._exit(9)
"""


async def test_a_unit_that_is_killed_leaves_no_helper(tmp_path: Path) -> None:
    """Its end of the pipe closes: that is enough, whatever the helper is doing."""
    disk = LmdbDisk(tmp_path / "state")
    disk.open().close()
    command = [sys.executable, "-c", ORPHAN, str(disk.path)]
    died = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC221 - alone
    assert died.returncode == 9
    await gone_is(int(died.stdout.removeprefix("0:")))


def test_what_a_helper_could_not_import_is_refused_at_the_start() -> None:
    """Not when the first report is asked for, at the end of the month."""

    class Hidden(Shelf):
        pass

    assert name_of(Shelf) == "tests.shell.scan_machine:Shelf"
    with pytest.raises(ValueError, match="cannot be imported"):
        name_of(Hidden)
    with pytest.raises(ValueError, match="cannot be imported"):
        name_of(lambda answer: b"")
