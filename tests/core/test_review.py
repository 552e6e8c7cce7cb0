"""Stories that a reviewer of the protocol found against it; each was a loss, a stall or a death once."""

from msgspec.structs import replace

from ftnode.core import events as ev
from ftnode.core import messages as msg
from ftnode.core.fsm import State
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
    """Rule 6: only a force can do that; such a unit takes a copy of the state."""
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


def test_a_unit_that_is_convicted_while_it_is_taken_out_stays_convicted() -> None:
    """It must not die of a row that the table does not have, before the conviction is on disk."""
    cabinet = duplex()
    cabinet.boxes[1].hold_disk = True
    cabinet.write()
    cabinet.post(0, ev.TakeOutAsked(cabinet.now_ms, stay_out=True))  # it drains: one answer is owed
    cabinet.settle()
    box = cabinet.boxes[0]
    assert box.unit.partner is not None
    seq = box.unit.partner.acked_seq
    box.flipped = True
    cabinet.post(0, ev.Compared(cabinet.now_ms, seq, equal=False))
    cabinet.settle()
    assert box.unit.state is State.BROKEN
    assert box.disk.promise is not None
    assert box.disk.promise.broken == "memory is wrong"


def test_entries_that_come_twice_are_repaired_once() -> None:
    """The second repair would find no hole to fill and take it for a failing disk."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.kill(1)
    cabinet.boxes[1].hold_changes = True
    cabinet.boot(1, executed_seq=1, rotten=(2, 3))
    cabinet.run(300)
    assert sum("Repair(seqs=" in line for line in cabinet.boxes[1].trace) == 1
    cabinet.let_go(1)
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE STANDBY"


def test_a_hole_of_which_the_partner_holds_a_part_is_not_mended() -> None:
    """Its log begins in the middle of the hole: half of one cannot be put in place, a snapshot can."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.kill(1)
    cabinet.cut = {(0, 1), (1, 0)}
    cabinet.boot(1, executed_seq=1, rotten=(2, 3))
    cabinet.run(100)
    box = cabinet.boxes[1]
    cabinet.post(1, ev.Received(cabinet.now_ms, msg.Fetched(0, box.unit.life, (3,))))
    cabinet.settle()
    assert not any("Repair(seqs=" in line for line in box.trace)
    assert "join anew" in box.unit.unfit
    cabinet.cut = set()
    cabinet.run(2_000)
    assert cabinet.states() == "ACTIVE STANDBY"


def test_a_comparison_of_an_older_session_says_nothing_in_this_one() -> None:
    """Digests count only in the session in which the entries were sent: a blank unit must not join by one."""
    cabinet = duplex()
    cabinet.write(4)
    box = cabinet.boxes[0]
    cabinet.kill(1)
    cabinet.run(500)
    cabinet.blank(1)
    cabinet.boxes[1].hold_disk = True
    cabinet.boot(1)
    cabinet.boxes[1].hold_disk = False
    unit = box.unit
    hello = msg.Hello(1, 1, 77, 1, "DUPLEXING", 0, None, "", True, (), 0, 0, cabinet.now_ms)
    cabinet.kill(1)
    cabinet.post(0, ev.Received(cabinet.now_ms, hello))
    cabinet.post(0, ev.Compared(cabinet.now_ms, unit.log.head_seq, equal=True))
    cabinet.settle()
    assert box.unit.partner is not None
    assert box.unit.partner.compared_seq == 0


def test_a_witness_that_gives_no_time_is_no_clock() -> None:
    """etcd: a first unit alone must not begin its log in 1970."""
    cabinet = Cabinet()
    cabinet.boot(0)
    cabinet.run(100)
    op = cabinet.boxes[0].unit.op
    cabinet.post(0, ev.RecordRead(cabinet.now_ms, op, cabinet.record, 0, wall_ms=0))
    cabinet.settle()
    assert cabinet.boxes[0].unit.clock.witness_ms is None


