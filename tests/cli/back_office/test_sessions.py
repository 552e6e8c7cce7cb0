"""Whole sessions as a person at the back office sees them, one text file each.

`$ ` begins a command, `<<< y` at its end is what is typed; `% ` begins one that has to be done and whose
words do not matter here; `@ ` sets the pair's clock (UTC), `# ` is a comment. `[1]` under what is said is
an exit status that is not 0. `REWRITE=1 pytest` writes them anew.
"""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.back_office.here import Here

HERE = Path(__file__).parent
SESSIONS = sorted((HERE / "sessions").glob("*.txt"))


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_session(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A difference that you can explain may be committed."""
    monkeypatch.chdir(HERE.parents[2])  # files are named from the project's top
    script = path.read_text("utf-8")
    with Here().plugged() as here:
        now = "\n".join(play(script, here)) + "\n"
    if os.environ.get("REWRITE"):
        path.write_text(now, "utf-8")
    assert now == script


def play(script: str, here: Here) -> Iterator[str]:
    for line in script.splitlines():
        mark, _, rest = line.partition(" ")
        if mark not in ("$", "%", "@", "#"):
            continue
        if mark != "#" or rest.startswith("-"):
            yield ""
        yield line
        if mark == "@":
            here.set_time(rest)
        elif mark == "%":
            here.done(*shlex.split(rest)[1:])
        elif mark == "$":
            typed, _, answer = rest.partition(" <<< ")
            status, said = here.say(*shlex.split(typed)[1:], typed=answer + "\n" if answer else "")
            yield from said.splitlines()
            if status:
                yield f"[{status}]"
