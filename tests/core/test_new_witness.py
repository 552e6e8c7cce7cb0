"""Which witness counts, and what a person may force: rules 11 and 12 as stories."""

from msgspec.structs import replace

from ftnode.core import events as ev
from ftnode.core import log_end, lost_witness
from ftnode.core.designation import cannot_name_witness
from ftnode.core.fsm import State
from ftnode.core.reconfigure import NewWitness
from tests.core.cabinet import Cabinet, duplex
from tests.core.test_designation import designated

NEW = ("w2", "second:7420")


def second(cabinet: Cabinet) -> None:
    """An empty second witness answers at NEW's address."""
    cabinet.ids[NEW[1]], cabinet.records[NEW[1]] = NEW[0], None


def name_second(cabinet: Cabinet, at: int = 0) -> None:
    cabinet.post(at, ev.WitnessNamed(cabinet.now_ms, *NEW))
    cabinet.settle()


def test_the_witness_is_replaced_from_duplex_and_the_old_one_counts_no_more() -> None:
    """Logged, obeyed by both, created at epoch+1; then takeovers go through the new one alone."""
    cabinet = designated()
    second(cabinet)
    epoch = cabinet.record.epoch
    name_second(cabinet)
    cabinet.witness_up = True
    cabinet.down.add("")
    cabinet.run(500)
    record = cabinet.kept(NEW[1])
    assert (record.epoch, record.in_sync, record.witness_id) == (epoch + 1, (0, 1), "w2")
    cabinet.down.clear()  # the old one is back, with its record: nobody listens
    cabinet.kill(0)
    cabinet.run(1_500)
    assert cabinet.kept(NEW[1]).active == 1
    assert cabinet.kept("").active == 0
    assert cabinet.write()
    cabinet.boot(0)
    cabinet.run(2_000)
    assert cabinet.states() == "STANDBY ACTIVE"


def test_the_witness_is_replaced_by_a_simplex_active_and_the_returning_unit_learns_of_it() -> None:
    """A unit that was away obeys the witness of the active it joins, whatever its settings say."""
    cabinet = duplex()
    cabinet.kill(1)
    cabinet.run(1_000)
    cabinet.down.add("")
    second(cabinet)
    name_second(cabinet)
    cabinet.run(500)
    assert cabinet.kept(NEW[1]).in_sync == (0,)
    cabinet.boot(1)
    cabinet.run(1_500)
    assert cabinet.kept(NEW[1]).in_sync == (0, 1)
    assert cabinet.promise(1).witness_id == "w2"
    cabinet.kill(0)
    cabinet.run(1_500)
    assert cabinet.write()


def test_a_witness_that_was_replaced_while_a_unit_was_out_is_not_gone_back_to() -> None:
    """Its own log ends with the one before: once active it would obey that again, whose record is old."""
    cabinet = duplex()
    cabinet.kill(1)
    cabinet.run(1_000)
    cabinet.down.add("")
    second(cabinet)
    name_second(cabinet)
    cabinet.run(500)
    named = cabinet.boxes[1].disk.head_seq, NewWitness("w0", "before:7420")
    cabinet.ids["before:7420"] = "w0"
    cabinet.records["before:7420"] = replace(cabinet.record, witness_id="w0", epoch=1)
    cabinet.boot(1, named=named)
    cabinet.run(1_500)
    assert cabinet.kept(NEW[1]).in_sync == (0, 1)
    cabinet.kill(0)
    cabinet.run(1_500)
    assert cabinet.promise(1).witness_id == "w2"
    assert cabinet.kept(NEW[1]).active == 1
    assert cabinet.write()


def test_the_witness_is_replaced_by_a_survivor_alone() -> None:
    """Its right lets it commit the entry; B, bound, obeys the old one until it hears of the new."""
    cabinet = designated()
    cabinet.kill(1)
    cabinet.run(500)
    second(cabinet)
    cabinet.witness_up = True
    cabinet.down.add("")
    name_second(cabinet)
    cabinet.run(500)
    assert cabinet.kept(NEW[1]).in_sync == (0,)
    cabinet.down.clear()
    cabinet.boot(1)
    cabinet.run(1_500)
    assert cabinet.kept(NEW[1]).in_sync == (0, 1)
    assert cabinet.write()


