"""A club's whole history, backed up and restored: the members of the new cabinet have what they had then."""

from pathlib import Path
from random import Random

import pytest
from msgspec import msgpack

from ftnode.backup.restore import Order, restore
from ftnode.store.entry import Entry
from ftnode.store.state_lmdb import LmdbStateStore
from loyalty import commands as cmd
from loyalty.engine import Engine
from tests.backup.kit import Past, everything, executor_on, quiet
from tests.loyalty.history import opened, random_steps

STEPS = 150


@pytest.fixture(scope="module")
def club() -> tuple[Past, list[int]]:
    """Purchases, returns, holds, coupons, promotions, merged members; every third command is sent twice."""
    played, members = opened(11)
    for step in random_steps(11, STEPS):
        played.play(step)
    entries: list[Entry] = []
    for one in played.shop.entries:
        request_id = b"request-%d" % one.seq
        for _ in range(1 + (one.seq % 3 == 0)):
            seq = len(entries) + 1
            header = (seq, 1, one.time_ms, seq, Engine.version, one.kind, one.tenant, 0)
            entries.append(Entry(*header, request_id, one.actor, 0, one.time_ms, one.body))
    return Past(entries, [Engine()]), members


@pytest.mark.parametrize("seed", range(3))
def test_members_have_what_they_had_then(club: tuple[Past, list[int]], tmp_path: Path, seed: int) -> None:
    """Digest, pairs, statements and the fate of every request id are those of direct execution."""
    past, members = club
    chance, last_seq = Random(seed), len(past.entries)
    snapshot_seq = chance.randrange(10, last_seq // 2)
    seq = chance.randrange(snapshot_seq, last_seq + 1)
    root, to = tmp_path / "backup", tmp_path / "unit0"
    past.back_up(root, [snapshot_seq], [(snapshot_seq + 1, last_seq)])
    note = restore(Order(root, to, "second", seq=seq), [Engine()], quiet, quiet)
    direct_store, store = past.state_at(seq), LmdbStateStore(to / "state", read_only=True)
    assert note.digest == past.digests[seq].hex()
    assert everything(store) == everything(direct_store)
    here, direct = executor_on(store, [Engine()]), executor_on(direct_store, [Engine()])
    for member in members:
        for question in (cmd.GetBalance(1, member), cmd.GetStatement(1, member, 200, 0, 0)):
            body = msgpack.encode(question)
            assert here.query(body) == direct.query(body)
    for entry in past.entries:
        found = here.find_request(entry.actor, entry.request_id)
        assert found == direct.find_request(entry.actor, entry.request_id)
        known = found is not None and found.seq <= seq
        before = any(one.request_id == entry.request_id for one in past.entries[:seq])
        assert not known or before  # what came after the point is unknown again
    store.close()
