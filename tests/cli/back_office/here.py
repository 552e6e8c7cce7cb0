"""The command line on the real engine and method table in this process: no sockets, a clock that stands.

What is said is what a person sees, without blanks at the ends of lines and without digests.
"""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import pytest
from typer.testing import CliRunner

from loyalty.cli import clocks, desk
from loyalty.cli.main import app
from loyalty.client.failure import Failure
from loyalty.client.policy import Policy
from loyalty.client.units import Reply
from loyalty.wire.calls import RefusalError
from tests.client import engine_pair

NOON = "2026-11-22 12:00"  # a Sunday
_DIGEST = re.compile("digest [0-9a-f]{32}")  # of more than is shown: it changes with the engine's inside


class Here:
    """A pair and its clock. `sent` is every method that was called, in order."""

    def __init__(self) -> None:
        self.service = engine_pair.Service()
        self.sent: list[str] = []
        self.closed = ""  # a service that cannot be reached
        self.answers_left = -1  # to commands; then they are done, and nobody hears of it. Below 0: no end
        self.now_s = 0.0
        self.set_time(NOON)

    def set_time(self, text: str) -> None:
        """UTC, as 2026-12-24 18:00."""
        self.now_s = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()

    def commands(self) -> list[str]:
        """Of what was sent, what changes something."""
        questions = ("Get", "List", "Find", "Quote", "DryRun")
        return [name for name in self.sent if not name.startswith(questions)]

    def say(self, *words: str, typed: str = "") -> tuple[int, str]:
        """Exit status of a command line, and all that it said."""
        self.sent.clear()
        result = CliRunner().invoke(app, list(words), input=typed, env={"COLUMNS": "100"})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        said = _DIGEST.sub("digest ...", result.output)
        return result.exit_code, "\n".join(line.rstrip() for line in said.splitlines())

    def done(self, *words: str) -> str:
        """What a command said that has to be done."""
        status, said = self.say(*words)
        assert status == 0, said
        return said

    @contextmanager
    def plugged(self) -> Iterator[Self]:
        """The command line calls this pair, at this time."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(desk, "Units", lambda addresses, policy, tls: _Units(self, policy))
            patch.setattr(engine_pair, "time", lambda: self.now_s)
            patch.setattr(clocks, "time", lambda: self.now_s)
            patch.setattr(random, "getrandbits", random.Random(7).getrandbits)
            yield self


class _Units:
    """The connections of one command."""

    def __init__(self, here: Here, policy: Policy) -> None:
        self.here = here
        self.policy = policy
        self.seen_ms = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def ask(self, path: str, body: bytes, prefer: int = 0, deadline_ms: int | None = None) -> Reply:
        service: Any = self.here.service
        self.here.sent.append(path.rpartition("/")[2])
        if self.here.closed and self.here.closed in path:
            return Reply(None, 1, Failure("UNAVAILABLE", "nobody is there"), unknown=True)
        method = service.methods[path]
        try:
            wants = method.decode(body)
        except RefusalError as refusal:
            return Reply(None, 1, Failure("INVALID_ARGUMENT", str(refusal), refusal.field, not_taken=True))
        body = method.encode([service.answer(want) for want in wants])
        if self.here.commands() and self.here.sent[-1] in self.here.commands():
            if self.here.answers_left == 0:
                return Reply(None, 1, Failure("UNAVAILABLE", "went down"), unknown=True)
            self.here.answers_left -= 1
        return Reply(body, 1)