def test_a_witness_that_was_named_and_not_committed_is_not_obeyed() -> None:
    """Trap 11: the other unit does not know of it, and wins at the old one; what was logged is cut."""
    cabinet = duplex()
    second(cabinet)
    cabinet.cut = {(0, 1), (1, 0), (0, 2)}
    name_second(cabinet)
    cabinet.run(1_500)
    assert cabinet.records[NEW[1]] is None
    assert cabinet.record.active == 1
    assert not cabinet.write() or cabinet.active() == 1
    cabinet.cut = set()
    cabinet.run(2_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert cabinet.promise(0).witness_id == "w1"
    assert cabinet.write()


def test_a_unit_that_restarts_before_the_first_record_is_there_makes_it() -> None:
    """Only who was active when the witness was named has the record that the first one follows upon."""
    cabinet = designated()
    second(cabinet)
    cabinet.down |= {"", NEW[1]}
    cabinet.witness_up = True
    name_second(cabinet)
    cabinet.run(100)
    assert cabinet.promise(0).basis is not None
    cabinet.kill(0)
    cabinet.down = {""}
    cabinet.run(3_000)
    assert cabinet.records[NEW[1]] is None  # B does not fill it
    cabinet.boot(0)
    cabinet.run(2_000)
    assert cabinet.kept(NEW[1]).active == 0
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()


BEFORE = ("w0", "before:7420")


def replaced_twice() -> tuple[Cabinet, int]:
    """W0 was named, then W2, which counts; both units are down. And the entry that named W2."""
    cabinet = duplex()
    second(cabinet)
    name_second(cabinet)
    cabinet.run(500)
    cabinet.ids[BEFORE[1]] = BEFORE[0]
    cabinet.records[BEFORE[1]] = replace(cabinet.record, witness_id=BEFORE[0], epoch=1)
    named_seq = cabinet.boxes[0].disk.head_seq
    cabinet.write(2)
    cabinet.run(200)
    cabinet.kill(1)
    cabinet.kill(0)
    return cabinet, named_seq


def test_a_witness_that_was_replaced_is_not_gone_back_to_because_of_rot() -> None:
    """A start reads the log up to what is rotten: the last witness named there is not the last one. What is
    read behind it, once that is repaired, counts."""
    cabinet, named_seq = replaced_twice()
    cabinet.boxes[0].named = (named_seq, NewWitness(*NEW))
    cabinet.boot(0, named=(named_seq - 1, NewWitness(*BEFORE)), rotten=(named_seq,))
    cabinet.boot(1)
    cabinet.run(3_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.promise(0).witness_id == "w2"


def test_a_witness_that_was_replaced_is_not_gone_back_to_because_the_end_rotted() -> None:
    """The entry that named the one that counts was cut; its unit obeys it all the same when it is forced."""
    cabinet, named_seq = replaced_twice()
    disk = cabinet.boxes[0].disk
    disk.promise = log_end.cut(cabinet.promise(0), named_seq, rotten=True)
    disk.head_seq = disk.commit_seq = named_seq - 1
    disk.ends = tuple((epoch, min(seq, named_seq - 1)) for epoch, seq in disk.ends)
    cabinet.boot(0, named=(named_seq - 1, NewWitness(*BEFORE)))
    cabinet.run(1_000)
    force(cabinet, 0)
    cabinet.boot(1)
    cabinet.run(3_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.promise(0).witness_id == "w2"


def test_why_a_witness_cannot_be_named() -> None:
    """Each refusal says what stands in the way."""
    cabinet = duplex()
    zero, one = (box.unit for box in cabinet.boxes)
    assert cannot_name_witness(zero, *NEW) == ""
    assert cannot_name_witness(one, *NEW) == "this unit is not active"
    assert "counts already" in cannot_name_witness(zero, "w1", "")
    assert zero.partner is not None
    asked = replace(zero, partner=replace(zero.partner, asked=True))
    assert "asked the old witness" in cannot_name_witness(asked, *NEW)
    lost = replace(zero, suspect="silent")
    assert "has to agree" in cannot_name_witness(lost, *NEW)
    second(cabinet)
    cabinet.boxes[1].hold_disk = True
    name_second(cabinet)
    assert lost_witness.witness_pending(cabinet.boxes[0].unit)
    assert "named before" in cannot_name_witness(cabinet.boxes[0].unit, "w3", "third:7420")


# --- force ---------------------------------------------------------------------------------------


def force(cabinet: Cabinet, at: int, *witness: str) -> None:
    cabinet.post(at, ev.ForceAsked(cabinet.now_ms, 1 - at, *witness))
    cabinet.run(1_000)


def test_a_bound_standby_can_be_forced_and_the_other_returns_as_a_stranger() -> None:
    """B bound and A dead for good: the operator strikes A; A comes back and begins anew."""
    cabinet = designated()
    cabinet.cut = {(0, 1), (1, 0)}
    cabinet.run(500)
    cabinet.write(2)  # A alone: this is what the force gives up
    cabinet.kill(0)
    cabinet.witness_up = True
    cabinet.cut = set()
    cabinet.run(600)
    force(cabinet, 1)
    assert cabinet.record.in_sync == (1,)
    assert cabinet.record.incarnation_of(0) is None
    assert cabinet.write()
    cabinet.boot(0)
    cabinet.run(2_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert cabinet.record.incarnation_of(0) != "first"
    assert cabinet.boxes[0].unit.log.ends == cabinet.boxes[1].unit.log.ends  # A's own end is gone


def test_a_force_with_a_new_witness_is_above_all_that_the_old_one_granted() -> None:
    """Witness and active both gone: the survivor of the two is forced at an empty witness."""
    cabinet = designated()
    cabinet.kill(0)
    second(cabinet)
    cabinet.witness_up = True
    cabinet.down.add("")
    cabinet.run(600)
    force(cabinet, 1, *NEW)
    assert cabinet.kept(NEW[1]).active == 1
    assert cabinet.write()
    cabinet.boot(0)
    cabinet.run(3_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert cabinet.kept(NEW[1]).in_sync == (0, 1)


def test_nobody_is_forced_against_a_unit_that_is_heard() -> None:
    """It is not switched off."""
    cabinet = duplex()
    force(cabinet, 1)
    assert cabinet.record.active == 0
    assert cabinet.boxes[1].unit.state is State.STANDBY
