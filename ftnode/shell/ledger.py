"""Commands between the seq they got and the answer they get; reads between barrier and answer."""

from collections import deque
from collections.abc import Iterator, Sequence

from ftnode.shell.calls import Call
from ftnode.shell.table import Answer


class Ledger:
    """What an active owes. Forgets everything when it is active no more."""

    def __init__(self) -> None:
        """Nothing is owed yet."""
        self._owed: dict[int, tuple[Call, Answer | None]] = {}
        self._reads: deque[tuple[int, list[tuple[Call, Answer]]]] = deque()
        self._batches: deque[int] = deque()  # last seq of each batch not yet released
        self._released_seq = 0

    def __len__(self) -> int:
        """Calls that are owed an answer."""
        return len(self._owed) + sum(len(reads) for _, reads in self._reads)

    @property
    def batches(self) -> int:
        """Batches given out and not yet released."""
        return len(self._batches)

    def given(self, from_seq: int, calls: Sequence[Call]) -> None:
        """`calls` are the entries from `from_seq` on."""
        if not self._owed:
            self._released_seq = from_seq - 1
        for seq, call in enumerate(calls, from_seq):
            self._owed[seq] = (call, None)
        self._batches.append(from_seq + len(calls) - 1)

    def executed(self, seq: int, epoch: int, time_ms: int, result: bytes, answer_seq: int) -> None:
        """What came of an entry; nothing is kept if nobody waits for it.

        `answer_seq` is the entry that did it: an earlier one when a command came twice.
        """
        owed = self._owed.get(seq)
        if owed is not None:
            self._owed[seq] = (owed[0], Answer(answer_seq, epoch, time_ms, result[0], result[1:]))

    def release(self, seq: int) -> Iterator[tuple[Call, Answer]]:
        """Everything owed through `seq`, in order; all of it is executed."""
        while self._batches and self._batches[0] <= seq:
            self._batches.popleft()
        while self._released_seq < seq and self._owed:
            self._released_seq += 1
            owed = self._owed.pop(self._released_seq, None)
            if owed is not None and owed[1] is not None:
                yield owed[0], owed[1]

    def read(self, barrier: int, reads: list[tuple[Call, Answer]]) -> None:
        """Hold answers to reads until their barrier is passed."""
        self._reads.append((barrier, reads))

    def release_reads(self, barrier: int) -> Iterator[tuple[Call, Answer]]:
        """Reads held under barriers up to `barrier`."""
        while self._reads and self._reads[0][0] <= barrier:
            yield from self._reads.popleft()[1]

    def pull_all(self) -> list[Call]:
        """Everything owed, because this unit answers no more."""
        calls = [call for call, _ in self._owed.values()]
        calls += [call for _, reads in self._reads for call, _ in reads]
        self._owed.clear()
        self._reads.clear()
        self._batches.clear()
        return calls

    def older(self, before_ms: int) -> list[Call]:
        """Calls owed an answer that arrived before `before_ms`; they stay, their answer may still come."""
        old: list[Call] = []
        for call, _ in self._owed.values():
            if call.arrived_ms >= before_ms:
                break  # in order of seq, which is nearly the order of arrival
            old.append(call)
        old += [call for _, reads in self._reads for call, _ in reads if call.arrived_ms < before_ms]
        return old
