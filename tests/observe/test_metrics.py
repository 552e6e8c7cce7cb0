"""The unit's metrics: named as Prometheus wants, all in the table, cheap where they are counted."""

import re
import time

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from ftnode.core.fsm import State, Trigger
from ftnode.observe.count import LABELS_MAX, Buckets, Tally
from ftnode.observe.figures import Progress, UnitFigures, UnitSample
from ftnode.observe.metrics import TABLE, metrics_table, unit_registry

FULL = UnitSample(
    duplexing=Progress(
        phase="snapshot",
        share=0.25,
        sent_bytes=1000,
        saved_bytes=200,
        bytes_per_s=100,
        entries_left=7,
        entries_per_s=3,
        left_ms=4500,
    ),
    state=State.ACTIVE,
    epoch=7,
    in_sync_units=2,
    safe_to_pull=True,
    head_seq=20,
    commit_seq=18,
    peer_seq=19,
    lag_entries=1,
    queue_entries={"till": 3, "back_office": 0},
    connections={"till": 50},
    disk_free_bytes=10**9,
    log_time_ms=1_795_312_857_123,
    clock_off_ms={"peer": -12, "witness": 3},
    witness_answers=False,
    peer_connected=True,
    certificate_ends_ms=1_953_000_000_000,
    backup_ended_ms=1_795_311_000_000,
    scrub_ended_ms=1_795_312_000_000,
    software="0.2.0",
    engine_versions={"in_force": 2, "oldest": 2, "newest": 3},
    alarms=(("simplex", "warning", "unit", "1", "0"),),
)


