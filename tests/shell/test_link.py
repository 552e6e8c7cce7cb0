"""The lockstep channel over real sockets: partners find one another, strangers are told why not."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ftnode.certs import make_certs
from ftnode.config import unit_from
from ftnode.config.shared import Tls
from ftnode.shell.link import Link, LinkSettings
from ftnode.tls import client_context, server_context
from ftnode.wire import relay
from ftnode.wire.frames import Frame, FrameError, FrameReader, Kind, frame
from ftnode.wire.handshake import Handshake, encode


class Ear:
    """Writes down what a link tells its unit."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[str | Frame] = asyncio.Queue()

    def connected(self, theirs: Handshake) -> None:
        self.heard.put_nowait(f"connected {theirs.unit}")

    def received(self, frames: list[Frame]) -> None:
        for got in frames:
            if got.kind == 99:
                raise FrameError("kind 99")
            self.heard.put_nowait(got)

    def closed(self, why: str) -> None:
        self.heard.put_nowait(f"closed: {why}")

    def gone(self) -> None:
        self.heard.put_nowait("gone")

    async def next(self) -> str | Frame:
        return await asyncio.wait_for(self.heard.get(), 3)

    async def serving(self) -> bool:
        got = await self.next()
        assert isinstance(got, Frame)
        return relay.decode_serving(got)


def settings(
    peer_port: int, port: int = 0, send_max_bytes: int = 1 << 20, open_ms: int = 300
) -> LinkSettings:
    return LinkSettings(
        host="127.0.0.1",
        port=port,
        peer_address=f"127.0.0.1:{peer_port}",
        frame_max_bytes=1 << 20,
        send_max_bytes=send_max_bytes,
        open_ms=open_ms,
        silence_ms=100,
        reconnect_min_ms=5,
        reconnect_max_ms=20,
        knock_address="127.0.0.1:1",
        knock_ms=100,
    )


def who(unit: int, cabinet: str = "shop", life: int | None = None) -> Handshake:
    return Handshake(cabinet=cabinet, unit=unit, life=life or unit + 100)


@asynccontextmanager
async def listener(send_max_bytes: int = 1 << 20, open_ms: int = 300) -> AsyncIterator[tuple[Link, Ear]]:
    ear = Ear()
    link = Link(ear, who(0), settings(1, send_max_bytes=send_max_bytes, open_ms=open_ms))
    await link.start()
    yield link, ear
    await link.stop("the test is over")


@asynccontextmanager
async def dialler(port: int, ours: Handshake) -> AsyncIterator[tuple[Link, Ear]]:
    ear = Ear()
    link = Link(ear, ours, settings(port))
    await link.start()
    yield link, ear
    await link.stop("the test is over")


async def test_partners_meet_talk_and_meet_again() -> None:
    """Frames go both ways; a dropped connection is reported once on each side and made anew."""
    async with listener() as (zero, ear_0), dialler(zero.port, who(1)) as (one, ear_1):
        assert (await ear_0.next(), await ear_1.next()) == ("connected 1", "connected 0")
        zero.send(relay.encode_serving(True))
        one.send(relay.encode_serving(False))
        assert (await ear_1.serving(), await ear_0.serving()) == (True, False)
        zero.drop("a test cuts it")
        assert await ear_0.next() == "closed: a test cuts it"
        assert str(await ear_1.next()).startswith("closed: ")
        assert (await ear_0.next(), await ear_1.next()) == ("connected 1", "connected 0")


async def test_a_partner_that_comes_anew_replaces_its_past() -> None:
    """A half-open old connection cannot keep a restarted partner out."""
    async with listener() as (zero, ear), dialler(zero.port, who(1)):
        assert await ear.next() == "connected 1"
        async with dialler(zero.port, who(1, life=555)):
            assert await ear.next() == "closed: the partner has connected anew"
            assert await ear.next() == "connected 1"


async def test_a_second_process_of_the_same_unit_is_sent_away_while_the_first_one_speaks() -> None:
    """A copied disk, a box started twice: the session would go to and fro, and epochs with it.

    The second one is told, so that it ends: left alone it would believe that the pair is gone and elect
    itself. (A process that was only started again too early gets in when its past has been silent.)
    """
    told: list[str] = []
    with capture_logs() as lines:
        async with listener() as (zero, ear), dialler(zero.port, who(1)) as (one, _):
            assert await ear.next() == "connected 1"
            async with dialler(zero.port, who(1, life=555)) as (second, _):
                second.on_sent_away = told.append
                for _ in range(50):
                    one.send(relay.encode_serving(True))
                    assert await ear.serving()
                    await asyncio.sleep(0.01)
                assert zero.doubled_ms > 0
                await one.stop("pulled")
                assert str(await ear.next()).startswith("closed: ")
                assert await ear.next() == "connected 1"  # the other one, at last
    said = [line["why"] for line in lines if "two processes" in line.get("why", "")]
    assert set(said) == set(told) == {"two processes say that they are unit 1: the first one stays"}


