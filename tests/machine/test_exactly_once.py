"""Every request runs once, whatever is sent how often and however late."""

import pytest

from ftnode.machine.executor import DAY_MS, REQUEST_KEEP_MS
from ftnode.machine.kinds import ABANDONED, AHEAD, EXECUTED, REUSED, TOO_OLD, Kind, Verdict, split
from ftnode.machine.requests import PRUNE_PER_ENTRY, record_key
from ftnode.store.entry import Entry
from tests.machine.log import NOON_MS, blank, chained, entry, run
from tests.machines import Counter, body, outcome

ID = b"request-1"
ADD, ADD_TWO = body("add", 1), body("add", 2)
ONE = EXECUTED + body("is", 1)
TWO = EXECUTED + body("is", 2)
LAST_MS = NOON_MS + REQUEST_KEEP_MS  # the last moment at which something of NOON_MS is remembered

CASES = [  # the second entry (the first: `add 1` with ID, at noon, by till-1, seen noon), its result
    # the same command again
    (entry(2, ADD, request_id=ID), ONE),
    (entry(2, ADD, request_id=ID, time_ms=LAST_MS - 1), ONE),
    (entry(2, ADD, request_id=ID, time_ms=LAST_MS), ONE),  # 35 days to the millisecond: still known
    (
        entry(2, ADD, request_id=ID, time_ms=LAST_MS + 1),
        TOO_OLD,
    ),  # not known, but the client's word is as old
    # a client whose word is older than its command's record still gets the outcome
    (entry(2, ADD, request_id=ID, time_ms=LAST_MS, seen_ms=NOON_MS - DAY_MS), ONE),
    (entry(2, ADD, request_id=ID, time_ms=LAST_MS, seen_ms=0), ONE),
    # another command under the same id
    (entry(2, ADD_TWO, request_id=ID), REUSED),
    (entry(2, ADD, request_id=ID, tenant=2), REUSED),
    (entry(2, ADD, request_id=ID, kind=17), REUSED),
    (entry(2, ADD_TWO, request_id=ID, time_ms=LAST_MS), REUSED),
    (entry(2, ADD_TWO, request_id=ID, time_ms=LAST_MS + 1), TOO_OLD),
    # the id is free again after the window, for a client that has seen something since
    (entry(2, ADD, request_id=ID, time_ms=LAST_MS + 1, seen_ms=NOON_MS + 1), TWO),
    # not the same id: another actor, another id, or no id at all
    (entry(2, ADD, request_id=ID, actor=b"till-2"), TWO),
    (entry(2, ADD, request_id=b"request-2"), TWO),
    (entry(2, ADD), TWO),
    (entry(2, ADD, request_id=b"-1" + ID, actor=b"till"), TWO),  # actor and id put together are equal
    # the client's word alone
    (entry(2, ADD, request_id=b"new", seen_ms=NOON_MS - REQUEST_KEEP_MS), TWO),
    (entry(2, ADD, request_id=b"new", seen_ms=NOON_MS - REQUEST_KEEP_MS - 1), TOO_OLD),
    (entry(2, ADD, request_id=b"new", seen_ms=0), TOO_OLD),  # has never seen an answer: may be any age
    # abandoning what was executed answers its outcome
    (entry(2, b"", request_id=ID, kind=Kind.ABANDON), ONE),
    (entry(2, b"", request_id=b"new", kind=Kind.ABANDON), ABANDONED),
    (entry(2, b"", request_id=b"new", kind=Kind.ABANDON, seen_ms=0), TOO_OLD),
    # while the record is there at all; then nothing can be told by the command's own word
    (entry(2, b"", request_id=ID, kind=Kind.ABANDON, time_ms=LAST_MS + 1), ONE),
    (entry(2, b"", request_id=ID, kind=Kind.ABANDON, time_ms=LAST_MS + DAY_MS, seen_ms=0), ONE),
    (entry(2, b"", request_id=ID, kind=Kind.ABANDON, time_ms=LAST_MS + DAY_MS, seen_ms=LAST_MS), ONE),
    # nobody has seen what is yet to come: his word would never be too old
    (entry(2, ADD, request_id=b"new", seen_ms=NOON_MS + 1), AHEAD),
    (entry(2, b"", request_id=b"new", kind=Kind.ABANDON, seen_ms=NOON_MS + 1), AHEAD),
    (entry(2, ADD, request_id=ID, seen_ms=NOON_MS + 1), ONE),  # what is recorded can be told to anybody
    (entry(2, ADD, request_id=ID, time_ms=LAST_MS + 1, seen_ms=LAST_MS + 2), AHEAD),
]


