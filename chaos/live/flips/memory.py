"""Flip bits of what another CPython process has in its dictionaries, through /proc/PID/mem.

A bytes object begins with its count of references, its type, its length and its hash; an entry of a
dictionary is a hash, a pointer to the key and a pointer to the value. So from the bytes of a key one finds
its objects, from these the entries, and from an entry the value: no debugger, no stop, no cooperation.
"""

import os
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

T = TypeVar("T")
HEAD: Final = struct.Struct("<QQqq")  # of a bytes object: references, type, length, hash
ENTRY: Final = struct.Struct("<qQQ")  # of a dictionary: hash, key, value
REGION_MAX_BYTES: Final = 1 << 30
FILLED_MIN: Final = 0.01  # a region of which less is there is the stack of a thread
REFERENCES_MAX: Final = 1 << 32  # more than that is no count
KEY_MAX_BYTES: Final = 511
Region = tuple[int, bytes]  # where it begins, what is in it


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

    def held(self, prefix: bytes, chance: random.Random) -> Iterator[list[Held]]:
        """Its entries in dictionaries, with a bytes value: for one key after the other that begins so.

        All memory is gone through once for all keys, and once more for each key that is asked for. A
        dictionary that was given back may still lie there; keys and values that were are left out.
        """
        regions = list(self._regions())
        for objects in _shuffled(self._objects(regions, prefix), chance):
            entries = [one for at, hash_ in objects for one in self._entries(regions, hash_, at)]
            found = []
            for at, _, key_at, value_at in entries:
                value = self._bytes_at(value_at)
                if value is not None:
                    found.append(Held(at, key_at + HEAD.size, value_at + HEAD.size, value))
            if found:
                yield found

    def _objects(self, regions: list[Region], prefix: bytes) -> list[list[tuple[int, int]]]:
        """(address, hash) of bytes objects that begin so and whose hash is known; equal ones together."""
        found: dict[bytes, list[tuple[int, int]]] = {}
        for start, data in regions:
            place = data.find(prefix)
            while place >= 0:
                if place >= HEAD.size:
                    references, _, length, hash_ = HEAD.unpack_from(data, place - HEAD.size)
                    fits = len(prefix) <= length <= KEY_MAX_BYTES
                    if fits and 0 < references < REFERENCES_MAX and hash_ != -1:
                        key = data[place : place + length]
                        found.setdefault(key, []).append((start + place - HEAD.size, hash_))
                place = data.find(prefix, place + 1)
        return list(found.values())

    def _entries(self, regions: list[Region], hash_: int, key_at: int) -> Iterator[tuple[int, int, int, int]]:
        """(address, hash, key, value) wherever the key's hash lies right before a pointer to it."""
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

    def _regions(self) -> Iterator[Region]:
        """What the process has asked the kernel for and written to: not files, not the stacks of threads."""
        for start, end, filled_bytes in self._anonymous():
            if end - start <= REGION_MAX_BYTES and filled_bytes >= FILLED_MIN * (end - start):
                try:
                    yield start, self.read(start, end - start)
                except OSError:
                    continue  # a guard page, or gone since

    def _anonymous(self) -> Iterator[tuple[int, int, int]]:
        """(start, end, bytes in memory) of what is private, can be written, and is of no file."""
        span: tuple[int, int] | None = None
        with open(f"/proc/{self._pid}/smaps", encoding="ascii", errors="replace") as lines:
            for line in lines:
                words = line.split()
                if not words[0].endswith(":"):
                    start, end = (int(part, 16) for part in words[0].split("-"))
                    ours = words[1] == "rw-p" and (len(words) < 6 or words[5] == "[heap]")
                    span = (start, end) if ours else None
                elif words[0] == "Rss:" and span is not None:
                    yield *span, int(words[1]) << 10


def _shuffled(things: list[T], chance: random.Random) -> list[T]:
    return chance.sample(things, len(things))
