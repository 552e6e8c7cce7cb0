"""One process at a time: a lock that the kernel gives back when its holder dies, however it dies."""

import contextlib
import fcntl
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from loyalty.client.outbox.entries import OutboxHeldError

HOLDER_MAX_BYTES = 4096


class Lock:
    """Held while it exists. The file beside the outbox says who holds it; it stays, to be locked again."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, outbox: Path) -> Self:
        """Lock `<outbox>.lock`.

        Raises:
            OutboxHeldError: with the holder's process number and since when.
            OSError: the file cannot be made.
        """
        path = outbox.with_name(outbox.name + ".lock")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read_holder(descriptor)
            os.close(descriptor)
            raise OutboxHeldError(
                f"outbox {outbox} is held by {holder}: end that first, or give this till a file of its own"
            ) from None
        except BaseException:
            os.close(descriptor)
            raise
        with contextlib.suppress(OSError):  # a full disk must not keep what waits from being sent
            _write_holder(descriptor)
        return cls(descriptor)

    def release(self) -> None:
        """Let others have it."""
        os.close(self._descriptor)


def _write_holder(descriptor: int) -> None:
    """For people: only the lock itself counts."""
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    holder = json.dumps({"process": os.getpid(), "since": since}) + "\n"
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, holder.encode(), 0)


def _read_holder(descriptor: int) -> str:
    try:
        holder: dict[str, Any] = json.loads(os.pread(descriptor, HOLDER_MAX_BYTES, 0))
        return f"process {holder['process']} (since {holder['since']})"
    except (ValueError, LookupError, TypeError):
        return "another process"  # it has taken the lock and not yet written who it is
