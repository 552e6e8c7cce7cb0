"""An operator's evening with a real pair: every command of his, on real units and a real witness."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chaos.live.stage import pair_running
from ftnode.pair import process
from ftnode.pair.layout import PairDir, read_facts
from tests.stock.node import ROOT, missing_for_node

BIN = Path(sys.executable).parent
PATIENCE_S = 60.0

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PairDir]:
    with pair_running(tmp_path_factory.mktemp("evening") / "D") as running:
        yield running


def command(pair: PairDir, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """An installed command, as an operator types it."""
    return subprocess.run(
        [str(BIN / name), *arguments],
        env={**os.environ, "FTCTL_DIR": str(pair.root)},
        text=True,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )


def status(pair: PairDir) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(command(pair, "ftctl", "status", "--json").stdout)
    return answer


def until(pair: PairDir, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Wait for a status that fulfils the condition."""
    ends_s = time.monotonic() + PATIENCE_S
    while not condition(answer := status(pair)):
        assert time.monotonic() < ends_s, answer
    return answer


def until_duplex(pair: PairDir) -> dict[str, Any]:
    return until(
        pair, lambda answer: sorted(unit["state"] for unit in answer["units"]) == ["ACTIVE", "STANDBY"]
    )


def test_an_evening(pair: PairDir) -> None:
    """Duplex; change places; pull one, look, put a blank one in; take one out and bring it back."""
    first = until_duplex(pair)["active"]
    done = command(pair, "ftctl", "switchover", "--reason", "evening")
    assert done.stdout.startswith(f"unit {1 - first} is active now"), done.stderr
    active = until_duplex(pair)["active"]
    assert active == 1 - first

    assert command(pair, "chaos", "pull", str(active)).returncode == 0
    alone = until(pair, lambda answer: answer["active"] == 1 - active and answer["in_sync"] == [1 - active])
    assert alone["exit_status"] == 3
    assert "kept out: pulled" in alone["units"][active]["silence"]
    assert not alone["units"][1 - active]["safe_to_pull"]
    refused = command(pair, "ftctl", "bring-down", str(1 - active))
    assert refused.returncode == 1, "the last unit is not taken out without force"
    assert "nothing was changed" in refused.stderr

    assert command(pair, "chaos", "insert", str(active)).returncode == 0
    whole = until_duplex(pair)
    assert whole["epoch"] > alone["epoch"]

    standby = 1 - whole["active"]
    assert command(pair, "ftctl", "bring-down", str(standby)).returncode == 0
    until(pair, lambda answer: answer["units"][standby]["state"] == "OFFLINE")
    assert command(pair, "chaos", "crash", str(standby)).returncode == 0
    time.sleep(1)
    until(pair, lambda answer: answer["units"][standby]["state"] == "OFFLINE")  # also after a restart
    assert command(pair, "ftctl", "bring-up", str(standby)).returncode == 0
    until_duplex(pair)
    lines = command(pair, "ftctl", "watch", "--seconds", "1.5").stdout
    assert "DUPLEX" in lines


def readme_example(pair: PairDir, language: str) -> str:
    """The README's program in this language, with this pair's addresses."""
    text = (ROOT / "README.md").read_text()
    program = text.split(f"```{language}\n")[1].split("```")[0]
    for port, unit in (("127.0.0.1:7400", 0), ("127.0.0.1:7410", 1)):
        assert port in program
        program = program.replace(port, read_facts(pair).units[unit].till)
    return program


def test_the_readme_s_python_example(pair: PairDir) -> None:
    """Copied from the README, it enrols a member."""
    until_duplex(pair)
    program = readme_example(pair, "python").replace("912345678", "912345601")
    done = subprocess.run(
        [sys.executable, "-c", program], text=True, capture_output=True, timeout=PATIENCE_S, check=False
    )
    assert done.stdout.startswith("Done("), done.stderr


@pytest.mark.skipif(bool(missing_for_node()), reason=missing_for_node() or "-")
def test_the_readme_s_node_example(pair: PairDir, tmp_path: Path) -> None:
    """The same with a stock library of another language."""
    until_duplex(pair)
    program = readme_example(pair, "js").replace("912345678", "912345602")
    file = ROOT / "node_modules" / f".readme-{tmp_path.name}.mjs"  # where it finds grpc-js
    file.write_text(
        program.replace("console.log)", "(error, done) => { console.log(error, done); process.exit(0); })")
    )
    try:
        done = subprocess.run(
            ["node", str(file)], cwd=ROOT, text=True, capture_output=True, timeout=PATIENCE_S, check=False
        )
    finally:
        file.unlink()
    assert done.stdout.startswith("null {"), done.stdout + done.stderr
    assert "member_id" in done.stdout


def test_the_supervisor_dies(pair: PairDir) -> None:
    """Its three children go on, and the next one adopts them: same processes, no till noticed."""
    until_duplex(pair)
    before = read_facts(pair)
    process.send(before.supervisor, signal.SIGKILL)
    assert process.wait_gone(before.supervisor, 5)
    with pair_running(pair.root, ports_free=False):
        after = read_facts(pair)
        assert after.units == before.units
        assert after.witness == before.witness
        assert until_duplex(pair)["epoch"] == status(pair)["epoch"]
