"""What a seed looks like: which faults, how often, which machine and clients. The seed picks one.

Rare stories need schedules that go looking for them; a profile is such a schedule. All faults are
in `mixed`, so that no combination is out of reach.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Profile:
    """Weights of the faults (0: never), and the pace."""

    name: str
    faults: dict[str, int]
    every_ms: int = 3200  # mean time between faults
    bank: bool = False
    outage: bool = False  # after healing, all of it goes down once more for a while
    pinned: bool = False  # some clients only read, at one unit; the others write little, at the other
    share: float = 1  # weight among the profiles


_ENDS: Final = {
    "kill": 6,
    "power": 5,
    "effect": 8,
    "disk step": 6,
    "power both": 3,
    "kill both": 2,
}
_WIRES: Final = {
    "cut link": 4,
    "cut one way": 5,
    "isolate": 3,
    "cut witness": 3,
    "cut clients": 1,
    "loss": 3,
    "doubles": 2,
    "overtaking": 2,
    "echoes": 1,
    "delay": 2,
    "close channel": 2,
}
_WITNESS: Final = {
    "witness down": 4,
    "witness slow": 2,
    "late swaps": 5,
    "witness restart": 3,
    "strange witness": 2,
    "stale answers": 3,
}
_DISK: Final = {
    "fsync fails": 4,
    "rot": 5,
    "slow disk": 3,
    "disk hangs": 4,
    "blank": 4,
    "rolled back": 5,
    "torn": 3,
}
_ROT: Final = {"rot": 5, "rot in state": 6}
_PAUSE: Final = {"stall": 5, "slow comparison": 4}
_PLANNED: Final = {"switchover": 5, "take out": 3, "stop": 3}
_CLOCK: Final = {"clock off": 3, "clock leaps": 1, "set time": 1}
_CLOCKS: Final = {"clock off": 5, "clock runs off": 4, "clock leaps": 2, "two clocks off": 2, "set time": 2}
_MEMORY: Final = {"memory": 3, "wire flips": 1, "diagnosis": 1}

MIXED: Final = _ENDS | _WIRES | _WITNESS | _DISK | _PAUSE | _PLANNED | _CLOCK | _MEMORY | _ROT
PROFILES: Final = (
    Profile("mixed", MIXED, share=6),
    Profile("ends", _ENDS | _PAUSE | {"late swaps": 2, "switchover": 2}, every_ms=2400, share=3),
    Profile("wires", _WIRES | _PAUSE | {"kill": 2, "late swaps": 3}, every_ms=2400, share=3),
    Profile(
        "witness",
        _WITNESS | {"kill": 8, "cut one way": 4, "effect": 4, "cut link": 3},
        every_ms=1800,
        share=3,
    ),
    Profile("joins", {"kill": 6, "late swaps": 8, "blank": 5, "effect": 6, "cut one way": 4}, 1800, share=3),
    Profile("disk", _DISK | {"kill": 3, "power": 4, "disk step": 6, "power both": 2}, every_ms=2800, share=2),
    Profile("rot", _ROT | {"kill": 3, "power": 2, "switchover": 3, "cut witness": 2}, every_ms=2400),
    Profile("planned", _PLANNED | {"kill": 3, "stall": 3, "effect": 3, "late swaps": 2}, 2200, share=2),
    Profile(
        "clocks", _CLOCKS | {"kill": 4, "power both": 2, "switchover": 3, "stall": 2}, outage=True, share=0.5
    ),
    Profile("one clock at a time", {"single clock": 2, "single grey": 1}, every_ms=1500, share=0.5),
    Profile("one at a time", {"single": 1}, every_ms=1500, share=3),
    Profile(
        "readers",
        {"isolate": 6, "stall": 4, "cut link": 2, "switchover": 1},
        every_ms=2600,
        pinned=True,
        share=2,
    ),
    Profile(
        "echoes",
        {"echoes": 4, "blank": 6, "kill": 4, "power": 3, "cut link": 2, "power both": 1},
        2000,
        share=2,
    ),
    Profile("money", MIXED, bank=True, share=3),
)


SURVIVORS: Final = (
    Profile(
        "survivor",
        _ENDS
        | {"witness long": 14, "witness replaced": 5, "cut link": 3, "cut one way": 5, "cut witness": 3}
        | {"late swaps": 3, "blank": 2, "stall": 3, "switchover": 2, "fsync fails": 3},
        every_ms=1700,
    ),
    Profile("witness stories", {"single witness": 1}, every_ms=1200),
)
"""Of rule 11. They take a slice of all others, so that most seeds keep the profile that they always had."""
SLICE: Final = 0.16

UPGRADES: Final = Profile(
    "upgrades",
    _ENDS
    | {"install": 16, "upgrade ordered": 16, "switchover": 4, "blank": 3, "cut link": 2, "cut one way": 2}
    | {"stall": 3, "late swaps": 2},
    every_ms=1100,
)
"""Of rule 19; another slice, for the same reason."""
DOUBTS: Final = Profile("doubts", {"doubt": 1}, every_ms=1500)
"""Of rule 16, where something else happens at once; the next slice."""
UPGRADES_GRAINS: Final = (0.945, 0.975)
EVERY: Final = {profile.name: profile for profile in (*PROFILES, *SURVIVORS, UPGRADES, DOUBTS)}
DOUBTS_END: Final = 0.99


def pick(draw: float) -> Profile:
    """The profile for a number in 0..1."""
    grain = draw * 997 % 1
    if UPGRADES_GRAINS[0] <= grain < UPGRADES_GRAINS[1]:
        return UPGRADES
    if UPGRADES_GRAINS[1] <= grain < DOUBTS_END:
        return DOUBTS
    if grain < SLICE:
        return SURVIVORS[int(grain / SLICE * len(SURVIVORS))]
    total = sum(profile.share for profile in PROFILES)
    at = draw * total
    for profile in PROFILES:
        at -= profile.share
        if at < 0:
            return profile
    return PROFILES[0]
