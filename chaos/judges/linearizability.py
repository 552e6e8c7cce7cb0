"""Decides whether a history of calls could have come from one machine doing one thing at a time.

The search is Wing and Gong's with Lowe's memory of places already visited: take any call that may come
first in real time, let the model execute it, compare the answer, go on; go back when stuck. A call without
an answer (unknown) may have taken effect at any moment after it was sent, or never.

Two things keep it fast. Keys are independent, so each is judged alone. And a visited place is written down
relative to the first call not yet placed, so at a quiet point (nothing in flight) all orders of what came
before fall together into one place per state: the history is cut there without being cut by hand.

A search that runs out of steps has proved nothing: `OVER_BUDGET` is a failure of the test, never a pass.

Sources: Wing and Gong, "Testing and verifying concurrent objects" (1993); Lowe, "Testing for
linearizability" (2017).
"""

import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Generic, Protocol, TypeVar

State = TypeVar("State", bound=Hashable)
Operation = TypeVar("Operation", bound=Hashable)
OperationIn = TypeVar("OperationIn", bound=Hashable, contravariant=True)

STEPS_MAX: Final = 2_000_000
"""Model steps one key may cost before the search gives up; about four seconds in CPython."""


class Model(Protocol[State, OperationIn]):
    """One object as a sequential machine. Total and deterministic: every operation gets an answer."""

    @property
    def initial(self) -> State: ...

    def step(self, state: State, operation: OperationIn) -> tuple[State, object]:
        """The state afterwards and the answer that a client must have been given."""

    def changes(self, operation: OperationIn, answer: object) -> bool:
        """False if an operation so answered changes nothing, whatever the state: a read, a refusal."""


@dataclass(frozen=True)  # no slots: they break `Call[X](...)` of a frozen generic
class Call(Generic[Operation]):
    """One call as its client saw it. Retries of one request id are one call.

    Times may be in any unit and from any origin, as long as all clients of a history share the clock.
    A call that surely was not taken (refused at the door, abandoned) is no part of a history.
    """

    operation: Operation
    called: float  # before the first byte of the first try left
    returned: float | None  # after the definite answer came; None: unknown
    answer: object = None  # ignored when unknown
    key: Hashable = None
    client: Hashable = None  # for the report only


