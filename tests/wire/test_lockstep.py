"""Messages, handshakes and relayed calls: there and back, and a clear word for what is none."""

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ftnode.core.messages import Ack, Append, Doubt, Fetch, Fetched, Goodbye, Hello, Message, Open, Sid
from ftnode.core.record import Record
from ftnode.wire import handshake, lockstep, relay
from ftnode.wire.frames import Frame, FrameError, FrameReader, Kind
from ftnode.wire.handshake import Handshake

RECORD = Record("shop", "w1", 7, 0, (0, 1), ((0, "aa"), (1, "bb")))
SID = Sid(3, 4, 5)
MESSAGES: list[Message] = [
    Hello(1, 4, 9, 5, "DUPLEXING", 7, RECORD, "bb", True, ((1, 10), (7, 12)), 12, 8, 1_790_000_000_000),
    Open(SID, RECORD, 12, b"h" * 16, False, 15, 1_790_000_000_000),
    Append(SID, RECORD, 13, 15, ((7, 15),), 15, 12, 12, 3, 1_790_000_000_000),
    Append(SID, RECORD, 16, 15, (), 15, 15, 15, 3, 1_790_000_000_000),  # a heartbeat carries none
    Ack(SID, 7, "bb", 15, b"d" * 16, 15, 3, 1_790_000_000_000),
    Goodbye(0, 3, 7, "its disk is slow"),
    Goodbye(0, 3, 7, "its disk failed"),
    Doubt(Sid(3, 4, 5), 1, 15, 12, 3, roots=False, done=True, fault="slot 7 does not add up", heard=False),
    Fetch(1, 4, (9, 11)),
    Fetched(1, 4, (9, 11)),
]


def one(data: bytes) -> Frame:
    """The only frame in `data`."""
    (got,) = FrameReader(1 << 20).feed(data)
    return got


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_back_as_it_went(message: Message) -> None:
    """The other unit's core hears exactly what this one's said."""
    got = one(lockstep.encode(message))
    assert lockstep.is_message(got.kind)
    assert lockstep.decode(got) == message


def test_entries_travel_as_they_are() -> None:
    """The tail is the log's own bytes, untouched."""
    got = one(lockstep.encode(MESSAGES[2], b"\x00\xffentries"))
    assert got.tail == b"\x00\xffentries"
    assert lockstep.decode(got) == MESSAGES[2]


def test_a_tail_where_none_belongs_is_refused() -> None:
    """Bytes behind an acknowledgement are nothing that a unit of ours sends."""
    with pytest.raises(FrameError, match="ACK came with 3 bytes"):
        lockstep.decode(Frame(Kind.ACK, one(lockstep.encode(MESSAGES[4])).head, b"abc"))


WRONG_RECORD = replace(RECORD, active=7)
NONSENSE: list[tuple[Message, str]] = [  # said, what is wrong with it
    (Open(SID, WRONG_RECORD, 12, b"h" * 16, False, 15, 0), "its record is none"),
    (Open(SID, RECORD, -1, b"h" * 16, False, 15, 0), "common_seq is -1"),
    (Append(SID, WRONG_RECORD, 1, 0, (), 0, 0, 0, 0, 0), "its record is none"),
    (Append(SID, RECORD, -5, 0, (), 0, 0, 0, 0, 0), "from_seq is -5"),
    (Ack(SID, 7, "bb", -1, b"d" * 16, 15, 3, 0), "seq is -1"),
]


@pytest.mark.parametrize(("message", "words"), NONSENSE)
def test_what_no_unit_says_is_refused_before_the_core_hears_it(message: Message, words: str) -> None:
    """It parses and is nonsense: the channel closes, the unit goes on."""
    with pytest.raises(FrameError, match=words):
        lockstep.decode(one(lockstep.encode(message)))


@given(st.sampled_from(sorted(lockstep._DECODERS)), st.binary(max_size=80))
def test_a_garbled_head_is_a_frame_error(kind: int, head: bytes) -> None:
    """Nothing but a message or a FrameError comes of random bytes."""
    with contextlib.suppress(FrameError):
        lockstep.decode(Frame(kind, head, b""))


EQUAL = {"state.request_keep_days": 35, "state.prune_per_entry": 4}
OURS = Handshake(cabinet="shop", unit=0, life=11, equal=EQUAL)
THEIRS = Handshake(cabinet="shop", unit=1, life=22, equal=EQUAL)
STRANGERS = [  # what calls, what is said
    (THEIRS, None),
    (msgspec.structs.replace(THEIRS, cabinet="bank"), "cabinet 'bank', this is 'shop'"),
    (msgspec.structs.replace(THEIRS, unit=0), "says that it is unit 0, and so are we"),
    (OURS, "back to this very unit"),  # ourselves, before any other complaint
    (
        msgspec.structs.replace(THEIRS, equal={**EQUAL, "state.request_keep_days": 70}),
        "state.request_keep_days is 35 on unit 0 and 70 on unit 1: both units' must be equal; give the unit",
    ),
    (msgspec.structs.replace(THEIRS, equal={"state.newer": 1}), None),  # units of two versions, in an upgrade
]


