"""Pulling, inserting, crashing and hanging, on a pair of small scripts."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaos.cli import app
from chaos.live import hands
from ftnode.pair.layout import PairDir, PairError
from tests.pair.fakes import supervised


@pytest.fixture
def pair(tmp_path: Path) -> PairDir:
    return PairDir.at(tmp_path / "D")


def state_of(pid: int) -> str:
    """One letter, as in /proc: S sleeping, R running, T stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


async def test_pull_and_insert(pair: PairDir) -> None:
    """Gone and kept out with its data aside; then a blank one is started, and the other never noticed."""
    async with supervised(pair) as running:
        await running.until_started()
        (pair.data("unit0") / "log").write_text("entries")
        other = running.pid(1)
        aside = await asyncio.to_thread(hands.pull, pair, 0)
        assert aside is not None
        assert (aside / "log").read_text() == "entries"
        assert not pair.data("unit0").exists()
        assert (running.pid(0), running.facts.units[0].out) == (0, "pulled")

        await asyncio.to_thread(hands.insert, pair, 0)
        assert running.pid(0) != 0
        assert list(pair.data("unit0").iterdir()) == []
        assert running.pid(1) == other


async def test_insert_an_old_disk(pair: PairDir) -> None:
    """What was set aside can come back, as a copy: the original stays for audit."""
    async with supervised(pair) as running:
        await running.until_started()
        (pair.data("unit1") / "log").write_text("old entries")
        aside = await asyncio.to_thread(hands.pull, pair, 1)
        await asyncio.to_thread(hands.insert, pair, 1, aside)
        assert (pair.data("unit1") / "log").read_text() == "old entries"
        assert aside is not None
        assert (aside / "log").exists()


async def test_what_cannot_be_done(pair: PairDir) -> None:
    """Twice out, in without having been out, in beside old data: said, and nothing was changed."""
    async with supervised(pair) as running:
        await running.until_started()
        with pytest.raises(PairError, match="unit 0 is in; pull it first"):
            await asyncio.to_thread(hands.insert, pair, 0)
        await asyncio.to_thread(hands.pull, pair, 0)
        with pytest.raises(PairError, match="out already"):
            await asyncio.to_thread(hands.pull, pair, 0)
        pair.data("unit0").mkdir()
        (pair.data("unit0") / "log").write_text("somebody's")
        with pytest.raises(PairError, match="not empty, so it is not a blank unit"):
            await asyncio.to_thread(hands.insert, pair, 0)
        with pytest.raises(PairError, match="unit0 does not run"):
            await asyncio.to_thread(hands.crash, pair, "unit0")


async def test_crash(pair: PairDir) -> None:
    """The same disk under a new process."""
    async with supervised(pair) as running:
        await running.until_started()
        before = running.pid(0)
        (pair.data("unit0") / "log").write_text("entries")
        await asyncio.to_thread(hands.crash, pair, "unit0")
        await running.until(lambda: running.pid(0) not in (0, before), "unit 0 is back")
        assert (pair.data("unit0") / "log").read_text() == "entries"


async def test_hang(pair: PairDir) -> None:
    """Stopped meanwhile, the same process afterwards."""
    async with supervised(pair) as running:
        await running.until_started()
        pid = running.pid(1)
        task = asyncio.create_task(asyncio.to_thread(hands.hang, pair, "unit1", 0.3))
        await running.until(lambda: state_of(pid) == "T", "it hangs")
        await task
        assert state_of(pid) != "T"
        assert running.pid(1) == pid


async def test_without_a_supervisor(pair: PairDir, monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit can be pulled all the same, and the next supervisor keeps it out."""
    monkeypatch.setattr(hands, "SEEN_S", 0.05)  # this process is the supervisor, and so never gone
    async with supervised(pair) as running:
        await running.until_started()
    await asyncio.to_thread(hands.pull, pair, 0)
    async with supervised(pair) as running:
        await running.until(lambda: running.pid(1), "unit 1 runs")
        await running.until(lambda: "unit0 kept out: pulled" in running.said, "unit 0 is kept out")
        assert running.pid(0) == 0


WRONG = [  # arguments, exit status, what is said
    ([], 2, "Usage"),
    (["pull", "2"], 2, "less than or equal to 1"),
    (["hang", "3"], 2, "want 0, 1 or witness"),
    (["hang", "0", "--seconds", "0"], 2, "greater than or equal to 0.01"),
]


@pytest.mark.parametrize(("arguments", "status", "said"), WRONG)
def test_a_wrong_command_line(arguments: list[str], status: int, said: str) -> None:
    """What is wrong and what would be right."""
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == status
    assert said in done.stderr + done.stdout


def test_no_pair_here(tmp_path: Path) -> None:
    """The directory is named."""
    done = CliRunner().invoke(app, ["pull", "0", "--dir", str(tmp_path)])
    assert isinstance(done.exception, PairError)
    assert "pair.json: not there" in str(done.exception)
