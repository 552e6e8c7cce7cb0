"""What lies where in a pair's directory, and the file that tells others about it.

D/pair.json             who runs where, for `ftctl`, `chaos` and clients; rewritten at every change
D/pair.lock             held by the one supervisor of this directory
D/unit0.toml, unit1.toml, witness.toml    settings: written once, yours to edit
D/unit0/, unit1/, witness/                data
D/unit0.out, unit1.out  while this file is there, the unit is not started; its text says why
D/formed                the first start is over: the record was created
D/logs/                 what the processes said
D/pulled/               data of pulled units, set aside
"""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from ftnode.core.record import UNITS

FORMAT: Final = 1  # of pair.json
WITNESS: Final = "witness"
NAMES: Final = (WITNESS, *(f"unit{unit}" for unit in UNITS))


class PairError(Exception):
    """Something about the directory that its owner has to mend: what, where, what would be right."""


class Process(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One running process. `started_ticks` (field 22 of /proc/PID/stat) tells it from a later one
    under the same pid."""

    pid: int
    started_ticks: int


class WitnessFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the witness is, and its process if it runs."""

    address: str
    metrics: str
    process: Process | None = None


class UnitFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one unit's ports are, its process if it runs, and why it is kept out if it is."""

    unit: int
    till: str
    lockstep: str
    metrics: str
    admin: str
    console: str
    process: Process | None = None
    out: str = ""


class PairFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of pair.json."""

    format: int
    cabinet: str
    supervisor: Process
    witness: WitnessFacts
    units: tuple[UnitFacts, ...]


@dataclass(frozen=True, slots=True)
class PairDir:
    """The paths below one pair's directory. `root` is absolute."""

    root: Path

    @classmethod
    def at(cls, directory: str | Path) -> "PairDir":
        """The directory by any spelling of its path; it need not exist."""
        return cls(Path(os.path.realpath(directory)))

    @property
    def facts(self) -> Path:
        """pair.json"""
        return self.root / "pair.json"

    @property
    def lock(self) -> Path:
        """Held by the supervisor."""
        return self.root / "pair.lock"

    @property
    def formed(self) -> Path:
        """There once the cabinet was formed."""
        return self.root / "formed"

    @property
    def pulled(self) -> Path:
        """Where pulled units' data is set aside."""
        return self.root / "pulled"

    def config(self, name: str) -> Path:
        """Settings of `unit0`, `unit1` or `witness`."""
        return self.root / f"{name}.toml"

    def data(self, name: str) -> Path:
        """Data directory of `unit0`, `unit1` or `witness`."""
        return self.root / name

    def out(self, unit: int) -> Path:
        """Marker that keeps a unit from being started."""
        return self.root / f"unit{unit}.out"

    def log(self, name: str) -> Path:
        """Standard output and error of one process."""
        return self.root / "logs" / f"{name}.log"

    def out_reason(self, unit: int) -> str:
        """Why the unit is kept out, or empty."""
        try:
            return self.out(unit).read_text().strip() or "no reason given"
        except FileNotFoundError:
            return ""


def read_facts(pair: PairDir) -> PairFacts:
    """What pair.json says.

    Raises:
        PairError: there is none, or it is not ours.
    """
    try:
        facts = msgspec.json.decode(pair.facts.read_bytes(), type=PairFacts)
    except FileNotFoundError:
        raise PairError(
            f"{pair.facts}: not there; is this the directory that `ftnode pair --dir` was given?"
        ) from None
    except OSError as problem:
        raise PairError(f"{pair.facts}: cannot be read: {problem.strerror}") from problem
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise PairError(
            f"{pair.facts}: damaged ({problem}); a running `ftnode pair` rewrites it at its next start"
        ) from problem
    if facts.format != FORMAT:
        raise PairError(f"{pair.facts}: format {facts.format}, this version knows {FORMAT}")
    return facts


def write_facts(pair: PairDir, facts: PairFacts) -> None:
    """Replace pair.json in one step: a reader sees the old or the new one, whole."""
    write_whole(pair.facts, msgspec.json.format(msgspec.json.encode(facts), indent=2) + b"\n")


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step, never in part.

    Raises:
        PairError: the directory cannot be written.
    """
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as problem:
        raise PairError(f"{path}: cannot be written: {problem.strerror}") from problem
