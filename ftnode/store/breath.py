"""Long work beside the tills, with rests in it."""

import time
from typing import Final

WORK_S: Final = 0.002
REST_MAX_S: Final = 0.020  # at once


class Breath:
    """Stands back for as long as it has worked: what lasts seconds is in less of a hurry than tills.

    Niceness alone does not do it: a unit that wakes up beside two helpers on two processors waits for
    its turn, 50 ms and more in sum before an answer has gone through both units. And a thread of the
    unit's own takes the interpreter from its loop at any niceness.

    Args:
        rest_sum_s: all rests of one piece of work together are no longer than this.
    """

    def __init__(self, rest_sum_s: float) -> None:
        self._rest_sum_s = rest_sum_s
        self.begin()

    def begin(self) -> None:
        """A new piece of work begins."""
        self._since_s = time.monotonic()
        self._left_s = self._rest_sum_s

    def take(self) -> None:
        """Call it often; it sleeps now and then."""
        worked_s = time.monotonic() - self._since_s
        if worked_s >= WORK_S and self._left_s > 0:
            rest_s = min(worked_s, REST_MAX_S, self._left_s)
            time.sleep(rest_s)
            self._left_s -= rest_s
            self._since_s = time.monotonic()
