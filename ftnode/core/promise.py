"""What a unit puts on disk before it acts on it (on disk first)."""

from msgspec import Struct


class Promise(Struct, frozen=True, gc=False):
    """One unit's durable promises. Written whole, never in part.

    `epoch` only grows: messages of a lower one are refused. `asked_epoch` is the epoch in
    which this unit last asked the witness for the record (0: never). `incarnation` names
    one stay of this disk in the in-sync set; empty: the disk has no claim.
    """

    cabinet: str
    unit: int
    witness_id: str = ""  # the witness that this unit obeys; empty until the first record is seen
    boot: int = 0  # grows by one with every start of the process on this disk
    epoch: int = 0
    asked_epoch: int = 0
    incarnation: str = ""
    broken: str = ""  # why this unit was convicted; empty: it was not
    offline: bool = False  # taken out by the operator
