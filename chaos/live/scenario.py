"""Scenarios as data: a file says what is done, what has to come of it, and what tills may feel.

Two acts: *hurt*, after which nothing may be lost, and *heal*, after which the pair
is whole again and answers as before.
"""

from importlib import resources
from typing import Final, Literal

import msgspec

Do = Literal["", "crash", "hang", "stutter", "pull", "insert", "switchover", "bring-down", "bring-up"]
Who = Literal["", "active", "standby", "pulled", "witness", "both", "all"]
Until = Literal["", "takeover", "simplex", "duplex"]
SUFFIX: Final = ".toml"


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Do something to somebody, then wait until the pair is as it has to be."""

    do: Do = ""
    who: Who = ""
    seconds: float = 0.0  # hang, stutter: for so long
    until: Until = ""
    within_s: float = 30.0


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file. `gap_ms` and `wait_ms` must hold in nine of ten repetitions."""

    name: str = ""
    why: str
    cycle_s: float  # from the start of one repetition to the next; hurt and heal must fit
    gap_ms: float  # longest time in which no till got an answer
    wait_ms: float  # longest time of one till to a definite answer
    hurt: tuple[Step, ...]
    heal: tuple[Step, ...]


def load(name: str) -> Scenario:
    """One scenario by its name.

    Raises:
        ValueError: there is none of this name, or its file is wrong; says what would be right.
    """
    file = resources.files("chaos.scenarios").joinpath(name + SUFFIX)
    if not file.is_file():
        raise ValueError(f"no scenario is called {name}; there are {', '.join(names())}")
    try:
        return msgspec.structs.replace(msgspec.toml.decode(file.read_bytes(), type=Scenario), name=name)
    except msgspec.MsgspecError as problem:
        raise ValueError(f"chaos/scenarios/{name}{SUFFIX}: {problem}") from problem


def names() -> list[str]:
    """All scenarios."""
    files = resources.files("chaos.scenarios").iterdir()
    return sorted(file.name.removesuffix(SUFFIX) for file in files if file.name.endswith(SUFFIX))
