"""What a supervisor does with three processes, told from outside: pids, files, signals."""

import os
import signal
from pathlib import Path

import pytest

from ftnode.pair import process
from ftnode.pair.layout import PairDir, PairError
from tests.pair.fakes import fakes, journal, leave_running, supervised


@pytest.fixture
def pair(tmp_path: Path) -> PairDir:
    return PairDir.at(tmp_path / "D")


async def test_first_start_forms_once_and_in_order(pair: PairDir) -> None:
    """Witness, then the cabinet is formed, then the units; a later start forms nothing."""
    async with supervised(pair) as running:
        await running.until_started()
        await running.until(lambda: len(journal(pair)) == 4, "all wrote")
    steps = ("witness started", "pair the cabinet is formed", "unit0 started", "unit1 started")
    assert [step for line in running.said for step in steps if line.startswith(step)] == list(steps)
    assert pair.formed.exists()
    async with supervised(pair) as running:
        await running.until_started()
    assert journal(pair).count("form") == 1


async def test_stop_order(pair: PairDir) -> None:
    """The standby first, the active next, the witness last; pair.json says that nobody runs."""
    async with supervised(pair, active=1) as running:
        await running.until_started()
        await running.until(lambda: sum("start" in line for line in journal(pair)) == 3, "all wrote")
    assert journal(pair)[-3:] == ["stop unit0", "stop unit1", "stop witness"]
    assert all(unit.process is None for unit in running.facts.units)
    assert running.facts.witness.process is None


async def test_a_killed_unit_is_back(pair: PairDir) -> None:
    """SIGKILL from outside: started again under a new pid, and said so."""
    async with supervised(pair) as running:
        await running.until_started()
        before = running.pid(1)
        os.kill(before, signal.SIGKILL)
        await running.until(lambda: running.pid(1) not in (0, before), "unit 1 is back")
        assert any("unit1 ended by SIGKILL" in line for line in running.said)


async def test_a_pulled_unit_stays_out_until_it_is_put_back(pair: PairDir) -> None:
    """The marker file keeps it out, is shown in pair.json, and its removal brings a blank unit in."""
    async with supervised(pair) as running:
        await running.until_started()
        pair.out(0).write_text("pulled")
        os.kill(running.pid(0), signal.SIGKILL)
        await running.until(lambda: running.pid(0) == 0, "unit 0 is gone")
        pair.data("unit0").rename(pair.root / "aside")
        await running.until(lambda: "unit0 kept out: pulled" in running.said, "said so")
        assert running.facts.units[0].out == "pulled"
        assert running.pid(1) != 0
        pair.out(0).unlink()
        await running.until(lambda: running.pid(0) != 0, "unit 0 is back")
        assert pair.data("unit0").is_dir()
        assert running.facts.units[0].out == ""


async def test_children_that_outlived_their_supervisor_are_adopted(pair: PairDir) -> None:
    """No second process beside one that still runs, whether or not the file knew of it."""
    async with supervised(pair) as running:
        await running.until_started()
    old = leave_running(pair, "unit0")
    async with supervised(pair) as running:
        await running.until_started()
        assert running.pid(0) == old
        assert f"unit0 adopted, pid {old}" in running.said
        os.kill(old, signal.SIGKILL)  # and watched like a child of ours
        await running.until(lambda: running.pid(0) not in (0, old), "unit 0 is back")


async def test_a_stale_file_harms_nobody(pair: PairDir) -> None:
    """pair.json names a pid that now is somebody else's: neither adopted nor touched."""
    async with supervised(pair) as running:
        await running.until_started()
        stranger = os.getpid()
        facts = pair.facts.read_text().replace(f'"pid": {running.pid(0)}', f'"pid": {stranger}')
    pair.facts.write_text(facts)
    async with supervised(pair) as running:
        await running.until_started()
        assert running.pid(0) != stranger
        assert process.identity(stranger) is not None


async def test_a_damaged_file_is_written_anew(pair: PairDir) -> None:
    """Only pair.json is lost, not the pair."""
    async with supervised(pair) as running:
        await running.until_started()
    pair.facts.write_text("{")
    async with supervised(pair) as running:
        await running.until_started()


async def test_one_that_cannot_start_is_tried_again_slowly(pair: PairDir) -> None:
    """A unit that ends at once: tried again, its last line shown, with growing pauses."""
    broken = fakes(pair, unit1="echo settings are wrong; exit 3")
    async with supervised(pair, broken) as running:
        await running.until(lambda: journal(pair).count("start unit1") >= 3, "tried three times")
        assert "unit1 ended with status 3; its last line: settings are wrong" in running.said
        assert running.pid(0) != 0


async def test_one_that_ignores_sigterm_is_killed(pair: PairDir, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end comes, after the grace that the settings give it."""
    monkeypatch.setattr("ftnode.pair.supervisor.STOP_EXTRA_S", 0.05)
    monkeypatch.setenv("FTNODE_UNIT_STOP_GRACE_MS", "50")
    stubborn = fakes(pair, unit0="trap '' TERM; sleep 0.02")
    async with supervised(pair, stubborn) as running:
        await running.until_started()
        await running.until(lambda: "start unit0" in journal(pair), "it runs")
    assert "stop unit0" not in journal(pair)
    assert running.facts.units[0].process is None


async def test_a_cabinet_that_cannot_be_formed(pair: PairDir) -> None:
    """The reason is told and everything is stopped again."""
    with pytest.raises(PairError, match="could not be formed: no witness anywhere"):
        async with supervised(pair, fakes(pair, form="echo no witness anywhere; exit 1")) as running:
            await running.until(lambda: any("stopping" in line for line in running.said), "gave up")
    assert journal(pair)[-1] == "stop witness"


async def test_a_full_disk_ends_nobody_s_service(pair: PairDir, monkeypatch: pytest.MonkeyPatch) -> None:
    """pair.json cannot be written: said once, nobody is stopped, and written as soon as that works again."""
    async with supervised(pair) as running:
        await running.until_started()
        before = running.facts

        def full(*_: object) -> None:
            raise PairError(f"{pair.facts}: cannot be written: No space left on device")

        monkeypatch.setattr("ftnode.pair.supervisor.write_facts", full)
        os.kill(running.pid(0), signal.SIGKILL)
        await running.until(lambda: journal(pair).count("start unit0") == 2, "unit 0 is back all the same")
        assert running.facts == before
        monkeypatch.undo()
        await running.until(lambda: running.facts.units[0].process != before.units[0].process, "written")
        assert running.facts.units[1] == before.units[1]
        assert sum("No space left" in line for line in running.said) == 1


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is only one processor")
async def test_each_unit_has_a_processor_of_its_own(pair: PairDir) -> None:
    """Also after it was started again; the witness runs where it likes."""
    async with supervised(pair) as running:
        await running.until_started()
        before = running.pid(1)
        os.kill(before, signal.SIGKILL)
        await running.until(lambda: running.pid(1) not in (0, before), "unit 1 is back")
        zero, one = (os.sched_getaffinity(running.pid(unit)) for unit in (0, 1))
        assert len(zero) == len(one) == 1
        assert zero != one
        witness = running.facts.witness.process
        assert witness is not None
        assert os.sched_getaffinity(witness.pid) == os.sched_getaffinity(0)


def test_two_processors_far_apart_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first and the last of those that we may use; of one, nobody gets any."""
    for ours, given in (({3, 1, 7}, (1, 7)), ({0, 1}, (0, 1)), ({5}, (None, None))):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, ours=ours: ours)
        assert process.far_apart() == given
