"""The witness's figures for Prometheus; few calls, so labels are looked up as they come."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from ftnode.witness.port import Held

DISK_BUCKETS_S: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)


class WitnessFigures:
    """One registry per process, so that tests can have several in one."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self._reads = Counter(
            "ftnode_witness_reads_total", "Reads, by asking unit.", ["unit"], registry=registry
        )
        self._changes = Counter(
            "ftnode_witness_changes_total",
            "Swaps and creations, by what came of them.",
            ["call", "result"],
            registry=registry,
        )
        self._refusals = Counter(
            "ftnode_witness_refusals_total",
            "Refused calls, by reason.",
            ["call", "reason"],
            registry=registry,
        )
        self._epoch = Gauge("ftnode_witness_epoch", "Epoch on record; 0: empty.", registry=registry)
        self._in_sync = Gauge("ftnode_witness_in_sync_units", "Size of the in-sync set.", registry=registry)
        self._active = Gauge("ftnode_witness_active_unit", "Active unit; -1: empty.", registry=registry)
        self._told = Gauge("ftnode_witness_told_seq", "Highest compared_seq, on disk.", registry=registry)
        self.sync_seconds = Histogram(
            "ftnode_witness_sync_seconds",
            "Writing the record, all fsyncs included.",
            buckets=DISK_BUCKETS_S,
            registry=registry,
        )

    def read(self, unit: int, held: Held) -> None:
        """A unit was told the record."""
        self._reads.labels(str(unit) if unit in (0, 1) else "other").inc()
        self._show(held)

    def changed(self, call: str, result: str, held: Held) -> None:
        """A swap or creation was decided."""
        self._changes.labels(call, result).inc()
        self._show(held)

    def refused(self, call: str, reason: str) -> None:
        """A call was not even tried."""
        self._refusals.labels(call, reason).inc()

    def _show(self, held: Held) -> None:
        record = held.record
        self._epoch.set(record.epoch if record else 0)
        self._in_sync.set(len(record.in_sync) if record else 0)
        self._active.set(record.active if record else -1)
        self._told.set(held.told_seq)
