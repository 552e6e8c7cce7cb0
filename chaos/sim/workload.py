"""What clients want of the two small machines, and what the judges make of what they were told."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from chaos.judges import linearizability
from chaos.judges.linearizability import Call, Verdict
from chaos.sim.calls import Done, Job
from chaos.sim.judge import ViolationError
from chaos.sim.machines import COMMAND, Bank, Register, body, outcome
from chaos.sim.world import World
from ftnode.machine.contract import Machine

KEYS: Final = 5
ACCOUNTS: Final = 6  # of the bank's that are used: few, so that transfers meet
STEPS_MAX: Final = 400_000  # of the search, for one key


class Work(Protocol):
    """A machine, what clients want of it, and what the judge makes of what they were told."""

    @property
    def machine(self) -> Machine:
        """What both units execute."""

    def job(self, world: World, client: int, reads: float | None = None) -> Job:
        """The next thing that a client wants; `reads`: the share of questions."""

    def probe_job(self, number: int) -> Job:
        """A write that shows that the pair answers again."""

    def answer(self, job: Job, text: bytes) -> object:
        """What the judge is told that the client was told."""

    def last_looks(self) -> list[Job]:
        """What to read when all is over."""

    def judge(self, history: Iterable[Done]) -> int:
        """Raise a ViolationError if the history cannot be; how many steps that took."""


@dataclass(frozen=True, slots=True)
class Get:
    """Answer: the value or None."""


@dataclass(frozen=True, slots=True)
class Put:
    """Answer: what was there before."""

    value: bytes


@dataclass(frozen=True, slots=True)
class Cas:
    """Answer: True, or what was there instead."""

    expected: bytes | None
    value: bytes


class Cell:
    """One named value as a sequential machine. Put tells what was there, which says more than `Register`."""

    initial: bytes | None = None

    def step(self, state: bytes | None, operation: Get | Put | Cas) -> tuple[bytes | None, object]:
        match operation:
            case Get():
                return state, ("value", state)
            case Put(value):
                return value, ("was", state)
            case Cas(expected, value):
                return (value, ("done",)) if state == expected else (state, ("other", state))

    def changes(self, operation: Get | Put | Cas, answer: object) -> bool:
        return isinstance(operation, Put) or answer == ("done",)


class RegisterWork:
    """Gets, puts and compare-and-swaps on a few names."""

    machine = Register()

    def __init__(self) -> None:
        self._seen: dict[int, bytes | None] = {}
        self._made = 0

    def job(self, world: World, client: int, reads: float | None = None) -> Job:
        """Two in five read."""
        name = world.between(0, KEYS - 1)
        draw = world.random.random()
        share = 0.4 if reads is None else reads
        if draw < share:
            return read_job(name)
        self._made += 1
        value = b"%d.%d" % (client, self._made)
        if draw < share + (1 - share) * 0.67:
            return put_job(name, value)
        expected = self._seen.get(name)
        text = body("cas", _slot(name), _name(name), expected, value)
        return Job(Cas(expected, value), name, False, COMMAND, _slot(name), text)

    def probe_job(self, number: int) -> Job:
        """A write that shows that the pair answers again."""
        return put_job(0, b"probe %d" % number)

    def answer(self, job: Job, text: bytes) -> object:
        """The outcome as the model would say it."""
        told = tuple(outcome(text))
        if isinstance(job.key, int) and isinstance(job.operation, Get):
            self._seen[job.key] = told[1]
        return told

    def last_looks(self) -> list[Job]:
        """What to read when all is over."""
        return [read_job(name) for name in range(KEYS)]

    def judge(self, history: Iterable[Done]) -> int:
        """Raise if no order explains the history; the number of steps that the search took."""
        calls: list[Call[Get | Put | Cas]] = []
        for done in history:
            operation = done.job.operation
            if not done.refused and isinstance(operation, Get | Put | Cas):
                calls.append(
                    Call(operation, done.called_us, done.returned_us, done.answer, done.job.key, done.client)
                )
        said = linearizability.check(calls, Cell(), STEPS_MAX)
        if said.verdict is not Verdict.LINEARIZABLE:
            raise ViolationError("linearizable", f"{said.verdict.value}: {said.story}")
        return said.steps


class BankWork:
    """Transfers between a few accounts, and audits of the whole."""

    machine = Bank()

    def __init__(self) -> None:
        self.total = Bank.ACCOUNTS * Bank.OPENING_BALANCE

    def job(self, world: World, client: int, reads: float | None = None) -> Job:
        """One in four is an audit."""
        if world.chance(0.25 if reads is None else reads):
            return Job(Get(), "total", True, 0, 0, body("total"))
        source = world.between(0, ACCOUNTS - 1)
        target = (source + world.between(1, ACCOUNTS - 1)) % ACCOUNTS
        amount = world.between(1, 400)
        text = body("transfer", source, target, amount)
        return Job((source, target, amount), "transfer", False, COMMAND, source, text)

    def probe_job(self, number: int) -> Job:
        """A write that shows that the pair answers again."""
        return transfer_job(0, 1, 1)

    def answer(self, job: Job, text: bytes) -> object:
        """The outcome; a wrong total is noticed at once."""
        told = tuple(outcome(text))
        if told[0] == "total" and told[1] != self.total:
            raise ViolationError("conserved", f"the total is {told[1]}, should be {self.total}")
        return told

    def last_looks(self) -> list[Job]:
        """What to read when all is over."""
        return [
            Job(Get(), ("balance", number), True, 0, 0, body("balance", number)) for number in range(ACCOUNTS)
        ]

    def judge(self, history: Iterable[Done]) -> int:
        """Raise if an account holds what the clients' own memory cannot explain."""
        least = [Bank.OPENING_BALANCE] * ACCOUNTS
        most = list(least)
        balances: dict[int, int] = {}
        for done in history:
            match done.job.operation, done.job.key, done.answer:
                case _, ("balance", int(number)), ("balance", int(balance)):
                    balances[number] = balance
                case (int(source), int(target), int(amount)), _, ("done", *_):
                    _move(least, most, source, target, amount)
                case (int(source), int(target), int(amount)), _, None if not done.refused:
                    least[source] -= amount
                    most[target] += amount
        for number, balance in balances.items():
            if not least[number] <= balance <= most[number]:
                explained = f"{least[number]}..{most[number]}"
                raise ViolationError(
                    "conserved", f"account {number} holds {balance}; the clients can explain {explained}"
                )
        return len(balances)


def read_job(name: int) -> Job:
    """Read a name."""
    return Job(Get(), name, True, 0, _slot(name), body("get", _slot(name), _name(name)))


def put_job(name: int, value: bytes) -> Job:
    """Give a name a value."""
    text = body("put", _slot(name), _name(name), value)
    return Job(Put(value), name, False, COMMAND, _slot(name), text)


def transfer_job(source: int, target: int, amount: int) -> Job:
    """Move money."""
    key: Hashable = "transfer"
    return Job(
        (source, target, amount), key, False, COMMAND, source, body("transfer", source, target, amount)
    )


def _move(least: list[int], most: list[int], source: int, target: int, amount: int) -> None:
    for side in (least, most):
        side[source] -= amount
        side[target] += amount


def _slot(name: int) -> int:
    return name * 611 % 4096


def _name(name: int) -> bytes:
    return b"n%d" % name
