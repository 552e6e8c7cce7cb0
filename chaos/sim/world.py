"""Simulated time, chance and the queue of what happens next. One seed, one world, one outcome.

Everything random in a run is drawn from `World.random`, everything that happens is called from
`World.run_until`, and two things due at one moment happen in the order in which they were asked
for: so a seed replays exactly.
"""

import heapq
from collections import Counter
from collections.abc import Callable
from hashlib import blake2b
from random import Random
from typing import Any, Final

MS: Final = 1000
"""Simulated time is whole microseconds; this many make a millisecond."""
EPOCH_MS: Final = 1_790_000_000_000
"""What a true clock shows when a run begins: UTC milliseconds, some day in 2026."""


class Trace:
    """One line per decision: printed, hashed, both or neither (then it costs nothing)."""

    def __init__(self, say: Callable[[str], None] | None = None, hashing: bool = False) -> None:
        self.on = say is not None or hashing
        self._say = say
        self._hash = blake2b(digest_size=16)
        self.lines = 0

    def line(self, at_us: int, who: str, text: str) -> None:
        """Add one line; the caller has looked at `on` first."""
        line = f"{at_us / 1e6:10.6f} {who:<8} {text}"
        self.lines += 1
        self._hash.update(line.encode() + b"\n")
        if self._say is not None:
            self._say(line)

    def digest(self) -> str:
        """The same for two runs exactly when every line was the same."""
        return self._hash.hexdigest()


class World:
    """The clock that nobody in the simulation can see, and the queue of events."""

    def __init__(self, seed: int, trace: Trace | None = None) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.now_us = 0
        self.trace = trace or Trace()
        self.steps = 0
        self.faults: Counter[str] = Counter()
        self.rows: Counter[str] = Counter()
        self.ignored: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()  # other things worth counting
        self._queue: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._asked = 0

    def after(self, delay_us: int, call: Callable[..., None], *args: Any) -> None:
        """Call `call(*args)` when `delay_us` have passed."""
        self._asked += 1
        heapq.heappush(self._queue, (self.now_us + delay_us, self._asked, call, args))

    def at(self, at_us: int, call: Callable[..., None], *args: Any) -> None:
        """Call `call(*args)` at a moment; one that has passed is now."""
        self._asked += 1
        heapq.heappush(self._queue, (max(at_us, self.now_us), self._asked, call, args))

    def run_until(self, at_us: int) -> None:
        """Let everything happen that is due up to `at_us`, then stand there."""
        queue, pop = self._queue, heapq.heappop
        while queue and queue[0][0] <= at_us:
            self.now_us, _, call, args = pop(queue)
            call(*args)
        self.now_us = max(self.now_us, at_us)

    def between(self, least: int, most: int) -> int:
        """A whole number in `least..most`, evenly."""
        return least + int(self.random.random() * (most - least + 1))

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.random.random() < probability

    def fault(self, name: str, text: str = "") -> None:
        """A fault was done: count it and say so."""
        self.faults[name] += 1
        if self.trace.on:
            self.trace.line(self.now_us, "chaos", f"{name} {text}".rstrip())

    def note(self, who: str, text: str) -> None:
        """Say something in the trace."""
        if self.trace.on:
            self.trace.line(self.now_us, who, text)
