"""The command line of a till against the real engine: for people, for programs, and its exit status."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from loyalty.cli.main import app
from loyalty.cli.show import show
from loyalty.client.answers import Unknown
from tests.client.processes import engine_pair

NOBODY = "127.0.0.1:1,127.0.0.1:2"


@pytest.fixture(scope="module")
def targets() -> Iterator[str]:
    with engine_pair() as addresses:
        yield addresses


@pytest.fixture(scope="module")
def ann(targets: str) -> str:
    """A member's id."""
    enrolled = ask(targets, "enrol", "--phone", "+886912000001", "--card", "2000-1234")
    return str(enrolled["outcome"]["member_id"])


def run(targets: str, *words: str) -> tuple[int, str]:
    """Exit status and everything that was said."""
    result = CliRunner().invoke(app, ["--targets", targets, "--office", targets, *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def ask(targets: str, *words: str) -> dict[str, Any]:
    """The one JSON object that a program gets."""
    _, said = run(targets, "--json", *words)
    answer: dict[str, Any] = json.loads(said)
    return answer


def test_a_day_at_the_till(targets: str, ann: str) -> None:
    """Find, quote, buy with points, bring one line back, look at the statement."""
    assert ask(targets, "find", "card:2000-1234")["outcome"]["member_id"] == ann
    basket = ("--line", "shoes:1:89.90", "--line", "socks:2:10", "--spend", "200")
    quote = ask(targets, "quote", ann, "--store", "17", *basket)["outcome"]
    digest = ("--quote-digest", "")  # a digest is base64 in JSON; the test goes without
    bought = ask(targets, "confirm", ann, "--receipt", "17/3/4711", *basket, *digest)["outcome"]
    assert bought["bill"] == {**quote["bill"], "earnings": bought["bill"]["earnings"]}
    assert bought["bill"]["spent_points"] == "200"
    back = ask(targets, "return", "--receipt", "17/3/4711", "--return-receipt", "18/1/1", "--line", "2:1")
    assert back["answer"] == "done"
    status, said = run(targets, "statement", "+886912000001")
    assert status == 0
    assert [line.split()[3] for line in said.splitlines()[2:]] == ["return", "purchase", "enrol"]
    status, said = run(targets, "balance", ann)
    assert (status, "points to spend" in said) == (0, True)


def test_the_same_request_id_is_the_same_purchase(targets: str, ann: str) -> None:
    words = (
        "confirm",
        ann,
        "--receipt",
        "17/3/5000",
        "--line",
        "a:1:100",
        "--request-id",
        "00112233445566ff",
    )
    first, again = ask(targets, *words), ask(targets, *words)
    assert first["seq"] == again["seq"]
    outcome = ask(targets, "outcome", "00112233445566ff")["outcome"]
    assert (outcome["answer"], outcome["seq"]) == ("done", first["seq"])


def test_doubt_is_ended_by_abandon(targets: str) -> None:
    assert ask(targets, "outcome", "ff" * 8)["outcome"] is None
    assert ask(targets, "abandon", "ff" * 8, "--seen-ms", "1")["outcome"] is None
    gone = ask(targets, "enrol", "--phone", "+886912000002", "--request-id", "ff" * 8)
    assert (gone["answer"], gone["reason"]) == ("rejected", "REQUEST_ABANDONED")


STATUSES = [  # words, exit status, what is said
    (
        ("balance", "99"),
        1,
        "nobody is enrolled under this id, phone, card or external id (MEMBER_UNKNOWN)",
    ),
    (("enrol",), 1, "rejected neither phone nor card nor external id was given (IDENTITY_MISSING)"),
    (("confirm", "99", "--receipt", "17/3", "--line", "a:1:1"), 2, "wanted STORE/TERMINAL/NUMBER"),
    (("confirm", "99", "--receipt", "1/1/1", "--line", "a:1"), 2, "wanted SKU:PIECES:AMOUNT"),
    (("confirm", "99", "--receipt", "1/1/1", "--line", "a:x:1"), 2, "quantity 'x' is no number"),
    (("confirm", "99", "--receipt", "1/1/1", "--line", "a:0.0001:1"), 2, "finer than a thousandth"),
    (("confirm", "99", "--receipt", "1/1/1", "--line", "a:1:1.505"), 2, "too many decimals"),
    (("confirm", "99", "--receipt", "1/1/1", "--line", "a:1:1:money"), 2, "kinds: goods"),
    (("outcome", "xyz"), 2, "not hexadecimal"),
    (("outcome", "ff"), 2, "has 1 bytes, wanted 8 to 64"),
    (("enrol", "--phone", "+1" + "2" * 80), 3, "not taken  INVALID_ARGUMENT"),
]


@pytest.mark.parametrize(("words", "status", "says"), STATUSES)
def test_exit_status_and_words(targets: str, words: tuple[str, ...], status: int, says: str) -> None:
    got, said = run(targets, *words)
    unwrapped = " ".join(said.replace("│", " ").split())
    assert " ".join(says.split()) in unwrapped
    assert got == status


def test_unknown_tells_how_to_ask_again() -> None:
    status, said = run(NOBODY, "--deadline-ms", "200", "enrol", "--phone", "+886912000003")
    assert status == 4
    assert "--request-id" in said
    answer = ask(NOBODY, "--deadline-ms", "200", "enrol", "--phone", "+886912000003")
    assert answer["answer"] == "unknown"
    assert len(answer["request_id"]) == 32
    assert answer["seen_ms"] == 0  # nobody has told us the time


def test_unknown_tells_how_to_give_it_up(capsys: pytest.CaptureFixture[str]) -> None:
    """With what `abandon` wants."""
    assert show(Unknown(b"12345678", "no answer", 2, seen_ms=777), False, b"12345678") == 4
    assert "loyalty abandon 3132333435363738 --seen-ms 777" in capsys.readouterr().out


def test_a_target_that_is_none() -> None:
    status, said = run("localhost", "balance", "1")
    assert (status, "has no port" in said) == (2, True)