@pytest.mark.parametrize(("second", "result"), CASES)
def test_second_entry(second: Entry, result: bytes) -> None:
    """What comes of an entry after `add 1`; only an executed one changes the sum."""
    executor = blank()
    assert run(executor, chained([entry(1, ADD, request_id=ID), second])) == [ONE, result]
    total = outcome(executor.query(body("read")))[1]
    assert total == (2 if result == TWO else 1)


ABANDON_CASES = [  # what follows an abandoned id, what comes of it
    (entry(2, ADD, request_id=ID), ABANDONED),  # the command itself, late from a relay
    (entry(2, ADD_TWO, request_id=ID), ABANDONED),  # whatever its body
    (entry(2, b"", request_id=ID, kind=Kind.ABANDON), ABANDONED),  # again
    (entry(2, ADD, request_id=ID, time_ms=LAST_MS), ABANDONED),
    (entry(2, ADD, request_id=ID, time_ms=LAST_MS + 1), TOO_OLD),  # never executed, though forgotten
    (entry(2, ADD, request_id=ID, actor=b"till-2"), EXECUTED + body("is", 1)),  # another's id
]


@pytest.mark.parametrize(("second", "result"), ABANDON_CASES)
def test_after_abandon(second: Entry, result: bytes) -> None:
    """An abandoned id will never be executed."""
    abandon = entry(1, b"", request_id=ID, kind=Kind.ABANDON)
    assert run(blank(), chained([abandon, second])) == [ABANDONED, result]


def test_a_repeated_command_names_the_entry_that_did_it() -> None:
    """Whoever asks twice is told one place in the log; later entries name their own again."""
    executor = blank()
    seqs = []
    for one in chained(
        [entry(1, ADD, request_id=ID), entry(2, ADD), entry(3, ADD, request_id=ID), entry(4, ADD)]
    ):
        executor.execute(*one)
        seqs.append(executor.answer_seq)
    assert seqs == [1, 2, 1, 4]


def test_the_outcome_can_be_asked_for() -> None:
    """`find_request` tells what came of it, for as long as it is kept, to its own actor only."""
    executor = blank()
    assert executor.find_request(b"till-1", ID) is None  # not so far
    run(executor, chained([entry(1, ADD, request_id=ID)]))
    found = executor.find_request(b"till-1", ID)
    assert found is not None
    assert (found.seq, found.time_ms, found.result) == (1, NOON_MS, ONE)
    assert split(found.result) == (Verdict.EXECUTED, body("is", 1))
    assert executor.find_request(b"till-2", ID) is None
    run(executor, chained([entry(2, time_ms=LAST_MS)]))
    assert executor.find_request(b"till-1", ID) == found
    run(executor, chained([entry(3, time_ms=LAST_MS + 1)]))
    assert executor.find_request(b"till-1", ID) is None


def test_a_repeated_outcome_is_told_with_the_place_of_the_first() -> None:
    """`answer_seq` is the entry that did it, for this result only."""
    executor = blank()
    told = []
    for one in (
        entry(1, ADD, request_id=ID),
        entry(2, ADD, request_id=ID),  # the same again
        entry(3, ADD_TWO, request_id=ID),  # refused: nobody's outcome
        entry(4, b"", request_id=ID, kind=Kind.ABANDON),
        entry(5, ADD, request_id=b"other"),
    ):
        run(executor, chained([one]))
        told.append(executor.answer_seq)
    assert told == [1, 1, 3, 1, 5]


def test_refusals_are_not_recorded() -> None:
    """TOO_OLD and REUSED leave no record: they do not take an id, nor renew one."""
    executor = blank()
    late = entry(1, ADD, request_id=ID, seen_ms=0)
    assert run(executor, chained([late])) == [TOO_OLD]
    assert executor.find_request(b"till-1", ID) is None
    run(executor, chained([entry(2, ADD, request_id=ID), entry(3, ADD_TWO, request_id=ID)]))
    found = executor.find_request(b"till-1", ID)
    assert found is not None
    assert found.seq == 2


