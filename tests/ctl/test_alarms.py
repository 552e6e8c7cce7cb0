"""`ftctl alarms` and `ftctl history` over real gRPC, to units that answer, differ, or are gone."""

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from ftnode.ctl import report
from ftnode.ctl.alarms import Standing, picture
from ftnode.ctl.history import in_order, moment_of
from ftnode.ctl.main import app
from ftnode.store.history import FORMAT, Happened
from ftnode.v1 import admin_pb2, alarms_pb2_grpc
from ftnode.v1 import alarms_pb2 as pb

NOBODY = 9
AT_MS = 1_795_413_155_797


def alarm(code: str, severity: admin_pb2.Severity, told_by: int = 0) -> pb.Alarm:
    return pb.Alarm(
        key=f"pair/{code}",
        code=code,
        severity=severity,
        headline=f"Headline of {code}",
        what=f"facts by unit {told_by}",
        cause="Why.",
        consequence="Means.",
        todo="`ftctl status`.",
        since_ms=int(time.time() * 1000) - 125_000,
        raised_ms=AT_MS,
        told_by=told_by,
    )


WARNING = alarm("simplex", admin_pb2.SEVERITY_WARNING)
CRITICAL = alarm("no-answers", admin_pb2.SEVERITY_CRITICAL)


class FakeUnit(alarms_pb2_grpc.AlarmServiceServicer):
    """Says what it is told to."""

    def __init__(
        self,
        unit: int,
        alarms: Sequence[pb.Alarm] = (),
        teller: int = 0,
        webhooks: Sequence[pb.Webhook] = (),
        history: Sequence[pb.Happened] = (),
        tested: Sequence[pb.Tested] | None = (),
    ) -> None:
        self.answer = pb.ListAlarmsResponse(unit=unit, teller=teller, alarms=alarms, webhooks=webhooks)
        self.history, self.tested = history, tested

    def ListAlarms(
        self, request: pb.ListAlarmsRequest, context: grpc.ServicerContext
    ) -> pb.ListAlarmsResponse:
        return self.answer

    def TestAlarm(self, request: pb.TestAlarmRequest, context: grpc.ServicerContext) -> pb.TestAlarmResponse:
        if self.tested is None:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "alarms.webhook_urls of unit 1 is empty")
        return pb.TestAlarmResponse(tested=self.tested)

    def ReadHistory(
        self, request: pb.ReadHistoryRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.ReadHistoryResponse]:
        found = [one for one in self.history if one.at_ms >= request.since_ms]
        yield pb.ReadHistoryResponse(happened=found)


@contextmanager
def served(*units: FakeUnit) -> Iterator[list[str]]:
    """The options that name them; nobody is where none is."""
    servers, ports = [], []
    for unit in units:
        server = grpc.server(ThreadPoolExecutor(2), options=[("grpc.so_reuseport", 0)])
        alarms_pb2_grpc.add_AlarmServiceServicer_to_server(unit, server)
        ports.append(server.add_insecure_port("127.0.0.1:0"))
        server.start()
        servers.append(server)
    both = [*ports, NOBODY, NOBODY][:2]
    try:
        yield ["--units", ",".join(f"127.0.0.1:{port}" for port in both)]
    finally:
        for server in servers:
            server.stop(None).wait()


