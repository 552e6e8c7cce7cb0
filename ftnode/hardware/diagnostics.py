"""Diagnostics: what a unit can find out about its own parts in a second or two, at start and on demand.

Nothing here changes what the unit stores; the disk test has a file of its own, removed at its end. For a
thread: it waits for the disk.
"""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

from ftnode.hardware import probes
from ftnode.hardware.parts import Part

TEST_NAME: Final = "diagnose.test"
BLOCK_BYTES: Final = 64 << 10
BLOCKS: Final = 16
SYNCS: Final = 8
MEMORY_BYTES: Final = 8 << 20
PATTERNS: Final = (0x00, 0xFF, 0x55, 0xAA)
CLOCK_TEST_S: Final = 0.05
CLOCK_OFF_PERCENT: Final = 20
CODE_NAME: Final = "code.digest"
EARLIEST_WALL_S: Final = 1_704_067_200  # 2024: an earlier wall clock was never set


class Check(NamedTuple):
    """What came of looking at one part."""

    part: Part
    name: str
    problem: str  # empty: passed
    told: str  # what was measured
    took_us: int


class Bounds(NamedTuple):
    """From the configuration."""

    free_min_bytes: int
    fsync_fail_ms: int  # slower than that: no disk to promise anything on


def run(directory: Path, bounds: Bounds, roots: Sequence[Path]) -> list[Check]:
    """All checks, one after the other; none raises. `roots` are the packages whose code is digested."""
    return [
        _timed(Part.DISK, "write and read back", lambda: _disk(directory, bounds)),
        _timed(Part.DISK, "room", lambda: _room(directory, bounds)),
        _timed(Part.MEMORY, "patterns", _memory),
        _timed(Part.CLOCK, "both clocks run", _clock),
        _timed(Part.UNIT, "installed code", lambda: _code(directory, roots)),
    ]


def problem_of(checks: Iterable[Check]) -> str:
    """Why this unit may not serve; empty if it may. A changed program or little room is no fault."""
    soft = {"room", "installed code"}
    failed = [check for check in checks if check.problem and check.name not in soft]
    return "; ".join(f"{check.part.value}, {check.name}: {check.problem}" for check in failed)


def _timed(part: Part, name: str, test: Callable[[], tuple[str, str]]) -> Check:
    began_ns = time.monotonic_ns()
    try:
        problem, told = test()
    except (OSError, MemoryError) as error:
        problem, told = str(error) or type(error).__name__, ""
    return Check(part, name, problem, told, (time.monotonic_ns() - began_ns) // 1000)


def _disk(directory: Path, bounds: Bounds) -> tuple[str, str]:
    """Blocks that differ, each synced for half of them, then read back from the disk and compared."""
    path = directory / TEST_NAME
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
    slowest_ms = 0
    try:
        for number in range(BLOCKS):
            os.pwrite(fd, _block(number), number * BLOCK_BYTES)
            if number < SYNCS:
                began_ns = time.monotonic_ns()
                os.fdatasync(fd)
                slowest_ms = max(slowest_ms, (time.monotonic_ns() - began_ns) // 1_000_000)
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        for number in range(BLOCKS):
            if os.pread(fd, BLOCK_BYTES, number * BLOCK_BYTES) != _block(number):
                return f"{path}: block {number} came back other than it was written", ""
    except OSError as error:
        if error.errno in (28, 122):  # ENOSPC, EDQUOT: no room is not a broken disk
            return "", "no room to try it: see room"
        raise
    finally:
        os.close(fd)
        path.unlink(missing_ok=True)
    told = f"{BLOCKS * BLOCK_BYTES >> 10} KiB, slowest of {SYNCS} syncs {slowest_ms} ms"
    if slowest_ms > bounds.fsync_fail_ms:
        return f"an fsync took {slowest_ms} ms, at most {bounds.fsync_fail_ms} ms", told
    return "", told


def _block(number: int) -> bytes:
    seed = blake2b(number.to_bytes(4, "little"), digest_size=64).digest()
    return seed * (BLOCK_BYTES // len(seed))


def _room(directory: Path, bounds: Bounds) -> tuple[str, str]:
    free = probes.free_bytes(directory)
    told = f"{free} bytes free"
    if free < bounds.free_min_bytes:
        return f"{told} in {directory}, below log.free_min_bytes = {bounds.free_min_bytes}", told
    return "", told


def _memory() -> tuple[str, str]:
    """A bounded piece of memory keeps what is written to it."""
    block = bytearray(MEMORY_BYTES)
    for pattern in PATTERNS:
        wanted = bytes([pattern]) * MEMORY_BYTES
        block[:] = wanted
        if block != wanted:
            at = next(at for at in range(MEMORY_BYTES) if block[at] != pattern)
            return f"byte {at} of a test block is {block[at]:#x}, {pattern:#x} was written", ""
    return "", f"{MEMORY_BYTES >> 20} MiB, {len(PATTERNS)} patterns"


def _clock() -> tuple[str, str]:
    """Both clocks move, forward, and about as fast as each other."""
    wall_ns, mono_ns = time.time_ns(), time.monotonic_ns()
    if wall_ns < EARLIEST_WALL_S * 1_000_000_000:
        return "the wall clock was never set: it is before 2024", ""
    time.sleep(CLOCK_TEST_S)
    wall_ns, mono_ns = time.time_ns() - wall_ns, time.monotonic_ns() - mono_ns
    told = f"in {mono_ns // 1000} us the wall clock moved {wall_ns // 1000} us"
    if mono_ns <= 0:
        return "the monotonic clock does not move", told
    apart = abs(wall_ns - mono_ns) * 100 // mono_ns
    return (f"they run {apart} % apart" if apart > CLOCK_OFF_PERCENT else ""), told


def _code(directory: Path, roots: Sequence[Path]) -> tuple[str, str]:
    """The program is the one that was noted at its last change; a new one is noted, and said."""
    digest = code_digest(roots)
    noted = directory / CODE_NAME
    known = noted.read_text(errors="replace").strip() if noted.exists() else ""
    if known != digest:
        noted.write_text(digest + "\n")
    if known and known != digest:
        return f"the program is {digest}, at the last look it was {known}", digest
    return "", digest


def code_digest(roots: Sequence[Path]) -> str:
    """One digest over the names and contents of all source files below the packages' directories."""
    whole = blake2b(digest_size=16)
    for root in roots:
        for path in sorted(root.rglob("*.py")):
            whole.update(f"{root.name}/{path.relative_to(root)}\0".encode())
            whole.update(blake2b(path.read_bytes(), digest_size=16).digest())
    return whole.hexdigest()
