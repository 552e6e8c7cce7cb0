"""Once a second: what is wrong here and at the other unit, what of it needs a person, and telling him.

See ftnode/alarms/README.md for who tells. The deciding is `ftnode.alarms.decide`, pure; here is what it needs
of the world. A round that finds a bug of ours says so in the log and is the last: the unit serves on.
"""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import grpc
import msgspec
import structlog
from msgspec import Struct

from ftnode.alarms import decide
from ftnode.alarms.catalogue import ROWS, Severity
from ftnode.alarms.decide import Alarm, Condition, Watch
from ftnode.alarms.telling import body, headline, notice_id
from ftnode.config import UnitSettings
from ftnode.config.relations import webhook_urls
from ftnode.observe.webhook import Target, WebhookError, secret_in, trust_in
from ftnode.shell import trouble
from ftnode.shell.driver import now_ms, wall_ms
from ftnode.shell.found import Problem, found
from ftnode.shell.memory import Memory
from ftnode.shell.outbox import Outbox, Waiting
from ftnode.v1 import alarms_pb2 as pb
from ftnode.v1 import alarms_pb2_grpc as pb_grpc

if TYPE_CHECKING:
    from ftnode.shell.unit import RunningUnit

FORMAT: Final = 1  # of what units tell each other, and of what is kept
EVERY_S: Final = 1.0
ASK_S: Final = 0.8  # the other unit answers in this time, or was not heard
HEARD_MS: Final = 3000  # what it said counts for so long
REFUSED_SHOWN_MS: Final = 60_000  # since a till was last turned away
KEPT_WITHIN_MS: Final = 2000  # the disk has so long to keep an alarm before it is told all the same
HISTORY: Final = "history"
# Said too often, or too small, to be history.
NOT_HISTORY: Final = frozenset({"session", "session ended", "asking", "asking dropped", "paused", "clock"})


class Sightings(Struct):
    """What one unit tells the other. Unknown fields of a later version are skipped."""

    format: int
    unit: int
    conditions: list[Condition]
    state: dict[str, Watch]
    can_tell: bool
    taken: list[str]
    now_ms: int  # by its clock
    backup_ms: int = 0  # when the last backup ended, as far as it knows; by its clock


class Kept(Struct):
    """What a unit writes down of its alarms."""

    format: int
    state: dict[str, Watch]
    waiting: list[Waiting]
    taken: list[str]


