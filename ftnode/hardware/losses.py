"""How many packets a link loses, over connections that come and go with it. Pure: the caller says when it is.

A link that loses many packets loses its connection, too: TCP waits longer and longer before it sends again,
so that little is sent again while nothing arrives at all; then the connection ends. The next one begins with
nothing counted. And who is out has little to say: few packets are lost a second where few are sent. None of
that says that the link is well again: only packets that arrive do.
"""

from typing import Final, NamedTuple

WINDOW_S: Final = 1.0
WELL_PACKETS: Final = 100  # a bad link is well when of so many
WELL_LOST: Final = 2  # no more were lost


class Seen(NamedTuple):
    """Of one connection so far."""

    lost: int  # sent again, and the other side did not say that it had it already: so it may fall
    sent: int  # packets with something in them
    waits: bool = False  # something was sent that should have been acknowledged by now


class Losses:
    """Packets lost in the last second; a bad reading stands until there is a good one."""

    def __init__(self, limit_per_s: int) -> None:
        """Above the limit a reading is bad."""
        self._limit = limit_per_s
        self._bad = 0  # the last bad reading, while the link is not known to be well since
        self._known: Seen | None = None  # of this connection, as of the last look
        self._since = Seen(0, 0)  # of this connection, where the counting of a bad link's packets began
        self._lost: list[tuple[float, int]] = []

    def look(self, at_s: float, seen: Seen | None) -> int | None:
        """One look.

        Args:
            at_s: on a monotonic clock.
            seen: of the connection; None: there is none, or it is another one now.

        Returns:
            Packets in a second; None: nothing is known.
        """
        if seen is None:
            self._known, self._lost = None, []
            return self._bad or None
        if self._known is None:
            self._known, self._since, self._lost = seen, seen, []
        seen = seen._replace(lost=max(seen.lost, self._known.lost))
        self._lost = [(when, count) for when, count in self._lost if at_s - when < WINDOW_S]
        self._lost.append((at_s, seen.lost - self._known.lost))
        self._known = seen
        count = sum(more for _, more in self._lost)
        if count > self._limit:
            self._bad, self._since = count, seen
        elif self._bad and not seen.waits and seen.sent - self._since.sent >= WELL_PACKETS:
            self._bad = self._bad if seen.lost - self._since.lost > WELL_LOST else 0
            self._since = seen
        return self._bad or count
