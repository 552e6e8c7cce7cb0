"""Calls that this unit cannot answer itself: held, sent on to the active in batches, sent again.

A call stays here until its answer comes back. If the channel breaks it is sent again with the same
request id; if this unit becomes active, it is admitted here instead. Executed twice it never is.
"""

from collections import deque
from collections.abc import Callable, Sequence

from ftnode.shell.calls import Call, NoRoomError
from ftnode.shell.pace import Pace
from ftnode.shell.table import Answer, Command, Lookup
from ftnode.wire.relay import Answered, Item, Reply, Sort, encode_items

FRAME_ITEMS_MAX = 512  # calls in one frame
FRAME_BYTES_MAX = 1 << 20  # and their bytes, unless a single one is larger; far below any frame_max_bytes


class Relay:
    """See the module."""

    def __init__(self, send: Callable[[bytes], None], relay_max_entries: int, relay_max_bytes: int) -> None:
        """`send` hands a frame to the lockstep channel; it is only called while the partner serves."""
        self._send = send
        self._pace = Pace(relay_max_entries)
        self._max_bytes = relay_max_bytes
        self._held: deque[Call] = deque()
        self._sent: dict[int, Call] = {}
        self._number = 0
        self._bytes = 0

    @property
    def full(self) -> bool:
        """Whether another call would be refused."""
        return len(self) >= self._pace.limit_entries or self._bytes >= self._max_bytes

    @property
    def soon_entries(self) -> int:
        """How many may wait: as many as are answered in a third of a second lately."""
        return self._pace.limit_entries

    @property
    def sent(self) -> int:
        """Calls sent to the active so far."""
        return self._number

    def __len__(self) -> int:
        """Calls held or sent and not answered."""
        return len(self._held) + len(self._sent)

    def admit(self, calls: Sequence[Call]) -> None:
        """Hold all of `calls` or none; NoRoomError names the limit that is reached."""
        size_bytes = sum(call.size_bytes for call in calls)
        if not self._pace.fits(len(self), len(calls)):
            raise NoRoomError(f"{len(self)} calls wait for the active, as many as it answers soon")
        if self._bytes + size_bytes > self._max_bytes:
            raise NoRoomError(f"limits.relay_max_bytes = {self._max_bytes} bytes wait for the active")
        self._held.extend(calls)
        self._bytes += size_bytes

    def put(self, calls: Sequence[Call]) -> None:
        """Hold calls that were let in before, whatever the limits say."""
        self._held.extend(calls)
        self._bytes += sum(call.size_bytes for call in calls)

    def flush(self) -> None:
        """Send everything held to the partner, which serves."""
        items: list[Item] = []
        size_bytes = 0
        held, self._held = self._held, deque()
        for call in held:
            if call.given_up:
                self._bytes -= call.size_bytes
                continue
            if items and (len(items) >= FRAME_ITEMS_MAX or size_bytes + call.size_bytes > FRAME_BYTES_MAX):
                self._send(encode_items(items))
                items, size_bytes = [], 0
            self._number += 1
            self._sent[self._number] = call
            items.append(item_of(call, self._number))
            size_bytes += call.size_bytes
        if items:
            self._send(encode_items(items))

    def answered(self, replies: Sequence[Answered]) -> list[Call]:
        """Pass answers on to whom they are due; returns calls refused by the active for want of room."""
        refused: list[Call] = []
        for reply in replies:
            call = self._sent.pop(reply.number, None)
            if call is None:
                continue  # of a connection before this one; its call was sent again
            if reply.reply == Reply.NOT_ACTIVE:
                call.maybe_taken = True  # it may be in the log of the one that was active
                self._held.append(call)
                continue
            self._bytes -= call.size_bytes
            if reply.reply == Reply.REFUSED:
                refused.append(call)
                continue
            self._pace.served(1)
            if call.waiter is not None:
                call.waiter.put(call.place, answer_of(reply))
        return refused

    def call_back(self) -> None:
        """What was sent has no one to answer it now: hold it again, oldest first."""
        for call in self._sent.values():
            call.maybe_taken = True
        self._held.extendleft(reversed(self._sent.values()))
        self._sent.clear()

    def pull_all(self) -> list[Call]:
        """Everything, because this unit answers from now on."""
        self.call_back()
        calls = [call for call in self._held if not call.given_up]
        self._held.clear()
        self._bytes = 0
        return calls

    def pull_older(self, before_ms: int) -> list[Call]:
        """Calls that arrived before `before_ms`: they have waited long enough to be told so."""
        old = [call for call in (*self._held, *self._sent.values()) if call.arrived_ms < before_ms]
        if old:
            self._held = deque(call for call in self._held if call.arrived_ms >= before_ms)
            self._sent = {number: call for number, call in self._sent.items() if call.arrived_ms >= before_ms}
            self._bytes -= sum(call.size_bytes for call in old)
        return old


def item_of(call: Call, number: int) -> Item:
    """The call as it goes to the partner."""
    want = call.want
    if isinstance(want, Command):
        return Item(
            number,
            Sort.COMMAND,
            call.lane,
            want.kind,
            want.tenant,
            want.slot,
            want.request_id,
            call.actor,
            want.seen_ms,
            want.client_ms,
            want.body,
        )
    if isinstance(want, Lookup):
        return Item(number, Sort.LOOKUP, call.lane, 0, 0, 0, want.request_id, call.actor, 0, 0, b"")
    return Item(number, Sort.QUERY, call.lane, 0, 0, 0, b"", call.actor, 0, 0, want.body)


def answer_of(reply: Answered) -> Answer:
    """The answer that came back."""
    return Answer(reply.seq, reply.epoch, reply.time_ms, reply.verdict, reply.outcome)
