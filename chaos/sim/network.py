"""The wires: between the units, to the witness, from the clients. Each direction fails on its own.

A direction is a pipe in order unless a fault says otherwise. A packet is a call to make at the
far end; whoever is (or is not) there by then takes it or lets it fall.
"""

from collections.abc import Callable
from typing import Any, Final

from chaos.sim.world import MS, World

UNIT_0: Final = 0
UNIT_1: Final = 1
WITNESS: Final = 2
CLIENTS: Final = 3
PLACES: Final = ("0", "1", "witness", "clients")


class Direction:
    """One way of one wire, with the faults it has now. Probabilities are 0..1."""

    __slots__ = (
        "cut",
        "delay_us",
        "double",
        "echo_us",
        "jitter_us",
        "last_at_us",
        "loss",
        "overtake",
    )

    def __init__(self) -> None:
        self.last_at_us = 0
        self.heal()

    def heal(self) -> None:
        """No faults: 0.1 to 0.4 ms, in order, all of it."""
        self.cut = False
        self.loss = 0.0
        self.double = 0.0
        self.echo_us = 0  # the second copy of what is doubled comes so much later, at most
        self.overtake = 0.0
        self.delay_us = 100
        self.jitter_us = 300


class Network:
    """Every direction between the four places."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ways = [[Direction() for _ in PLACES] for _ in PLACES]
        self.sent = 0

    def send(self, source: int, target: int, call: Callable[..., None], *args: Any) -> None:
        """Carry a packet: `call(*args)` at the far end, never, once or twice."""
        way = self.ways[source][target]
        world = self.world
        self.sent += 1
        if way.cut:
            return
        random = world.random.random
        if not (way.loss or way.double or way.overtake):
            at_us = world.now_us + way.delay_us + int(random() * way.jitter_us)
            way.last_at_us = max(at_us, way.last_at_us + 1)
            world.at(way.last_at_us, self._arrive, way, call, args)
            return
        if way.loss and random() < way.loss:
            world.seen["packet lost"] += 1
            return
        copies = 1
        if way.double and random() < way.double:
            world.seen["packet doubled"] += 1
            copies = 2
        for copy in range(copies):
            at_us = world.now_us + way.delay_us + int(random() * way.jitter_us)
            if copy and way.echo_us:
                world.seen["packet echoed late"] += 1
                at_us += int(random() * way.echo_us)
            elif way.overtake and random() < way.overtake:
                world.seen["packet overtaken"] += 1
                at_us += int(random() * (30 if random() < 0.8 else 1500) * MS)
            else:
                at_us = max(at_us, way.last_at_us + 1)
                way.last_at_us = at_us
            world.at(at_us, self._arrive, way, call, args)

    def _arrive(self, way: Direction, call: Callable[..., None], args: tuple[Any, ...]) -> None:
        if not way.cut:  # a cut wire drops what is on its way, too
            call(*args)

    def is_cut(self, source: int, target: int) -> bool:
        """Whether nothing gets through in this direction now."""
        return self.ways[source][target].cut

    def heal(self) -> None:
        """All wires are good again."""
        for row in self.ways:
            for way in row:
                way.heal()
