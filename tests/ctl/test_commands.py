"""The commands over real gRPC, to units that are there, refuse, or are gone."""

import json
from pathlib import Path

import grpc
import pytest
from typer.testing import CliRunner, Result

from ftnode.ctl import report
from ftnode.ctl.main import app
from ftnode.pair import files
from ftnode.pair.layout import FORMAT, PairDir, PairFacts, Process, write_facts
from tests.ctl.parts import ACTIVE, STANDBY, FakeUnit, FakeWitness, served, status

NOBODY = 9  # the discard port: nothing listens there


def ftctl(*arguments: str) -> Result:
    """Run it in this process."""
    return CliRunner().invoke(app, list(arguments))


def units(ports: list[int]) -> list[str]:
    """--units for these ports, and the witness if there is a third one."""
    found = ["--units", ",".join(f"127.0.0.1:{port}" for port in ports[:2])]
    return found + [part for port in ports[2:] for part in ("--witness", f"127.0.0.1:{port}")]


def test_status_as_json() -> None:
    """All is well: what a program reads, and exit status 0."""
    with served(FakeUnit(status(0, ACTIVE)), FakeUnit(status(1, STANDBY)), FakeWitness()) as ports:
        done = ftctl(*units(ports), "status", "--json")
    assert done.exit_code == report.EXIT_WELL
    answer = json.loads(done.stdout)
    assert (answer["redundancy"], answer["active"], answer["in_sync"]) == ("duplex", 0, [0, 1])
    assert answer["digests_equal"] is True
    assert answer["units"][0]["status"]["seqs"]["head_seq"] == "100"  # protobuf's JSON quotes int64
    assert answer["units"][0]["status"]["digest"] == (b"d" * 16).hex()
    assert answer["witness"]["record"]["epoch"] == "7"
    assert answer["wrong"] == []


def test_status_when_one_unit_is_dead() -> None:
    """It says so, and still shows the other one."""
    with served(FakeUnit(status(0, ACTIVE, in_sync=(0,))), FakeWitness()) as ports:
        done = ftctl(*units([ports[0], NOBODY, ports[1]]), "status")
    assert done.exit_code == report.EXIT_WARNING
    assert "SIMPLEX" in done.stdout
    assert "nobody listens at 127.0.0.1:9" in done.stdout


def test_status_when_all_are_dead() -> None:
    """Down, as far as one can see from here."""
    done = ftctl(*units([NOBODY, NOBODY, NOBODY]), "status", "--json")
    assert done.exit_code == report.EXIT_DOWN
    assert json.loads(done.stdout)["headline"] == "neither unit answers from here"


def test_watch_without_a_terminal() -> None:
    """A line, readable in a log."""
    with served(FakeUnit(status(0, ACTIVE)), FakeUnit(status(1, STANDBY)), FakeWitness()) as ports:
        done = ftctl(*units(ports), "watch", "--seconds", "0.7")
    assert "DUPLEX" in done.stdout
    assert "unit 0 ACTIVE seq 90/100" in done.stdout


def test_switchover_asks_the_active() -> None:
    """Whoever is active now is asked, and the answer is said."""
    zero, one = FakeUnit(status(0, STANDBY)), FakeUnit(status(1, ACTIVE))
    with served(zero, one) as ports:
        done = ftctl(*units(ports), "switchover", "--reason", "ann: new disk")
    assert (zero.asked, one.asked) == ([], ["switchover ann: new disk"])
    assert done.stdout == "unit 1 is active now, epoch 8\n"
    assert done.exit_code == 0


def test_switchover_without_an_active() -> None:
    """Nothing to hand over: said, and nothing was asked."""
    zero, one = FakeUnit(status(0, STANDBY)), FakeUnit(status(1, STANDBY))
    with served(zero, one) as ports:
        done = ftctl(*units(ports), "switchover")
    assert done.exit_code == report.EXIT_NOT_DONE
    assert "no unit answers the tills now" in done.stderr
    assert zero.asked + one.asked == []