async def test_after_a_stall_of_ours_nobody_is_judged_before_his_words_are_read() -> None:
    """The first one spoke all the time; it was we who did not listen, for longer than `silence_ms`."""
    async with listener() as (zero, ear), dialler(zero.port, who(1)) as (one, _):
        assert await ear.next() == "connected 1"
        reader, writer = await asyncio.open_connection("127.0.0.1", zero.port)
        theirs = FrameReader(4096)
        greeted = theirs.feed(await asyncio.wait_for(reader.read(4096), 3))
        writer.write(encode(who(1, life=555)))
        one.send(relay.encode_serving(True))
        one.flush()
        time.sleep(0.15)  # noqa: ASYNC251 - the loop stands still; silence_ms is 100
        assert await ear.serving()
        told = theirs.feed(await asyncio.wait_for(reader.read(4096), 3))
        assert [got.kind for got in greeted + told] == [Kind.HANDSHAKE, Kind.SENT_AWAY]
        assert ear.heard.empty()
        assert zero.connected
        assert zero.doubled_ms > 0
        writer.close()


@pytest.mark.parametrize(
    ("caller", "words"),
    [
        (who(1, cabinet="bank"), "cabinet 'bank'"),
        (who(0), "back to this very unit"),
        (who(0, life=7), "says that it is unit 0"),
    ],
)
async def test_strangers_are_refused_with_a_reason(caller: Handshake, words: str) -> None:
    """Wrong cabinet, ourselves, a second unit 0: no session, one line that says why."""
    with capture_logs() as lines:
        async with listener() as (zero, ear):
            reader, writer = await asyncio.open_connection("127.0.0.1", zero.port)
            writer.write(encode(caller))
            await asyncio.wait_for(reader.read(), 3)  # their handshake, then the end
            writer.close()
            assert ear.heard.empty()
            assert not zero.connected
    assert [words in line.get("why", "") for line in lines] == [True]


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 64, b"\xff" * 5000])
async def test_garbage_closes_the_connection_and_nothing_else(data: bytes) -> None:
    """Counted, logged, closed; the partner gets in all the same."""
    async with listener() as (zero, ear):
        reader, writer = await asyncio.open_connection("127.0.0.1", zero.port)
        writer.write(data)
        await asyncio.wait_for(reader.read(), 3)
        writer.close()
        assert zero.garbage == 1
        async with dialler(zero.port, who(1)):
            assert await ear.next() == "connected 1"


async def test_nonsense_from_a_partner_closes_too() -> None:
    """A frame that nobody understands ends the connection, not the unit."""
    async with listener() as (zero, ear), dialler(zero.port, who(1)) as (one, ear_1):
        assert (await ear.next(), await ear_1.next()) == ("connected 1", "connected 0")
        one.send(frame(99, b""))
        assert await ear.next() == "closed: garbage: kind 99"
        assert await ear.next() == "connected 1"


async def test_who_says_nothing_is_shown_out() -> None:
    """A caller without a handshake holds a place for `session_open_ms` only."""
    async with listener(open_ms=50) as (zero, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", zero.port)
        assert await asyncio.wait_for(reader.read(), 3)  # our handshake, then the end
        writer.close()


async def test_callers_who_only_connect_hold_few_places_and_not_for_long(tmp_path: Path) -> None:
    """Under TLS there is no channel to close before its handshake: the sockets are shut, the oldest first,
    and who stays gets `session_open_ms`, not the library's minute. The partner gets in meanwhile."""
    make_certs(tmp_path, "shop")
    ear = Ear()
    zero = Link(
        ear, who(0), replace(settings(1, open_ms=400), server_tls=server_context(role(tmp_path, 0), "mutual"))
    )
    await zero.start()
    callers = [await asyncio.open_connection("127.0.0.1", zero.port) for _ in range(40)]
    try:
        for reader, _ in callers[:24]:
            assert await asyncio.wait_for(reader.read(), 0.2) == b""
        ours = replace(
            settings(zero.port), client_tls=client_context(role(tmp_path, 1)), server_hostname="localhost"
        )
        one = Link(Ear(), who(1), ours)
        await one.start()
        assert await ear.next() == "connected 1"
        for reader, _ in callers[24:]:
            assert await asyncio.wait_for(reader.read(), 1) == b""
        assert zero.connected
        await one.stop("the test is over")
    finally:
        await zero.stop("the test is over")
        for _, writer in callers:
            writer.close()


def role(certs: Path, unit: int) -> Tls:
    """A unit's certificates."""
    own = certs / f"unit{unit}"
    given = {"cert_file": own.with_suffix(".pem"), "key_file": own.with_suffix(".key")}
    document = {"ca_file": str(certs / "ca.pem"), **{name: str(path) for name, path in given.items()}}
    unit_part = {"cabinet": "shop", "id": unit, "dir": str(certs)}
    return unit_from({"unit": unit_part, "tls": document}).tls


async def test_a_hung_partner_costs_a_bounded_number_of_bytes() -> None:
    """Who does not read is cut off when `send_max_bytes` wait; sending never blocks."""
    async with listener(send_max_bytes=65_536) as (zero, ear):
        _, writer = await asyncio.open_connection("127.0.0.1", zero.port, limit=1)
        writer.write(encode(who(1)))
        assert await ear.next() == "connected 1"
        for _ in range(2000):
            zero.send(b"x" * 65_536)
            await asyncio.sleep(0)
            if not zero.connected:
                break
        assert "above lockstep.send_max_bytes" in str(await ear.next())
        writer.close()


async def test_a_port_in_use_is_an_error_at_once() -> None:
    """Two units on one port: the second one does not start."""
    async with listener() as (zero, _):
        with pytest.raises(OSError, match="in use"):
            await Link(Ear(), who(0), settings(1, port=zero.port)).start()
