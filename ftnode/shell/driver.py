"""The one place that calls the core: events in, effects handed out, decisions written down.

Events are taken strictly one after the other. Whatever an effect leads to at once becomes another
event in the queue, never a call into the core from inside the core.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

import structlog

from ftnode.core.effects import Ignore, Moved, Noted, Suspect
from ftnode.core.events import Event, Paused
from ftnode.core.state import Unit
from ftnode.core.step import step
from ftnode.observe.figures import UnitFigures
from ftnode.observe.logs import decision
from ftnode.store.entry import EntryFaultError
from ftnode.store.state import StoreFault
from ftnode.store.wal_faults import LogFault

EXIT_BUG: Final = 70  # EX_SOFTWARE: our reasoning failed, the partner goes on
EXIT_FAULT: Final = 74  # EX_IOERR: the world failed, most of all the disk
GAP_WORTH_COUNTING_MS: Final = 15  # a tick comes each 10 ms
LATE_MS: Final = 40  # no turn of ours takes so long: it is the processor that did not come
FAULTS: Final = (OSError, LogFault, StoreFault, EntryFaultError)  # the world failed; all else is a bug
Hand = Callable[[Any], Callable[[], None] | None]
"""Does what an effect asks for. What it gives back is done when all the step's effects were handed out."""
Hands = Mapping[type, Hand]


def now_ms() -> int:
    """The unit's monotonic clock."""
    return time.monotonic_ns() // 1_000_000


def wall_ms() -> int:
    """The host's clock, UTC."""
    return time.time_ns() // 1_000_000


class Driver:
    """See the module. `hands` has a function for each effect that is more than a line in the log."""

    def __init__(
        self,
        unit: Unit,
        hands: Hands,
        turn_ended: Callable[[], None],
        stall_ms: int,
        figures: UnitFigures,
    ) -> None:
        """`turn_ended` is called when all events are taken; it may feed more."""
        self.unit = unit
        self.figures = figures
        self.payload: Any = None  # what came with the event being taken, for its effects
        self.moved_why = ""
        self.moved_ms = wall_ms()
        self.halted = False  # the core has asked for the end: it hears nothing more
        self.late_ms = 0  # so long, in all, the loop stood still for more than `LATE_MS`
        self.on_moved: Callable[[Moved], None] = lambda effect: None
        self.on_change: Callable[[], None] = lambda: None  # a row fired or the record changed
        self.on_said: Callable[[str, str, dict[str, object]], None] = lambda *_: None  # for the history
        self._hands: dict[type, Hand] = {
            **dict(hands),
            Moved: self._moved,
            Noted: self._noted,
            Suspect: self._suspected,
            Ignore: self._ignored,
        }
        self._turn_ended = turn_ended
        self._stall_ms = stall_ms
        self._events: deque[tuple[Event, Any]] = deque()
        self._busy = False
        self._alive_ms = now_ms()
        self._log = structlog.get_logger()

    def feed(self, event: Event, payload: object = None) -> None:
        """Something happened. Never raises: a bug ends the process, the partner goes on."""
        if self.halted:
            return
        self._events.append((event, payload))
        if self._busy:
            return
        self._busy = True
        try:
            self._look_for_gap()
            self._drain()
        except Exception as bug:
            die(bug)
        finally:
            self._busy = False

    def turn(self) -> None:
        """Another turn without an event: entries wait to be executed."""
        if self._busy:
            return
        self._busy = True
        try:
            self._look_for_gap()
            self._turn_ended()
            self._drain()
        except Exception as bug:
            die(bug)
        finally:
            self._busy = False

    def _drain(self) -> None:
        events, hands = self._events, self._hands
        while events and not self.halted:
            while events and not self.halted:
                event, self.payload = events.popleft()
                self.unit, effects = step(self.unit, event)
                put_off: list[Callable[[], None]] = []
                for effect in effects:
                    deed = hands[type(effect)](effect)
                    if deed is not None:
                        put_off.append(deed)
                for deed in put_off:
                    deed()
            self._turn_ended()
        self._look_late()  # the processor may have been taken from us in the middle of a turn, too

    def _look_for_gap(self) -> None:
        """A live unit takes a tick each 10 ms."""
        gap_ms = self._look_late()
        if gap_ms > GAP_WORTH_COUNTING_MS:
            self.figures.loop_gap_seconds.add(gap_ms / 1000)

    def _look_late(self) -> int:
        """How long it is since the last look. A long silence of ours is nobody else's fault."""
        at_ms = now_ms()
        gap_ms, self._alive_ms = at_ms - self._alive_ms, at_ms
        if gap_ms > LATE_MS:
            self.late_ms += gap_ms
        if gap_ms > self._stall_ms:
            self._events.appendleft((Paused(at_ms, gap_ms), None))
        return gap_ms

    # ---------------------------------------------------------------- decisions, a line each

    def say(self, event: str, why: str, **more: object) -> None:
        """Write one line about this unit as it stands."""
        log, record = self.unit.log, self.unit.record
        epoch = record.epoch if record is not None else self.unit.promise.epoch
        decision(self._log, event, epoch=epoch, seq=log.head_seq, why=why, **more)
        self.on_said(event, why, {**more, "epoch": epoch, "seq": log.head_seq})

    def _moved(self, effect: Moved) -> None:
        self.figures.moved(effect.at, effect.on, effect.to)
        self.moved_why, self.moved_ms = effect.why, wall_ms()
        self.say("moved", effect.why, state=effect.to.value, was=effect.at.value, on=effect.on.value)
        self.on_moved(effect)
        self.on_change()

    def _noted(self, effect: Noted) -> None:
        self.say(effect.what, effect.why)
        self.on_change()

    def _suspected(self, effect: Suspect) -> None:
        self.figures.suspicions.add(effect.why)
        self.say("suspect", effect.why, unit=effect.unit)
        self.on_change()

    def _ignored(self, effect: Ignore) -> None:
        self.figures.ignored.add(effect.why)
        self._log.debug("ignored", why=effect.why)


def die(bug: BaseException) -> NoReturn:
    """Our own reasoning failed: say how, and be gone. Carrying on could release what never counted."""
    structlog.get_logger().critical("bug", why=f"{type(bug).__name__}: {bug}", exc_info=bug)
    os._exit(EXIT_BUG)
