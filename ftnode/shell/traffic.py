"""The work of the last second or so, from the counters."""

import time
from typing import Final

from ftnode.observe.figures import UnitFigures
from ftnode.v1 import admin_pb2 as pb

_P99_OF: Final = 0.99
EVERY_S: Final = 0.5  # counted anew no more often, so that two who ask see the same


class Traffic:
    """Rates over the last second or so, from the counters."""

    def __init__(self, figures: UnitFigures) -> None:
        """Rates begin with the second question."""
        self._figures = figures
        self._at = time.monotonic()
        self._calls = self._entries = 0
        self._last = (0, 0)

    def now(self, calls_open: int) -> pb.Traffic:
        """Rates since it was last asked, at least half a second ago."""
        figures = self._figures
        at = time.monotonic()
        if at - self._at >= EVERY_S:
            calls = sum(count for _, count in figures.calls.items())
            elapsed = at - self._at
            self._last = (
                round((calls - self._calls) / elapsed),
                round((figures.entries - self._entries) / elapsed),
            )
            self._at, self._calls, self._entries = at, calls, figures.entries
        return pb.Traffic(
            calls_per_second=self._last[0],
            entries_per_second=self._last[1],
            in_flight=calls_open,
            refused=figures.refusals["no room"],
            answer_p99_us=_p99_us(figures.call_seconds.cumulative()),
        )


def _p99_us(cumulative: list[tuple[str, float]]) -> int:
    """The bound below which 99 of 100 calls were answered."""
    total = cumulative[-1][1]
    for bound, count in cumulative:
        if total and count >= _P99_OF * total and bound != "+Inf":
            return int(float(bound) * 1_000_000)
    return 0
