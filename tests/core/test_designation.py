"""Rule 11 as stories: the witness is lost, returns, is replaced; a unit is lost before, during, after."""

from msgspec.structs import replace

from ftnode.core import events as ev
from ftnode.core.planned import cannot_hand_over
from tests.core.cabinet import Cabinet, duplex

LOST_MS = 2_600


def designated() -> Cabinet:
    """A duplex pair whose witness is lost: unit 0 is survivor and has noted it, unit 1 is bound."""
    cabinet = duplex()
    cabinet.write()
    cabinet.witness_up = False
    cabinet.run(LOST_MS)
    assert cabinet.promise(0).note == cabinet.record
    assert cabinet.promise(1).bound_epoch == cabinet.record.epoch
    return cabinet


def test_the_survivor_goes_on_when_the_standby_dies_after_the_witness() -> None:
    """Witness lost, then the standby: the designated survivor answers alone, at the old record."""
    cabinet = designated()
    assert cabinet.write()
    cabinet.kill(1)
    cabinet.run(500)
    assert cabinet.record.in_sync == (0, 1)
    assert cabinet.write(3)
    assert cabinet.read(0)
    assert cabinet.promise(0).alone_epoch == cabinet.record.epoch


def test_nobody_goes_on_when_the_standby_died_before_the_witness_was_missed() -> None:
    """Rule 10: without a designation, cut off from both, it stalls."""
    cabinet = duplex()
    cabinet.witness_up = False
    cabinet.kill(1)
    cabinet.run(LOST_MS)
    assert not cabinet.write()


