"""Messages as frames of the lockstep channel, with what log and engine know, and checked against these."""

from typing import Final, TypeAlias

import msgspec
from msgspec.structs import replace

from ftnode.core.bound import Times
from ftnode.core.messages import Ack, Append, Fetched, Message, Open, Reads, ReadsRun
from ftnode.core.versions import Ordered
from ftnode.machine.executor import Executor
from ftnode.machine.times import times_of
from ftnode.machine.upgrades import began, orders_of
from ftnode.shell.logbook import Logbook
from ftnode.shell.reader import Reader, decode_reads
from ftnode.store.entry import EntryFaultError, NewerEntryError
from ftnode.wire import lockstep
from ftnode.wire.frames import FrameError


def framed(
    message: Message, logbook: Logbook, executor: Executor, reader: Reader, entries_max_bytes: int
) -> bytes:
    """Everything but an Append with entries.

    Args:
        entries_max_bytes: of what rotted on the other side; who needs more joins anew.

    Raises:
        LogFault: the hash that is to be said cannot be read.
    """
    if isinstance(message, Ack):
        return lockstep.encode(lockstep.with_digest(message, executor.digest_at(message.seq) or b""))
    if isinstance(message, Reads):
        return lockstep.encode(message, reader.encoded(message.barrier))
    if isinstance(message, ReadsRun):
        return lockstep.encode(replace(message, digest=reader.digest(message.barrier)))
    if isinstance(message, Open) and not message.snapshot:
        return lockstep.encode(lockstep.with_hash(message, logbook.wal.hash_at(message.common_seq)))
    if isinstance(message, Fetched):
        found = logbook.readable(message.seqs, entries_max_bytes)
        return lockstep.encode(replace(message, seqs=tuple(found)), b"".join(found.values()))
    return lockstep.encode(message)


Told: TypeAlias = tuple[Times | None, tuple[Ordered, ...], int]
"""Of new entries: log times, what UPGRADE entries among them say, the version of entry 1 (see Received)."""
NOTHING: Final[Told] = (None, (), 0)
Carried: TypeAlias = tuple[object, str, Told]
"""What came with a message; why it does not fit our log, empty if it does; what is new in it."""


def unframed(message: Message, tail: bytes, logbook: Logbook) -> Carried:
    """Check what a message carries against our log.

    Raises:
        FrameError: it cannot be what such a message carries.
    """
    if isinstance(message, Append):
        return _entries(message, tail, logbook)
    if isinstance(message, Reads):
        return decode_reads(tail), "", NOTHING
    if isinstance(message, Open):
        ours = logbook.hash_at(message.common_seq)
        sound = ours is not None and ours == message.common_hash
        return tail, "" if sound else f"our entry {message.common_seq} is another one, or not here", NOTHING
    if isinstance(message, Fetched) and not logbook.fits_holes(message.seqs, tail):
        return tail, "these are not the entries that our log demands", NOTHING
    return tail, "", NOTHING


def _entries(message: Append, tail: bytes, logbook: Logbook) -> Carried:
    if bool(tail) != (message.to_seq >= message.from_seq):
        span = f"{message.from_seq}..{message.to_seq}"
        raise FrameError(f"an Append of entries {span} came with {len(tail)} bytes of entries")
    if not tail:
        return None, "", NOTHING
    try:
        taken = logbook.check(message, tail)
        if taken is None:
            return None, "", NOTHING
        entries = taken.entries
        return taken, "", (times_of(entries), orders_of(entries), began(entries))
    except NewerEntryError as newer:  # who sends that did not hear what we have
        raise FrameError(str(newer)) from newer
    except (EntryFaultError, msgspec.DecodeError) as error:
        return None, str(error), NOTHING
