"""What is made of three answers: redundancy, verdicts on pulling, what is wrong."""

import io

import pytest
from rich.console import Console

from ftnode.ctl import report, words
from ftnode.ctl.ask import Answers, Silence, UnitAnswer
from ftnode.ctl.show import picture
from ftnode.ctl.view import look
from ftnode.v1 import admin_pb2
from tests.ctl.parts import ACTIVE, DUPLEXING, OFFLINE, STANDBY, holding, status

GONE = Silence("nobody listens at 127.0.0.1:7403: the process is not running")
PULLED = Silence("kept out: pulled")
ALONE = (0,)
LAST = status(0, ACTIVE, ALONE, safe=False)  # active, with nobody beside it

Case = tuple[UnitAnswer, UnitAnswer, str, tuple[bool, bool], int]
CASES: list[Case] = [  # unit 0, unit 1, redundancy, safe to pull (0, 1), exit status
    (status(0, ACTIVE), status(1, STANDBY), "duplex", (True, True), report.EXIT_WELL),
    (status(0, ACTIVE, safe=False), status(1, STANDBY), "duplex", (False, True), report.EXIT_WELL),
    (LAST, status(1, DUPLEXING, ALONE), "simplex", (False, True), report.EXIT_WARNING),
    (LAST, status(1, OFFLINE, ALONE), "simplex", (False, True), report.EXIT_WARNING),
    (status(0, ACTIVE, ALONE), GONE, "simplex", (False, True), report.EXIT_WARNING),  # never the last one
    (status(0, ACTIVE, ALONE), PULLED, "simplex", (False, True), report.EXIT_WARNING),
    (status(0, ACTIVE), GONE, "duplex", (False, False), report.EXIT_WARNING),  # just died: still in the set
    (GONE, status(1, STANDBY), "down", (False, False), report.EXIT_DOWN),  # nobody answers tills yet
    (status(0, STANDBY), status(1, STANDBY), "down", (False, False), report.EXIT_DOWN),
    (GONE, GONE, "down", (False, False), report.EXIT_DOWN),
]  # fmt: skip


@pytest.mark.parametrize(("zero", "one", "redundancy", "safe", "leaves"), CASES)
def test_the_pair_from_its_parts(
    zero: UnitAnswer, one: UnitAnswer, redundancy: str, safe: tuple[bool, bool], leaves: int
) -> None:
    """Redundancy comes from the active's in-sync set; pulling is safe only if nobody objects."""
    view = look(Answers((zero, one), holding()))
    assert view.redundancy.value == redundancy
    assert (view.units[0].safe, view.units[1].safe) == safe
    assert report.exit_status(view) == leaves
    assert all(unit.safe_why for unit in view.units)


def test_two_who_claim_to_be_active() -> None:
    """The higher epoch counts: the other one has not heard of it yet."""
    view = look(Answers((status(0, ACTIVE, epoch=7), status(1, ACTIVE, (1,), epoch=8)), holding()))
    assert (view.active, view.epoch, view.in_sync) == (1, 8, (1,))


def test_different_digests() -> None:
    """Unequal at one seq: critical, first in the list, and nothing is safe to pull."""
    view = look(Answers((status(0, ACTIVE), status(1, STANDBY, digest=b"x" * 16)), holding()))
    assert view.digests == "DIFFERENT at seq 90"
    assert view.wrong[0].code == "digests-differ"
    assert not view.units[0].safe
    assert not view.units[1].safe
    assert report.exit_status(view) == report.EXIT_DOWN


def test_digests_at_different_seqs_are_not_compared() -> None:
    """Under traffic two answers are seldom from the same moment: no verdict, no alarm."""
    view = look(Answers((status(0, ACTIVE), status(1, STANDBY, digest=b"x" * 16, digest_seq=89)), holding()))
    assert view.digests_equal is None
    assert report.exit_status(view) == report.EXIT_WELL


