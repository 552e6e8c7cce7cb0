"""An alarm in words, and as the JSON that is posted. Pure.

The body is what Alertmanager posts to a webhook (its version 4), so that whatever takes those takes ours;
`ftnode` in it has what that format has no place for. Its schema is deploy/alarm-webhook.schema.json.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec
from msgspec import Struct

from ftnode.alarms.catalogue import ROWS, About, in_words
from ftnode.alarms.decide import Alarm

FORMAT: Final = 1  # of the part that is ours
COMES_AND_GOES: Final = " (comes and goes)"
NEVER: Final = "0001-01-01T00:00:00Z"  # Alertmanager's "has not ended"
TEST: Final = "test"
_TEST_LASTS_MS: Final = 300_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Event = Literal["raised", "cleared", "test"]


class Told(Struct, frozen=True, forbid_unknown_fields=True):
    """Our own part. `id` stays when the same is posted again, `key` from raised to cleared and ever after."""

    format: int
    id: str
    event: Event
    key: str
    cabinet: str
    told_by: int  # the unit that posts
    seen_by: tuple[int, ...]
    since_ms: int
    raised_ms: int
    cleared_ms: int  # 0: it stands
    comes_and_goes: bool


class Alert(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """As Alertmanager's."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: str
    ends_at: str
    generator_url: str = msgspec.field(default="", name="generatorURL")
    fingerprint: str = ""


class Body(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What is posted; `alerts` has one alert."""

    version: Literal["4"]
    group_key: str
    status: Literal["firing", "resolved"]
    receiver: str
    group_labels: dict[str, str]
    common_labels: dict[str, str]
    common_annotations: dict[str, str]
    alerts: tuple[Alert, ...]
    ftnode: Told
    external_url: str = msgspec.field(default="", name="externalURL")
    truncated_alerts: int = 0


def headline(alarm: Alarm) -> str:
    """One line for a small screen."""
    return in_words(ROWS[alarm.code].headline, alarm.unit) + COMES_AND_GOES * alarm.comes_and_goes


def notice_id(alarm: Alarm, event: Event) -> str:
    """Names one thing to be told: a receiver that sees it twice drops the second."""
    return f"{alarm.key}/{alarm.raised_ms}/{event}"


def body(alarm: Alarm, cabinet: str, told_by: int, cleared_ms: int) -> bytes:
    """The JSON of an alarm that was raised (`cleared_ms` 0) or cleared."""
    row = ROWS[alarm.code]
    labels = {"alertname": alert_name(alarm.code), "severity": row.severity.value, "code": alarm.code}
    if row.about is About.UNIT:
        labels["unit"] = str(alarm.unit)
    annotations = {
        "summary": f"{cabinet}: {'over: ' * bool(cleared_ms)}{headline(alarm)}",
        "detail": alarm.what,
        "cause": in_words(row.cause, alarm.unit),
        "consequence": in_words(row.consequence, alarm.unit),
        "todo": in_words(row.todo, alarm.unit),
    }
    event: Event = "cleared" if cleared_ms else "raised"
    return _encoded(alarm, cabinet, told_by, event, cleared_ms, labels, annotations)


def test_body(cabinet: str, told_by: int, now_ms: int) -> bytes:
    """The JSON of a test: nothing is wrong, and it says so."""
    alarm = Alarm("test", TEST, told_by, "", now_ms, now_ms, told_by, (told_by,))
    labels = {"alertname": alert_name(TEST), "severity": "none", "code": TEST}
    annotations = {
        "summary": f"{cabinet}: test of the alarms; nothing is wrong",
        "detail": f"somebody asked unit {told_by} for it with ftctl alarms --test",
        "cause": "A test.",
        "consequence": "None: alarms of this pair reach you.",
        "todo": "Nothing.",
    }
    return _encoded(alarm, cabinet, told_by, "test", 0, labels, annotations)


def label_values(alarm: Alarm) -> tuple[str, str, str, str, str]:
    """For `ftnode_alarm`: code, severity, about, of_unit, other_unit (the last two only for a unit)."""
    row = ROWS[alarm.code]
    units = (str(alarm.unit), str(1 - alarm.unit)) if row.about is About.UNIT else ("", "")
    return (row.code, row.severity.value, row.about.value, *units)


def alert_name(code: str) -> str:
    """As Prometheus' rules call it: disk-full is FtnodeDiskFull."""
    return "Ftnode" + "".join(word.capitalize() for word in code.split("-"))


def _encoded(
    alarm: Alarm,
    cabinet: str,
    told_by: int,
    event: Event,
    cleared_ms: int,
    labels: dict[str, str],
    annotations: dict[str, str],
) -> bytes:
    labels = {**labels, "cabinet": cabinet}
    status: Literal["firing", "resolved"] = "resolved" if event == "cleared" else "firing"
    ends_ms = alarm.raised_ms + _TEST_LASTS_MS if event == "test" else cleared_ms
    group = f"{cabinet}/{alarm.key}"
    alert = Alert(status, labels, annotations, _moment(alarm.raised_ms), _moment(ends_ms), fingerprint=group)
    told = Told(
        format=FORMAT,
        id=f"{cabinet}/{notice_id(alarm, event)}",
        event=event,
        key=group,
        cabinet=cabinet,
        told_by=told_by,
        seen_by=alarm.seen_by,
        since_ms=alarm.since_ms,
        raised_ms=alarm.raised_ms,
        cleared_ms=cleared_ms,
        comes_and_goes=alarm.comes_and_goes,
    )
    return msgspec.json.encode(
        Body(
            "4",
            group,
            status,
            "ftnode",
            {"alertname": labels["alertname"]},
            labels,
            annotations,
            (alert,),
            told,
        )
    )


def _moment(ms: int) -> str:
    """RFC 3339 in UTC."""
    if not ms:
        return NEVER
    return (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
