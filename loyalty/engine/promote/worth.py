"""Value as whole numbers: what points of each wallet are worth, over one denominator for all of them."""

from collections.abc import Mapping
from math import lcm

from msgspec import Struct


class Worths(Struct, frozen=True, gc=False):
    """A minor unit is worth `denominator`, a point of a wallet `points[wallet]`; none: nothing."""

    denominator: int
    points: Mapping[int, int]

    def of(self, wallet: int) -> int:
        """What one point is worth."""
        return self.points.get(wallet, 0)


def worths_of(published: Mapping[int, tuple[int, int]]) -> Worths:
    """(minor, points) of each wallet, over one denominator."""
    known = {wallet: pair for wallet, pair in published.items() if pair[0] > 0 and pair[1] > 0}
    denominator = lcm(*(points for _, points in known.values()))
    return Worths(
        denominator, {wallet: denominator // points * minor for wallet, (minor, points) in known.items()}
    )
