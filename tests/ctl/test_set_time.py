"""`ftctl set-time`: what is typed, what is told before, what is asked of whom."""

import json

import pytest
from typer.testing import CliRunner, Result

from ftnode.ctl import report, set_time
from ftnode.ctl.main import app
from tests.ctl.parts import ACTIVE, STANDBY, FakeUnit, served, status

NOON = "2026-11-18T12:00:00Z"
NOON_MS = 1_795_003_200_000


def ftctl(ports: list[int], *arguments: str, typed: str = "") -> Result:
    """Run it in this process, at these two admin ports."""
    where = ",".join(f"127.0.0.1:{port}" for port in ports)
    return CliRunner().invoke(app, ["--units", where, "set-time", *arguments], input=typed)


TYPED = [  # text, UTC milliseconds or the words of the refusal
    ("now", 77),
    (NOON, NOON_MS),
    ("2026-11-18T13:00:00+01:00", NOON_MS),
    ("2026-11-18 12:00:00", "no time zone"),
    ("tomorrow", "is no time; want now, 2026-"),
    ("1795003200000", "is no time"),
    ("", "is no time"),
]


@pytest.mark.parametrize(("text", "meant"), TYPED)
def test_times_as_they_are_typed(text: str, meant: int | str) -> None:
    if isinstance(meant, int):
        assert set_time.time_ms_of(text, now_ms=77) == meant
    else:
        with pytest.raises(ValueError, match=meant):
            set_time.time_ms_of(text, now_ms=77)


def test_it_explains_asks_and_does() -> None:
    """The active is asked what would be done, then the operator, then the active does it."""
    zero, one = FakeUnit(status(0, ACTIVE)), FakeUnit(status(1, STANDBY))
    with served(zero, one) as ports:
        done = ftctl(ports, NOON, "--reason", "three days off", typed="y\n")
    assert done.exit_code == report.EXIT_WELL
    assert zero.asked == [f"set-time check {NOON_MS} three days off", f"set-time {NOON_MS} three days off"]
    assert one.asked == []
    told = done.output
    assert "11 d 14 h forward" in told
    assert "unit 0" in told
    assert "there is no way back" in told
    assert "entry 42" in told


def test_no_means_no() -> None:
    """Nothing is changed, and the exit status says so."""
    zero = FakeUnit(status(0, ACTIVE))
    with served(zero, FakeUnit(status(1, STANDBY))) as ports:
        done = ftctl(ports, NOON, typed="n\n")
    assert done.exit_code == report.EXIT_NOT_DONE
    assert zero.asked == [f"set-time check {NOON_MS}"]


def test_yes_and_json_for_scripts() -> None:
    with served(FakeUnit(status(0, ACTIVE)), FakeUnit(status(1, STANDBY))) as ports:
        done = ftctl(ports, NOON, "--yes", "--json")
    answer = json.loads(done.stdout)
    assert answer == {
        "was_ms": 1_794_000_000_000,
        "time_ms": NOON_MS,
        "seq": 42,
        "clocks_ms": {"unit 0": 1_795_000_000_000},
    }


def test_a_refusal_is_told_before_anybody_is_asked() -> None:
    """Going back, or beyond every clock: the unit's own words, nothing changed."""
    zero = FakeUnit(status(0, ACTIVE), refuse="log time is 9 already: it never goes back")
    with served(zero, FakeUnit(status(1, STANDBY))) as ports:
        done = ftctl(ports, NOON)
    assert done.exit_code == report.EXIT_NOT_DONE
    assert "nothing was changed: log time is 9 already" in done.output
    assert "Set log time?" not in done.output


def test_what_is_no_time_is_told_without_asking_anybody() -> None:
    done = ftctl([9, 9], "yesterday")
    assert done.exit_code == report.EXIT_USAGE
    assert "want now, 2026" in done.output


def test_without_an_active_nobody_keeps_the_time() -> None:
    done = ftctl([9, 9], NOON, "--yes")
    assert done.exit_code == report.EXIT_NOT_DONE
    assert "no unit answers the tills" in done.output
