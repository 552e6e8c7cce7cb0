"""Random histories: however a state was reached, it is the same state."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from ftnode.machine.executor import Executor
from ftnode.machine.kinds import EXECUTED, Kind
from ftnode.store.entry import Entry
from ftnode.store.state import SLOTS
from ftnode.store.state_dict import DictMedium, DictStateStore
from ftnode.store.state_roots import count_root
from tests.machine.log import NOON_MS, Logged, blank, chained, checkpoint, entry, opened, run
from tests.machines import COMMAND, Bank, Register, body

KEEP_MS = 50  # a window so short that records end and are removed all the time

NAMES = st.sampled_from([b"a", b"b", b"c"])
SLOT_NUMBERS = st.integers(0, 2)
REGISTER_BODIES = st.one_of(
    st.builds(lambda slot, name: body("get", slot, name), SLOT_NUMBERS, NAMES),
    st.builds(
        lambda slot, name, value: body("put", slot, name, value), SLOT_NUMBERS, NAMES, st.binary(max_size=3)
    ),
    st.builds(lambda slot, name, value: body("cas", slot, name, None, value), SLOT_NUMBERS, NAMES, NAMES),
    st.builds(lambda slot, name: body("delete", slot, name), SLOT_NUMBERS, NAMES),
    st.binary(max_size=4),
)
REQUEST_IDS = st.sampled_from([b"", *(b"id %d" % number for number in range(6))])
KINDS = st.sampled_from([COMMAND] * 8 + [Kind.ABANDON, Kind.TICK, Kind.NOOP])


@st.composite
def logs(draw: st.DrawFn) -> list[Logged]:
    """A log of up to 40 entries with repeated ids, abandoned ids, ticks, and time that moves on."""
    entries: list[Entry] = []
    time_ms = NOON_MS
    for seq in range(1, draw(st.integers(1, 40)) + 1):
        time_ms += draw(st.sampled_from([0, 0, 1, 10, 60]))
        entries.append(
            entry(
                seq,
                draw(REGISTER_BODIES),
                request_id=draw(REQUEST_IDS),
                kind=draw(KINDS),
                time_ms=time_ms,
                seen_ms=time_ms - draw(st.sampled_from([0, 0, 0, KEEP_MS, KEEP_MS + 1])),
                chance=draw(st.integers(0, 2**64 - 1)),
            )
        )
    return chained(entries)


@dataclass
class Straight:
    """A log executed from the beginning without any interruption."""

    log: list[Logged]

    def __post_init__(self) -> None:
        self.executor = blank(Register(), KEEP_MS)
        self.results = run(self.executor, self.log)
        self.executor.compared(len(self.log))
        self.roots = checkpoint(self.executor)


def recount(medium: DictMedium) -> bytes:
    by_slot: dict[int, list[tuple[bytes, bytes]]] = {}
    for key, value in medium.pairs.items():
        by_slot.setdefault(key[0] << 8 | key[1], []).append((key, value))
    return b"".join(count_root(by_slot.get(slot, [])) for slot in range(SLOTS))


@settings(max_examples=40, deadline=None)
@given(logs(), st.lists(st.integers(0, 40), max_size=4))
def test_replay_from_any_checkpoint(log: list[Logged], stops: list[int]) -> None:
    """Checkpoints anywhere, a new process after each: digest, results and roots are the same."""
    straight = Straight(log)
    medium = DictMedium()
    results: list[bytes] = []
    for stop in sorted({min(stop, len(log)) for stop in (*stops, len(log))}):
        executor = opened(DictStateStore(medium), Register(), KEEP_MS)
        results += run(executor, log[executor.executed_seq : stop])
        executor.compared(stop)
        roots = checkpoint(executor)
        assert roots == recount(medium)  # kept along is the same as counted anew
    assert results == straight.results
    assert executor.digest == straight.executor.digest
    assert roots == straight.roots


@settings(max_examples=40, deadline=None)
@given(logs(), logs(), st.data())
def test_a_tail_discarded_and_run_again(log: list[Logged], other: list[Logged], data: st.DataObject) -> None:
    """Entries run, compared, discarded, others run instead, checkpoints in between: nothing shows."""
    medium = DictMedium()
    executor = opened(DictStateStore(medium), Register(), KEEP_MS)
    common = data.draw(st.integers(0, len(log)), "common")
    compared = data.draw(st.integers(0, common), "compared")
    run(executor, log)
    executor.compared(compared)
    if data.draw(st.booleans(), "checkpoint before"):
        checkpoint(executor)
    executor.discard_above(common)
    rest = [
        entry(
            common + place,
            one.body,
            request_id=one.request_id,
            kind=one.kind,
            time_ms=max(one.time_ms, executor.time_ms),
            seen_ms=one.seen_ms,
            chance=one.chance,
        )
        for place, (one, _) in enumerate(other, 1)
    ]
    whole = chained([one for one, _ in log[:common]] + rest)
    straight = Straight(whole)
    assert run(executor, whole[common:]) == straight.results[common:]
    assert executor.digest == straight.executor.digest
    executor.compared(len(whole))
    assert checkpoint(executor) == straight.roots == recount(medium)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 7), st.integers(0, 4), st.integers(0, 4), st.integers(1, 900)), max_size=40
    )
)
def test_each_request_moves_money_once(calls: list[tuple[int, int, int, int]]) -> None:
    """Duplicates and reused ids change nothing: the balances are those of first arrivals alone."""
    sent: dict[bytes, bytes] = {}
    entries = []
    for seq, (number, source, target, amount) in enumerate(calls, 1):
        request_id, text = b"id %d" % number, body("transfer", source, target, amount)
        sent.setdefault(request_id, text)
        entries.append(entry(seq, text, request_id=request_id))
    executor, plain = blank(Bank()), blank(Bank())
    results = run(executor, chained(entries))
    outcomes = run(plain, chained([entry(seq, text) for seq, text in enumerate(sent.values(), 1)]))
    of_id = dict(zip(sent, outcomes, strict=True))
    for one, result in zip(entries, results, strict=True):
        assert result == (of_id[one.request_id] if one.body == sent[one.request_id] else b"\x02")
    for account in range(5):
        assert executor.query(body("balance", account)) == plain.query(body("balance", account))


def test_results_are_not_lost_by_a_power_cut() -> None:
    """A request whose effect is in the checkpoint is known after it; one above it runs again, once."""
    medium = DictMedium()
    executor: Executor = opened(DictStateStore(medium), Bank())
    log = chained([entry(seq, body("transfer", 0, 1, 10), request_id=b"id %d" % seq) for seq in (1, 2)])
    results = run(executor, log)
    executor.compared(1)
    checkpoint(executor)
    medium.power_loss(keep_unsynced=False)
    again = opened(DictStateStore(medium), Bank())
    assert run(again, log[1:]) == results[1:]
    late = chained([entry(3, body("transfer", 0, 1, 10), request_id=b"id 1")])
    assert run(again, late) == [EXECUTED + body("done", 990, 1010)]
