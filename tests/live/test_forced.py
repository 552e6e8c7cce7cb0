"""The power takes both units, and the witness for good: what a person is told to do, on real processes."""

import json
import re
import shutil
from pathlib import Path

import pytest

from ftnode.v1 import admin_pb2 as pb
from tests.live.kit import Pair
from tests.live.test_lost_witness import ftctl

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(180)]


def waits(status: pb.Status | None) -> bool:
    """Up, and not allowed to answer."""
    return status is not None and status.state == pb.UNIT_STATE_DUPLEXING


def answers(status: pb.Status | None) -> bool:
    return status is not None and status.state == pb.UNIT_STATE_ACTIVE


async def test_who_holds_more_is_forced_and_nothing_is_lost(tmp_path: Path) -> None:
    """The standby was out for a while, so that the units do not hold the same. The one that ftctl names is
    made active at a new witness; the other one returns as a stranger. The books of the tills are whole."""
    pair = Pair(tmp_path)
    try:
        pair.start("witness")
        pair.form()
        for name in ("unit0", "unit1"):
            pair.start(name)
        active = await pair.until_duplex()
        async with pair.load(12) as load:
            pair.kill(f"unit{1 - active}")
            await pair.until(lambda *both: answers(both[active]), "simplex")
            async with pair.load(1, rate=200) as alone:
                pass
            alone.judge()
            for name in (f"unit{active}", "witness"):
                pair.kill(name)
            shutil.rmtree(tmp_path / "witness")
            pair.start("witness")  # another one, at the same address: empty, so it counts as lost
            for name in ("unit0", "unit1"):
                pair.start(name)
            await pair.until(lambda *both: all(map(waits, both)), "both wait")
            address = f"127.0.0.1:{pair.ports['witness']}"
            told = ftctl(pair, "replace-witness", address)
            assert told.returncode == 1
            found = re.search(r"ftctl (force-active (\d) --off (\d) --witness \S+)", told.stderr)
            assert found is not None, told.stderr
            most, off = int(found[2]), int(found[3])
            assert most == active, told.stderr
            heard = ftctl(pair, *found[1].split(), "--accept-data-loss", "--yes")
            assert (heard.returncode, "not switched off" in heard.stderr) == (1, True), heard.stderr
            pair.kill(f"unit{off}")
            await pair.until(lambda *both: both[off] is None, "off")
            for _ in range(20):  # until it is sure that it hears nothing
                done = ftctl(pair, *found[1].split(), "--accept-data-loss", "--yes", "--reason", "a test")
                if done.returncode == 0:
                    break
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout.splitlines()[-1])["active"] == most
            await pair.until(lambda *both: answers(both[most]), "the forced one answers")
            pair.start(f"unit{off}")
            assert await pair.until_duplex() == most
        assert load.result["lost"] == 0, load.said
        assert load.result["doubled"] == 0, load.said
        assert load.result["acknowledged"] > 0
        said = [line for line in pair.log(f"unit{most}") if line.get("event") == "force_active_asked"]
        assert len(said) == 1
        assert said[0]["why"] == "a test"
    finally:
        pair.end()
