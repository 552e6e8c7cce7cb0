"""Planted bugs of rule 11: who may go alone while the witness is lost, and which witness counts."""

from typing import Any

from chaos.sim.harm_witness import WitnessStories
from chaos.sim.life import Life
from chaos.sim.planting import Plant
from ftnode.core import forcing, lost_witness, rules, standby
from ftnode.core.fsm import State
from ftnode.core.reconfigure import Designation


def nobody_designated(plant: Plant) -> None:
    plant.set(lost_witness, "may_designate", lambda unit, lead, partner: False)


def forgets_that_it_asked(plant: Plant) -> None:
    """The note "asked in epoch e" counts only in the life that wrote it."""

    def has_asked(unit: Any) -> bool:
        return bool(before(unit)) and bool(unit.unsettled)

    before = plant.set(lost_witness, "has_asked", has_asked)


def own_log_gives_the_right(plant: Plant) -> None:
    plant.set(lost_witness, "designation_known", lambda unit, lead, partner: lead.designated_seq > 0)


def bound_with_a_swap(plant: Plant) -> None:
    plant.set(lost_witness, "may_bind", lambda unit: True)
    plant.set(lost_witness, "has_asked", lambda unit: False)


def return_frees(plant: Plant) -> None:
    """Another withdrawal than the survivor's own swap: the witness is there again, so nobody is bound."""

    def bound(unit: Any) -> bool:
        return bool(before(unit)) and bool(lost_witness.witness_lost(unit))

    before = plant.set(rules, "bound", bound)


def keeps_its_right(plant: Plant) -> None:
    plant.set(lost_witness, "gives_up", lambda purpose: False)


def named_counts(plant: Plant) -> None:
    """As a setting would: obeyed as soon as the active has it, whatever the other unit knows."""
    plant.set(lost_witness, "witness_agreed", lambda unit, lead, seq: rules.answers(unit, lead))


def anybody_fills(plant: Plant) -> None:
    """A unit that agreed to a witness gives it its first record."""
    plant.set(rules, "right_witness", lambda unit: unit.record is not None)


def alone_before_the_note(plant: Plant) -> None:
    """What is on its way to the disk counts as there."""

    def right(unit: Any) -> bool:
        return unit.want.note is not None and unit.want.note == unit.record

    def alone(unit: Any) -> bool:
        return unit.lead is not None and unit.lead.alone and right(unit)

    plant.set(rules, "right", right)
    plant.set(rules, "alone", alone)
    plant.set(
        lost_witness, "may_note", lambda unit, lead, partner: lead.designated_seq > 0 and bool(unit.record)
    )


def bound_before_kept(plant: Plant) -> None:
    """The standby says that it obeys as soon as it has the entry, and does so when it finds the time."""

    def obeyed_seq(unit: Any, source: Any) -> int:
        if source.change is None or source.change[0] > unit.log.head_seq:
            return 0
        return (
            int(source.change[0]) if isinstance(source.change[1], Designation) else int(before(unit, source))
        )

    before = plant.set(lost_witness, "obeyed_seq", obeyed_seq)
    plant.set(lost_witness, "may_bind", lambda unit: False)


def frees_after_all(plant: Plant) -> None:
    """A survivor that cannot serve frees the other unit, whatever it has answered alone."""

    def frees(unit: Any) -> bool:
        lost = bool(unit.unfit) or unit.state is State.BROKEN
        return unit.want.note is not None and unit.writing is None and lost

    plant.set(lost_witness, "frees", frees)


def asks_nobody_through(plant: Plant) -> None:
    def ask(self: Any, address: str, method: str, args: tuple[object, ...], answer: Any) -> None:
        self._through = False
        before(self, address, method, args, answer)

    before = plant.set(Life, "_ask", ask)


def nobody_is_forced(plant: Plant) -> None:
    plant.set(forcing, "cannot_force", lambda unit, off, witness_given: "it may not answer by itself")


def who_holds_less_is_forced(plant: Plant) -> None:
    """A mistake of the operator's: that it costs something shows that the checkers look."""

    def holds(stories: WitnessStories, unit: int) -> tuple[int, int]:
        epoch, seq = before(stories, unit)
        return -epoch, -seq

    before = plant.set(WitnessStories, "_holds", holds)


def note_under_way_is_not_there(plant: Plant) -> None:
    """A right whose write is under way is not given up before a swap that names both leaves."""
    plant.set(lost_witness, "right_on_disk", lambda unit: unit.promise.note is not None)


def goes_back_to_an_older_witness(plant: Plant) -> None:
    """A unit that was out obeys the witness that its own log names, whatever has replaced it since."""
    plant.set(standby, "_without_older_witness", lambda unit: unit)
