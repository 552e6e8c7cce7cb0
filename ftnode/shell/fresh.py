"""A checkpoint now, for who reads checkpoints: an entry in the log asks both units for it, at the same seq.

Checkpoints are due after so many entries: a shop that sells little would read in its reports what was true
last week. Nothing is promised: who cannot have a fresh one in time reads the one that is there, and is told
which.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from ftnode.machine.kinds import Kind
from ftnode.shell.calls import NoRoomError, UnknownError
from ftnode.shell.desk import Desk
from ftnode.shell.table import Command, Lane

WAIT_S: Final = 10.0  # a checkpoint of a busy hour takes some seconds
ACTOR: Final = b"anonymous"


class Fresh:
    """See the module.

    Args:
        desk: takes the entry to the active, whichever unit that is.
        stands: (checkpoint_seq, compared_seq) of this unit.
    """

    def __init__(self, desk: Desk, stands: Callable[[], tuple[int, int]]) -> None:
        self._desk = desk
        self._stands = stands
        self._written = asyncio.Event()

    def written(self) -> None:
        """A checkpoint is on this unit's disk."""
        self._written.set()
        self._written = asyncio.Event()

    async def wanted(self) -> None:
        """Wait for a checkpoint of all that is compared by now; a while at most."""
        checkpoint_seq, compared_seq = self._stands()
        if checkpoint_seq >= compared_seq:
            return
        try:
            async with asyncio.timeout(WAIT_S):
                seq = await self._asked()
                while self._stands()[0] < seq:
                    await self._written.wait()
        except (TimeoutError, NoRoomError, UnknownError):
            return

    async def _asked(self) -> int:
        """Put it into the log; its seq."""
        waiter = self._desk.ask([Command(Kind.CHECKPOINT, 0, 0, b"", 0, 0, b"")], Lane.BACK_OFFICE, ACTOR)
        answers = await waiter.future
        return answers[0].seq
