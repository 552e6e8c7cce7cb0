"""`ftctl replace-witness` and `force-active`: what a person is told, and what is asked of whom."""

import json
from dataclasses import dataclass, field

import grpc
import pytest
from typer.testing import CliRunner, Result

from ftnode.ctl.main import app
from ftnode.v1 import admin_pb2 as pb
from tests.ctl.parts import ACTIVE, DUPLEXING, STANDBY, FakeUnit, served, status

NEW = "10.0.0.4:7420"
FORCE = ("force-active", "0", "--off", "1")


@dataclass
class Holder(FakeUnit):
    """Says what it holds, and does what it is told."""

    holds: pb.ExplainForceResponse = field(default_factory=pb.ExplainForceResponse)

    def ExplainForce(
        self, request: pb.ExplainForceRequest, context: grpc.ServicerContext
    ) -> pb.ExplainForceResponse:
        self._note(f"explain off={request.off}", context)
        return self.holds

    def ForceActive(
        self, request: pb.ForceActiveRequest, context: grpc.ServicerContext
    ) -> pb.ForceActiveResponse:
        self._note(f"force off={request.off} {request.witness_address} {request.reason}".rstrip(), context)
        return pb.ForceActiveResponse(epoch=9, kept_seq=100)

    def ReplaceWitness(
        self, request: pb.ReplaceWitnessRequest, context: grpc.ServicerContext
    ) -> pb.ReplaceWitnessResponse:
        self._note(f"witness {request.address} {request.reason}".rstrip(), context)
        return pb.ReplaceWitnessResponse(witness_id="w2", epoch=8, seq=55)


def holds(epoch: int, seq: int, disk_fault: str = "", known: int = 0, refused: str = "") -> Holder:
    """A unit that waits, with its last entry there."""
    said = pb.ExplainForceResponse(
        holds_epoch=epoch, holds_seq=seq, known_seq=known, disk_fault=disk_fault, refused=refused
    )
    return Holder(status(0, DUPLEXING), holds=said)


def run(zero: Holder, one: Holder | None, *words: str, text: str = "") -> Result:
    """Of these two, the second perhaps gone."""
    if one is not None:
        one.status.unit = 1
    with served(*[unit for unit in (zero, one) if unit is not None]) as ports:
        addresses = [f"127.0.0.1:{port}" for port in ports] + ["127.0.0.1:9"] * (one is None)
        return CliRunner().invoke(app, ["--units", ",".join(addresses), *words], input=text)


WAITING = [  # what unit 0 and unit 1 hold, and what the operator is told to do
    (holds(7, 100), holds(7, 98), "force-active 0 --off 1"),
    (holds(6, 500), holds(7, 98), "force-active 1 --off 0"),
    (holds(7, 100), holds(7, 100), "force-active 0 --off 1"),
    (holds(7, 100, "its state is rotten"), holds(7, 100), "force-active 1 --off 0"),
    (holds(7, 101, "its state is rotten"), holds(7, 100), "Unit 1 holds less: mend the other one first"),
    (holds(7, 100, "rot"), holds(7, 100, "blank"), "neither disk is whole"),
    (holds(7, 100), None, "Start the unit that was active last"),
]


@pytest.mark.parametrize(("zero", "one", "told"), WAITING)
def test_where_nobody_answers_the_operator_is_told_who_holds_more(
    zero: Holder, one: Holder | None, told: str
) -> None:
    """A power cut took both, and the witness for good: nothing is changed, and the next step is named."""
    result = run(zero, one, "replace-witness", NEW)
    assert result.exit_code == 1
    assert told in result.stderr
    assert not [asked for unit in (zero, one) if unit is not None for asked in unit.asked if "force" in asked]
    if "--off" in told:
        assert f"{told} --witness {NEW}" in result.stderr


