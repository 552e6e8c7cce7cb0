"""`loyalty report` against the engine's scans as a unit runs them: helper, port, client, three forms."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import grpc
from structlog.testing import capture_logs
from typer.testing import CliRunner

from ftnode.app import loyalty
from ftnode.config.limits import Scans as Settings
from ftnode.config.schema import settings_of
from ftnode.observe.figures import UnitFigures
from ftnode.shell.scans import Scans
from ftnode.store.state import Checkpoint
from ftnode.store.state_lmdb import LmdbStateStore
from loyalty.cli.main import app
from tests.loyalty.kit import DAY_MS, NOON, DictState
from tests.loyalty.scan_kit import give, person

NOBODY = "127.0.0.1:1"
SETTINGS: dict[str, Any] = {name: setting.default for name, setting in settings_of(Settings)}


async def at_once() -> None:
    """The checkpoint that is there is fresh enough."""


@asynccontextmanager
async def unit(
    directory: Path, state: DictState, unready: Callable[[], str] = lambda: ""
) -> AsyncIterator[str]:
    """A back-office port before a checkpoint of `state`; its address."""
    store = LmdbStateStore(directory / "state")
    writer = store.begin_checkpoint(Checkpoint(41, bytes(16), bytes(16), 7, NOON, 2))
    writer.put_slice(list(state.pairs.items()))
    writer.prepare()
    writer.write()
    writer.sync()
    application = loyalty()
    scans = Scans(
        Settings(**SETTINGS | {"processor": "nice"}),
        directory / "state",
        application.machines,
        UnitFigures(),
        unready,
        at_once,
    )
    server: Any = grpc.aio.server()
    for path, handler in scans.handlers(application.scans).items():
        _, service, name = path.split("/")
        server.add_registered_method_handlers(service, {name: handler})
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        with capture_logs():  # the command's own words are looked at, in the same process
            yield f"127.0.0.1:{port}"
    finally:
        scans.stop()
        await server.stop(2)
        store.close()


async def said(office: str, *words: str) -> tuple[int, str]:
    """Exit status and everything that was said."""
    result = await asyncio.to_thread(
        CliRunner().invoke, app, ["report", *words, "--office", office], catch_exceptions=False
    )
    return result.exit_code, result.output


def shop() -> tuple[DictState, int]:
    """Ann has 30 points that end tomorrow and 50 that never do; the others have birthdays."""
    state = DictState()
    ann = person(state, 3, phone="+886912345678")
    give(state, ann, 30_000, NOON + DAY_MS)
    give(state, ann, 50, NOON + 1000 * DAY_MS, partner=9)
    for slot in range(30):
        person(state, slot, 19900314)
    return state, ann


async def test_every_report_in_every_form(tmp_path: Path) -> None:
    """The table for people, the others whole and parseable."""
    state, ann = shop()
    async with unit(tmp_path, state) as office:
        status, text = await said(office, "liability")
        assert status == 0
        assert [line.split() for line in text.splitlines()] == [
            ["until_day", "wallet", "partner", "points"],
            ["2026-11-23", "0", "0", "30,000"],
            ["2029-08-18", "0", "9", "50"],
            ["2", "rows,", "as", "of", "entry", "41,", "2026-11-22", "12:00:00"],
        ]
        _, text = await said(office, "ending-soon", "--days", "2", "--form", "csv")
        (row,) = csv.DictReader(StringIO(text))
        assert (row["member_id"], row["active_until"]) == (str(ann), "2026-11-23 12:00:00")
        _, text = await said(office, "birthdays", "314", "314", "--form", "json")
        found = json.loads(text)
        assert (found["as_of_seq"], found["as_of_ms"], len(found["rows"])) == (41, NOON, 30)
        file = tmp_path / "members.csv"
        status, text = await said(office, "members", "--form", "csv", "--output", str(file))
        assert (status, text) == (0, "")
        members = list(csv.DictReader(StringIO(file.read_text())))
        assert len(members) == 31
        assert {one["member_id"]: one["spendable_points"] for one in members}[str(ann)] == "30050"
        part = await said(office, "members", "--from-slot", "29", "--slots", "1", "--form", "json")
        assert len(json.loads(part[1])["rows"]) == 1
        assert (await said(office, "usage", "--form", "csv"))[1].count("\n") == 1
        assert json.loads((await said(office, "statements", "--form", "json"))[1])["rows"] == []


async def test_the_unit_that_can_is_asked(tmp_path: Path) -> None:
    """One is gone, one is not in sync, the third answers."""
    state, _ = shop()
    async with (
        unit(tmp_path / "behind", DictState(), lambda: "unit 1 is DUPLEXING") as behind,
        unit(tmp_path / "fit", state) as fit,
    ):
        status, text = await said(f"{NOBODY},{behind},{fit}", "liability", "--form", "csv")
        assert (status, len(text.splitlines())) == (0, 3)


async def test_what_cannot_be_is_said_in_a_line(tmp_path: Path) -> None:
    """Refused at the door, rejected by the engine, no address."""
    async with unit(tmp_path, DictState()) as office:
        status, text = await said(office, "liability", "--from-day", "20260230")
        assert (status, "from_day: is 20260230" in text) == (3, True)
        result = await asyncio.to_thread(
            CliRunner().invoke, app, ["--programme", "7", "report", "members", "--office", office]
        )
        assert (result.exit_code, "PROGRAMME_UNKNOWN" in result.output) == (1, True)
        status, text = await said("nowhere", "members")
        assert (status, "wanted HOST:PORT" in text) == (2, True)
