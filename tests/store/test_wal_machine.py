"""Any sequence of operations, crashes, failed syncs and rot: the log is what it was told, or says so."""

from collections.abc import Callable
from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chaos.sim.disk import StoppedError
from ftnode.store.wal_faults import LogUnusable
from tests.store.log_world import World, frames_on, spoil

Deed = Callable[[World], None]


def _sync_with_marks(world: World) -> None:
    world.sync()
    world.wal.mark_idle(0, 0)
    world.sync()


class LogMachine(RuleBasedStateMachine):
    """`World` knows the truth. Rules do something to the log; the invariant asks it for everything."""

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        """A blank disk."""
        self.world = World(seed)
        self.world.live()

    @rule(count=st.integers(1, 6), new_epoch=st.booleans())
    def append(self, count: int, new_epoch: bool) -> None:
        """A batch, perhaps of a new epoch."""
        self.world.epoch += new_epoch
        self.world.append(count)

    @rule()
    def sync(self) -> None:
        """Everything so far is durable."""
        self.world.sync()

    @rule()
    def mark(self) -> None:
        """The marks by themselves, not synced."""
        self.world.wal.mark_idle(self.world.commit_seq, 0)

    @rule()
    def prepare(self) -> None:
        """A spare segment."""
        self.world.wal.prepare()

    @rule()
    def overlapping_sync(self) -> None:
        """One begins, a batch comes, it ends, and covers no more than it should."""
        ticket = self.world.wal.sync_begin()
        head_seq = self.world.head_seq
        self.world.append(2)
        assert self.world.wal.sync_end(ticket) == head_seq
        self.world.durable_seq = head_seq

    @rule(share=st.floats(0, 1))
    def commit(self, share: float) -> None:
        """The durable part, or some of it, can never be cut any more; checkpoints follow."""
        world = self.world
        world.commit_seq = max(world.commit_seq, int(share * world.durable_seq))
        world.checkpoint_seq = max(world.checkpoint_seq, int(share * world.commit_seq), world.base_seq)

    @rule(share=st.floats(0, 1))
    def cut(self, share: float) -> None:
        """Anywhere above what is committed."""
        world = self.world
        low = max(world.commit_seq, world.wal.first_seq - 1)
        world.cut(low + int(share * (world.head_seq - low)))
        world.epoch += 1

    @rule(ahead=st.integers(0, 50))
    def reset(self, ahead: int) -> None:
        """A snapshot of some entries further on."""
        world = self.world
        world.reset(world.head_seq + ahead + 1, world.epoch + 1)

    @rule(share=st.floats(0, 1))
    def trim(self, share: float) -> None:
        """Up to some archived entry below the checkpoint."""
        limit_seq = int(share * self.world.checkpoint_seq)
        self.world.wal.trim(limit_seq, limit_seq)

    @rule(
        deed=st.sampled_from(["append", "sync", "mark", "cut", "reset", "trim", "prepare"]),
        step=st.integers(1, 25),
        again=st.integers(1, 12),
        power_cuts=st.lists(st.booleans(), min_size=2, max_size=2),
    )
    def crash(self, deed: str, step: int, again: int, power_cuts: list[bool]) -> None:
        """The process ends in some step of something, then in some step of recovering from it."""
        world = self.world
        world.disk.stop_after = world.disk.steps + step
        with suppress(StoppedError):
            self._deed(deed)
        with suppress(StoppedError):
            world.restart(power_cut=power_cuts[0], but_stop=again)
        world.restart(power_cut=power_cuts[1])
        self._come_back()

    @rule(
        deed=st.sampled_from(["append", "sync", "cut", "reset", "trim", "prepare"]),
        good=st.integers(0, 8),
        power_cut=st.booleans(),
    )
    def failed_sync(self, deed: str, good: int, power_cut: bool) -> None:
        """A sync fails, now or after some that do not: dead at once; another life takes over."""
        world = self.world
        world.disk.good_syncs, world.disk.fail_syncs = good, 1
        with suppress(LogUnusable):
            self._deed(deed)
        world.disk.good_syncs = world.disk.fail_syncs = 0
        world.restart(power_cut=power_cut)
        self._come_back()

    @precondition(lambda self: self.world.durable_seq > self.world.base_seq)
    @rule(which=st.floats(0, 0.999), byte=st.integers(0, 400), seen_at_boot=st.booleans())
    def rot(self, which: float, byte: int, seen_at_boot: bool) -> None:
        """A bit flips in some frame below the mark. It is reported and repaired, or it did not matter."""
        world = self.world
        _sync_with_marks(world)
        world.append(1)  # so that the frame with the mark is not the last one
        _sync_with_marks(world)
        frames = [frame for frame in frames_on(world.disk) if frame.last_seq < world.head_seq]
        spoil(world.disk, frames[int(which * len(frames))], byte)
        if seen_at_boot:
            world.restart(power_cut=True)
            world.live()
        world.scrub_all()
        world.repair_all()

    @invariant()
    def the_log_is_the_truth(self) -> None:
        """Every entry, every hash, every epoch's end."""
        if hasattr(self, "world"):
            self.world.check()

    def _deed(self, deed: str) -> None:
        world = self.world
        {
            "append": lambda: world.append(9),
            "sync": lambda: _sync_with_marks(world),
            "mark": lambda: world.wal.mark_idle(world.commit_seq, 0),
            "cut": lambda: self.cut(0.4),
            "reset": lambda: self.reset(7),
            "trim": lambda: self.trim(0.9),
            "prepare": world.wal.prepare,
        }[deed]()

    def _come_back(self) -> None:
        world = self.world
        assert not world.found.short
        assert world.found.rotten == ()
        world.accept_head()
        world.check()
        world.live()


LogMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestLog = LogMachine.TestCase
