"""What a walk through the small world remembers of the core's answers, so that it asks each question once.

A unit is kept with its clocks at one moment and its counters small (`_settled`): two that differ only in
what nobody reads here are one.
"""

from typing import Any, Final

from msgspec.structs import replace

from chaos.sim.explore_model import LONG_MS, NOW_MS, Entry, Item, Side, digest
from ftnode.core import effects as eff
from ftnode.core import events as ev
from ftnode.core.bound import Bound
from ftnode.core.clock import LogClock
from ftnode.core.messages import Ack, Append, Message, Open
from ftnode.core.state import NEVER, Stage, Timers, Unit
from ftnode.core.step import step

LONG_AGO_MS: Final = NOW_MS - LONG_MS
TIMERS: Final = Timers.__struct_fields__
UNREAD: Final = ("hello_ms", "beat_ms", "sent_ms", "probe_ms", "drain_ms")
"""Timers that decide nothing here: a short tick is longer than their patience, or nothing sets them."""
DULL: Final = (eff.Ignore, eff.Noted, eff.Moved, eff.Serve, eff.StopAnswering, eff.Suspect, eff.MarkCompared)
"""Effects that change nothing here."""


class Memory:
    """Each step of the core, each unit, side and message once, while one walk lasts.

    The core is a function: what it answered once it answers again. All that is kept stays, so that the
    identity of a thing may stand for the thing.
    """

    def __init__(self) -> None:
        self._steps: dict[tuple[int, ev.Event | int], tuple[Unit, Unit, tuple[eff.Effect, ...]]] = {}
        self._settled: dict[tuple[int, bool, bool, bool], tuple[Unit, Unit]] = {}
        self._units: dict[Unit, Unit] = {}
        self._sides: dict[Any, Side] = {}
        self._items: dict[tuple[int, tuple[Entry, ...]], tuple[Item, Message]] = {}
        self._same: dict[Item, Item] = {}
        self._received: dict[tuple[int, bool], tuple[ev.Received, int]] = {}
        self._numbers: dict[int, int] = {}

    def step(self, unit: Unit, event: ev.Event) -> tuple[Unit, tuple[eff.Effect, ...]]:
        """What the core decides, without the effects that change nothing here."""
        key = (id(unit), self._numbers.get(id(event), event))
        found = self._steps.get(key)
        if found is None:
            after, effects = step(unit, event)
            left = tuple(effect for effect in effects if not isinstance(effect, DULL))
            found = self._steps[key] = (unit, after, left)
        return found[1], found[2]

    def received(self, item: Item, sound: bool) -> ev.Event:
        """A message arrives."""
        key = (id(item), sound)
        found = self._received.get(key)
        if found is None:
            event = ev.Received(NOW_MS, item[0], sound)
            found = self._received[key] = (event, len(self._received))
            self._numbers[id(event)] = found[1]
        return found[0]

    def item(self, message: Message, log: tuple[Entry, ...]) -> Item:
        """A message, with what it takes from the log."""
        key = (id(message), log)
        found = self._items.get(key)
        if found is None:
            item = _filled(message, log)
            found = self._items[key] = (self._same.setdefault(item, item), message)
        return found[0]

    def settled(self, side: Side, asks: bool, patient: bool) -> Side:
        """The one side that is like this, its unit's clocks at one moment, its counters small."""
        if side.unit is not None:
            side = side._replace(unit=self._calm(side.unit, asks, patient, bool(side.writing)))
        key = (id(side.unit), side[1:])
        return self._sides.setdefault(key, side)

    def _calm(self, unit: Unit, asks: bool, patient: bool, writes: bool) -> Unit:
        key = (id(unit), asks, patient, writes)
        found = self._settled.get(key)
        if found is None:
            after = _settled(unit, asks, patient, writes)
            found = self._settled[key] = (unit, self._units.setdefault(after, after))
        return found[1]


def _filled(message: Message, log: tuple[Entry, ...]) -> Item:
    carried: tuple[Entry, ...] = ()
    if isinstance(message, Append):
        carried = log[message.from_seq - 1 : message.to_seq]
        message = replace(message, mono_ms=NOW_MS, wall_ms=NOW_MS)
    elif isinstance(message, Ack):
        message = replace(message, digest=digest(log, message.seq))
    elif isinstance(message, Open):
        message = replace(message, common_hash=digest(log, message.common_seq))
    return message, carried


def _settled(unit: Unit, asks: bool, patient: bool, writes: bool) -> Unit:
    """The same unit with its clocks put to one moment and its counters small."""
    old = unit.timers
    values: dict[str, Any] = {name: NEVER if getattr(old, name) == NEVER else NOW_MS for name in TIMERS}
    values |= dict.fromkeys(UNREAD, NEVER) | {"wall_ms": NOW_MS}
    values["witness_ms"] = LONG_AGO_MS if old.witness_ms <= LONG_AGO_MS else NOW_MS
    changes: dict[str, Any] = {
        "timers": Timers(**values),
        "clock": LogClock(log_ms=NOW_MS, mono_ms=NOW_MS),
        "bound": Bound(),
    }
    if unit.reading == 0 and not asks and (unit.ask is None or unit.ask.op == 0):
        changes["op"] = 0
    idle = not writes and unit.writing is None and unit.probing == 0
    if idle and (unit.ask is None or unit.ask.probe == 0):
        changes["number"] = 0
    if unit.suspect and not unit.suspect.startswith("no progress"):
        changes["suspect"] = "lost"
    if unit.peer is not None and (patient or _in_session(unit)):
        changes["peer"] = replace(unit.peer, heard_ms=LONG_AGO_MS)
    if unit.lead is not None and unit.lead.reads:
        reads = tuple(replace(read, asked_ms=NOW_MS) for read in unit.lead.reads)
        changes["lead"] = replace(unit.lead, reads=reads)
    return replace(unit, **changes)


def _in_session(unit: Unit) -> bool:
    """A session lasts: hellos from before it are long past."""
    if unit.partner is not None:
        return unit.partner.opened
    return unit.source is not None and unit.source.stage is Stage.READY
