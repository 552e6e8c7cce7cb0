"""The protocol's rules as stories on two cores and a witness; each names the rule it proves."""

from ftnode.core import events as ev
from tests.core.cabinet import Cabinet, duplex


def test_a_pair_forms_and_answers_in_duplex() -> None:
    """Rule 3: a blank unit catches up, is required, then joins."""
    cabinet = duplex()
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.record.in_sync == (0, 1)
    assert cabinet.write(3)
    assert cabinet.read(0)


def test_nothing_leaves_before_the_standby_holds_it() -> None:
    """Rule 1: received is not durable."""
    cabinet = duplex()
    cabinet.boxes[1].hold_disk = True
    assert not cabinet.write()
    assert cabinet.boxes[1].unit.log.head_seq == cabinet.boxes[0].unit.log.head_seq


def test_nothing_leaves_before_the_active_holds_it() -> None:
    """Rule 1 holds for the active's own disk too."""
    cabinet = duplex()
    cabinet.boxes[0].hold_disk = True
    assert not cabinet.write()


def test_a_killed_active_is_replaced_and_its_entries_stay() -> None:
    """Rule 5: the standby keeps its whole log and answers in a new epoch."""
    cabinet = duplex()
    cabinet.write(5)
    head_seq = cabinet.boxes[0].released_seq
    cabinet.kill(0)
    cabinet.run(300)
    assert cabinet.states() == "- ACTIVE"
    assert cabinet.boxes[1].released_seq >= head_seq + 1  # the no-op of the new epoch
    assert cabinet.write()


def test_the_standby_notes_that_it_asked_before_it_asks() -> None:
    """Rules 5 and 8: a standby whose disk hangs never wins the record."""
    cabinet = duplex()
    cabinet.boxes[1].hold_disk = True
    cabinet.kill(0)
    cabinet.run(2_000)
    assert cabinet.record.active == 0
    cabinet.boxes[1].hold_disk = False
    box = cabinet.boxes[1]
    box.disk.promise = box.unit.writing
    for event in box.held:
        cabinet.post(1, event)
    cabinet.run(300)
    assert cabinet.record.active == 1


def test_losing_the_standby_costs_a_swap_first() -> None:
    """Rule 2: alone only after the witness said so."""
    cabinet = duplex()
    cabinet.witness_up = False
    cabinet.kill(1)
    cabinet.run(2_000)
    assert not cabinet.write()  # rule 10: cut off from both, it stalls
    cabinet.witness_up = True
    cabinet.run(500)
    assert cabinet.record.in_sync == (0,)
    assert cabinet.write()


def test_a_lost_join_swap_keeps_the_newcomer_required() -> None:
    """Trap 2: reading the record does not settle a swap; only a higher epoch does."""
    cabinet = Cabinet()
    cabinet.boot(0)
    cabinet.run(100)
    cabinet.late_swaps = []
    cabinet.boot(1)
    cabinet.run(300)
    assert len(cabinet.late_swaps) > 0
    cabinet.cut = {(0, 1), (1, 0)}
    assert not cabinet.write()
    cabinet.run(1_000)  # it reads {0} again and again
    assert not cabinet.write()
    cabinet.land_late_swaps()
    assert cabinet.record.in_sync == (0, 1)
    cabinet.run(1_000)  # 0 learns of it and shrinks, or 1 takes over: one of them answers
    assert cabinet.write()
    assert cabinet.boxes[1].unit.log.head_seq >= 1


def test_a_restart_with_itself_on_record_swaps_first() -> None:
    """Trap 3: a swap of an earlier life may still land."""
    cabinet = Cabinet()
    cabinet.boot(0)
    cabinet.run(100)
    epoch = cabinet.record.epoch
    cabinet.kill(0)
    cabinet.boot(0)
    cabinet.run(300)
    assert cabinet.record.epoch == epoch + 1
    assert cabinet.write()


def test_an_old_read_is_not_released_by_an_old_acknowledgement() -> None:
    """Trap 1: idle, acknowledged, cut off, replaced: the old active answers no read."""
    cabinet = duplex()
    cabinet.write()
    cabinet.cut = {(0, 1), (1, 0), (0, 2)}
    assert not cabinet.read(0)
    cabinet.run(1_000)
    assert cabinet.record.active == 1
    assert not cabinet.read(0)


def test_a_late_shrink_of_its_own_does_not_fence() -> None:
    """Trap 13: the record names us: a late swap of our own is adopted, not a reason to stop."""
    cabinet = duplex()
    cabinet.late_swaps = []
    cabinet.cut = {(0, 1), (1, 0)}
    cabinet.run(450)  # the active asks first; its answer is lost
    cabinet.land_late_swaps()
    cabinet.run(1_000)
    assert cabinet.record.active == 0
    assert cabinet.record.in_sync == (0,)
    assert cabinet.write()


