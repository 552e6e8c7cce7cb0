"""After a miscompare the report names the place: a slot, or the first differing read, result or write."""

import pytest

from ftnode.machine.arbitration import (
    EVIDENCE_MAX_BYTES,
    Evidence,
    Trace,
    difference_between,
    first_difference,
    packed_evidence,
    trace,
    unsound_slots,
)
from ftnode.store.state_dict import DictMedium, DictStateStore
from tests.machine.log import chained, checkpoint, entry, opened, run
from tests.machines import Bank, Counter, Register, body

LOG = chained(
    [entry(seq, body("transfer", seq, seq + 1, 10), request_id=b"id %d" % seq) for seq in range(1, 9)]
)


def stored(to_seq: int) -> DictMedium:
    """A disk with a checkpoint of LOG at `to_seq`."""
    medium = DictMedium()
    executor = opened(DictStateStore(medium), Bank())
    run(executor, LOG[:to_seq])
    executor.compared(to_seq)
    checkpoint(executor)
    return medium


def test_a_trace_is_what_the_entry_did() -> None:
    """Reads in their order, writes in key order with the runtime's own, digests around it."""
    shown = trace(DictStateStore(stored(4)), [Bank()], LOG[4:6])
    straight = opened(DictStateStore(DictMedium()), Bank())
    run(straight, LOG[:6])
    assert (shown.seq, shown.digest_before, shown.digest) == (6, straight.digest_at(5), straight.digest)
    assert [value for _, value in shown.reads] == [(1010).to_bytes(8, "big"), None]  # accounts 6 and 7
    writes = straight.writes_of(6)
    assert writes is not None
    assert shown.writes == sorted(writes.items())
    assert first_difference(shown, trace(DictStateStore(stored(2)), [Bank()], LOG[2:6])) == ""


def test_a_changed_value_is_found_as_a_read() -> None:
    """One unit's account 6 holds something else than the checkpoint's root says."""
    medium = stored(5)
    name = Bank()._account(6)
    medium.pairs[name] = (2000).to_bytes(8, "big")
    broken, sound = (trace(DictStateStore(disk), [Bank()], LOG[5:6]) for disk in (medium, stored(5)))
    said = first_difference(sound, broken)
    assert said == f"read 1: ours {name.hex()} = {1010:016x}, theirs {name.hex()} = {2000:016x}"
    slot = name[0] << 8 | name[1]
    answers = dict(unsound_slots(DictStateStore(medium), [slot - 1, slot, slot + 1]))
    assert answers == {slot - 1: False, slot: True, slot + 1: False}


def test_a_rotten_slot_is_unsound() -> None:
    """It need not even be readable."""
    medium = stored(5)
    name = Bank()._account(6)
    medium.rot(name)
    slot = name[0] << 8 | name[1]
    assert dict(unsound_slots(DictStateStore(medium), [slot])) == {slot: True}


def test_ticks_and_scans_are_traced() -> None:
    """A scan counts as the pairs it gave."""
    log = chained([entry(1, body("later", 0, 5)), entry(2, kind=1)])
    shown = trace(DictStateStore(DictMedium()), [Counter()], log)
    assert [len(value or b"") for _, value in shown.reads] == [0, 8]
    assert (shown.writes[0][1], len(shown.writes)) == ((5).to_bytes(8, "big"), 2)
    assert trace(DictStateStore(DictMedium()), [Register()], log[:1]).reads == []


BASE = Trace(7, b"h", b"b", b"d", b"\0ok", [(b"k", b"1"), (b"l", None)], [(b"k", b"2")])
LONG = b"x" * 100
DIFFERENCES = [  # the other unit's trace, what is said; in the order in which they are looked for
    (BASE, ""),
    (Trace(8, b"i", b"c", b"e", b"", [], []), "seq: ours 7, theirs 8"),
    (Trace(7, b"i", b"c", b"e", b"", [], []), "entry_hash: ours 68, theirs 69"),
    (Trace(7, b"h", b"c", b"e", b"", [], []), "digest_before: ours 62, theirs 63"),
    (Trace(7, b"h", b"b", b"e", b"", [(b"k", None)], []), "read 1: ours 6b = 31, theirs 6b = nothing"),
    (Trace(7, b"h", b"b", b"e", b"", BASE.reads[:1], []), "read 2: ours 6c = nothing, theirs no more"),
    (Trace(7, b"h", b"b", b"e", b"\0no", BASE.reads, []), "result: ours 006f6b, theirs 006e6f"),
    (
        Trace(7, b"h", b"b", b"e", b"\0ok", BASE.reads, [(b"k", LONG)]),
        f"write 1: ours 6b = 32, theirs 6b = {'78' * 64}... (100 bytes)",
    ),
    (Trace(7, b"h", b"b", b"e", b"\0ok", BASE.reads, []), "write 1: ours 6b = 32, theirs no more"),
    (
        Trace(7, b"h", b"b", b"e", b"\0ok", BASE.reads, BASE.writes),
        "digest over equal parts: ours 64, theirs 65",
    ),
]


@pytest.mark.parametrize(("theirs", "says"), DIFFERENCES)
def test_first_difference(theirs: Trace, says: str) -> None:
    """Causes before effects: what it was given, what it read, what it answered, what it wrote."""
    assert first_difference(BASE, theirs).startswith(says)
    assert bool(first_difference(BASE, theirs)) == bool(says)


def evidence(*traces: Trace) -> bytes:
    gathered = Evidence()
    for one in traces:
        gathered.add(one)
    return packed_evidence(gathered)


def long(seq: int, digest: bytes) -> Trace:
    """An entry that read more than fits."""
    return Trace(seq, b"h", b"b", digest, b"", [(b"k", b"x" * EVIDENCE_MAX_BYTES)], [])


SAID = [  # ours, theirs, what is said
    ([BASE], [BASE], "no entry of which both units tell gave two digests"),
    ([BASE], [Trace(8, b"i", b"c", b"e", b"", [], [])], "no entry of which both units tell gave two digests"),
    (
        [BASE, long(8, b"1")],
        [BASE, long(8, b"2")],
        "entry 8 is the first that gave two digests; what it did is too long to be sent",
    ),
    (
        [Trace(6, b"h", b"b", b"b", b"", [], []), BASE],
        [Trace(6, b"h", b"b", b"b", b"", [], []), Trace(7, b"h", b"b", b"e", b"\0no", BASE.reads, [])],
        "entry 7: result: ours 006f6b, theirs 006e6f",
    ),
]


@pytest.mark.parametrize(("ours", "theirs", "what"), SAID)
def test_evidence_names_the_first_entry_that_differs(
    ours: list[Trace], theirs: list[Trace], what: str
) -> None:
    """The first of those that both tell of, though not all of it could be sent."""
    assert difference_between(evidence(*ours), evidence(*theirs)) == what


def test_evidence_is_bounded() -> None:
    """However many entries are in doubt, and however much they did."""
    many = [Trace(seq, b"h" * 16, b"b" * 16, b"d" * 16, b"r" * 100, [], []) for seq in range(1, 3000)]
    told = evidence(*many)
    assert len(told) <= EVIDENCE_MAX_BYTES
    other = [Trace(seq, b"h" * 16, b"b" * 16, b"e" * 16, b"r" * 100, [], []) for seq in range(900, 3000)]
    assert difference_between(told, evidence(*other)).startswith("entry 900 is the first")
    assert len(evidence(long(1, b"1"), *many[1:])) <= EVIDENCE_MAX_BYTES
