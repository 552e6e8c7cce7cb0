"""The record as canonical bytes (disk, etcd) and as protobuf (our daemon's gRPC)."""

from typing import Final

import msgspec

from ftnode.core.record import Record
from ftnode.v1 import witness_pb2 as pb
from ftnode.witness.port import Held

CANONICAL: Final = msgspec.json.Encoder(order="sorted")


class BadRecordError(ValueError):
    """These bytes or this message are no record; the text says why."""


def record_to_bytes(record: Record) -> bytes:
    """Canonical bytes: JSON with sorted keys. Equal records, and only those, have equal bytes."""
    return CANONICAL.encode(record)


def record_from_bytes(data: bytes) -> Record:
    """The record in `data`.

    Raises:
        BadRecordError: these are not exactly the canonical bytes of a valid record.
    """
    try:
        record = msgspec.json.decode(data, type=Record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRecordError(f"not a record: {error}") from error
    if problem := record.problem():
        raise BadRecordError(f"not a valid record: {problem}")
    if record_to_bytes(record) != data:
        raise BadRecordError("a record, but not in canonical bytes")
    return record


def record_to_proto(record: Record) -> pb.Record:
    """The record as our daemon speaks it."""
    named = [pb.UnitIncarnation(unit=unit, incarnation=drawn) for unit, drawn in record.incarnations]
    return pb.Record(
        cabinet=record.cabinet,
        witness_id=record.witness_id,
        epoch=record.epoch,
        active=record.active,
        in_sync=record.in_sync,
        incarnations=named,
    )


def record_from_proto(message: pb.Record) -> Record:
    """The record in `message`, not yet checked: `Record.problem` does that."""
    return Record(
        cabinet=message.cabinet,
        witness_id=message.witness_id,
        epoch=message.epoch,
        active=message.active,
        in_sync=tuple(message.in_sync),
        incarnations=tuple((item.unit, item.incarnation) for item in message.incarnations),
    )


def held_to_proto(held: Held) -> pb.Holding:
    """What the witness holds, as our daemon says it."""
    record = None if held.record is None else record_to_proto(held.record)
    return pb.Holding(
        record=record,
        witness_id=held.witness_id,
        told_seq=held.told_seq,
        wall_ms=held.wall_ms,
        mono_ms=held.mono_ms,
    )


def held_from_proto(message: pb.Holding) -> Held:
    """What the witness says it holds.

    Raises:
        BadRecordError: it says what no witness of ours would.
    """
    record = record_from_proto(message.record) if message.HasField("record") else None
    if record is not None and (problem := record.problem()):
        raise BadRecordError(problem)
    if not message.witness_id:
        raise BadRecordError("the witness gave no id of its own")
    return Held(message.witness_id, record, message.told_seq, message.wall_ms, message.mono_ms)
