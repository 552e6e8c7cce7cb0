"""Random walks: two cores live through everything that the world may do, judged at every step.

`python -m tests.core.test_walks 0 2000` walks more seeds. A seed that ever failed stays.
"""

import random
import sys
import traceback

import pytest

from ftnode.core import events as ev
from tests.core.parts import CALM, Disk, Node, Weather
from tests.core.world import World

SEEDS = (*range(24), 83, 115, 121, 180, 399, 1030)
# Alone, its clock confirmed by nobody, an active ran ahead; the first write after the standby had come
# was refused for it, though that time had been given to no entry: 288 and 467 found the core wrong (owed
# steps went forward only). In 810 the clocks were set back under a running active: that it is refused once
# is right, and the judge was wrong, which let no till ask again.
AHEAD_WHILE_ALONE = (288, 467, 810)
HEAL_MS = 16_000
STORMS = (
    CALM,
    Weather(link_ms=40, in_order=False),
    Weather(link_ms=5, lost=0.1, doubled=0.2, in_order=False),
    Weather(link_ms=300, lost=0.2, doubled=0.3, in_order=False, witness_ms=200),
    Weather(disk_ms=60, engine_ms=30),
    Weather(disk_ms=5, engine_ms=120, link_ms=20, in_order=False),
    Weather(witness_ms=250, lost=0.05),
    Weather(link_ms=1, lost=0.4),
    Weather(link_ms=2_000, doubled=0.3, in_order=False, witness_ms=20),
)
DEEDS = (  # as often as they are named
    "write write write write write read read read read run run run run run run kill kill boot boot boot",
    "weather weather calm link link witness hang pause closed switchover out up fsync",
    "snap blank rollback rot short crashy crashy clock",
)


def walk(seed: int) -> World:
    """One history: form, live, be hurt, heal, answer."""
    world = World(seed)
    walker = Walker(world, random.Random(seed + 1_000_000))
    world.boot(0)
    world.boot(1)
    world.run(300)
    for _ in range(walker.random.randint(20, 120)):
        walker.go()
    walker.heal()
    return world


