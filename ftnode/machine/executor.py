"""Runs entries through the application: exactly once, with a digest each, undoable until compared.

The same executor runs in a unit, in the simulator, and in the clean process that re-executes
from a checkpoint. It is pure given a state store: no clock, no chance, no thread. Calls come
one at a time, but for a `CheckpointJob`, whose steps may run in another thread.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final, NoReturn

from ftnode.core.invariants import invariant
from ftnode.core.versions import Standing, begun_with
from ftnode.machine import upgrades
from ftnode.machine.checkpointing import CheckpointJob
from ftnode.machine.contract import Machine
from ftnode.machine.digest import chain
from ftnode.machine.kinds import ABANDONED, APPLICATION_KINDS, EXECUTED, Kind
from ftnode.machine.overlay import Executed, Overlay
from ftnode.machine.requests import PRUNE_PER_ENTRY, Record, Requests, record_key
from ftnode.machine.view import EntryState, StateView
from ftnode.store.entry import Entry
from ftnode.store.state import Checkpoint, RottenValue, StateStore, StoreFault
from ftnode.store.state_roots import RootSum

DAY_MS: Final = 24 * 60 * 60 * 1000
REQUEST_KEEP_MS: Final = 35 * DAY_MS
RECENT_DIGESTS: Final = 1 << 16  # how far back `digest_at` can answer


class ExecutionBug(Exception):
    """The application raised, or broke its contract. The node stops; nothing of the entry is left."""

    def __init__(self, seq: int, kind: int, why: BaseException) -> None:
        self.seq = seq
        self.kind = kind
        super().__init__(f"seq {seq}, kind {kind}: {type(why).__name__}: {why}")


class QueryBug(Exception):
    """The application raised while answering a question. The state is untouched."""


class EngineMissing(Exception):
    """The log asks for an engine version that this program does not have. Start one that does."""


class Executor:
    """See the module's text.

    Args:
        store: stands at a checkpoint; execution goes on from there.
        machines: the application, one for each engine version this program can run.
        request_keep_ms: how long request ids are remembered, in log time; equal on both units.
        prune_per_entry: ended request records that one entry may remove; equal on both units.
    """

    def __init__(
        self,
        store: StateStore,
        machines: Sequence[Machine],
        request_keep_ms: int = REQUEST_KEEP_MS,
        prune_per_entry: int = PRUNE_PER_ENTRY,
    ) -> None:
        invariant(len(machines) > 0, "no engine was given")
        stands = store.checkpoint
        self._store = store
        self._machines = {machine.version: machine for machine in machines}
        self._requests = Requests(request_keep_ms, prune_per_entry)
        self._overlay = Overlay(_as_executed(stands))
        self._state = EntryState(store, self._overlay)
        self._query_view = StateView(store, self._overlay)
        self._digests = {stands.seq: stands.digest}
        self._last = self._overlay.compared
        self._base = stands  # what the overlay lies upon
        self._set_aside: deque[Checkpoint] = deque()  # not yet written, the oldest first
        self._writing = False  # the oldest of them
        self._machine = self._of_version(
            stands.engine_version or machines[0].version, f"the state at {stands.seq}"
        )
        self.executed_seq = stands.seq
        warm = getattr(self._machine, "warm", None)
        if warm is not None:
            warm(self._query_view)

    @property
    def compared_seq(self) -> int:
        """The last entry that is final."""
        return self._overlay.compared.seq

    @property
    def digest(self) -> bytes:
        """Of the last executed entry."""
        return self._last.digest

    @property
    def time_ms(self) -> int:
        """Log time of the last executed entry."""
        return self._last.time_ms

    @property
    def epoch(self) -> int:
        """Of the last executed entry."""
        return self._last.epoch

    @property
    def entry_hash(self) -> bytes:
        """Of the last executed entry."""
        return self._last.entry_hash

    @property
    def answer_seq(self) -> int:
        """The entry that did what the last result tells: the last one, or an earlier one that it repeats."""
        return self._requests.found_seq or self.executed_seq

    def execute(self, entry: Entry, entry_hash: bytes) -> bytes:
        """Run the next entry; its result (verdict and outcome, see `kinds`).

        Raises:
            ExecutionBug: the application raised. The state is as before the entry.
            StoreFault: a stored value is rotten or cannot be read. The state is as before the entry.
            EngineMissing: no such engine version here.
            BrokenInvariantError: not the next seq, or log time goes back.
        """
        seq, time_ms, last = entry.seq, entry.time_ms, self._last
        if seq != last.seq + 1 or time_ms < last.time_ms:
            _out_of_order(entry, last)
        if entry.engine_version != self._machine.version:
            self._begin_with(entry)
        state = self._state
        writes = state.begin()
        self._requests.found_seq = 0
        try:
            result = self._run(entry, state)
        except (StoreFault, EngineMissing):
            self._requests.forget()
            raise
        except Exception as why:
            self._requests.forget()
            raise ExecutionBug(seq, entry.kind, why) from why
        digest = chain(last.digest, entry_hash, result, writes)
        self._last = executed = Executed(
            seq, digest, entry_hash, entry.epoch, time_ms, self._machine.version, writes
        )
        self._overlay.push(executed)
        self._digests[seq] = digest
        self._digests.pop(seq - RECENT_DIGESTS, None)
        self.executed_seq = seq
        return result

    def _run(self, entry: Entry, state: EntryState) -> bytes:
        if entry.kind < APPLICATION_KINDS:
            return self._run_own(entry, state)
        if not entry.request_id:
            return EXECUTED + self._machine.execute(state, entry)
        key = record_key(entry.actor, entry.request_id)
        result = self._requests.answer(state, entry, key)
        if result is None:
            result = EXECUTED + self._machine.execute(state, entry)
            self._requests.keep(state, entry, key, result)
        return result

    def _run_own(self, entry: Entry, state: EntryState) -> bytes:
        """The runtime's own entries."""
        match Kind(entry.kind):  # a ValueError is our bug: who made this entry?
            case Kind.ABANDON:
                key = record_key(entry.actor, entry.request_id)
                result = self._requests.answer(state, entry, key)
                if result is None:
                    result = ABANDONED
                    self._requests.keep(state, entry, key, result)
                return result
            case Kind.TICK:
                self._requests.prune_some(state, entry)
                tick = getattr(self._machine, "tick", None)
                return EXECUTED if tick is None else EXECUTED + tick(state, entry)
            case Kind.UPGRADE:
                version = upgrades.execute(state, entry).version
                self._machine = self._of_version(version, f"entry {entry.seq}")
                return EXECUTED
            case Kind.NOOP | Kind.RECONFIGURE | Kind.CHECKPOINT | Kind.SET_TIME:
                return EXECUTED

    def _begin_with(self, entry: Entry) -> None:
        """The first entry of a log says which version it begins with; none after it says another one."""
        version, in_force = entry.engine_version, self._machine.version
        invariant(self._last.seq == 0, "not the version in force", entry=version, in_force=in_force)
        self._machine = self._of_version(version, f"entry {entry.seq}")

    def _of_version(self, version: int, who: str) -> Machine:
        machine = self._machines.get(version)
        if machine is None:
            raise EngineMissing(
                f"{who} asks for engine version {version}, this program has "
                f"{', '.join(map(str, sorted(self._machines)))}: start the program that executed it"
            )
        return machine

    def standing(self) -> Standing:
        """Which versions executed this log, and which one is prepared, as of now. Raises StoreFault."""
        version = self._last.engine_version
        try:
            return upgrades.standing(self._query_view, version)
        except RottenValue:  # until that comes from the partner, what is in force is all that matters
            return begun_with(version)

    def query(self, body: bytes, at_ms: int | None = None) -> bytes:
        """Ask the application about the executed state.

        Args:
            body: the application's own.
            at_ms: log time to answer for; None is the last executed entry's.

        Raises:
            QueryBug: the application raised.
            StoreFault: a stored value is rotten or cannot be read.
        """
        try:
            return self._machine.query(self._query_view, self.time_ms if at_ms is None else at_ms, body)
        except StoreFault:
            raise
        except Exception as why:
            raise QueryBug(f"at seq {self.executed_seq}: {type(why).__name__}: {why}") from why

    def value_of(self, key: bytes) -> bytes | None:
        """What a question would read under a key now. Raises StoreFault."""
        return self._query_view.get(key)

    def recorded(self, record: Callable[[Machine], Machine], bodies: Iterable[bytes]) -> None:
        """Ask the application once more, through what writes down its reads; what it raises is let go."""
        machine = record(self._machine)
        for body in bodies:
            with suppress(Exception):
                machine.query(self._query_view, self.time_ms, body)

    def find_request(self, actor: bytes, request_id: bytes) -> Record | None:
        """What came of a request; None means *not so far*. Raises StoreFault."""
        return self._requests.find(self._query_view, actor, request_id, self.time_ms)

    def told(self, entry: Entry) -> bytes | None:
        """What the client of an executed entry was told; None if that is not kept. Raises StoreFault."""
        if not entry.request_id:
            return EXECUTED
        return self._requests.told(self._query_view, entry, self.time_ms)

    def due_ms(self) -> int | None:
        """Log time from which a tick has something to do; None if nothing waits."""
        due = getattr(self._machine, "due_ms", None)
        answer: int | None = None if due is None else due(self._query_view)
        return answer

    def digest_at(self, seq: int) -> bytes | None:
        """Digest of a recent entry; None if it was not executed here, or too long ago."""
        return self._digests.get(seq)

    def compared(self, seq: int) -> None:
        """Everything through `seq` is final: equal on both units, or executed by one alone."""
        if seq > self.executed_seq:
            invariant(False, "compared above executed", seq=seq, executed=self.executed_seq)
        self._overlay.merge_through(seq)

    def discard_above(self, seq: int) -> None:
        """Undo the tail above `seq`: those entries were decided otherwise."""
        invariant(seq >= self.compared_seq, "discard below compared", seq=seq, compared=self.compared_seq)
        for gone in range(seq + 1, self.executed_seq + 1):
            self._digests.pop(gone, None)
        self._last = self._overlay.discard_above(seq)
        self.executed_seq = self._last.seq
        if self._last.seq:
            self._machine = self._machines[self._last.engine_version]
        self._requests.forget()
        self._look_again()

    def writes_of(self, seq: int) -> Mapping[bytes, bytes | None] | None:
        """What an entry not yet compared wrote (None: deleted), for a report; None if it is final."""
        return self._overlay.writes_of(seq)

    def touched_slots(self) -> list[int]:
        """Slots written since the last checkpoint."""
        return self._overlay.touched_slots()

    def roots(self) -> bytes:
        """Packed slot roots of the executed state: the checkpoint's, and all that was written since."""
        total = RootSum(self._store.roots)
        for key, new in self._overlay.values().items():
            total.replace(key, self._store.get(key), new)
        return total.packed()

    @property
    def held_pairs(self) -> int:
        """What is not in the store yet, in memory."""
        return self._overlay.pairs

    def set_aside(self, extra: bytes = b"") -> None:
        """Keep the state at `compared_seq` apart, for a checkpoint that is written later.

        Both units write checkpoints at the same seqs: call `compared` with exactly that seq first.

        Args:
            extra: the shell's own, kept with the checkpoint.
        """
        at = self._overlay.compared
        self._set_aside.append(
            Checkpoint(at.seq, at.digest, at.entry_hash, at.epoch, at.time_ms, at.engine_version, extra)
        )
        self._overlay.set_aside()
        self._look_again()

    def begin_checkpoint(self, extra: bytes = b"") -> CheckpointJob:
        """Start to write the state that was set aside first, now if none was; one at a time.

        Raises:
            StoreFault: the store takes no checkpoint now. What was set aside stays so.
        """
        invariant(not self._writing, "a checkpoint is being written", seq=self.compared_seq)
        if not self._set_aside:
            self.set_aside(extra)
        checkpoint = self._set_aside[0]
        writer = self._store.begin_checkpoint(checkpoint)
        stands = self._store.checkpoint
        invariant(
            stands == self._base, "somebody else wrote a checkpoint", seq=stands.seq, was=self._base.seq
        )
        self._writing = True
        self._look_again()
        return CheckpointJob(checkpoint, self._overlay.older[0].values, writer)

    def finish_checkpoint(self, job: CheckpointJob) -> None:
        """It is written and synced: read it from the store from now on. Raises StoreFault."""
        stands = self._store.refresh()
        invariant(stands == job.checkpoint, "the store shows another checkpoint", seq=stands.seq)
        self._base = stands
        self._overlay.drop_oldest()
        self._over()

    def abandon_checkpoint(self, job: CheckpointJob) -> None:
        """It failed or is not wanted: the next one has what it had; another may be begun."""
        job.abort()
        self._overlay.take_back_oldest()
        self._over()

    def _over(self) -> None:
        self._set_aside.popleft()
        self._writing = False
        self._look_again()

    def _look_again(self) -> None:
        self._state.follow(self._overlay)
        self._query_view.follow(self._overlay)


def _as_executed(checkpoint: Checkpoint) -> Executed:
    return Executed(
        checkpoint.seq,
        checkpoint.digest,
        checkpoint.entry_hash,
        checkpoint.epoch,
        checkpoint.time_ms,
        checkpoint.engine_version,
        {},
    )


def _out_of_order(entry: Entry, last: Executed) -> NoReturn:
    invariant(entry.seq == last.seq + 1, "entries run in order", seq=entry.seq, wanted=last.seq + 1)
    invariant(False, "log time goes back", seq=entry.seq, time_ms=entry.time_ms, was=last.time_ms)
    raise AssertionError
