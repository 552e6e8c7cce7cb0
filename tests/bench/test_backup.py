"""A backup beside the tills: judged at the boundary, and only if there was one and it is sound."""

import pytest

from chaos.bench.backup import Beside, Taken
from chaos.bench.isolation import Isolated, Phase

DONE = Taken(backups=1, received_bytes=2 << 20, seconds=2.0)

CASES = [  # rate with and without, p99 with and without, backups, verified, ok
    ((80, 100), (15.0, 10.0), DONE, True, True),
    ((79, 100), (10.0, 10.0), DONE, True, False),
    ((100, 100), (15.1, 10.0), DONE, True, False),
    ((100, 100), (10.0, 10.0), DONE, False, False),
    ((100, 100), (10.0, 10.0), Taken(), True, False),
    ((100, 100), (10.0, 10.0), Taken(1, 1, 1.0, "a fault"), True, False),
]


@pytest.mark.parametrize(("rates", "waits_ms", "taken", "verified", "ok"), CASES)
def test_what_counts_as_unnoticed(
    rates: tuple[int, int], waits_ms: tuple[float, float], taken: Taken, verified: bool, ok: bool
) -> None:
    """By the rounds' ratios, as with the back office."""
    phases = [Phase(True, rates[0], waits_ms[0]), Phase(False, rates[1], waits_ms[1])]
    found = Beside(Isolated(phases), taken, verified)
    assert found.ok is ok
    assert found.as_json()["ok"] is ok


def test_its_speed_is_told() -> None:
    """Of what travelled, over the whole time of the command."""
    phases = [Phase(True, 100, 10.0), Phase(False, 100, 10.0)]
    assert Beside(Isolated(phases), DONE, True).as_json()["mib_per_s"] == 1.0
