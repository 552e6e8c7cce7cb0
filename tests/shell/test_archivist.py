"""A rotten archived segment is put back: out of the log, or from the other unit, cut elsewhere there."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import grpc
import pytest

from ftnode.observe.count import Tally
from ftnode.shell.archivist import ArchiveServer, Archivist
from ftnode.store.archive import Archive, ArchiveFault, archive_closed
from ftnode.store.entry import encode_run
from ftnode.v1 import archive_pb2 as pb
from ftnode.v1 import archive_pb2_grpc as pb_grpc
from tests.store.log_world import World, entries

PLACE = "/archive"
CABINET = "shop-1"
BATCHES, BATCH = 16, 3
NOBODY = "127.0.0.1:9"


@dataclass
class Unit:
    """A log of some segments, archived."""

    world: World
    archive: Archive = field(init=False)
    archived_seq: int = field(init=False)

    def __post_init__(self) -> None:
        self.archive = Archive(self.world.disk, PLACE, CABINET)
        self.archived_seq = archive_closed(self.world.wal, self.archive, 10**6)

    def trim(self) -> None:
        """The log forgets what is archived."""
        self.world.wal.trim(10**6, self.archived_seq)

    def rot(self) -> str:
        """A bit of the second archived segment flips; its name."""
        name = self.archive.manifests[1].name
        self.world.disk.flip(f"{PLACE}/{name}.entries.z", 800)
        assert len(self.archive.verify()) == 1
        return name


def with_log(world: World, *batches: Any) -> Unit:
    world.live()
    for run in batches:
        world.wal.append(run, 0, 0)
    world.wal.sync()
    return Unit(world)


@pytest.fixture
def here() -> Unit:
    world = World(3)
    world.live()
    for _ in range(BATCHES):
        world.append(BATCH)
    world.sync()
    return Unit(world)


def partner_of(here: Unit, batch: int = 5) -> Unit:
    """The same entries, in other batches, and so in other segments."""
    last_seq = here.world.head_seq
    runs = [here.world.run(at, min(at + batch - 1, last_seq)) for at in range(1, last_seq + 1, batch)]
    return with_log(World(4), *runs)


@asynccontextmanager
async def served(partner: Unit, cabinet: str = CABINET) -> AsyncIterator[str]:
    """Its address."""
    server = grpc.aio.server()
    pb_grpc.add_ArchiveServiceServicer_to_server(
        ArchiveServer(cabinet, 1, partner.archive, partner.world.wal, 1 << 30), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


def archivist(here: Unit, address: str, found: Tally[tuple[str, str]]) -> Archivist:
    async def in_archiver(work: Callable[..., object], *words: object) -> object:
        return work(*words)

    return Archivist(
        cabinet=CABINET,
        unit=0,
        archive=here.archive,
        wal=here.world.wal,
        channel=lambda: grpc.aio.insecure_channel(address),
        in_archiver=in_archiver,
        found=found,
    )


async def test_out_of_the_log_if_it_still_has_it(here: Unit) -> None:
    """Nobody else is asked."""
    before, name, found = here.archive.manifests, here.rot(), Tally(("other", "other"))
    mender = archivist(here, NOBODY, found)
    await mender.mend(name, "a bit flipped")
    assert (here.archive.verify(), here.archive.manifests) == ([], before)
    assert (found["archive", "mended from the log"], mender.rotten) == (1, {})


@pytest.mark.parametrize("from_its_log", [True, False])
async def test_from_the_other_unit_wherever_it_has_it(here: Unit, from_its_log: bool) -> None:
    """The same bytes are there again, though its segments begin and end elsewhere."""
    partner, before, name = partner_of(here), here.archive.manifests, here.rot()
    assert [one.name for one in partner.archive.manifests] != [one.name for one in before]
    here.trim()
    if not from_its_log:
        partner.trim()
    found = Tally(("other", "other"))
    async with served(partner) as address:
        mender = archivist(here, address, found)
        await mender.mend(name, "a bit flipped")
    assert (here.archive.verify(), here.archive.manifests) == ([], before)
    assert found["archive", "mended from the other unit"] == 1
    assert here.archive.load(before[1]).data == here.world.run(before[1].first_seq, before[1].last_seq).data


async def test_other_entries_are_not_taken_for_the_right_ones(here: Unit) -> None:
    """A partner with another history: what it sends is chained in itself, and to nothing here."""
    stranger = World(77)
    stranger.live()
    for _ in range(BATCHES):
        stranger.append(BATCH)
    stranger.sync()
    name, found = here.rot(), Tally(("other", "other"))
    here.trim()
    async with served(Unit(stranger)) as address:
        mender = archivist(here, address, found)
        await mender.mend(name, "a bit flipped")
    assert len(here.archive.verify()) == 1, "it is as rotten as before, and not another segment"
    assert (found["archive", "not mended"], mender.rotten) == (1, {name: "a bit flipped"})


def test_the_whole_hash_counts_not_only_the_part_in_the_name(here: Unit) -> None:
    """Entries that begin the same way and end otherwise, as if by chance under the same name."""
    name = here.archive.manifests[1].name
    span = here.archive.span(name)
    first_seq, last_seq = span.seqs
    other = [*here.world.held[first_seq - 1 : last_seq - 1], *entries(Random(5), last_seq, 1, 1)]
    run, _ = encode_run(here.world.hash_of(first_seq - 1), other)
    named_alike = f"{name[:-8]}{run.last_hash.hex()[:8]}"
    mender = archivist(here, NOBODY, Tally(("other", "other")))
    with pytest.raises(ArchiveFault, match="not those that were archived"):
        mender._put_back(named_alike, span, run.data)
    assert here.archive.verify() == []


async def test_what_cannot_be_mended_is_shown_until_it_is(here: Unit) -> None:
    """The partner is away at first."""
    name, found = here.rot(), Tally(("other", "other"))
    here.trim()
    mender = archivist(here, NOBODY, found)
    await mender.mend(name, "a bit flipped")
    assert mender.rotten == {name: "a bit flipped"}
    async with served(partner_of(here)) as address:
        mender._channel = lambda: grpc.aio.insecure_channel(address)
        await mender.mend(name, "found again")
    assert (mender.rotten, here.archive.verify()) == ({}, [])


REFUSED = [  # what is asked for, what is answered
    ({"cabinet": "elsewhere"}, "only unit 0 of cabinet 'shop-1' is given entries"),
    ({"unit": 1}, "only unit 0 of cabinet 'shop-1'"),
    ({"first_seq": 0}, "entries 0..3 are none"),
    ({"first_seq": 4}, "entries 4..3 are none"),
    ({"last_seq": 10_000}, "entry 49 is beyond the log's head"),
]


@pytest.mark.parametrize(("wrong", "words"), REFUSED)
async def test_who_may_ask_for_what(here: Unit, wrong: dict[str, Any], words: str) -> None:
    request = pb.ArchiveServiceReadRequest(cabinet=CABINET, unit=0, first_seq=1, last_seq=3)
    request.MergeFrom(pb.ArchiveServiceReadRequest(**wrong))
    if "first_seq" in wrong:
        request.first_seq = wrong["first_seq"]
    if "unit" in wrong:
        request.unit = wrong["unit"]
    async with served(here) as address, grpc.aio.insecure_channel(address) as channel:
        with pytest.raises(grpc.aio.AioRpcError, match=words) as refused:
            await pb_grpc.ArchiveServiceStub(channel).Read(request).read()
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
