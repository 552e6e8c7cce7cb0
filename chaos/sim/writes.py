"""Writes that take time, fail, and may be cut short: how one life uses its disk."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chaos.sim.disk import SimDisk
from chaos.sim.promises import write_promise
from ftnode.core import effects as eff
from ftnode.core import events as ev
from ftnode.store.state import StoreFault
from ftnode.store.wal_faults import LogUnusable
from ftnode.store.wal_writer import Ticket

if TYPE_CHECKING:
    from chaos.sim.life import Life


class Writes:
    """A call on the disk is made when the write and sync that it stands for would end."""

    def __init__(self, life: "Life") -> None:
        self._life = life
        self._world = life.world
        self._box = life.box
        self._disk: SimDisk = life.box.disk

    def after_write(self, call: Callable[..., None], *args: object) -> None:
        """Call when a write and sync that begin now would end."""
        self._life.later(self._box.write_us(), self._written, call, *args)

    def _written(self, call: Callable[..., None], *args: object) -> None:
        if self._box.hangs_until_us > self._world.now_us:
            self._life.later(self._box.hangs_until_us - self._world.now_us, self._written, call, *args)
            return
        self.trying(call, *args)

    def trying(self, call: Callable[..., Ticket | None], *args: object) -> Ticket | None:
        """Do something to the disk; its failure is told to the core."""
        try:
            return call(*args)
        except (OSError, LogUnusable, StoreFault) as failed:
            self._world.seen["fsync failure reported"] += 1
            self._life.feed(ev.FsyncFailed(self._life.now_ms(), str(failed)))
            return None

    def keep_promise(self, effect: eff.KeepPromise) -> None:
        self.after_write(self._promise_written, effect)

    def _promise_written(self, effect: eff.KeepPromise) -> None:
        write_promise(self._disk, effect.promise)
        self._life.feed(ev.PromiseKept(self._life.now_ms(), effect.number))

    def diagnose(self) -> None:
        """Look at this box; what is found is found once."""
        self.after_write(self._diagnosed)

    def _diagnosed(self) -> None:
        problem, self._box.ill = self._box.ill, ""
        self._life.feed(ev.Diagnosed(self._life.now_ms(), problem))
