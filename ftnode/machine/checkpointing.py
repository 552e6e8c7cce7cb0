"""One checkpoint on its way from the overlay to the disk, in steps that a caller paces.

    job = executor.begin_checkpoint()
    while job.put_slice():                  # each takes well under a millisecond
        ...                                 # let others run
    roots = job.prepare()                   # compare with the other unit's before going on
    job.write()                             # these three block: in a thread
    job.sync()
    executor.finish_checkpoint(job)

The steps may run in a thread of their own, one after the other, while entries execute.
"""

from collections.abc import Mapping
from itertools import islice
from typing import Final

from ftnode.store.state import Checkpoint, CheckpointWriter

SLICE_PAIRS: Final = 500


class CheckpointJob:
    """See the module's text. Every step raises StoreFault when the store does."""

    def __init__(
        self, checkpoint: Checkpoint, changes: Mapping[bytes, bytes | None], writer: CheckpointWriter
    ) -> None:
        self.checkpoint = checkpoint
        self.changed_keys = len(changes)
        self._changes = iter(changes.items())
        self._writer = writer

    def put_slice(self, pairs_max: int = SLICE_PAIRS) -> bool:
        """Hand some more changes to the writer; False when none were left."""
        portion = list(islice(self._changes, pairs_max))
        if portion:
            self._writer.put_slice(portion)
        return bool(portion)

    def prepare(self) -> bytes:
        """The packed slot roots as they will be. All slices must have been put."""
        while self.put_slice():
            pass
        return self._writer.prepare()

    def write(self) -> None:
        """Commit: a process that dies from here on finds it."""
        self._writer.write()

    def sync(self) -> None:
        """Make it durable."""
        self._writer.sync()

    def abort(self) -> None:
        """Forget it, unless it is written."""
        self._writer.abort()
