"""Our own network: it carries, it cuts in the direction it is told, it heals, and nothing is left of it."""

import subprocess
import sys

import pytest

from chaos.live.network import Network, missing_for_network

pytestmark = [
    pytest.mark.live,
    pytest.mark.root,
    pytest.mark.skipif(bool(missing_for_network()), reason=missing_for_network()),
]

RECEIVE = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 7))
print("ready", flush=True)
sys.stdin.readline()  # the sender has done
s.settimeout(0.2)
try:
    print(s.recv(9).decode())
except TimeoutError:
    print("nothing")
"""
SEND = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(3):
    s.sendto(b"word", (sys.argv[1], 7))
    time.sleep(0.05)
"""


def carries(network: Network, sender: str, receiver: str) -> bool:
    """Whether a datagram arrives; no answer is needed, so this sees one direction alone."""
    listen = [*network.inside(receiver), sys.executable, "-c", RECEIVE]
    with subprocess.Popen(listen, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        send = [*network.inside(sender), sys.executable, "-c", SEND, network.address(receiver)]
        subprocess.run(send, check=True, timeout=10)
        return process.communicate("\n", timeout=10)[0] == "word\n"


def test_cut_in_one_direction_cut_off_and_healed() -> None:
    with Network(("a", "b")) as network:
        assert (carries(network, "a", "b"), carries(network, "b", "a")) == (True, True)
        network.cut_link("a", "b")
        assert (carries(network, "a", "b"), carries(network, "b", "a")) == (False, True)
        network.heal()
        network.cut("b")
        assert (carries(network, "a", "b"), carries(network, "b", "a")) == (False, False)
        network.heal()
        assert carries(network, "a", "b")
        tag = network.tag
    for command in (["ip", "netns", "list"], ["ip", "link"]):
        assert tag not in subprocess.run(command, capture_output=True, text=True, check=True).stdout
