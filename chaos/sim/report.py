"""Many seeds, one page: medians, counts of everything that happened, and what never did."""

from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from chaos.sim.reasons import RARE, known_reasons, known_rows, matches
from chaos.sim.run import Summary

FAULTS: Final = (
    "active ends during a snapshot",
    "active ends while a tail is cut",
    "bit flips on the wire",
    "blank disk",
    "brought up",
    "calls refused",
    "channel closed",
    "clock an hour off",
    "clock off",
    "crash between effects",
    "crash within a disk step",
    "cut clients",
    "cut link",
    "cut link with a hung disk",
    "cut one way",
    "cut witness",
    "delay",
    "diagnosis fails",
    "disk hangs",
    "engine stands still",
    "entries heard again",
    "doubling",
    "echoes",
    "fsync fails",
    "isolate",
    "join swap lands late",
    "kill",
    "kill of both",
    "late swaps",
    "link breaks without witness",
    "loss",
    "lost answer of a shrink",
    "memory flip",
    "memory changes where nobody looks",
    "memory shows reads something else",
    "both memories flip",
    "re-execution hangs",
    "doubt heard again",
    "newcomer dies without witness",
    "power cut",
    "power cut of both",
    "reordering",
    "rolled-back disk",
    "rot",
    "slow comparison",
    "slow disk",
    "stale answers",
    "stall",
    "strange witness",
    "standby restarts at once",
    "switchover",
    "taken out",
    "told to stop",
    "torn write",
    "witness down",
    "witness restart",
    "witness slow",
)
NEEDS: Final = {"simulated_ms": 60_000, "commands": 200, "faults": 5}
"""What a seed must have in the median, or the run proves less than it says."""


@dataclass(slots=True)
class Report:
    """Adds up summaries."""

    seeds: int = 0
    failed: list[Summary] = field(default_factory=list)
    profiles: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    answered: int = 0
    unknown: int = 0
    per_seed: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in NEEDS})

    def add(self, summary: Summary) -> None:
        """One more seed."""
        self.seeds += 1
        if not summary.ok:
            self.failed.append(summary)
        self.profiles[summary.profile] += 1
        self.faults += summary.faults
        self.rows += summary.rows
        self.ignored += summary.ignored
        self.seen += summary.seen
        self.steps += summary.steps
        self.answered += summary.answered
        self.unknown += summary.unknown
        self.per_seed["simulated_ms"].append(summary.simulated_ms)
        self.per_seed["commands"].append(summary.commands)
        self.per_seed["faults"].append(sum(summary.faults.values()))

    def never(self) -> dict[str, list[str]]:
        """Known faults, rows and reasons of which no seed had any; the rare ones are no gap."""
        reasons = [
            reason
            for reason in known_reasons()
            if reason not in RARE and not any(matches(reason, seen) for seen in self.ignored)
        ]
        return {
            "faults": [name for name in FAULTS if not self.faults[name]],
            "rows": [name for name in known_rows() if not self.rows[name]],
            "reasons": reasons,
        }

    def medians(self) -> dict[str, float]:
        """Of simulated time, commands and faults of a seed."""
        return {name: median(values) if values else 0 for name, values in self.per_seed.items()}

    def ok(self, complete: bool) -> bool:
        """No seed failed; and, of a run that is meant to be complete, nothing never happened."""
        if self.failed or not self.seeds:
            return False
        enough = all(self.medians()[name] >= least for name, least in NEEDS.items())
        return not complete or (enough and not any(self.never().values()))

    def figures(self, complete: bool, seconds: float) -> dict[str, Any]:
        """What the last line says."""
        return {
            "verdict": "pass" if self.ok(complete) else "fail",
            "seeds": self.seeds,
            "failed": [
                {"seed": bad.seed, "check": bad.check, "story": bad.story[:300]} for bad in self.failed[:20]
            ],
            "failed_count": len(self.failed),
            "seconds": round(seconds, 1),
            "median": self.medians(),
            "steps": self.steps,
            "answered": self.answered,
            "unknown": self.unknown,
            "faults": sum(self.faults.values()),
            "never": self.never(),
        }

    def page(self) -> str:
        """All counts, for people."""
        parts = []
        for title, counts in (
            ("profiles", self.profiles),
            ("faults", self.faults),
            ("rows of the state table", self.rows),
            ("reasons to do nothing", self.ignored),
            ("seen besides", self.seen),
        ):
            parts.append(f"\n{title}")
            parts += [f"  {count:>9,}  {name}" for name, count in sorted(counts.items())]
        return "\n".join(parts)
