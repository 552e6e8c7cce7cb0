"""Counting without cost: plain numbers that the hot path raises and a scrape reads.

prometheus_client's own counters take a lock and, with labels, a look-up for each event. These are
for one writer each; a scrape may see one event more in the sum than in a bucket, which is harmless.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterator
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)

LABELS_MAX: Final = 256  # different keys of one tally; a peer must not be able to fill our memory


class Tally(Generic[K]):
    """How often each of a few keys occurred; keys beyond `LABELS_MAX` count as `other`."""

    __slots__ = ("_counts", "_other")

    def __init__(self, other: K) -> None:
        self._counts: dict[K, int] = {}
        self._other = other

    def add(self, key: K, times: int = 1) -> None:
        """`key` occurred."""
        counts = self._counts
        if key in counts:
            counts[key] += times
        elif len(counts) < LABELS_MAX:
            counts[key] = times
        else:
            counts[self._other] = counts.get(self._other, 0) + times

    def __getitem__(self, key: K) -> int:
        return self._counts.get(key, 0)

    def items(self) -> Iterator[tuple[K, int]]:
        """(key, count), as of now."""
        return iter(list(self._counts.items()))


class Buckets:
    """A histogram: how many observations were at most each bound.

    Args:
        bounds: rising; what is above the last one still counts.
    """

    __slots__ = ("_bounds", "_counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.total = 0.0  # sum of all observations

    def add(self, value: float) -> None:
        """One observation."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """All observations."""
        return sum(self._counts)

    def cumulative(self) -> list[tuple[str, float]]:
        """(bound, count at or below it) as Prometheus wants them, `+Inf` last."""
        result, so_far = [], 0
        for bound, count in zip((*self._bounds, float("inf")), self._counts, strict=True):
            so_far += count
            result.append(("+Inf" if bound == float("inf") else repr(float(bound)), float(so_far)))
        return result
