"""Long work stands back for tills."""

import time

import pytest

from ftnode.store.breath import REST_MAX_S, WORK_S, Breath

REST_SUM_S = 2.0


@pytest.mark.parametrize(
    ("worked_s", "rests_s"),
    [
        (WORK_S / 2, []),  # too little to speak of
        (2 * WORK_S, [2 * WORK_S]),
        (5 * WORK_S, [5 * WORK_S]),
        (1.0, [REST_MAX_S]),  # it was kept waiting itself: no penance without end
    ],
)
def test_it_rests_as_long_as_it_worked(
    worked_s: float, rests_s: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the wall: on a busy machine it rests longer, too."""
    clock = [100.0]
    rested: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", rested.append)
    breath = Breath(REST_SUM_S)
    clock[0] += worked_s
    breath.take()
    breath.take()  # nothing was done since
    assert rested == pytest.approx(rests_s)


def test_one_piece_of_work_is_not_held_up_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a checkpoint: commands may wait for it by then. The next one may rest again."""
    clock = [100.0]
    rested: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", rested.append)
    breath = Breath(REST_SUM_S)
    for checkpoint in (1, 2):
        breath.begin()
        for _ in range(500):
            clock[0] += REST_MAX_S
            breath.take()
        assert sum(rested) == pytest.approx(checkpoint * REST_SUM_S)
