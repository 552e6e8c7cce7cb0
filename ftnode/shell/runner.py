"""Executing the log on the loop, in slices, while the disk writes the same entries."""

import time
from bisect import insort
from collections import deque
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final

from ftnode.machine.executor import Executor
from ftnode.machine.kinds import Kind
from ftnode.shell.ledger import Ledger
from ftnode.store.entry import Entry

SLICE_ENTRIES: Final = 16  # between two looks at the clock
ENTRY_BYTES: Final = 100  # what an entry weighs beside its body; the same number on both units
SLICE_NS: Final = 1_500_000  # after which the loop gets its turn
_SEQ: Final = itemgetter(0)


class Runner:
    """Entries wait here for their turn. The caller reports `executor.executed_seq` to the core."""

    def __init__(self, executor: Executor, ledger: Ledger) -> None:
        """`executor` stands right before the first entry that will be added."""
        self.executor = executor
        self._ledger = ledger
        self._waiting: deque[tuple[Entry, bytes]] = deque()
        self._sizes: deque[int] = deque()  # of entries executed and not yet compared, in order
        self._places: list[tuple[int, Callable[[], None]]] = []  # of reads, by the entry before them
        self._stopped = False
        self._asking: deque[int] = deque()  # seqs of those that ask for a checkpoint

    def replace(self, executor: Executor) -> None:
        """State and log were replaced by a snapshot: go on from there."""
        self.executor = executor
        self._waiting.clear()
        self._places.clear()
        self._sizes.clear()
        self._asking.clear()
        self._stopped = False

    def stop(self) -> None:
        """What comes next cannot be executed, and so nothing behind it, until the state is replaced."""
        self._stopped = True
        self._waiting.clear()
        self._places.clear()

    def pop_size(self) -> int:
        """Size of the oldest entry that is executed and was not asked for here yet."""
        return self._sizes.popleft()

    def asks_for_checkpoint(self, seq: int) -> bool:
        """Whether entry `seq`, executed and just compared, asks for one; asked once for each, in order."""
        if not self._asking or self._asking[0] != seq:
            return False
        self._asking.popleft()
        return True

    @property
    def waiting(self) -> int:
        """Entries not yet executed."""
        return len(self._waiting)

    @property
    def busy(self) -> bool:
        """Whether entries wait, or may not be executed: nobody else may hand it some out of the log."""
        return self._stopped or bool(self._waiting)

    def add(self, entries: Sequence[Entry], hashes: Sequence[bytes]) -> None:
        """Entries of the log, right behind those added before."""
        if not self._stopped:
            self._waiting.extend(zip(entries, hashes, strict=True))

    def at(self, seq: int, call: Callable[[], None]) -> None:
        """Call when the state stands right behind entry `seq`: at once if it does, never if it is cut.

        None is behind us: the caller looks. They need not come in order: what an older session asked for may
        still wait behind entries that never came.
        """
        if self.executor.executed_seq == seq:
            call()
        else:
            insort(self._places, (seq, call), key=_SEQ)

    def drop_above(self, seq: int) -> None:
        """The tail was decided otherwise: never run it, undo what was run of it."""
        while self._waiting and self._waiting[-1][0].seq > seq:
            self._waiting.pop()
        while self._places and self._places[-1][0] > seq:
            self._places.pop()
        for _ in range(self.executor.executed_seq - seq):
            self._sizes.pop()
        while self._asking and self._asking[-1] > seq:
            self._asking.pop()
        if self.executor.executed_seq > seq:
            self.executor.discard_above(seq)

    def run_slice(self) -> int:
        """Execute some; returns how many, 0 if none waits.

        Raises:
            ExecutionBug: the machine raised; this unit must stop.
            StoreFault: the disk gave back what was not written to it.
        """
        waiting, executor, ledger, places = self._waiting, self.executor, self._ledger, self._places
        execute = executor.execute
        until_ns = time.monotonic_ns() + SLICE_NS
        count = 0
        while waiting:
            entry, entry_hash = waiting.popleft()
            result = execute(entry, entry_hash)
            ledger.executed(entry.seq, entry.epoch, entry.time_ms, result, self.executor.answer_seq)
            self._sizes.append(len(entry.body) + ENTRY_BYTES)
            if entry.kind == Kind.CHECKPOINT:
                self._asking.append(entry.seq)
            while places and places[0][0] <= entry.seq:
                places.pop(0)[1]()
            count += 1
            if count % SLICE_ENTRIES == 0 and time.monotonic_ns() > until_ns:
                break
        return count