def test_the_active_is_asked_to_name_a_witness() -> None:
    """And the last line has what became of it."""
    zero, one = Holder(status(0, ACTIVE)), Holder(status(1, STANDBY))
    result = run(zero, one, "replace-witness", NEW, "--reason", "disk died")
    assert result.exit_code == 0, result.stderr
    assert zero.asked == [f"witness {NEW} disk died"]
    assert one.asked == []
    assert json.loads(result.stdout.splitlines()[-1]) == {
        "witness_id": "w2",
        "epoch": 8,
        "seq": 55,
        "ok": True,
    }


NO_ADDRESS = [
    (("replace-witness", "nonsense"), "'nonsense' is no address: want HOST:PORT"),
    (("replace-witness", ""), "is empty: want HOST:PORT"),
    (("replace-witness", "10.0.0.9:99999"), "is no address: want HOST:PORT"),
    (("replace-witness", "etcd://10.0.0.9:2379"), "is no address: want HOST:PORT"),
    (
        ("force-active", "0", "--off", "1", "--witness", "nonsense"),
        "'nonsense' is no address: want HOST:PORT",
    ),
]


@pytest.mark.parametrize(("words", "said"), NO_ADDRESS)
def test_a_witness_that_is_no_address_is_a_wrong_command_line(words: tuple[str, ...], said: str) -> None:
    """Said once, before any unit is asked."""
    zero, one = Holder(status(0, ACTIVE)), Holder(status(1, STANDBY))
    result = run(zero, one, *words)
    assert (result.exit_code, result.stderr.count("want")) == (2, 1), result.stderr
    assert said in result.stderr
    assert zero.asked == one.asked == []


FORCING = [  # what unit 0 says, further words, what is typed, exit status, whether it is forced, words
    (holds(7, 100), ("--accept-data-loss",), "lose\n", 0, True, "unit 0 answers, epoch 9"),
    (holds(7, 100), ("--accept-data-loss",), "yes\n", 1, False, "nothing was changed"),
    (holds(7, 100), ("--accept-data-loss",), "", 1, False, "nothing was changed"),  # nobody types
    (holds(7, 100), (), "", 1, False, "takes what it lacks from unit 0's log"),
    (holds(7, 100), ("--accept-data-loss", "--yes"), "", 0, True, "what unit 1 held above 100 is lost"),
    (holds(7, 100), (), "", 1, False, "to do it: --accept-data-loss"),
    (holds(7, 100, known=104), (), "", 1, False, "at least 4 entries through 104, which were answered"),
    (holds(7, 100, refused="unit 1 is heard"), ("--accept-data-loss", "--yes"), "", 1, False, "is heard"),
]


@pytest.mark.parametrize(("zero", "words", "text", "exit_code", "forced", "told"), FORCING)
def test_a_force_explains_first_and_asks(
    zero: Holder, words: tuple[str, ...], text: str, exit_code: int, forced: bool, told: str
) -> None:
    """It is done only by who accepts the loss, twice, or says that he will not be asked."""
    zero.asked.clear()
    result = run(zero, None, *FORCE, *words, text=text)
    assert result.exit_code == exit_code, result.output
    assert told in result.output + result.stderr
    assert zero.asked == ["explain off=1"] + ["force off=1"] * forced


def test_who_is_refused_is_not_told_to_switch_a_unit_off() -> None:
    """A force that cannot be says so and nothing else: the other unit may be the one that answers."""
    result = run(holds(7, 100, refused="this unit is ACTIVE"), None, *FORCE)
    assert result.exit_code == 1
    assert "this unit is ACTIVE" in result.stderr
    assert "switched off" not in result.output + result.stderr


def test_the_unit_that_is_off_is_not_the_one_that_shall_answer() -> None:
    """Nobody is asked anything."""
    zero = holds(7, 100)
    result = run(zero, None, "force-active", "0", "--off", "0", "--accept-data-loss", "--yes")
    assert result.exit_code == 2
    assert zero.asked == []
