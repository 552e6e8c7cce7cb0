"""Posting to receivers that are slow, endless, broken or gone; and that what was offered arrives."""

import hmac
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue

import pytest

from ftnode.certs import make_certs
from ftnode.observe.webhook import (
    Courier,
    Post,
    Target,
    WebhookError,
    post,
    secret_in,
    trust_in,
)

PATIENCE_S = 20.0
WHAT = Post("shop/pair/no-answers/5/raised", "pair/no-answers", b'{"a":1}')


class Receiver:
    """Answers with the statuses it is given, then 200; notes what came."""

    def __init__(self, *statuses: int, certs: Path | None = None) -> None:
        self.statuses, self.came = list(statuses), Queue[tuple[dict[str, str], bytes]]()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.came.put((dict(self.headers), body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        scheme = "http"
        if certs is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certs / "witness.pem", certs / "witness.key")
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_port}/hook?room=1"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> "Receiver":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def target(url: str, deadline_s: float = 5.0, **more: object) -> Target:
    return Target(url, deadline_s, 0.01, 0.05, **more)  # type: ignore[arg-type]


def test_what_a_receiver_sees() -> None:
    """Body, id, token and a signature over time and body that it can check."""
    with Receiver() as receiver:
        assert post(target(receiver.url, token="t0ken123", secret=b"s3cret12"), WHAT) == ""
        headers, body = receiver.came.get(timeout=PATIENCE_S)
    assert body == WHAT.body
    assert headers["Idempotency-Key"] == WHAT.id
    assert headers["Authorization"] == "Bearer t0ken123"
    assert headers["Content-Type"] == "application/json"
    at_ms = int(headers["Ftnode-Signature"].partition(",")[0].removeprefix("t="))
    assert abs(at_ms / 1000 - time.time()) < 3600
    expected = hmac.new(b"s3cret12", b"%d." % at_ms + body, "sha256").hexdigest()
    assert headers["Ftnode-Signature"] == f"t={at_ms},v1={expected}"


@pytest.mark.parametrize("status", [301, 400, 401, 404, 500, 503])
def test_only_2xx_is_taken(status: int) -> None:
    """A redirect is not followed: it could lead anywhere."""
    with Receiver(status) as receiver:
        assert post(target(receiver.url), WHAT) == f"the answer was status {status}, not 2xx"


@contextmanager
def raw(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A listener that does with its connections what no HTTP server would."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                serve(connection)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def silent(connection: socket.socket) -> None:
    connection.recv(10)
    time.sleep(2)


def dripping(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        connection.sendall(f"X-{number}: y\r\n".encode())
        time.sleep(0.05)


def endless(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def nonsense(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"\x00\xff" * 1000 + b"\r\n\r\n")


@pytest.mark.parametrize(
    ("serve", "said"),
    [
        (silent, "no answer within 0.3 s"),
        (dripping, "no answer within 0.3 s"),
        (endless, ""),
        (nonsense, "\x00"),
    ],
)
def test_an_answer_that_is_none(serve: Callable[[socket.socket], None], said: str) -> None:
    """Cut off at the deadline, however it drips; an endless body is not read."""
    with raw(serve) as url:
        why = post(target(url, deadline_s=0.3), WHAT)
    assert (said in why) if said else why == ""


def test_nobody_there_is_told_in_words() -> None:
    assert post(target("http://127.0.0.1:9/"), WHAT) == "Connection refused"


def test_https_believes_only_its_authority(tmp_path: Path) -> None:
    """The cabinet's own authority by alarms.webhook_ca_file; without it, refused in words."""
    make_certs(tmp_path, "shop", {"witness": ["127.0.0.1"]})
    with Receiver(certs=tmp_path) as receiver:
        believed = target(receiver.url, tls=trust_in(str(tmp_path / "ca.pem")))
        assert post(believed, WHAT) == ""
        why = post(target(receiver.url, tls=trust_in("")), WHAT)
    assert "its certificate is not believed" in why


SECRETS = [  # content, what is said
    (None, "No such file"),
    ("short", "want one line of 8.."),
    ("two lines\nof it", "want one line"),
    ("x" * 5000, "want one line"),
    ("gehëim12", "ASCII"),
]


@pytest.mark.parametrize(("content", "said"), SECRETS)
def test_a_secret_that_cannot_be_used(tmp_path: Path, content: str | None, said: str) -> None:
    """Which setting, which file, and what would be right."""
    if content is not None:
        tmp_path.joinpath("s").write_text(content)
    with pytest.raises(WebhookError, match=r"^alarms\.webhook_secret_file = ") as caught:
        secret_in(str(tmp_path / "s"), "alarms.webhook_secret_file")
    assert said in str(caught.value)


class Words:
    """What a courier says."""

    def __init__(self) -> None:
        self.taken, self.failed = Queue[str](), Queue[str]()


def courier(url: str, words: Words) -> Courier:
    made = Courier(target(url), words.taken.put, words.failed.put)
    made.start()
    return made


def test_tried_again_until_it_is_taken() -> None:
    """In order for one key; each taken once and told once, whatever failed before."""
    words = Words()
    with Receiver(500, 503, 500) as receiver:
        made = courier(receiver.url, words)
        for number in range(3):
            made.offer(Post(f"a{number}", "a", b"a%d" % number))
            made.offer(Post(f"a{number}", "a", b"twice"))
        assert [words.taken.get(timeout=PATIENCE_S) for _ in range(3)] == ["a0", "a1", "a2"]
        assert words.failed.qsize() == 3
        came = [receiver.came.get(timeout=PATIENCE_S)[1] for _ in range(6)]
        made.stop()
    assert came == [b"a0", b"a0", b"a0", b"a0", b"a1", b"a2"]
    assert receiver.came.empty()


def test_what_one_key_cannot_get_rid_of_holds_up_no_other() -> None:
    """A body that is refused for ever waits behind the others, and what follows it of its key behind it."""
    words = Words()

    with Receiver() as receiver:
        refused = threading.Event()

        def answer(body: bytes) -> int:
            return 200 if refused.is_set() or body != b"bad" else 400

        handler = receiver.server.RequestHandlerClass

        def do_post(self: BaseHTTPRequestHandler) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(answer(body))
            self.end_headers()

        handler.do_POST = do_post  # type: ignore[attr-defined]
        made = courier(receiver.url, words)
        made.offer(Post("bad", "a", b"bad"))
        made.offer(Post("after", "a", b"good"))
        made.offer(Post("other", "b", b"good"))
        assert words.taken.get(timeout=PATIENCE_S) == "other"
        refused.set()
        assert [words.taken.get(timeout=PATIENCE_S) for _ in range(2)] == ["bad", "after"]
        made.stop()


def test_what_is_dropped_is_not_posted() -> None:
    words = Words()
    made = courier("http://127.0.0.1:9/", words)
    made.offer(WHAT)
    words.failed.get(timeout=PATIENCE_S)
    for _ in range(100):
        made.offer(WHAT)  # as a unit does each second
    assert len(made._posts) == 1
    made.drop(WHAT.id)
    time.sleep(0.2)
    while not words.failed.empty():
        words.failed.get()
    time.sleep(0.2)
    assert words.failed.empty()
    made.stop()
