"""A till in another language: Node's grpc-js with only the published settings and the two addresses.

Here the units are fakes, so this proves the settings and the script; tests/live does the same on a pair.
"""

import signal
from collections.abc import Iterator

import pytest

from tests.client.processes import UnitProcess, two_units
from tests.stock.node import NodeTills, missing_for_node

STOCK_WAIT_MAX_MS = 2_500  # hang and cut, stock clients with the published options

pytestmark = [
    pytest.mark.live,
    pytest.mark.alone,
    pytest.mark.skipif(bool(missing_for_node()), reason=missing_for_node()),
]


@pytest.fixture
def units() -> Iterator[list[UnitProcess]]:
    with two_units() as units:
        yield units


@pytest.mark.parametrize("blow", [None, signal.SIGKILL, signal.SIGSTOP], ids=["calm", "killed", "hung"])
def test_no_error_reaches_a_stock_till(units: list[UnitProcess], blow: signal.Signals | None) -> None:
    """100 purchases on schedule while one of two units dies or hangs: every one is answered."""
    with NodeTills([unit.address for unit in units], seconds=2, rate=50) as tills:
        tills.wait_until_buying()
        if blow is not None:
            units[0].process.send_signal(blow)
        report = tills.report()
    assert report["error_list"] == []
    assert report["done"] == 100 + 10  # purchases and enrolments
    assert report["longest_wait_ms"] < STOCK_WAIT_MAX_MS


def test_the_script_can_fail(units: list[UnitProcess]) -> None:
    """Both units gone: the same script must report errors, or it is blind."""
    with NodeTills([unit.address for unit in units], seconds=1, rate=20) as tills:
        tills.wait_until_buying()
        for unit in units:
            unit.process.kill()
        report = tills.report(ok=False)
    assert report["errors"] > 0
    assert {error["code"] for error in report["error_list"]} <= {"UNAVAILABLE", "DEADLINE_EXCEEDED"}


def test_addresses_that_nobody_serves() -> None:
    with NodeTills(["127.0.0.1:1", "127.0.0.1:2"], seconds=1, rate=5, tills=2) as tills:
        report = tills.report(ok=False)
    assert report["errors"] == 2
