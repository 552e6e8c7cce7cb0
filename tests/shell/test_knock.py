"""Asking the partner's host whether the process is gone: real sockets on the loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ftnode.shell.knock import Knocker

FOR_MS = 150


@asynccontextmanager
async def port() -> AsyncIterator[asyncio.Server]:
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    yield server
    server.close()


def address(server: asyncio.Server) -> str:
    return f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def met(knocker: Knocker) -> None:
    knocker.met()
    for _ in range(100):
        if knocker.answered:
            return
        await asyncio.sleep(0.01)


async def test_a_port_that_closed_tells_that_the_process_is_gone_once() -> None:
    """It was there while the channel was open, and is not now."""
    told = asyncio.Event()
    async with port() as server:
        knocker = Knocker(address(server), FOR_MS, told.set)
        await met(knocker)
    knocker.lost()
    await asyncio.wait_for(told.wait(), 2)
    told.clear()
    await asyncio.sleep(3 * FOR_MS / 1000)
    assert not told.is_set()


async def test_a_process_that_closes_its_connections_first_is_found_gone_a_moment_later() -> None:
    """As a process that is killed: the first call may still find the port open."""
    told = asyncio.Event()
    async with port() as server:
        knocker = Knocker(address(server), 5_000, told.set)
        await met(knocker)
        knocker.lost()
        await asyncio.sleep(0.03)
        assert not told.is_set()
    await asyncio.wait_for(told.wait(), 2)


async def test_a_port_that_closes_while_it_is_called_is_called_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel of a process that is just ending takes the call and resets it."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    answers: list[type[OSError]] = [ConnectionResetError, ConnectionResetError, ConnectionRefusedError]

    async def sock_connect(*_: object) -> None:
        raise answers.pop(0)

    async with port() as server:
        knocker = Knocker(address(server), 5_000, told.set)
        await met(knocker)
        monkeypatch.setattr(loop, "sock_connect", sock_connect)
        knocker.lost()
        await asyncio.wait_for(told.wait(), 2)
    assert not answers


async def test_what_answered_beside_an_older_channel_is_not_believed() -> None:
    """A channel that closed at once never saw the port open."""
    told: list[str] = []
    async with port() as server:
        knocker = Knocker(address(server), FOR_MS, lambda: told.append("gone"))
        await met(knocker)
    knocker.met()
    knocker.lost()
    await asyncio.sleep(2 * FOR_MS / 1000)
    assert not told


async def test_a_partner_that_is_there_is_not_gone() -> None:
    """Only the connection broke."""
    told: list[str] = []
    async with port() as server:
        knocker = Knocker(address(server), FOR_MS, lambda: told.append("gone"))
        await met(knocker)
        knocker.lost()
        await asyncio.sleep(2 * FOR_MS / 1000)
    assert not told


async def test_a_port_that_never_answered_tells_nothing() -> None:
    """A wrong address in the settings must not make every broken connection look like a death."""
    told: list[str] = []
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and does not listen
        knocker = Knocker(f"127.0.0.1:{closed.getsockname()[1]}", FOR_MS, lambda: told.append("gone"))
        knocker.met()
        await asyncio.sleep(0.05)
        knocker.lost()
        await asyncio.sleep(2 * FOR_MS / 1000)
    assert not told


@pytest.mark.parametrize("ends", ["met", "stop"])
async def test_nobody_is_told_after_the_partner_came_back_or_we_stopped(ends: str) -> None:
    """The question is over."""
    told: list[str] = []
    async with port() as server:
        knocker = Knocker(address(server), 5_000, lambda: told.append("gone"))
        await met(knocker)
        knocker.lost()
        await asyncio.sleep(0.01)
        getattr(knocker, ends)()
    await asyncio.sleep(0.1)
    assert not told
