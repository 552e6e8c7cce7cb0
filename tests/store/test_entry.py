"""Entries: what goes in comes out; what was touched by a single bit does not; nonsense is told clearly."""

import random
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftnode.store import entry_forms
from ftnode.store.entry import (
    BODY_MAX_BYTES,
    ENTRY_MIN_BYTES,
    GENESIS_HASH,
    Entry,
    EntryFaultError,
    EntryLimitError,
    NewerEntryError,
    Run,
    check_run,
    cut_run,
    decode,
    decode_run,
    encode,
    encode_run,
    reads,
    written_by,
)

ANN = Entry(
    seq=7,
    epoch=3,
    time_ms=1_760_000_000_000,
    chance=2**64 - 1,
    engine_version=2,
    kind=16,
    tenant=9,
    slot=4095,
    request_id=b"till-7:00000001",
    actor=b"anonymous",
    client_ms=-1,  # a till whose clock stands before 1970
    seen_ms=1_759_999_999_000,
    body=b"\x93\x01\x02\x03",
)

entries = st.builds(
    Entry,
    seq=st.just(1),
    epoch=st.integers(0, 2**64 - 1),
    time_ms=st.integers(-(2**63), 2**63 - 1),
    chance=st.integers(0, 2**64 - 1),
    engine_version=st.integers(0, 65535),
    kind=st.integers(0, 65535),
    tenant=st.integers(0, 65535),
    slot=st.integers(0, 4095),
    request_id=st.binary(max_size=64),
    actor=st.binary(max_size=128),
    client_ms=st.integers(-(2**63), 2**63 - 1),
    seen_ms=st.integers(-(2**63), 2**63 - 1),
    body=st.binary(max_size=300),
)


def test_golden_bytes() -> None:
    """The format on disk and on the link is this one. Changing it needs a new format number."""
    data, entry_hash = encode(GENESIS_HASH, ANN)
    assert data.hex() == (
        "6c000000" "01" "0f" "09" "00"  # length, format, lengths of request id and actor
        "0700000000000000" "0300000000000000" "00c02cc899010000" "ffffffffffffffff"
        "ffffffffffffffff" "18bc2cc899010000" "0200" "1000" "0900" "ff0f"
        "74696c6c2d373a3030303030303031" "616e6f6e796d6f7573" "93010203"
        + entry_hash.hex()
    )  # fmt: skip
    assert entry_hash.hex() == "1cec7f592b1eb375a71af1ee9d4276da"


@given(st.lists(entries, min_size=1, max_size=6), st.binary(min_size=16, max_size=16))
@settings(max_examples=60)
def test_what_goes_in_comes_out(drafts: list[Entry], prev_hash: bytes) -> None:
    """Single entries and runs are the same bytes, read back whole, with the same hashes."""
    drafts.sort(key=lambda entry: entry.epoch)
    numbered = [msgspec.structs.replace(entry, seq=5 + at) for at, entry in enumerate(drafts)]
    run, hashes = encode_run(prev_hash, numbered)
    assert decode_run(prev_hash, 5, run.data) == (run, numbered, hashes)
    assert check_run(prev_hash, 5, run.data) == run
    at, chained = 0, prev_hash
    for entry, entry_hash in zip(numbered, hashes, strict=True):
        assert encode(chained, entry) == (run.data[at : at + len(encode(chained, entry)[0])], entry_hash)
        found, chained, at = decode(chained, run.data, at)
        assert (found, chained) == (entry, entry_hash)
    assert at == len(run.data)