def shown(sample: UnitSample, figures: UnitFigures) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What a scrape gives: (name, labels besides cabinet and unit) -> value."""
    text = generate_latest(unit_registry(figures, lambda: sample, 0, "store-street")).decode()
    values = {}
    for family in text_string_to_metric_families(text):
        for item in family.samples:
            if item.name.startswith("ftnode"):
                assert (item.labels.pop("cabinet"), item.labels.pop("unit")) == ("store-street", "0")
                values[item.name, tuple(sorted(item.labels.items()))] = item.value
    return values


def test_every_row_is_shown() -> None:
    """Once everything is known and has happened, a scrape has the whole table and nothing else."""
    figures = UnitFigures()
    figures.refusals.add("no room")
    figures.scans.add(("/test.S/All", "done"))
    figures.ignored.add("older epoch")
    figures.suspicions.add("holds 5, sent 4")
    figures.witness_calls.add(("read", "held"))
    figures.rot.add(("slot", "replaced"))
    figures.moved(State.STANDBY, Trigger.GRANTED, State.ACTIVE)
    figures.method("/loyalty.v1.TillService/Confirm").ended(time.perf_counter())
    names = {re.sub(r"_(bucket|sum|count)$", "", name) for name, _ in shown(FULL, figures)}
    assert names == {row.name for row in TABLE}


def test_values() -> None:
    """Numbers come through, milliseconds as seconds, and states as one of many."""
    values = shown(FULL, UnitFigures())
    assert values["ftnode_epoch", ()] == 7
    assert values["ftnode_state", (("state", "ACTIVE"),)] == 1
    assert sum(value for (name, _), value in values.items() if name == "ftnode_state") == 1
    assert values["ftnode_queue_entries", (("lane", "till"),)] == 3
    assert values["ftnode_log_time_seconds", ()] == 1_795_312_857.123
    assert values["ftnode_clock_offset_seconds", (("to", "peer"),)] == -0.012
    assert values["ftnode_witness_answers", ()] == 0
    assert values["ftnode_duplexing", (("phase", "snapshot"),)] == 1
    assert values["ftnode_duplexing_ratio", ()] == 0.25
    assert values["ftnode_build_info", (("version", "0.2.0"),)] == 1
    assert values["ftnode_engine_version", (("which", "in_force"),)] == 2
    assert values["ftnode_engine_version", (("which", "newest"),)] == 3
    assert values["ftnode_duplexing_left_seconds", ()] == 4.5


def test_what_is_not_known_is_not_shown() -> None:
    """Rather no number than a made-up one: alone there is no peer to be behind of."""
    values = shown(UnitSample(state=State.EMPTY), UnitFigures())
    for name in ("ftnode_peer_seq", "ftnode_lag_entries", "ftnode_witness_answers", "ftnode_safe_to_pull"):
        assert (name, ()) not in values


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_names_follow_the_rules(row: object) -> None:
    """Prefix, words of small letters, counters end with _total and nothing else does, base units only."""
    (found,) = [item for item in TABLE if item is row]
    assert re.fullmatch(r"ftnode(_[a-z]+)+", found.name)
    assert found.name.endswith("_total") == (found.kind == "counter")
    assert not re.search(r"_(ms|us|ns|millis\w*|mb|kb|mib|minutes|days)(_|$)", found.name)
    assert found.text.endswith(".")
    assert all(re.fullmatch(r"[a-z_]+", label) for label in found.labels)
    assert f"| {found.name} | {found.kind} |" in metrics_table()


def test_names_are_used_once() -> None:
    """No two rows share a name."""
    assert len({row.name for row in TABLE}) == len(TABLE)


def test_a_histogram_counts_into_the_right_buckets() -> None:
    """A bound belongs to its own bucket; what is above the last still counts."""
    buckets = Buckets((1, 2, 4))
    for value in (0.5, 1, 1.5, 4, 99):
        buckets.add(value)
    assert buckets.cumulative() == [("1.0", 2), ("2.0", 3), ("4.0", 4), ("+Inf", 5)]
    assert buckets.total == 106


def test_a_tally_is_bounded() -> None:
    """A peer that invents reasons fills one number, not our memory."""
    tally: Tally[str] = Tally("other")
    for number in range(LABELS_MAX + 50):
        tally.add(f"reason {number}")
    tally.add("reason 3")
    assert tally["reason 3"] == 2
    assert tally["other"] == 50
    assert len(list(tally.items())) == LABELS_MAX + 1


def test_takeovers_and_rejoins_are_rows_of_the_state_table() -> None:
    """Counted where the row fires, so that the numbers cannot disagree."""
    figures = UnitFigures()
    figures.moved(State.DUPLEXING, Trigger.CAUGHT_UP, State.STANDBY)
    figures.rot.add(("slot", "replaced"))
    figures.moved(State.STANDBY, Trigger.GRANTED, State.ACTIVE)
    figures.moved(State.DUPLEXING, Trigger.GRANTED, State.ACTIVE)  # a cold start is no takeover
    assert (figures.takeovers, figures.rejoins) == (1, 1)
    assert figures.transitions["STANDBY", "GRANTED", "ACTIVE"] == 1


def test_malformed_calls_are_counted_by_method() -> None:
    """What did not parse has a status of its own."""
    figures = UnitFigures()
    method = figures.method("/kv/Put")
    method.malformed()
    method.ended(method.began(), "INVALID_ARGUMENT")
    assert figures.calls["/kv/Put", "malformed"] == 1
    assert figures.calls["/kv/Put", "INVALID_ARGUMENT"] == 1
    assert figures.call_seconds.cumulative()[-1] == ("+Inf", 1)


@pytest.mark.alone
def test_counting_is_cheap() -> None:
    """Under 5 microseconds for all that one batch costs, also on a busy machine (aim: 1)."""
    figures = UnitFigures()
    best = min(_one_round(figures) for _ in range(20))
    assert best < 5e-6, f"{best * 1e6:.1f} us"


def _one_round(figures: UnitFigures) -> float:
    began = time.perf_counter()
    for _ in range(500):
        figures.batches += 1
        figures.entries += 32
        figures.batch_entries.add(32)
        figures.fsync_seconds.add(0.0004)
        figures.ignored.add("acknowledged already")
    return (time.perf_counter() - began) / 500