class Alarms:
    """See the module. Belongs to the loop."""

    def __init__(self, running: "RunningUnit") -> None:
        """Raises WebhookError: a file that the settings name cannot be used."""
        settings = self._settings = running.settings.alarms
        self.running, self._me = running, running.settings.unit.id
        self._cabinet = running.settings.unit.cabinet
        self._percent = settings.delays_percent
        self._ahead_ms = wall_ms() - now_ms()  # the clock of alarms never jumps in one life
        promise, directory = running.opened.promise, running.opened.directory / HISTORY
        boot = promise.boot + 1 if promise is not None else 1  # as the core counts it
        self.memory = Memory(directory, settings.history_max_bytes, self._me, boot)
        self.state: dict[str, Watch] = {}
        self.lead = self._me
        self._refused, self._refused_ms = 0, -REFUSED_SHOWN_MS
        self._theirs: Sightings | None = None
        self._theirs_ms = 0
        self._channel: grpc.aio.Channel | None = None
        self._targets = targets_of(running.settings)
        self._task: asyncio.Task[None] | None = None
        self._log = structlog.get_logger()

    def start(self) -> None:
        """Take up what the life before left, and begin."""
        loop = asyncio.get_running_loop()
        soon: Callable[..., object] = loop.call_soon_threadsafe
        self.outbox = Outbox(self._targets, self._settings.queue_max_entries, self.now_ms, soon)
        self._restore()
        self.memory.start()
        self.memory.note("started", "")
        self.running.driver.on_said = self._said
        self.outbox.start()
        self._task = loop.create_task(self._rounds(), name="alarms")

    async def stop(self, why: str, within_s: float) -> None:
        """Write what is to be remembered, if the disk takes it in that time; what waits is told later."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self.outbox.stop()
            self.memory.note("ended", why)
            self._keep()
            await self.memory.stop(within_s)
        if self._channel is not None:
            await self._channel.close(None)

    def now_ms(self) -> int:
        """UTC as it was at the start, and the monotonic clock since."""
        return self._ahead_ms + now_ms()

    def standing(self) -> list[Alarm]:
        """What stands, worst first."""
        return sorted(
            decide.standing(self.state).values(),
            key=lambda alarm: (
                ROWS[alarm.code].severity is not Severity.CRITICAL,
                alarm.raised_ms,
                alarm.key,
            ),
        )

    def problems(self) -> list[Problem]:
        """What is wrong with telling and remembering."""
        wrong = []
        for line in self.outbox.lines.values():
            if line.failing:
                what = (
                    f"{line.courier.target.name} does not take the alarms of unit {self._me}: {line.failing}"
                )
                wrong.append(found("webhook-silent", self._me, what, line.since_ms))
                break
        if now_ms() - self._refused_ms < REFUSED_SHOWN_MS:
            what = f"unit {self._me} has no room for further calls; {self._refused} were turned away so far"
            wrong.append(found("tills-refused", self._me, what, wall_ms()))
        if self.memory.failing:
            what = f"the history of unit {self._me} cannot be written: {self.memory.failing}"
            wrong.append(found("history-not-written", self._me, what, wall_ms()))
        return wrong

    def sightings(self) -> bytes:
        """For the other unit."""
        return msgspec.json.encode(
            Sightings(
                FORMAT,
                self._me,
                self._conditions(),
                self.state,
                bool(self.outbox.lines) and self.outbox.can_tell,
                list(self.outbox.taken),
                self.now_ms(),
                self.running.last_backup.ended_ms,
            )
        )

    # ---------------------------------------------------------------- rounds

    async def _rounds(self) -> None:
        try:
            while True:
                began_s = time.monotonic()
                await self._ask()
                self._round()
                await asyncio.sleep(max(0.1, EVERY_S - (time.monotonic() - began_s)))
        except Exception as bug:
            self._log.critical("alarms_ended", why=f"{type(bug).__name__}: {bug}", exc_info=bug)
            self.memory.note("alarms-ended", f"a bug of ours: {type(bug).__name__}: {bug}")

    async def _ask(self) -> None:
        """What the other unit sees; a channel that failed is made anew, else gRPC waits before it tries."""
        if self._channel is None:
            self._channel = self.running.partner_channel()
        try:
            stub = pb_grpc.AlarmServiceStub(self._channel)
            request = pb.GetSightingsRequest(unit=self._me)
            async with asyncio.timeout(2 * ASK_S):
                answer = await stub.GetSightings(request, timeout=ASK_S)
            theirs = msgspec.json.decode(answer.sightings, type=Sightings)
        except (grpc.RpcError, grpc.aio.UsageError, TimeoutError, msgspec.MsgspecError) as problem:
            self._log.debug("not_asked", why=str(problem))
            channel, self._channel = self._channel, None
            await channel.close(None)
            return
        if theirs.unit == 1 - self._me and theirs.format == FORMAT:
            theirs.state = decide.by_this_clock(theirs.state, self.now_ms() - theirs.now_ms)
            self._theirs, self._theirs_ms = theirs, now_ms()
            if theirs.backup_ms:
                await self.running.last_backup.taken(theirs.backup_ms + self.now_ms() - theirs.now_ms)

    def _round(self) -> None:
        refused = self.running.figures.refusals["no room"]
        if refused > self._refused:
            self._refused, self._refused_ms = refused, now_ms()
        fresh = self._theirs is not None and now_ms() - self._theirs_ms < HEARD_MS
        theirs = self._theirs if fresh else None
        can_tell = {self._me: bool(self.outbox.lines) and self.outbox.can_tell}
        seen = {self._me: self._conditions()}
        if theirs is not None:
            can_tell[theirs.unit], seen[theirs.unit] = theirs.can_tell, theirs.conditions
        self.lead = decide.teller(can_tell)
        if theirs is not None:
            self.outbox.heard_taken(theirs.taken)
            self._told(decide.merge(self.state, theirs.state, self.lead == self._me))
        if self.lead == self._me:
            self._told(decide.alarms(self.state, seen, self.now_ms(), self._me, self._percent))
        if self.outbox.changed:
            self._keep()
        self.outbox.offer(self.lead == self._me, self._ready)

    def _conditions(self) -> list[Condition]:
        wrong = trouble.problems(self.running)
        return [Condition(problem.code, problem.unit, problem.what) for problem in wrong]

    def _told(self, step: decide.Step) -> None:
        """Write down, and have told, what is new and what is over."""
        self.state, raised, cleared = step
        for alarm in raised:
            self._one(alarm, 0)
        for alarm in cleared:
            self._one(alarm, self.now_ms())
        if raised or cleared:
            self._keep()

    def _one(self, alarm: Alarm, cleared_ms: int) -> None:
        event: Any = "cleared" if cleared_ms else "raised"
        row = ROWS[alarm.code]
        words = f"{headline(alarm)}: {alarm.what}" if event == "raised" else f"over: {headline(alarm)}"
        facts = {"code": alarm.code, "key": alarm.key, "severity": row.severity.value}
        facts |= {"raised_ms": str(alarm.raised_ms), "told_by": str(alarm.told_by)}
        self._log.warning(f"alarm_{event}", why=words, **facts)
        self.memory.note(f"alarm-{event}", words, **facts)
        made = body(alarm, self._cabinet, alarm.told_by, cleared_ms)
        for gone in self.outbox.add(notice_id(alarm, event), alarm.key, made):
            self.memory.note("alarm-not-told", f"{gone}: too many wait for delivery")

    # ---------------------------------------------------------------- kept over restarts

    def _keep(self) -> None:
        waiting = list(self.outbox.waiting.values())
        self._kept_number = self.memory.keep(
            msgspec.json.encode(Kept(FORMAT, self.state, waiting, list(self.outbox.taken)))
        )
        self._kept_at_ms = now_ms()
        self.outbox.changed = False

    def _ready(self, post: Waiting) -> bool:
        """On disk, so that a restart does not raise it anew; or the disk is what is wrong."""
        return self.memory.kept >= self._kept_number or self.now_ms() - post.made_ms > KEPT_WITHIN_MS

    def _restore(self) -> None:
        self._kept_number = 0
        data = self.memory.load()
        if not data:
            return
        try:
            kept = msgspec.json.decode(data, type=Kept)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as damage:
            self.memory.note("alarms-forgotten", f"what was told before cannot be read: {damage}")
            return
        if kept.format == FORMAT:
            self.state = decide.after_restart(kept.state)
            self.outbox.restore(kept.waiting, kept.taken)

    def _said(self, event: str, why: str, more: dict[str, object]) -> None:
        """A decision that the log has a line of."""
        if event not in NOT_HISTORY:
            who = str(more.pop("who", ""))
            self.memory.note(event, why, who, **more)


def targets_of(settings: UnitSettings) -> list[Target]:
    """Whom to tell, from the settings.

    Raises:
        WebhookError: a file cannot be used; says which, and why.
    """
    at = settings.alarms
    urls = webhook_urls(at)
    if not urls:
        return []
    token = secret_in(at.webhook_token_file, "alarms.webhook_token_file") if at.webhook_token_file else ""
    secret = secret_in(at.webhook_secret_file, "alarms.webhook_secret_file") if at.webhook_secret_file else ""
    trust = trust_in(at.webhook_ca_file)
    return [
        Target(
            url,
            at.webhook_deadline_ms / 1000,
            at.webhook_retry_min_ms / 1000,
            at.webhook_retry_max_ms / 1000,
            token,
            secret.encode(),
            trust,
        )
        for url in dict.fromkeys(urls)
    ]


__all__ = ["Alarms", "WebhookError"]
