"""Who reads gRPC's sockets is chosen in time, by a name that grpc knows, and only where nobody else chose."""

import os
import subprocess
import sys

import pytest

from ftnode.shell.poller import CHOICE, NAME

AT_FIRST_IMPORT = """
import os, sys

class Look:
    def find_spec(self, module, *_):
        if module == "grpc":
            print(os.environ.get("GRPC_EXPERIMENTS"))

sys.meta_path.insert(0, Look())
import ftnode.app
"""


def child(code: str, chosen: str | None) -> subprocess.CompletedProcess[str]:
    """A process of its own: in this one grpc was imported long ago."""
    environ = {name: value for name, value in os.environ.items() if name != NAME}
    if chosen is not None:
        environ[NAME] = chosen
    code_of_child = [sys.executable, "-c", code]
    return subprocess.run(code_of_child, env=environ, capture_output=True, text=True, check=True, timeout=30)


@pytest.mark.parametrize(("chosen", "seen"), [(None, CHOICE), ("", ""), ("theirs", "theirs")])
def test_grpc_finds_the_choice_when_it_is_imported(chosen: str | None, seen: str) -> None:
    """It reads the variable then and never again: set later, nothing would happen and nothing be said."""
    assert child(AT_FIRST_IMPORT, chosen).stdout.splitlines()[:1] == [seen]


@pytest.mark.parametrize(("chosen", "unknown"), [(CHOICE, False), (f"{CHOICE}_of_nobody", True)])
def test_grpc_knows_what_it_is_to_leave_out(chosen: str, unknown: bool) -> None:
    """A later grpcio may not: then poller.py and the sentences about it have to go."""
    assert ("Unknown experiment" in child("import grpc", chosen).stderr) is unknown
