"""The parts of a unit, and what can be wrong with one."""

from enum import StrEnum

from msgspec import Struct


class Part(StrEnum):
    """What a unit is made of."""

    PROCESSOR = "processor"
    MEMORY = "memory"
    DISK = "disk"
    LINK = "link"  # to the other unit
    CLOCK = "clock"
    UNIT = "unit"  # the whole of it: its process ended without being told to


class Kind(StrEnum):
    """How bad a fault is."""

    SOFT = "soft"  # it went by, or may: counts towards the MTBF
    HARD = "hard"  # the part failed: the unit ended by it


class Fault(Struct, frozen=True, gc=False):
    """One fault, as it is kept."""

    at_ms: int  # the host's clock, UTC
    part: Part
    kind: Kind
    what: str
