"""A pair with very many members, kept in a directory so that it is enrolled once and used again.

    KEPT/pair/...       what `ftnode pair` had in its directory when it was stopped in order
    KEPT/club.json      how many members there are, and some of them

Enrolling goes through the tills' port, in batches, as an import would.
"""

import asyncio
import json
import os
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from chaos.bench.ours import OurBench
from chaos.bench.workload import STORE
from chaos.live.observer import Observer
from chaos.live.stage import pair_running
from ftnode.config import load_unit
from ftnode.ctl import where
from ftnode.ctl.view import PairView
from ftnode.pair import files
from ftnode.pair.layout import NAMES, PairDir
from loyalty.v1 import till_pb2 as till

BATCH: Final = 500
CALLERS: Final = 4
SAMPLE: Final = 20_000  # members that buy later; in all slots
DEADLINE_S: Final = 60.0
FILE: Final = "club.json"
FORMAT: Final = 2
SMALL: Final = 100_000
CHECKPOINT_ENTRIES: Final = 20_000  # as units have it
LARGE_CLUB: Final = {"LOG_LOCAL_WINDOW_ENTRIES": 40_000}
SMALL_CLUB: Final = {
    "LOG_LOCAL_WINDOW_ENTRIES": 4000,
    "STATE_CHECKPOINT_ENTRIES": 2000,
    "LIMITS_BATCH_MAX_BYTES": 1_048_576,
    "LOG_SEGMENT_BYTES": 2_097_152,
    "JOIN_SNAPSHOT_MIN_BYTES_PER_S": 400_000,
    "JOIN_SNAPSHOT_MAX_BYTES_PER_S": 400_000,
}
SETTLE_S: Final = 600.0  # longest until the last checkpoints of a hurried import are written

Duplex = Callable[[PairDir], Awaitable[str]]


class Shoppers(OurBench):
    """Buys for members that exist already."""

    def __init__(self, targets: str, members: list[int]) -> None:
        super().__init__(targets, member_count=0)
        self._known = members

    async def __aenter__(self) -> "Shoppers":
        await super().__aenter__()
        self.members = self._known
        return self


def shape(members: int) -> None:
    """Units that we start keep so little of their log that a blank one needs the state, as after a year.

    A small club, to try the bench with, is sent so slowly that there is time for interruptions.
    """
    wanted = LARGE_CLUB if members >= SMALL else SMALL_CLUB
    for name, value in wanted.items():
        os.environ.setdefault(f"FTNODE_{name}", str(value))


def find(kept: Path, members: int) -> list[int] | None:
    """Those that buy, if a club of that size is kept there."""
    try:
        club = json.loads((kept / FILE).read_text())
    except (OSError, ValueError):
        return None
    fits = club.get("format") == FORMAT and club.get("members") == members
    return club["sample"] if fits else None


def keep(kept: Path, pair: PairDir, members: int, sample: list[int]) -> None:
    """Copy a pair that is stopped; whole or not at all."""
    shutil.rmtree(kept, ignore_errors=True)
    _copy(pair.root, kept / "pair")
    half = kept / f"{FILE}.new"
    half.write_text(json.dumps({"format": FORMAT, "members": members, "sample": sample}))
    os.replace(half, kept / FILE)


def take(kept: Path, pair: PairDir) -> None:
    """Put the kept pair into an empty directory, with ports of its own; on the disk, not on its way there.

    What the kernel wrote of a gigabyte half a minute later would be felt as if it were the pair's doing.
    """
    cabinet = load_unit(kept / "pair" / "unit0.toml", {}).unit.cabinet
    files.prepare(pair, cabinet, free_ports=True)
    _copy(kept / "pair", pair.root)
    os.sync()


def _copy(old: Path, new: Path) -> None:
    new.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        shutil.copytree(old / name, new / name, ignore=shutil.ignore_patterns("lock"), dirs_exist_ok=True)
    for name in ("formed", "unit0.toml"):
        if not (new / name).exists():
            shutil.copy2(old / name, new)


async def enrol(targets: str, members: int, tell: Callable[[str], None]) -> list[int]:
    """Enrol so many; some of them, evenly out of all."""
    every = max(1, members // SAMPLE)
    sample: list[int] = []
    done = 0
    began_s = told_s = time.monotonic()
    numbers = iter(range(0, members, BATCH))
    async with OurBench(targets, member_count=0) as bench:

        async def caller(prefer: int) -> None:
            nonlocal done, told_s
            for first in numbers:
                size = min(BATCH, members - first)
                found = await _batch(bench, first, size, prefer)
                sample.extend(found[:: min(every, BATCH)])
                done += size
                now_s = time.monotonic()
                if now_s - told_s > 5:
                    told_s, rate = now_s, done / (now_s - began_s)
                    tell(f"  {done:>9,} members, {rate:,.0f}/s, {(members - done) / rate:.0f} s left")

        await asyncio.gather(*(caller(number) for number in range(CALLERS)))
    tell(f"  {done:>9,} members in {time.monotonic() - began_s:.0f} s")
    return sample[:SAMPLE]


def on_disk(view: PairView) -> bool:
    """Whether both states on disk are as new as they become by themselves: an import outruns checkpoints."""
    seqs = [unit.status.seqs for unit in view.units if unit.status is not None]
    return len(seqs) == len(view.units) and all(
        seq.head_seq - seq.checkpoint_seq < 2 * CHECKPOINT_ENTRIES for seq in seqs
    )


async def _batch(bench: OurBench, first: int, size: int, prefer: int) -> list[int]:
    batch = till.ExecuteBatchRequest()
    for number in range(first, first + size):
        command = batch.commands.add().enrol
        command.request_id, command.store = os.urandom(16), STORE
        command.phone = f"+8869{number:011d}"
    ends_s = time.monotonic() + DEADLINE_S
    while True:
        reply = await bench.units.ask(
            "/loyalty.v1.TillService/ExecuteBatch", batch.SerializeToString(), prefer
        )
        if reply.body is not None:
            answers = till.ExecuteBatchResponse.FromString(reply.body).answers
            break
        if time.monotonic() > ends_s:
            raise RuntimeError(f"our pair gave no answer to a batch of enrolments: {reply.failure}")
        await asyncio.sleep(0.2)  # the same ids: each is enrolled once
    found = [answer.enrol.member_id for answer in answers]
    if len(found) != size or not all(found):
        raise RuntimeError(f"our pair did not enrol members for the bench: {answers[:1]}")
    return found


def build(kept: Path, root: Path, members: int, tell: Callable[[str], None], duplex: Duplex) -> list[int]:
    """Form a pair, enrol, stop it, keep it. `duplex` gives its targets once it is."""

    async def enrolled(pair: PairDir) -> list[int]:
        found = await enrol(await duplex(pair), members, tell)
        tell("  waiting for checkpoints")
        observer = Observer(where.find(str(pair.root)), tell)
        following = asyncio.ensure_future(observer.follow())
        try:
            await observer.until(on_disk, "checkpoints of all of it", SETTLE_S)
        finally:
            following.cancel()
        return found

    with pair_running(root) as pair:
        sample = asyncio.run(enrolled(pair))
    keep(kept, pair, members, sample)
    return sample
