"""Formats of snapshots: the newest that both programs have; what is not had is refused by name."""

import pytest

from chaos.live.upgrade.next.snapshot_form import SecondSnapshot
from ftnode.store import snapshot_forms
from ftnode.store.snapshot import (
    SnapshotFault,
    SnapshotReceiver,
    decode_chunk,
    decode_manifest,
    encode,
    manifest_of,
    read_chunks,
)
from ftnode.store.state import BLANK
from ftnode.store.state_dict import DictMedium, DictStateStore
from tests.machine.log import blank, chained, checkpoint, entry, run


def test_the_newest_format_that_both_have_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that names none has the first one; none in common is refused with both."""
    assert (snapshot_forms.agreed(()), snapshot_forms.agreed((1, 2))) == (1, 1)
    with pytest.raises(SnapshotFault, match="reads snapshots of format 2 or 3, this unit sends 1: start"):
        snapshot_forms.agreed((2, 3))
    with pytest.raises(SnapshotFault, match="format 2 came; this program reads 1"):
        snapshot_forms.incoming(2, b"anything")
    monkeypatch.setitem(snapshot_forms.FORMS, 2, SecondSnapshot())
    assert (snapshot_forms.agreed(()), snapshot_forms.agreed((1, 2)), snapshot_forms.agreed((1,))) == (
        1,
        2,
        1,
    )


@pytest.mark.parametrize("number", [1, 2])
def test_a_state_travels_whole_in_either_format(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was encoded comes out; the second format's bytes are not the first one's."""
    monkeypatch.setitem(snapshot_forms.FORMS, 2, SecondSnapshot())
    executor = blank()
    run(executor, chained([entry(seq) for seq in range(1, 6)]))
    executor.compared(5)
    checkpoint(executor)
    held = executor._store.open_snapshot()
    text = encode(manifest_of(held))
    sent = snapshot_forms.outgoing(number, text)
    assert (sent == text) == (number == 1)
    manifest = decode_manifest(snapshot_forms.incoming(number, sent))
    there = DictStateStore(DictMedium())
    assert there.checkpoint == BLANK
    receiver = SnapshotReceiver(there, manifest)
    for chunk in read_chunks(held, receiver.wanted_slots()):
        receiver.take(
            decode_chunk(snapshot_forms.incoming(number, snapshot_forms.outgoing(number, encode(chunk))))
        )
    assert receiver.install() == executor._store.checkpoint
    assert there.roots == executor._store.roots


WRONG = [
    b"",
    b"snapshot 2\n",
    b"snapshot 2\n\0\0\0\5not zlib",
    encode(manifest_of(DictStateStore(DictMedium()).open_snapshot())),
]


@pytest.mark.parametrize("text", WRONG)
def test_nonsense_in_the_second_format_is_a_fault(text: bytes) -> None:
    """Also what an older program would send."""
    with pytest.raises(SnapshotFault):
        SecondSnapshot().incoming(text)
