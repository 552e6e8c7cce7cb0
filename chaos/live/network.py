"""A network of our own, in kernel namespaces, to cut units off for real: needs root, `ip` and `nft`.

A switch (a bridge in a namespace of its own) connects one namespace per host, and us. Faults are put in at
the switch, so the hosts themselves see what they would see in a rack: packets that do not arrive.

    with Network(("unit0", "unit1", "witness")) as network:
        subprocess.Popen([*network.inside("unit0"), "ftnode", "serve", ...])
        network.cut("unit0")             # from everybody
        network.cut_link("unit0", "unit1")   # what unit0 sends to unit1 is dropped; the rest goes on
        network.heal()

Everything carries our process id in its name and is removed at the end; nothing that was there is touched.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

RANGE: Final = "198.18"  # RFC 2544: set aside for tests of network devices, used by nobody
NEEDED: Final = ("ip", "nft")
COMMAND_S: Final = 10.0


class NetworkMissing(Exception):
    """Namespaces cannot be had here; says why."""


def missing_for_network() -> str:
    """Why there can be no network of our own here; empty if there can."""
    if os.geteuid() != 0:
        return "not root: no network namespaces"
    for program in NEEDED:
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
            return f"no {program} here"
    return ""


class Network:
    """Hosts on one switch. We reach them from outside too."""

    def __init__(self, hosts: Sequence[str]) -> None:
        """Makes nothing yet."""
        self.hosts = tuple(hosts)
        pid = os.getpid()
        self.net = f"{RANGE}.{pid % 250 + 1}"
        self.tag = f"ft{pid % 1_000_000}"
        self.switch = f"{self.tag}s"

    def address(self, host: str) -> str:
        """Its IPv4 address."""
        return f"{self.net}.{10 + self.hosts.index(host)}"

    def inside(self, host: str) -> list[str]:
        """What to put before a command so that it runs on the host."""
        return ["ip", "netns", "exec", self._namespace(host)]

    def __enter__(self) -> Self:
        """Raises NetworkMissing."""
        if reason := missing_for_network():
            raise NetworkMissing(reason)
        try:
            self._make()
        except NetworkMissing:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    # ---------------------------------------------------------------- faults

    def cut(self, host: str) -> None:
        """Nothing goes to the host or comes from it; its own link stays up."""
        port = self._port(host)
        self._nft(f"add rule bridge f cut iifname {port} drop")
        self._nft(f"add rule bridge f cut oifname {port} drop")

    def cut_link(self, sender: str, receiver: str) -> None:
        """What `sender` sends to `receiver` is dropped; the other direction works."""
        self._nft(f"add rule bridge f cut iifname {self._port(sender)} oifname {self._port(receiver)} drop")

    def heal(self) -> None:
        """No fault is left."""
        self._nft("flush chain bridge f cut")

    # ---------------------------------------------------------------- how

    def _make(self) -> None:
        self._ip("netns", "add", self.switch)
        self._in_switch("link", "add", "br0", "type", "bridge")
        self._in_switch("link", "set", "br0", "up")
        for host in self.hosts:
            namespace = self._namespace(host)
            self._ip("netns", "add", namespace)
            self._ip("-n", namespace, "link", "set", "lo", "up")
            self._cable("eth0", namespace, self._port(host), self.address(host))
        self._cable(self._our_end, "", f"{self.tag}p", f"{self.net}.1")
        self._nft("add table bridge f")
        self._nft("add chain bridge f cut { type filter hook forward priority 0; }")

    def _cable(self, name: str, namespace: str, port: str, address: str) -> None:
        """One end with an address, the other in the switch."""
        where = ["-n", namespace] if namespace else []
        self._ip(*where, "link", "add", name, "type", "veth", "peer", "name", port, "netns", self.switch)
        self._ip(*where, "addr", "add", f"{address}/24", "dev", name)
        self._ip(*where, "link", "set", name, "up")
        self._in_switch("link", "set", port, "master", "br0")
        self._in_switch("link", "set", port, "up")

    def _remove(self) -> None:
        """Our end of the cable first: the kernel takes a namespace apart later, when it has the time, and
        until then our address would still lead into the old one."""
        self._forget("link", "del", self._our_end)
        for namespace in (*map(self._namespace, self.hosts), self.switch):
            self._forget("netns", "del", namespace)

    @property
    def _our_end(self) -> str:
        return f"{self.tag}o"

    def _namespace(self, host: str) -> str:
        return f"{self.tag}{self.hosts.index(host)}"

    def _port(self, host: str) -> str:
        return f"{self.tag}p{self.hosts.index(host)}"

    def _in_switch(self, *words: str) -> None:
        self._ip("-n", self.switch, *words)

    def _nft(self, words: str) -> None:
        _run("ip", "netns", "exec", self.switch, "nft", words)

    def _ip(self, *words: str) -> None:
        _run("ip", *words)

    def _forget(self, *words: str) -> None:
        """It may never have been made."""
        subprocess.run(["ip", *words], capture_output=True, timeout=COMMAND_S, check=False)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_S, check=False)
    if done.returncode:
        raise NetworkMissing(f"{' '.join(command)}: {done.stderr.strip()}")