def ids_in_one_slot(count: int) -> list[bytes]:
    """Request ids whose records lie in the same slot."""
    wanted, number = record_key(b"till-1", b"id 0")[:2], 0
    found: list[bytes] = []
    while len(found) < count:
        request_id = b"id %d" % number
        if record_key(b"till-1", request_id)[:2] == wanted:
            found.append(request_id)
        number += 1
    return found


def test_ended_records_are_removed_a_few_at_a_time() -> None:
    """A new record takes at most so many ended ones of its slot away; nothing is left in the end."""
    executor = blank(keep_ms=1000)
    ids = ids_in_one_slot(42)
    early = [entry(n + 1, ADD, request_id=name) for n, name in enumerate(ids[:40])]
    run(executor, chained(early))
    late = [
        entry(seq, ADD, request_id=name, time_ms=NOON_MS + 2000 + seq, seen_ms=NOON_MS + 2000)
        for seq, name in ((41, ids[40]), (42, ids[41]))
    ]
    run(executor, chained(late))
    for seq in (41, 42):
        writes = executor.writes_of(seq)
        assert writes is not None
        assert sum(value is None for value in writes.values()) == 2 * PRUNE_PER_ENTRY
    tick = entry(
        43,
        kind=Kind.TICK,
        time_ms=NOON_MS + 2100,
        chance=int.from_bytes(record_key(b"till-1", ids[0])[:2], "big"),
    )
    run(executor, chained([tick]))
    writes = executor.writes_of(43)
    assert writes is not None
    assert sum(value is None for value in writes.values()) == 2 * (40 - 2 * PRUNE_PER_ENTRY)
    assert executor.find_request(b"till-1", ids[41]) is not None


def test_an_abandon_never_says_never_of_what_was_executed() -> None:
    """With the command's own word: its outcome while the record is there, then that nobody can tell."""
    executor = blank(keep_ms=1000)
    ids = ids_in_one_slot(2)
    run(executor, chained([entry(1, ADD, request_id=ids[0])]))

    def late(seq: int, time_ms: int) -> Entry:
        return entry(
            seq, b"", request_id=ids[0], kind=Kind.ABANDON, time_ms=NOON_MS + time_ms, seen_ms=NOON_MS
        )

    assert run(executor, chained([late(2, 1001)])) == [ONE]
    gone = entry(3, ADD, request_id=ids[1], time_ms=NOON_MS + 3000, seen_ms=NOON_MS + 3000)
    run(executor, chained([gone]))  # takes the ended record away
    assert run(executor, chained([late(4, 3000)])) == [TOO_OLD]


def test_what_is_refused_for_its_word_changes_nothing() -> None:
    """Not even the index of an ended record that the command would have taken the place of."""
    executor = blank(keep_ms=1000)
    run(executor, chained([entry(1, ADD, request_id=ID)]))
    again_ms = NOON_MS + 1001
    run(executor, chained([entry(2, ADD, request_id=ID, time_ms=again_ms, seen_ms=again_ms + 1)]))
    assert executor.writes_of(2) == {}


def test_the_record_goes_with_the_effect() -> None:
    """Discarding an entry discards its record: executed anew it runs anew."""
    executor = blank(Counter())
    log = chained([entry(1, ADD, request_id=ID)])
    run(executor, log)
    executor.discard_above(0)
    assert executor.find_request(b"till-1", ID) is None
    assert run(executor, log) == [ONE]


def test_an_id_used_again_after_its_window_is_kept_for_a_whole_one() -> None:
    """What removes its first record, late, does not take the second."""
    executor = blank(keep_ms=1000)
    ids = ids_in_one_slot(42)
    early = [entry(n + 1, ADD, request_id=name) for n, name in enumerate(ids[:40])]
    run(executor, chained(early))
    again_ms = NOON_MS + 2000
    run(executor, chained([entry(41, ADD, request_id=ids[39], time_ms=again_ms, seen_ms=again_ms)]))
    tick = entry(
        42,
        kind=Kind.TICK,
        time_ms=again_ms,
        chance=int.from_bytes(record_key(b"till-1", ids[0])[:2], "big"),
    )
    run(executor, chained([tick]))
    found = executor.find_request(b"till-1", ids[39])
    assert found is not None
    assert found.seq == 41
