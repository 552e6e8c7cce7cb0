"""Node's grpc-js on a real pair, with the published settings alone: no error, whatever becomes of a unit."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chaos.live.network import Network, missing_for_network
from tests.live.kit import Pair
from tests.live.net_kit import HOSTS, NetPair
from tests.stock.node import NodeTills, missing_for_node

STOCK_WAIT_MAX_MS = 2_500  # hang and cut, stock clients with the published options
SECONDS, RATE, TILLS = 5, 50, 10
HURT_AFTER_S = 1.0

pytestmark = [
    pytest.mark.live,
    pytest.mark.alone,
    pytest.mark.skipif(bool(missing_for_node()), reason=missing_for_node()),
]


@contextlib.asynccontextmanager
async def running(pair: Pair) -> AsyncIterator[Pair]:
    """The pair in duplex; nothing of it is left afterwards."""
    try:
        pair.start("witness")
        await asyncio.sleep(0.5)
        pair.form()
        pair.start("unit0")
        pair.start("unit1")
        await pair.until_duplex()
        yield pair
    finally:
        pair.end()


def judge(report: dict[str, Any]) -> None:
    """Every purchase and enrolment was answered, the slowest within the promised wait."""
    assert report["error_list"] == []
    assert report["rejected"] == {}
    assert report["done"] == SECONDS * RATE + TILLS
    assert report["longest_wait_ms"] <= STOCK_WAIT_MAX_MS


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
async def test_the_active_is_lost_and_no_till_sees_an_error(tmp_path: Path, blow: signal.Signals) -> None:
    """Killed, its connections end; hung, they stay open and are silent."""
    async with running(Pair(tmp_path)) as pair:
        active = await pair.until_duplex()
        with NodeTills(pair.targets.split(","), seconds=SECONDS, rate=RATE, tills=TILLS) as tills:
            await asyncio.to_thread(tills.wait_until_buying)
            await asyncio.sleep(HURT_AFTER_S)
            pair.kill(f"unit{active}", blow)
            judge(await asyncio.to_thread(tills.report))


@pytest.mark.root
@pytest.mark.skipif(bool(missing_for_network()), reason=missing_for_network())
async def test_the_active_is_cut_off_and_no_till_sees_an_error(tmp_path: Path) -> None:
    """No packet to it or from it, as with a cable pulled; it lives on and must not answer anybody."""
    with Network(HOSTS) as network:
        async with running(NetPair(tmp_path, network)) as pair:
            active = await pair.until_duplex()
            with NodeTills(pair.targets.split(","), seconds=SECONDS, rate=RATE, tills=TILLS) as tills:
                await asyncio.to_thread(tills.wait_until_buying)
                await asyncio.sleep(HURT_AFTER_S)
                network.cut(f"unit{active}")
                judge(await asyncio.to_thread(tills.report))
            network.heal()
            assert await pair.until_duplex() == 1 - active
