"""`ftctl backup`: the standby is asked first, the other one where it cannot help."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner

from ftnode.backup.contents import look, writing
from ftnode.backup.report import Progress
from ftnode.backup.take import Taker
from ftnode.backup.verify import verify
from ftnode.ctl import backup
from ftnode.ctl.main import app
from ftnode.ctl.where import Where
from ftnode.v1 import admin_pb2, admin_pb2_grpc
from ftnode.v1 import backup_pb2_grpc as pb_grpc
from tests.backup.kit import quiet
from tests.backup.take_kit import ENTRIES, Unit
from tests.backup.test_take_damaged import Harmful, harm_chunk
from tests.ctl.parts import ACTIVE, DUPLEXING, STANDBY, status

NOBODY = "127.0.0.1:9"  # the discard port: nothing listens there


class Admin(admin_pb2_grpc.AdminServiceServicer):
    """Says which unit this is and what it does."""

    def __init__(self, unit: int, state: Any) -> None:
        self.status = status(unit, state)

    async def GetStatus(self, request: Any, context: Any) -> admin_pb2.GetStatusResponse:
        return admin_pb2.GetStatusResponse(status=self.status)


@asynccontextmanager
async def pair(*units: tuple[Any, Any]) -> AsyncIterator[Where]:
    """Units 0 and 1: (state, what serves its backups); None instead: nobody is there."""
    async with AsyncExitStack() as stack:
        addresses = []
        for unit, (state, servicer) in enumerate(units):
            if servicer is None:
                addresses.append(NOBODY)
                continue
            server = grpc.aio.server()
            admin_pb2_grpc.add_AdminServiceServicer_to_server(Admin(unit, state), server)
            pb_grpc.add_BackupServiceServicer_to_server(servicer, server)
            addresses.append(f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}")
            await server.start()
            stack.push_async_callback(server.stop, 0)
        yield Where((addresses[0], addresses[1]))


@asynccontextmanager
async def two(place: Path) -> AsyncIterator[tuple[Unit, Unit]]:
    """Two units with the same 200 entries."""
    zero, one = Unit(place / "zero"), Unit(place / "one")
    zero.running.settings.unit.id = 0
    try:
        for unit in (zero, one):
            unit.go_to(200)
        yield zero, one
    finally:
        zero.close()
        one.close()


async def take(root: Path, where: Where, log_only: bool = False, unit: int = -1) -> Taker:
    """What the command does with a pair that was found."""
    with writing(root):
        taker = Taker(root, 0, quiet)
        wish = backup.Wish(log_only=log_only, unit=unit)
        await backup._take(root, where, wish, taker, Progress(True))
        taker.read_back()
    return taker


async def test_the_standby_is_asked_unless_told_otherwise(tmp_path: Path) -> None:
    """Whichever unit it is."""
    async with two(tmp_path) as (zero, one):
        async with pair((ACTIVE, zero.server), (STANDBY, one.server)) as where:
            await take(tmp_path / "a", where)
            await take(tmp_path / "b", where, unit=0)
        async with pair((STANDBY, zero.server), (ACTIVE, one.server)) as where:
            await take(tmp_path / "c", where)
    taken_from = [look(tmp_path / name).snapshots[0].source.unit for name in "abc"]
    assert taken_from == [1, 0, 0]


async def test_the_other_one_where_the_standby_cannot(tmp_path: Path) -> None:
    """Its state comes damaged, or its log does not reach back: the active gives what is missing."""
    root = tmp_path / "backup"
    async with two(tmp_path) as (zero, one):
        async with pair((ACTIVE, zero.server), (STANDBY, Harmful(one, harm_chunk))) as where:
            await take(root, where)
        assert look(root).snapshots[0].source.unit == 0
        for unit in (zero, one):
            unit.go_to(ENTRIES)
        assert one.forget() > 201
        async with pair((ACTIVE, zero.server), (STANDBY, one.server)) as where:
            taker = await take(root, where, log_only=True)
    assert taker.taken.gap == ""
    assert (taker.taken.log_first_seq, taker.taken.log_last_seq) == (201, ENTRIES)
    assert verify(root).ok


async def test_a_log_that_no_unit_has_any_more(tmp_path: Path) -> None:
    """With the log alone there is no way on, and it says which: a snapshot, and a gap that is told."""
    root = tmp_path / "backup"
    async with two(tmp_path) as (zero, one), pair((ACTIVE, zero.server), (STANDBY, one.server)) as where:
        await take(root, where)
        for unit in (zero, one):
            unit.go_to(ENTRIES)
            assert unit.forget() > 201
        with pytest.raises(backup.Refused, match=r"entry 201 is gone.*; without --log-only"):
            await take(root, where, log_only=True)
        taker = await take(root, where)
    assert taker.taken.gap == f"201..{ENTRIES}"
    assert [reach.first_seq for reach in look(root).reaches] == [200, ENTRIES]


async def test_one_unit_alone(tmp_path: Path) -> None:
    """Simplex is when a backup is wanted most; a unit that is catching up gives none."""
    async with two(tmp_path) as (zero, one):
        async with pair((ACTIVE, zero.server), (None, None)) as where:
            await take(tmp_path / "a", where)
        async with pair((ACTIVE, zero.server), (DUPLEXING, one.server)) as where:
            await take(tmp_path / "b", where)
            with pytest.raises(backup.Refused, match="unit 1 is DUPLEXING"):
                await take(tmp_path / "c", where, unit=1)
    assert look(tmp_path / "b").snapshots[0].source.unit == 0


def test_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said unit by unit; the last line is JSON all the same, and DIR is ready for another time."""
    monkeypatch.setattr(backup, "_step_back", lambda: None)  # it is this process here
    done = CliRunner().invoke(app, ["--units", f"{NOBODY},{NOBODY}", "backup", str(tmp_path / "backup")])
    assert done.exit_code == 1
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["ok"] is False
    assert "unit 0: nobody listens at 127.0.0.1:9" in last["why"]
    assert "unit 1: nobody listens" in last["why"]


def test_restore_starts_the_program_that_knows_the_application(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every word that was given; its exit status is ours."""
    started: list[list[str]] = []

    def run(words: list[str], check: bool) -> Any:
        started.append(words[1:])
        return SimpleNamespace(returncode=1)

    monkeypatch.setattr("ftnode.backup.command.subprocess.run", run)
    words = ["restore", "kept", "--to", "new", "--cabinet", "second", "--unit", "1", "--at", "2026-11-28"]
    done = CliRunner().invoke(app, [*words, "--json"])
    assert started == [["-m", "ftnode.app", *words, "--json"]]
    assert done.exit_code == 1
