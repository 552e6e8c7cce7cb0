"""What a RECONFIGURE entry says: who may go alone, and which witness counts. (rule 11)"""

from typing import TypeAlias

import msgspec
from msgspec import Struct

CHANGE_MAX_BYTES = 1024  # of an entry's body


class Designation(Struct, frozen=True, gc=False, tag="designation"):
    """The witness is lost: `unit` is designated survivor of `epoch`. It takes the right to take over from the
    other one; what it gives to `unit` begins only when that one has noted it."""

    unit: int
    epoch: int


class NewWitness(Struct, frozen=True, gc=False, tag="witness"):
    """From here on this witness counts, and no other. `address` is as in `ftctl replace-witness`."""

    witness_id: str
    address: str


Change: TypeAlias = Designation | NewWitness
Named: TypeAlias = tuple[int, Change]  # seq of the entry, and what it says

_ENCODER = msgspec.msgpack.Encoder()
_DECODER: "msgspec.msgpack.Decoder[Change]" = msgspec.msgpack.Decoder(Change)


def to_body(change: Change) -> bytes:
    """The body of its entry."""
    return _ENCODER.encode(change)


def from_body(body: bytes) -> Change:
    """What an entry says. Raises msgspec.DecodeError on a body that none of ours has written."""
    return _DECODER.decode(body)
