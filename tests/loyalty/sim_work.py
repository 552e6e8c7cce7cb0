"""Tills in the simulator: the full engine as the machine, and what its clients may have been told.

Members, promotions with limits and a coupon are set up by commands like any others, which are sent until they
are answered. Meanwhile tills buy, hold, capture, cancel and return, each under an identity of its own; some
ask again for what was asked before, under another request id, as an outbox does after a day.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from msgspec import msgpack

from chaos.sim.calls import Done, Job
from chaos.sim.judge import ViolationError
from chaos.sim.world import EPOCH_MS, MS, World
from loyalty import commands as cmd
from loyalty.commands import ReceiptId, SpendMode
from loyalty.commands.promotions import Audience, Caps, GiveLot, PercentOff, PointsFixed
from loyalty.engine import Engine
from loyalty.engine.calendar import DAY_MS, print_day
from loyalty.engine.records import Held, Receipt, Return
from loyalty.engine.state import Entry, Reader, Store
from loyalty.outcomes import AnyOutcome, Code, ConfirmDone, HoldDone, Movement, Rejected, ReturnLinesDone
from tests.loyalty import ledger
from tests.loyalty.desk import promotion
from tests.loyalty.kit import KINDS, DictState, Shop, goods
from tests.loyalty.world import rules

EVERYTHING: Final = b"everything"  # a question that asks for the whole state
TODAY: Final = print_day(EPOCH_MS // DAY_MS)
MEMBERS: Final = 3
_encode: Final = msgpack.Encoder().encode
_outcome: Final = msgpack.Decoder(AnyOutcome).decode
_pairs: Final = msgpack.Decoder(list[tuple[bytes, bytes]]).decode


class Whole:
    """The engine, which also shows all that the state holds."""

    version: Final = 1  # the only one that entries of the simulator name

    def __init__(self) -> None:
        self._engine = Engine()

    def execute(self, state: Store, entry: Entry) -> bytes:
        return self._engine.execute(state, entry)

    def query(self, state: Reader, at_ms: int, body: bytes) -> bytes:
        if body != EVERYTHING:
            return self._engine.query(state, at_ms, body)
        found = state.scan(b"", b"\xff" * 4, 10**6)
        return _encode([pair for pair in found if pair[0][2:4] == b"\0\1"])


class LoyaltyWork:
    """Commands of tills, and the judge of what they were told."""

    def __init__(self) -> None:
        self.machine = Whole()
        self.told: Counter[str] = Counter()  # kinds of answers
        self._waiting = set_up()
        self._sent: list[cmd.Command] = []
        self._sold: list[tuple[ReceiptId, int]] = []
        self._held: list[ReceiptId] = []
        self._number = 0

    def job(self, world: World, client: int, reads: float | None = None) -> Job:
        """One in five asks for a balance."""
        if self._waiting and world.chance(0.5):
            return write(self._waiting[0])
        if world.chance(0.2 if reads is None else reads):
            who = f"cM-{world.between(1, MEMBERS):03}"
            return Job("balance", who, True, 0, 0, _encode(cmd.GetBalance(1, who)))
        command = self._command(world)
        self._sent.append(command)
        return write(command)

    def _command(self, world: World) -> cmd.Command:
        draw = world.between(1, 100)
        if draw <= 8 and self._sent:
            return self._sent[-world.between(1, min(len(self._sent), 9))]
        if draw <= 30 and self._sold:
            name, milli = self._sold[-world.between(1, min(len(self._sold), 9))]
            return cmd.ReturnLines(self._name(9), name, (cmd.ReturnLine(1, world.between(1, milli)),))
        if draw <= 40 and self._held:
            return cmd.Capture(self._held.pop(0), 0)
        if draw <= 44 and self._held:
            return cmd.CancelHold(self._held.pop())
        return self._sale(world, draw > 85)

    def _sale(self, world: World, is_order: bool) -> cmd.Command:
        name, pieces = self._name(3), world.between(1, 3)
        wish = world.between(0, 2) * 300
        line = goods(world.between(100, 20_000), 1000 * pieces)
        bought = cmd.Confirm(
            name,
            f"cM-{world.between(1, MEMBERS):03}",
            0,
            (line,),
            wish,
            SpendMode.UP_TO if wish else SpendMode.NONE,
            b"",
            False,
            False,
            coupons=("SUMMER",) if world.chance(0.1) else (),
        )
        self._sold.append((name, 1000 * pieces))
        if not is_order:
            return bought
        self._held.append(name)
        return cmd.Hold(bought, EPOCH_MS + world.now_us // MS + world.between(2000, 20_000))

    def _name(self, terminal: int) -> ReceiptId:
        self._number += 1
        return ReceiptId(17, terminal, self._number, TODAY)

    def probe_job(self, number: int) -> Job:
        """A purchase like any other."""
        lines = (goods(100),)
        name = ReceiptId(18, 1, number, TODAY)
        return write(cmd.Confirm(name, "cM-001", 0, lines, 0, SpendMode.NONE, b"", False, False))

    def answer(self, job: Job, text: bytes) -> object:
        """Outcomes as they are, the state as its pairs."""
        if job.body == EVERYTHING:
            return _pairs(text)
        outcome = _outcome(text)
        self.told[type(outcome).__name__] += 1
        is_done = not isinstance(outcome, Rejected) or outcome.code is Code.CARD_TAKEN
        if self._waiting and job.operation == self._waiting[0] and is_done:
            del self._waiting[0]
        return outcome

    def last_looks(self) -> list[Job]:
        """All there is."""
        return [Job("everything", "everything", True, 0, 0, EVERYTHING)]

    def judge(self, history: Iterable[Done]) -> int:
        """Raise if something that was told is not there, is there twice, or was never asked for."""
        done = list(history)
        (pairs,) = [one.answer for one in done if one.job.operation == "everything"]
        state = DictState()
        state.pairs.update(pairs)
        ledger.check(Shop(state, now_ms=2**50))
        booked = dict(ledger.booked(state))
        for one in done:
            _check_told(one, booked)
        asked = {name for one in done if not one.refused for name in identities(one.job.operation)}
        if not booked.keys() <= asked:
            raise ViolationError("invented", f"nobody asked for {booked.keys() - asked}")
        _check_once(state, [one.answer for one in done])
        return len(done)


def set_up() -> list[cmd.Command]:
    """Rules, members, a promotion of each kind with its limits, and a coupon that is enough for five."""
    who = Audience(coupon=True)
    return [
        cmd.DefineProgramme(rules(earn_delay_days=0, lot_window_days=0, welcome_window_days=0)),
        *[cmd.Enrol("", (f"M-{number:03}",), 0) for number in range(1, MEMBERS + 1)],
        cmd.PublishPromotion(promotion(1, PercentOff(1000), who=who)),
        cmd.PublishPromotion(promotion(2, PointsFixed(0, 40), caps=Caps(total_times=20, budget_points=500))),
        cmd.PublishPromotion(promotion(3, GiveLot(0, 30, None, 0, 1), caps=Caps(member_times=5))),
        cmd.IssueCoupon("SUMMER", 1, 5, 0, 0, None),
    ]


def write(command: cmd.Command) -> Job:
    """As a till sends it."""
    name = str(next(iter(identities(command)), type(command).__name__))
    return Job(command, name, False, KINDS[type(command)], 0, _encode(command))


def identities(operation: object) -> list[ReceiptId]:
    """Under which a command may have been booked."""
    match operation:
        case cmd.Confirm() | cmd.Capture() | cmd.CancelHold():
            return [operation.receipt]
        case cmd.Hold():
            return [operation.order.receipt]
        case cmd.ReturnLines():
            return [operation.return_receipt]
    return []


def _check_told(one: Done, booked: dict[ReceiptId, Any]) -> None:
    """What a client was told stands there, to the last point."""
    for name in identities(one.job.operation):
        there = booked.get(name)
        match one.answer:
            case ConfirmDone(bill=bill) if not (isinstance(there, Receipt) and there.bill == bill):
                raise ViolationError("lost", f"purchase {name} was told; there is {there}")
            case ReturnLinesDone(returned=said) if not (isinstance(there, Return) and there.returned == said):
                raise ViolationError("lost", f"return {name} was told; there is {there}")
            case HoldDone() if not isinstance(there, Held | Receipt):
                raise ViolationError("lost", f"order {name} was told; there is {there}")


def _check_once(state: DictState, answers: list[object]) -> None:
    """Each thing happened once in the statements, and was told as new once."""
    happened: Counter[tuple[Movement, ReceiptId]] = Counter()
    for member_id in ledger.members_of(state):
        for item in ledger.items_of(state, member_id):
            if item.receipt is not None:
                happened[item.movement, item.receipt] += 1
    told_new: Counter[tuple[str, ReceiptId]] = Counter()
    for answer in answers:
        if isinstance(answer, ConfirmDone | HoldDone) and not answer.repeated:
            told_new[type(answer).__name__, answer.receipt] += 1
        if isinstance(answer, ReturnLinesDone) and not answer.repeated:
            told_new[type(answer).__name__, answer.return_receipt] += 1
    for what, times in (*happened.items(), *told_new.items()):
        if times != 1:
            raise ViolationError("doubled", f"{what} {times} times")
