"""Commands between the seq they got and the answer they get; reads between barrier and answer."""

from collections import deque
from collections.abc import Iterator, Sequence

from ftnode.shell.calls import Call
from ftnode.shell.table import Answer


class _Held:
    """Reads that share a barrier; no answers before they have run."""

    __slots__ = ("answers", "barrier", "calls")

    def __init__(self, barrier: int, calls: list[Call]) -> None:
        self.barrier, self.calls = barrier, calls
        self.answers: list[Answer] = []


class Ledger:
    """What an active owes. Forgets everything when it is active no more."""

    def __init__(self) -> None:
        """Nothing is owed yet."""
        self._owed: dict[int, tuple[Call, Answer | None]] = {}
        self._reads: deque[_Held] = deque()
        self._batches: deque[int] = deque()  # last seq of each batch not yet released
        self._released_seq = 0

    def __len__(self) -> int:
        """Calls that are owed an answer."""
        return len(self._owed) + sum(len(held.calls) for held in self._reads)

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

    def expect(self, barrier: int, calls: list[Call]) -> None:
        """Reads that wait for their place in the stream, and then for their barrier."""
        self._reads.append(_Held(barrier, calls))

    def read(self, barrier: int, answers: list[Answer]) -> None:
        """Hold the answers to reads until their barrier is passed; nothing is kept if nobody waits."""
        for held in self._reads:
            if held.barrier == barrier:
                held.answers = answers

    def release_reads(self, barrier: int) -> Iterator[tuple[Call, Answer]]:
        """Reads held under barriers up to `barrier`; all of them have run."""
        while self._reads and self._reads[0].barrier <= barrier:
            held = self._reads.popleft()
            yield from zip(held.calls, held.answers, strict=True)

    def take_back(self, barrier: int) -> list[Call]:
        """Reads held under barriers up to `barrier`, in order: nobody is owed them any more."""
        calls: list[Call] = []
        while self._reads and self._reads[0].barrier <= barrier:
            calls += self._reads.popleft().calls
        return calls

    def pull_reads(self, barrier: int) -> list[Call]:
        """Those held under this very barrier."""
        found = [held for held in self._reads if held.barrier == barrier]
        for held in found:
            self._reads.remove(held)
        return [call for held in found for call in held.calls]

    def pull_all(self) -> list[Call]:
        """Everything owed, because this unit answers no more."""
        calls = [call for call, _ in self._owed.values()]
        calls += [call for held in self._reads for call in held.calls]
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
        old += [call for held in self._reads for call in held.calls if call.arrived_ms < before_ms]
        return old