def test_bring_down_and_up() -> None:
    """Each goes to the unit it names."""
    zero, one = FakeUnit(status(0, ACTIVE)), FakeUnit(status(1, STANDBY))
    with served(zero, one) as ports:
        assert ftctl(*units(ports), "bring-down", "1").exit_code == 0
        assert ftctl(*units(ports), "bring-down", "0", "--force").exit_code == 0
        assert "on its way back" in ftctl(*units(ports), "bring-up", "1").stdout
        one.brought_up = ACTIVE
        assert "is not out, it is ACTIVE: nothing was changed" in ftctl(*units(ports), "bring-up", "1").stdout
    assert zero.asked == ["bring-down force=True"]
    assert one.asked == ["bring-down force=False", "bring-up", "bring-up"]


def test_a_refusal_says_that_nothing_happened() -> None:
    """The unit's own reason reaches the operator."""
    zero = FakeUnit(status(0, ACTIVE), refuse="unit 1 is not in sync")
    with served(zero) as ports:
        done = ftctl(*units([ports[0], NOBODY]), "bring-down", "0")
    assert done.exit_code == report.EXIT_NOT_DONE
    assert done.stderr == "ftctl: unit 0 refuses, nothing was changed: unit 1 is not in sync\n"


def test_a_change_that_was_not_seen_in_time_may_still_happen() -> None:
    """UNAVAILABLE from a unit that answers does not mean that it cannot be reached."""
    said = "a takeover by the other unit was not seen in time; it may still happen"
    zero = FakeUnit(status(0, ACTIVE), refuse=said, code=grpc.StatusCode.UNAVAILABLE)
    with served(zero) as ports:
        done = ftctl(*units([ports[0], NOBODY]), "bring-down", "0")
    assert done.exit_code == report.EXIT_NOT_DONE
    assert done.stderr == f"ftctl: unit 0 began it: {said}: look at `ftctl status` before asking again\n"


def test_a_unit_that_is_gone_cannot_be_asked() -> None:
    """In words, not in gRPC's."""
    done = ftctl(*units([NOBODY, NOBODY]), "bring-up", "1")
    assert done.exit_code == report.EXIT_NOT_DONE
    assert "nobody listens at 127.0.0.1:9" in done.stderr


def test_by_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory of `ftnode pair` is enough; a unit that was pulled is said to be so."""
    pair = PairDir.at(tmp_path)
    settings = files.prepare(pair, "corner", free_ports=True)
    zero, one = (files.unit_facts(settings, unit) for unit in (0, 1))
    pair.out(1).write_text("pulled by ann")
    facts = PairFacts(FORMAT, "corner", Process(1, 1), files.witness_facts(settings), (zero, one))
    write_facts(pair, facts)
    monkeypatch.setenv("FTCTL_DIR", str(tmp_path))
    for arguments in (["--dir", str(tmp_path), "status"], ["status", "--dir", str(tmp_path)], ["status"]):
        done = ftctl(*arguments)
        assert "kept out: pulled by ann" in done.stdout
        assert done.exit_code == report.EXIT_DOWN


WRONG = [  # arguments, what is said; exit status 2, nothing was asked
    ([], "Usage"),
    (["status"], "say which pair: --dir D"),
    (["--units", "127.0.0.1:7403", "status"], "want two addresses"),
    (["--units", "a:1,b", "status"], "want two addresses"),
    (["--units", "a:1,b:65536", "status"], "want two addresses"),
    (["--units", "a:1,b:2", "--witness", "w", "status"], "--witness w: want HOST:PORT"),
    (["--units", "a:1,b:2", "--dir", "/x", "status"], "only one of"),
    (["--dir", "/nowhere/at/all", "status"], "pair.json: not there"),
    (["--config", "/nowhere.toml", "status"], "/nowhere.toml: cannot be read"),
    (["--units", "a:1,b:2", "--tls", "/nowhere", "status"], "/nowhere/ca.pem: No such file"),
    (["--units", "a:1,b:2", "bring-down", "2"], "less than or equal to 1"),
    (["make-certs", "out", "--cabinet", "c", "--host", "unit0"], "want HOLDER=NAME"),
    (["stauts"], "No such command"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_a_wrong_command_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong and what would be right."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FTCTL_DIR", raising=False)
    done = ftctl(*arguments)
    assert done.exit_code == report.EXIT_USAGE
    assert said in done.stderr + done.stdout


def test_settings() -> None:
    """The table names a setting everybody asks for."""
    assert "silence_ms" in ftctl("settings").stdout
    assert json.loads(ftctl("settings", "--json").stdout)["unit"]
