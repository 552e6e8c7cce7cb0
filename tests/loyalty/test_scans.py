"""Reports over everything: each against what a look at every single lot says, and at its edges."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from loyalty.commands import Status
from loyalty.commands import scans as cmd
from loyalty.engine import keys, lots, records, scans
from loyalty.engine.calendar import print_day
from loyalty.engine.records import Usage
from loyalty.engine.scans import chunks as chunking
from loyalty.engine.scans import liability
from loyalty.outcomes import NEVER_MS, Balance, Code, Movement
from loyalty.outcomes.scans import (
    BirthdayRow,
    Chunk,
    EndingRow,
    LiabilityRow,
    MemberRow,
    StatementRow,
    UsageRow,
    WalletRow,
)
from tests.loyalty.kit import DAY_MS, NOON, DictState
from tests.loyalty.scan_kit import TENANT, TODAY, chunks, give, person, rows

ALL = cmd.ScanLiability(1, 0, 0)


# -------------------------------------------------------------------- liability


def test_liability_is_summed_over_slots_by_day_wallet_and_partner() -> None:
    """Numbers in the open; a window that ends at midnight ends on the day before it."""
    state = DictState()
    ann, bob = person(state, 0), person(state, 4095)
    midnight_ms = (TODAY + 1) * DAY_MS
    give(state, ann, 30, midnight_ms)
    give(state, bob, 12, midnight_ms)
    give(state, bob, 5, midnight_ms + 1)
    give(state, ann, 7, midnight_ms + 1, wallet=2, partner=9)
    give(state, ann, 1, NEVER_MS)
    give(state, bob, 100, midnight_ms - DAY_MS)  # yesterday: it lapsed
    tomorrow = print_day(TODAY + 1)
    assert rows(state, ALL, LiabilityRow) == [
        LiabilityRow(print_day(TODAY), 0, 0, 42),
        LiabilityRow(tomorrow, 0, 0, 5),
        LiabilityRow(tomorrow, 2, 9, 7),
        LiabilityRow(0, 0, 0, 1),
    ]
    past = cmd.ScanLiability(1, TODAY - 10, TODAY - 1)
    assert rows(state, past, LiabilityRow) == [LiabilityRow(print_day(TODAY - 1), 0, 0, 100)]


LOTS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 63, 64, 4095]),  # slot
        st.integers(0, 6) | st.just(-1),  # days until it ends; -1: never
        st.integers(0, 1),  # wallet
        st.integers(0, 2),  # partner
        st.integers(1, 1000),
    ),
    max_size=30,
)


@given(LOTS, st.integers(1, 6))
def test_liability_is_what_all_lots_come_to(
    given_lots: Sequence[tuple[int, int, int, int, int]], sums_at_once: int
) -> None:
    """However little memory there is: further rounds repeat nothing and leave nothing out."""
    state, sums = DictState(), dict[tuple[int, int, int], int]()
    ids = {slot: person(state, slot) for slot, *_ in given_lots}
    for slot, days, wallet, partner, points in given_lots:
        until_ms = NEVER_MS if days < 0 else NOON + days * DAY_MS
        give(state, ids[slot], points, until_ms, wallet=wallet, partner=partner)
        place = (lots.NEVER_DAY if days < 0 else TODAY + days, wallet, partner)
        sums[place] = sums.get(place, 0) + points
    decode = msgpack.Decoder(Chunk[LiabilityRow]).decode
    found = [row for text in liability.run(state, NOON, ALL, sums_at_once) for row in decode(text).rows]
    assert found == [
        LiabilityRow(0 if day == lots.NEVER_DAY else print_day(day), wallet, partner, points)
        for (day, wallet, partner), points in sorted(sums.items())
    ]


# -------------------------------------------------------------------- ending soon

ENDS = [  # until, from, purposed; whether it ends within two days
    (NOON, None, False, False),  # it has ended: the end is exclusive
    (NOON + 1, None, False, True),
    (NOON + 2 * DAY_MS, None, False, True),
    (NOON + 2 * DAY_MS + 1, None, False, False),
    (NOON + DAY_MS, NOON, False, True),
    (NOON + DAY_MS, NOON + 1, False, False),  # it has not begun
    (NOON + DAY_MS, None, True, True),
    (NOON, None, True, False),
    (NEVER_MS, None, False, False),
]


@pytest.mark.parametrize(("until_ms", "from_ms", "purposed", "listed"), ENDS)
def test_what_ends_soon(until_ms: int, from_ms: int | None, purposed: bool, listed: bool) -> None:
    state = DictState()
    ann = person(state, 7)
    begins = {} if from_ms is None else {"from_ms": from_ms}
    give(state, ann, 5, until_ms, purposed=purposed, **begins)
    give(state, ann, 9, NOON + 300 * DAY_MS)
    expected = [EndingRow(ann, 0, until_ms, 5, purposed)] if listed else []
    assert rows(state, cmd.ScanEndingSoon(1, 2), EndingRow) == expected


@given(LOTS, st.integers(1, 7))
def test_ending_soon_is_what_all_lots_come_to(
    given_lots: Sequence[tuple[int, int, int, int, int]], days: int
) -> None:
    """Of several priorities and wallets, those of one instant together; no index hides any."""
    state, sums = DictState(), dict[tuple[int, int, int], int]()
    ids = {slot: person(state, slot) for slot, *_ in given_lots}
    for slot, after, wallet, priority, points in given_lots:
        until_ms = NEVER_MS if after < 0 else NOON + after * DAY_MS
        give(state, ids[slot], points, until_ms, wallet=wallet, priority=priority)
        if 0 < after <= days:
            place = (ids[slot], wallet, until_ms)
            sums[place] = sums.get(place, 0) + points
    found = rows(state, cmd.ScanEndingSoon(1, days), EndingRow)
    assert found == [EndingRow(*place, points, False) for place, points in sorted(sums.items())]


# -------------------------------------------------------------------- birthdays

YEAR = [  # from, until; who of those below
    (314, 314, ["march"]),
    (101, 1231, ["eve", "leap", "march", "new year"]),
    (229, 313, ["leap"]),
    (1231, 101, ["eve", "new year"]),
    (1224, 1230, []),
]


@pytest.mark.parametrize(("first", "last", "who"), YEAR)
def test_birthdays(first: int, last: int, who: list[str]) -> None:
    """Both days included, over New Year too; a year may be missing; who was merged is not greeted twice."""
    state = DictState()
    names = {
        person(state, 1, 19900314): "march",
        person(state, 1, 20000229): "leap",
        person(state, 4095, 1231): "eve",
        person(state, 0, 19700101): "new year",
        person(state, 0, 19900314, Status.MERGED): "merged",
        person(state, 2): "untold",
    }
    found = rows(state, cmd.ScanBirthdays(1, first, last), BirthdayRow)
    assert sorted(names[row.member_id] for row in found) == sorted(who)
    assert all((row.language, row.consents) == ("de", ("sms",)) for row in found)


# -------------------------------------------------------------------- members, statements, usage


def test_members_have_their_balances_as_of_the_report() -> None:
    """Not as of when they were last touched: what ended and what began since is counted."""
    state = DictState()
    ann = person(state, 3, 314, phone="+886912345678")
    person(state, 3, status=Status.BLOCKED)
    give(state, ann, 100, NOON)
    give(state, ann, 20, NOON + 1)
    give(state, ann, 3, NEVER_MS, from_ms=NOON)
    give(state, ann, 4, NEVER_MS, from_ms=NOON + 1)
    give(state, ann, 50, NEVER_MS, wallet=2)
    first, second = rows(state, cmd.ScanMembers(1), MemberRow)
    assert (first.member_id, first.phone, first.birthday) == (ann, "+886912345678", 314)
    assert first.wallets == (
        WalletRow(0, Balance(23, 23, 4, 0)),
        WalletRow(2, Balance(50, 50, 0, 0)),
    )
    assert (second.member_id, second.status, second.wallets) == (ann + 1, Status.BLOCKED, ())


def test_statements_come_whole_and_newest_first() -> None:
    """Two movements of one entry too."""
    state = DictState()
    ann, bob = person(state, 3), person(state, 4)
    for member_id, seq, number in ((ann, 5, 0), (ann, 7, 0), (ann, 7, 1), (bob, 6, 0)):
        item = records.Item(NOON, Movement.ENROL, None, None, seq, (), b"till-3")
        state.put(keys.item(TENANT, member_id, seq, number), records.encode(item))
    found = rows(state, cmd.ScanStatements(1), StatementRow)
    assert [(row.member_id, row.item.seq) for row in found] == [(ann, 7), (ann, 7), (ann, 5), (bob, 6)]


@pytest.mark.parametrize("pairs", [1, 2, 3, 6, 7])
def test_a_long_range_is_read_page_by_page(pairs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is lost and none comes twice where a page ends."""
    monkeypatch.setattr(chunking, "PAGE_PAIRS", pairs)
    state = DictState()
    ann = person(state, 3)
    for days in range(6):
        give(state, ann, days + 1, NOON + days * DAY_MS)
    assert [row.points for row in rows(state, ALL, LiabilityRow)] == [1, 2, 3, 4, 5, 6]


