"""What a unit counts as it goes, and what it is asked for when somebody looks."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ftnode.core.fsm import State, Trigger
from ftnode.observe.count import Buckets, Tally

# An fsync takes 0.1 ms on a good disk and is a fault above 700 ms; a call takes two of them and more.
FSYNC_BOUNDS_S: Final = (
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
)
CALL_BOUNDS_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
SCAN_BOUNDS_S: Final = (0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0)
GAP_BOUNDS_S: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0)
BATCH_BOUNDS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a unit that duplexes has come: this one, or its partner."""

    phase: str
    share: float  # of the state's slots that have to travel
    sent_bytes: int
    saved_bytes: int
    bytes_per_s: int
    entries_left: int
    entries_per_s: int
    left_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSample:
    """How a unit stands at the moment of a scrape. A field left None is not shown."""

    state: State
    epoch: int = 0
    in_sync_units: int = 0
    safe_to_pull: bool | None = None
    head_seq: int = 0
    durable_seq: int = 0
    commit_seq: int = 0
    executed_seq: int = 0
    compared_seq: int = 0
    released_seq: int = 0
    checkpoint_seq: int = 0
    peer_seq: int | None = None  # what the other unit acknowledged as durable
    lag_entries: int | None = None  # how far the one that is behind is behind
    queue_entries: Mapping[str, int] = field(default_factory=dict)  # by lane
    queue_bytes: int = 0
    reads_waiting: int = 0
    relay_entries: int = 0
    calls_open: int = 0
    scans_running: int = 0
    scans_waiting: int = 0
    connections: Mapping[str, int] = field(default_factory=dict)  # by port's name
    overlay_bytes: int = 0
    disk_free_bytes: int | None = None
    log_time_ms: int | None = None
    clock_off_ms: Mapping[str, int] = field(default_factory=dict)  # ours minus: peer, witness
    witness_answers: bool | None = None
    peer_connected: bool | None = None
    backup_ended_ms: int | None = None
    scrub_ended_ms: int | None = None
    scrub_share: float = 0.0
    rotten_slots: int = 0
    duplexing: Progress | None = None  # nobody duplexes
    rotten_entries: int = 0
    certificate_ends_ms: int | None = None
    software: str = ""  # version of the program
    engine_versions: Mapping[str, int] = field(default_factory=dict)  # in_force, oldest and newest known here
    alarms: tuple[tuple[str, str, str, str, str], ...] = ()  # code, severity, about, of which unit, the other


class CallFigures:
    """Calls of one method, its label looked up once. Satisfies the shell's `CallMeter`."""

    __slots__ = ("_codes", "_method", "_seconds")

    def __init__(self, method: str, codes: Tally[tuple[str, str]], seconds: Buckets) -> None:
        self._method = method
        self._codes = codes
        self._seconds = seconds

    def began(self) -> float:
        """A call came in; the result goes into `ended`."""
        return time.perf_counter()

    def ended(self, began: float, code: str = "OK") -> None:
        """It was answered with this status."""
        self._seconds.add(time.perf_counter() - began)
        self._codes.add((self._method, code))

    def malformed(self) -> None:
        """It did not parse."""
        self._codes.add((self._method, "malformed"))


class UnitFigures:
    """Every counter of a unit. Plain attributes: raise them where the thing happens, in the loop."""

    def __init__(self) -> None:
        self.batches = 0
        self.entries = 0  # given out or taken
        self.reads = 0
        self.batch_entries = Buckets(BATCH_BOUNDS)
        self.fsync_seconds = Buckets(FSYNC_BOUNDS_S)
        self.call_seconds = Buckets(CALL_BOUNDS_S)
        self.loop_gap_seconds = Buckets(GAP_BOUNDS_S)
        self.scan_seconds = Buckets(SCAN_BOUNDS_S)
        self.scan_bytes = 0  # sent
        self.digests_compared = 0
        self.miscompares = 0
        self.takeovers = 0
        self.switchovers = 0
        self.rejoins = 0
        self.relayed = 0
        self.snapshots = 0
        self.checkpoints = 0
        self.sent_bytes = 0  # on the lockstep channel
        self.received_bytes = 0
        self.calls: Tally[tuple[str, str]] = Tally(("other", "other"))  # (method, status code)
        self.scans: Tally[tuple[str, str]] = Tally(("other", "other"))  # (method, how it ended)
        self.refusals: Tally[str] = Tally("other")  # reason: no room, stopping, malformed ...
        self.ignored: Tally[str] = Tally("other")  # why the core did nothing
        self.suspicions: Tally[str] = Tally("other")  # why the core suspects a unit
        self.transitions: Tally[tuple[str, str, str]] = Tally(("other", "other", "other"))
        self.rot: Tally[tuple[str, str]] = Tally(("other", "other"))  # (what was found, what became of it)
        self.witness_calls: Tally[tuple[str, str]] = Tally(("other", "other"))  # (call, result)

    def method(self, name: str) -> CallFigures:
        """Figures of one method; look it up once, when the handler is made."""
        return CallFigures(name, self.calls, self.call_seconds)

    def moved(self, at: State, on: Trigger, to: State) -> None:
        """A row of the table fired: a takeover and a rejoin are two of them."""
        self.transitions.add((at.value, on.value, to.value))
        if (at, on) == (State.STANDBY, Trigger.GRANTED):
            self.takeovers += 1
        if (at, on) == (State.DUPLEXING, Trigger.CAUGHT_UP):
            self.rejoins += 1
