"""Is it us? The unit's own log, executed again in a clean process, held against what is in memory here.

Everything that may wait happens in a thread; the unit's loop reads the log, a piece at a time. However it
ends, the core is told: who cannot re-execute cannot vouch for itself.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from ftnode.core import effects as ef
from ftnode.core import events as ev
from ftnode.core.messages import Doubt, Message
from ftnode.machine.arbitration import EVIDENCE_MAX_BYTES, difference_between, reads_of, shown, shown_pair
from ftnode.machine.contract import Machine
from ftnode.machine.executor import Executor
from ftnode.shell.driver import die, now_ms
from ftnode.shell.logbook import READ_MAX_BYTES, Logbook
from ftnode.shell.reader import Reader
from ftnode.shell.runner import Runner
from ftnode.shell.scan_helper import name_of
from ftnode.shell.self_trial_helper import Found, Job, decode_found, decode_head
from ftnode.store.child import Child, ChildGone
from ftnode.store.state import Checkpoint, RottenValue, StoreFault
from ftnode.store.wal_faults import LogFault

HELPER: Final = "ftnode.shell.self_trial_helper"
_pack: Final = msgspec.msgpack.Encoder().encode


class SelfTrial:
    """See the module.

    Args:
        state: where the unit's state lies.
        machines: the application, newest engine version first; the child makes its own by their classes.
        request_keep_ms, prune_per_entry: as the unit's own executor has them.
        limit_ms: a child that is not done by then is ended, and the unit has not vouched for itself.
        tell: hears of the verdict.
        roots: packed, as the checkpoint that is prepared adds up to.
        rotten: hears of slots of the state that do not add up.
    """

    def __init__(
        self,
        *,
        state: Path,
        machines: Sequence[Machine],
        request_keep_ms: int,
        prune_per_entry: int,
        limit_ms: int,
        runner: Runner,
        logbook: Logbook,
        reader: Reader,
        tell: Callable[[ev.Event], None],
        roots: Callable[[], bytes] = bytes,
        rotten: Callable[[Sequence[int], str], None],
    ) -> None:
        self._state = state
        self._machines = tuple(name_of(type(machine)) for machine in machines)
        self._request_keep_ms, self._prune_per_entry = request_keep_ms, prune_per_entry
        self._limit_s = limit_ms / 1000
        self._runner, self._logbook, self._reader, self._tell = runner, logbook, reader, tell
        self._rotten, self._roots = rotten, roots
        self._task: asyncio.Task[None] | None = None
        self._ours = self._theirs = (0, b"")  # (seq of the doubt, evidence): of ourselves, of the other unit
        self._log = structlog.get_logger()

    def arbitrate(self, effect: ef.Arbitrate) -> None:
        """Begin. One at a time: if the one before is still at it, its doubt is over, and so is it."""
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.get_running_loop().create_task(self._arbitrate(effect))

    def filled_in(self, message: Message) -> Message:
        """Our word, with what the entries in doubt did here, if we are sound; other messages as they are."""
        if not isinstance(message, Doubt) or not message.done or message.fault or message.barrier:
            return message
        return replace(message, evidence=self._ours[1]) if self._ours[0] == message.seq else message

    def hear(self, message: Message) -> None:
        """The other unit's evidence is held against ours as soon as there are both."""
        if not isinstance(message, Doubt) or not 0 < len(message.evidence) <= EVIDENCE_MAX_BYTES:
            return
        theirs = (message.seq, message.evidence)
        if theirs != self._theirs:
            self._theirs = theirs
            self._report()

    def _report(self) -> None:
        seq, ours = self._ours
        if ours and self._theirs[1] and self._theirs[0] == seq:
            self._tell(ev.Differed(now_ms(), seq, difference_between(ours, self._theirs[1])))

    async def stop(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _arbitrate(self, effect: ef.Arbitrate) -> None:
        began_ms, disk = now_ms(), False
        self._ours = (0, b"")
        try:
            child = await asyncio.to_thread(Child, HELPER, str(self._state))
            try:
                async with asyncio.timeout(self._limit_s):
                    fault, disk = await self._try(child, effect)
            finally:
                await asyncio.to_thread(child.end, at_once=True)
        except TimeoutError:
            fault = (
                f"it could not re-execute its log within timing.arbitration_ms = {self._limit_s * 1000:.0f}"
            )
        except (ChildGone, OSError, msgspec.MsgspecError) as error:
            fault = f"it could not re-execute its log: {error}"
        except (LogFault, StoreFault) as error:
            fault, disk = f"its log or state cannot be read: {error}", True
            if isinstance(error, RottenValue):
                self._rotten([error.slot], fault)
        except Exception as bug:  # the core waits for an end: without one nothing would ever leave again
            die(bug)
        self._log.warning("arbitrated", seq=effect.seq, fault=fault, disk=disk, ms=now_ms() - began_ms)
        self._tell(ev.Arbitrated(now_ms(), effect.seq, fault, disk))

    async def _try(self, child: Child, effect: ef.Arbitrate) -> tuple[str, bool]:
        """(what is wrong with this unit, whether on disk). Raises ChildGone, LogFault, StoreFault."""
        stands = decode_head(await asyncio.to_thread(child.receive))
        executor = self._runner.executor
        # A newcomer to a lone active, or that active, may have a checkpoint behind the doubt by now.
        # Reads are asked again where the state stands now, here and there.
        now = bool(effect.barrier) or stands.seq >= effect.seq
        through_seq = executor.executed_seq if now else effect.seq
        asked = self._reader.kept(effect.barrier) if effect.barrier else ()
        answers = self._reader.answers(asked)
        reads = reads_of(executor, [one.body for one in asked if not one.lookup]) if asked else []
        doubtful = range(max(effect.equal_seq, stands.seq) + 1, through_seq + 1)
        digests = [(seq, digest) for seq in doubtful if (digest := executor.digest_at(seq)) is not None]
        job = Job(
            self._machines,
            self._request_keep_ms,
            self._prune_per_entry,
            effect.equal_seq,
            digests,
            asked,
            answers,
            reads,
            self._roots() if effect.roots else b"",
        )
        await asyncio.to_thread(child.send, _pack(job))
        await self._send_log(child, stands, through_seq)
        found = decode_found(await asyncio.to_thread(child.receive))
        fault, disk = verdict(found, executor, stands)
        if found.unsure and not fault:
            fault = self._unsure(found, executor, through_seq)
        if not fault and not effect.barrier:
            self._ours = (effect.seq, found.evidence)
            self._report()
        if found.slots:
            self._rotten(found.slots, fault)
        return fault, disk

    def _unsure(self, found: Found, executor: Executor, through_seq: int) -> str:
        """What is wrong with us, if a question is answered in two ways; empty if it is the application."""
        unmoved = executor.executed_seq == through_seq
        if unmoved and any(executor.value_of(key) != value for key, value in found.queried):
            return f"its memory contradicts its own log: {found.unsure}"
        self._log.error("query_unsure", what=found.unsure)
        return ""

    async def _send_log(self, child: Child, stands: Checkpoint, through_seq: int) -> None:
        """From the log's files, not from what is at hand in memory: only they are durable."""
        seq = stands.seq
        while seq < through_seq:
            run = self._logbook.wal.read(seq + 1, READ_MAX_BYTES)
            if run is None:
                raise LogFault(f"entry {seq + 1} is not in the log, which goes on through {through_seq}")
            data, seq = self._logbook.upto(run, through_seq)
            await asyncio.to_thread(child.send, data)
        await asyncio.to_thread(child.send, b"")


def verdict(found: Found, executor: Executor, stands: Checkpoint) -> tuple[str, bool]:
    """(what is wrong with a unit, whether on disk), from what its re-execution found."""
    if found.fault:
        return f"its log or state is broken: {found.fault}", True
    if found.slots:
        listed = ", ".join(str(slot) for slot in found.slots)
        return (
            f"its state on disk does not add up to its roots at checkpoint {stands.seq}: slots {listed}",
            True,
        )
    if found.read:
        return f"its memory contradicts its own log: {found.read}", False
    if found.other_slots:
        listed = ", ".join(str(slot) for slot in found.other_slots)
        return f"its memory contradicts its own log: it would write other values in slots {listed}", False
    if not found.first_seq:
        return "", False
    ours = executor.writes_of(found.first_seq)
    return f"its memory contradicts its own log: {first_difference(found, ours)}", False


def first_difference(found: Found, ours: Mapping[bytes, bytes | None] | None) -> str:
    """The evidence: seq, key, and both values; `ours` is what the entry wrote in the unit's memory."""
    at = f"entry {found.first_seq}"
    if ours is None:
        return f"{at} gave another digest; what it wrote is not kept"
    theirs = dict(found.writes)
    for key in sorted({*ours, *theirs}):
        if key not in ours or key not in theirs:
            here = f"wrote {shown_pair((key, ours[key]))}" if key in ours else f"did not write {shown(key)}"
            there = f"wrote {shown_pair((key, theirs[key]))}" if key in theirs else "did not"
            return f"{at} {here}, re-executed it {there}"
        if ours[key] != theirs[key]:
            here, there = shown_pair((key, ours[key])), shown_pair((key, theirs[key]))
            return f"{at} wrote {here}, re-executed it wrote {there}"
    return f"{at} wrote the same both times, so its outcome or the digest itself changed in memory"
