"""Isolation is judged at the boundary, by the rounds' median, and only if the back office was at work."""

import pytest

from chaos.bench.isolation import Isolated, Phase
from chaos.bench.office import PROMOTIONS, Work, plain_promotions
from loyalty.engine.programmes import BUILT_IN
from loyalty.engine.promotion_faults import of_promotion
from loyalty.v1 import promotions_pb2 as pb
from loyalty.wire import promotions

DONE = Work(movements=1, exports=1, liabilities=1, published=PROMOTIONS)

CASES = [  # rate with and without, p99 with and without, work, calls in doubt, ok
    ((80, 100), (15.0, 10.0), DONE, 0, True),
    ((79, 100), (10.0, 10.0), DONE, 0, False),
    ((100, 100), (15.1, 10.0), DONE, 0, False),
    ((100, 100), (10.0, 10.0), DONE, 1, False),
    # Nothing was shown: no statement was exported, no liability computed, too little published, or it failed.
    ((100, 100), (10.0, 10.0), Work(1, 0, 1, PROMOTIONS), 0, False),
    ((100, 100), (10.0, 10.0), Work(1, 1, 0, PROMOTIONS), 0, False),
    ((100, 100), (10.0, 10.0), Work(1, 1, 1, PROMOTIONS - 1), 0, False),
    ((100, 100), (10.0, 10.0), Work(1, 1, 1, PROMOTIONS, "a fault"), 0, False),
]


@pytest.mark.parametrize(("rates", "waits_ms", "work", "unknown", "ok"), CASES)
def test_what_counts_as_isolated(
    rates: tuple[int, int], waits_ms: tuple[float, float], work: Work, unknown: int, ok: bool
) -> None:
    phases = [Phase(True, rates[0], waits_ms[0]), Phase(False, rates[1], waits_ms[1])]
    found = Isolated(phases, work, unknown)
    assert found.ok is ok
    assert found.as_json()["ok"] is ok


def test_the_median_round_counts() -> None:
    """Each round is compared with itself; one disturbed round does not decide."""
    rates = [(90, 100), (10, 200), (850, 1000)]  # with, without
    phases = [
        Phase(busy, rate, 10.0) for pair in rates for busy, rate in zip((True, False), pair, strict=True)
    ]
    assert Isolated(phases, DONE).throughput == 0.85
    assert Isolated(phases[2:], DONE).throughput == pytest.approx((0.05 + 0.85) / 2)


def test_what_phases_did_adds_up() -> None:
    total = Work()
    total.add(Work(5, 1, 0, 7))
    total.add(Work(6, 0, 1, 8, "first"))
    total.add(Work(failed="second"))
    assert total == Work(11, 1, 1, 15, "first")


def test_the_promotions_can_be_published_and_read() -> None:
    """By the built-in rules, and as the protos have them."""
    numbers = []
    for one in plain_promotions(PROMOTIONS):
        assert list(of_promotion(one, BUILT_IN.rules)) == []
        message = pb.Promotion()
        promotions.write(message, one)
        assert promotions.read(message, "promotion") == one
        numbers.append(one.number)
    assert numbers == list(range(1, PROMOTIONS + 1))
