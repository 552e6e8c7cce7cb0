"""`ftctl verify`: what is said, with which status, when units are sound, rotten, or contradict each other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import grpc
import pytest
from typer.testing import CliRunner, Result

from ftnode.ctl.main import app
from ftnode.ctl.verify import ROOT_BYTES
from ftnode.v1 import admin_pb2 as pb
from tests.ctl.parts import ACTIVE, STANDBY, FakeUnit, served, status

SLOTS = 4096
EQUAL, OTHER = b"r" * ROOT_BYTES, b"R" * ROOT_BYTES


@dataclass
class Reader(FakeUnit):
    """Reads a disk that is as it is told to be."""

    checkpoints: list[int] = field(default_factory=lambda: [90])  # one for each time it is asked
    unequal: tuple[int, ...] = ()  # slots whose roots are not the other unit's
    digest: bytes = b"d" * 16
    log: tuple[int, int] = (1, 100)
    hashes: bytes = b"h"
    found: list[pb.VerifyFinding] = field(default_factory=list)
    breaks_off: bool = False

    def Verify(self, request: pb.VerifyRequest, context: grpc.ServicerContext) -> Iterator[pb.VerifyResponse]:
        self._note(f"at {request.at_seq}" + " fresh" * request.fresh + " fast" * request.fast, context)
        at = self.checkpoints.pop(0) if len(self.checkpoints) > 1 else self.checkpoints[0]
        roots = b"".join(OTHER if slot in self.unequal else EQUAL for slot in range(SLOTS))
        first, last = self.log
        begun = pb.VerifyBegun(
            unit=self.status.unit,
            checkpoint_seq=at,
            digest=self.digest,
            roots=roots,
            first_seq=first,
            last_seq=last,
        )
        yield pb.VerifyResponse(begun=begun, total_bytes=10)
        yield pb.VerifyResponse(part="log", read_bytes=5, total_bytes=10, findings=self.found)
        if self.breaks_off:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the disk is about to be another one")
        yield pb.VerifyResponse(read_bytes=10, total_bytes=10, done=True)

    def LogHashes(self, request: pb.LogHashesRequest, context: grpc.ServicerContext) -> pb.LogHashesResponse:
        first, last = self.log
        return pb.LogHashesResponse(
            hashes=[self.hashes * 16 if first <= seq <= last else b"" for seq in request.seqs]
        )


def unit(number: int, **more: object) -> Reader:
    return Reader(status(number, STANDBY if number else ACTIVE), **more)  # type: ignore[arg-type]


def verify(zero: Reader, one: Reader, *words: str) -> Result:
    """Run it against these two."""
    with served(zero, one) as ports:
        addresses = ",".join(f"127.0.0.1:{port}" for port in ports)
        return CliRunner().invoke(app, ["--units", addresses, "verify", *words])


def rot() -> list[pb.VerifyFinding]:
    return [pb.VerifyFinding(what="slot", why="slot 7 does not add up to its root", first=7, last=7)]


CASES = [  # unit 0, unit 1, verdict, exit status, words
    ({}, {}, "sound", 0, ["the states are equal at entry 90", "the logs are equal from entry 1 to 100"]),
    ({}, {"unequal": (3, 4000)}, "differ", 4, ["the states differ at entry 90", "slots: 3, 4000"]),
    ({}, {"digest": b"D" * 16}, "differ", 4, ["the states differ", "none: their digests do"]),
    ({}, {"hashes": b"H"}, "differ", 4, ["the logs differ from entry 1 to 100", "the states are equal"]),
    ({"found": rot()}, {}, "rotten", 3, ["unit 0: slot 7 does not add up", "mended from the other unit"]),
    ({"found": rot()}, {"unequal": (3,)}, "differ", 4, ["unit 0: slot 7", "slots: 3"]),  # the worse
    ({}, {"refuse": "this unit is duplexing"}, "unknown", 1, ["unit 1: this unit is duplexing"]),
    ({}, {"breaks_off": True}, "unknown", 1, ["unit 1: ", "the states are equal"]),
    ({}, {"log": (101, 200)}, "sound", 0, ["the states are equal"]),  # no common entry: said of neither
]  # fmt: skip


@pytest.mark.parametrize(("zero", "one", "verdict", "exit_status", "words"), CASES)
def test_what_is_said(
    zero: dict[str, object], one: dict[str, object], verdict: str, exit_status: int, words: list[str]
) -> None:
    done = verify(unit(0, **zero), unit(1, **one))
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert (told["verdict"], told["exit_status"], done.exit_code) == (verdict, exit_status, exit_status)
    text = " ".join(done.stdout.split())
    assert all(word in text for word in words), text


def test_they_meet_at_one_checkpoint() -> None:
    """Whoever is behind is asked for the other one's, though both go on; the first writes a fresh one."""
    zero, one = unit(0, checkpoints=[90]), unit(1, checkpoints=[80, 85, 90])
    done = verify(zero, one, "--fast")
    assert done.exit_code == 0, done.stdout
    assert zero.asked == ["at 0 fresh fast"]
    assert one.asked == ["at 90 fast", "at 90 fast", "at 90 fast"]


def test_units_that_never_meet_are_not_called_equal() -> None:
    """Each sound, and nothing said of both: that is not known, and no success."""
    done = verify(unit(0), unit(1, checkpoints=[80]))
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert (told["verdict"], told["roots_equal"], done.exit_code) == ("unknown", None, 1)
    assert "states not compared" in done.stdout


def test_one_unit_alone_is_held_against_nobody() -> None:
    one = unit(1, found=rot())
    done = verify(unit(0), one, "1")
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert (told["verdict"], done.exit_code, len(told["units"])) == ("rotten", 3, 1)
    assert told["units"][0]["findings"][0]["first"] == 7
