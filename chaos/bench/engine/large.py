"""A large club against a small one: does the cost of an entry grow with how many members there are?

Both are loaded through the executor, entry by entry, with checkpoints: what lies in LMDB is what a unit would
have. Their purchases are measured in turns, in one process.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Final, NamedTuple

import psutil

from chaos.bench.engine import fixtures as fix
from chaos.bench.engine.judge import LARGE_TIMES, Row, median, p99
from chaos.bench.engine.unit import WARM_ENTRIES, Unit, settle
from loyalty import commands as cmd
from loyalty.commands import places

CHECKPOINT_ENTRIES: Final = 50_000
MEMBERS: Final = 2_500_000
SPENDS_POINTS: Final = 300
BYTES_PER_MEMBER: Final = 3_000  # on disk, with room to spare

Tick = Callable[[], None]


class Size(NamedTuple):
    """Of a club."""

    members: int
    partners: int
    stores: int

    @property
    def entries(self) -> int:
        """To load it."""
        return 1 + self.members + self.partners + self.stores


SMALL: Final = Size(10_000, fix.PARTNERS, 100)


class Loaded:
    """A club in LMDB; each member has his welcome points, and whoever buys has what that earned."""

    def __init__(self, path: Path, size: Size) -> None:
        self.path, self.size = path, size
        self.unit = Unit(path, request_ids=False)
        self.chance = Random(fix.SEED)
        self.number = 0
        self.seconds = 0.0

    def load(self, tick: Tick) -> None:
        """Everything, with a checkpoint each CHECKPOINT_ENTRIES; `tick` once for each of `size.entries`."""
        began = perf_counter()
        for number, command in enumerate(self._commands(), 1):
            self.unit.run(command)
            tick()
            if number % CHECKPOINT_ENTRIES == 0:
                self.unit.checkpoint()
        self.unit.checkpoint()
        self.seconds = perf_counter() - began
        self.unit.request_ids = True

    def _commands(self) -> Iterator[cmd.Command]:
        yield from fix.published(self.size.partners, self.size.stores)
        for number in range(self.size.members):
            yield cmd.Enrol(fix.phone(number), (), 0)

    def time_purchase(self) -> int:
        """By any member, found by phone, in any store; nanoseconds."""
        self.number += 1
        phone = fix.phone(self.chance.randrange(self.size.members))
        store = 1 + self.chance.randrange(self.size.stores)
        lines = fix.three_lines(fix.PLAIN)
        who = places.phone_token(phone)
        return self.unit.time_entry(fix.purchase(self.number, who, lines, SPENDS_POINTS, store))

    @property
    def file_mib(self) -> float:
        """On disk."""
        return (self.path / "data.mdb").stat().st_size / 2**20

    def restart_s(self) -> float:
        """Open it anew, with nothing of it in memory, and serve a first purchase."""
        self.unit.checkpoint()
        self.unit.close()
        _drop_pages(self.path / "data.mdb")
        began = perf_counter()
        self.unit = Unit(self.path)
        self.time_purchase()
        return perf_counter() - began


def measure(root: Path, size: Size, entries: int, ticks: tuple[Tick, Tick, Tick]) -> list[Row]:
    """Load both, measure in turns, restart the large one.

    Args:
        ticks: once for each entry loaded into the small club, into the large one, and for each two measured.
    """
    small, large = Loaded(root / "small", SMALL), Loaded(root / "large", size)
    small.load(ticks[0])
    large.load(ticks[1])
    anonymous_mib = _anonymous_mib()
    settle()
    took_ns: tuple[list[int], list[int]] = ([], [])
    for number in range(entries + WARM_ENTRIES):
        for one, found in zip((small, large), took_ns, strict=True):
            took = one.time_purchase()
            if number >= WARM_ENTRIES:
                found.append(took)
        ticks[2]()
    roots_us = [one.unit.checkpoint().root_ns / (entries + WARM_ENTRIES) / 1000 for one in (small, large)]
    costs_us = [median(found) / 1000 + root for found, root in zip(took_ns, roots_us, strict=True)]
    tails_us = [p99(found) / 1000 + root for found, root in zip(took_ns, roots_us, strict=True)]
    name = (
        f"cost of an entry with {size.members:,} members, {size.partners:,} partners, {size.stores:,} stores"
    )
    told = [f"{cost:.1f} us (p99 {tail:.0f})" for cost, tail in zip(costs_us, tails_us, strict=True)]
    note = f"{told[1]} against {told[0]} with {SMALL.members:,}"
    rows = [
        Row(name, "x", costs_us[1] / costs_us[0], LARGE_TIMES, note=note),
        Row("load rate", "1/s", size.entries / large.seconds, note=f"{large.seconds:.0f} s, wall clock"),
        Row("restart: open it, first purchase, nothing in memory", "s", large.restart_s()),
        Row("memory of the process, without the file's pages", "MiB", anonymous_mib, note="after loading"),
        Row(
            "file", "MiB", large.file_mib, note=f"{large.file_mib * 2**20 / size.members:.0f} bytes a member"
        ),
    ]
    for one in (small, large):
        one.unit.close()
    return rows


def wanted_bytes(size: Size) -> int:
    """Room that the state needs on the disk."""
    return size.entries * BYTES_PER_MEMBER


def _anonymous_mib() -> float:
    memory = psutil.Process().memory_info()
    return float(memory.rss - memory.shared) / 2**20


def _drop_pages(path: Path) -> None:
    """Of this file, in the system's memory: only clean ones go, so it is synced."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fdatasync(file)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(file)
