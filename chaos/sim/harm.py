"""What every kind of fault needs: whom to hit, for how long, and how to undo it."""

from collections.abc import Callable

from chaos.sim.cabinet import Cabinet
from chaos.sim.life import Life
from chaos.sim.world import MS


class Harm:
    """Base of the fault kinds. Each fault says whether it was done: what may not be done now is not done."""

    def __init__(self, cabinet: Cabinet) -> None:
        self.cabinet = cabinet
        self.world = cabinet.world

    def some_life(self) -> Life | None:
        first = self.world.between(0, 1)
        return self.cabinet.lives[first] or self.cabinet.lives[1 - first]

    def short_or_long_us(self) -> int:
        """Most faults are over soon, some are not."""
        if self.world.chance(0.5):
            return self.world.between(50, 900) * MS
        return self.world.between(900, 7000) * MS

    def undo(self, delay_us: int, undo: Callable[[], None]) -> None:
        self.world.after(delay_us, undo)

    def plan_end(self, life: Life) -> None:
        life.power = self.world.chance(0.5)
        life.restart_us = self.restart_us()

    def restart_us(self) -> int:
        return (
            self.world.between(30, 400) * MS if self.world.chance(0.5) else self.world.between(400, 6000) * MS
        )