def test_what_is_wrong_is_said_once_and_worst_first() -> None:
    """The same words from both units are one line; a problem of a pulled unit says how to put one in."""
    zero, one = status(0, ACTIVE), status(1, STANDBY)
    notice = admin_pb2.Problem(code="clock-off", severity=admin_pb2.SEVERITY_NOTICE, what="the clock is off")
    disk = admin_pb2.Problem(code="disk-slow", severity=admin_pb2.SEVERITY_WARNING, what="the disk is slow")
    zero.problems.extend([notice, disk])
    one.problems.append(notice)
    view = look(Answers((zero, one), Silence("nobody listens")))
    assert [(wrong.code, wrong.said_by) for wrong in view.wrong] == [
        ("witness-silent", "ftctl"),
        ("disk-slow", "unit 0"),
        ("clock-off", "both units"),
    ]
    pulled = look(Answers((zero, PULLED), holding()))
    assert "chaos insert 1" in next(wrong.remedy for wrong in pulled.wrong if wrong.code == "unit-silent")


def test_nobody_is_told_to_throw_away_what_may_be_the_only_disk() -> None:
    """While no other unit answers the tills, a silent unit is started with its disk."""
    for answers in (
        (GONE, GONE),
        (PULLED, GONE),
        (status(0, DUPLEXING), GONE),
        (status(0, DUPLEXING), PULLED),
    ):
        remedies = [
            wrong.remedy for wrong in look(Answers(answers, holding())).wrong if wrong.code == "unit-silent"
        ]
        assert remedies
        for remedy in remedies:
            assert "with the disk it had" in remedy
            assert "chaos insert" not in remedy
            assert "pull it" not in remedy


def test_pictures_and_lines_of_every_case() -> None:
    """Whatever was answered can be drawn, in a wide and in a narrow terminal, and said in a line."""
    zero = status(0, ACTIVE)
    zero.duplexing.CopyFrom(
        admin_pb2.Duplexing(phase=admin_pb2.DUPLEXING_PHASE_SNAPSHOT, slots_done=1, slots_total=4096)
    )
    cases: list[tuple[UnitAnswer, UnitAnswer]] = [*((case[0], case[1]) for case in CASES), (zero, GONE)]
    for answers in cases:
        view = look(Answers(answers, holding()))
        for width in (60, 120):
            text = io.StringIO()
            Console(file=text, width=width).print(picture(view, width))
            assert view.redundancy.name in text.getvalue()
            assert text.getvalue().count("safe to pull") == 2
        assert "\n" not in report.as_line(view)
        assert report.as_json(view)["exit_status"] == report.exit_status(view)


def test_the_picture_names_what_matters() -> None:
    """State, seqs, verdict and cabinet are there to be read."""
    text = io.StringIO()
    Console(file=text, width=100).print(picture(look(Answers((status(0, ACTIVE), GONE), holding())), 100))
    for part in ("corner", "unit 0", "ACTIVE", "SILENT", "epoch 7", "NO", "not running", "do: "):
        assert part in text.getvalue()


DURATIONS = [
    (0, "0 ms"),
    (999, "999 ms"),
    (1_000, "1.0 s"),
    (59_999, "59.9 s"),
    (60_000, "1 min 0 s"),
    (3_600_000, "1 h 0 min"),
    (90_061_000, "1 d 1 h"),
]


@pytest.mark.parametrize(("ms", "text"), DURATIONS)
def test_durations(ms: int, text: str) -> None:
    """Two units at most, boundaries beside each other."""
    assert words.duration(ms) == text


SIZES = [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1 << 20, "1.0 MiB"), (3 << 30, "3.0 GiB")]


@pytest.mark.parametrize(("number", "text"), SIZES)
def test_sizes(number: int, text: str) -> None:
    """A prefix as soon as it fits."""
    assert words.size(number) == text


def test_moments() -> None:
    """UTC, and nothing made up for a time that was never."""
    assert words.moment(0) == "-"
    assert words.moment(1_795_312_345_678) == "2026-11-22 01:52:25 UTC"
