"""Carries a snapshot from the active's box to the other: manifest, the slots asked for, chunks, install.

The real sender and receiver of `ftnode.store.snapshot` do the work; here is only their conversation,
which may break off at any point.
"""

from typing import TYPE_CHECKING, Final

from chaos.sim.world import MS
from ftnode.core.events import SnapshotFailed
from ftnode.core.fsm import State
from ftnode.core.messages import Sid
from ftnode.store.snapshot import Chunk, Manifest, SnapshotFault, SnapshotReceiver, manifest_of, read_chunks
from ftnode.store.state import SnapshotReader

if TYPE_CHECKING:
    from chaos.sim.life import Life

PATIENCE_MS: Final = 600
"""A snapshot of which nothing came for so long is given up."""

BUSY_POLL_MS: Final = 20
"""While our own checkpoint is still being written."""

STAGE_AT_ONCE_BYTES: Final = 1
"""Each chunk goes to disk at once: an interruption finds something of it there."""


class Ferry:
    """Both ends of the conversation, in one life."""

    def __init__(self, life: "Life") -> None:
        self._life = life
        self._number = life.number * 1000
        self._receiver: SnapshotReceiver | None = None
        self._heard_us = 0
        self._held: tuple[int, SnapshotReader] | None = None

    def fetch(self, sid: Sid) -> None:
        """Ask the other unit for all that we lack."""
        self._number += 1
        self._receiver = None
        self._ask(self._number)

    def _ask(self, number: int) -> None:
        """As soon as no checkpoint of ours is being written: two would write one state."""
        if number != self._number:
            return
        if self._life.book.writes_checkpoint:
            self._life.later(BUSY_POLL_MS * MS, self._ask, number)
            return
        self._life.world.seen["snapshot asked for"] += 1
        self._alive()
        self._life.cabinet.moments.snapshot(self._life.me)
        resumes = bool(self._life.book.store.staged_roots())
        self._life.cabinet.ferry(self._life.me, "asked", self._number, resumes)

    def asked(self, number: int, resumes: bool) -> None:
        """At the sender: hold the newest checkpoint, or go on with the one held, and say what is in it."""
        held = self._held[1] if self._held is not None else None
        if held is not None and not (resumes and self._goes_on(held.checkpoint.seq)):
            held.close()
            held = None
        if held is not None:
            self._life.world.seen["snapshot gone on with"] += 1
        snapshot = held or self._life.book.store.open_snapshot()
        self._held = (number, snapshot)
        self._life.cabinet.ferry(self._life.me, "offered", number, manifest_of(snapshot))

    def _goes_on(self, seq: int) -> bool:
        """Whether this unit is active, and its log still reaches back to a snapshot there."""
        log = self._life.book.log
        return self._life.unit.state is State.ACTIVE and log.first_seq <= seq + 1

    def offered(self, number: int, manifest: Manifest) -> None:
        """At the receiver: ask for the slots that differ."""
        if number != self._number:
            return
        self._alive()
        store, distrust = self._life.book.store, self._life.box.rot_slots
        self._receiver = SnapshotReceiver(store, manifest, False, STAGE_AT_ONCE_BYTES, distrust)
        slots = self._receiver.wanted_slots()
        if slots:
            self._life.cabinet.ferry(self._life.me, "wanted", number, slots)
        else:
            self._install()

    def wanted(self, number: int, slots: list[int]) -> None:
        """At the sender: send them."""
        if self._held is None or self._held[0] != number:
            return
        for chunk in read_chunks(self._held[1], slots):
            self._life.cabinet.ferry(self._life.me, "brought", number, chunk)

    def brought(self, number: int, chunk: Chunk) -> None:
        """At the receiver: put it beside the state; install when it was the last."""
        if number != self._number or self._receiver is None:
            return
        self._heard_us = self._life.world.now_us
        try:
            self._receiver.take(chunk)
        except SnapshotFault as fault:
            self._fail(str(fault))
            return
        if chunk.last and not self._receiver.wanted_slots():
            self._life.book.after_write(self._install)

    def _install(self) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            self._number += 1
            self._life.world.seen["snapshot installed"] += 1
            self._life.book.install(receiver)

    def _alive(self) -> None:
        self._heard_us = self._life.world.now_us
        self._life.later(PATIENCE_MS * MS, self._impatient, self._number)

    def _impatient(self, number: int) -> None:
        if number != self._number:
            return
        waited_us = self._life.world.now_us - self._heard_us
        if waited_us < PATIENCE_MS * MS:
            self._life.later(PATIENCE_MS * MS - waited_us, self._impatient, number)
        else:
            self._fail("nothing came")

    def _fail(self, why: str) -> None:
        self._number += 1
        self._receiver = None
        self._life.world.seen["snapshot failed"] += 1
        self._life.feed(SnapshotFailed(self._life.now_ms(), why))
