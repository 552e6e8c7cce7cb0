"""Small libraries that are preloaded into one process: its clocks are wrong, or a sync of its log fails.

A file says how wrong the clocks are; its numbers may change while the process runs. Nothing else on this
machine sees any of it.
"""

import ctypes
import mmap
import shutil
import subprocess
import time
from pathlib import Path
from typing import Final

CLOCKS: Final = "clock_shim"
SYNCS: Final = "sync_shim"
BUILD_S: Final = 60.0
MILLION: Final = 1_000_000


class _Told(ctypes.Structure):
    """As `struct clocks` of the library."""

    _fields_ = [
        ("turn", ctypes.c_uint64),
        ("since_ns", ctypes.c_int64),
        ("shown_ns", ctypes.c_int64),
        ("ppm", ctypes.c_int64),
        ("wall_ns", ctypes.c_int64),
    ]


def missing_for_shim() -> str:
    """Why the library cannot be built here; empty if it can."""
    return "" if _compiler() else "no C compiler here (Debian: gcc); `make setup-test` installs it"


def _compiler() -> str | None:
    return shutil.which("gcc") or shutil.which("cc")


def build(directory: Path, name: str = CLOCKS) -> Path:
    """The library, built into the directory. Raises OSError with the compiler's words."""
    library = directory / f"{name}.so"
    command = [
        str(_compiler()),
        "-O2",
        "-shared",
        "-fPIC",
        "-o",
        str(library),
        str(Path(__file__).with_name(f"{name}.c")),
        "-ldl",
        "-lpthread",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_S, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")
    return library


class WrongClock:
    """The clocks of whoever is started with `environment`. Both are true until told otherwise."""

    def __init__(self, library: Path, path: Path) -> None:
        """`path` is made, and must stay as long as a process runs with it."""
        path.write_bytes(bytes(ctypes.sizeof(_Told)))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), ctypes.sizeof(_Told))
        self._told = _Told.from_buffer(self._memory)
        self._told.since_ns = self._told.shown_ns = time.monotonic_ns()
        self._told.ppm = MILLION
        self.environment = (f"LD_PRELOAD={library}", f"SHIM_CLOCK={path}")

    def set_off(self, seconds: float) -> None:
        """The wall clock is off by so much (0: right, but for what the rate made of it)."""
        self._change(wall_ns=round(seconds * 1e9))

    def run_at(self, ppm: int) -> None:
        """From now on both clocks run so many millionths faster (negative: slower). Neither steps."""
        now_ns = time.monotonic_ns()
        passed_ns = now_ns - self._told.since_ns
        shown_ns = self._told.shown_ns + passed_ns * self._told.ppm // MILLION
        self._change(since_ns=now_ns, shown_ns=shown_ns, ppm=MILLION + ppm)

    def _change(self, **numbers: int) -> None:
        self._told.turn += 1
        for name, number in numbers.items():
            setattr(self._told, name, number)
        self._told.turn += 1


def wrapped(clock: WrongClock) -> tuple[str, ...]:
    """What stands before a command that is to see these clocks."""
    return ("env", *clock.environment)
