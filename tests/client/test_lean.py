"""The lean client of measurements says the same as the real one, on a server of another make (C-core)."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from loyalty.client.answers import Done
from loyalty.client.client import TillClient
from loyalty.client.lean import LeanUnits
from loyalty.client.lean_headers import HeadersNotUnderstood, Trailer, read_headers, request_headers
from loyalty.client.policy import Policy
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till
from tests.client.fake import BUSY, DO_AND_DROP, DROP, HANG, LATE, OK, PROXY_BUSY, REFUSE, FakePair, fake_pair
from tests.client.test_client import told

QUICK = Policy(deadline_ms=400, hedge_after_ms=60)


@pytest.fixture
async def pair() -> AsyncIterator[FakePair]:
    async with fake_pair() as pair:
        yield pair


@pytest.fixture
async def client(pair: FakePair) -> AsyncIterator[TillClient]:
    async with LeanUnits(pair.addresses, QUICK) as units:
        yield TillClient(units)


CASES = [  # what the unit does, what the client is told, executed: one try each
    (OK, "done", 1),
    (LATE, "done", 1),
    (DROP, "unknown", 0),
    (DO_AND_DROP, "unknown", 1),
    (HANG, "unknown", 0),
    (BUSY, "not taken RESOURCE_EXHAUSTED", 0),
    (PROXY_BUSY, "unknown", 0),
    (REFUSE, "not taken INVALID_ARGUMENT", 0),
]


@pytest.mark.parametrize(("act", "answer", "executed"), CASES)
async def test_what_it_is_told(
    pair: FakePair, client: TillClient, act: str, answer: str, executed: int
) -> None:
    pair.play([act], [OK])
    got = await client.enrol(till.EnrolRequest(phone="+1"))
    assert (told(got), got.tries, len(pair.book.executed)) == (answer, 1, executed)
    if act == BUSY:
        assert getattr(got, "retry_after_ms", None) == 30, "the pushback is read"
    if act == REFUSE:
        assert getattr(got, "field", None) == "receipt.store"


async def test_many_in_flight_on_one_connection(pair: FakePair, client: TillClient) -> None:
    got = await asyncio.gather(*(client.enrol(till.EnrolRequest(phone=f"+{n}")) for n in range(500)))
    assert all(isinstance(answer, Done) for answer in got)
    assert len(pair.book.executed) == 500


async def test_bodies_larger_than_a_frame_and_a_window(pair: FakePair, client: TillClient) -> None:
    """A hundred bodies of 60 kB at once: more than the server's window takes before it opens it again."""
    line = common.Line(sku="x" * 60, amount_minor=1, quantity_milli=1000)
    big = till.ConfirmRequest(lines=[line] * 900)
    assert big.ByteSize() > 50_000
    got = await asyncio.gather(*(client.confirm(big) for _ in range(100)))
    assert {told(answer) for answer in got} == {"done"}


async def test_a_unit_that_went_away_is_unknown_then_the_other_is_asked(
    pair: FakePair, client: TillClient
) -> None:
    pair.play([HANG], [OK])
    waiting = asyncio.ensure_future(client.enrol(till.EnrolRequest(phone="+1")))
    await asyncio.sleep(0.1)
    await pair.units[0].server.stop(None)
    assert told(await waiting) == "unknown"
    assert told(await client.enrol(till.EnrolRequest(phone="+2"))) == "done"
    assert pair.units[1].calls == 1


async def test_nobody_there() -> None:
    async with LeanUnits("127.0.0.1:1", QUICK) as units:
        assert told(await TillClient(units).enrol(till.EnrolRequest(phone="+1"))) == "unknown"


BLOCKS = [  # header blocks as a server may send them, hex with spaces, and what they mean
    ("88", Trailer()),  # :status 200, indexed
    ("40 0b 677270632d737461747573 01 30", Trailer(status=0)),  # grpc-status: 0, to be indexed (we do not)
    ("20 00 0b 677270632d737461747573 02 3134", Trailer(status=14)),  # after a new table size
    (
        "00 0b 677270632d737461747573 01 38 00 16 677270632d72657472792d707573686261636b2d6d73 02 3330",
        Trailer(status=8, pushback_ms=30),
    ),
]


@pytest.mark.parametrize(("block", "meaning"), BLOCKS)
def test_header_blocks(block: str, meaning: Trailer) -> None:
    assert read_headers(bytes.fromhex(block)) == meaning
    assert read_headers(bytes.fromhex(block)) == meaning, "also the second time, from memory"


STRANGE = [  # blocks that no unit of ours sends
    ("be", "dynamic table"),
    ("00 8b 677270632d737461747573 01 30", "Huffman"),
    ("00 0b 6772", "ends in the middle"),
    ("80", "dynamic table"),  # index 0
]


@pytest.mark.parametrize(("block", "says"), STRANGE)
def test_headers_that_are_not_understood_are_refused(block: str, says: str) -> None:
    with pytest.raises(HeadersNotUnderstood, match=says):
        read_headers(bytes.fromhex(block))


def test_a_long_path_is_encoded_in_steps() -> None:
    """Lengths of 127 and more take several bytes (RFC 7541, 5.1)."""
    assert b"\x7f\x80\x01" + b"x" * 255 in request_headers("x" * 255, "a:1", 5)
