"""A file that is not what was written: said by name, nothing dropped, nothing changed."""

import sqlite3
from pathlib import Path

import pytest

from loyalty.client.outbox import Fate, Outbox, OutboxDamagedError, OutboxError, look
from loyalty.client.outbox.entries import Verdict
from tests.client.outbox.purchases import sold


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Entry 1 is done, 2 and 3 wait."""
    path = tmp_path / "till.outbox"
    with Outbox.open(path) as outbox:
        for number in (1, 2, 3):
            outbox.put(sold(number))
        head = outbox.head()
        assert head is not None
        outbox.settle(head, Verdict(Fate.DONE, 9))
        outbox.take_number("17/3")
    return path


DAMAGES = [  # what is done behind the till's back, what is said, the positions that can still be read
    ("UPDATE entry SET body = x'00' WHERE position = 2", "entry 2 does not match its checksum", [1, 3]),
    ("UPDATE entry SET in_doubt = 1 WHERE position = 3", "entry 3 does not match its checksum", [1, 2]),
    ("UPDATE entry SET position = 9 WHERE position = 3", "entry 3 is missing", [1, 2]),
    ("DELETE FROM entry WHERE position = 2", "entry 2 is missing", [1, 3]),
    ("DELETE FROM entry WHERE position = 3", "entry 3 is missing", [1, 2]),
    ("UPDATE verdict SET fate = 'rejected'", "what came of entry 1 does not match", [1, 2, 3]),
    ("UPDATE tally SET head = 3", "the tally of what waits does not match", [1, 2, 3]),
    ("DELETE FROM tally", "the tally of what waits does not match", [1, 2, 3]),
    ("UPDATE number SET value = 0", "the number '17/3' does not match", [1, 2, 3]),
    ("DROP TABLE verdict", "no such table: verdict", None),
    ("PRAGMA application_id = 7", "is a database, but no outbox", None),
    ("PRAGMA user_version = 9", "is of version 9, this till writes 1: send what waits", None),
]


@pytest.mark.parametrize(("damage", "says", "whole"), DAMAGES)
def test_what_is_damaged_has_a_name(path: Path, damage: str, says: str, whole: list[int] | None) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(damage)
    connection.close()
    before = path.read_bytes()
    with pytest.raises(OutboxError, match=says):
        Outbox.open(path)
    assert path.read_bytes() == before
    if whole is not None:
        contents = look(path)
        assert any(says in said for said in contents.damage)
        there = [e.position for e in contents.waiting] + [s.entry.position for s in contents.settled]
        assert sorted(there) == whole
    assert path.read_bytes() == before


def test_every_byte_counts(path: Path) -> None:
    """Whichever byte of a page in use rots: either it is said, or nothing that was put is different."""
    with Outbox.open(path) as outbox:
        true = list(outbox.pending())
    whole = path.read_bytes()
    said = 0
    for place in range(0, len(whole), 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        try:
            with Outbox.open(path) as outbox:
                assert outbox.pending() == true
        except OutboxError:
            said += 1
    assert said > 5


def test_a_file_cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])
    with pytest.raises(OutboxDamagedError, match="is damaged"):
        Outbox.open(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "is empty: no till makes such a file"), (b"receipts of Monday\n" * 99, "file is not a database")],
)
def test_a_file_that_is_something_else(path: Path, content: bytes, says: str) -> None:
    path.write_bytes(content)
    for use in (Outbox.open, look):
        with pytest.raises(OutboxDamagedError, match=says):
            use(path)
    assert path.read_bytes() == content


def test_damage_that_comes_while_it_is_open(path: Path) -> None:
    """What is sent is read anew each time: rotten bytes never leave."""
    with Outbox.open(path) as outbox:
        other = sqlite3.connect(path)
        with other:
            other.execute("UPDATE entry SET body = x'00' WHERE position = 2")
        other.close()
        with pytest.raises(OutboxDamagedError, match="entry 2 is not what was put"):
            outbox.head()
        with pytest.raises(OutboxDamagedError, match="entry 2 does not match its checksum"):
            outbox.pending()
