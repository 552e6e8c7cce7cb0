"""Engine versions in the core: what is in force, who may switch, who may join. (rule 19)"""

import pytest

from ftnode.core import events as ev
from ftnode.core import upgrading, versions
from ftnode.core.invariants import BrokenInvariantError
from ftnode.core.upgrading import cannot_order
from ftnode.core.versions import Abort, Order, Prepare, Standing, Switch
from tests.core.cabinet import Cabinet

OLD, BOTH, NEW = (1,), (1, 2), (2,)


def pair(can0: tuple[int, ...] = BOTH, can1: tuple[int, ...] = BOTH) -> Cabinet:
    """A duplex pair that began with version 1; then each unit is started anew with its program."""
    cabinet = Cabinet()
    cabinet.boot(0)
    cabinet.boot(1)
    cabinet.run(500)
    for at, can in ((1, can1), (0, can0)):
        install(cabinet, at, can)
    assert cabinet.states() in ("ACTIVE STANDBY", "STANDBY ACTIVE")
    return cabinet


def install(cabinet: Cabinet, at: int, can: tuple[int, ...]) -> None:
    """Start a unit with another program, and give it the time to join."""
    cabinet.kill(at)
    cabinet.run(600)
    cabinet.boxes[at].can = can
    cabinet.boot(at)
    cabinet.run(1_500)


def order(cabinet: Cabinet, what: Order) -> str:
    """What the operator asks of the active; why it was refused, empty if it was done."""
    at = cabinet.active()
    assert at is not None
    why = cannot_order(cabinet.boxes[at].unit, what)
    cabinet.post(at, ev.UpgradeAsked(cabinet.now_ms, what))
    cabinet.settle()
    return why


def in_force(cabinet: Cabinet) -> list[int]:
    """What each unit would execute its next entry by."""
    return [upgrading.in_force(box.unit) for box in cabinet.boxes if box.up]


def executed_rightly(cabinet: Cabinet) -> None:
    """Every entry of both logs is executed by the version that the entries before it put in force."""
    for box in cabinet.boxes:
        stands = versions.begun_with(1)
        for seq, version in sorted(box.disk.versions.items()):
            assert version == stands.version, (seq, box.disk)
            if seq in box.disk.orders:
                stands = versions.after(stands, seq, box.disk.orders[seq])
    seqs = {*cabinet.boxes[0].disk.versions} & {*cabinet.boxes[1].disk.versions}
    assert all(cabinet.boxes[0].disk.versions[seq] == cabinet.boxes[1].disk.versions[seq] for seq in seqs)


def test_what_entries_say_adds_up() -> None:
    """Prepare and abort change no version; a switch does, from the next entry on; versions only grow."""
    stands = versions.begun_with(1)
    stands = versions.after(stands, 5, Prepare(2))
    assert (stands.version, stands.prepared) == (1, 2)
    assert versions.after(stands, 6, Abort(2)).prepared == 0
    stands = versions.after(stands, 7, Switch(2))
    assert stands == Standing(((0, 1), (7, 2)))
    stands = versions.after(stands, 20, Switch(3))
    assert [versions.needed(stands, seq) for seq in (7, 8, 20, 21)] == [{1, 2, 3}, {2, 3}, {2, 3}, {3}]
    with pytest.raises(BrokenInvariantError, match="versions only grow"):
        versions.after(stands, 21, Switch(2))
    assert versions.unpack(versions.pack(stands)) == stands
    for one in (Prepare(2), Abort(2), Switch(2)):
        assert versions.from_body(versions.to_body(one)) == one


def test_a_mixed_pair_executes_by_the_old_version_and_switches_when_told() -> None:
    """There: one unit at a time gets the new program; nothing changes until the switch; then both use it."""
    cabinet = pair(OLD, OLD)
    for at in (1, 0):
        install(cabinet, at, BOTH)
        assert cabinet.write(3)
        assert in_force(cabinet) == [1, 1]
    assert order(cabinet, Switch(2)) == ""
    assert in_force(cabinet) == [2, 2]
    assert cabinet.write(3)
    executed_rightly(cabinet)
    assert {*cabinet.boxes[0].disk.versions.values()} == {1, 2}


def test_a_switch_is_refused_unless_both_are_ready_and_prepared_waits_for_both() -> None:
    """The reasons name the unit, what its program has and what to do; prepared, it switches by itself."""
    cabinet = pair(BOTH, OLD)
    if cabinet.active() == 1:
        cabinet.post(1, ev.SwitchoverAsked(cabinet.now_ms))
        cabinet.run(1_500)
    assert (
        order(cabinet, Switch(2)) == "unit 1 has engine version 1, not 2: start it with a program that has it"
    )
    assert "unit 0 has engine versions 1, 2, not 3" in order(cabinet, Switch(3))
    assert "version 1 is in force" in order(cabinet, Switch(1))
    assert order(cabinet, Abort(0)) == "no version is prepared: there is nothing to take back"
    assert order(cabinet, Prepare(2)) == ""
    assert order(cabinet, Prepare(2)) == "version 2 is prepared already"
    assert cabinet.write()
    assert in_force(cabinet) == [1, 1]
    cabinet.kill(1)
    cabinet.run(600)
    assert "unit 1 is not in sync" in order(cabinet, Switch(2))
    cabinet.boxes[1].can = BOTH
    cabinet.boot(1)
    cabinet.run(1_500)
    assert in_force(cabinet) == [2, 2]
    assert "there is no way back" in order(cabinet, Abort(2))
    assert cabinet.write()
    executed_rightly(cabinet)


