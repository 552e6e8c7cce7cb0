"""Posting to a webhook: one thread for each address, so that nobody waits for it, least of all the unit.

What is offered is posted until it was taken (2xx): again and again, with growing pauses, one thing at a
time; what is about the same key stays in order. Answers are not read further than their first lines, and a
post that takes too long is cut off, however it drips.
"""

import hashlib
import hmac
import http.client
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

ANSWER_MAX_BYTES: Final = 4096
SECRET_MAX_BYTES: Final = 4096
SIGNATURE: Final = "Ftnode-Signature"


class WebhookError(Exception):
    """Settings that cannot be used: says which file, and why."""


@dataclass(frozen=True, slots=True)
class Target:
    """One address, and how it is spoken to."""

    url: str
    deadline_s: float
    retry_min_s: float
    retry_max_s: float
    token: str = ""
    secret: bytes = b""
    tls: ssl.SSLContext | None = None

    @property
    def name(self) -> str:
        """The address without what may be secret in it: for logs and people."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")


@dataclass(frozen=True, slots=True)
class Post:
    """One thing to be told."""

    id: str
    key: str
    body: bytes


def secret_in(path: str, setting: str) -> str:
    """What a secret's file holds, without the newline at its end. Raises WebhookError."""
    try:
        with Path(path).open("rb") as file:
            secret = file.read(SECRET_MAX_BYTES + 1).strip()
    except OSError as error:
        raise WebhookError(f"{setting} = {path!r}: {error.strerror}") from error
    if not 8 <= len(secret) <= SECRET_MAX_BYTES or not secret.isascii() or b"\n" in secret:
        raise WebhookError(f"{setting} = {path!r}: want one line of 8..{SECRET_MAX_BYTES} ASCII characters")
    return secret.decode()


def trust_in(ca_file: str) -> ssl.SSLContext:
    """Whose certificates are believed: the file's authority, or the system's. Raises WebhookError."""
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise WebhookError(f"alarms.webhook_ca_file = {ca_file!r}: {error.strerror or error}") from error


def signature(secret: bytes, at_ms: int, body: bytes) -> str:
    """`t=MS,v1=HEX`: HMAC-SHA256 over the time, a full stop and the body."""
    digest = hmac.new(secret, f"{at_ms}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_ms},v1={digest}"


def post(target: Target, what: Post) -> str:
    """Post once, and wait for the answer no longer than the deadline. Empty if it was taken, else why not."""
    parts = urlsplit(target.url)
    host, limit_s = parts.hostname or "", target.deadline_s
    connection = http.client.HTTPConnection(host, parts.port, timeout=limit_s)
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(host, parts.port, timeout=limit_s, context=target.tls)
    late = threading.Event()
    cut = threading.Timer(target.deadline_s, _cut_off, (connection, late))
    cut.daemon = True
    cut.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.connect()
        if late.is_set():  # there was nothing to cut off yet
            raise TimeoutError
        connection.request("POST", path, what.body, _headers(target, what))
        answer = connection.getresponse()
        answer.read(ANSWER_MAX_BYTES)
        status = answer.status
        if late.is_set():  # what was cut off in its headers looks like a short answer
            raise TimeoutError
    except (OSError, http.client.HTTPException, ValueError) as error:
        too_late = late.is_set() or isinstance(error, TimeoutError)  # either clock may ring first
        why = f"no answer within {target.deadline_s:g} s" if too_late else _in_words(error)
        return why or type(error).__name__
    finally:
        cut.cancel()
        connection.close()
    return "" if 200 <= status < 300 else f"the answer was status {status}, not 2xx"


class Courier:
    """The thread of one address. `taken` and `failed` are called in it."""

    def __init__(self, target: Target, taken: Callable[[str], None], failed: Callable[[str], None]) -> None:
        """Nothing is posted before `start`."""
        self.target = target
        self._taken, self._failed = taken, failed
        self._posts: list[Post] = []
        self._news = threading.Condition()
        self._ended = False
        self._pause_s = 0.0
        self._thread = threading.Thread(target=self._run, name="webhook", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def offer(self, what: Post) -> None:
        """Post it as soon as may be; never waits."""
        with self._news:
            if all(waiting.id != what.id for waiting in self._posts):
                self._posts.append(what)
                self._news.notify()

    def drop(self, id: str) -> None:
        """It need not be posted any more."""
        with self._news:
            self._posts = [waiting for waiting in self._posts if waiting.id != id]

    def stop(self) -> None:
        """Post nothing more; what is under way ends by itself."""
        with self._news:
            self._ended = True
            self._news.notify()

    def _run(self) -> None:
        while (what := self._next()) is not None:
            why = post(self.target, what)
            with self._news:
                if not why:
                    self._posts = [waiting for waiting in self._posts if waiting.id != what.id]
                    self._pause_s = 0.0
                elif what in self._posts:  # behind the others, and those of its key behind it
                    late = [waiting for waiting in self._posts if waiting.key == what.key]
                    self._posts = [waiting for waiting in self._posts if waiting.key != what.key] + late
            if why:
                self._failed(why)
                self._rest()
            else:
                self._taken(what.id)

    def _next(self) -> Post | None:
        with self._news:
            while not self._posts and not self._ended:
                self._news.wait()
            return None if self._ended else self._posts[0]

    def _rest(self) -> None:
        """A pause that doubles, and differs a little between two units."""
        at = self.target
        self._pause_s = min(at.retry_max_s, max(at.retry_min_s, 2 * self._pause_s))
        until_s = time.monotonic() + self._pause_s * random.uniform(0.8, 1.0)
        with self._news:
            while not self._ended and (left_s := until_s - time.monotonic()) > 0:
                self._news.wait(left_s)


def _headers(target: Target, what: Post) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "User-Agent": "ftnode", "Idempotency-Key": what.id}
    if target.token:
        headers["Authorization"] = f"Bearer {target.token}"
    if target.secret:
        headers[SIGNATURE] = signature(target.secret, time.time_ns() // 1_000_000, what.body)
    return headers


def _cut_off(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    late.set()
    sock: socket.socket | None = connection.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _in_words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not believed: {error.verify_message}"
    if isinstance(error, socket.gaierror):
        return f"its name is not known: {error.strerror}"
    if isinstance(error, TimeoutError):
        return "it does not answer in time"
    return str(getattr(error, "strerror", "") or error)
