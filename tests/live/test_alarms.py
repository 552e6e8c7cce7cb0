"""A real pair, a real receiver: a unit dies and comes back, the teller dies, everything starts anew."""

import asyncio
import json
import os
import subprocess
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ftnode.alarms.telling import Body
from tests.live.kit import BIN, Pair

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]
PATIENCE_S = 60.0
SECRET = "a-secret-of-ours"
SIMPLEX, WITNESS = "unit0/simplex", "witness/witness-unreachable"
PERCENT = 3  # of the table's delays: "a minute" is 1.8 s


class Receiver:
    """Takes what is posted, in order."""

    def __init__(self) -> None:
        self.came: list[Body] = []
        self.refuse = False
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signed = self.headers["Ftnode-Signature"] and self.headers["Authorization"]
                if not receiver.refuse and signed == f"Bearer {SECRET}":
                    receiver.came.append(msgspec.json.decode(body, type=Body))
                self.send_response(503 if receiver.refuse else 204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def of(self, key: str) -> list[Body]:
        """What came of one key. With delays of 3% a busy machine has other alarms, too."""
        return [told for told in self.came if told.ftnode.key == key]

    def events(self, key: str) -> list[str]:
        """What was told of one key, each once however often it was posted."""
        return [id.rpartition("/")[2] for id in dict.fromkeys(told.ftnode.id for told in self.of(key))]

    async def until(self, seen: Callable[[], bool]) -> None:
        ends_s = time.monotonic() + PATIENCE_S
        while not seen():
            assert time.monotonic() < ends_s, [told.alerts[0].annotations for told in self.came]
            await asyncio.sleep(0.05)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
async def pair(tmp_path: Path, receiver: Receiver) -> AsyncIterator[Pair]:
    """A pair in duplex that tells the receiver."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    pair = Pair(tmp_path)
    for unit in (0, 1):
        path = tmp_path / f"unit{unit}.toml"
        path.write_text(
            f'{path.read_text()}\n[alarms]\nwebhook_urls = "http://127.0.0.1:{receiver.server.server_port}/"\n'
            f'webhook_token_file = "{secret}"\nwebhook_secret_file = "{secret}"\n'
            f"webhook_retry_min_ms = 100\nwebhook_retry_max_ms = 200\ndelays_percent = {PERCENT}\n"
        )
    try:
        pair.start("witness")
        await asyncio.to_thread(pair.form)
        pair.start("unit0")
        pair.start("unit1")
        await pair.until_duplex()
        yield pair
    finally:
        pair.end()


async def ftctl(pair: Pair, *arguments: str) -> "subprocess.CompletedProcess[str]":
    units = ",".join(f"127.0.0.1:{pair.ports[f'admin{unit}']}" for unit in (0, 1))
    return await asyncio.to_thread(
        subprocess.run,
        [str(BIN / "ftctl"), "--units", units, *arguments],
        text=True,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, "COLUMNS": "60"},
    )


async def standing(pair: Pair) -> tuple[int, list[str]]:
    """Exit status, and the keys that stand."""
    done = await ftctl(pair, "alarms", "--json")
    return done.returncode, [alarm["key"] for alarm in json.loads(done.stdout)["alarms"]]


async def history(pair: Pair) -> list[dict[str, Any]]:
    done = await ftctl(pair, "history", "--last", "0", "--json")
    return [json.loads(line) for line in done.stdout.splitlines()]


def metrics(pair: Pair, unit: int) -> list[str]:
    with urllib.request.urlopen(
        f"http://127.0.0.1:{pair.ports[f'metrics{unit}']}/metrics", timeout=5
    ) as page:
        return [line for line in page.read().decode().splitlines() if line.startswith("ftnode_alarm{")]


async def test_a_unit_dies_and_comes_back(pair: Pair, receiver: Receiver) -> None:
    """Raised once, seen everywhere, cleared once; remembered by both after a restart of everything."""
    await asyncio.sleep(2)  # both have met; a pair that forms tells nobody
    assert SIMPLEX not in (await standing(pair))[1]
    pair.kill("unit0")  # the one that tells: the other one must
    key = f"test/{SIMPLEX}"
    await receiver.until(lambda: receiver.events(key) == ["raised"])
    told = receiver.of(key)[0]
    assert (told.ftnode.told_by, told.alerts[0].labels["unit"]) == (1, "0")
    assert told.alerts[0].annotations["summary"] == "test: Unit 0 is out; unit 1 serves the tills alone"
    assert "nothing is heard of it" in told.alerts[0].annotations["detail"]
    status, keys = await standing(pair)
    assert status in (3, 4)
    assert SIMPLEX in keys
    shown, *_ = [line for line in metrics(pair, 1) if 'code="simplex"' in line]
    assert 'of_unit="0"' in shown
    assert shown.endswith(" 1.0")
    done = await ftctl(pair, "alarms")
    assert " WARNING  Unit 0 is out" in done.stdout
    assert "ftnode serve" in " ".join(done.stdout.split())

    pair.start("unit0")
    await pair.until_duplex()
    await receiver.until(lambda: "cleared" in receiver.events(key))
    await asyncio.sleep(3)  # the teller has changed meanwhile: nothing is told again
    same = [each.ftnode.event for each in receiver.of(key) if each.ftnode.raised_ms == told.ftnode.raised_ms]
    assert same == ["raised", "cleared"]

    tested = await ftctl(pair, "alarms", "--test")
    assert (tested.returncode, tested.stdout.count("taken")) == (0, 2)
    async with pair.admin(0) as stub:
        from ftnode.v1 import admin_pb2 as pb

        await stub.BringDown(pb.BringDownRequest(reason="ann: looks at a fan"), timeout=15)
        await stub.BringUp(pb.BringUpRequest(reason="ann"), timeout=15)
    await pair.until_duplex()
    for unit in ("unit0", "unit1", "witness"):
        pair.kill(unit)
    for unit in ("witness", "unit0", "unit1"):
        pair.start(unit)
    await pair.until_duplex()
    story = await history(pair)
    raised_ms = str(told.ftnode.raised_ms)
    about = [line["what"] for line in story if line["more"].get("raised_ms") == raised_ms]
    assert sorted(about) == ["alarm-cleared", "alarm-raised"], "both wrote it down, it is told once"
    assert [line["what"] for line in story].count("unended") >= 2
    [down] = [line for line in story if line["what"] == "bring_down_asked"]
    assert (down["why"], down["who"], down["unit"]) == ("ann: looks at a fan", "anonymous", 0)
    assert [line["at_ms"] for line in story] == sorted(line["at_ms"] for line in story)


async def test_nothing_is_lost_while_nobody_takes_it(pair: Pair, receiver: Receiver) -> None:
    """The receiver refuses, the teller dies with what it had to tell: the other one tells it, once."""
    receiver.refuse = True
    pair.kill("witness")
    async with asyncio.timeout(PATIENCE_S):
        while WITNESS not in (await standing(pair))[1]:  # noqa: ASYNC110 - asks a process
            await asyncio.sleep(0.2)
    await asyncio.sleep(2)  # unit 1 has heard of it
    pair.kill("unit0")
    pair.kill("unit1")
    receiver.refuse = False
    pair.start("witness")
    pair.start("unit1")
    await receiver.until(lambda: "raised" in receiver.events(f"test/{WITNESS}"))
    pair.start("unit0")
    await pair.until_duplex()
    await receiver.until(lambda: "cleared" in receiver.events(f"test/{WITNESS}"))
    assert receiver.events(f"test/{WITNESS}")[:2] == ["raised", "cleared"]
