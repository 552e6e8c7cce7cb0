"""Compile the modules that every entry runs through, with mypyc: `make compiled`.

The engine is typed to the last value, so mypyc can make C of it; an entry costs a third less. It is the same
program: the same tests run on it (`make test-compiled`), its bytes and digests are equal, and one unit of a
pair may run compiled and the other not. The protocol's core is not compiled: it is not where the time goes.
Neither are values, which are msgspec's own work.

What is compiled lies in build/compiled, beside a copy of everything, and is made anew when a source has
changed: nothing compiled ever lies beside a source that was edited. Needs a C compiler and Python's headers,
and a minute or two. Prints the directory to run in: that copy or, where nothing can be compiled, this one.
"""

import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tools.needs import ROOT

COMPILED: Final = ROOT / "build" / "compiled"
STAMP: Final = ".compiled"  # of what was compiled; written when all of it is there
SOURCES: Final = ("ftnode", "loyalty")  # what is compiled, and all that it depends on
BESIDE: Final = ("chaos", "tests", "tools", "deploy", "proto", "pyproject.toml")

LAST_LINES: Final = 20  # of a compiler that failed

MACHINE: Final = "digest executor overlay requests view"
STORE: Final = "hashing state_lmdb_file state_lmdb_read state_lmdb_writer state_roots"
ENGINE: Final = (
    "baskets billing book book_index booking budgets buyers calendar checks conditions confirm flow keys "
    "lots machine members orders paying pending plans postings pricing programmes purses returns "
    "settling shares spread terms tiers undo"
)
PROMOTE: Final = (
    "awards best bound bundle compound explain ground leaf money offers pieces points search walk worth"
)
WIRE: Final = "baskets calls parts responses"
MODULES: Final = (
    *[f"ftnode/machine/{name}.py" for name in MACHINE.split()],
    *[f"ftnode/store/{name}.py" for name in STORE.split()],
    "loyalty/commands/places.py",
    *[f"loyalty/engine/{name}.py" for name in ENGINE.split()],
    *[f"loyalty/engine/promote/{name}.py" for name in PROMOTE.split()],
    *[f"loyalty/wire/{name}.py" for name in WIRE.split()],
)


def main() -> int:
    """Compile if anything changed, and print where; 1 if it was told to and cannot."""
    must = "--must" in sys.argv[1:]
    why = what_is_missing()
    if why:
        print(f"compile: {why}" + "; running the sources as they are" * (not must), file=sys.stderr)
        print(ROOT)
        return int(must)
    stamp = stamp_of(ROOT)
    if _read(COMPILED / STAMP) != stamp:
        print(f"compile: {len(MODULES)} modules into {COMPILED} (once, a minute or two)", file=sys.stderr)
        shutil.rmtree(COMPILED, ignore_errors=True)
        _copy(SOURCES, COMPILED)
        _copy(BESIDE, COMPILED)  # pyproject.toml has mypy's settings
        if problem := _compile(COMPILED):
            print(problem, file=sys.stderr)
            return 1
        (COMPILED / STAMP).write_text(stamp)
    _copy(BESIDE, COMPILED)
    print(COMPILED)
    return 0


def what_is_missing() -> str:
    """Why nothing can be compiled here; empty if it can."""
    if shutil.which(os.environ.get("CC", "cc")) is None:
        return "no C compiler here (Debian: gcc)"
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        return "no headers of this Python here (Debian: python3-dev)"
    return ""


def stamp_of(root: Path) -> str:
    """A digest of all that the compiled modules depend on."""
    whole = hashlib.blake2b(digest_size=16)
    for text in (sys.version, importlib.metadata.version("mypy"), *MODULES):
        whole.update(text.encode())
    for path in sorted(path for name in SOURCES for path in _files(root / name)):
        content = path.read_bytes()
        whole.update(b"%s %d\n" % (str(path.relative_to(root)).encode(), len(content)) + content)
    return whole.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    """What is copied of a directory, or the file itself."""
    if path.is_file():
        yield path
    for one in path.rglob("*"):
        if one.is_file() and "__pycache__" not in one.parts and one.suffix != ".so":
            yield one


def _copy(names: Sequence[str], into: Path) -> None:
    """These as they are now; what is gone here is gone there, too."""
    for name in names:
        shutil.rmtree(into / name, ignore_errors=True)
        for path in _files(ROOT / name):
            place = into / path.relative_to(ROOT)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, place)


def _compile(into: Path) -> str:
    """What went wrong; empty: nothing."""
    log = into.with_suffix(".log")
    with log.open("w") as said:
        done = subprocess.run(
            [sys.executable, "-m", "mypyc", *MODULES],
            cwd=into,
            env={**os.environ, "PYTHONPATH": str(into), "MYPYC_OPT_LEVEL": "2"},
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
        )
    shutil.rmtree(into / "build", ignore_errors=True)
    shutil.rmtree(into / ".mypy_cache", ignore_errors=True)
    if not done.returncode:
        return ""
    last = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
    return "\n".join([*last, f"compile: mypyc failed; all it said is in {log}"])


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
