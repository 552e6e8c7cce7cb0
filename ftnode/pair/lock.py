"""One supervisor to a directory."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ftnode.pair.layout import PairDir, PairError


@contextmanager
def directory_lock(pair: PairDir) -> Iterator[None]:
    """Hold the directory until the end of the block; the kernel gives it back if we die.

    Raises:
        PairError: another supervisor has it, or the directory cannot be written.
    """
    try:
        handle = os.open(pair.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as problem:
        raise PairError(f"{pair.lock}: cannot be opened: {problem.strerror}") from problem
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).decode(errors="replace").strip() or "unknown"
            raise PairError(
                f"{pair.root}: in use by another `ftnode pair` (pid {holder}); stop that one first, "
                "or choose another --dir"
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)
