"""Two real units and a witness under a small load: hurt in every plain way, nothing lost, whole again."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ftnode.v1 import admin_pb2 as pb
from tests.live.kit import Pair

pytestmark = pytest.mark.live
LOADS_MAX = 8
LOAD_S = 4.0
HURT_AFTER_S = 2.0  # enrolment included: the load is under way by then


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    """A pair in duplex."""
    pair = Pair(tmp_path)
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


async def test_units_die_and_come_back(pair: Pair) -> None:
    """SIGKILL of the active, its return by the log; SIGKILL of the new active, a blank unit in its place."""
    async with pair.load(LOAD_S) as load:
        await asyncio.sleep(HURT_AFTER_S)
        active = await pair.until_duplex()
        pair.kill(f"unit{active}")
    load.judge()
    pair.start(f"unit{active}")
    assert await pair.until_duplex() == 1 - active

    async with pair.load(LOAD_S, rate=200) as load:
        await asyncio.sleep(HURT_AFTER_S)
        pair.kill(f"unit{1 - active}")
        pair.blank(1 - active)
        pair.start(f"unit{1 - active}")
    load.judge()
    assert await pair.until_duplex() == active


async def test_standby_and_witness_die(pair: Pair) -> None:
    """Without its standby the active goes on; without the witness a duplex pair does."""
    async with pair.load(LOAD_S) as load:
        await asyncio.sleep(HURT_AFTER_S)
        standby = 1 - await pair.until_duplex()
        pair.kill(f"unit{standby}")
    load.judge()
    pair.start(f"unit{standby}")
    await pair.until_duplex()

    async with pair.load(LOAD_S) as load:
        await asyncio.sleep(HURT_AFTER_S)
        pair.kill("witness")
    load.judge()
    pair.start("witness")
    await pair.until_duplex()


async def test_a_hung_active_is_replaced_and_comes_back(pair: Pair) -> None:
    """SIGSTOP closes no connection: silence alone tells. Woken, it finds itself replaced and joins again."""
    async with pair.load(LOAD_S + 1) as load:
        await asyncio.sleep(HURT_AFTER_S)
        active = await pair.until_duplex()
        pair.kill(f"unit{active}", signal.SIGSTOP)
        await asyncio.sleep(1.5)
        pair.kill(f"unit{active}", signal.SIGCONT)
    load.judge()
    assert await pair.until_duplex() == 1 - active


async def test_planned_changes_are_hardly_noticed(pair: Pair) -> None:
    """Switchover asked of either unit, a unit taken out and put back, a unit told to stop."""
    async with pair.load(LOAD_S + 2) as load:
        await asyncio.sleep(HURT_AFTER_S)
        active = await pair.until_duplex()
        for asked in (active, active):  # the active hands over; then the same unit, now standby, takes over
            async with pair.admin(asked) as stub:
                await stub.Switchover(pb.SwitchoverRequest(reason="a test"), timeout=5)
            await pair.until_duplex()
        async with pair.admin(active) as stub:
            await stub.BringDown(pb.BringDownRequest(reason="a test"), timeout=5)
            await stub.BringUp(pb.BringUpRequest(reason="a test"), timeout=5)
        active = await pair.until_duplex()
        pair.kill(f"unit{active}", signal.SIGTERM)
        assert await asyncio.to_thread(pair.processes[f"unit{active}"].wait, 10) == 0
    load.judge()


async def test_power_is_gone_for_all(pair: Pair) -> None:
    """SIGKILL of both units and the witness under load: what was acknowledged is there."""
    async with pair.load(LOAD_S + 2) as load:
        await asyncio.sleep(HURT_AFTER_S)
        for name in ("unit0", "unit1", "witness"):
            pair.kill(name)
        for name in ("witness", "unit1", "unit0"):
            pair.start(name)
        await pair.until_duplex()
    assert load.result["ok"], load.said
    assert load.result["lost"] == load.result["doubled"] == load.result["unknown"] == 0


async def test_a_blank_unit_joins_by_snapshot_while_tills_buy(pair: Pair) -> None:
    """The log no longer reaches back to the beginning: the state travels, then the log from there."""
    active = await pair.until_duplex()
    for _ in range(LOADS_MAX):  # until so much was bought that the log lets go of its beginning
        async with pair.load(LOAD_S, rate=500) as load:
            pass
        load.judge()
        if pair.trimmed(active):
            break
    assert pair.trimmed(active)
    pair.kill(f"unit{1 - active}")
    pair.blank(1 - active)
    async with pair.load(LOAD_S + 1) as load:
        await asyncio.sleep(HURT_AFTER_S)
        pair.start(f"unit{1 - active}")
        assert await pair.until_duplex() == active
    load.judge()
    assert any(line["event"] == "snapshot installed" for line in pair.log(f"unit{1 - active}"))

    # And it can be promoted: nothing is missing in it.
    pair.kill(f"unit{active}")
    async with pair.load(1) as load:
        pass
    load.judge()
