"""Cables cut under load, in a network of our own: the active cut off, and the link between the units alone.

`CUTS=20 pytest tests/live/test_cut.py -s` repeats each kind twenty times and tells the figures.
"""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.live.network import Network, missing_for_network
from chaos.live.play import spread
from loyalty.client.accounting import longest_gap, longest_wait
from loyalty.client.history import CallRecord, now_us, read_history
from tests.live.kit import Pair
from tests.live.net_kit import HOSTS, NetPair

pytestmark = [
    pytest.mark.live,
    pytest.mark.root,
    pytest.mark.alone,
    pytest.mark.skipif(bool(missing_for_network()), reason=missing_for_network()),
    pytest.mark.timeout(1800),
]

TIMES = int(os.environ.get("CUTS", "1"))
RATE = 500 if TIMES > 1 else 200  # where figures are asked for, the load that they are promised for
TILLS = RATE // 10
CUT_S = 2.5  # longer than any answer may take, so that nobody is saved by the healing
SETTLE_S = 0.5
ENROLLED_S = 4.0  # the load's members are there by then
ROUND_S = 28.0  # three cuts, each healed: the load has to last as long
GAP_MAX_MS, WAIT_MAX_MS = 1_000, 1_500  # a cut, with our client
NINE_OF_TEN = 0.9

Cut = Callable[[Network, str, str], None]


def cut_off(network: Network, active: str, standby: str) -> None:
    """The active, from everybody."""
    network.cut(active)


def between(network: Network, active: str, standby: str) -> None:
    """The units from one another; both are reached by tills and witness."""
    network.cut_link(active, standby)
    network.cut_link(standby, active)


def active_unheard(network: Network, active: str, standby: str) -> None:
    """What the active says to the standby does not arrive; the other direction works."""
    network.cut_link(active, standby)


CUTS: list[Cut] = [cut_off, between, active_unheard]


async def test_cuts_lose_nothing_and_are_short(tmp_path: Path) -> None:
    """One pair, a load without a break over each kind of cut: cut, heal, duplex again."""
    with Network(HOSTS) as network:
        pair = NetPair(tmp_path, network)
        try:
            await start(pair)
            cut_at: dict[str, list[int]] = {cut.__name__: [] for cut in CUTS}
            for _ in range(TIMES):
                async with pair.load(ROUND_S, RATE, TILLS) as load:
                    await asyncio.sleep(ENROLLED_S)
                    for cut in CUTS:
                        active = await pair.until_duplex()
                        await asyncio.sleep(SETTLE_S)
                        cut_at[cut.__name__].append(now_us())
                        cut(network, f"unit{active}", f"unit{1 - active}")
                        await asyncio.sleep(CUT_S)
                        network.heal()
                load.judge()
        finally:
            pair.end()
    calls = await asyncio.to_thread(histories, tmp_path)
    figures = {kind: [felt(calls, at_us) for at_us in moments] for kind, moments in cut_at.items()}
    print(json.dumps({kind: words(felt_by) for kind, felt_by in figures.items()}))
    for kind, felt_by in figures.items():
        within = [gap <= GAP_MAX_MS and wait <= WAIT_MAX_MS for gap, wait in felt_by]
        assert sum(within) >= NINE_OF_TEN * len(within), f"{kind}: gap and wait in ms: {felt_by}"


async def start(pair: Pair) -> None:
    """Into duplex."""
    pair.start("witness")
    await asyncio.sleep(0.5)
    pair.form()
    pair.start("unit0")
    pair.start("unit1")
    await pair.until_duplex()


def histories(directory: Path) -> list[CallRecord]:
    """Every call of every load."""
    return read_history(directory.glob("history*/worker-*.jsonl"))


def felt(calls: list[CallRecord], at_us: int) -> tuple[float, float]:
    """Gap and wait, in ms, of the calls that were due around a cut."""
    until_us = at_us + int(CUT_S * 1e6)
    around = [call for call in calls if at_us - 200_000 <= call.sent.scheduled_us < until_us]
    assert len(around) > RATE * CUT_S * 0.8, "the load was not there to feel the cut"
    return longest_gap(around)[0], longest_wait(around)[0]


def words(felt_by: list[tuple[float, float]]) -> dict[str, dict[str, float]]:
    """Median, the value that nine of ten do not exceed, and longest, in ms."""
    gaps, waits = zip(*felt_by, strict=True)
    return {"gap_ms": spread(gaps), "wait_ms": spread(waits)}
