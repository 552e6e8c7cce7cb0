"""A backup is taken while tills buy: whole, again and again, onto the same machine and disk as the pair.

Promised: the tills' throughput is at least 80 % of that without, and their p99 at most 1.5 times as long.
Phases with and without follow one another, and who is first changes with each round; what is judged is the
median of the rounds' ratios. In earnest a backup goes to another machine once a day: this is the worst case.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from chaos.bench.isolation import CALLERS, FIRST_S, P99_MOST, SHARE, THROUGHPUT_LEAST, Isolated, measure
from chaos.bench.storm import Storm

END_S: Final = 60.0  # longest for the backup that is under way when a phase ends


@dataclass(slots=True)
class Taken:
    """What the backups brought."""

    backups: int = 0
    received_bytes: int = 0
    seconds: float = 0.0
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """What came of it."""

    tills: Isolated  # its phases, as with the back office; what that did is not asked here
    taken: Taken = field(default_factory=Taken)
    verified: bool = False

    @property
    def ok(self) -> bool:
        """Whether it was as promised, and there were backups, and the last one is sound."""
        kept = self.tills.throughput >= THROUGHPUT_LEAST and self.tills.p99 <= P99_MOST
        return kept and self.verified and self.taken.backups > 0 and not self.taken.failed

    def as_json(self) -> dict[str, Any]:
        """For the last line of the bench."""
        tills = self.tills.as_json()
        mib = self.taken.received_bytes / (1 << 20)
        return {
            "ok": self.ok,
            "throughput": tills["throughput"],
            "p99_ms": tills["p99_ms"],
            "unknown": tills["unknown"],
            "backups": self.taken.backups,
            "received_mib": round(mib, 1),
            "mib_per_s": round(mib / self.taken.seconds, 1) if self.taken.seconds else 0.0,
            "verified": self.verified,
            "failed": self.taken.failed,
        }


async def backup(storm: Storm, pair: Path, keep: Path, rounds: int, tell: Callable[[str], None]) -> Beside:
    """Measure with and without, in turns; backups go to `keep`."""
    first = await storm.closed_loop(CALLERS, FIRST_S)
    rate = first.rate_per_s * SHARE
    tell(f"  {first.rate_per_s:,.0f}/s before; open loop at {rate:,.0f}/s")
    taken, phases, unknown = Taken(), [], 0
    for number in range(rounds):
        for busy in (False, True) if number % 2 else (True, False):
            if busy:
                async with _taking(pair, keep, taken):
                    phase, tally = await measure(storm, busy, rate)
            else:
                phase, tally = await measure(storm, busy, rate)
            phases.append(phase)
            unknown += len(tally.unknown)
            which = "with" if busy else "without"
            tell(f"  {which:<8} {phase.rate_per_s:>8,.0f}/s  p99 {phase.p99_ms:.1f} ms")
    verdict = await _ftctl(pair, "verify-backup", str(keep))
    return Beside(Isolated(phases, unknown=unknown), taken, bool(verdict.get("ok")))


@asynccontextmanager
async def _taking(pair: Path, keep: Path, taken: Taken) -> AsyncIterator[None]:
    ending = asyncio.Event()
    work = asyncio.ensure_future(_again_and_again(pair, keep, taken, ending))
    try:
        yield
    finally:
        ending.set()
        await asyncio.wait_for(work, END_S)


async def _again_and_again(pair: Path, keep: Path, taken: Taken, ending: asyncio.Event) -> None:
    while not ending.is_set() and not taken.failed:
        done = await _ftctl(pair, "backup", str(keep), "--full", "--keep-snapshots", "2")
        if not done.get("ok"):
            taken.failed = str(done.get("why", "it said nothing"))
            return
        taken.backups += 1
        taken.received_bytes += done["received_bytes"]
        taken.seconds += done["seconds"]


async def _ftctl(pair: Path, *words: str) -> dict[str, Any]:
    """The last line of the command."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from ftnode.ctl.main import main; main()"),
        *("--dir", str(pair), *words, "--json"),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    lines = out.decode().strip().splitlines()
    found: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return found
