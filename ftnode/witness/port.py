"""What a unit may ask of any witness, and what may come of it.

Two things implement it, our daemon and etcd, and one contract suite runs on both. No answer within
the deadline is `Unknown`, never a failure: a swap may have landed, or land later, and reading the
record does not settle it.
"""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ftnode.core.record import Record


@dataclass(frozen=True, slots=True)
class Held:
    """What the witness holds, on its disk."""

    witness_id: str
    record: Record | None  # None: an empty witness, which counts as lost
    told_seq: int  # highest compared_seq it was told; a floor under what an in-sync unit must show
    wall_ms: int  # the witness's clock, UTC; 0: this witness gives no time
    mono_ms: int = 0  # its monotonic clock, by which its pace is seen; 0: it gives none


@dataclass(frozen=True, slots=True)
class Swapped:
    """The change was made and is on disk."""

    held: Held


@dataclass(frozen=True, slots=True)
class Conflict:
    """The change was not made, and never will be: the record is another one."""

    held: Held


@dataclass(frozen=True, slots=True)
class Refused:
    """Not done, and asking again will not help: another cabinet, another witness, no valid record."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer in time. Nothing follows from it: the request may have been, or still be, carried out."""

    why: str


ReadResult: TypeAlias = Held | Refused | Unknown
SwapResult: TypeAlias = Swapped | Conflict | Refused | Unknown


class WitnessClient(Protocol):
    """One unit's view of its witness. Every call ends within the client's deadline; none raises.

    Calls may be made at the same time; each is made once and never repeated by the client.
    """

    async def read(self, compared_seq: int, epoch: int) -> ReadResult:
        """The record. On the way the witness is told how far the unit, in `epoch`, has compared.

        Args:
            compared_seq: counts only if `epoch` is the record's: a unit that was replaced by force
                cannot raise the floor under its successor.
            epoch: the unit's; 0 if it is in none.
        """

    async def swap(self, expected: Record, wanted: Record, compared_seq: int) -> SwapResult:
        """Replace the record if the whole of it equals `expected`.

        Args:
            expected: the record as last read.
            wanted: what it shall be; its epoch is one higher, the asking unit is its active.
            compared_seq: how far that unit has compared.
        """

    async def create(self, wanted: Record, compared_seq: int) -> SwapResult:
        """Put the first record into an empty witness. `wanted.witness_id` is the one that `read` gave."""

    async def close(self) -> None:
        """Let go of the connection. Calls under way end as unknown."""
