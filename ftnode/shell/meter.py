"""How fast something goes on, out of what was counted in the last seconds."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

WINDOW_S: Final = 5.0
STEP_S: Final = 0.1  # counts closer together are one


class Meter:
    """Sums of one thing, e.g. bytes; `now_s` is a monotonic clock."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        """Begins to count now, at zero."""
        self._now_s = now_s
        self.total = 0
        self._seen: deque[tuple[float, int]] = deque([(now_s(), 0)])

    def add(self, count: int) -> None:
        """So many more."""
        self.reach(self.total + count)

    def reach(self, total: int) -> None:
        """So many in all; one that is lower than before begins anew."""
        now_s = self._now_s()
        if total < self.total:
            self._seen.clear()
        self.total = total
        if not self._seen or now_s - self._seen[-1][0] >= STEP_S:
            self._seen.append((now_s, total))
        while len(self._seen) > 2 and now_s - self._seen[1][0] > WINDOW_S:
            self._seen.popleft()

    def restart(self, total: int) -> None:
        """It stands here, however it came here."""
        self._seen.clear()
        self.reach(total)
        self._seen[0] = (self._now_s(), total)

    def per_s(self) -> float:
        """Of the last seconds; 0.0 before there is anything to say."""
        began_s, began = self._seen[0]
        took_s = self._now_s() - began_s
        return (self.total - began) / took_s if took_s >= STEP_S else 0.0
