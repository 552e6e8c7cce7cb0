"""Records to test with: a pair in duplex, and what may follow it."""

from msgspec.structs import replace

from ftnode.core.record import Record

CABINET = "store-street"


def duplex(witness_id: str = "w1", epoch: int = 1) -> Record:
    """Unit 0 active, both in sync."""
    return Record(CABINET, witness_id, epoch, 0, (0, 1), ((0, "a1"), (1, "b1")))


def alone(record: Record, unit: int) -> Record:
    """`unit` goes on alone after `record`."""
    return replace(record, epoch=record.epoch + 1, active=unit, in_sync=(unit,))


def joined(record: Record, unit: int, incarnation: str) -> Record:
    """`unit` comes back under a new incarnation."""
    stay = tuple((at, drawn) for at, drawn in record.incarnations if at != unit)
    named = tuple(sorted((*stay, (unit, incarnation))))
    return replace(record, epoch=record.epoch + 1, in_sync=(0, 1), incarnations=named)


def forced(record: Record, unit: int, incarnation: str) -> Record:
    """The operator makes `unit` active and strikes the other's incarnation."""
    return replace(
        record, epoch=record.epoch + 1, active=unit, in_sync=(unit,), incarnations=((unit, incarnation),)
    )
