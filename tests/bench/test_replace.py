"""The bench that replaces a unit counts what travelled and judges what was promised."""

from types import SimpleNamespace
from typing import Any

import pytest

from chaos.bench import replace
from chaos.bench.replace import MB, Act, Felt, Flow
from chaos.bench.replace_harm import (
    ADMITTING,
    INSTALLING,
    LOG,
    SNAPSHOT,
    TEN,
    Done,
    Interruption,
    reached,
)
from chaos.bench.storm import Tally
from ftnode.v1 import admin_pb2 as pb

BEFORE = Felt(p50_ms=1.0, p99_ms=4.0, longest_ms=9.0, answered=1000, refused=0, not_answered=0)


def unit(
    phase: Any = None,
    done: int = 0,
    total: int = 0,
    size: int = 0,
    seq: int = 0,
    state: str = "",
    checkpoint: int = 0,
) -> Any:
    status = pb.Status(seqs=pb.Seqs(executed_seq=seq, checkpoint_seq=checkpoint))
    if phase is not None:
        status.duplexing.CopyFrom(
            pb.Duplexing(phase=phase, slots_done=done, slots_total=total, bytes_done=size, bytes_saved=3)
        )
    return SimpleNamespace(status=status, state=state or ("DUPLEXING" if phase is not None else "STANDBY"))


def view(one: Any) -> Any:
    return SimpleNamespace(units=(None, one))


def test_only_time_in_which_something_travelled_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tries with an interruption in between, then the log: bytes of both, seconds of neither pause."""
    now_s = 0.0
    monkeypatch.setattr(replace, "perf_counter", lambda: now_s)
    flow = Flow()
    story = [
        (0.0, unit(SNAPSHOT, size=0)),
        (1.0, unit(SNAPSHOT, size=20 * MB)),
        (2.0, SimpleNamespace(status=None, state="SILENT")),
        (9.0, unit(SNAPSHOT, size=1 * MB)),
        (10.0, unit(SNAPSHOT, size=21 * MB)),
        (11.0, unit(INSTALLING, size=21 * MB)),
        (12.0, unit(LOG, seq=1000, checkpoint=1000)),
        (13.0, unit(state="STANDBY", seq=9000, checkpoint=1000)),
        (14.0, unit(state="STANDBY", seq=9900, checkpoint=1000)),
    ]
    for now_s, one in story:  # noqa: B007 - the clock reads it
        flow.see(view(one), 1)
    assert (flow.tries, flow.bytes, flow.snapshot_s, flow.saved_bytes) == (2, 41 * MB, 2.0, 6)
    assert (flow.entries, flow.log_s) == (8000, 2.0)
    assert flow.as_json()["mb_per_s"] == 20.5
    assert flow.as_json()["entries_per_s"] == 4000


CASES = [  # waits in ms, MB/s, interruptions, whether digests are equal, what is missed
    ([5.0] * 1000, 12.0, 10, True, ""),
    ([5.0] * 900 + [19.0] * 100, 12.0, 10, True, ""),  # 20 ms are fast enough, whatever was before
    ([5.0] * 900 + [21.0] * 100, 12.0, 10, True, "p99 21.0 ms, wanted at most 20.0"),
    ([5.0] * 1000 + [251.0], 12.0, 10, True, "a till waited 251.0 ms"),
    ([5.0] * 1000, 9.9, 10, True, "9.9 MB/s, wanted 10"),
    ([5.0] * 1000, 12.0, 9, True, "9 interruptions, wanted 10"),
    ([5.0] * 1000, 12.0, 10, False, "digests differ"),
    ([5.0] * 1000, 12.0, 10, None, "digests were not compared"),
]


@pytest.mark.parametrize(("waits", "rate", "times", "equal", "missed"), CASES)
def test_what_is_missed_is_said(
    waits: list[float], rate: float, times: int, equal: bool | None, missed: str
) -> None:
    """Each promise by itself; a run without a fault has none."""
    done = [Done("x", 0.0)] * times
    act = Act("interrupted", wanted=len(TEN), interruptions=done, digests_equal=equal)
    act.flow = Flow(bytes=int(rate * 10 * MB), snapshot_s=10.0)
    act.tally = Tally(answered=[(0.0, wait) for wait in waits])
    found = act.problems(BEFORE)
    assert len(found) == bool(missed)
    assert missed in "".join(found)


def test_a_call_without_an_answer_is_missed() -> None:
    """Unknown is not fast."""
    act = Act("undisturbed", digests_equal=True, tally=Tally(answered=[(0.0, 1.0)], unknown=[(0.0, "gone")]))
    assert act.problems(BEFORE) == ["undisturbed: 1 calls were not answered"]


def test_each_interruption_is_told_with_what_it_cost() -> None:
    """A wait belongs to the last one before its answer; before the first, to none."""
    act = Act("interrupted", wanted=3, interruptions=[Done("a", 10.0), Done("b", 20.0), Done("c", 30.0)])
    act.tally = Tally(answered=[(9.0, 99.0), (10.0, 5.0), (19.9, 7.0), (20.0, 3.0)])
    told = act.as_json()["interruptions"]
    assert [(one["what"], one["longest_ms"]) for one in told] == [("a", 7.0), ("b", 3.0), ("c", 0.0)]


def test_an_interruption_comes_at_its_point() -> None:
    """Not before so much of the state has come, and not in another phase."""
    half = Interruption("x", (SNAPSHOT,), 0.5)
    assert not reached(half, unit(SNAPSHOT, done=49, total=100))
    assert reached(half, unit(SNAPSHOT, done=50, total=100))
    assert not reached(half, unit(SNAPSHOT, done=0, total=0))
    assert not reached(half, unit(LOG))
    last = TEN[-1]
    assert reached(last, unit(ADMITTING))
    assert reached(last, unit(state="STANDBY"))
    assert not reached(last, unit(SNAPSHOT, done=1, total=1))
