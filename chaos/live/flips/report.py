"""What became of each flip, and the table of what found them."""

from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from rich.table import Table

FRAMED: Final = "check of a frame"
CHAINED: Final = "chain of the log's hashes"
SCRUBBED: Final = "slot roots, recounted by the scrubber"
# What a unit says of itself, and the check that made it say so: the first that fits.
CHECKS: Final = (
    ("re-executed it answers", "answers of both units to a read"),
    ("re-executed it wrote", "digests, then the entry's writes"),
    ("did not write", "digests, then the entry's writes"),
    ("re-executed it did not", "digests, then the entry's writes"),
    ("the same both times", "digests, then the entry's outcome"),
    ("gave another digest", "digests"),
    ("it would write oth", "roots of the next checkpoint"),
    ("does not add up to its roots", "slot roots, recounted"),
    ("does not match its checksum", "checksum of a stored value"),
    ("changed on its way", FRAMED),
    ("chain", CHAINED),
    ("bug", "an exception of the program"),
)


@dataclass(frozen=True, slots=True)
class Flip:
    """One that had an effect."""

    place: str
    kind: str  # value, key, ...
    unit: int
    active: bool
    convicted: int  # the unit that went; -1: repaired, nobody had to go
    check: str
    seconds: float  # from the flip to the effect
    away_s: float  # until the pair was whole again


@dataclass(slots=True)
class Flips:
    """All of a run."""

    found: list[Flip] = field(default_factory=list)
    idle: dict[str, int] = field(default_factory=dict)  # flips without any effect, by place
    problems: list[str] = field(default_factory=list)
    calls: int = 0

    def effective(self, place: str) -> list[Flip]:
        """Of one place."""
        return [flip for flip in self.found if flip.place == place]

    def ok(self, places: list[str], times: int) -> bool:
        """Whether enough had an effect, and nothing was wrong."""
        return not self.problems and all(len(self.effective(place)) >= times for place in places)

    def figures(self, places: list[str], times: int) -> dict[str, Any]:
        """For programs."""
        return {
            "verdict": "pass" if self.ok(places, times) else "fail",
            "wrong": self.problems,
            "answers_checked": self.calls,
            "places": {place: self._of(place) for place in places},
        }

    def _of(self, place: str) -> dict[str, Any]:
        flips = self.effective(place)
        return {
            "effective": len(flips),
            "without_effect": self.idle.get(place, 0),
            "of_keys": sum(flip.kind != "value" for flip in flips),
            "on_active": sum(flip.active for flip in flips),
            "convicted": sum(flip.convicted >= 0 for flip in flips),
            "repaired": sum(flip.convicted < 0 for flip in flips),
            "found_after_s": _spread([flip.seconds for flip in flips]),
            "whole_after_s": _spread([flip.away_s for flip in flips]),
        }


def check_of(words: str) -> str:
    """Which check made a unit say this."""
    return next((check for part, check in CHECKS if part in words), words[:60] or "a crash")


def table(flips: Flips) -> Table:
    """What was found by which check, how soon."""
    shown = Table(title="what found the bits that changed")
    for name in ("place", "what", "found by", "flips", "after s (median)", "longest"):
        shown.add_column(name, justify="left" if name in ("place", "what", "found by") else "right")
    rows: dict[tuple[str, str, str], list[float]] = {}
    for flip in flips.found:
        rows.setdefault((flip.place, flip.kind, flip.check), []).append(flip.seconds)
    for (place, kind, check), seconds in sorted(rows.items()):
        shown.add_row(place, kind, check, str(len(seconds)), f"{median(seconds):.2f}", f"{max(seconds):.2f}")
    return shown


def _spread(seconds: list[float]) -> dict[str, float]:
    if not seconds:
        return {}
    return {"median": round(median(seconds), 2), "longest": round(max(seconds), 2)}