@pytest.mark.parametrize(("caller", "words"), STRANGERS)
def test_who_may_call(caller: Handshake, words: str | None) -> None:
    """A wrong cabinet, a wrong peer and ourselves are told apart, in words."""
    said = handshake.problem(OURS, handshake.decode(one(handshake.encode(caller))))
    assert said is None if words is None else said is not None and words in said


NO_HANDSHAKE = [  # frame, what the error says
    (one(lockstep.encode(MESSAGES[4])), "not a handshake"),
    (Frame(Kind.HANDSHAKE, b"\xc1", b""), "does not parse"),
    (one(handshake.encode(msgspec.structs.replace(THEIRS, magic=b"ssh"))), "not our magic"),
    (one(handshake.encode(msgspec.structs.replace(THEIRS, unit=2))), "unit 2"),
    (one(handshake.encode(msgspec.structs.replace(THEIRS, cabinet=""))), "which no cabinet has"),
]


@pytest.mark.parametrize(("got", "words"), NO_HANDSHAKE)
def test_what_is_no_handshake(got: Frame, words: str) -> None:
    """The first frame is a handshake or the caller is a stranger."""
    with pytest.raises(FrameError, match=words):
        handshake.decode(got)


def test_relayed_calls_and_answers_come_back_as_they_went() -> None:
    """A batch keeps its order and every byte."""
    items = [
        relay.Item(n, relay.Sort.COMMAND, 1, 16, 1, 4095, b"id%d" % n, b"anonymous", 5, 6, b"body")
        for n in range(3)
    ]
    answers = [
        relay.Answered(1, relay.Reply.ANSWERED, 9, 7, 8, 0, b"done"),
        relay.Answered(2, relay.Reply.REFUSED),
    ]
    assert relay.decode_items(one(relay.encode_items(items))) == items
    assert relay.decode_answers(one(relay.encode_answers(answers))) == answers
    assert relay.decode_serving(one(relay.encode_serving(True))) is True
    with pytest.raises(FrameError, match="RELAY does not parse"):
        relay.decode_items(Frame(Kind.RELAY, b"\x93\x01\x02\x03", b""))


def test_fields_may_be_added_later() -> None:
    """A head with a field this version does not know still parses: units are upgraded one at a time."""
    goodbye = Goodbye(0, 3, 7, "so long")
    fields = msgspec.to_builtins(goodbye) | {"of_a_later_version": 1}
    assert lockstep.decode(Frame(Kind.GOODBYE, msgspec.msgpack.encode(fields), b"")) == replace(goodbye)


NASTY_HEADS = [  # what msgspec raises beside its own errors, and where
    ("nested 100,000 deep", b"\x91" * 100_000),  # RecursionError
    ("text that is no UTF-8", b"\xa4\xff\xfe\xfd\xfc"),  # UnicodeDecodeError
    ("an array that ends too soon", b"\xdd\xff\xff\xff\xff"),
    ("nothing", b""),
]


@pytest.mark.parametrize("what", NASTY_HEADS, ids=lambda what: what[0])
@pytest.mark.parametrize(
    "kind", [kind for kind in Kind if kind is not Kind.SWITCHOVER], ids=lambda kind: kind.name
)
def test_nasty_heads_are_frame_errors(kind: Kind, what: tuple[str, bytes]) -> None:
    """A partner's nonsense closes the channel with a reason; it never ends this unit."""
    inside = msgspec.msgpack.encode([1, 2])[:1] + what[1]
    for head in (what[1], inside):
        got = Frame(kind, head, b"")
        with pytest.raises(FrameError):
            _decode_any(got)


def _decode_any(got: Frame) -> object:
    if lockstep.is_message(got.kind):
        return lockstep.decode(got)
    if got.kind == Kind.RELAY:
        return relay.decode_items(got)
    if got.kind == Kind.REPLIES:
        return relay.decode_answers(got)
    if got.kind == Kind.SERVING:
        return relay.decode_serving(got)
    return handshake.decode(got)


def test_a_hello_in_no_known_state_is_a_frame_error() -> None:
    """A unit of another version, or a liar: the channel closes and says which states there are."""
    (hello,) = [message for message in MESSAGES if isinstance(message, Hello)]
    with pytest.raises(FrameError, match="'LEADER', which is none of ACTIVE, BROKEN"):
        lockstep.decode(one(lockstep.encode(replace(hello, state="LEADER"))))
