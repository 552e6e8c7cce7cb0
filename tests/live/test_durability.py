"""Acknowledged purchases survive SIGKILL and power loss of everything; a daemon that lies about it is seen.

The full runs, 100 kills and 20 power cuts, are `make durability`; these are the same with few rounds.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.live.durability import cannot
from chaos.live.durability_disk import Disk, DiskError, missing_for_power_cuts
from chaos.live.durability_run import Kind, Outcome, Run
from loyalty.client.accounting import Account

PATIENCE_S = 240
needs_disks = pytest.mark.skipif(bool(missing_for_power_cuts()), reason=missing_for_power_cuts() or "-")

# ------------------------------------------------------------------ the verdict

VERDICTS = [  # part, what was found (None: nothing could be read), rounds of 3, problems, the verdict
    ("kill", Account(acknowledged=9), 3, [], "kept"),
    ("kill", Account(acknowledged=9, lost=1), 3, [], "lost"),
    ("power", Account(acknowledged=9, doubled=1), 3, [], "lost"),
    ("power", Account(acknowledged=9, misread=1), 3, [], "lost"),
    ("power", Account(acknowledged=9), 2, [], "unproven"),  # not all rounds
    ("power", Account(acknowledged=9), 3, ["no answer after 60 s"], "unproven"),
    ("power", None, 3, [], "unproven"),
    ("control", Account(acknowledged=9, lost=1), 3, ["lost: ..."], "sees"),
    ("control", Account(acknowledged=9), 3, [], "blind"),
    ("control", Account(acknowledged=9, stale=1), 3, [], "blind"),  # only a loss proves that losses are seen
    ("control", None, 3, [], "blind"),
]


@pytest.mark.parametrize(("kind", "found", "rounds", "problems", "verdict"), VERDICTS)
def test_verdict(kind: Kind, found: Account | None, rounds: int, problems: list[str], verdict: str) -> None:
    """What is not proven is never good; a control is good only by a loss."""
    outcome = Outcome(kind, rounds=rounds, wanted=3, account=found, problems=problems)
    assert outcome.verdict == verdict
    assert outcome.ok == (verdict in ("kept", "sees"))


# ------------------------------------------------------------------ the runs


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_S)
async def test_everything_is_killed(tmp_path: Path) -> None:
    """SIGKILL of both units and the witness, three times, tills buying all the while."""
    outcome = await Run("kill", tmp_path / "D", times=3, tills=20, rate=60, seed=1).play()
    assert outcome.ok, (outcome.figures(), outcome.problems)
    assert outcome.account is not None
    assert outcome.account.acknowledged > 100


def run_command(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`make durability` with other figures, its directories below `directory`."""
    return subprocess.run(
        [sys.executable, "-m", "chaos.live.durability", *arguments],
        env={**os.environ, "TMPDIR": str(directory)},
        text=True,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_a_wrong_part_is_named() -> None:
    """And so are the right ones."""
    done = run_command(Path("/"), "powder")
    assert done.returncode == 2
    assert "powder: want kill, power, control" in done.stderr


@pytest.mark.root
@pytest.mark.live
@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_S)
@needs_disks
@pytest.mark.parametrize(("part", "verdict"), [("power", "kept"), ("control", "sees")])
def test_power_is_cut(tmp_path: Path, part: Kind, verdict: str) -> None:
    """All three disks lose what was not synced: nothing that was acknowledged; and with a fsync that does
    nothing, losses are found."""
    if cannot(part):
        pytest.skip(cannot(part))
    done = run_command(tmp_path, part, "--cuts", "2" if part == "power" else "4", "--seed", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["ok"]
    assert told[part]["verdict"] == verdict
    assert bool(told[part]["lost"]) == (part == "control")
    assert left_behind(tmp_path) == []


# ------------------------------------------------------------------ the guards


def left_behind(directory: Path) -> list[str]:
    """Loop devices over files below the directory, mounts there, processes that name it."""
    loops = [
        str(file.parent.parent)
        for file in Path("/sys/block").glob("loop*/loop/backing_file")
        if file.read_text().startswith(str(directory))
    ]
    mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(directory) in line]
    return loops + mounts + processes(lambda command: str(directory) in command)


def processes(meant: Callable[[str], bool]) -> list[str]:
    """Command lines of living processes."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # ended meanwhile
        if meant(command) and file.parent.name != str(os.getpid()):
            found.append(command)
    return found


@pytest.mark.root
@needs_disks
def test_only_our_own_disk_is_cut(tmp_path: Path) -> None:
    """A directory on the machine's own disk, and one on somebody else's mount: refused, not touched."""
    disk = Disk(tmp_path / "ours.img", tmp_path / "place")
    disk.place.mkdir()
    for harm in (disk.cut, disk.unmount, disk.settle):
        with pytest.raises(DiskError, match=r"not on our .*ours\.img: not touched"):
            harm()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", disk.place], check=True)
    try:
        with pytest.raises(DiskError, match="no loop device"):
            disk.cut()
        with pytest.raises(DiskError, match="something is mounted there already"):
            disk.mount()
        (disk.place / "alive").write_text("")
    finally:
        subprocess.run(["umount", disk.place], check=True)


@pytest.mark.root
@needs_disks
def test_an_image_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    """It is somebody's."""
    (tmp_path / "a.img").write_bytes(b"somebody's")
    with pytest.raises(DiskError, match="File exists"):
        Disk(tmp_path / "a.img", tmp_path / "place").make()
    assert (tmp_path / "a.img").read_bytes() == b"somebody's"


@pytest.mark.root
@pytest.mark.live
@pytest.mark.timeout(PATIENCE_S)
@needs_disks
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_the_run_itself_dies(tmp_path: Path, how: signal.Signals) -> None:
    """Daemons, mounts and loop devices go with it, also if it cannot clean up any more."""
    command = [sys.executable, "-m", "chaos.live.durability", "power", "--cuts", "50"]
    with (tmp_path / "said").open("wb") as said:
        run = subprocess.Popen(
            command, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=said, stderr=subprocess.STDOUT
        )
    try:
        until(lambda: len(processes(lambda line: "ftnode.app serve" in line and str(tmp_path) in line)) >= 2)
    finally:
        run.send_signal(how)
        run.wait()
    until(lambda: left_behind(tmp_path) == [])


def until(condition: Callable[[], bool]) -> None:
    """Wait for it."""
    ends_s = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < ends_s, "not within a minute"
        time.sleep(0.1)
