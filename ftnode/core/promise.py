"""What a unit puts on disk before it acts on it (on disk first)."""

from msgspec import Struct

from ftnode.core.record import Record


class Promise(Struct, frozen=True, gc=False, omit_defaults=True):
    """One unit's durable promises. Written whole, never in part; what says nothing is left out, so that a
    program which does not know a field reads every promise that makes no use of it.

    `epoch` only grows: messages of a lower one are refused. `asked_epoch` is the epoch in
    which this unit last asked the witness for the record (0: never). `incarnation` names
    one stay of this disk in the in-sync set; empty: the disk has no claim.

    Of a designation: `bound_epoch` is the epoch in which this unit promised to obey the other one as
    designated survivor (it asks for no record that is not above it); `note` is the record under which this
    unit is the survivor itself and may go alone; `alone_epoch` is the epoch in which it did, and
    `given_up_epoch` the one in which it never will (again). Of a new witness: `basis` is the record that was
    in force when this unit, active, began to obey it; only who has it may create the first record there.

    Of the log's end: `cut_seq` is the first entry that a start could not read above the durable mark and cut;
    this unit may have held it, and acknowledged it. `cut_rotten`: it was no write that a crash had torn, it
    had been written as a whole. Both stay until our log is the pair's again: see `log_end.py`.
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
    witness_address: str = ""  # where the witness named in our log is; empty: where the settings say
    bound_epoch: int = 0  # 0: not bound
    note: Record | None = None
    alone_epoch: int = 0
    given_up_epoch: int = 0
    basis: Record | None = None
    cut_seq: int = 0  # 0: none
    cut_rotten: bool = False