def ftctl(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


EXITS = [  # what unit 0 and unit 1 (None: gone) say stands; exit status, codes in order
    (FakeUnit(0), FakeUnit(1), report.EXIT_WELL, []),
    (FakeUnit(0, [WARNING]), FakeUnit(1, [WARNING]), report.EXIT_WARNING, ["simplex"]),
    (FakeUnit(0, [WARNING, CRITICAL]), FakeUnit(1), report.EXIT_DOWN, ["no-answers", "simplex"]),
    (FakeUnit(0, []), FakeUnit(1, [WARNING]), report.EXIT_WELL, []),  # the teller knows better
    (FakeUnit(0, [WARNING], teller=0), None, report.EXIT_WARNING, ["simplex"]),
    (FakeUnit(0, [WARNING], teller=1), None, report.EXIT_WARNING, ["simplex"]),  # it has not noticed yet
]


@pytest.mark.parametrize(("zero", "one", "status", "codes"), EXITS)
def test_what_stands(zero: FakeUnit, one: FakeUnit | None, status: int, codes: list[str]) -> None:
    """Each key once, worst first, in the words of who tells; the exit status is made for scripts."""
    with served(*([zero, one] if one else [zero])) as options:
        done = ftctl(*options, "alarms", "--json")
    said = json.loads(done.stdout)
    assert (done.exit_code, said["exit_status"]) == (status, status)
    assert [each["code"] for each in said["alarms"]] == codes
    assert ("silence" in said["units"][1]) == (one is None)


def test_neither_unit_answers() -> None:
    """That is critical, and what to do is said all the same."""
    with served() as options:
        done = ftctl(*options, "alarms")
    assert done.exit_code == report.EXIT_DOWN
    assert "CRITICAL  Neither unit answers from here" in done.stdout
    assert "ftctl status" in done.stdout


def test_no_alarm_yet_is_not_all_is_well() -> None:
    """A unit has been silent for a moment: nobody may go back to bed on it."""
    with served(FakeUnit(0)) as options:
        said = ftctl(*options, "alarms").stdout
    assert "Look again in a minute" in said
    assert "Nothing needs you" not in said
    with served(FakeUnit(0), FakeUnit(1)) as options:
        assert "Nothing needs you" in ftctl(*options, "alarms").stdout


def test_a_narrow_screen_shows_everything() -> None:
    """Forty columns: nothing is cut off."""
    webhook = pb.Webhook(address="https://hooks.example", waiting=2, failing="Connection refused")
    answer = pb.ListAlarmsResponse(unit=0, teller=0, alarms=[CRITICAL], webhooks=[webhook])
    console = Console(width=40, record=True, force_terminal=False)
    with console.capture() as capture:
        console.print(picture(Standing((CRITICAL,), (answer, answer)), CRITICAL.since_ms + 125_000))
    text = " ".join(capture.get().split())
    for words in ("Headline of no-answers", "for 2 min 5 s", "facts by unit 0", "Means.", "ftctl status"):
        assert words in text
    assert "does NOT take what unit 0 posts: Connection refused; 2 wait" in text


def test_explaining_asks_no_unit() -> None:
    assert "Unit N is out; unit M serves the tills alone" in ftctl("alarms", "simplex").stdout
    every = ftctl("alarms", "all", "--json")
    assert every.exit_code == 0
    assert {"no-answers", "simplex"} <= {row["code"] for row in json.loads(every.stdout)}
    wrong = ftctl("alarms", "simplx")
    assert wrong.exit_code == report.EXIT_USAGE
    assert "did you mean simplex?" in wrong.stderr


def test_a_test_that_one_address_does_not_take() -> None:
    """Each unit and address by itself; one failure is a failure, and so is a unit without a webhook."""
    taken, refused = pb.Tested(address="https://a"), pb.Tested(address="https://b", failed="status 500")
    with served(FakeUnit(0, tested=[taken]), FakeUnit(1, tested=[taken, refused])) as options:
        done = ftctl(*options, "alarms", "--test")
    assert done.exit_code == report.EXIT_NOT_DONE
    assert "unit 0 to https://a: taken" in done.stdout
    assert "unit 1 to https://b: FAILED: status 500" in done.stdout
    with served(FakeUnit(0, tested=[taken]), FakeUnit(1, tested=None)) as options:
        done = ftctl(*options, "alarms", "--test", "--json")
    assert done.exit_code == report.EXIT_NOT_DONE
    assert json.loads(done.stdout)["tested"][1]["failed"] == "alarms.webhook_urls of unit 1 is empty"


def happened(unit: int, number: int, at_ms: int, what: str = "moved", **more: str) -> Happened:
    return Happened(FORMAT, at_ms, unit, 1, number, what, "because", "", more)


def test_two_memories_are_one_story() -> None:
    """By time; each unit's own order stands though its clock was set back; what both told is told once."""
    raised = {"key": "unit1/simplex", "raised_ms": "5"}
    lines = [
        happened(0, 1, 100),
        happened(0, 2, 50),  # its clock was set back
        happened(0, 3, 120, "alarm-raised", **raised),
        happened(1, 1, 90),
        happened(1, 2, 119, "alarm-raised", **raised),
        happened(1, 3, 130, "alarm-raised", key="unit1/simplex", raised_ms="6"),
    ]
    story = [(line.unit, line.number) for line in in_order(lines)]
    assert story == [(1, 1), (0, 1), (0, 2), (1, 2), (1, 3)]


def proto(unit: int, number: int, at_ms: int, what: str, who: str = "") -> pb.Happened:
    return pb.Happened(at_ms=at_ms, unit=unit, boot=1, number=number, what=what, why="a reason", who=who)


def test_the_story_on_the_screen_and_for_programs() -> None:
    """A day's heading, a line each with who asked; one object a line; a unit that is gone is named."""
    zero = FakeUnit(
        0, history=[proto(0, 1, AT_MS, "switchover_asked", "ann"), proto(0, 2, AT_MS + 5, "record")]
    )
    with served(zero) as options:
        done = ftctl(*options, "history")
        assert done.exit_code == 0
        assert done.stdout.splitlines()[0] == "2026-11-23 (UTC)"
        assert "05:52:35  unit 0  switchover asked        a reason (by ann)" in done.stdout
        assert "unit 1 is not in this story: nobody listens" in done.stderr
        lines = ftctl(*options, "history", "--json", "--last", "1").stdout.splitlines()
        assert [json.loads(line)["what"] for line in lines] == ["record"]
        assert ftctl(*options, "history", "--since", "2026-11-23T05:52:35.800").stdout.count("unit 0") == 1
        assert ftctl(*options, "history", "--unit", "1").exit_code == report.EXIT_NOT_DONE
    assert ftctl("--units", "a:1,b:2", "history", "--since", "yesterday").exit_code == report.EXIT_USAGE


MOMENTS = [("", 0), ("90s", AT_MS - 90_000), ("2h", AT_MS - 7_200_000), ("3d", AT_MS - 259_200_000)]


@pytest.mark.parametrize(("text", "ms"), [*MOMENTS, ("2026-11-23T05:52:35.797", AT_MS), ("999999999d", 0)])
def test_since_when(text: str, ms: int) -> None:
    assert moment_of(text, AT_MS) == ms
