"""A run of anything in a directory of its own, which is kept if something was off."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

PROBLEM_MAX: Final = 2000  # characters shown of one


class Played(Protocol):
    """What came of it."""

    @property
    def ok(self) -> bool:
        """Is there nothing to look at?"""

    @property
    def problems(self) -> list[str]:
        """What is off, a line each."""


T = TypeVar("T", bound=Played)


def in_own_directory(
    name: str, play: Callable[[Path], Coroutine[Any, Any, T]], in_words: Callable[[T], str], last: int = 0
) -> T:
    """Play it, and say in a line what came of it, and below what is off: all of that, or the `last` lines."""
    directory = Path(tempfile.mkdtemp(prefix=f"ftnode-{name}-"))
    played = asyncio.run(play(directory))
    print(f"{'ok ' if played.ok else 'OFF'} {name:<26} {in_words(played)}", flush=True)
    for problem in played.problems[-last:]:
        print(f"    {problem[:PROBLEM_MAX]}", flush=True)
    if played.ok:
        shutil.rmtree(directory)
    else:
        print(f"    left to be looked at: {directory}", flush=True)
    return played
