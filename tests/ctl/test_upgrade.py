"""`ftctl upgrade`: what is shown, what is asked of whom, and how it ends."""

import json

import pytest
from typer.testing import CliRunner, Result

from ftnode.ctl import report
from ftnode.ctl.main import app
from ftnode.v1 import admin_pb2 as pb
from tests.ctl.parts import ACTIVE, STANDBY, FakeUnit, served, status

NOBODY = 9


def ftctl(ports: list[int], *words: str, typed: str = "") -> Result:
    """Run it in this process."""
    where = ",".join(f"127.0.0.1:{port}" for port in ports)
    return CliRunner().invoke(app, ["--units", where, "upgrade", *words], input=typed)


def unit(number: int, engines: tuple[int, ...], in_force: int = 2, **more: object) -> FakeUnit:
    """One that has these engine versions; unit 0 is active."""
    said = status(number, ACTIVE if number == 0 else STANDBY)
    versions = pb.Versions(software="0.1.0", engines=engines, engine=in_force, wire=2, log_format=1)
    for name, value in more.items():
        setattr(versions, f"engine_{name}", value)
    said.versions.CopyFrom(versions)
    return FakeUnit(said)


STATES = [  # unit 0 (active), unit 1, exit status, what is said
    (unit(0, (2,), older_may_go=True), unit(1, (2,), older_may_go=True), 0, "nothing is to be done"),
    (unit(0, (2, 3), 3, since_seq=77), unit(1, (2, 3), 3), 0, "since entry 77, and both units have the same"),
    (unit(0, (2, 3), not_ready="unit 1 has 2"), unit(1, (2,)), 3, "3 is there: unit 1 has 2"),
    (unit(0, (2, 3)), unit(1, (2, 3)), 3, "both units are ready, `ftctl upgrade switch`"),
    (unit(0, (2, 3), prepared=3, not_ready="out"), unit(1, (2,)), 3, "3 is prepared and waits: out"),
    (unit(0, (2, 3), 3), unit(1, (2,), 2), 3, "one unit has an older program, or is not heard"),
]


@pytest.mark.parametrize(("zero", "one", "exit_code", "says"), STATES)
def test_status_says_where_the_upgrade_is(zero: FakeUnit, one: FakeUnit, exit_code: int, says: str) -> None:
    """A sentence with what to do next, an exit status for scripts, and the same as JSON."""
    with served(zero, one) as ports:
        done = ftctl(ports[:2], "status")
        for_scripts = ftctl(ports[:2], "status", "--json")
    assert (done.exit_code, for_scripts.exit_code) == (exit_code, exit_code)
    assert says in done.stdout
    found = json.loads(for_scripts.stdout)
    assert found["done"] == (exit_code == 0)
    assert found["units"]["0"]["has"] == list(zero.status.versions.engines)


def test_orders_go_to_the_active_unit_and_the_last_line_is_json() -> None:
    """Prepare and abort are done at once; a switch asks first, and does nothing without a yes."""
    zero, one = unit(0, (2, 3)), unit(1, (2, 3))
    with served(zero, one) as ports:
        assert json.loads(ftctl(ports[:2], "prepare").stdout.splitlines()[-1])["seq"] == 43
        assert ftctl(ports[:2], "abort", "--reason", "too soon").exit_code == 0
        refused = ftctl(ports[:2], "switch", typed="n\n")
        nobody_there = ftctl(ports[:2], "switch")
        switched = ftctl(ports[:2], "switch", "--to", "3", "--yes")
    assert zero.asked == ["upgrade prepare 0", "upgrade abort 0 too soon", "upgrade switch 3"]
    assert one.asked == []
    assert refused.exit_code == report.EXIT_NOT_DONE
    assert "There is no way back" in refused.output
    assert (nobody_there.exit_code, "nothing was changed" in nobody_there.output) == (1, True)
    assert json.loads(switched.stdout.splitlines()[-1]) == {
        "seq": 43,
        "in_force": 3,
        "prepared": 0,
        "ok": True,
    }


def test_what_is_refused_and_who_is_not_there() -> None:
    """The unit's own reason; nobody active; nobody at all."""
    zero, standby = unit(0, (2, 3)), unit(1, (2,))
    zero.refuse = "unit 1 has engine version 2, not 3: start it with a program that has it"
    with served(zero, standby) as ports:
        done = ftctl(ports[:2], "switch", "--yes")
    assert (done.exit_code, "unit 0 refuses, nothing was changed: unit 1 has" in done.output) == (1, True)
    with served(standby) as ports:
        done = ftctl([NOBODY, ports[0]], "abort")
    assert (done.exit_code, "no unit answers the tills now" in done.output) == (1, True)
    done = ftctl([NOBODY, NOBODY], "status")
    assert (done.exit_code, "no unit answers" in done.output) == (1, True)
