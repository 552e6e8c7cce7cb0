"""Every call at this unit, from the door to its answer, whoever is active meanwhile.

While this unit answers, calls wait in the intake for a seq or a barrier. While it does not, they are
held and sent on to the active. When that changes, everything undecided changes over, request ids and
all. Callers see one slow answer.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

from ftnode.shell.calls import Call, NoRoomError, UnknownError, Waiter, check_fits
from ftnode.shell.intake import Intake, IntakeLimits
from ftnode.shell.relay import FRAME_BYTES_MAX, Relay
from ftnode.shell.table import Answer, Command, Lane, Lookup, Query, Want
from ftnode.wire.frames import FrameError
from ftnode.wire.relay import Answered, Item, Reply, Sort, encode_answers, encode_serving

ANSWERS_PER_FRAME: Final = 512
ANSWER_OVERHEAD_BYTES: Final = 64  # of an answer beside its outcome: seven numbers, nine bytes each at most
_WAITED: Final = (
    "no unit could answer in time: it may or may not have happened; ask again with the same request id"
)


class Desk:
    """See the module. `work` is called when the active's queues have something new."""

    def __init__(
        self,
        send: Callable[[bytes], None],
        work: Callable[[], None],
        limits: IntakeLimits,
        *,
        relay_max_entries: int,
        relay_max_bytes: int,
        takeover_wait_ms: int,
    ) -> None:
        """`send` hands a frame to the lockstep channel; without a partner it is lost."""
        self.intake = Intake(limits)
        self.relay = Relay(send, relay_max_entries, relay_max_bytes)
        self.serving = False
        self.partner_serving = False
        self.no_room = ""  # why no command is taken; questions are answered all the same
        self.unknown = 0  # calls given up on
        self._send = send
        self._work = work
        self._wait_ms = takeover_wait_ms
        self._connection = 0
        self._replies: list[Answered] = []
        self._flushing = False

    # ---------------------------------------------------------------- at the door

    def ask(self, wants: Sequence[Want], lane: Lane, actor: bytes) -> Waiter:
        """Let a gRPC call in: one want, or all those of a batch. Never waits.

        Raises:
            NoRoomError, BadRequestError: surely nothing of it was taken.
        """
        for want in wants:
            check_fits(want, actor)
        waiter = Waiter(len(wants))
        now_ms = _now_ms()
        calls = [Call(want, lane, actor, now_ms, waiter, place) for place, want in enumerate(wants)]
        if self.serving:
            self._refuse_without_room(wants)
            self.intake.admit(calls)
            self._work()
        else:
            self.relay.admit(calls)
            self._soon()
        return waiter

    def shut(self, why: str) -> None:
        """Take no commands from now on, and say why; empty: take them again. What waits is refused too."""
        self.no_room = why
        if not why or not self.serving:
            return
        for call in self.intake.pull_commands():
            if call.waiter is None:
                self._reply(call, Answered(call.number, Reply.REFUSED))
            elif call.maybe_taken or len(call.waiter.answers) > 1:
                call.waiter.fail(UnknownError(f"{why}; ask again with the same request id"))
            else:
                call.waiter.fail(NoRoomError(why))

    def _refuse_without_room(self, wants: Sequence[Want]) -> None:
        if self.no_room and any(type(want) is Command for want in wants):
            raise NoRoomError(f"{self.no_room}; questions are answered, commands are not taken")

    @property
    def full(self) -> bool:
        """Whether another command would be refused: it need not even be read."""
        return self.intake.full if self.serving else self.relay.full

    @property
    def soon_entries(self) -> int:
        """As many as are served in a third of a second lately, or may wait through a takeover."""
        return self.intake.soon_entries if self.serving else self.relay.soon_entries

    @property
    def answering(self) -> bool:
        """Whether a call that comes now will be answered soon, here or through the partner."""
        return self.serving or self.partner_serving

    # ---------------------------------------------------------------- who is active

    def serve(self) -> None:
        """This unit answers from now on: what it held for the other one is asked here."""
        if self.serving:
            return
        self.serving = True
        self._send(encode_serving(True))
        for call in self.relay.pull_all():
            self.intake.put(call)
        self._work()

    def stop(self, undecided: Sequence[Call]) -> None:
        """This unit answers no more; `undecided` are the calls that were in its log or reading."""
        if not self.serving:
            return
        self.serving = False
        self._send(encode_serving(False))
        for call in undecided:
            call.maybe_taken = True
        self._turn_over([*undecided, *self.intake.pull_all()])

    def _turn_over(self, calls: Sequence[Call]) -> None:
        """Own callers' calls are sent on; the partner holds its own copy of those it sent here."""
        for call in calls:
            if call.waiter is None:
                self._reply(call, Answered(call.number, Reply.NOT_ACTIVE))
        self.relay.put([call for call in calls if call.waiter is not None and not call.given_up])
        self._soon()

    # ---------------------------------------------------------------- the partner

    def connected(self) -> None:
        """A new channel: numbers start anew, so what came by the old one is answered no more."""
        self._connection += 1
        self._send(encode_serving(self.serving))

    def closed(self) -> None:
        """Nobody answers what was sent: hold it until somebody serves."""
        self.partner_serving = False
        self._replies.clear()
        self.relay.call_back()

    def partner_says(self, serving: bool) -> None:
        """The partner began or ceased to answer."""
        self.partner_serving = serving
        if serving:
            self._soon()
        else:
            self.relay.call_back()

    def items_came(self, items: Sequence[Item]) -> None:
        """The partner's callers want something of the active. Raises FrameError on nonsense."""
        for item in items:
            call = self._call_of(item)
            if not self.serving:
                self._reply(call, Answered(call.number, Reply.NOT_ACTIVE))
                continue
            try:
                self._refuse_without_room((call.want,))
                self.intake.admit((call,))
            except NoRoomError:
                self._reply(call, Answered(call.number, Reply.REFUSED))
        if self.serving:
            self._work()

    def _call_of(self, item: Item) -> Call:
        want = want_of(item)
        try:
            check_fits(want, item.actor)
            return Call(want, Lane(item.lane), item.actor, _now_ms(), None, self._connection, item.number)
        except ValueError as error:
            raise FrameError(f"the partner sent on what it should have refused: {error}") from error

    def answers_came(self, answers: Sequence[Answered]) -> None:
        """The active answered our callers, or had no room for them."""
        for call in self.relay.answered(answers):
            if call.maybe_taken or call.waiter is None or len(call.waiter.answers) > 1:
                self.relay.put((call,))  # "not taken" would not be true of all of it: try again
                asyncio.get_running_loop().call_later(0.02, self._soon)
            else:
                call.waiter.fail(NoRoomError("the active has no room"))

    # ---------------------------------------------------------------- answers

    def answer(self, call: Call, answer: Answer) -> None:
        """A definite answer for a call, here or at the partner."""
        if call.waiter is not None:
            call.waiter.put(call.place, answer)
            return
        reply = Answered(
            call.number,
            Reply.ANSWERED,
            answer.seq,
            answer.epoch,
            answer.time_ms,
            answer.verdict,
            answer.outcome,
        )
        self._reply(call, reply)

    def sweep(self, more: Sequence[Call] = ()) -> None:
        """Tell those who have waited longer than `takeover_wait_ms` that the answer is unknown.

        `more` are calls in the log that arrived before `sweep_before_ms`.
        """
        before_ms = self.sweep_before_ms()
        for call in (*self.intake.pull_older(before_ms), *self.relay.pull_older(before_ms), *more):
            if call.waiter is not None and not call.given_up:
                self.unknown += 1
                call.waiter.fail(UnknownError(_WAITED))

    def sweep_before_ms(self) -> int:
        """Calls that arrived before this have waited long enough."""
        return _now_ms() - self._wait_ms

    def flush(self) -> None:
        """Send what is held, if somebody serves, and the replies that wait."""
        self._flushing = False
        if self.partner_serving and not self.serving:
            self.relay.flush()
        waiting, self._replies = self._replies, []
        replies: list[Answered] = []
        size_bytes = 0
        for reply in waiting:
            reply_bytes = ANSWER_OVERHEAD_BYTES + len(reply.outcome)
            if replies and (len(replies) >= ANSWERS_PER_FRAME or size_bytes + reply_bytes > FRAME_BYTES_MAX):
                self._send(encode_answers(replies))
                replies, size_bytes = [], 0
            replies.append(reply)
            size_bytes += reply_bytes
        if replies:
            self._send(encode_answers(replies))

    def _reply(self, call: Call, reply: Answered) -> None:
        if call.place == self._connection:
            self._replies.append(reply)
            self._soon()

    def _soon(self) -> None:
        """Flush once at the end of this turn of the loop: a batch is what came in meanwhile."""
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self.flush)


def want_of(item: Item) -> Want:
    """What an item of the partner asks for."""
    if item.sort == Sort.COMMAND:
        return Command(
            item.kind, item.tenant, item.slot, item.request_id, item.seen_ms, item.client_ms, item.body
        )
    if item.sort == Sort.LOOKUP:
        return Lookup(item.request_id)
    return Query(item.body)


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
