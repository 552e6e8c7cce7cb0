"""`loyalty till` and `loyalty outbox` as processes: pipes, signals, and a pair that goes and comes back."""

import ctypes
import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from loyalty.cli.main import app
from tests.cli.till.stage import ARTICLES

pytestmark = pytest.mark.live

# As at a terminal: whoever starts the tests in the background may have made all below ignore Ctrl-C.
HEARS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
LOYALTY = [sys.executable, "-c", f"{HEARS}; from loyalty.cli.main import main; main()"]
NOBODY = "127.0.0.1:1,127.0.0.1:2"
ANN = "+886912345678"
SILENT_S = 30  # for so long nothing is said: it never will be


@contextmanager
def shop(addresses: str = "") -> Iterator[str]:
    command = [sys.executable, "-m", "tests.cli.till.shop_process", addresses]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def till_words(targets: str, path: Path, *more: str) -> list[str]:
    place = ["--store", "17", "--terminal", "3", "--file", str(path), "--articles", str(ARTICLES)]
    return ["--targets", targets, "--deadline-ms", "300", "till", *place, *more]


def run(words: list[str], typed: str = "") -> tuple[int, str]:
    """Exit status and all that was said, in this process."""
    done = CliRunner().invoke(app, words, input=typed)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def outbox(targets: str, path: Path, *words: str) -> tuple[int, dict[str, Any]]:
    status, said = run(["--targets", targets, "--json", "outbox", *words, "--file", str(path)])
    told: dict[str, Any] = json.loads(said)
    return status, told


def test_a_day_in_a_pipe(tmp_path: Path) -> None:
    """Sold with a line, without one, killed, and sent by hand: as programs see it."""
    path = tmp_path / "till.outbox"
    with shop() as targets:
        status, said = run(till_words(targets, path), f"enrol {ANN}\nsocks\npay\n")
        assert status == 0
        assert "> socks" in said
        assert "booked  receipt 17/3/1/" in said
        assert said.splitlines()[-1] == "good-bye; nothing waits"

    with subprocess.Popen(
        [*LOYALTY, *till_words(targets, path, "--json")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{ANN}\nbike\npay\n")
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(4)]
        assert [answer["answer"] for answer in answers] == ["said", "said", "basket", "kept"]
        assert answers[-1]["status"]["line"] == "down"
        assert answers[-1]["status"]["waiting"] == 1
        status, said = run(["outbox", "send", "--file", str(path)])
        assert (status, f"is held by process {process.pid}" in said) == (3, True)
        process.kill()

    status, told = outbox(targets, path, "send", "--seconds", "1")
    assert (status, told["waiting"], told["sent"]) == (4, 1, [])
    with shop(targets):
        run(["--targets", targets, "enrol", "--phone", ANN])  # a pair that begins anew
        status, told = outbox(targets, path, "send")
        assert (status, told["waiting"]) == (0, 0)
        (sent,) = told["sent"]
        assert sent["fate"] == "done"
        assert sent["command"]["offline"] is True
        status, said = run(till_words(targets, path), "")
        assert "meanwhile  sale 17/3/2/" in said


def test_the_outbox_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "till.outbox"
    run(till_words(NOBODY, path), f"{ANN}\nsocks\npay\n")
    status, told = outbox(NOBODY, path, "list")
    assert status == 0
    assert [entry["command"]["lines"][0]["sku"] for entry in told["waiting"]] == ["4006381333948"]
    assert outbox(NOBODY, path, "show", "1") == (0, told["waiting"][0])
    status, said = run(["outbox", "show", "2", "--file", str(path)])
    assert (status, "there is no entry 2" in said) == (1, True)
    status, said = run(["outbox", "list", "--file", str(path)])
    assert "sale 17/3/1/" in said
    assert "1 wait" in said


def test_a_damaged_outbox_is_said(tmp_path: Path) -> None:
    path = tmp_path / "till.outbox"
    path.write_bytes(b"")
    for words in (["till"], ["outbox", "list"], ["outbox", "send"]):
        status, said = run(["--targets", NOBODY, *words, "--file", str(path)])
        assert (status, "is empty: no till makes such a file" in said) == (3, True)


def ctrl_c(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)


def ctrl_c_elsewhere(process: subprocess.Popen[bytes]) -> None:
    """Taken by another thread: what the main one waits for does not return, as if it had not waited yet."""
    (*_, another) = sorted(int(task) for task in os.listdir(f"/proc/{process.pid}/task"))
    assert another != process.pid
    assert ctypes.CDLL(None).tgkill(process.pid, another, signal.SIGINT) == 0


@pytest.mark.parametrize("end", [ctrl_c, ctrl_c_elsewhere, "\x04", "quit\n"])
def test_it_leaves_cleanly(tmp_path: Path, end: Callable[[subprocess.Popen[bytes]], None] | str) -> None:
    """At a terminal: Ctrl-C, Ctrl-D and quit all say what waits, and end with status 0."""
    master, slave = pty.openpty()
    path = tmp_path / "till.outbox"
    with subprocess.Popen(
        [*LOYALTY, *till_words(NOBODY, path)], stdin=slave, stdout=slave, stderr=slave
    ) as process:
        try:
            os.close(slave)
            shown = read_until(master, "17/3 >")
            for typed in (f"{ANN}\n", "socks\n", "pay\n"):
                os.write(master, typed.encode())
                shown += read_until(master, "17/3 >")
            if isinstance(end, str):
                os.write(master, end.encode())
            else:
                end(process)
            shown += read_until(master, "loyalty outbox send")
            assert process.wait(30) == 0
        finally:
            process.kill()
    os.close(master)
    assert "good-bye; 1 entry waits in" in shown
    assert "Traceback" not in shown


def read_until(terminal: int, text: str) -> str:
    """What is shown up to a text, as words with a space between: a narrow terminal breaks lines anywhere."""
    shown = ""
    while text not in " ".join(shown.split()):
        assert select.select([terminal], [], [], SILENT_S)[0], f"it says no more before {text!r}: {shown}"
        try:
            shown += os.read(terminal, 4096).decode("utf-8", "replace")
        except OSError:
            raise AssertionError(f"it ended before {text!r}: {shown}") from None
    return " ".join(shown.split())


WRONG = [  # words, status, what is said
    (["till", "--articles", "nowhere.csv"], 2, "No such file"),
    (["till", "--exponent", "9"], 2, "--exponent"),
    (["till", "--store", "0"], 2, "--store"),
    (["--targets", "localhost", "till"], 2, "has no port"),
    (["till", "--file", "/nowhere/till.outbox"], 3, "No such file"),
]


@pytest.mark.parametrize(("words", "status", "says"), WRONG)
def test_a_wrong_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], status: int, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    got, said = run(words)
    assert (got, says in " ".join(said.split())) == (status, True), said
