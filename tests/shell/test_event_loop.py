"""The loop that reads grpc.aio's wake-up bytes at once."""

import socket
import subprocess
import sys

import pytest

from ftnode.shell.event_loop import drained


@pytest.mark.parametrize(("bytes_there", "calls", "left"), [(0, 0, 0), (1, 1, 1), (200, 1, 1)])
def test_all_wakes_but_one_are_read_and_the_handler_is_called_once(
    bytes_there: int, calls: int, left: int
) -> None:
    """grpc's own handler reads the last one; it would fail if there were none."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    for _ in range(bytes_there):
        theirs.send(b"1")
    called: list[str] = []
    drained(ours, called.append, "woken")
    assert called == ["woken"] * calls
    theirs.close()
    assert len(ours.recv(1000)) == left
    ours.close()


WOKEN = """
import grpc, uvloop
from ftnode.shell import event_loop

seen = []
drained = event_loop.drained

def spy(wakes, callback, *args):
    seen.append(True)
    drained(wakes, callback, *args)

async def call_nobody():
    async with grpc.aio.insecure_channel("127.0.0.1:1") as channel:
        try:
            await channel.unary_unary("/a/b")(b"", timeout=5)
        except grpc.aio.AioRpcError:
            pass

event_loop.drained = spy
uvloop.run(call_nobody(), loop_factory=event_loop.Loop)
print("woken" if seen else "not woken")
"""


def test_grpc_is_woken_through_it() -> None:
    """Its handler is known by name, which a later grpcio may change: then this says so."""
    done = subprocess.run(
        [sys.executable, "-c", WOKEN], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "woken\n"
