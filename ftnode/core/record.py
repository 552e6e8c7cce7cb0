"""The one record that the witness keeps: which units must hold an entry before it counts.

Everybody speaks of the same value: the core decides by it, the witness swaps it, `ftctl` shows it.
"""

from typing import Final

from msgspec import Struct

UNITS: Final = (0, 1)  # ids of a pair's units
NAME_MAX_CHARS: Final = 64  # longest cabinet, witness id or incarnation
EPOCH_MAX: Final = 2**63 - 1  # what every store and message of ours can carry


class Record(Struct, frozen=True, gc=False):
    """`{cabinet, witness_id, epoch, active, in_sync, incarnations}`, changed only as a whole.

    `in_sync` is in rising order. `incarnations` has (unit, incarnation) in rising order of units and
    names at least every in-sync unit.
    """

    cabinet: str
    witness_id: str
    epoch: int  # grows by one with every change
    active: int
    in_sync: tuple[int, ...]
    incarnations: tuple[tuple[int, str], ...]

    def incarnation_of(self, unit: int) -> str | None:
        """The incarnation under which `unit` is named, or None."""
        return next((incarnation for at, incarnation in self.incarnations if at == unit), None)

    def problem(self) -> str | None:
        """Why this is no record that a pair may have, or None when it is one in canonical order."""
        named = tuple(unit for unit, _ in self.incarnations)
        texts = (self.cabinet, self.witness_id, *(incarnation for _, incarnation in self.incarnations))
        if not all(0 < len(text) <= NAME_MAX_CHARS for text in texts):
            return f"cabinet, witness id and incarnations have 1 to {NAME_MAX_CHARS} characters"
        if not 0 < self.epoch <= EPOCH_MAX:
            return f"epoch {self.epoch} is not in 1..{EPOCH_MAX}"
        if not _rising_units(self.in_sync) or not _rising_units(named):
            return f"in_sync {self.in_sync} and incarnations of {named} name units 0 and 1, once, rising"
        if self.active not in self.in_sync:
            return f"active {self.active} is not in the in-sync set {self.in_sync}"
        if not set(self.in_sync) <= set(named):
            return f"an in-sync unit of {self.in_sync} has no incarnation, only {named} have"
        return None


def stays(before: Record, after: Record) -> bool:
    """Does one unit stay in the set, in the same stay of its disk? Only a force keeps nobody."""
    return any(
        unit in after.in_sync and after.incarnation_of(unit) == before.incarnation_of(unit)
        for unit in before.in_sync
    )


def _rising_units(units: tuple[int, ...]) -> bool:
    return list(units) == sorted(set(units) & set(UNITS))