def test_a_bound_standby_waits_also_when_the_witness_is_back() -> None:
    """An outage that is accepted: B bound and A dead. It never guesses; A's return ends it."""
    cabinet = designated()
    cabinet.kill(0)
    cabinet.run(1_000)
    cabinet.witness_up = True
    cabinet.run(10_000)
    assert cabinet.boxes[1].unit.lead is None
    assert cabinet.record.active == 0
    cabinet.boot(0)
    cabinet.run(4_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()


def test_a_bound_standby_stays_bound_through_a_restart() -> None:
    """The binding is on its disk, not only in its log."""
    cabinet = designated()
    cabinet.kill(0)
    cabinet.kill(1)
    cabinet.witness_up = True
    cabinet.boot(1)
    cabinet.run(15_000)
    assert cabinet.states() == "- DUPLEXING"


def test_when_the_witness_returns_the_pair_begins_a_new_epoch_and_the_standby_is_free() -> None:
    """The survivor gives its right up on disk, then swaps to {A,B}; after that B takes over as ever."""
    cabinet = designated()
    epoch = cabinet.record.epoch
    cabinet.witness_up = True
    cabinet.run(500)
    assert (cabinet.record.epoch, cabinet.record.in_sync) == (epoch + 1, (0, 1))
    assert cabinet.promise(0).note is None
    cabinet.kill(0)
    cabinet.run(1_000)
    assert cabinet.record.active == 1
    assert cabinet.write()


def test_a_survivor_alone_says_so_first_when_the_witness_returns() -> None:
    """{A} if B is not there: then everything goes on as in any simplex."""
    cabinet = designated()
    cabinet.kill(1)
    cabinet.run(500)
    cabinet.witness_up = True
    cabinet.run(500)
    assert cabinet.record.in_sync == (0,)
    cabinet.boot(1)
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()


def test_the_standby_comes_back_while_the_survivor_is_alone() -> None:
    """It catches up and is required again, without the witness; the witness's return then names both."""
    cabinet = designated()
    cabinet.kill(1)
    cabinet.run(500)
    assert cabinet.write(3)
    cabinet.boot(1)
    cabinet.run(1_000)
    assert cabinet.write()
    assert cabinet.lead(0).join_required
    assert cabinet.boxes[1].unit.log.head_seq == cabinet.boxes[0].unit.log.head_seq
    cabinet.kill(1)
    cabinet.run(600)
    assert cabinet.write()
    cabinet.boot(1)
    cabinet.run(1_000)
    cabinet.witness_up = True
    cabinet.run(1_500)
    assert cabinet.record.in_sync == (0, 1)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()


def test_a_blank_standby_joins_while_the_survivor_is_alone() -> None:
    """Its place on record is another disk's; it is a newcomer, and gets in when the witness is back."""
    cabinet = designated()
    cabinet.kill(1)
    cabinet.run(500)
    cabinet.blank(1)
    cabinet.boot(1)
    cabinet.run(1_500)
    assert cabinet.write()
    cabinet.witness_up = True
    cabinet.run(1_500)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()


def test_the_survivor_starts_again_alone_by_its_note() -> None:
    """Without witness and partner; rule 2's only exception."""
    cabinet = designated()
    cabinet.kill(1)
    cabinet.run(500)
    cabinet.write(2)
    cabinet.kill(0)
    cabinet.boot(0)
    cabinet.run(4_000)
    assert cabinet.states() == "ACTIVE -"
    assert cabinet.write()
    cabinet.witness_up = True
    cabinet.boot(1)
    cabinet.run(2_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()


def test_a_survivor_that_begins_by_its_note_wins_its_earlier_lifes_swap_anew() -> None:
    """Its {A} had landed and it did not know: it neither halts nor answers in that epoch, it swaps again."""
    cabinet = designated()
    cabinet.kill(1)
    cabinet.run(500)
    epoch = cabinet.record.epoch
    cabinet.records[""] = replace(
        cabinet.record, epoch=epoch + 1, in_sync=(0,), incarnations=cabinet.record.incarnations[:1]
    )
    cabinet.kill(0)
    cabinet.boot(0)
    cabinet.run(4_000)
    assert cabinet.write()
    cabinet.witness_up = True
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE -"
    assert cabinet.record.epoch == epoch + 2
    assert cabinet.write()


def test_a_standby_that_asked_is_not_bound() -> None:
    """Traps 6 and 8: its swap may still land, also after a restart; the active gets no right."""
    cabinet = duplex()
    cabinet.late_swaps = []
    cabinet.cut = {(0, 1), (0, 2)}
    cabinet.run(900)
    assert any(wanted.active == 1 for _, wanted in cabinet.late_swaps)
    cabinet.witness_up = False
    cabinet.kill(1)
    cabinet.boot(1)
    cabinet.cut = set()
    cabinet.run(LOST_MS + 3_000)
    assert cabinet.write()  # duplex goes on
    assert cabinet.promise(1).bound_epoch == 0
    assert cabinet.promise(0).note is None
    cabinet.kill(1)
    cabinet.run(1_000)
    assert not cabinet.write()


def test_the_entry_in_ones_own_log_gives_no_right() -> None:
    """Trap 7: it is only on A."""
    cabinet = duplex()
    cabinet.write()
    cabinet.witness_up = False
    cabinet.run(1_500)
    cabinet.boxes[1].hold_disk = True  # B neither binds nor acknowledges
    cabinet.run(740)
    assert cabinet.lead(0).designated_seq > 0
    cabinet.kill(1)
    cabinet.run(1_000)
    assert not cabinet.write()


def test_a_binding_that_is_not_on_disk_binds_nobody() -> None:
    """Rule 20: B says that it obeys only when the promise is kept."""
    cabinet = duplex()
    cabinet.witness_up = False
    cabinet.run(1_500)
    box = cabinet.boxes[1]
    box.hold_disk = True
    cabinet.run(740)
    assert box.unit.want.bound_epoch == cabinet.record.epoch
    cabinet.kill(1)
    cabinet.witness_up = True
    cabinet.boot(1)
    box.hold_disk = False
    cabinet.kill(0)
    cabinet.run(5_000)
    assert cabinet.promise(1).bound_epoch < cabinet.record.epoch


def test_the_right_is_gone_before_a_swap_to_both_leaves() -> None:
    """Trap 10: the swap to {A,B} may land and B take over; A has no right any more, also after a restart."""
    cabinet = designated()
    cabinet.late_swaps = []
    cabinet.witness_up = True
    cabinet.run(300)
    assert any(wanted.in_sync == (0, 1) for _, wanted in cabinet.late_swaps)
    assert cabinet.promise(0).note is None
    cabinet.witness_up = False
    cabinet.kill(1)
    cabinet.run(LOST_MS)
    assert not cabinet.write()
    cabinet.kill(0)
    cabinet.boot(0)
    cabinet.run(LOST_MS + 4_000)
    assert cabinet.states() == "DUPLEXING -"


def test_a_right_that_is_being_written_down_is_gone_before_a_swap_to_both_leaves() -> None:
    """The witness returns while the note is on its way to the disk: it would be there beside {A,B}."""
    cabinet = duplex()
    cabinet.write()
    cabinet.witness_up = False
    cabinet.boxes[0].hold_promise = True
    cabinet.run(LOST_MS)
    wanted = cabinet.boxes[0].unit.want
    assert wanted.note is not None
    assert cabinet.promise(0).note is None
    before = cabinet.record
    cabinet.witness_up = True
    cabinet.run(1_000)
    assert cabinet.boxes[0].unit.want.note is None, "it wants to say {A,B}"
    assert cabinet.record == before
    cabinet.let_go(0)
    cabinet.run(1_000)
    assert cabinet.record.epoch == before.epoch + 1
    assert cabinet.promise(0).note is None


def test_an_empty_witness_counts_as_lost() -> None:
    """A blanked one, and one that is behind: nobody fills it by itself, and the pair designates."""
    for held in (None, "behind"):
        cabinet = duplex()
        old = replace(cabinet.record, epoch=1, in_sync=(0,), incarnations=cabinet.record.incarnations[:1])
        cabinet.records[""] = None if held is None else old
        cabinet.run(LOST_MS)
        assert cabinet.promise(0).note is not None
        cabinet.kill(1)
        cabinet.run(600)
        assert cabinet.write()
        assert cabinet.records[""] == (None if held is None else old)


def test_no_switchover_while_designated() -> None:
    """B may not take over, so nothing is handed to it."""
    cabinet = designated()
    assert "designated survivor" in cannot_hand_over(cabinet.boxes[0].unit)
    cabinet.post(0, ev.SwitchoverAsked(cabinet.now_ms))
    cabinet.run(2_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()


def test_a_survivor_that_cannot_serve_sets_the_other_free() -> None:
    """Rule 16: it gives its note up, on disk, and says so; only then B may ask the witness again."""
    cabinet = designated()
    cabinet.kill(0)
    cabinet.witness_up = True
    cabinet.boot(0, short=True)
    cabinet.run(3_000)
    assert cabinet.promise(0).given_up_epoch > 0
    assert cabinet.record.active == 1
    assert cabinet.write()


def test_a_survivor_that_answered_alone_sets_nobody_free() -> None:
    """What it answered is on its disk only: B must not serve without it."""
    cabinet = designated()
    cabinet.kill(1)
    cabinet.run(500)
    assert cabinet.write(2)
    cabinet.kill(0)
    cabinet.witness_up = True
    cabinet.boot(1)
    cabinet.boot(0, short=True)
    cabinet.run(20_000)
    assert cabinet.record.active == 0
    assert cabinet.boxes[1].unit.lead is None
