"""What was put survives the till's end at any instant, and a disk that is full."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from loyalty.client.outbox import Outbox, OutboxDiskError
from tests.client.outbox.crashes import NOT_PERMITTED
from tests.client.outbox.purchases import sold

EVERYTHING = ["put 1", "put 2", "settled 1", "number 1", "put 3"]


def ends(what: str, step: int, room: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.client.outbox.crashes", what, str(step), str(room)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode == NOT_PERMITTED:
        pytest.skip("no process may be traced here")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def test_killed_at_any_system_call(tmp_path: Path) -> None:
    """Also while the file is being made: whatever was told is there, once, and the next till goes on.

    At every seventh; all of them take a minute: `python -m tests.client.outbox.crashes calls 1 DIRECTORY`.
    """
    step = 7
    figures = ends("calls", step, tmp_path)
    assert figures["wrong"] == []
    assert figures["ends"] * step > 500
    assert figures["said"] == EVERYTHING


def test_killed_at_any_write_that_fails(tmp_path: Path) -> None:
    """A file that may not grow: at every page of the journal and of the database."""
    figures = ends("sizes", 1024, tmp_path)
    assert figures["wrong"] == []
    assert figures["ends"] > 20
    assert figures["said"] == EVERYTHING


def test_a_full_disk_is_said_and_overcome(tmp_path: Path) -> None:
    """Nothing of the command is kept; what was there is; and when there is room, it goes on."""
    with Outbox.open(tmp_path / "till.outbox") as outbox:
        pages = outbox._connection.execute("PRAGMA page_count").fetchone()[0]
        outbox._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        kept: list[int] = []
        with pytest.raises(OutboxDiskError, match="full"):
            kept.extend(outbox.put(sold(number)) for number in range(1, 1000))
        assert [entry.position for entry in outbox.pending()] == kept
        assert kept
        outbox._connection.execute("PRAGMA max_page_count = 1000")
        assert outbox.put(sold(1000)) == kept[-1] + 1


def test_after_a_failed_write_it_has_to_be_opened_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed fsync is never retried: the pages may be gone."""
    with Outbox.open(tmp_path / "till.outbox") as outbox:
        outbox.put(sold(1))

        def fail(*_: object) -> None:
            problem = sqlite3.OperationalError("disk I/O error")
            problem.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise problem

        with monkeypatch.context() as patched:
            patched.setattr("loyalty.client.outbox.file.write_tally", fail)
            with pytest.raises(OutboxDiskError, match="disk I/O error"):
                outbox.put(sold(2))
        with pytest.raises(OutboxDiskError, match="opened anew"):
            outbox.put(sold(2))
        assert [entry.position for entry in outbox.pending()] == [1]
    with Outbox.open(tmp_path / "till.outbox") as outbox:
        assert outbox.put(sold(2)) == 2


FILL = """
import sys
from loyalty.client.outbox import Outbox, OutboxDiskError
from tests.client.outbox.purchases import sold
number = 0
with Outbox.open(sys.argv[1]) as outbox:
    try:
        while True:
            outbox.put(sold(number + 1))
            number += 1
    except OutboxDiskError as problem:
        print(number, outbox.waiting, "full" in str(problem))
"""


@pytest.mark.root
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """ENOSPC from the kernel: what was acknowledged is there when the disk is looked at again."""
    script = (
        f"mount -t tmpfs -o size=128k none {tmp_path} && {sys.executable} -c '{FILL}' {tmp_path}/till.outbox"
    )
    again = f"{sys.executable} -c 'from loyalty.cli.main import main; main()'"
    done = subprocess.run(
        [
            "unshare",
            "-m",
            "sh",
            "-c",
            f"{script} && {again} --json outbox list --file {tmp_path}/till.outbox",
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    first, second = done.stdout.splitlines()
    number, waiting, is_full = first.split()
    assert (number, is_full) == (waiting, "True")
    assert int(number) > 10
    assert len(json.loads(second)["waiting"]) == int(number)
