"""The machine under a unit goes wrong: its disk is full, its clock is an hour off. The pair goes on."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from chaos.live.durability_disk import missing_for_power_cuts
from ftnode.v1 import admin_pb2 as pb
from loyalty.client.answers import Done
from loyalty.client.client import TillClient
from loyalty.client.policy import Policy
from loyalty.client.units import Units
from tests.live.kit import Pair, unmount

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(240)]

LOAD_S: Final = 8.0
FILLING_RATE: Final = 300  # two segments of 256 KiB are full, of about 500 bytes each, before the load ends
HURT_AFTER_S: Final = 3.0
ENDS_S: Final = 30.0
HOUR_MS: Final = 3_600_000
AHEAD_MS: Final = 1_000  # log time is never further ahead of real time
BEHIND_MS: Final = 60_000  # nor behind: where no two clocks agree, it does not count an outage


async def start(pair: Pair) -> None:
    """Into duplex; unit 0 is active."""
    pair.start("witness")
    await asyncio.sleep(0.5)
    pair.form()
    pair.start("unit0")
    pair.start("unit1")
    assert await pair.until_duplex() == 0


# ------------------------------------------------------------------ a full disk


@pytest.fixture
def small_disks(tmp_path: Path) -> Iterator[Path]:
    """Each unit's directory on a file system of 24 MB of its own."""
    places = [tmp_path / f"unit{unit}" for unit in (0, 1)]
    for place in places:
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", place], check=True)
    yield tmp_path
    for place in places:
        unmount(place)


def fill(place: Path) -> Path:
    """Somebody else's file takes all the room that is left."""
    filler = place / "somebody-elses"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(65_536)):
            pass
    assert os.statvfs(place).f_bavail == 0
    return filler


@pytest.mark.root
@pytest.mark.skipif(bool(missing_for_power_cuts()), reason=missing_for_power_cuts() or "-")
@pytest.mark.parametrize("unit", [0, 1], ids=["of the active", "of the standby"])
async def test_a_full_disk(small_disks: Path, unit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The unit says so and stops, its partner answers alone, nothing is lost; with room again it rejoins."""
    monkeypatch.setenv("FTNODE_LOG_FREE_MIN_BYTES", "0")  # no warning ahead: it meets the end itself
    monkeypatch.setenv("FTNODE_LOG_RESERVE_BYTES", "0")
    pair = Pair(small_disks)
    try:
        await start(pair)
        async with pair.load(LOAD_S, rate=FILLING_RATE) as load:
            await asyncio.sleep(HURT_AFTER_S)
            filler = fill(small_disks / f"unit{unit}")
            status = await asyncio.to_thread(pair.processes[f"unit{unit}"].wait, ENDS_S)
            await pair.until(lambda *both: alone(both[1 - unit], 1 - unit), "alone")
        load.judge()
        assert status == 1
        words = [line.get("why", "") for line in pair.log(f"unit{unit}")]
        assert any("No space left" in why or "no room" in why for why in words), words[-10:]
        assert any(str(small_disks / f"unit{unit}") in why for why in words), words[-10:]
        pair.processes.pop(f"unit{unit}")

        pair.start(f"unit{unit}")  # still no room: it ends again, and harms nobody
        assert await asyncio.to_thread(pair.processes.pop(f"unit{unit}").wait, ENDS_S) == 1
        filler.unlink()
        pair.start(f"unit{unit}")
        assert await pair.until_duplex() == 1 - unit
        async with pair.load(1) as load:
            pass
        load.judge()
    finally:
        pair.end()


def alone(status: "pb.Status | None", unit: int) -> bool:
    """It is active, and the only one in the set."""
    return status is not None and status.active == unit and list(status.in_sync) == [unit]


# ------------------------------------------------------------------ a clock that is off

SHIFTED = (  # the wall clock as the unit sees it; the monotonic one is as it is
    "import time; real = time.time_ns; time.time_ns = lambda: real() + {shift_ms} * 1_000_000; "
    "from ftnode.app import main; main()"
)


@dataclass
class ClockPair(Pair):
    """`shift_ms` is by how much a unit's wall clock is off, from its next start on."""

    shift_ms: dict[str, int] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """As it was, or with a clock that is off."""
        if not self.shift_ms.get(name):
            super().start(name)
            return
        program = SHIFTED.format(shift_ms=self.shift_ms[name])
        command = [sys.executable, "-c", program, "serve", "--config", str(self.root / f"{name}.toml")]
        with self.root.joinpath(f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.root)


async def test_a_clock_an_hour_off(tmp_path: Path) -> None:
    """Log time follows the two clocks that agree; where no two do, it goes on at its own rate. It never
    jumps and never goes back, whoever is active. And each unit says whose clocks differ."""
    pair = ClockPair(tmp_path)
    try:
        await start(pair)
        async with watched_time(pair) as seen:
            await replace(pair, 1, HOUR_MS)  # the standby comes back with a clock an hour ahead,
            pair.kill("unit0")  # and takes over
            await replace(pair, 0, -HOUR_MS)  # its partner comes back an hour behind: no two agree now
            assert await pair.until_duplex() == 1
            assert "clocks-differ" in await problems(pair, 1)
            pair.kill("unit1")  # the one that is behind takes over
            await replace(pair, 1, 0)
            assert await pair.until_duplex() == 0
            await asyncio.sleep(1)
        assert len(seen) > 20
        assert [log_ms for log_ms, _ in seen] == sorted(log_ms for log_ms, _ in seen)
        ahead_ms = [log_ms - real_ms for log_ms, real_ms in seen]
        assert min(ahead_ms) > -BEHIND_MS
        assert max(ahead_ms) < AHEAD_MS
    finally:
        pair.end()


async def replace(pair: ClockPair, unit: int, shift_ms: int) -> None:
    """The unit starts anew with this clock; until both are in sync and it has been heard."""
    name = f"unit{unit}"
    if name in pair.processes:
        pair.kill(name)
    pair.shift_ms[name] = shift_ms
    pair.start(name)
    await pair.until_duplex()
    await asyncio.sleep(1)


async def problems(pair: Pair, unit: int) -> list[str]:
    """Codes of what the unit says is wrong."""
    status = await pair.status(unit)
    assert status is not None
    return [problem.code for problem in status.problems]


@contextlib.asynccontextmanager
async def watched_time(pair: Pair) -> AsyncIterator[list[tuple[int, int]]]:
    """Ask for the log time all the while: (log time, real time), ms, in the order of the answers."""
    seen: list[tuple[int, int]] = []

    async def watch() -> None:
        async with Units(pair.targets, Policy(deadline_ms=2000)) as units:
            while True:
                answer = await TillClient(units).outcome(bytes(16))
                if isinstance(answer, Done):
                    seen.append((answer.log_time_ms, time.time_ns() // 1_000_000))
                await asyncio.sleep(0.05)

    watching = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
