"""The pair of `kit`, each process on a host of its own in a network that can be cut."""

import subprocess
from pathlib import Path
from typing import Final

from chaos.live.network import Network
from tests.live.kit import BIN, Pair

HOSTS: Final = ("unit0", "unit1", "witness")


class NetPair(Pair):
    """A `Pair` whose processes speak over the network; we call it from outside."""

    def __init__(self, root: Path, network: Network) -> None:
        self.network = network
        super().__init__(root)
        for name in HOSTS:
            settings = root / f"{name}.toml"
            settings.write_text(self._networked(settings.read_text(), name))

    def _networked(self, text: str, name: str) -> str:
        """The same settings, with addresses of the network."""
        here = self.network.address(name)
        other = {"unit0": "unit1", "unit1": "unit0"}.get(name, name)
        lines = []
        for line in text.splitlines():
            if line.startswith("peer_"):
                line = line.replace("127.0.0.1", self.network.address(other))
            elif line.startswith("address"):
                line = line.replace("127.0.0.1", self.network.address("witness"))
            lines.append(line)
            if line in ("[unit]", "[witness]") and name.startswith("unit") == (line == "[unit]"):
                lines.append("insecure_bind = true")
            if line in ("[till]", "[lockstep]", "[admin]", "[metrics]") or (
                name == "witness" and line == "[witness]"
            ):
                lines.append(f'host = "{here}"')
        return "\n".join(lines) + "\n"

    def host(self, unit: int) -> str:
        return self.network.address(f"unit{unit}")

    def start(self, name: str) -> None:
        """Start it on its host."""
        command = "witness" if name == "witness" else "serve"
        with self.root.joinpath(f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [
                    *self.network.inside(name),
                    BIN / "ftnode",
                    command,
                    "--config",
                    self.root / f"{name}.toml",
                ],
                stdout=log,
                stderr=log,
                cwd=self.root,
            )

    def form(self) -> None:
        """Make the first record, from unit 0's host."""
        form = [str(BIN / "ftnode"), "form", "--config", str(self.root / "unit0.toml")]
        subprocess.run([*self.network.inside("unit0"), *form], check=True, timeout=30)
