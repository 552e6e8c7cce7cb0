"""fdatasync by Linux's asynchronous I/O: begun by one system call, its end an event of the loop.

A thread that syncs needs the interpreter's lock before and after, and gets it late, just when the loop
executes the entries being synced: a lone purchase waits for it twice, on either unit. The kernel's own
workers need no lock. What is synced, and what a failure means, is the log's to say, as with a thread.
"""

import asyncio
import importlib
import os
import re
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Final

from ftnode.core.invariants import invariant
from ftnode.store.disk import DiskFile, RealFile

AT_ONCE: Final = 8  # requests in the kernel: a log's sync has one or two files, after a boot some more


class KernelSync:
    """One sync at a time, of any number of files.

    Raises:
        OSError: the kernel has no asynchronous I/O for us (forbidden, or `fs.aio-max-nr` is used up).
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            self._library = library()
            self._context = self._library.Context(AT_ONCE)
        except Exception as error:  # the library's own kinds, by errno
            raise OSError(f"io_setup: {_reason(error)}") from error
        self._loop = loop
        self._files: list[int] = []  # not yet begun
        self._left = 0  # begun and not over
        self._error: OSError | None = None
        self._over: Callable[[OSError | None], None] = _nobody
        self._loop.add_reader(self._context.fileno, self._ready)

    def begin(self, files: Sequence[DiskFile], over: Callable[[OSError | None], None]) -> None:
        """Make durable what was written to these files before now.

        Args:
            files: of the real disk.
            over: called on the loop when all are done, with the first error if there was one.

        Raises:
            OSError: the kernel took none of them.
        """
        invariant(self._left == 0, "a sync is under way", left=self._left)
        self._files = [_descriptor(file) for file in files]
        self._error, self._over = None, over
        self._submit()

    def close(self) -> None:
        """Hear of nothing any more."""
        self._loop.remove_reader(self._context.fileno)

    def _submit(self) -> None:
        portion, self._files = self._files[:AT_ONCE], self._files[AT_ONCE:]
        operations = [self._library.Operation.fdsync(descriptor) for descriptor in portion]
        for operation in operations:
            operation.set_callback(self._ended)
        try:
            taken = self._context.submit(*operations)
        except Exception as error:  # the library's own kinds, by errno
            raise OSError(f"io_submit: {error}") from error
        self._left = taken
        if taken < len(operations):
            self._error = OSError(f"io_submit took {taken} of {len(operations)} requests")
            self._files = []

    def _submitted_more(self) -> bool:
        """Whether the next portion is under way. A refusal now is a failed sync: part of it is done."""
        try:
            self._submit()
        except OSError as refused:
            self._error, self._files = refused, []
            return False
        return self._left > 0

    def _ended(self, result: int) -> None:
        """One file is done; nothing may be raised here."""
        self._left -= 1
        if number := _errno(result):
            self._error = self._error or OSError(number, os.strerror(number))

    def _ready(self) -> None:
        self._context.poll()
        self._context.process_events()
        if self._left:
            return
        if self._files and self._error is None and self._submitted_more():
            return
        over, self._over = self._over, _nobody
        over(self._error)


def library() -> ModuleType:
    """The extension module itself: its package hides why it cannot be had. It tries io_setup at once."""
    return importlib.import_module("caio.linux_aio")


def _reason(error: Exception) -> str:
    """The system's words, where the library names nothing but the system's number."""
    number = re.search(r"\bcode (\d+)$", str(error))
    return os.strerror(int(number[1])) if number else str(error)


def _descriptor(file: DiskFile) -> int:
    invariant(isinstance(file, RealFile), "the kernel syncs files of the real disk", file=type(file).__name__)
    return file.fileno() if isinstance(file, RealFile) else -1


def _errno(result: int) -> int:
    """The kernel's negative error number comes from the library as an unsigned word; 0 is none."""
    return (1 << 64) - result if result else 0


def _nobody(_: OSError | None) -> None:
    """Before the first sync."""
