"""A unit's metrics: one table of what there is, and the collector that fills it at a scrape.

Nothing is computed between scrapes. Names follow Prometheus' rules: base units, counters end with
`_total`, seqs and sets are named for what they count.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from ftnode.core.fsm import State
from ftnode.observe.count import Buckets
from ftnode.observe.figures import Progress, UnitFigures, UnitSample

Labelled = Mapping[tuple[str, ...], float]  # label values -> value
Value = float | Labelled | Buckets | None  # None: not known now, not shown


class Row(NamedTuple):
    """One metric: what it is called, and where its value comes from."""

    name: str
    kind: Literal["gauge", "counter", "histogram"]
    labels: tuple[str, ...]
    text: str
    value: Callable[[UnitSample, UnitFigures], Value]


def _pairs(items: Iterable[tuple[tuple[str, ...], int]]) -> Labelled:
    return {key: float(count) for key, count in items}


def _singles(items: Iterable[tuple[str, int]]) -> Labelled:
    return {(key,): float(count) for key, count in items}


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


TABLE: Final = (
    Row("ftnode_state", "gauge", ("state",), "1 for the state that the unit is in, 0 for all others.",
        lambda now, _: {(state.value,): float(state is now.state) for state in State}),
    Row("ftnode_epoch", "gauge", (), "Number of the pair's configuration; it only grows.",
        lambda now, _: now.epoch),
    Row("ftnode_build_info", "gauge", ("version",), "1, with the version of the program.",
        lambda now, _: {(now.software,): 1.0} if now.software else None),
    Row("ftnode_engine_version", "gauge", ("which",),
        "Of the engine: the one in force, the oldest and the newest that this program has.",
        lambda now, _: _singles(now.engine_versions.items())),
    Row("ftnode_in_sync_units", "gauge", (), "Units that must hold an entry: 2 is duplex, 1 simplex.",
        lambda now, _: now.in_sync_units),
    Row("ftnode_safe_to_pull", "gauge", (), "1 if this unit can be pulled without anybody noticing.",
        lambda now, _: now.safe_to_pull),
    Row("ftnode_head_seq", "gauge", (), "Highest entry given out or taken.", lambda now, _: now.head_seq),
    Row("ftnode_durable_seq", "gauge", (), "Highest entry on this unit's disk.",
        lambda now, _: now.durable_seq),
    Row("ftnode_commit_seq", "gauge", (), "Highest entry on the disks of the whole in-sync set.",
        lambda now, _: now.commit_seq),
    Row("ftnode_executed_seq", "gauge", (), "Highest entry executed.", lambda now, _: now.executed_seq),
    Row("ftnode_compared_seq", "gauge", (), "Highest entry whose digests were equal.",
        lambda now, _: now.compared_seq),
    Row("ftnode_released_seq", "gauge", (), "Highest entry whose outcome may be told.",
        lambda now, _: now.released_seq),
    Row("ftnode_checkpoint_seq", "gauge", (), "Entry that the state on disk stands at.",
        lambda now, _: now.checkpoint_seq),
    Row("ftnode_peer_seq", "gauge", (), "Highest entry that the other unit said is on its disk.",
        lambda now, _: now.peer_seq),
    Row("ftnode_lag_entries", "gauge", (), "How far the unit that is behind is behind.",
        lambda now, _: now.lag_entries),
    Row("ftnode_queue_entries", "gauge", ("lane",), "Commands waiting for a seq.",
        lambda now, _: _singles(now.queue_entries.items())),
    Row("ftnode_queue_bytes", "gauge", (), "Bytes of the commands waiting for a seq.",
        lambda now, _: now.queue_bytes),
    Row("ftnode_reads_waiting", "gauge", (), "Reads waiting for their barrier.",
        lambda now, _: now.reads_waiting),
    Row("ftnode_relay_entries", "gauge", (), "Requests held by a standby for the active.",
        lambda now, _: now.relay_entries),
    Row("ftnode_calls_open", "gauge", (), "Calls taken in and not yet answered.",
        lambda now, _: now.calls_open),
    Row("ftnode_scans_running", "gauge", (), "Long reads under way, each in a helper process.",
        lambda now, _: now.scans_running),
    Row("ftnode_scans_waiting", "gauge", (), "Long reads waiting for their turn.",
        lambda now, _: now.scans_waiting),
    Row("ftnode_connections", "gauge", ("port",), "Open connections.",
        lambda now, _: _singles(now.connections.items())),
    Row("ftnode_overlay_bytes", "gauge", (), "Writes held in memory since the checkpoint.",
        lambda now, _: now.overlay_bytes),
    Row("ftnode_disk_free_bytes", "gauge", (), "Room left where the unit's directory is.",
        lambda now, _: now.disk_free_bytes),
    Row("ftnode_log_time_seconds", "gauge", (), "Log time of the newest entry, UTC.",
        lambda now, _: _seconds(now.log_time_ms)),
    Row("ftnode_clock_offset_seconds", "gauge", ("to",), "Our wall clock minus another's.",
        lambda now, _: {(to,): off_ms / 1000 for to, off_ms in now.clock_off_ms.items()}),
    Row("ftnode_witness_answers", "gauge", (), "1 if the witness answered when last asked.",
        lambda now, _: now.witness_answers),
    Row("ftnode_peer_connected", "gauge", (), "1 if the lockstep channel is open.",
        lambda now, _: now.peer_connected),
    Row("ftnode_backup_end_seconds", "gauge", (), "When the last backup of the pair ended, UTC.",
        lambda now, _: _seconds(now.backup_ended_ms)),
    Row("ftnode_scrub_end_seconds", "gauge", (), "When the disk was last read again as a whole, UTC.",
        lambda now, _: _seconds(now.scrub_ended_ms)),
    Row("ftnode_scrub_ratio", "gauge", (), "How much of the pass under way was read.",
        lambda now, _: now.scrub_share),
    Row("ftnode_rotten_slots", "gauge", (), "Slots of the state that are known to be rotten.",
        lambda now, _: now.rotten_slots),
    Row("ftnode_rotten_entries", "gauge", (), "Entries of the log that cannot be read.",
        lambda now, _: now.rotten_entries),
    Row("ftnode_duplexing", "gauge", ("phase",), "1 while this unit or its partner duplexes.",
        lambda now, _: _duplexing(now, lambda at: {(at.phase,): 1.0})),
    Row("ftnode_duplexing_ratio", "gauge", (), "How much of the state that has to travel has come.",
        lambda now, _: _duplexing(now, lambda at: at.share)),
    Row("ftnode_duplexing_bytes", "gauge", (), "Of the state that came in this try.",
        lambda now, _: _duplexing(now, lambda at: at.sent_bytes)),
    Row("ftnode_duplexing_saved_bytes", "gauge", (), "About so many need not travel: they are there already.",
        lambda now, _: _duplexing(now, lambda at: at.saved_bytes)),
    Row("ftnode_duplexing_bytes_per_second", "gauge", (), "How fast the state comes.",
        lambda now, _: _duplexing(now, lambda at: at.bytes_per_s)),
    Row("ftnode_duplexing_entries_left", "gauge", (), "Entries that still have to come.",
        lambda now, _: _duplexing(now, lambda at: at.entries_left)),
    Row("ftnode_duplexing_entries_per_second", "gauge", (), "How fast they come.",
        lambda now, _: _duplexing(now, lambda at: at.entries_per_s)),
    Row("ftnode_duplexing_left_seconds", "gauge", (), "About how long it still takes; absent: unknown.",
        lambda now, _: _duplexing(now, lambda at: _seconds(at.left_ms))),
    Row("ftnode_certificate_end_seconds", "gauge", (), "When this unit's certificate ends, UTC.",
        lambda now, _: _seconds(now.certificate_ends_ms)),
    Row("ftnode_alarm", "gauge", ("code", "severity", "about", "of_unit", "other_unit"),
        "1 for each alarm that stands; both units show the same.",
        lambda now, _: dict.fromkeys(now.alarms, 1.0)),
    Row("ftnode_batches_total", "counter", (), "Batches written and synced.", lambda _, done: done.batches),
    Row("ftnode_entries_total", "counter", (), "Entries given out or taken.", lambda _, done: done.entries),
    Row("ftnode_reads_total", "counter", (), "Reads answered.", lambda _, done: done.reads),
    Row("ftnode_batch_entries", "histogram", (), "Entries in a batch.", lambda _, done: done.batch_entries),
    Row("ftnode_fsync_seconds", "histogram", (), "Duration of an fsync of the log.",
        lambda _, done: done.fsync_seconds),
    Row("ftnode_call_seconds", "histogram", (), "From a call's arrival to its answer.",
        lambda _, done: done.call_seconds),
    Row("ftnode_loop_gap_seconds", "histogram", (), "Time that the unit's own loop stood still.",
        lambda _, done: done.loop_gap_seconds),
    Row("ftnode_calls_total", "counter", ("method", "code"), "Calls answered, by status.",
        lambda _, done: _pairs(done.calls.items())),
    Row("ftnode_scans_total", "counter", ("method", "result"), "Long reads, by how they ended.",
        lambda _, done: _pairs(done.scans.items())),
    Row("ftnode_scan_seconds", "histogram", (), "Duration of a long read, its waiting left out.",
        lambda _, done: done.scan_seconds),
    Row("ftnode_scan_sent_bytes_total", "counter", (), "Sent to those who asked for long reads.",
        lambda _, done: done.scan_bytes),
    Row("ftnode_refusals_total", "counter", ("reason",), "Calls that were surely not taken.",
        lambda _, done: _singles(done.refusals.items())),
    Row("ftnode_relayed_total", "counter", (), "Requests sent on to the active.",
        lambda _, done: done.relayed),
    Row("ftnode_rot_total", "counter", ("what", "outcome"), "Rot that was found, by what became of it.",
        lambda _, done: _pairs(done.rot.items())),
    Row("ftnode_takeovers_total", "counter", (), "Times that this unit took over.",
        lambda _, done: done.takeovers),
    Row("ftnode_switchovers_total", "counter", (), "Times that this unit handed over as planned.",
        lambda _, done: done.switchovers),
    Row("ftnode_rejoins_total", "counter", (), "Times that this unit came back into the set.",
        lambda _, done: done.rejoins),
    Row("ftnode_snapshots_total", "counter", (), "Snapshots sent or taken.", lambda _, done: done.snapshots),
    Row("ftnode_checkpoints_total", "counter", (), "Checkpoints written.", lambda _, done: done.checkpoints),
    Row("ftnode_digests_compared_total", "counter", (), "Digests held against the other unit's.",
        lambda _, done: done.digests_compared),
    Row("ftnode_miscompares_total", "counter", (), "Digests that differed. Above 0 somebody must look.",
        lambda _, done: done.miscompares),
    Row("ftnode_ignored_total", "counter", ("why",), "Events on which the core decided to do nothing.",
        lambda _, done: _singles(done.ignored.items())),
    Row("ftnode_suspicions_total", "counter", ("why",), "Times that the core found a unit wrong.",
        lambda _, done: _singles(done.suspicions.items())),
    Row("ftnode_transitions_total", "counter", ("at", "on", "to"), "Rows of the state table that fired.",
        lambda _, done: _pairs(done.transitions.items())),
    Row("ftnode_witness_calls_total", "counter", ("call", "result"), "Questions to the witness.",
        lambda _, done: _pairs(done.witness_calls.items())),
    Row("ftnode_lockstep_sent_bytes_total", "counter", (), "Sent to the other unit.",
        lambda _, done: done.sent_bytes),
    Row("ftnode_lockstep_received_bytes_total", "counter", (), "Received from the other unit.",
        lambda _, done: done.received_bytes),
)  # fmt: skip


def _duplexing(
    now: UnitSample, value: Callable[[Progress], float | Labelled | None]
) -> float | Labelled | None:
    return value(now.duplexing) if now.duplexing is not None else None


class UnitCollector(Collector):
    """Fills the table when Prometheus asks.

    Args:
        figures: what is counted.
        sample: how the unit stands now; called in the loop, must not wait.
        unit: its id, on every metric.
        cabinet: on every metric.
    """

    def __init__(
        self, figures: UnitFigures, sample: Callable[[], UnitSample], unit: int, cabinet: str
    ) -> None:
        self._figures = figures
        self._sample = sample
        self._names = ("cabinet", "unit")
        self._values = (cabinet, str(unit))

    def describe(self) -> Iterable[Metric]:
        """Nothing: values are only read when asked for."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every row of the table, with its value now."""
        now = self._sample()
        for row in TABLE:
            value = row.value(now, self._figures)
            if value is not None:
                yield self._family(row, value)

    def _family(self, row: Row, value: float | Labelled | Buckets) -> Metric:
        names = (*self._names, *row.labels)
        if isinstance(value, Buckets):
            histogram = HistogramMetricFamily(row.name, row.text, labels=names)
            histogram.add_metric(self._values, value.cumulative(), value.total)
            return histogram
        kind = CounterMetricFamily if row.kind == "counter" else GaugeMetricFamily
        family = kind(row.name, row.text, labels=names)
        each: Labelled = value if isinstance(value, Mapping) else {(): float(value)}
        for labels, number in each.items():
            family.add_metric((*self._values, *labels), number)
        return family


def unit_registry(
    figures: UnitFigures, sample: Callable[[], UnitSample], unit: int, cabinet: str
) -> CollectorRegistry:
    """A registry for `MetricsServer`: the table, and what there is to say of the process."""
    registry = CollectorRegistry()
    registry.register(UnitCollector(figures, sample, unit, cabinet))
    ProcessCollector(registry=registry)
    return registry


def metrics_table() -> str:
    """The table as Markdown, for the operator's manual. Every metric also has `cabinet` and `unit`."""
    lines = ["| metric | kind | labels | meaning |", "|---|---|---|---|"]
    lines += [f"| {row.name} | {row.kind} | {', '.join(row.labels)} | {row.text} |" for row in TABLE]
    return "\n".join(lines)
