"""A programme is published on a real pair, through the back-office ports, while the active unit dies."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.kit import BIN, Pair

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

CLUB = Path(__file__).parents[2] / "deploy/programmes/sports-club.toml"
THINGS = 18  # that the file describes


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
    office = ",".join(f"127.0.0.1:{pair.ports[f'admin{unit}']}" for unit in (0, 1))
    process = await asyncio.create_subprocess_exec(
        *(str(BIN / "loyalty"), "--json", *words),
        env={**os.environ, "LOYALTY_TARGETS": pair.targets, "LOYALTY_OFFICE": office},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    answer: dict[str, Any] = json.loads(out)
    return answer


async def test_a_programme_outlives_the_unit_that_took_it(pair: Pair) -> None:
    """Once published it is in force on the other unit too: there nothing is sent again."""
    published = await loyalty(pair, "programme", "publish", str(CLUB), "--yes")
    assert published["published"] == THINGS
    pair.kill(f"unit{await pair.until_duplex()}")
    again = await loyalty(pair, "--deadline-ms", "20000", "programme", "publish", str(CLUB), "--yes")
    assert (len(again["plan"]), again["published"]) == (THINGS, 0)
    enrolled = await loyalty(pair, "enrol", "--phone", "+436601234567", "--store", "1")
    assert enrolled["outcome"]["balance"]["spendable_points"] == "500"
    line = ("--line", "SO-1:3:30.00,category=socks")
    quote = await loyalty(pair, "quote", "+436601234567", "--store", "1", *line)
    assert quote["outcome"]["bill"]["discount_minor"] == "1000"  # of three pairs one is free
