"""Wires that are cut, lose, double, delay; a witness that is away, slow, or hears late."""

from chaos.sim.cabinet import Late
from chaos.sim.harm import Harm
from chaos.sim.network import CLIENTS, WITNESS, Direction
from chaos.sim.world import MS


class Wires(Harm):
    """Everything between the boxes."""

    def cut(self, name: str, ways: list[tuple[int, int]], length_us: int) -> bool:
        self.world.fault(name, f"{ways} for {length_us // MS} ms")
        for source, target in ways:
            self.cabinet.network.ways[source][target].cut = True
        self.undo(length_us, lambda: self.mend(ways))
        return True

    def mend(self, ways: list[tuple[int, int]]) -> None:
        for source, target in ways:
            self.cabinet.network.ways[source][target].cut = False
        if self.world.chance(0.5):
            self.cabinet.close_channel()

    def cut_link(self) -> bool:
        return self.cut("cut link", [(0, 1), (1, 0)], self.short_or_long_us())

    def cut_one_way(self) -> bool:
        pairs = [(0, 1), (1, 0), (0, WITNESS), (1, WITNESS), (WITNESS, 0), (WITNESS, 1)]
        return self.cut("cut one way", [self.world.random.choice(pairs)], self.short_or_long_us())

    def isolate(self) -> bool:
        unit = self.world.between(0, 1)
        ways = [(unit, 1 - unit), (1 - unit, unit), (unit, WITNESS), (WITNESS, unit)]
        if self.world.chance(0.3):
            ways += [(unit, CLIENTS), (CLIENTS, unit)]
        return self.cut("isolate", ways, self.short_or_long_us())

    def cut_witness(self) -> bool:
        units = [(0,), (1,), (0, 1)][self.world.between(0, 2)]
        ways = [way for unit in units for way in ((unit, WITNESS), (WITNESS, unit))]
        return self.cut("cut witness", ways, self.short_or_long_us())

    def cut_clients(self) -> bool:
        unit = self.world.between(0, 1)
        return self.cut("cut clients", [(unit, CLIENTS), (CLIENTS, unit)], self.short_or_long_us())

    def spoil(self, name: str, **values: float) -> bool:
        """Every direction gets these properties for a while."""
        self.world.fault(name, str(values))
        good = Direction()
        for way in self._ways():
            for key, value in values.items():
                setattr(way, key, value)
        self.undo(self.short_or_long_us(), lambda: self._restore(good, tuple(values)))
        return True

    def _restore(self, good: Direction, keys: tuple[str, ...]) -> None:
        for way in self._ways():
            for key in keys:
                setattr(way, key, getattr(good, key))

    def _ways(self) -> list[Direction]:
        return [way for row in self.cabinet.network.ways for way in row]

    def loss(self) -> bool:
        return self.spoil("loss", loss=self.world.random.choice((0.02, 0.1, 0.3)))

    def doubles(self) -> bool:
        return self.spoil("doubling", double=0.3)

    def echoes(self) -> bool:
        """Much of what the units say is heard again, seconds later."""
        return self.spoil("echoes", double=0.5, echo_us=self.world.between(500, 4000) * MS)

    def overtaking(self) -> bool:
        return self.spoil("reordering", overtake=0.3)

    def delay(self) -> bool:
        return self.spoil("delay", delay_us=self.world.between(1, 60) * MS, jitter_us=20 * MS)

    def close_channel(self) -> bool:
        if not self.cabinet.connected:
            return False
        self.world.fault("channel closed")
        self.cabinet.close_channel()
        if self.world.chance(0.3):
            self.world.fault("calls refused")  # by a firewall, as if both processes were gone
            for unit in (0, 1):
                self.world.after(self.world.between(0, 10) * MS, self.cabinet.refuse_calls, unit)
        return True

    def witness_down(self) -> bool:
        return self.witness_away("witness down", self.short_or_long_us())

    def witness_restart(self) -> bool:
        return self.witness_away("witness restart", self.world.between(20, 200) * MS)

    def witness_away(self, name: str, length_us: int) -> bool:
        if not self.cabinet.witness.up:
            return False
        self.world.fault(name, f"for {length_us // MS} ms")
        self.cabinet.crash_witnesses()
        self.undo(length_us, self.cabinet.restart_witnesses)
        return True

    def strange_witness(self) -> bool:
        """For a while another witness answers at this address, or an empty one."""
        self.world.fault("strange witness")
        witness = self.cabinet.witness
        witness.strange = self.world.random.choice(("witness", "cabinet", "empty"))
        self.undo(self.world.between(100, 1500) * MS, lambda: setattr(witness, "strange", ""))
        return True

    def stale_answers(self) -> bool:
        """The witness's answers to the active travel long, and its partner hears nothing.

        The partner takes over and says so; then comes what the witness had answered before.
        """
        active = self.cabinet.active()
        if active is None or not self.cabinet.duplex():
            return False
        unit = active.me
        self.world.fault("stale answers", f"unit {unit}")
        way_back, away = self.cabinet.network.ways[WITNESS][unit], self.cabinet.network.ways[unit][1 - unit]
        way_back.delay_us, away.cut = self.world.between(100, 280) * MS, True
        self.undo(self.world.between(700, 1500) * MS, lambda: setattr(away, "cut", False))
        self.undo(self.world.between(1500, 2500) * MS, lambda: setattr(way_back, "delay_us", 100))
        return True

    def wire_flips(self) -> bool:
        """One bit of the next entries on the wire is wrong, and no checksum below noticed."""
        self.world.fault("bit flips on the wire")
        self.cabinet.flip_next = True
        return True

    def witness_slow(self) -> bool:
        witness = self.cabinet.witness
        self.world.fault("witness slow")
        witness.slow_us = self.world.between(100, 900) * MS
        self.undo(self.short_or_long_us(), lambda: setattr(witness, "slow_us", 0))
        return True

    def late_swaps(self) -> bool:
        """Swaps are kept on the way, some for long, while whoever sent them, or whom they name, goes."""
        late = Late(
            chance=self.world.random.choice((0.4, 0.7, 1.0)),
            most_us=self.world.between(500, 12_000) * MS,
            gone=self.world.random.choice((0.0, 0.5, 0.8)),
        )
        self.world.fault("late swaps", str(late.chance))
        self.cabinet.late = late
        self.undo(self.short_or_long_us() * 2, self._in_time)
        return True

    def _in_time(self) -> None:
        self.cabinet.late = None
