"""The witness is lost, blanked and replaced, and a unit with it: rule 11 on real processes, under load."""

import json
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from ftnode.v1 import admin_pb2 as pb
from tests.live.kit import BIN, Pair

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(240)]


def may_go_alone(status: pb.Status | None) -> bool:
    """Designated is not enough: only when the other unit has agreed."""
    return status is not None and any(
        problem.code == "survivor-designated" and "may go on alone" in problem.what
        for problem in status.problems
    )


def ftctl(pair: Pair, *arguments: str, text: str = "") -> "subprocess.CompletedProcess[str]":
    units = ",".join(f"127.0.0.1:{pair.ports[f'admin{unit}']}" for unit in (0, 1))
    return subprocess.run(
        [str(BIN / "ftctl"), "--units", units, *arguments],
        input=text,
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )


async def test_a_lost_witness_stops_nobody_and_a_blank_one_is_replaced(tmp_path: Path) -> None:
    """Witness killed, then the standby; the survivor restarts alone; the witness comes back blank and is
    replaced; then the active goes. Nothing is lost or doubled, and tills are answered throughout."""
    pair = Pair(tmp_path)
    try:
        pair.start("witness")
        pair.form()
        for name in ("unit0", "unit1"):
            pair.start(name)
        active = await pair.until_duplex()
        async with pair.load(25) as load:
            pair.kill("witness")
            await pair.until(lambda *both: may_go_alone(both[active]), "a survivor that has noted it")
            pair.kill(f"unit{1 - active}")
            await pair.until(lambda *both: _alone(both[active]), "the survivor alone")
            pair.kill(f"unit{active}")
            pair.start(f"unit{active}")
            await pair.until(lambda *both: _alone(both[active]), "the survivor again, by its note")
            pair.start(f"unit{1 - active}")
        load.judge()
        shutil.rmtree(tmp_path / "witness")
        pair.start("witness")
        await pair.until(lambda *both: all(one is not None for one in both), "both units")
        address = f"127.0.0.1:{pair.ports['witness']}"
        done = ftctl(pair, "replace-witness", address)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout.splitlines()[-1])["ok"]
        active = await pair.until_duplex()
        pair.kill(f"unit{active}")
        await pair.until(lambda *both: _alone(both[1 - active]), "a takeover through the new witness")
        pair.kill(f"unit{1 - active}", signal.SIGTERM)
    finally:
        pair.end()


def _alone(status: pb.Status | None) -> bool:
    return status is not None and status.redundancy == pb.REDUNDANCY_SIMPLEX