def test_what_is_prepared_can_be_aborted_until_the_switch() -> None:
    """Aborted: both units go back to the old program, one at a time."""
    cabinet = pair(BOTH, OLD)
    if cabinet.active() == 1:
        cabinet.post(1, ev.SwitchoverAsked(cabinet.now_ms))
        cabinet.run(1_500)
    assert order(cabinet, Prepare(2)) == ""
    assert order(cabinet, Abort(2)) == ""
    install(cabinet, 1, BOTH)
    assert in_force(cabinet) == [1, 1]
    for at in (1, 0):
        install(cabinet, at, OLD)
        assert cabinet.states() in ("ACTIVE STANDBY", "STANDBY ACTIVE")
        assert cabinet.write()
    executed_rightly(cabinet)


def test_what_is_prepared_survives_a_takeover() -> None:
    """It stands in the log: whoever is active switches when both are ready."""
    cabinet = pair(BOTH, OLD)
    if cabinet.active() == 1:
        cabinet.post(1, ev.SwitchoverAsked(cabinet.now_ms))
        cabinet.run(1_500)
    assert order(cabinet, Prepare(2)) == ""
    cabinet.kill(0)
    cabinet.run(1_500)
    assert cabinet.active() == 1
    assert cabinet.write()
    cabinet.boot(0)
    cabinet.run(1_500)
    assert in_force(cabinet) == [1, 1]  # the active's program cannot
    cabinet.post(1, ev.SwitchoverAsked(cabinet.now_ms))
    cabinet.run(1_500)
    assert in_force(cabinet) == [1, 1]  # the standby's cannot
    install(cabinet, 1, BOTH)
    assert in_force(cabinet) == [2, 2]
    executed_rightly(cabinet)


def test_an_old_program_is_refused_after_the_switch_and_both_hear_why() -> None:
    """It is put out, gets no session, and says itself which program it needs; with that it joins."""
    cabinet = pair()
    assert order(cabinet, Switch(2)) == ""
    active = cabinet.active()
    assert active is not None
    install(cabinet, 1 - active, OLD)
    assert cabinet.boxes[1 - active].unit.state.value == "DUPLEXING"
    assert list(cabinet.record.in_sync) == [active]
    said = cabinet.boxes[active].unit.misfit
    assert said.startswith(f"unit {1 - active} has engine version 1, but version 2 is in force since entry")
    heard = cabinet.boxes[1 - active].unit.misfit
    assert f"version 2 is in force on unit {active}, and this program has engine version 1" in heard
    assert cabinet.write()  # alone
    install(cabinet, 1 - active, BOTH)
    assert list(cabinet.record.in_sync) == [0, 1]
    assert not cabinet.boxes[active].unit.misfit


def test_who_has_only_the_new_version_takes_a_snapshot_past_the_switch() -> None:
    """A blank unit without the old version cannot execute the log from its beginning: it gets the state, once
    the active's checkpoint is past the switch."""
    cabinet = pair()
    assert order(cabinet, Switch(2)) == ""
    assert cabinet.write(2)
    active = cabinet.active()
    assert active is not None
    cabinet.kill(1 - active)
    cabinet.run(600)
    cabinet.blank(1 - active)
    cabinet.boxes[1 - active].can = NEW
    cabinet.boot(1 - active)
    cabinet.run(1_000)
    assert list(cabinet.record.in_sync) == [active]  # our checkpoint is not past the switch
    assert not upgrading.may_drop(cabinet.boxes[active].unit)
    seq = cabinet.boxes[active].unit.log.compared_seq
    cabinet.post(active, ev.Checkpointed(cabinet.now_ms, seq, 1))
    cabinet.run(2_000)
    assert upgrading.may_drop(cabinet.boxes[active].unit)
    assert list(cabinet.record.in_sync) == [0, 1]
    assert "FetchSnapshot" in " ".join(cabinet.boxes[1 - active].trace)
    assert cabinet.write()


def test_a_switch_in_a_tail_that_is_cut_never_was() -> None:
    """Only the active has it; the other one takes over, and the old version stays in force."""
    cabinet = pair(BOTH, BOTH)
    active = cabinet.active()
    assert active is not None
    cabinet.cut.add((active, 1 - active))
    cabinet.post(active, ev.UpgradeAsked(cabinet.now_ms, Switch(2)))
    cabinet.settle()
    assert upgrading.in_force(cabinet.boxes[active].unit) == 2
    cabinet.kill(active)
    cabinet.cut.clear()
    cabinet.run(1_500)
    assert cabinet.write(2)
    cabinet.boot(active)
    cabinet.run(1_500)
    assert "Cut" in " ".join(cabinet.boxes[active].trace)
    assert in_force(cabinet) == [1, 1]
    cabinet.post(1 - active, ev.SwitchoverAsked(cabinet.now_ms))
    cabinet.run(1_500)
    assert cabinet.active() == active
    assert cabinet.write()
    executed_rightly(cabinet)


def test_a_program_that_does_not_say_what_it_has_is_of_before_and_hears_of_no_upgrade() -> None:
    """It fits as long as no version was ever switched; nothing may be prepared while it follows."""
    cabinet = pair()
    unit = cabinet.boxes[0].unit
    assert upgrading.misfit(unit, ()) == ""
    assert order(cabinet, Switch(2)) == ""
    assert "version 2 is in force" in upgrading.misfit(cabinet.boxes[cabinet.active() or 0].unit, ())
