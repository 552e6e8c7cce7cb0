"""The bench's heavy machinery: purchases made of templates are real ones, crowds hold, recovery is judged."""

import itertools
import subprocess
import sys
import time

import psutil
import pytest

from chaos.bench.__main__ import MANY_MEMBERS
from chaos.bench.ours import OurBench
from chaos.bench.overload import Overloaded, normal_after
from chaos.bench.soak import Soaked
from chaos.bench.storm import NUMBER_LEAST, Storm, Tally, _varint
from chaos.bench.workload import MEMBERS
from chaos.live.crowd import crowd
from loyalty.client.methods import METHODS
from loyalty.commands.limits import MEMBER_MAX_OPEN_LOTS
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till
from tests.client.processes import engine_pair, two_units

pytestmark = pytest.mark.live


async def test_a_storm_of_purchases_is_booked_each_once() -> None:
    """Each send is a new purchase; the engine, not the counter, says how many there were."""
    with engine_pair() as targets:
        async with OurBench(targets) as bench:
            storm = Storm(bench, await bench.connections(3))
            opened = await storm.open_loop(rate=300, seconds=0.5)
            closed = await storm.closed_loop(callers=4, seconds=0.3)
            sent = opened.sent + closed.sent
            assert len(opened.answered) + len(closed.answered) == sent
            assert abs(opened.sent - 150) < 15
            assert (opened.unknown, opened.refused, opened.bare) == ([], [], 0)
            reply = await bench.units.ask(METHODS["GetOutcome"].path, b"\x0a\x08whatever")
            assert reply.body is not None
            assert till.GetOutcomeResponse.FromString(reply.body).seq == MEMBERS + sent


async def test_a_storm_ends_with_the_first_rejection() -> None:
    """Answers that book nothing are no measure of anything."""
    with engine_pair() as targets:
        async with OurBench(targets) as bench:
            storm = Storm(bench, await bench.connections(1))
            nobody = next(number for number in itertools.count(1) if number not in set(bench.members))
            bench.members[:] = [nobody] * MEMBERS
            stranger = Storm(bench, storm.connections)
            with pytest.raises(RuntimeError, match="MEMBER_UNKNOWN"):
                await stranger.open_loop(rate=300, seconds=5.0)


def test_a_soak_has_members_for_all_its_lots() -> None:
    """A member has at most so many open lots; each purchase may leave one."""
    assert MANY_MEMBERS * MEMBER_MAX_OPEN_LOTS > 900 * 15_000


@pytest.mark.parametrize("number", [NUMBER_LEAST, (1 << 35) - 1, (1 << 34) + 12345])
def test_numbers_are_patched_as_protobuf_writes_them(number: int) -> None:
    assert common.ReceiptId(number=number).SerializeToString()[1:] == _varint(number)


def test_a_crowd_is_connected_and_goes_away() -> None:
    """Forty idle clients are forty connections, twenty to each unit; afterwards there are none."""
    with two_units() as units:
        ports = {int(unit.address.rpartition(":")[2]) for unit in units}
        with crowd(",".join(unit.address for unit in units), clients=40):
            assert connections(ports) == 40
        time.sleep(0.1)
        assert connections(ports) == 0


def test_a_crowd_that_finds_nobody_says_so() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from chaos.bench import crowd; crowd.READY_S = 0.5; crowd.main()",
            "127.0.0.1:1",
            "3",
        ],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode != 0
    assert "ready" not in done.stdout


def connections(ports: set[int]) -> int:
    """Established connections of other processes to these ports."""
    return sum(
        1
        for one in psutil.net_connections("tcp")
        if one.status == "ESTABLISHED" and one.laddr and one.laddr.port in ports
    )


def tally(began: float, waits_ms: list[float], refused: tuple[float, ...] = ()) -> Tally:
    """One answer each 50 ms."""
    answered = [(began + 0.05 * n, wait) for n, wait in enumerate(waits_ms)]
    return Tally(began, began + 0.05 * len(waits_ms), len(waits_ms), answered, [(at, 1.0) for at in refused])


CALM = tally(0, [5.0] * 40)
RECOVERY = [  # what came after an overload that ended at 10 s, seconds until it was normal again
    (tally(10, [5.0] * 40), 0.0),
    (tally(10, [45.0] * 40), 0.0),  # slower, and not slow
    (tally(10, [900.0] * 10 + [5.0] * 30), 0.5),  # slow answers for half a second
    (tally(10, [5.0] * 40, refused=(10.6,)), 0.75),  # one refusal: its window is not normal
    (tally(10, [5.0] * 20 + [900.0] * 20), 0.0),  # a second as before: what is slow later has another cause
    (tally(10, [5.0] * 15 + [900.0] * 25), float("inf")),  # it was not as before for a second
    (tally(10, [5.0] * 40, refused=(11.9,)), float("inf")),  # still refusing at the end
]


def test_what_was_slow_before_is_normal_after() -> None:
    """A checkpoint's wait, say; not a standstill: a window without answers is never normal."""
    before = tally(0, [5.0] * 20 + [200.0] * 20)
    assert normal_after(before, tally(10, [200.0] * 40), ended=10.0) == 0.0
    assert normal_after(before, tally(10, [201.0] * 40), ended=10.0) == float("inf")
    standing = Tally(0, 2.0, 1, [(0.1, 5.0)])
    assert normal_after(standing, tally(10, [900.0] * 40), ended=10.0) == float("inf")


@pytest.mark.parametrize(("after", "seconds"), RECOVERY)
def test_recovery_is_a_second_as_before_with_nothing_refused_after_it(after: Tally, seconds: float) -> None:
    assert normal_after(CALM, after, ended=10.0) == seconds


OVERLOADED = [  # answered in a second of capacity 100, unknown, refused without pushback, recovered after, ok
    (80, 0, 0, 2.0, True),
    (79, 0, 0, 0.0, False),
    (80, 1, 0, 0.0, False),
    (80, 0, 1, 0.0, False),
    (80, 0, 0, 2.1, False),
]


@pytest.mark.parametrize(("answered", "unknown", "bare", "after_s", "ok"), OVERLOADED)
def test_what_counts_as_having_borne_it(
    answered: int, unknown: int, bare: int, after_s: float, ok: bool
) -> None:
    during = Tally(0.0, 1.0, 300, [(0.5, 1.0)] * answered, [(0.5, 1.0)], bare, [(0.5, "why")] * unknown)
    assert Overloaded(100.0, during, after_s).ok is ok


@pytest.mark.parametrize(
    ("epochs", "answered", "unknown", "ok"),
    [
        ((3, 3), 1, 0, True),
        ((3, 4), 1, 0, False),  # somebody was put out and came back, or took over
        ((3, 3), 1, 1, False),
        ((3, 3), 0, 0, False),  # nothing was shown
    ],
)
def test_a_soak_fails_when_an_epoch_began(
    epochs: tuple[int, int], answered: int, unknown: int, ok: bool
) -> None:
    tally = Tally(0.0, 1.0, 1, [(0.5, 1.0)] * answered, [], 0, [(0.5, "why")] * unknown)
    soaked = Soaked(100.0, tally, epochs)
    assert soaked.ok is ok
    assert soaked.as_json()["ok"] is ok
