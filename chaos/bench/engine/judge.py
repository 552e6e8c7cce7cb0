"""What was promised and what was measured: a row each, judged alone."""

import statistics
from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

ENTRY_US: Final = 100.0  # three lines with spending, no promotion matching
CONFLICT_US: Final = 1_000.0  # 300 live promotions, 10 applicable, 6 of them in conflict
QUOTE_P99_MS: Final = 20.0  # 40 lines with 300 promotions
LONGEST_MS: Final = 25.0  # any command or query
LOTS_TIMES: Final = 2.0  # a member with 1,000 lots against one with 10
LARGE_TIMES: Final = 1.5  # 2,500,000 members against 10,000


class Row(Struct, frozen=True):
    """One figure. `most` None: told, not promised."""

    name: str
    unit: str  # us, ms, x, s, 1/s, MiB
    value: float
    most: float | None = None
    below: bool = False  # `most` itself is too much
    p99: float | None = None  # in the same unit
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is as promised."""
        if self.most is None:
            return True
        return self.value < self.most if self.below else self.value <= self.most

    @property
    def verdict(self) -> str:
        """For people."""
        return "told" if self.most is None else "ok" if self.ok else "MISSED"

    @property
    def wanted(self) -> str:
        """For people."""
        return "" if self.most is None else f"{'<' if self.below else '<='} {self.most:g}"

    def as_json(self) -> dict[str, Any]:
        """For the last line."""
        found: dict[str, Any] = {"unit": self.unit, "value": round(self.value, 3), "verdict": self.verdict}
        if self.most is not None:
            found["wanted"] = self.wanted
        if self.p99 is not None:
            found["p99"] = round(self.p99, 3)
        return found | ({"note": self.note} if self.note else {})


def median(took_ns: Sequence[float]) -> float:
    """Of the times."""
    return statistics.median(took_ns)


def p99(took_ns: Sequence[int]) -> float:
    """Nanoseconds: 99 of 100 took no longer."""
    return sorted(took_ns)[max(0, -(-len(took_ns) * 99 // 100) - 1)]


def all_ok(rows: Sequence[Row]) -> bool:
    """Whether something was shown, and all that was promised of it."""
    return bool(rows) and all(row.ok for row in rows)
