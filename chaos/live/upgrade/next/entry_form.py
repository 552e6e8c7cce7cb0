"""Entry format 2: the same fields, in another order, as msgpack; and a mark where format 1 has the seq."""

from struct import Struct
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from ftnode.store.entry import Entry

_HEAD: Final = Struct("<IB3sQQ")  # length, format, mark; epoch, seq: the other way round than in format 1
_MARK: Final = b"two"
_HASH_BYTES: Final = 16
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(tuple[int, int, int, int, int, int, bytes, bytes, int, int, bytes]).decode


class SecondForm:
    """See `ftnode.store.entry_forms.Form`."""

    number = 2

    def text(self, entry: "Entry") -> bytes:
        """All but the hash."""
        body = _pack(
            (
                entry.time_ms,
                entry.chance,
                entry.engine_version,
                entry.kind,
                entry.tenant,
                entry.slot,
                entry.request_id,
                entry.actor,
                entry.client_ms,
                entry.seen_ms,
                entry.body,
            )
        )
        length = _HEAD.size + len(body) + _HASH_BYTES
        return _HEAD.pack(length, self.number, _MARK, entry.epoch, entry.seq) + body

    def place(self, data: bytes, at: int) -> tuple[int, int]:
        """Seq and epoch."""
        _, _, _, epoch, seq = _HEAD.unpack_from(data, at)
        return seq, epoch

    def read(self, data: bytes, at: int, end: int) -> "Entry":
        """The entry."""
        from ftnode.store.entry import Entry, EntryFaultError

        _, _, mark, epoch, seq = _HEAD.unpack_from(data, at)
        try:
            fields = _unpack(data[at + _HEAD.size : end - _HASH_BYTES])
        except msgspec.MsgspecError as error:
            raise EntryFaultError(f"entry at byte {at} of format 2 does not parse: {error}") from error
        if mark != _MARK:
            raise EntryFaultError(f"entry at byte {at} of format 2 with the mark {mark!r}; want {_MARK!r}")
        time_ms, chance, version, kind, tenant, slot, request_id, actor, client_ms, seen_ms, body = fields
        return Entry(
            seq,
            epoch,
            time_ms,
            chance,
            version,
            kind,
            tenant,
            slot,
            request_id,
            actor,
            client_ms,
            seen_ms,
            body,
        )
