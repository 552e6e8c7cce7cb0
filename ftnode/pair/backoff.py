"""How long to wait before a process that ended is started again."""

from dataclasses import dataclass, replace
from typing import Final

FIRST_MS: Final = 100  # a killed unit is back at once; its partner took over long before
LONGEST_MS: Final = 5_000  # one that cannot start fills neither disk nor log
SETTLED_MS: Final = 10_000  # ran this long: the next end is a new story


@dataclass(frozen=True, slots=True)
class Backoff:
    """`ends` counts ends in a row, none of which came after a settled run."""

    ends: int = 0

    def after(self, ran_ms: int) -> tuple["Backoff", int]:
        """The process ended after running for `ran_ms`: what to remember, and the wait in ms."""
        ends = 1 if ran_ms >= SETTLED_MS else self.ends + 1
        doubled_ms = FIRST_MS << min(ends - 1, 16)
        return replace(self, ends=ends), min(doubled_ms, LONGEST_MS)