class Verdict(Enum):
    LINEARIZABLE = "linearizable"
    NOT_LINEARIZABLE = "not linearizable"
    OVER_BUDGET = "over budget"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came out. `ok` is the only thing a test may take for a pass."""

    verdict: Verdict
    steps: int
    key: Hashable = None  # the first key at fault
    story: str = ""  # where the search got stuck, for people

    @property
    def ok(self) -> bool:
        return self.verdict is Verdict.LINEARIZABLE


def check(
    calls: Iterable[Call[Operation]],
    model: Model[State, Operation] | Callable[[Hashable], Model[State, Operation]],
    steps_max: int = STEPS_MAX,
) -> Judgement:
    """Judge each key alone; the first bad key is the answer.

    Args:
        calls: in any order.
        model: one model for all keys, or a function from key to model.
        steps_max: budget per key, in model steps.

    Raises:
        ValueError: a call returned before it was called; the history itself is broken.
    """
    by_key: dict[Hashable, list[Call[Operation]]] = {}
    for call in calls:
        if call.returned is not None and call.returned < call.called:
            raise ValueError(f"{call} returned before it was called: its clock or its recorder is broken")
        by_key.setdefault(call.key, []).append(call)
    steps = 0
    for key, group in by_key.items():
        judgement = _check_one(group, model(key) if callable(model) else model, steps_max)
        steps += judgement.steps
        if not judgement.ok:
            return Judgement(judgement.verdict, steps, key, f"key {key!r}: {judgement.story}")
    return Judgement(Verdict.LINEARIZABLE, steps)


@dataclass(frozen=True, slots=True)
class Place(Generic[State, Operation]):
    """How far an order has come. Calls are numbered by start, answered and unknown ones apart."""

    floor: int  # all answered calls below are placed
    above: int  # bit i: answered call floor+i is placed too
    guessed: int  # bit i: unknown call i is taken to have happened
    state: State
    held: tuple[State, Operation] | None = None  # the last step was this guess, made in this state


class _Search(Generic[State, Operation]):
    """The calls of one key, sorted for the search."""

    def __init__(self, calls: Sequence[Call[Operation]], model: Model[State, Operation]) -> None:
        by_start = sorted(calls, key=lambda call: call.called)
        self.model = model
        self.known = [call for call in by_start if call.returned is not None]
        self.unknown = [call for call in by_start if call.returned is None]
        self.returned = [call.returned or 0.0 for call in self.known]
        self.steps = 0
        self.been: dict[Hashable, list[int]] = {}
        self.deepest: list[Place[State, Operation]] = []

    def next_places(self, place: Place[State, Operation]) -> Iterable[Place[State, Operation]]:
        """Every way to place one more call. Answered calls first: a guess is the last resort."""
        horizon = float("inf")  # the least return among answered calls not placed: nothing may jump over it
        waiting = []
        for i in range(place.floor, len(self.known)):
            if self.known[i].called > horizon:
                break
            if not place.above >> (i - place.floor) & 1:
                waiting.append(i)
                horizon = min(horizon, self.returned[i])
        waiting.sort(key=self.returned.__getitem__)  # what answered first probably happened first
        moves: list[Place[State, Operation]] = []
        for i in waiting:
            call = self.known[i]
            if call.called > horizon:
                continue
            after, answer = self._step(place.state, call.operation)
            if answer != call.answer or not self._needs_guess(place, call, after):
                continue
            floor, above = _placed(place.floor, place.above, i)
            moves.append(Place(floor, above, place.guessed, after))
            if not self.model.changes(call.operation, answer):  # what comes later may as well come after it
                return [moves[-1]]
        return itertools.chain(moves, self._guesses(place, horizon))

    def _guesses(self, place: Place[State, Operation], horizon: float) -> Iterator[Place[State, Operation]]:
        """Unknown calls that may take effect here. One that changes nothing is as good as left out, and of
        two that ask for the same the earlier can do all that the later can."""
        tried: set[Operation] = set()
        for i, call in enumerate(self.unknown):
            if call.called > horizon:
                return
            if place.guessed >> i & 1 or call.operation in tried:
                continue
            tried.add(call.operation)
            after, _ = self._step(place.state, call.operation)
            if after != place.state and self._needs_guess(place, call, after):
                held = (place.state, call.operation)
                yield Place(place.floor, place.above, place.guessed | 1 << i, after, held)

    def _needs_guess(self, place: Place[State, Operation], call: Call[Operation], after: State) -> bool:
        """A guess is made at the last moment, so the step right after it must be one that tells.

        If `call` could go without the guess, or before it, with the same answer and the same state in the
        end, then that other order is tried elsewhere and this one is not worth a look.
        """
        if place.held is None:
            return True
        before, guess = place.held
        without, answer = self._step(before, call.operation)
        if call.returned is not None and answer != call.answer:
            return True
        return without != after and self._step(without, guess)[0] != after

    def _step(self, state: State, operation: Operation) -> tuple[State, object]:
        self.steps += 1
        return self.model.step(state, operation)

    def is_new(self, place: Place[State, Operation]) -> bool:
        """Whether nobody was here before, with the same guesses or fewer: he could do all that we can."""
        visited = self.been.setdefault((place.floor, place.above, place.state, place.held), [])
        if any(fewer & place.guessed == fewer for fewer in visited):
            return False
        visited[:] = [more for more in visited if more & place.guessed != place.guessed]
        visited.append(place.guessed)
        if not self.deepest or place.floor > self.deepest[0].floor:
            self.deepest = [place]
        elif place.floor == self.deepest[0].floor:
            self.deepest.append(place)
        return True

    def story(self) -> str:
        """How far anybody got, and in which states: where a person should look."""
        floor = self.deepest[0].floor
        states = sorted({repr(place.state) for place in self.deepest})[:5]
        return (
            f"{floor} of {len(self.known)} answered calls fit ({len(self.unknown)} unknown); "
            f"no order explains {self.known[floor]}; states tried there: {', '.join(states)}"
        )


def _placed(floor: int, above: int, i: int) -> tuple[int, int]:
    """Place call i, and raise the floor over everything that is placed in one piece."""
    above |= 1 << (i - floor)
    full = (~above & (above + 1)).bit_length() - 1  # how many low bits are set
    return floor + full, above >> full


def _check_one(calls: Sequence[Call[Operation]], model: Model[State, Operation], steps_max: int) -> Judgement:
    search = _Search(calls, model)
    start: Place[State, Operation] = Place(0, 0, 0, model.initial)
    if not search.known:
        return Judgement(Verdict.LINEARIZABLE, 0)
    search.is_new(start)
    stack = [iter(search.next_places(start))]
    while stack:
        if search.steps > steps_max:
            why = f"gave up after {search.steps} steps, which proves nothing; so far {search.story()}"
            return Judgement(Verdict.OVER_BUDGET, search.steps, None, why)
        place = next(stack[-1], None)
        if place is None:
            stack.pop()
        elif place.floor == len(search.known):
            return Judgement(Verdict.LINEARIZABLE, search.steps)
        elif search.is_new(place):
            stack.append(iter(search.next_places(place)))
    return Judgement(Verdict.NOT_LINEARIZABLE, search.steps, None, search.story())
