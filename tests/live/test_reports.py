"""Reports of a real pair, while tills buy: from either unit, as of now, and nobody feels them."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.kit import BIN, Pair

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(120)]

LOAD_S = 6.0


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


async def loyalty(pair: Pair, *words: str) -> dict[str, Any]:
    """What the command says, as JSON."""
    process = await asyncio.create_subprocess_exec(
        str(BIN / "loyalty"),
        "--json",
        *words,
        env={**os.environ, "LOYALTY_TARGETS": pair.targets},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, err.decode()
    answer: dict[str, Any] = json.loads(out)
    return answer


async def report(pair: Pair, unit: int, *words: str) -> dict[str, Any]:
    """What a unit reports."""
    return await loyalty(pair, "report", *words, "--office", f"127.0.0.1:{pair.ports[f'admin{unit}']}")


async def test_reports_from_either_unit(pair: Pair) -> None:
    """Who enrolled a moment ago is in them, with his points; both units say the same as of the same entry."""
    enrolled = await loyalty(pair, "enrol", "--phone", "+886912000001")
    for unit in (0, 1):
        members = await report(pair, unit, "members")
        assert [row["phone"] for row in members["rows"]] == ["+886912000001"]
        assert members["as_of_seq"] >= int(enrolled["seq"])
        owed = await report(pair, unit, "liability")
        assert owed["as_of_seq"] == members["as_of_seq"]  # nothing has happened since
        points = members["rows"][0]["wallets"][0]["balance"]["active_points"]
        assert sum(int(row["points"]) for row in owed["rows"]) == int(points)


async def test_tills_buy_meanwhile(pair: Pair) -> None:
    """One of the units is pulled: nothing is lost, and the reports of the other one go on."""
    async with pair.load(LOAD_S) as load:
        seqs = [(await report(pair, at % 2, "liability"))["as_of_seq"] for at in range(6)]
        pair.kill("unit1")
        seqs += [(await report(pair, 0, "members"))["as_of_seq"] for _ in range(2)]
    load.judge()
    assert seqs == sorted(seqs)
    lines = [line for line in pair.log("unit0") if line["event"] == "scan"]
    assert {line["result"] for line in lines} == {"done"}
