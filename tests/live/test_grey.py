"""A real unit that works badly: the whole of `make grey` is longer; one of each kind runs here."""

import json
import subprocess
import sys

import pytest

from chaos.live.grey_faults import missing

pytestmark = [pytest.mark.alone, pytest.mark.skipif(bool(missing()), reason=missing() or "-")]


def test_a_starved_active_gives_up_once() -> None:
    """The right unit out, for the right reason, with one change; last line and exit status say so."""
    command = [sys.executable, "-m", "chaos.live.grey", "slow-processor-of-active", "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert done.returncode == 0, done.stdout
    assert told["verdict"] == "ok"
    assert told["figures"]["slow-processor-of-active"]["takeovers"] == 1
