"""The same bytes in every process, and in every version that calls itself the same."""

import os
import subprocess
import sys
from hashlib import blake2b

from ftnode.machine.digest import chain
from ftnode.machine.requests import record_key

SCRIPT = """
from ftnode.store.state_dict import DictMedium, DictStateStore
from ftnode.machine.executor import Executor
from tests.machine.log import NOON_MS, chained, checkpoint, entry
from tests.machines import Bank, Counter, Register, body
import hashlib
for machine, texts in (
    (Register(), [body("put", n % 3, b"name %d" % (n % 7), b"x" * n) for n in range(60)]),
    (Bank(), [body("transfer", n % 5, n % 7, n) for n in range(60)]),
    (Counter(), [body("later", n, n) for n in range(60)]),
):
    executor = Executor(DictStateStore(DictMedium()), [machine], 20)
    log = [entry(n, text, request_id=b"id %d" % (n % 50), time_ms=NOON_MS + n, kind=1 if n % 9 == 0 else 16,
                 chance=n * 0x9E3779B97F4A7C15 % 2**64) for n, text in enumerate(texts, 1)]
    results = [executor.execute(one, its_hash) for one, its_hash in chained(log)]
    executor.compared(len(log))
    roots = checkpoint(executor)
    print(executor.digest.hex(), hashlib.sha256(roots + b"".join(results)).hexdigest())
"""
HOSTS = [
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LANG": "C", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Taipei", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
    {"PYTHONHASHSEED": "4294967295", "TZ": "America/St_Johns", "LANG": "ru_RU.KOI8-R", "PYTHONOPTIMIZE": "2"},
]


def test_one_log_in_differing_processes() -> None:
    """Another hash seed, time zone, locale and optimisation: equal digests, results and roots."""
    answers = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, **host},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for host in HOSTS
    }
    assert len(answers) == 1
    assert len(answers.pop().split()) == 6


TEXT = b"".join(  # what the digest of an entry is taken over, spelled out
    (
        b"\x94",  # four parts:
        b"\xc4\x10" + b"a" * 16,  # the digest before
        b"\xc4\x10" + b"b" * 16,  # the entry's hash
        b"\xc4\x03\0ok",  # the result
        b"\x93",  # three writes in key order:
        b"\x92\xc4\x02k1\xc0",  # deleted
        b"\x92\xc4\x02k2\xc4\x01v",
        b"\x92\xc4\x02k3\xc4\x00",  # empty, which is not deleted
    )
)


def test_digests_are_as_they_always_were() -> None:
    """Two units of differing releases compare these."""
    writes = {b"k2": b"v", b"k1": None, b"k3": b""}
    digest = chain(b"a" * 16, b"b" * 16, b"\0ok", writes)
    assert digest == blake2b(TEXT, digest_size=16).digest()
    assert digest.hex() == "928a3185f722a5b80c2a122da5bf6710"


def test_record_keys_are_as_they_always_were() -> None:
    """Found again after an upgrade."""
    assert record_key(b"till-1", b"request-1").hex() == "02ecffff52d2ec1c1f2e345ae40841613cb6c54b1a"


DIFFERENT: list[tuple[bytes, bytes, bytes, dict[bytes, bytes | None]]] = [
    # every part counts, and none runs into the next
    (bytes(16), bytes(16), b"\0", {b"a": b"bc"}),
    (bytes(16), bytes(16), b"\0", {b"ab": b"c"}),
    (bytes(16), bytes(16), b"\0", {b"a": b"b", b"c": b""}),
    (bytes(16), bytes(16), b"\0", {b"a": b""}),
    (bytes(16), bytes(16), b"\0", {b"a": None}),
    (bytes(16), bytes(16), b"\0", {}),
    (bytes(16), bytes(16), b"\1", {}),
    (bytes(16), b"\1" * 16, b"\0", {}),
    (b"\1" * 16, bytes(16), b"\0", {}),
]


def test_every_part_counts() -> None:
    """No two of these have the same digest."""
    assert len({chain(*parts) for parts in DIFFERENT}) == len(DIFFERENT)


def test_the_order_of_writing_does_not_count() -> None:
    """Only what was written last under each key."""
    one = {b"a": b"1", b"b": b"2"}
    other = {b"b": b"2", b"a": b"1"}
    assert chain(bytes(16), bytes(16), b"", one) == chain(bytes(16), bytes(16), b"", other)
