"""What an entry may be and what may come of it: the numbers that stand in logs and records."""

from enum import IntEnum
from typing import Final

APPLICATION_KINDS: Final = 16  # the first number that is the application's own


class Kind(IntEnum):
    """The runtime's own entries. The body of RECONFIGURE is the core's; it changes no key."""

    NOOP = 0
    TICK = 1
    ABANDON = 2
    RECONFIGURE = 3
    CHECKPOINT = 4  # changes no key: both units write their state to disk as it stands here
    SET_TIME = 5  # changes no key: from here on log time is that of this entry; the body says who and why
    UPGRADE = 6  # which engine version executes what follows; the body is the core's


class Verdict(IntEnum):
    """First byte of every result."""

    EXECUTED = 0  # the machine's outcome follows
    TOO_OLD = 1  # the client's word is older than what is remembered; never executed
    REUSED = 2  # this request id belongs to another command; not executed
    ABANDONED = 3  # given up before it was executed, and never will be
    AHEAD = 4  # the client says that it has seen what is yet to come; not executed


EXECUTED: Final = bytes([Verdict.EXECUTED])
TOO_OLD: Final = bytes([Verdict.TOO_OLD])
REUSED: Final = bytes([Verdict.REUSED])
ABANDONED: Final = bytes([Verdict.ABANDONED])
AHEAD: Final = bytes([Verdict.AHEAD])


def split(result: bytes) -> tuple[Verdict, bytes]:
    """Verdict and the machine's outcome (empty unless EXECUTED). Raises ValueError on an unknown verdict."""
    return Verdict(result[0]), result[1:]
