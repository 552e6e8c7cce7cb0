"""The little of HPACK (RFC 7541) that a lean gRPC client needs.

We send headers as literals that are never indexed, made once per method. We announce a header table of size
0, so a server may use the static table and literals only; gRPC's C-core then sends no Huffman codes either.
A server that does is refused in clear words: the lean client is for our own units.
"""

from dataclasses import dataclass
from typing import Final

import msgspec
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

STATIC_ENTRIES: Final = 61  # RFC 7541, appendix A; of these we need only to know that they are not ours
_METHOD_POST, _SCHEME_HTTP = 0x83, 0x86  # indexed fields of the static table
_AUTHORITY, _PATH, _CONTENT_TYPE = 1, 4, 31  # static names

CACHE_MAX: Final = 1_000


class HeadersNotUnderstood(Exception):
    """The server speaks a dialect that the lean client does not know."""


def request_headers(path: str, authority: str, timeout_ms: int) -> bytes:
    """The header block of a unary call."""
    return b"".join(
        (
            bytes((_METHOD_POST, _SCHEME_HTTP)),
            _literal(_AUTHORITY, authority),
            _literal(_PATH, path),
            _literal(_CONTENT_TYPE, "application/grpc"),
            b"\x00" + _string("te") + _string("trailers"),
            b"\x00" + _string("grpc-timeout") + _string(f"{timeout_ms}m"),
        )
    )


class Trailer(msgspec.Struct, frozen=True):
    """What ends a call. `status` -1: this block held none (it was the opening one)."""

    status: int = -1
    message: str = ""
    pushback_ms: int | None = None
    not_taken: bool = False
    field: str = ""


@dataclass(slots=True)
class _Block:
    """A cursor over a header block."""

    data: bytes
    at: int = 0

    def integer(self, prefix_bits: int) -> int:
        most = (1 << prefix_bits) - 1
        value = self.data[self.at] & most
        self.at += 1
        if value < most:
            return value
        shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value += (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def string(self) -> bytes:
        if self.data[self.at] & 0x80:
            raise HeadersNotUnderstood("the server Huffman-codes its headers: use the grpc client instead")
        length = self.integer(7)
        start, self.at = self.at, self.at + length
        return self.data[start : self.at]


_cache: dict[bytes, Trailer] = {}


def read_headers(data: bytes) -> Trailer:
    """Read a header block; blocks repeat, so most cost one look-up.

    Raises:
        HeadersNotUnderstood: dynamic table, Huffman codes or a torn block.
    """
    known = _cache.get(data)
    if known is None:
        known = _trailer(_fields(data))
        if len(_cache) >= CACHE_MAX:
            _cache.clear()
        _cache[data] = known
    return known


def _fields(data: bytes) -> dict[bytes, bytes]:
    block, fields = _Block(data), dict[bytes, bytes]()
    try:
        while block.at < len(data):
            first = data[block.at]
            if first & 0x80:
                _static(block.integer(7))
            elif first & 0xE0 == 0x20:
                block.integer(5)  # a new size of a table that stays empty
            else:
                index = block.integer(6 if first & 0x40 else 4)
                if index:
                    _static(index)
                    block.string()
                else:
                    name = block.string()
                    fields[name] = block.string()
    except IndexError:
        raise HeadersNotUnderstood("a header block ends in the middle") from None
    return fields


def _static(index: int) -> None:
    if not 0 < index <= STATIC_ENTRIES:
        raise HeadersNotUnderstood(f"header {index} of the dynamic table, which we announced to be empty")


def _trailer(fields: dict[bytes, bytes]) -> Trailer:
    if b"grpc-status" not in fields:
        return Trailer()
    pushback = fields.get(b"grpc-retry-pushback-ms")
    details = fields.get(b"grpc-status-details-bin", b"")
    info = error_details_pb2.ErrorInfo()
    not_taken = False
    try:
        for part in status_pb2.Status.FromString(details.removeprefix(b"\x00")).details:
            not_taken |= part.Unpack(info) and info.reason == "NOT_TAKEN"
    except DecodeError:
        not_taken = False
    return Trailer(
        status=int(fields[b"grpc-status"]),
        message=fields.get(b"grpc-message", b"").decode("utf-8", "replace"),
        pushback_ms=int(pushback) if pushback is not None else None,
        not_taken=not_taken,
        field=info.metadata.get("field", ""),
    )


def _literal(name: int, value: str) -> bytes:
    """A field with a static name, never indexed."""
    head = bytes((name,)) if name < 15 else bytes((15, name - 15))
    return head + _string(value)


def _string(text: str) -> bytes:
    data = text.encode("ascii")
    if len(data) < 127:
        return bytes((len(data),)) + data
    rest, more = len(data) - 127, bytearray((127,))
    while rest >= 0x80:
        more.append(rest & 0x7F | 0x80)
        rest >>= 7
    more.append(rest)
    return bytes(more) + data
