"""Structured lines on standard error: JSON for machines, console for a person.

The core never logs. The shell writes one line per decision with `decision`: what, which node, in
which epoch, at which seq, and why.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog

LINE_MAX_CHARS: Final = 8192  # a value longer than this is cut: a peer's nonsense must not fill the disk
_FIRST: Final = ("at", "level", "event", "node", "epoch", "seq", "why")  # the order a reader wants

Line = MutableMapping[str, Any]


def configure(
    level: str = "info", form: str = "json", stream: TextIO | None = None, **always: object
) -> None:
    """Set up structlog for this process, and lead the standard library's logging into it.

    Args:
        level: least severe line written: debug, info, warning, error.
        form: json (one object a line) or console.
        stream: where to; standard error if None.
        always: fields that every line carries, for example `node=0`, `process="witness"`.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    to = sys.stderr if stream is None else stream
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level if form == "json" else structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _with(always),
        _exception,
        _cut,
    ]
    if form == "json":
        render: Any = structlog.processors.JSONRenderer(sort_keys=False, default=str)
        shared.append(_in_order)
    else:
        render = structlog.dev.ConsoleRenderer(colors=to.isatty(), timestamp_key="at", sort_keys=False)
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=to),
        cache_logger_on_first_use=False,
    )
    _adopt_stdlib(threshold)


def get(**fields: object) -> Any:
    """A logger whose lines carry `fields`."""
    return structlog.get_logger(**fields)


def decision(log: Any, event: str, *, epoch: int, seq: int, why: str, **more: object) -> None:
    """The one line of a decision. `event` names it (took_over, put_standby_out, ignored ...)."""
    log.info(event, epoch=epoch, seq=seq, why=why, **more)


class _IntoStructlog(logging.Handler):
    """grpc and asyncio speak through the standard library: their lines look like ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write `record` as one line of ours."""
        fields: dict[str, Any] = {"logger": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            fields["exc_info"] = record.exc_info[1]
        structlog.get_logger().log(record.levelno, record.getMessage(), **fields)


def _adopt_stdlib(threshold: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [item for item in root.handlers if not isinstance(item, _IntoStructlog)]
    root.addHandler(_IntoStructlog())
    root.setLevel(max(threshold, logging.WARNING))  # libraries chat at info; their warnings matter


def _with(always: dict[str, object]) -> Any:
    def add(_logger: Any, _method: str, line: Line) -> Line:
        for name, value in always.items():
            line.setdefault(name, value)
        return line

    return add


def _exception(_logger: Any, _method: str, line: Line) -> Line:
    """An exception as text, in the line itself, so that a line stays a line."""
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        line["error"] = f"{type(error).__name__}: {error}"
        line["trace"] = "".join(traceback.format_exception(error))
    return line


def _cut(_logger: Any, _method: str, line: Line) -> Line:
    for name, value in line.items():
        if isinstance(value, str | bytes) and len(value) > LINE_MAX_CHARS:
            line[name] = f"{value[:LINE_MAX_CHARS]!r}... ({len(value)} long)"
    return line


def _in_order(_logger: Any, _method: str, line: Line) -> Line:
    first = {name: line[name] for name in _FIRST if name in line}
    return {**first, **line}