def test_a_standby_that_asked_still_acknowledges() -> None:
    """Trap 14: while the witness is away both healthy units go on."""
    cabinet = duplex()
    cabinet.witness_up = False
    cabinet.cut = {(0, 1)}
    cabinet.run(1_000)
    assert cabinet.boxes[1].unit.promise.asked_epoch == cabinet.record.epoch
    cabinet.cut = set()
    cabinet.run(500)
    assert cabinet.write()


def test_a_newcomer_that_dies_before_the_swap_is_dropped_without_the_witness() -> None:
    """Trap 15: a healthy simplex active goes on although the witness is down too."""
    cabinet = Cabinet()
    cabinet.boot(0)
    cabinet.run(100)
    cabinet.boot(1)
    cabinet.boxes[0].hold_disk = True  # no proof of the disk, so no swap leaves
    cabinet.run(100)
    assert cabinet.boxes[0].unit.lead is not None
    assert cabinet.boxes[0].unit.lead.join_required
    cabinet.witness_up = False
    cabinet.kill(1)
    cabinet.run(100)
    box = cabinet.boxes[0]
    box.hold_disk = False
    for event in box.held:
        cabinet.post(0, event)
    cabinet.run(1_000)
    assert cabinet.write()


def test_a_hung_disk_of_the_active_hands_over() -> None:
    """Rule 8: a sick active says so and stops; the healthy standby serves."""
    cabinet = duplex()
    cabinet.boxes[0].hold_disk = True
    cabinet.write()
    cabinet.run(1_500)
    assert cabinet.record.active == 1
    assert cabinet.boxes[1].unit.lead is not None
    cabinet.post(1, ev.Proposed(cabinet.now_ms, cabinet.now_ms, 1))
    cabinet.settle()
    assert cabinet.boxes[1].released_seq == cabinet.boxes[1].unit.log.head_seq


def test_a_disk_that_hangs_while_idle_hands_over_too() -> None:
    """Rule 8: idle probes make heartbeats tell the truth."""
    cabinet = duplex()
    cabinet.boxes[0].hold_disk = True
    cabinet.run(2_000)
    assert cabinet.record.active == 1


def test_an_idle_standby_with_a_hung_disk_is_put_out() -> None:
    """Rule 8: its heartbeats stop with its disk."""
    cabinet = duplex()
    cabinet.boxes[1].hold_disk = True
    cabinet.run(2_000)
    assert cabinet.record.in_sync == (0,)
    assert cabinet.write()


def test_a_slow_standby_is_put_out() -> None:
    """Rule 9: tills do not wait for a standby whose disk stands still."""
    cabinet = duplex()
    cabinet.boxes[1].hold_disk = True
    cabinet.write()
    cabinet.run(1_200)
    assert cabinet.record.in_sync == (0,)
    assert cabinet.boxes[0].released_seq == cabinet.boxes[0].unit.log.head_seq


def test_only_the_link_breaks_and_the_active_wins() -> None:
    """Rule 7: the standby waits a little longer."""
    cabinet = duplex()
    cabinet.cut = {(0, 1), (1, 0)}
    cabinet.run(1_500)
    assert cabinet.record.active == 0
    assert cabinet.write()
    cabinet.cut = set()
    cabinet.run(500)
    assert cabinet.states() == "ACTIVE STANDBY"


def test_a_pause_of_our_own_suspects_nobody() -> None:
    """Rule 7: a unit that stood still reads its sockets first."""
    cabinet = duplex()
    epoch = cabinet.record.epoch
    cabinet.now_ms += 5_000
    for at in (0, 1):
        cabinet.post(at, ev.Paused(cabinet.now_ms, 5_000))
    cabinet.settle()
    cabinet.run(300)
    assert cabinet.record.epoch == epoch
    assert cabinet.write()


