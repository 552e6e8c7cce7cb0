"""How many packets a link loses, over connections that come and go with it. Pure: the caller says when it is.

A link that loses many packets loses its connection, too: TCP waits longer and longer before it sends again,
so that little is sent again while nothing arrives at all; then the connection ends. The next one begins with
nothing counted. None of that says that the link is well again.
"""

from typing import Final

WINDOW_S: Final = 1.0
WELL_PART: Final = 2  # a bad link is well where less than one in so many of the limit is lost


class Losses:
    """Packets sent again in the last second; a bad reading stands until there is a good one."""

    def __init__(self, limit_per_s: int) -> None:
        """Above the limit a reading is bad."""
        self._limit = limit_per_s
        self._bad = 0  # the last bad reading, while no good one came after it
        self._known: int | None = None  # sent again on this connection, as of the last look
        self._since_s = 0.0  # this connection is looked at
        self._lost: list[tuple[float, int]] = []

    def look(self, at_s: float, resent: int | None, waits: bool) -> int | None:
        """One look.

        Args:
            at_s: on a monotonic clock.
            resent: packets lost on this connection so far; None: there is none, or it is another one now.
                What was sent again counts until the other side says that it had that: so it may fall.
            waits: something was sent that should have been acknowledged by now.

        Returns:
            Packets in a second; None: nothing is known.
        """
        if resent is None:
            self._known, self._lost = None, []
            return self._bad or None
        if self._known is None:
            self._known, self._since_s, self._lost = resent, at_s, []
        self._lost = [(when, count) for when, count in self._lost if at_s - when < WINDOW_S]
        self._lost.append((at_s, max(0, resent - self._known)))
        self._known = max(self._known, resent)
        count = sum(more for _, more in self._lost)
        if count > self._limit:
            self._bad = count
        elif self._bad and not waits and at_s - self._since_s >= WINDOW_S:
            self._bad = self._bad if count * WELL_PART > self._limit else 0
        return self._bad or count
