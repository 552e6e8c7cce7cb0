"""Ctrl-C at any moment: one that comes just before a read waits would be heard with the next key only.

A signal makes a waiting read return. One that is taken a moment earlier, or by another thread, is noted, and
the main thread goes to sleep over it. So another thread sends it again until the main thread has taken it.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

AGAIN_S: Final = 0.1


@contextmanager
def never_lost(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Within it, a Ctrl-C raises KeyboardInterrupt in the main thread soon, whatever that waits for.

    Args:
        loop: runs in another thread, and longer than this lasts.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield  # whoever started us wants none
        return
    main_thread = threading.get_ident()
    reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    taken = False

    def take(_number: int, _frame: FrameType | None) -> NoReturn:
        nonlocal taken
        taken = True
        raise KeyboardInterrupt

    def noted() -> None:
        os.read(reader, 4096)
        loop.call_later(AGAIN_S, again)

    def again() -> None:
        if not taken:
            signal.pthread_kill(main_thread, signal.SIGINT)  # noted once more: until it is taken

    loop.call_soon_threadsafe(loop.add_reader, reader, noted)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, take)
    try:
        yield
    finally:
        taken = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.set_wakeup_fd(before)
        loop.call_soon_threadsafe(loop.remove_reader, reader)
        loop.call_soon_threadsafe(os.close, reader)
        os.close(writer)
