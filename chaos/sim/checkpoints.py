"""Checkpoints of one simulated life: prepared, agreed on by both units, written, synced, each a step."""

from abc import abstractmethod
from hashlib import blake2b
from typing import TYPE_CHECKING

from chaos.sim.judge import ViolationError
from chaos.sim.logfile import LogFile
from chaos.sim.writes import Writes
from ftnode.core import events as ev
from ftnode.core import rules
from ftnode.core.fsm import State
from ftnode.machine.checkpointing import CheckpointJob
from ftnode.machine.executor import Executor
from ftnode.store.state import RottenValue
from ftnode.store.state_dict import DictStateStore

if TYPE_CHECKING:
    from chaos.sim.life import Life


class Checkpoints(Writes):
    """The part of a life's book that writes its state."""

    log: LogFile
    store: DictStateStore
    executor: Executor

    def __init__(self, life: "Life") -> None:
        super().__init__(life)
        self.state_flipped = 0  # from here on, a checkpoint would have what nobody wrote
        self._job: CheckpointJob | None = None
        self._waiting = 0  # set aside behind the one that is written
        self._lost: CheckpointJob | None = None  # it met what is rotten: nothing more comes of it

    @abstractmethod
    def digest_at(self, seq: int) -> bytes:
        """Our digest, as this life's memory has it."""

    @abstractmethod
    def _stuck_now(self) -> bool:
        """What comes next would need what is rotten."""

    @property
    def writes_checkpoint(self) -> bool:
        """Whether one is under way."""
        return self._job is not None and self._job is not self._lost

    def mark_compared(self, seq: int) -> None:
        """Everything through `seq` is final. Checkpoints stand at the same seqs on both units."""
        judge, every = self._life.cabinet.judge, self._life.cabinet.settings.checkpoint_entries
        unit = self._life.unit  # a newcomer's difference nobody may have seen yet, nor that of who comes back
        watched = unit.state is State.STANDBY and not rules.bound(
            unit
        )  # to a survivor that compared it alone
        digest = self.digest_at(seq) if watched else self.executor.digest_at(seq)
        judge.compared(self._life.me, seq, digest or b"")
        for due_seq in range((self.executor.compared_seq // every + 1) * every, seq + 1, every):
            self.executor.compared(due_seq)
            self.executor.set_aside()
            self._waiting += 1
            self._world.seen["a checkpoint waited for another"] += self._job is not None
            self._begin_next()
        self.executor.compared(seq)

    def _begin_next(self) -> None:
        if self._waiting and self._job is None:
            self._waiting -= 1
            self._job = self.executor.begin_checkpoint()
            self.after_write(self._checkpoint, self._job)

    def _checkpoint(self, job: CheckpointJob) -> None:
        if job is not self._job:
            return
        try:
            packed = job.prepare()
        except RottenValue as rot:
            self._lost = job
            self._stuck_now()
            self._life.scrubber.met(rot)
            return
        roots = blake2b(packed, digest_size=16).digest()
        if self.state_flipped and job.checkpoint.seq >= self.state_flipped:
            roots = roots[::-1]
        self._life.feed(ev.Prepared(self._life.now_ms(), job.checkpoint.seq, roots))

    def write_checkpoint(self, seq: int) -> None:
        """Both units would write the same, or one is alone."""
        job = self._job
        if job is None or job.checkpoint.seq != seq:
            raise ViolationError("order", f"a checkpoint at {seq} is to be written and none is ready")
        if 0 < self.state_flipped <= seq:
            self._world.seen["a flipped state was written"] += 1
            if rules.awaits_roots(self._life.unit):
                raise ViolationError("digest", f"unit {self._life.me} writes {seq} with a state of its own")
        self.after_write(self._write_checkpoint, job)

    def _write_checkpoint(self, job: CheckpointJob) -> None:
        if job is not self._job:
            return
        job.write()
        self._disk.step()
        self.after_write(self._checkpoint_written, job)

    def _checkpoint_written(self, job: CheckpointJob) -> None:
        if job is not self._job:
            return
        self._job = None
        job.sync()
        self.executor.finish_checkpoint(job)
        self._world.seen["checkpoint"] += 1
        first_seq = self.log.forget_below(job.checkpoint.seq - self._life.cabinet.settings.window_entries)
        self._box.rot = {seq for seq in self._box.rot if seq >= first_seq}
        self._life.feed(ev.Checkpointed(self._life.now_ms(), job.checkpoint.seq, first_seq))
        self._begin_next()