def test_a_hold_that_ran_out_has_given_nothing() -> None:
    """Also when nobody has looked at its promotion since."""
    state = DictState()
    partner = records.Partner(3, "Nordkap", 0, 0)
    state.put(keys.partner(TENANT, 9), records.encode(partner))
    state.put(keys.used(TENANT, keys.OF_FUNDER, 9), records.encode(Usage(5, 500, 50)))
    for at, until_ms in enumerate((NOON, NOON + 1)):
        key = keys.reserved(TENANT, keys.OF_FUNDER, 9, until_ms) + bytes([at]) * 20
        state.put(key, records.encode(Usage(1, 100, 10)))
    assert rows(state, cmd.ScanUsage(1), UsageRow) == [UsageRow(0, 9, "Nordkap", 3, False, 4, 400, 40)]


# -------------------------------------------------------------------- chunks


@pytest.mark.parametrize("kind", [cmd.ScanMembers, cmd.ScanStatements])
def test_parts_come_to_the_whole(kind: Any) -> None:
    """A report that was cut short goes on where it was."""
    state = DictState()
    for slot in (0, 1, 63, 64, 2000, 4095):
        member_id = person(state, slot)
        item = records.Item(NOON, Movement.ENROL, None, None, slot, (), b"till-3")
        state.put(keys.item(TENANT, member_id, 5, 0), records.encode(item))
    whole = [row for chunk in chunks(state, kind(1)) for row in chunk.rows]
    assert len(whole) == 6
    for cut in (0, 63, 64, 4094):
        parts = [chunks(state, kind(1, 0, cut)), chunks(state, kind(1, cut + 1, 4095))]
        assert [row for part in parts for chunk in part for row in chunk.rows] == whole
        assert [part[-1].slots_done for part in parts] == [cut + 1, 4095 - cut]


