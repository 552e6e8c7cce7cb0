"""Which engine version executes which entry: what UPGRADE entries say, and what follows from all. (rule 19)

An entry is executed by the version that is in force behind the entry before it. Only an entry changes that,
so every log says for each of its entries by which version it is executed, on both units and for ever.
"""

from typing import TypeAlias

import msgspec
from msgspec import Struct

from ftnode.core.invariants import invariant


class Prepare(Struct, frozen=True, gc=False, tag="prepare"):
    """From here on the pair switches to `version` as soon as both units are ready for it."""

    version: int


class Abort(Struct, frozen=True, gc=False, tag="abort"):
    """No, it does not."""

    version: int


class Switch(Struct, frozen=True, gc=False, tag="switch"):
    """Every entry behind this one is executed by `version`, and written in that version's formats."""

    version: int


Order: TypeAlias = Prepare | Abort | Switch
Ordered: TypeAlias = tuple[int, Order]  # seq of the entry, and what it says


class Standing(Struct, frozen=True, gc=False):
    """Where a log stands: which versions executed it, and what is prepared."""

    history: tuple[tuple[int, int], ...] = ()  # (seq of the entry that switched, or 0; version), rising
    prepared: int = 0  # version that is switched to when both units are ready; 0: none

    @property
    def version(self) -> int:
        """In force behind the last entry; 0: there is no entry yet."""
        return self.history[-1][1] if self.history else 0

    @property
    def since_seq(self) -> int:
        """The entry that put it in force; 0: it was so from the beginning."""
        return self.history[-1][0] if self.history else 0


_ENCODER = msgspec.msgpack.Encoder()
_ORDER: "msgspec.msgpack.Decoder[Order]" = msgspec.msgpack.Decoder(Order)
_STANDING = msgspec.msgpack.Decoder(Standing)


def begun_with(version: int) -> Standing:
    """A log whose first entry is executed by this version."""
    return Standing(((0, version),))


def after(standing: Standing, seq: int, order: Order) -> Standing:
    """Where a log stands behind entry `seq`, which says this."""
    match order:
        case Prepare(version):
            return Standing(standing.history, version)
        case Abort():
            return Standing(standing.history)
        case Switch(version):
            invariant(version > standing.version, "engine versions only grow", version=version, at=standing)
            return Standing((*standing.history, (seq, version)))


def needed(standing: Standing, from_seq: int) -> set[int]:
    """The versions that execute the entries from `from_seq` on, and whatever comes next."""
    ends = [seq for seq, _ in standing.history[1:]]
    before = {version for (_, version), end in zip(standing.history, ends, strict=False) if end >= from_seq}
    return before | ({standing.version} if standing.history else set())


def to_body(order: Order) -> bytes:
    """The body of its entry."""
    return _ENCODER.encode(order)


def from_body(body: bytes) -> Order:
    """What an entry says. Raises msgspec.DecodeError on a body that none of ours has written."""
    return _ORDER.decode(body)


def pack(standing: Standing) -> bytes:
    """As it lies in the state."""
    return _ENCODER.encode(standing)


def unpack(text: bytes) -> Standing:
    """Raises msgspec.DecodeError on bytes that none of ours has written."""
    return _STANDING.decode(text)
