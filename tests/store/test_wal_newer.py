"""A log that a newer program wrote: an older one says so, and leaves every byte as it is."""

import copy

import pytest

from chaos.live.upgrade.next.entry_form import SecondForm
from ftnode.store import entry_forms
from ftnode.store.entry import Entry, NewerEntryError, decode_run, encode_run
from ftnode.store.wal import Wal
from ftnode.store.wal_scan import segment_name, segments_in
from tests.store.log_world import DIRECTORY, SEGMENT_BYTES, World

NEW = 9  # an engine version whose entries are of format 2


def newer(patch: pytest.MonkeyPatch) -> None:
    """This program has the next format from here on."""
    patch.setitem(entry_forms.FORMS, 2, SecondForm())
    patch.setitem(entry_forms.WRITTEN, NEW, SecondForm())


def append_new(world: World, count: int) -> None:
    """Entries of the next version, synced."""
    first_seq = world.head_seq + 1
    made = [Entry(first_seq + at, 1, 5000 + at, at, NEW, 16, body=b"x" * 40) for at in range(count)]
    run, hashes = encode_run(world.hash_of(world.head_seq), made)
    world.held += made
    world.hashes += hashes
    world.wal.append(run, 0, 0)
    world.sync()


def files(world: World) -> dict[str, bytes]:
    """Every byte of the log."""
    names = [segment_name(number) for number in segments_in(world.disk, DIRECTORY)]
    found = {name: world.disk.open(f"{DIRECTORY}/{name}") for name in names}
    return {name: file.pread(file.size_bytes(), 0) for name, file in found.items()}


def test_a_log_of_two_formats_is_recovered_and_an_older_program_leaves_it_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not rot, not a torn tail: nothing is cut, nothing fetched; the program that wrote it goes on."""
    world = World(3)
    world.live()
    world.append(5)
    world.sync()
    with monkeypatch.context() as patch:
        newer(patch)
        append_new(world, 4)
        world.restart(power_cut=True)
        assert world.found.head_seq == world.head_seq
        run = world.wal.read(6, 1 << 20)
        assert run is not None
        assert decode_run(run.prev_hash, run.first_seq, run.data)[1][-1] == world.held[-1]
        world.disk.kill()
    before = copy.deepcopy(files(world))
    with pytest.raises(NewerEntryError, match="of format 2; this program reads 1: start the program"):
        Wal.recover(world.disk, DIRECTORY, segment_bytes=SEGMENT_BYTES, durable_seq=0, draw=lambda: 7)
    assert files(world) == before
    newer(monkeypatch)
    world.restart(power_cut=False)
    assert (world.found.head_seq, world.found.rotten_seqs) == (world.head_seq, ())
