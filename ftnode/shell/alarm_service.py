"""AlarmService: what stands, a test of telling it, and what happened before."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any, Final

import grpc

from ftnode.alarms.catalogue import ROWS, About, Severity, in_words
from ftnode.alarms.decide import Alarm
from ftnode.alarms.telling import TEST, headline, test_body
from ftnode.observe.webhook import Post, post
from ftnode.shell import refusals
from ftnode.shell.alarms import Alarms
from ftnode.shell.driver import wall_ms
from ftnode.store.history import Happened, read
from ftnode.v1 import admin_pb2, alarms_pb2_grpc
from ftnode.v1 import alarms_pb2 as pb

PAGE: Final = 200  # lines read at a time, with a rest behind each, so that tills do not notice
REST_S: Final = 0.005
READERS_MAX: Final = 8
SEVERITIES: Final = {
    Severity.CRITICAL: admin_pb2.SEVERITY_CRITICAL,
    Severity.WARNING: admin_pb2.SEVERITY_WARNING,
}


class AlarmServer(alarms_pb2_grpc.AlarmServiceServicer):
    """See the module."""

    def __init__(self, alarms: Alarms) -> None:
        """Reads what the unit knows; changes nothing."""
        self._alarms = alarms
        self._unit = alarms.running.settings.unit
        self._readers = 0

    async def ListAlarms(self, request: pb.ListAlarmsRequest, context: Any) -> pb.ListAlarmsResponse:
        """See the proto."""
        alarms = self._alarms
        webhooks = [
            pb.Webhook(
                address=line.courier.target.name,
                waiting=alarms.outbox.waiting_for(url),
                failing=line.failing,
                taken_ms=line.taken_ms,
            )
            for url, line in alarms.outbox.lines.items()
        ]
        standing = [shown(alarm) for alarm in alarms.standing()]
        return pb.ListAlarmsResponse(
            unit=self._unit.id, teller=alarms.lead, alarms=standing, webhooks=webhooks
        )

    async def TestAlarm(self, request: pb.TestAlarmRequest, context: Any) -> pb.TestAlarmResponse:
        """See the proto."""
        targets = [line.courier.target for line in self._alarms.outbox.lines.values()]
        if not targets:
            why = f"alarms.webhook_urls of unit {self._unit.id} is empty: nobody is told"
            await refusals.send(context, refusals.not_taken(grpc.StatusCode.FAILED_PRECONDITION, why))
        at_ms = wall_ms()
        body = test_body(self._unit.cabinet, self._unit.id, at_ms)
        what = Post(f"{self._unit.cabinet}/{TEST}/{at_ms}/{TEST}", TEST, body)
        said = await asyncio.gather(*(asyncio.to_thread(post, target, what) for target in targets))
        results = [
            pb.Tested(address=target.name, failed=why) for target, why in zip(targets, said, strict=True)
        ]
        failed = [f"{one.address}: {one.failed}" for one in results if one.failed]
        self._alarms.memory.note("alarm-test", "; ".join(failed) or "taken by every address")
        return pb.TestAlarmResponse(tested=results)

    async def GetSightings(self, request: pb.GetSightingsRequest, context: Any) -> pb.GetSightingsResponse:
        """See the proto."""
        return pb.GetSightingsResponse(sightings=self._alarms.sightings())

    async def ReadHistory(
        self, request: pb.ReadHistoryRequest, context: Any
    ) -> AsyncIterator[pb.ReadHistoryResponse]:
        """See the proto. What is not on disk yet is told, too."""
        if self._readers >= READERS_MAX:
            why = f"{READERS_MAX} read the history already; try again later"
            await refusals.send(context, refusals.not_taken(grpc.StatusCode.RESOURCE_EXHAUSTED, why, 1000))
        self._readers += 1
        memory = self._alarms.memory
        changed = memory.changes.subscribe()
        try:
            told = (0, 0)
            lines = read(memory.directory, request.since_ms)
            while page := await asyncio.to_thread(_page, lines):
                yield pb.ReadHistoryResponse(happened=[_line(one) for one in page])
                told = (page[-1].boot, page[-1].number)
                await asyncio.sleep(REST_S)
            while True:
                changed.clear()
                news = self._news(told, request.since_ms)
                if news:
                    yield pb.ReadHistoryResponse(happened=[_line(one) for one in news])
                    told = (news[-1].boot, news[-1].number)
                if not request.follow or self._alarms.running.driver.halted:
                    return
                await changed.wait()
        except OSError as fault:
            await refusals.send(context, refusals.unknown(f"the history cannot be read: {fault}"))
        finally:
            memory.changes.unsubscribe(changed)
            self._readers -= 1

    def _news(self, told: tuple[int, int], since_ms: int) -> list[Happened]:
        """Lines of this life behind `told`."""
        memory = self._alarms.memory
        behind = told[1] if told[0] == memory.boot else 0
        return [one for one in memory.recent if one.number > behind and one.at_ms >= since_ms]


def shown(alarm: Alarm) -> pb.Alarm:
    """For an operator."""
    row = ROWS[alarm.code]
    unit = alarm.unit if row.about is About.UNIT else None
    return pb.Alarm(
        key=alarm.key,
        code=alarm.code,
        severity=SEVERITIES[row.severity],
        unit=unit,
        headline=headline(alarm),
        what=alarm.what,
        cause=in_words(row.cause, alarm.unit),
        consequence=in_words(row.consequence, alarm.unit),
        todo=in_words(row.todo, alarm.unit),
        since_ms=alarm.since_ms,
        raised_ms=alarm.raised_ms,
        told_by=alarm.told_by,
        seen_by=alarm.seen_by,
        comes_and_goes=alarm.comes_and_goes,
    )


def _page(lines: Iterator[Happened]) -> list[Happened]:
    return list(islice(lines, PAGE))


def _line(one: Happened) -> pb.Happened:
    return pb.Happened(
        at_ms=one.at_ms,
        unit=one.unit,
        boot=one.boot,
        number=one.number,
        what=one.what,
        why=one.why,
        who=one.who,
        more=one.more,
    )
