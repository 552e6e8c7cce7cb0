"""Runs the Node tills: `with NodeTills(addresses, seconds=5, rate=50) as tills: ... tills.report()`."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).parent / "tills.mjs"
PATIENCE_S = 60


def missing_for_node() -> str:
    """Why the Node tills cannot run here; empty if they can."""
    if shutil.which("node") is None:
        return "no node here"
    if not (ROOT / "node_modules" / "@grpc" / "grpc-js").is_dir():
        return "grpc-js is not installed: run `make setup-test`"
    return ""


class NodeTills:
    """The script as a process. It enrols its members, says so, then buys on schedule."""

    def __init__(
        self, addresses: Sequence[str], *, seconds: int, rate: int, tills: int = 10, store: int = 900
    ):
        self.command = [
            *("node", str(SCRIPT), "--addresses", ",".join(addresses)),
            *("--seconds", str(seconds), "--rate", str(rate), "--tills", str(tills), "--store", str(store)),
        ]

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.communicate()

    def wait_until_buying(self) -> None:
        """Blocks until the members are enrolled."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert '"buying"' in line, f"the Node tills said {line!r}"

    def report(self, ok: bool = True) -> dict[str, Any]:
        """What the tills saw, once they are done. `ok` is what the exit status must say."""
        said, complained = self.process.communicate(timeout=PATIENCE_S)
        assert complained == "", complained
        report: dict[str, Any] = json.loads(said.splitlines()[-1])
        assert (self.process.returncode == 0) is ok, report
        return report
