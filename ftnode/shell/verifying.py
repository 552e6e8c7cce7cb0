"""Reading a unit's whole disk on demand, at one checkpoint, for `ftctl verify`.

A helper of its own reads beside the scrubber's. What it finds goes the same way as what that one finds.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec

from ftnode.shell.scrubber import ARCHIVED_AT_ONCE, PARTS, SLOTS_AT_ONCE
from ftnode.store.scrub import Finding
from ftnode.store.scrub_helper import Ask, Reply, ScrubGone, ScrubHelper
from ftnode.store.state import SLOTS
from ftnode.store.wal_faults import LogFault
from ftnode.v1 import admin_pb2 as pb

if TYPE_CHECKING:
    from ftnode.shell.unit import RunningUnit

WAIT_S: Final = 20.0  # longest for a checkpoint to be written
POLL_S: Final = 0.02
HASHES_MAX: Final = 1000


class NotNow(Exception):
    """The disk cannot be read now, and why."""


class Verifier:
    """See the module. One at a time."""

    def __init__(self, running: "RunningUnit") -> None:
        """Nothing is read yet."""
        self._running = running
        self._busy = False

    async def verify(self, request: pb.VerifyRequest) -> AsyncIterator[pb.VerifyResponse]:
        """See the proto. Raises NotNow, at its beginning or later."""
        unit = self._running.driver.unit
        if self._busy:
            raise NotNow("it is being verified already")
        if unit.changing:
            raise NotNow(f"{unit.changing}: its disk is about to be another one")
        self._busy = True
        thread = ThreadPoolExecutor(1, thread_name_prefix="verify")
        helper = self._running.scrubber.new_helper()
        try:
            async for answer in _Reading(self._running, helper, thread, request).answers():
                yield answer
        except ScrubGone as gone:
            raise NotNow(f"{gone}; the scrubber finds out what it was") from gone
        finally:
            self._busy = False
            helper.kill()
            thread.submit(helper.end)
            thread.shutdown(wait=False)

    def hashes(self, seqs: "list[int]") -> "list[bytes]":
        """Of entries of the log; empty where there is none. For a thread."""
        found = []
        for seq in seqs[:HASHES_MAX]:
            known = b""
            with suppress(LogFault, ValueError):
                known = self._running.logbook.wal.hash_at(seq)
            found.append(known)
        return found


class _Reading:
    """One verification under way."""

    def __init__(
        self,
        running: "RunningUnit",
        helper: ScrubHelper,
        thread: ThreadPoolExecutor,
        request: pb.VerifyRequest,
    ) -> None:
        self._running, self._helper, self._thread, self._request = running, helper, thread, request
        budget = running.settings.scrub
        self._base = Ask() if request.fast else Ask(budget.max_bytes_per_s, budget.cpu_percent)

    async def answers(self) -> AsyncIterator[pb.VerifyResponse]:
        """From the first to the last."""
        running, wal = self._running, self._running.logbook.wal
        held = await self._hold()
        if held.stands is None:
            raise NotNow(
                held.fault or "its state cannot be read: " + "; ".join(one.why for one in held.findings)
            )
        names = running.opened.archive.names()
        yield pb.VerifyResponse(
            begun=pb.VerifyBegun(
                unit=running.settings.unit.id,
                checkpoint_seq=held.stands.seq,
                digest=held.stands.digest,
                roots=held.roots,
                first_seq=wal.first_seq,
                last_seq=wal.synced_seq,
                archived_segments=len(names),
            ),
            total_bytes=running.scrubber.expected_bytes,
        )
        yield pb.VerifyResponse(
            part="log",
            total_bytes=running.scrubber.expected_bytes,
            findings=[_told(one) for one in _known_holes(wal.rotten)],
        )
        read_bytes = 0
        for part, ask in self._portions(names):
            reply = await self._ask(ask)
            read_bytes += reply.read_bytes
            found = [one for one in reply.findings if await running.scrubber.look_again(one, ask)]
            yield pb.VerifyResponse(
                part=part,
                read_bytes=read_bytes,
                total_bytes=max(running.scrubber.expected_bytes, read_bytes),
                findings=map(_told, found),
            )
        yield pb.VerifyResponse(read_bytes=read_bytes, total_bytes=read_bytes, done=True)

    async def _hold(self) -> Reply:
        """A checkpoint that is wanted, held still until the helper ends."""
        running, at_seq = self._running, self._request.at_seq
        if self._request.fresh:
            await running.fresh.wanted()
        loop = asyncio.get_running_loop()
        until_s = loop.time() + WAIT_S
        while running.driver.unit.log.checkpoint_seq < at_seq:
            if loop.time() > until_s:
                raise NotNow(f"no checkpoint at entry {at_seq} within {WAIT_S:.0f} s")
            await asyncio.sleep(POLL_S)
        return await self._ask(Ask(hold=True))

    def _portions(self, names: "list[str]") -> Iterator[tuple[str, Ask]]:
        promise, log, state, archive = PARTS
        again = msgspec.structs.replace
        yield promise, again(self._base, promise=True)
        for piece in self._running.logbook.wal.pieces():
            yield log, again(self._base, piece=piece)
        for at in range(0, len(names), ARCHIVED_AT_ONCE):
            yield archive, again(self._base, archived=names[at : at + ARCHIVED_AT_ONCE])
        for at in range(0, SLOTS, SLOTS_AT_ONCE):  # last: what rotted there brings a new log with it
            yield state, again(self._base, slots=list(range(at, at + SLOTS_AT_ONCE)))

    async def _ask(self, ask: Ask) -> Reply:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._helper.ask, ask)


def _known_holes(rotten: "tuple[tuple[int, int], ...]") -> Iterator[Finding]:
    """What is not read again, for it is known: entries that wait for the partner's copy."""
    for first, last in rotten:
        yield Finding(
            "entries", f"entries {first}..{last} cannot be read and are not mended yet", first, last
        )


def _told(finding: Finding) -> pb.VerifyFinding:
    return pb.VerifyFinding(
        what=finding.what, why=finding.why, first=finding.first, last=finding.last, name=finding.name
    )
