"""Flip bits of what another CPython process has in its dictionaries, through /proc/PID/mem.

A bytes object begins with its count of references, its type, its length and its hash; an entry of a
dictionary is a hash, a pointer to the key and a pointer to the value. So from the bytes of a key one finds
its objects, from these the entries, and from an entry the value: no debugger, no stop, no cooperation.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

HEAD: Final = struct.Struct("<QQqq")  # of a bytes object: references, type, length, hash
ENTRY: Final = struct.Struct("<qQQ")  # of a dictionary: hash, key, value
REGION_MAX_BYTES: Final = 1 << 30
REFERENCES_MAX: Final = 1 << 32  # more than that is no count


@dataclass(frozen=True, slots=True)
class Held:
    """A dictionary's entry in a process: where its key's and its value's bytes lie."""

    at: int  # of the entry
    key_at: int
    value_at: int
    value: bytes


class Memory:
    """The memory of one process. Needs the right to read and write it: the same user, or root."""

    def __init__(self, pid: int) -> None:
        """Raises OSError if it may not be touched."""
        self._pid = pid
        self._fd = os.open(f"/proc/{pid}/mem", os.O_RDWR)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._fd)

    def read(self, at: int, size: int) -> bytes:
        """Raises OSError if nothing lies there."""
        return os.pread(self._fd, size, at)

    def flip(self, at: int, bit: int) -> None:
        """Turn one bit over, counted from the lowest of the byte at `at`."""
        at += bit // 8
        byte = self.read(at, 1)[0] ^ (1 << bit % 8)
        os.pwrite(self._fd, bytes([byte]), at)

    def held(self, prefix: bytes) -> list[Held]:
        """Entries of dictionaries whose key, a bytes object, begins with `prefix`, with a bytes value."""
        regions = list(self._regions())
        keys = {at: head[3] for at, head in self._objects(regions, prefix)}
        found = []
        for at, _, key_at, value_at in self._entries(regions, keys):
            value = self._bytes_at(value_at)
            if value is not None:
                found.append(Held(at, key_at + HEAD.size, value_at + HEAD.size, value))
        return found

    def _objects(
        self, regions: list[tuple[int, bytes]], prefix: bytes
    ) -> Iterator[tuple[int, tuple[int, ...]]]:
        """(address, head) of bytes objects that begin with `prefix` and whose hash is known."""
        for start, data in regions:
            place = data.find(prefix)
            while place >= 0:
                if place >= HEAD.size:
                    head = HEAD.unpack_from(data, place - HEAD.size)
                    if 0 < head[0] < REFERENCES_MAX and len(prefix) <= head[2] < 512 and head[3] != -1:
                        yield start + place - HEAD.size, head
                place = data.find(prefix, place + 1)

    def _entries(
        self, regions: list[tuple[int, bytes]], keys: dict[int, int]
    ) -> Iterator[tuple[int, int, int, int]]:
        """(address, hash, key, value) wherever a key's hash lies right before a pointer to it."""
        for key_at, hash_ in keys.items():
            needle = struct.pack("<qQ", hash_, key_at)
            for start, data in regions:
                place = data.find(needle)
                while place >= 0:
                    if place + ENTRY.size <= len(data):
                        yield start + place, *ENTRY.unpack_from(data, place)
                    place = data.find(needle, place + 8)

    def _bytes_at(self, at: int) -> bytes | None:
        try:
            references, _, length, _ = HEAD.unpack(self.read(at, HEAD.size))
            if not (0 < references < REFERENCES_MAX and 0 < length < 1 << 20):
                return None
            return self.read(at + HEAD.size, length)
        except (OSError, struct.error):
            return None

    def _regions(self) -> Iterator[tuple[int, bytes]]:
        """Everything private that can be read and written."""
        with open(f"/proc/{self._pid}/maps", encoding="ascii") as lines:
            for line in lines:
                span, rights, *_ = line.split()
                if rights != "rw-p":
                    continue
                start, end = (int(part, 16) for part in span.split("-"))
                if end - start > REGION_MAX_BYTES:
                    continue
                try:
                    yield start, self.read(start, end - start)
                except OSError:
                    continue  # a guard page, or gone since
