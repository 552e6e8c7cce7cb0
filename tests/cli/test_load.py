"""The load generator: on schedule, everything written down, and able to say that something is wrong."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from chaos.judges.history import read_history
from loyalty.cli.load.plan import LoadPlan
from loyalty.cli.load.shopper import Mix
from tests.client.processes import engine_pair, two_units

pytestmark = pytest.mark.live

LOYALTY = [sys.executable, "-c", "from loyalty.cli.main import main; main()"]


def load(targets: str, *words: str) -> tuple[int, dict[str, Any], str]:
    """Exit status, the last line's figures, and what was said on the way."""
    command = [
        sys.executable,
        "-c",
        "from loyalty.cli.main import main; main()",
        "--targets",
        targets,
        "load",
    ]
    done = subprocess.run([*command, *words], capture_output=True, text=True, timeout=60, check=False)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return done.returncode, figures, done.stderr


def test_a_calm_run_is_in_order(tmp_path: Path) -> None:
    """Two processes, both units, every kind of call; the history and the statements agree."""
    with engine_pair() as targets:
        words = ("--rate", "200", "--seconds", "2", "--tills", "10", "--processes", "2")
        status, figures, said = load(targets, *words, "--history", str(tmp_path))
    assert (status, figures["ok"]) == (0, True), said
    assert figures["scheduled"] == 400 + 40  # calls and enrolments
    assert figures["acknowledged"] == figures["scheduled"]
    assert abs(figures["rate_sent_per_s"] - 200) < 10
    calls = read_history(sorted(tmp_path.glob("worker-*.jsonl")))
    assert {call.sent.method for call in calls} == {"Enrol", "Confirm", "ReturnLines", "GetBalance"}
    assert "comparing the history" in said


@pytest.mark.parametrize(("bug", "counted"), [("lose", "lost"), ("stale", "misread")])
def test_a_pair_that_lies_is_found_out(bug: str, counted: str) -> None:
    """A generator that cannot say "lost" proves nothing."""
    with engine_pair(bug) as targets:
        status, figures, _ = load(targets, "--rate", "300", "--seconds", "1", "--tills", "10")
    assert status == 1
    assert figures["ok"] is False
    assert figures[counted] > 0


@pytest.mark.alone
def test_calls_leave_on_schedule_while_nobody_answers(tmp_path: Path) -> None:
    """Both units hang for a second: calls go on leaving, and their waits count from the schedule."""
    with two_units() as units:
        targets = ",".join(unit.address for unit in units)
        words = [
            "--targets",
            targets,
            "load",
            "--rate",
            "100",
            "--seconds",
            "2",
            "--tills",
            "4",
            "--history",
            str(tmp_path),
        ]
        with subprocess.Popen([*LOYALTY, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            history = tmp_path / "worker-0.jsonl"
            while not (history.exists() and b'"Confirm"' in history.read_bytes()):
                time.sleep(0.05)
            for unit in units:
                unit.process.send_signal(19)  # SIGSTOP
            time.sleep(1)
            for unit in units:
                unit.process.send_signal(18)  # SIGCONT
            time.sleep(1.5)
            process.kill()
            process.communicate()
    calls = [call for call in read_history([history]) if call.sent.method != "Enrol"]
    late_ms = [(call.sent.sent_us - call.sent.scheduled_us) / 1000 for call in calls]
    waits_ms = sorted(
        (call.answers[-1].answered_us - call.sent.scheduled_us) / 1000 for call in calls if call.answers
    )
    assert len(calls) == 200
    assert max(late_ms) < 250, "the generator itself must not stall"
    assert waits_ms[-1] > 800
    assert sum(wait > 400 for wait in waits_ms) > 40, (
        "every call of the bad second has seen it, not one per till"
    )


@pytest.mark.parametrize(("words", "in_flight"), [(("--mode", "unary"), 32), (("--mode", "batch"), 2)])
def test_closed_loops_measure(words: tuple[str, ...], in_flight: int) -> None:
    more = ("--seconds", "1", "--tills", "8", "--in-flight", str(in_flight), "--no-keep-history")
    with engine_pair() as targets:
        status, figures, _ = load(targets, *words, *more)
    assert status == 0
    assert figures["in_flight"] == in_flight
    assert figures["rate_per_s"] > 100
    assert figures["unknown"] == 0


def test_nobody_there_is_an_honest_end() -> None:
    status, figures, said = load(
        "127.0.0.1:1,127.0.0.1:2",
        "--seconds",
        "1",
        "--tills",
        "1",
        "--members",
        "1",
        "--give-up-after-s",
        "1",
    )
    assert status == 3
    assert figures["ok"] is False
    assert "has no member" in said


WRONG = [  # a plan that cannot be, what is said
    ({"rate": 0}, "rate is 0, may be 0.1 to"),
    ({"tills": 1, "processes": 2}, "1 tills cannot be shared by 2 processes"),
    ({"batch": 1001}, "batch is 1001, may be 1 to 1000"),
    ({"targets": "nowhere"}, "has no port"),
]


@pytest.mark.parametrize(("wrong", "says"), WRONG)
def test_a_plan_that_cannot_be(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        LoadPlan(**{"targets": "127.0.0.1:1", **wrong}).check()


def test_a_mix_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="100 together at most"):
        Mix(spending_percent=60, returns_percent=30, balances_percent=20)
