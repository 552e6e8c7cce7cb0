"""Planted bugs of rule 19: which engine version executes what, who switches, who may join."""

from typing import Any

from chaos.sim.planting import Plant
from ftnode.core import upgrading
from ftnode.machine.executor import Executor


def newest_is_stamped(plant: Plant) -> None:
    """Whoever is active executes by the newest version that it has."""
    plant.set(upgrading, "in_force", lambda unit: max(unit.can))


def switches_alone(plant: Plant) -> None:
    """It is enough that the active has it."""
    plant.set(upgrading, "not_ready", lambda unit, version: "" if version in unit.can else "it has it not")


def anybody_fits(plant: Plant) -> None:
    """A unit may join whatever its program has."""
    plant.set(upgrading, "misfit", lambda unit, can: "")
    plant.set(upgrading, "misfit_here", lambda unit, said: "")


def old_version_dropped_early(plant: Plant) -> None:
    """The older version may go as soon as it is switched, wherever the checkpoint is."""
    plant.set(upgrading, "may_drop", lambda unit: True)


def cut_switch_counts(plant: Plant) -> None:
    """A switch in a tail that was cut stays in force."""
    plant.set(upgrading, "cut", lambda unit, seq: unit)


def undone_switch_counts(plant: Plant) -> None:
    """The same, where entries are executed."""

    def discard_above(executor: Any, seq: int) -> None:
        machine = executor._machine
        before(executor, seq)
        executor._machine = machine

    before = plant.set(Executor, "discard_above", discard_above)


def takers_do_not_look(plant: Plant) -> None:
    """A standby takes entries and does not see that one of them switches."""
    plant.set(upgrading, "took", lambda unit, began, orders: unit)


def log_for_anybody(plant: Plant) -> None:
    """Who lacks the older version is sent the log from before the switch all the same."""
    plant.set(upgrading, "cannot_execute_from", lambda unit, said, common_seq: False)