def test_a_long_report_comes_in_small_chunks_and_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk is as large as its limit and one row; slots without anybody are told of too."""
    monkeypatch.setattr(chunking, "CHUNK_BYTES", 500)
    state = DictState()
    for slot in [5] * 40 + [700]:
        person(state, slot, phone="+" + "9" * 14)
    found = chunks(state, cmd.ScanMembers(1))
    assert sum(len(chunk.rows) for chunk in found) == 41
    assert all(len(msgpack.encode(chunk.rows)) < 600 for chunk in found)
    assert [chunk.slots_done for chunk in found] == sorted(chunk.slots_done for chunk in found)
    assert len({chunk.slots_done for chunk in found}) >= 4096 // chunking.SLOTS_PER_CHUNK
    assert {chunk.slots_total for chunk in found} == {4096}


NONSENSE: list[tuple[Any, Code]] = [
    (cmd.ScanLiability(2, 0, 0), Code.PROGRAMME_UNKNOWN),
    (cmd.ScanLiability(-1, 0, 0), Code.PROGRAMME_UNKNOWN),
    (cmd.ScanMembers(2**40), Code.PROGRAMME_UNKNOWN),
    ("no scan", Code.MALFORMED),
]


@pytest.mark.parametrize(("scan", "code"), NONSENSE)
def test_a_report_that_cannot_be_says_why(scan: Any, code: Code) -> None:
    """In one chunk."""
    (chunk,) = chunks(DictState(), scan)
    assert chunk.rejected is not None
    assert chunk.rejected.code is code


ABSURD: list[Any] = [
    cmd.ScanLiability(1, -5, -(2**60)),
    cmd.ScanLiability(1, 2**60, 2**62),
    cmd.ScanEndingSoon(1, 2**60, -7, 2**40),
    cmd.ScanEndingSoon(1, -3, 9, 3),
    cmd.ScanBirthdays(1, -1, 2**50),
    cmd.ScanMembers(1, 5000, 9000),
]


@pytest.mark.parametrize("scan", ABSURD)
def test_absurd_numbers_end_in_an_answer(scan: Any) -> None:
    """A generator that raised would be a bug of ours to whoever asked."""
    state = DictState()
    give(state, person(state, 5, 314), 5, NOON + DAY_MS)
    assert list(scans.run(state, NOON, msgpack.encode(scan)))
