"""A disk whose sync fails: the unit ends, comes back as another incarnation, and the second time stays out.

And what an operator types then: `ftctl mtbf`, `diagnose`, `locate`, `clear`, `history --follow` beside it.
"""

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from chaos.live.shim import SYNCS, build, missing_for_shim
from ftnode.v1 import admin_pb2 as pb
from tests.live.kit import BIN, Pair

pytestmark = [
    pytest.mark.live,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(missing_for_shim()), reason=missing_for_shim()),
]

ENDS_S: Final = 30.0
SETTINGS: Final = {
    "FTNODE_LOG_SYNC_BY": "thread",  # else the kernel syncs, and no library sees it
    "FTNODE_HARDWARE_MTBF_FAULTS": "4",  # a failed sync is a hard fault and counts as two
    "FTNODE_HARDWARE_MTBF_MIN_MS": "3600000",
}


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """Not yet started."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LD_PRELOAD", str(build(tmp_path, SYNCS)))
    return Pair(tmp_path)


async def ftctl(pair: Pair, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit status and the last line, as a program reads it."""
    done = await asyncio.to_thread(run, pair, *words, "--json")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def run(pair: Pair, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(pair, *words), text=True, capture_output=True, timeout=60, check=False)


def command(pair: Pair, *words: str) -> list[str]:
    units = ",".join(f"127.0.0.1:{pair.ports[f'admin{unit}']}" for unit in (0, 1))
    witness = f"127.0.0.1:{pair.ports['witness']}"
    return [str(BIN / "ftctl"), "--units", units, "--witness", witness, *words]


async def sync_fails(pair: Pair, unit: int) -> None:
    """The next one of its log; the process has ended when this returns, and is started again."""
    (pair.root / f"unit{unit}" / "fail-next-sync").touch()
    ended = await asyncio.to_thread(pair.processes.pop(f"unit{unit}").wait, ENDS_S)
    assert ended == 1, pair.log(f"unit{unit}")[-5:]
    pair.start(f"unit{unit}")


async def incarnation(pair: Pair, unit: int) -> str:
    status = await pair.status(unit)
    assert status is not None
    return status.incarnation


def stays_out(status: "pb.Status | None") -> bool:
    return status is not None and status.state == pb.UNIT_STATE_BROKEN and "MTBF of" in status.state_why


async def test_a_failed_sync_ends_the_unit_and_the_second_keeps_it_out(pair: Pair) -> None:
    """Of the active, twice, while tills buy: nothing is lost, the partner goes on, no sync is tried again."""
    story = pair.root / "story"
    following: asyncio.subprocess.Process | None = None
    try:
        pair.start("witness")
        await asyncio.to_thread(pair.form)
        pair.start("unit0")
        pair.start("unit1")
        ill = await pair.until_duplex()
        with story.open("wb") as output:
            following = await asyncio.create_subprocess_exec(
                *command(pair, "history", "--last", "1", "--follow", "--json"), stdout=output
            )
        async with pair.load(14) as load:
            before = await incarnation(pair, ill)
            await sync_fails(pair, ill)
            assert await pair.until_duplex() == 1 - ill, (
                "its disk passed the diagnostics, one fault is no pattern"
            )
            assert await incarnation(pair, ill) != before
            status, told = await ftctl(pair, "mtbf")
            assert (status, told["units"][ill]["faults_total"]) == (0, 1), told
            assert told["units"][ill]["faults"][0]["kind"] == "FAULT_KIND_HARD"

            assert (await asyncio.to_thread(run, pair, "switchover")).returncode == 0
            assert await pair.until_duplex() == ill
            await sync_fails(pair, ill)
            await pair.until(lambda *both: stays_out(both[ill]), "broken for its MTBF")
        load.judge()
        await what_an_operator_does(pair, ill)
        told_of = [json.loads(line) for line in story.read_text().splitlines()]
        assert {"halt", "alarm-raised", "clear_asked"} <= {line["what"] for line in told_of}
        moves = [line for line in told_of if line["what"] == "moved" and line["unit"] == ill]
        states = [line["more"]["state"] for line in moves]
        assert "BROKEN" in states, "it was told while it happened"
    finally:
        if following is not None:
            following.kill()
            await following.wait()
        pair.end()


async def what_an_operator_does(pair: Pair, ill: int) -> None:
    """Looks, tries, finds the box, clears; each command says by its exit status how it is."""
    assert (await ftctl(pair, "status"))[0] == 3
    status, told = await ftctl(pair, "mtbf")
    assert (status, told["units"][ill]["faults_total"]) == (3, 2)
    assert "the last of 2 faults" in told["units"][ill]["worn"]
    assert not told["units"][1 - ill]["worn"]
    status, told = await ftctl(pair, "diagnose", str(ill))
    assert (status, told["program_differs"]) == (0, "")
    assert {"disk", "memory", "clock"} <= {check["part"] for check in told["checks"]}, told
    status, told = await ftctl(pair, "locate", str(ill), "--seconds", "600")
    assert (status, told["unit"]) == (0, ill)
    seen = await pair.status(ill)
    assert seen is not None
    assert seen.locating_ms > 0
    assert (await ftctl(pair, "locate", str(ill), "--seconds", "0"))[1]["locating_ms"] == 0
    assert any(line.get("event") == "locate" for line in pair.log(f"unit{ill}"))
    status, told = await ftctl(pair, "clear", str(ill), "--reason", "ann: another disk")
    assert (status, told["faults_cleared"]) == (0, 2)
    assert await pair.until_duplex() == 1 - ill
    assert (await ftctl(pair, "mtbf"))[0] == 0


def test_a_unit_that_does_not_answer_is_said(pair: Pair) -> None:
    """Nobody runs: each command says so, and none of them waits for long."""
    for words in (["mtbf"], ["diagnose", "0"], ["locate", "1"], ["clear", "0"], ["history"]):
        done = run(pair, *words)
        assert done.returncode == 1, (words, done)
        assert "nobody listens" in done.stdout + done.stderr, (words, done)
