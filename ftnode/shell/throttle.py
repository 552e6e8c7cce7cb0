"""How fast a snapshot is sent: as fast as allowed while the loop is on time, slower while it is late.

A loop that wakes late is one in which tills wait. So may they soon while a checkpoint is being written: it
wants the same disk and the same processors, and is in more of a hurry. The rate grows a little with each
chunk that cost nobody anything, and falls by a part of itself with each that did; so it finds what there is
room for. It never falls below the least: a snapshot must come to an end also on a busy day.
"""

from typing import Final

LATE_S: Final = 0.010  # a sleep that ends so much later than asked was held up
STEPS: Final = 64  # from nothing to the most, in chunks that cost nobody anything
BACK: Final = 0.75  # of the rate is left after a late one


class Throttle:
    """Bytes per second, between two bounds."""

    def __init__(self, least: int, most: int) -> None:
        """Bytes per second, both at least 1. `most` wins if `least` is above it. Begins at the least."""
        self._most = most
        self._least = min(least, most)
        self.bytes_per_s = float(self._least)

    def pause_s(self, size: int) -> float:
        """How long to wait after so many bytes."""
        return size / self.bytes_per_s

    def woke(self, late_s: float, beside: bool = False) -> None:
        """The wait ended so much later than asked. `beside`: a checkpoint is being written."""
        if late_s > LATE_S or beside:
            self.bytes_per_s = max(self._least, self.bytes_per_s * BACK)
        else:
            self.bytes_per_s = min(self._most, self.bytes_per_s + self._most / STEPS)
