"""A pair is backed up while tills buy; what is restored has every balance that was told before the point."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import msgpack

from ftnode.machine.executor import Executor
from ftnode.store.state_lmdb import LmdbStateStore
from loyalty import commands as cmd
from loyalty.cli.load.shopper import Mix, Shopper
from loyalty.client.answers import Done
from loyalty.client.client import TillClient
from loyalty.client.units import Units
from loyalty.engine import Engine
from loyalty.outcomes import AnyOutcome, GetBalanceDone
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till
from tests.live.kit import BIN, Pair

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(120)]

LOAD_S = 4.0
PURCHASES = 12  # in each third of the story


async def begun(pair: Pair) -> Pair:
    """Witness and both units, in duplex."""
    pair.start("witness")
    await asyncio.sleep(0.5)
    pair.form()
    pair.start("unit0")
    pair.start("unit1")
    await pair.until_duplex()
    return pair


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    """A pair in duplex."""
    (tmp_path / "first").mkdir()
    pair = Pair(tmp_path / "first")
    try:
        yield await begun(pair)
    finally:
        pair.end()


async def ftctl(*words: str, status: int = 0) -> dict[str, Any]:
    """The last line of what the command says."""
    process = await asyncio.create_subprocess_exec(
        *(str(BIN / "ftctl"), *words), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == status, err.decode() + out.decode()
    answer: dict[str, Any] = json.loads(out.decode().strip().splitlines()[-1])
    return answer


class Member:
    """One customer at one till: what was sent, and what he was told."""

    def __init__(self) -> None:
        mix = Mix(spending_percent=40, returns_percent=10, balances_percent=0)
        self.shopper = Shopper(77, 1, 1, mix, seed=5)
        self.sent: list[Any] = []
        self.told: list[Done[Any]] = []

    async def enrol(self, client: TillClient) -> None:
        answer = await client.enrol(till.EnrolRequest(phone="+886912999001", store=1), until_definite=True)
        assert isinstance(answer, Done)
        self.shopper.members.append(answer.outcome.member_id)

    async def buy(self, client: TillClient, count: int) -> None:
        """Purchases with and without points; each answer says his balance and its seq."""
        while count:
            planned = self.shopper.next()
            if planned.method != "Confirm":
                continue
            request = client.prepare(planned.request)
            answer = await client.confirm(request, until_definite=True)
            assert isinstance(answer, Done), answer
            self.sent.append(request)
            self.told.append(answer)
            count -= 1


def balance_in(state: Path, member: int) -> tuple[int, int]:
    """What he has and what he may spend, by the state on this disk."""
    store = LmdbStateStore(state, read_only=True)
    text = Executor(store, [Engine()]).query(msgpack.encode(cmd.GetBalance(1, member)))
    store.close()
    found = msgpack.decode(text, type=AnyOutcome)
    assert isinstance(found, GetBalanceDone)
    return found.balance.active_points, found.balance.spendable_points


async def test_backed_up_under_traffic_and_restored_to_three_points(pair: Pair, tmp_path: Path) -> None:
    """Whole, then incremental, from the standby and beside the load; three points of one customer's story; a
    new cabinet starts on the middle one, knows what was answered before it and nothing of what came after."""
    units = ",".join(f"127.0.0.1:{pair.ports[f'admin{unit}']}" for unit in (0, 1))
    keep = str(tmp_path / "backup")
    member = Member()
    async with pair.load(LOAD_S) as load, Units(pair.targets) as line:
        client = TillClient(line)
        await member.enrol(client)
        first = await ftctl("--units", units, "backup", keep)
        await member.buy(client, PURCHASES)
        second = await ftctl("--units", units, "backup", keep, "--log-only")
        await member.buy(client, PURCHASES)
        third = await ftctl("--units", units, "backup", keep, "--unit", str(await pair.until_duplex()))
    load.judge()
    assert first["unit"] == 1 - third["unit"]  # the standby, unless told otherwise
    assert (first["slots_shared"], second["snapshot_seq"]) == (0, None)
    assert second["log_first_seq"] == max(first["log_last_seq"] or 0, first["snapshot_seq"]) + 1
    assert third["log_first_seq"] == second["log_last_seq"] + 1
    verdict = await ftctl("verify-backup", keep, "--execute", "--scratch", str(tmp_path))
    assert verdict["ok"], verdict
    assert verdict["digests_compared"] >= 3

    customer = member.shopper.members[0]
    points = [member.told[at] for at in (2, PURCHASES + 3, -1)]
    places = [tmp_path / name for name in ("early", "second/unit0", "late")]
    (tmp_path / "second").mkdir()
    for told, place in zip(points, places, strict=True):
        restored = await ftctl(
            *("restore", keep, "--to", str(place), "--cabinet", "second", "--seq", str(told.seq))
        )
        assert restored["seq"] == told.seq
        balance = told.outcome.balance
        assert balance_in(place / "state", customer) == (balance.active_points, balance.spendable_points)
    late = await ftctl(
        *("restore", keep, "--to", str(tmp_path / "never"), "--cabinet", "second", "--at", "2040-01-01"),
        status=1,
    )
    assert "cannot be restored. This backup reaches from" in late["why"]
    await ends_in_a_new_cabinet(tmp_path / "second", member, points[1])


async def ends_in_a_new_cabinet(root: Path, member: Member, point: Done[Any]) -> None:
    """Started with an empty witness and a blank partner."""
    pair = Pair(root)
    for name in ("witness", "unit0", "unit1"):
        path = root / f"{name}.toml"
        path.write_text(path.read_text().replace('cabinet = "test"', 'cabinet = "second"'))
    try:
        await begun(pair)
        async with Units(pair.targets) as line:
            client = TillClient(line)
            at = next(place for place, told in enumerate(member.told) if told.seq == point.seq)
            again = await client.confirm(member.sent[at], until_definite=True)
            assert isinstance(again, Done)
            assert (again.seq, again.outcome) == (point.seq, point.outcome)  # remembered: done once
            ref = common.MemberRef(member_id=member.shopper.members[0])
            balance = await client.balance(till.GetBalanceRequest(member=ref))
            assert isinstance(balance, Done)
            assert balance.outcome.balance == point.outcome.balance
            unheard = await client.confirm(member.sent[at + 1], until_definite=True)
            assert isinstance(unheard, Done)
            assert unheard.seq > point.seq  # answered after the point: unknown here, and done now
            assert unheard.outcome.balance == member.told[at + 1].outcome.balance
            await member.buy(client, 3)
        epochs = {(await pair.status(unit)).epoch for unit in (0, 1)}  # type: ignore[union-attr]
        assert min(epochs) > point.epoch
    finally:
        pair.end()
