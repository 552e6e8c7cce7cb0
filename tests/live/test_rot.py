"""Bits flip on a running unit's disk: found, named, mended by the other unit; nothing wrong is answered."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chaos.live import flip_disk
from ftnode.v1 import admin_pb2 as pb
from tests.live.kit import BIN, Pair

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]


async def verify(pair: Pair, *more: str) -> tuple[int, dict[str, Any]]:
    """`ftctl verify`: its exit status and its last line."""
    units = ",".join(f"127.0.0.1:{pair.ports[f'admin{unit}']}" for unit in (0, 1))
    process = await asyncio.create_subprocess_exec(
        BIN / "ftctl",
        *("--units", units, "--witness", f"127.0.0.1:{pair.ports['witness']}", "verify", "--fast", *more),
        stdout=asyncio.subprocess.PIPE,
        stderr=sys.stderr,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 120)
    status = process.returncode
    assert status is not None
    return status, json.loads(out.decode().strip().splitlines()[-1])


async def started(root: Path) -> Pair:
    """In duplex, with something in log, state and archive."""
    pair = Pair(root)
    pair.start("witness")
    await asyncio.sleep(0.5)
    pair.form()
    pair.start("unit0")
    pair.start("unit1")
    await pair.until_duplex()
    async with pair.load(4, rate=250) as load:
        pass
    load.judge()
    return pair


def found(result: dict[str, Any], unit: int) -> list[str]:
    return [one["what"] for one in result["units"][unit]["findings"]]


@pytest.mark.slow
async def test_bits_that_flip_on_a_disk_are_found_and_mended_under_traffic(tmp_path: Path) -> None:
    """In log, state, archive and promise, on the standby and on the active."""
    pair, rng = await started(tmp_path), Random(7)
    try:
        status, result = await verify(pair)
        assert (status, result["verdict"]) == (0, "sound"), result
        assert result["roots_equal"]
        assert result["log_equal"]
        await fetched(pair, rng)
        for unit in (1, 0):
            place = tmp_path / f"unit{unit}"
            async with pair.load(6, rate=100) as load:
                await asyncio.sleep(1)
                begun = len(pair.log(f"unit{unit}"))
                flips = [flip_disk.flip(kind, place, rng) for kind in ("promise", "state")]
                # Unit 1 has all of it in its log, before it gets a snapshot in its round.
                covered = flip_disk.archived(place)[-1][1] if unit == 1 else has_too(tmp_path, unit)
                if covered:
                    flips.append(flip_disk.flip_archive(place, rng, last_seq=covered))
                flips.append(flip_disk.flip_log(place, rng, newest=True))
                status, result = await verify(pair)
                assert status == 3, result
                wanted = {"entries", "slot", "promise"} | ({"archive"} if covered else set())
                may_be_gone = {"promise"}
                if said_since(pair, unit, begun, {"rot_mended", "repaired"}):  # the archivist read it first
                    may_be_gone |= {"entries"}
                assert wanted - set(found(result, unit)) <= may_be_gone, (flips, result)
                assert not found(result, 1 - unit), result
                await pair.until(lambda *both: mended(*both), "mended")
            load.judge()
            await pair.until_duplex()
            status, result = await verify(pair)
            assert (status, result["verdict"]) == (0, "sound"), result
        said = [line["event"] for unit in (0, 1) for line in pair.log(f"unit{unit}") if "event" in line]
        assert {"rot_in_log", "rot_in_state", "rot_replaced", "archive_mended"} <= set(said)
        assert "bug" not in said
    finally:
        pair.end()


async def fetched(pair: Pair, rng: Random) -> None:
    """An entry rots that is in no archive yet, and not in memory any more: the other unit sends it."""
    status = await pair.status(1)
    assert status is not None
    await started_anew(pair, 1)
    begun = len(pair.log("unit1"))
    flip = flip_disk.flip_log(pair.root / "unit1", rng, newest=True, last_seq=status.seqs.durable_seq)
    code, result = await verify(pair)
    met = said_since(pair, 1, begun, {"repaired"})  # by itself, before the operator looked
    assert met or (code, found(result, 1)) == (3, ["entries"]), (flip, result)
    assert not found(result, 0), result
    await pair.until(lambda *both: mended(*both), "mended")
    assert said_since(pair, 1, begun, {"rot in the log"})
    assert said_since(pair, 1, begun, {"repaired"})


def has_too(root: Path, unit: int) -> int:
    """Last seq of a segment that this unit has archived, and the other one has all of, from the first on; 0:
    of none. Segments are cut differently; who got a snapshot lacks what it never had as a log."""
    has_seq = 0
    for first, last in flip_disk.archived(root / f"unit{1 - unit}"):
        has_seq = last if first == has_seq + 1 else has_seq
    return max((last for _, last in flip_disk.archived(root / f"unit{unit}") if last <= has_seq), default=0)


def said_since(pair: Pair, unit: int, begun: int, events: set[str]) -> bool:
    """Whether it has met the flip by itself, when it had to read there."""
    return any(line.get("event") in events for line in pair.log(f"unit{unit}")[begun:])


async def started_anew(pair: Pair, unit: int) -> None:
    """The process, on the same disk."""
    pair.kill(f"unit{unit}", signal.SIGTERM)
    await asyncio.to_thread(pair.processes.pop(f"unit{unit}").wait, 20)
    pair.start(f"unit{unit}")
    await pair.until_duplex()


def mended(zero: "pb.Status | None", one: "pb.Status | None") -> bool:
    """Both in sync again, and nobody speaks of rot any more."""
    if zero is None or one is None:
        return False
    states = {zero.state, one.state}
    rot = [problem.code for status in (zero, one) for problem in status.problems if "rot" in problem.code]
    return states == {pb.UNIT_STATE_ACTIVE, pb.UNIT_STATE_STANDBY} and not rot
