"""Reading a whole disk on demand: what is told of rot that is known already, beside what is found."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from ftnode.shell.verifying import _Reading
from ftnode.store.scrub import Finding
from ftnode.store.scrub_helper import Ask, Reply
from ftnode.store.state import Checkpoint
from ftnode.v1 import admin_pb2 as pb


async def told(rotten: tuple[tuple[int, int], ...], found: list[Finding]) -> list[pb.VerifyFinding]:
    """By a unit whose log knows of these holes, and whose disk has these faults in its promise."""

    def ask(portion: Ask) -> Reply:
        if portion.hold:
            return Reply(stands=Checkpoint(90, b"d" * 16, b"e" * 16, 1, 1, 1), roots=b"")
        return Reply(read_bytes=1, findings=found if portion.promise else [])

    async def look_again(_finding: Finding, _ask: Ask) -> bool:
        return True

    running: Any = SimpleNamespace(
        settings=SimpleNamespace(
            scrub=SimpleNamespace(max_bytes_per_s=1, cpu_percent=1), unit=SimpleNamespace(id=0)
        ),
        logbook=SimpleNamespace(wal=SimpleNamespace(rotten=rotten, first_seq=1, synced_seq=100, pieces=list)),
        opened=SimpleNamespace(archive=SimpleNamespace(names=list)),
        scrubber=SimpleNamespace(expected_bytes=10, look_again=look_again),
        driver=SimpleNamespace(unit=SimpleNamespace(log=SimpleNamespace(checkpoint_seq=90))),
    )
    with ThreadPoolExecutor(1) as thread:
        helper: Any = SimpleNamespace(ask=ask)
        answers = _Reading(running, helper, thread, pb.VerifyRequest(fast=True)).answers()
        return [finding async for answer in answers for finding in answer.findings]


async def test_entries_that_wait_to_be_mended_are_told() -> None:
    """They are not read again, for their segment is known to be rotten: a sound disk would be a lie."""
    promise = Finding("promise", "slot 0 is not what was written")
    findings = await told(((7, 9), (20, 20)), [promise])
    assert [(one.what, one.first, one.last) for one in findings] == [
        ("entries", 7, 9),
        ("entries", 20, 20),
        ("promise", 0, 0),
    ]
    assert "7..9" in findings[0].why
    assert await told((), []) == []