def test_a_fenced_active_cuts_its_tail_and_joins() -> None:
    """Rules 6 and 13: entries that were never answered go, a copy is kept, the rest stays."""
    cabinet = duplex()
    cabinet.write(2)
    cabinet.cut = {(0, 1), (1, 0), (0, 2)}
    assert not cabinet.write(3)  # only on unit 0
    tail_seq = cabinet.boxes[0].unit.log.head_seq
    cabinet.run(1_000)
    assert cabinet.record.active == 1
    cabinet.cut = set()
    cabinet.run(1_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert any("tail cut" in line for line in cabinet.boxes[0].trace)
    assert cabinet.boxes[0].unit.log.ends == cabinet.boxes[1].unit.log.ends
    assert tail_seq > 0


def test_a_switchover_is_a_takeover_without_a_wait() -> None:
    """The active drains, says goodbye, and rejoins."""
    cabinet = duplex()
    cabinet.write(3)
    cabinet.post(0, ev.SwitchoverAsked(cabinet.now_ms))
    cabinet.run(200)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert cabinet.write()


def test_a_switchover_that_nobody_takes_up_is_taken_back() -> None:
    cabinet = duplex()
    cabinet.boxes[1].hold_disk = True
    cabinet.post(0, ev.SwitchoverAsked(cabinet.now_ms))
    cabinet.run(100)
    assert cabinet.boxes[0].unit.lead is not None
    assert cabinet.boxes[0].unit.lead.handed_over
    cabinet.run(2_000)
    assert cabinet.record.active == 0
    cabinet.write()
    cabinet.run(1_500)  # the standby's disk stands still: it is put out
    assert cabinet.record.in_sync == (0,)
    assert cabinet.boxes[0].released_seq == cabinet.boxes[0].unit.log.head_seq


def test_taking_out_and_bringing_up() -> None:
    """An active hands over first; a unit that is out stays out over a restart."""
    cabinet = duplex()
    cabinet.post(0, ev.TakeOutAsked(cabinet.now_ms, stay_out=True))
    cabinet.run(1_000)
    assert cabinet.states() == "OFFLINE ACTIVE"
    cabinet.kill(0)
    cabinet.boot(0)
    cabinet.run(500)
    assert cabinet.states() == "OFFLINE ACTIVE"
    cabinet.post(0, ev.BringUpAsked(cabinet.now_ms))
    cabinet.run(500)
    assert cabinet.states() == "STANDBY ACTIVE"


def test_both_start_anew_and_the_longer_log_goes_first() -> None:
    """Rule 12: the higher (epoch of last entry, seq) may start at once."""
    cabinet = duplex()
    cabinet.cut = {(0, 1)}
    cabinet.write(2)  # on unit 0 only: never answered
    cabinet.kill(0)
    cabinet.kill(1)
    cabinet.cut = set()
    cabinet.boot(1)
    cabinet.boot(0)
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()


def test_one_alone_waits_for_its_partner_then_starts() -> None:
    """Rule 12: after boot_wait_ms without the partner one alone may start."""
    cabinet = duplex()
    cabinet.kill(0)
    cabinet.kill(1)
    cabinet.boot(1)
    cabinet.run(2_500)
    assert cabinet.states() == "- DUPLEXING"
    cabinet.run(1_000)
    assert cabinet.states() == "- ACTIVE"


def test_a_unit_outside_the_set_never_starts_alone() -> None:
    """Rule 12: with {0} on record unit 1 waits for 0."""
    cabinet = duplex()
    cabinet.kill(1)
    cabinet.run(500)
    cabinet.write()
    cabinet.kill(0)
    cabinet.boot(1)
    cabinet.run(10_000)
    assert cabinet.states() == "- DUPLEXING"


def test_a_blank_disk_has_no_claim() -> None:
    """Rule 4: a replaced disk starts outside the set, although the record names its unit."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.kill(1)
    cabinet.blank(1)
    cabinet.kill(0)
    cabinet.boot(1)
    cabinet.run(10_000)
    assert cabinet.states() == "- DUPLEXING"
    cabinet.boot(0)
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE STANDBY"


def test_a_rolled_back_disk_is_refused() -> None:
    """Rule 4: the witness knows what was compared."""
    cabinet = duplex()
    old = (cabinet.boxes[1].disk.head_seq, cabinet.boxes[1].disk.ends)
    cabinet.write(4)
    cabinet.run(600)  # the witness is told
    cabinet.kill(0)
    cabinet.kill(1)
    cabinet.boxes[1].disk.head_seq, cabinet.boxes[1].disk.ends = old
    cabinet.boot(1)
    cabinet.run(10_000)
    assert cabinet.states() == "- DUPLEXING"


def test_a_rolled_back_standby_is_put_out_by_the_active() -> None:
    """Rule 4: the partner knows what it was acknowledged."""
    cabinet = duplex()
    old = (cabinet.boxes[1].disk.head_seq, cabinet.boxes[1].disk.ends)
    cabinet.write(4)
    cabinet.kill(1)
    cabinet.boxes[1].disk.head_seq, cabinet.boxes[1].disk.ends = old
    cabinet.boot(1)
    cabinet.run(30)
    assert any("rolled back" in line for line in cabinet.boxes[0].trace)
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()


def test_a_failed_fsync_ends_the_unit() -> None:
    """Rule 15: the partner goes on."""
    cabinet = duplex()
    cabinet.post(0, ev.FsyncFailed(cabinet.now_ms, "EIO on fdatasync"))
    cabinet.settle()
    assert not cabinet.boxes[0].up
    cabinet.post(1, ev.Closed(cabinet.now_ms))
    cabinet.run(500)
    assert cabinet.states() == "- ACTIVE"
