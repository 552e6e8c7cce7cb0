"""How many may wait: as many as were served in a third of a second lately, so that nobody waits much longer.

A limit in entries alone is a different wait on every machine: 4,096 are one second on a fast one and
eight on a busy one, where callers would give up and never know.
"""

import time
from collections import deque
from typing import Final

WINDOW_MS: Final = 250
WINDOWS: Final = 8  # with something served in them; a standstill (a takeover) lowers no limit
FLOOR_ENTRIES: Final = 512  # so that a quiet unit holds what comes during a takeover
WAIT_MS: Final = 350  # what a call should wait at most in one queue while the pair goes at its own speed


class Pace:
    """Counts what is served and says how many may wait for it."""

    def __init__(self, most_entries: int) -> None:
        """`most_entries` is the limit of the configuration; the result is never above it."""
        self._most = most_entries
        self._windows: deque[int] = deque(maxlen=WINDOWS)
        self._window_ms = _now_ms()
        self._count = 0
        self.limit_entries = most_entries

    def fits(self, waiting: int, more: int) -> bool:
        """Whether `more` may come in beside those that wait. Where nothing waits only the configuration
        counts: a batch call larger than the pace of a quiet unit would be refused for ever."""
        return waiting + more <= (self.limit_entries if waiting else self._most)

    def served(self, count: int) -> None:
        """So many left the queue now."""
        now_ms = _now_ms()
        if now_ms - self._window_ms >= WINDOW_MS:
            self._close(now_ms)
        self._count += count

    def _close(self, now_ms: int) -> None:
        """A window is over; what a longer one served is taken as evenly spread."""
        if self._count:
            self._windows.append(self._count * WINDOW_MS // (now_ms - self._window_ms))
        self._window_ms, self._count = now_ms, 0
        usual = sum(self._windows) // len(self._windows) if self._windows else 0
        self.limit_entries = min(self._most, max(FLOOR_ENTRIES, usual * WAIT_MS // WINDOW_MS))


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
