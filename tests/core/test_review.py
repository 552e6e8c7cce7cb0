"""Stories that a reviewer of the protocol found against it; each was a loss, a stall or a death once."""

from ftnode.core import events as ev
from ftnode.core.state import Stage
from tests.core.cabinet import Cabinet, duplex


def _deposed() -> Cabinet:
    """Unit 0 has a tail that unit 1, active now, does not have; its cut has begun and does not end."""
    cabinet = duplex()
    cabinet.cut = {(0, 1), (1, 0), (0, 2)}
    cabinet.write(3)
    cabinet.run(1_000)
    assert cabinet.record.active == 1
    cabinet.boxes[0].hold_changes = True
    cabinet.cut = set()
    cabinet.run(200)
    source = cabinet.boxes[0].unit.source
    assert source is not None
    assert source.stage is Stage.CUTTING
    return cabinet


def test_no_session_begins_while_an_older_one_still_cuts_the_log() -> None:
    """The cut of a session that was lost would take entries that were acknowledged in the next one."""
    cabinet = _deposed()
    cabinet.kill(1)
    cabinet.boot(1)  # the active starts anew: the session is over, its cut is not
    cabinet.run(1_000)
    trace = cabinet.boxes[0].trace
    assert sum("Cut(seq=" in line for line in trace) == 1
    assert cabinet.boxes[0].unit.source is None
    cabinet.let_go(0)
    cabinet.run(1_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert cabinet.write(2)
    assert cabinet.boxes[0].unit.log.durable_seq == cabinet.boxes[1].unit.log.head_seq


def test_no_session_begins_while_a_snapshot_of_an_older_one_may_still_replace_the_log() -> None:
    """Installed late, it would take the log back behind what was acknowledged meanwhile."""
    cabinet = duplex()
    cabinet.kill(1)
    cabinet.blank(1)
    cabinet.run(500)
    for _ in range(3):
        cabinet.write(5)
    log = cabinet.boxes[0].unit.log
    cabinet.post(0, ev.Checkpointed(cabinet.now_ms, log.compared_seq, log.compared_seq + 1))
    cabinet.settle()
    cabinet.boxes[1].hold_changes = True
    cabinet.boot(1)
    cabinet.run(200)
    assert cabinet.boxes[1].unit.changing
    cabinet.kill(0)
    cabinet.boot(0)
    cabinet.run(1_000)
    assert sum("FetchSnapshot" in line for line in cabinet.boxes[1].trace) == 1
    cabinet.let_go(1)
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write(2)


def test_a_log_that_lost_its_end_before_the_first_checkpoint_is_replaced_whole() -> None:
    """Rule 6: it cannot be cut below what it knows to be committed, only begun anew."""
    cabinet = duplex()
    cabinet.write(5)
    cabinet.kill(1)
    cabinet.run(500)
    epoch = cabinet.boxes[1].disk.ends[-1][0]
    before = len(cabinet.boxes[1].trace)
    cabinet.boot(1, head_seq=3, ends=((epoch, 3),), executed_seq=0, commit_seq=6, short=True)
    cabinet.run(1_000)
    trace = cabinet.boxes[1].trace[before:]
    assert any("FetchSnapshot" in line for line in trace)
    assert not any("Cut(seq=" in line for line in trace)
    assert cabinet.states() == "ACTIVE STANDBY"


def test_a_tail_below_what_is_known_to_be_committed_is_not_cut() -> None:
    """Rule 6: only a force can do that; such a unit starts blank."""
    cabinet = duplex()
    cabinet.write(5)
    cabinet.kill(1)
    cabinet.run(500)
    box = cabinet.boxes[1]
    before = len(box.trace)
    cabinet.boot(1, ends=((99, box.disk.head_seq),), commit_seq=box.disk.head_seq)
    cabinet.run(1_000)
    assert any("FetchSnapshot" in line for line in box.trace[before:])
    assert not any("Cut(seq=" in line for line in box.trace[before:])