def test_log_time_goes_on_behind_repaired_entries() -> None:
    """They were executed after the clock was set at boot; an entry below their time stops both units."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.kill(1)
    cabinet.boxes[1].hold_changes = True
    cabinet.boot(1, executed_seq=1, rotten=(2, 3), log_time_ms=5)
    cabinet.run(100)
    cabinet.boxes[1].held.clear()
    cabinet.post(1, ev.Repaired(cabinet.now_ms, (2, 3), log_time_ms=777_000))
    cabinet.settle()
    assert cabinet.boxes[1].unit.clock.log_ms >= 777_000


def test_a_partner_whose_next_entry_was_trimmed_away_gets_a_snapshot() -> None:
    """The log may be trimmed between the opening of a session and the first entry that is sent."""
    cabinet = duplex()
    cabinet.kill(1)
    cabinet.run(500)
    cabinet.write(5)
    box = cabinet.boxes[0]
    cabinet.boxes[1].hold_disk = True  # no promise, so no acknowledgement: nothing was sent yet
    cabinet.boot(1)
    cabinet.let_go(1)
    cabinet.boxes[1].disk.promise = cabinet.boxes[1].unit.promise
    cabinet.cut = {(0, 1)}
    cabinet.run(100)
    assert box.unit.partner is not None
    log = box.unit.log
    before = len(box.trace)
    cabinet.post(0, ev.Checkpointed(cabinet.now_ms, log.compared_seq, log.compared_seq + 1))
    cabinet.settle()
    cabinet.cut = set()
    cabinet.run(1_500)
    sent = [line for line in box.trace[before:] if "Append" in line and "from_seq=1, to_seq=0" not in line]
    assert not sent
    assert cabinet.states() == "ACTIVE STANDBY"


def test_a_booted_unit_asks_the_witness_what_was_compared_before_it_asks_for_the_record() -> None:
    """Rule 4: a hello brings the record, but not what the witness was told: a rolled-back disk would win."""
    cabinet = duplex()
    cabinet.write(2)
    cabinet.kill(1)
    cabinet.run(500)
    disk = cabinet.boxes[0].disk
    old = (disk.head_seq, disk.ends)
    cabinet.write(4)
    cabinet.run(600)  # the witness is told
    assert cabinet.record.in_sync == (0,)
    cabinet.kill(0)
    disk.head_seq, disk.ends = old
    cabinet.boot(1)
    cabinet.run(200)  # it knows the record and says it in its hellos
    cabinet.reads_up = False
    cabinet.boot(0)
    cabinet.run(1_000)
    assert cabinet.states() == "DUPLEXING DUPLEXING"
    cabinet.reads_up = True
    cabinet.run(1_000)
    assert cabinet.states() == "DUPLEXING DUPLEXING"


def test_a_unit_whose_disk_failed_says_goodbye() -> None:
    """Rules 7 and 8: it is alive enough to say so, and the standby need not wait for silence."""
    cabinet = duplex()
    cabinet.post(0, ev.FsyncFailed(cabinet.now_ms, "EIO on fdatasync"))
    cabinet.settle()
    cabinet.run(30)
    assert cabinet.states() == "- ACTIVE"


def _standby_with_a_swap_that_may_land() -> Cabinet:
    """The link is cut, the standby asked, and nobody knows whether it won."""
    cabinet = duplex()
    cabinet.late_swaps = []
    cabinet.cut = {(0, 1), (1, 0), (0, 2)}
    cabinet.run(700)
    assert cabinet.boxes[1].unit.unsettled
    return cabinet


def test_a_standby_whose_swap_may_still_land_leaves_when_it_cannot_any_more() -> None:
    """Else the swap lands for a unit that is out: the healthy active is fenced and nobody answers."""
    cabinet = _standby_with_a_swap_that_may_land()
    late, cabinet.late_swaps = cabinet.late_swaps, None
    cabinet.cut = {(0, 2)}
    cabinet.run(100)
    cabinet.post(1, ev.TakeOutAsked(cabinet.now_ms, stay_out=True))
    cabinet.run(100)
    assert cabinet.states() == "ACTIVE STANDBY"
    cabinet.cut = set()
    cabinet.run(1_000)  # told that it leaves, the active shrinks: the late swap is void
    assert cabinet.states() == "ACTIVE OFFLINE"
    cabinet.late_swaps = late
    cabinet.land_late_swaps()
    cabinet.run(500)
    assert cabinet.write()


def test_a_standby_that_wins_while_it_is_taken_out_stays() -> None:
    """Its partner is fenced by then: the pair would be down."""
    cabinet = _standby_with_a_swap_that_may_land()
    cabinet.post(1, ev.TakeOutAsked(cabinet.now_ms, stay_out=True))
    cabinet.run(100)
    cabinet.land_late_swaps()
    cabinet.cut = set()
    cabinet.run(1_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert cabinet.write()


def test_an_active_whose_partner_dies_while_it_hands_over_is_not_taken_out() -> None:
    """It was asked to go because the other one would answer; now nobody would."""
    cabinet = duplex()
    cabinet.boxes[1].hold_disk = True
    cabinet.write()  # so that it has something to drain
    cabinet.post(0, ev.TakeOutAsked(cabinet.now_ms, stay_out=True))
    cabinet.settle()
    cabinet.kill(1)
    cabinet.run(2_000)
    assert cabinet.states() == "ACTIVE -"
    assert cabinet.write()
    cabinet.post(0, ev.TakeOutAsked(cabinet.now_ms, stay_out=True))  # now the operator insists
    cabinet.run(100)
    assert cabinet.states() == "OFFLINE -"


def test_an_active_whose_handover_is_not_taken_up_is_not_taken_out() -> None:
    """The standby's disk stands still: it could not answer."""
    cabinet = duplex()
    cabinet.boxes[1].hold_disk = True
    cabinet.post(0, ev.TakeOutAsked(cabinet.now_ms, stay_out=True))
    cabinet.run(3_000)
    assert cabinet.states().startswith("ACTIVE")
    cabinet.write()
    cabinet.run(1_500)  # the standby is put out
    assert cabinet.boxes[0].released_seq == cabinet.boxes[0].unit.log.head_seq


def test_an_active_whose_like_wins_the_record_ends() -> None:
    """A copied disk, started where nobody could tell it to go: it wins {itself} in our name, and both would
    answer tills in one epoch for good. The record is not ours: no swap of this life asked for it."""
    cabinet = duplex()
    cabinet.write(2)
    box, record = cabinet.boxes[0], cabinet.record
    assert (box.unit.state, record.active) == (State.ACTIVE, 0)
    epoch = record.epoch + 1
    cabinet.record = replace(record, epoch=epoch, in_sync=(0,), incarnations=record.incarnations[:1])
    before = len(box.trace)
    cabinet.run(1_000)
    assert not box.up
    said = [line for line in box.trace[before:] if "Halt" in line]
    assert ["another process of unit 0 did" in line for line in said] == [True]
    assert not any("Serve(" in line for line in box.trace[before:])