@given(st.data())
@settings(max_examples=100)
def test_no_bit_may_change(data: st.DataObject) -> None:
    """Flip any bit, or cut anywhere: an EntryFaultError, never another exception, never another entry."""
    run, _ = encode_run(GENESIS_HASH, [msgspec.structs.replace(ANN, seq=at) for at in (1, 2, 3)])
    bad = bytearray(run.data)
    if data.draw(st.booleans()):
        bit = data.draw(st.integers(0, len(bad) * 8 - 1))
        bad[bit // 8] ^= 1 << bit % 8
    else:
        del bad[data.draw(st.integers(1, len(bad) - 1)) :]
        if len(bad) % (len(run.data) // 3) == 0:
            bad.append(0)  # a cut between entries is a shorter run; one byte more is not
    for read in (decode_run, check_run):
        with pytest.raises(EntryFaultError):
            read(GENESIS_HASH, 1, bytes(bad))


@given(st.binary(max_size=400))
def test_garbage_is_a_clear_fault(garbage: bytes) -> None:
    """Whatever a peer sends or a disk holds."""
    for read in (decode_run, check_run):
        with pytest.raises(EntryFaultError):
            read(GENESIS_HASH, 1, garbage)


def _signed(**changes: int) -> bytes:
    """An entry whose hash is right although a header byte is not: only a bug or an enemy writes it."""
    from hashlib import blake2b

    raw = bytearray(encode(GENESIS_HASH, ANN)[0])
    for at, value in changes.items():
        raw[int(at[1:])] = value
    text = bytes(raw[:-16])
    return text + blake2b(GENESIS_HASH + text, digest_size=16).digest()


@dataclass
class _Case:
    data: bytes
    says: str


WHOLE = encode(GENESIS_HASH, ANN)[0]
FAULTS = {
    "nothing": _Case(b"", "no entry where seq 7 was due"),
    "one byte short of the least": _Case(WHOLE[: ENTRY_MIN_BYTES - 1], "79 bytes left"),
    "ends in the middle": _Case(WHOLE[:-1], "ends at 108, the data at 107"),
    "NULs, as ext4 leaves them": _Case(bytes(4096), "format 0"),
    "nonsense where the format stands": _Case(WHOLE[:4] + b"\2" + WHOLE[5:], "format 2 with a bad hash"),
    "longer than any entry": _Case(_signed(b3=1), "want at most"),
    "shorter than its own strings": _Case(_signed(b0=80), "want at most"),
    "another seq": _Case(_signed(b8=8), "seq 8 at byte 0 where 7 was due"),
    "a rotten body": _Case(WHOLE[:90] + b"?" + WHOLE[91:], "bad hash"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_say_what_and_where(name: str) -> None:
    """One row per reason."""
    case = FAULTS[name]
    for read in (decode_run, check_run):
        with pytest.raises(EntryFaultError, match=case.says):
            read(GENESIS_HASH, 7, case.data)


class _Second:
    """Another format: the number, then everything in msgpack."""

    number = 2

    def text(self, entry: Entry) -> bytes:
        body = msgspec.msgpack.encode(msgspec.structs.astuple(entry))
        return (len(body) + 5 + 16).to_bytes(4, "little") + b"\2" + body

    def place(self, data: bytes, at: int) -> tuple[int, int]:
        end = at + int.from_bytes(data[at : at + 4], "little")
        entry = self.read(data, at, end)
        return entry.seq, entry.epoch

    def read(self, data: bytes, at: int, end: int) -> Entry:
        return Entry(*msgspec.msgpack.decode(data[at + 5 : end - 16], type=tuple[Any, ...]))


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program whose engine version 3 writes format 2."""
    monkeypatch.setitem(entry_forms.FORMS, 2, _Second())
    monkeypatch.setitem(entry_forms.WRITTEN, 3, _Second())


def _mixed_run() -> tuple[Run, list[Entry], list[bytes]]:
    """Two entries of version 2, three of version 3, the last one small."""
    numbered = [msgspec.structs.replace(ANN, seq=at, engine_version=2 + (at > 2)) for at in (1, 2, 3, 4)]
    numbered.append(Entry(5, 3, ANN.time_ms, 0, 3, 0))
    run, hashes = encode_run(GENESIS_HASH, numbered)
    return run, numbered, hashes


@pytest.mark.usefixtures("second")
def test_a_log_of_two_formats_is_one_chain() -> None:
    """The engine version decides the format; every way to read a run reads both, and no other bit."""
    run, numbered, hashes = _mixed_run()
    assert decode_run(GENESIS_HASH, 1, run.data) == (run, numbered, hashes)
    assert check_run(GENESIS_HASH, 1, run.data) == run
    assert cut_run(run, 3, 5) == encode_run(hashes[1], numbered[2:])[0]
    assert (reads(), written_by(2), written_by(3)) == ((1, 2), 1, 2)
    for bit in range(0, len(run.data) * 8, 13):
        bad = bytearray(run.data)
        bad[bit // 8] ^= 1 << bit % 8
        with pytest.raises(EntryFaultError):
            decode_run(GENESIS_HASH, 1, bytes(bad))
    with pytest.raises(EntryLimitError, match="slot is 4096"):
        encode(GENESIS_HASH, msgspec.structs.replace(ANN, engine_version=3, slot=4096))


def test_an_entry_of_a_newer_program_is_not_rot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that does not have the format tells it from rot by the chain, and says what to start."""
    with monkeypatch.context() as newer:
        newer.setitem(entry_forms.FORMS, 2, _Second())
        newer.setitem(entry_forms.WRITTEN, 3, _Second())
        run, _, _ = _mixed_run()
    for read in (decode_run, check_run):
        with pytest.raises(NewerEntryError, match="of format 2; this program reads 1: start the program"):
            read(GENESIS_HASH, 1, run.data)
        with pytest.raises(EntryFaultError, match="format 2 with a bad hash"):
            read(GENESIS_HASH, 1, run.data[:240] + b"?" + run.data[241:])
        with pytest.raises(EntryFaultError, match="want format 1"):
            read(GENESIS_HASH, 1, run.data[: 2 * len(WHOLE) + ENTRY_MIN_BYTES])


def test_another_predecessor_is_refused() -> None:
    """The chain: the same bytes after another entry are no successor."""
    with pytest.raises(EntryFaultError, match="successor"):
        decode(b"another entry's.", WHOLE)


LIMITS: list[tuple[dict[str, Any], str]] = [
    ({"request_id": bytes(65)}, "request_id has 65 bytes; want at most 64"),
    ({"actor": bytes(129)}, "actor has 129 bytes; want at most 128"),
    ({"body": bytes(BODY_MAX_BYTES + 1)}, "body has 1048577 bytes"),
    ({"seq": 0}, "seq is 0; want 1.."),
    ({"chance": 2**64}, "chance is"),
    ({"time_ms": 2**63}, "time_ms is"),
    ({"kind": 65536}, "kind is 65536; want 0..65535"),
    ({"slot": 4096}, "slot is 4096; want 0..4095"),
    ({"epoch": -1}, "epoch is -1"),
]


@pytest.mark.parametrize(("change", "says"), LIMITS)
def test_limits_are_named(change: dict[str, Any], says: str) -> None:
    """What does not fit is refused with the field and the range, not with an error of struct."""
    with pytest.raises(EntryLimitError, match=says):
        encode(GENESIS_HASH, msgspec.structs.replace(ANN, **change))


def test_limits_themselves_fit() -> None:
    """The largest entry there may be, there and back."""
    big = msgspec.structs.replace(ANN, request_id=bytes(64), actor=bytes(128), body=bytes(BODY_MAX_BYTES))
    assert decode(GENESIS_HASH, encode(GENESIS_HASH, big)[0])[0] == big


def test_a_run_has_no_gap() -> None:
    """Seqs follow each other."""
    with pytest.raises(EntryLimitError, match="seq 9 in a run where 8 was due"):
        encode_run(GENESIS_HASH, [ANN, msgspec.structs.replace(ANN, seq=9)])
    with pytest.raises(EntryLimitError, match="no entries"):
        encode_run(GENESIS_HASH, [])
    with pytest.raises(EntryLimitError, match="epoch 2 at seq 8 after 3"):
        encode_run(GENESIS_HASH, [ANN, msgspec.structs.replace(ANN, seq=8, epoch=2)])


def test_ends_of_epochs_and_parts_of_a_run() -> None:
    """A run knows where epochs end in it, and every part of it is a run of its own."""
    rng = random.Random(1)
    epochs = [3, 3, 4, 7, 7]
    numbered = [
        msgspec.structs.replace(ANN, seq=10 + at, epoch=epoch, body=rng.randbytes(rng.randrange(40)))
        for at, epoch in enumerate(epochs)
    ]
    run, hashes = encode_run(GENESIS_HASH, numbered)
    assert run.ends == ((3, 11), (4, 12), (7, 14))
    for low in range(5):
        for high in range(low, 5):
            prev_hash = hashes[low - 1] if low else GENESIS_HASH
            part = cut_run(run, 10 + low, 10 + high)
            assert part == encode_run(prev_hash, numbered[low : high + 1])[0]
