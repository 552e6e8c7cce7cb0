"""Calls at an active that wait for a seq or a barrier: bounded, tills before the back office."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from ftnode.shell.calls import Call, NoRoomError
from ftnode.shell.pace import Pace
from ftnode.shell.table import Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeLimits:
    """How many may wait; names and meanings as in the configuration's `limits`."""

    queue_max_entries: int = 4096
    queue_max_bytes: int = 64 << 20
    back_office_max_entries: int = 512
    reads_max: int = 4096
    batch_max_entries: int = 512
    batch_max_bytes: int = 4 << 20


class Intake:
    """See the module. Calls whose caller gave up are dropped when their turn comes."""

    def __init__(self, limits: IntakeLimits) -> None:
        """Everything starts empty."""
        self._limits = limits
        self._pace = Pace(limits.queue_max_entries)
        self._tills: deque[Call] = deque()
        self._back_office: deque[Call] = deque()
        self._reads: deque[Call] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        """Calls that wait here."""
        return len(self._tills) + len(self._back_office) + len(self._reads)

    @property
    def reads_waiting(self) -> bool:
        """Whether somebody waits to read."""
        return bool(self._reads)

    @property
    def reads(self) -> int:
        """Reads that wait for a barrier."""
        return len(self._reads)

    @property
    def full(self) -> bool:
        """Whether another till's command would be refused."""
        return len(self._tills) >= self._pace.limit_entries or self._bytes >= self._limits.queue_max_bytes

    @property
    def soon_entries(self) -> int:
        """How many may wait: as many as are served in a third of a second lately."""
        return self._pace.limit_entries

    @property
    def waiting_bytes(self) -> int:
        """Bytes of the commands that wait for a seq."""
        return self._bytes

    def waiting_by_lane(self) -> dict[str, int]:
        """Commands that wait for a seq, by lane."""
        return {"till": len(self._tills), "back_office": len(self._back_office)}

    @property
    def commands_waiting(self) -> int:
        """Commands that wait for a seq."""
        return len(self._tills) + len(self._back_office)

    def admit(self, calls: Sequence[Call]) -> None:
        """Take all of `calls` or none.

        Raises:
            NoRoomError: naming the limit that is reached.
        """
        reads = sum(call.reads for call in calls)
        commands = len(calls) - reads
        limits = self._limits
        if reads and len(self._reads) + reads > limits.reads_max:
            raise NoRoomError(f"limits.reads_max = {limits.reads_max} reads wait")
        if commands:
            self._check_room(commands, sum(call.size_bytes for call in calls), calls[0].lane)
        for call in calls:
            self.put(call)

    def _check_room(self, commands: int, size_bytes: int, lane: Lane) -> None:
        limits = self._limits
        if lane is Lane.BACK_OFFICE and len(self._back_office) + commands > limits.back_office_max_entries:
            raise NoRoomError(f"limits.back_office_max_entries = {limits.back_office_max_entries} wait")
        if not self._pace.fits(len(self._tills), commands):
            raise NoRoomError(
                f"{len(self._tills)} commands wait, as many as are served in a third of a second"
            )
        if self._bytes + size_bytes > limits.queue_max_bytes:
            raise NoRoomError(f"limits.queue_max_bytes = {limits.queue_max_bytes} bytes wait")

    def put(self, call: Call) -> None:
        """Take a call that was let in before, whatever the limits say."""
        if call.reads:
            self._reads.append(call)
            return
        self._bytes += call.size_bytes
        (self._back_office if call.lane is Lane.BACK_OFFICE else self._tills).append(call)

    def next_batch(self) -> int:
        """How many commands the next batch has, by count and bytes; 0 if none wait."""
        limits = self._limits
        count = size_bytes = 0
        for queue in (self._tills, self._back_office):
            while queue and queue[0].given_up:
                self._bytes -= queue.popleft().size_bytes
            if len(queue) + count <= limits.batch_max_entries and self._bytes <= limits.batch_max_bytes:
                count += len(queue)
                continue
            for call in queue:
                size_bytes += call.size_bytes
                if count >= limits.batch_max_entries or (count and size_bytes > limits.batch_max_bytes):
                    return count
                count += 1
        return count

    def pull(self, count: int) -> list[Call]:
        """The next `count` commands, in the order in which they get their seqs."""
        taken: list[Call] = []
        for queue in (self._tills, self._back_office):
            while queue and len(taken) < count:
                taken.append(queue.popleft())
        self._bytes -= sum(call.size_bytes for call in taken)
        self._pace.served(len(taken))
        return taken

    def pull_reads(self, count: int, max_bytes: int) -> list[Call]:
        """Some reads that wait and are still waited for: at least one, at most `count`, of so many bytes."""
        reads: list[Call] = []
        size_bytes = 0
        while self._reads and len(reads) < count:
            size_bytes += self._reads[0].size_bytes
            if reads and size_bytes > max_bytes:
                break
            call = self._reads.popleft()
            if not call.given_up:
                reads.append(call)
        return reads

    def put_reads_back(self, calls: Sequence[Call]) -> None:
        """Reads that are to be taken again, before all others."""
        self._reads.extendleft(reversed(calls))

    def pull_all(self) -> list[Call]:
        """Everything, when this unit answers no more."""
        everything = [*self._tills, *self._back_office, *self._reads]
        for queue in (self._tills, self._back_office, self._reads):
            queue.clear()
        self._bytes = 0
        return everything

    def pull_commands(self) -> list[Call]:
        """All commands that wait; questions stay."""
        commands = [*self._tills, *self._back_office]
        self._tills.clear()
        self._back_office.clear()
        self._bytes = 0
        return commands

    def pull_older(self, before_ms: int) -> list[Call]:
        """Calls that arrived before `before_ms`: they have waited long enough to be told so."""
        old: list[Call] = []
        for queue in (self._tills, self._back_office, self._reads):
            while queue and queue[0].arrived_ms < before_ms:
                old.append(queue.popleft())
        self._bytes -= sum(call.size_bytes for call in old if not call.reads)
        return old