class Walker:
    """Does one thing after another to a world."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world, self.random = world, chance
        self.images: list[tuple[int, Disk]] = []
        self.done: list[str] = []
        self.asked_ms = 0  # by `_answered`

    def go(self) -> None:
        """One more deed; what cannot be done now is not done."""
        deed, at = self.random.choice(" ".join(DEEDS).split()), self.random.randint(0, 1)
        self.done.append(f"{self.world.now_ms} {deed} {at}")
        getattr(self, f"_{deed}")(at)
        self.world.run(self.random.choice((0, 0, 1, 3, 10)))

    def _write(self, at: int) -> None:
        for one in (0, 1):
            self.world.write(one, self.random.randint(1, 4))

    def _read(self, at: int) -> None:
        for one in (0, 1):
            self.world.read(one)

    def _run(self, at: int) -> None:
        self.world.run(self.random.choice((5, 20, 50, 120, 300, 600, 1500, 4000)))

    def _kill(self, at: int) -> None:
        if self.world.nodes[at].up:
            self.world.kill(at, power=self.random.random() < 0.6)
            self.world.crash_chance = 0.0

    def _boot(self, at: int) -> None:
        for one in (at, 1 - at)[: self.random.choice((1, 2))]:
            if not self.world.nodes[one].up:
                self.world.boot(one)

    def _weather(self, at: int) -> None:
        self.world.weather = self.random.choice(STORMS)

    def _calm(self, at: int) -> None:
        self.world.weather, self.world.crash_chance = CALM, 0.0

    def _crashy(self, at: int) -> None:
        self.world.crash_chance = self.random.choice((0.0, 0.001, 0.01))

    def _link(self, at: int) -> None:
        self.world.link_up = not self.world.link_up
        self._closed(at)

    def _closed(self, at: int) -> None:
        for one in (0, 1):
            self.world.feed(one, ev.Closed(self.world.now_ms))
            if self.world.link_up:
                self.world.feed(one, ev.Connected(self.world.now_ms))

    def _witness(self, at: int) -> None:
        self.world.witness_up[at] = not self.world.witness_up[at]

    def _hang(self, at: int) -> None:
        thread = self.random.choice(("disk", "promise", "engine", "snapshot", "checkpoint"))
        self.world.hang(at, thread, self.random.choice((50, 300, 700, 2000)))

    def _pause(self, at: int) -> None:
        self.world.pause(at, self.random.choice((100, 600, 1500)))

    def _clock(self, at: int) -> None:
        who, jump_ms = self.random.randint(0, 2), self.random.choice((-100_000, -3_000, 500, 3_000, 90_000))
        self.world.clock_off_ms[who] = max(0, self.world.clock_off_ms[who] + jump_ms)

    def _switchover(self, at: int) -> None:
        self.world.feed(at, ev.SwitchoverAsked(self.world.now_ms))

    def _out(self, at: int) -> None:
        self.world.feed(at, ev.TakeOutAsked(self.world.now_ms, stay_out=self.random.random() < 0.6))

    def _up(self, at: int) -> None:
        for one in (0, 1):
            self.world.feed(one, ev.BringUpAsked(self.world.now_ms))

    def _fsync(self, at: int) -> None:
        world = self.world
        if self.random.random() < 0.3 and world.nodes[at].up:
            world.judge.allowed_broken[at] = True
            world.feed(at, ev.FsyncFailed(world.now_ms, "EIO"))

    # --- disks that are not what they were -------------------------------------------------

    def _other_has_all(self, at: int) -> bool:
        """Is the other unit alive, in the set and whole, so that this one's disk may be lost?"""
        world = self.world
        other, promise = world.nodes[1 - at], world.nodes[1 - at].disk.promise
        named = world.record.incarnation_of(1 - at)
        if self._designated(other) or self._designated(world.nodes[at]):
            return False  # a survivor that dies is an outage that is accepted
        if world.swaps or other.faulty or promise is None or 1 - at not in world.record.in_sync:
            return False
        return named == promise.incarnation and not other.disk.rotten and not other.disk.short

    def _designated(self, node: Node) -> bool:
        promise = node.disk.promise
        bound_epoch = promise.bound_epoch if promise is not None else 0
        note = promise.note if promise is not None else None
        return max(bound_epoch, note.epoch if note else 0) >= self.world.record.epoch

    def _blank(self, at: int) -> None:
        node = self.world.nodes[at]
        if not node.up and self._other_has_all(at):
            node.disk = Disk()
            node.faulty = False

    def _snap(self, at: int) -> None:
        self.images.append((at, self.world.nodes[at].disk.copy()))

    def _rollback(self, at: int) -> None:
        """An old image is put back: far enough that the witness can tell."""
        world = self.world
        for one, image in self.images:
            if world.nodes[one].up or not self._other_has_all(one):
                continue
            known_seq = min(world.told_seq, len(world.nodes[one].disk.log))
            if image.promise is not None and len(image.log) < known_seq:
                node = world.nodes[one]
                node.disk, node.faulty = image.copy(), True
                self.images.remove((one, image))
                return

    def _short(self, at: int) -> None:
        """The log lost its end below its own durable mark."""
        node = self.world.nodes[at]
        if (
            not node.up
            and self._other_has_all(at)
            and node.disk.promise
            and len(node.disk.log) > node.disk.checkpoint_seq
        ):
            seq = self.random.randint(node.disk.checkpoint_seq, len(node.disk.log) - 1)
            if seq >= node.disk.first_seq - 1:
                node.disk.cut(seq)
                node.disk.short = node.faulty = True

    def _rot(self, at: int) -> None:
        """Some entries cannot be read any more, that the other unit holds."""
        node, other = self.world.nodes[at], self.world.nodes[1 - at]
        first_seq = max(node.disk.checkpoint_seq + 1, other.disk.first_seq)
        last_seq = min(len(node.disk.log), len(other.disk.log))
        if node.up or not self._other_has_all(at) or first_seq >= last_seq:
            return
        seq = self.random.randint(first_seq, last_seq)
        if node.disk.log[:seq] != other.disk.log[:seq]:
            return
        if seq == len(node.disk.log):  # the mark that would say that it was durable is not written yet
            node.disk.cut_at_start(seq - 1, rotten=True)
            node.faulty = True
        else:
            node.disk.rotten = {seq}

    # --- and in the end --------------------------------------------------------------------

    def heal(self) -> None:
        """Everything works again; then a new write must be answered, on both units."""
        world = self.world
        world.weather, world.crash_chance, world.link_up = CALM, 0.0, True
        world.witness_up = [True, True]
        world.run(4_000)
        for at in (0, 1):
            if not world.nodes[at].up:
                world.boot(at)
        world.run(1_000)
        self._up(0)
        world.run(HEAL_MS)
        for at in (0, 1):
            if not world.nodes[at].up:
                world.boot(at)
        world.run(3_000)
        self._answers_again()

    def _answers_again(self) -> None:
        world = self.world
        states = [state.value if state else "-" for state in world.states()]
        at = world.active()
        world.judge.check(sorted(states) == ["ACTIVE", "STANDBY"], "the pair heals", states, world.record)
        owed = world.nodes[at or 0].unit.clock.owed
        answered = self._answered(at or 0)
        if not answered and not owed and self._time_was_refused():
            answered = self._answered(world.active() or 0)  # the other one took over; tills ask again
        world.judge.check(answered, "a healed pair answers", states, owed)
        logs = [node.disk.log for node in world.nodes]
        world.judge.check(logs[0] == logs[1], "both hold the same log in the end")

    def _answered(self, at: int) -> bool:
        """Are three writes to this unit answered?"""
        world = self.world
        before_seq = world.judge.answered_seq
        self.asked_ms = world.now_ms
        for count in (2, 1):
            world.write(at, count)
            world.read(at)
            world.run(200)
        return world.judge.answered_seq >= before_seq + 3

    def _time_was_refused(self) -> bool:
        """Did a unit refuse the other one's log time since we asked?"""
        lines = [line for node in self.world.nodes for line in node.trace if "what='time refused'" in line]
        return any(int(line.split()[0]) >= self.asked_ms for line in lines)


@pytest.mark.parametrize("seed", [*SEEDS, *AHEAD_WHILE_ALONE])
def test_walk(seed: int) -> None:
    """Nothing answered is lost or changed, no read is stale, nobody healthy is convicted, all heals."""
    walk(seed)


def main() -> None:
    """Walk many; say what failed, by kind."""
    first, last = int(sys.argv[1]), int(sys.argv[2])
    failed: dict[str, list[int]] = {}
    for seed in range(first, last):
        try:
            walk(seed)
        except Exception as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            text = str(error).split(": ", 1)[-1][:70]
            failed.setdefault(f"{type(error).__name__} {at.name}:{at.lineno} {text}", []).append(seed)
    for kind, seeds in sorted(failed.items(), key=lambda item: -len(item[1])):
        print(len(seeds), kind, seeds[:5])
    print(f"{last - first} walks, {sum(map(len, failed.values()))} failed")


if __name__ == "__main__":
    main()
