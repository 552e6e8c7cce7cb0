"""What a RECONFIGURE entry of a log means to the core that reads it at boot."""

from ftnode.core.reconfigure import Named, NewWitness, from_body
from ftnode.machine.contract import EntryView
from ftnode.machine.kinds import Kind


def named_by(entry: EntryView) -> Named | None:
    """Seq and new witness, if the entry names one. A designation counts by promises alone, never by the log.

    Raises msgspec.DecodeError on a body that no active of ours writes.
    """
    if entry.kind != Kind.RECONFIGURE:
        return None
    change = from_body(entry.body)
    return (entry.seq, change) if isinstance(change, NewWitness) else None
