"""One line per decision, whatever is in it."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from ftnode.observe import logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Leave logging as it was for other tests."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """What was written, parsed."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_decision_is_one_line_of_json() -> None:
    """Event, node, epoch, seq and why, in the order in which one reads them; more after."""
    stream = io.StringIO()
    logs.configure(stream=stream, node=1)
    logs.decision(logs.get(), "took_over", epoch=8, seq=120, why="nothing heard for 500 ms", active=1)
    (line,) = lines(stream)
    assert list(line) == ["at", "level", "event", "node", "epoch", "seq", "why", "active"]
    assert (line["event"], line["node"], line["seq"]) == ("took_over", 1, 120)
    assert str(line["at"]).endswith("Z")


def test_level() -> None:
    """What is below the level costs nothing and is not written."""
    stream = io.StringIO()
    logs.configure(level="warning", stream=stream)
    logs.get().info("ignored")
    logs.get().warning("kept")
    assert [line["event"] for line in lines(stream)] == ["kept"]


def test_awkward_values_stay_one_line() -> None:
    """Line ends, bytes, endless texts and objects of any kind."""
    stream = io.StringIO()
    logs.configure(stream=stream)
    logs.get().info("odd", text="a\nb", raw=b"\x00\n", long="x" * 100_000, thing=object(), nan=float("nan"))
    assert len(stream.getvalue().splitlines()) == 1
    assert len(stream.getvalue()) < 10_000


def test_an_exception_stays_one_line() -> None:
    """Its type and text, and where it came from."""
    stream = io.StringIO()
    logs.configure(stream=stream)
    try:
        raise ValueError("broken")
    except ValueError:
        logs.get().exception("failed")
    (line,) = lines(stream)
    assert line["error"] == "ValueError: broken"
    assert "test_logs.py" in str(line["trace"])


def test_libraries_speak_through_us() -> None:
    """What grpc or asyncio warn about is a line like any other; their chatter is not."""
    stream = io.StringIO()
    logs.configure(stream=stream, process="witness")
    logging.getLogger("grpc").info("chatter")
    logging.getLogger("asyncio").error("Task exception was never retrieved", exc_info=OSError("x"))
    (line,) = lines(stream)
    assert (line["logger"], line["level"], line["process"]) == ("asyncio", "error", "witness")
    assert line["error"] == "OSError: x"


def test_configuring_twice_does_not_double_lines() -> None:
    """The second stream is the only one."""
    first, second = io.StringIO(), io.StringIO()
    logs.configure(stream=first)
    logs.configure(stream=second)
    logging.getLogger("x").warning("once")
    logs.get().info("twice")
    assert first.getvalue() == ""
    assert len(lines(second)) == 2


def test_console_is_for_people() -> None:
    """No JSON, no colours into a file."""
    stream = io.StringIO()
    logs.configure(form="console", stream=stream)
    logs.decision(logs.get(), "took_over", epoch=8, seq=120, why="silence")
    text = stream.getvalue()
    assert "took_over" in text
    assert "why=silence" in text
    assert "\x1b" not in text
