"""What one executor does: order, faults, bugs, the tail, checkpoints, engine versions, ticks."""

from collections.abc import Callable

import pytest

from ftnode.core.invariants import BrokenInvariantError
from ftnode.core.versions import Order, Prepare, Standing, Switch, to_body
from ftnode.machine.contract import EntryView, StateReader, StateWriter
from ftnode.machine.executor import EngineMissing, ExecutionBug, Executor, QueryBug
from ftnode.machine.kinds import EXECUTED, Kind
from ftnode.store.entry import Entry
from ftnode.store.state import RottenValue, StoreFull
from ftnode.store.state_dict import DictMedium, DictStateStore
from tests.machine.log import NOON_MS, blank, chained, checkpoint, entry, opened, run
from tests.machines import Bank, Counter, body, outcome

WRITE_KEY = b"\0\1\0\1key"


class Scripted:
    """Does what a test tells it."""

    version = 1

    def __init__(self, act: Callable[[StateWriter], object], version: int = 1) -> None:
        self.act = act
        self.version = version

    def execute(self, state: StateWriter, entry: EntryView) -> bytes:
        return str(self.act(state)).encode()

    def query(self, state: StateReader, at_ms: int, body: bytes) -> bytes:
        return b"%d at %d" % (self.version, at_ms)


def order(seq: int, what: Order, engine_version: int = 1) -> Entry:
    """An UPGRADE entry."""
    return entry(seq, to_body(what), kind=Kind.UPGRADE, engine_version=engine_version)


def total(executor: Executor) -> int:
    number: int = outcome(executor.query(body("read")))[1]
    return number


def test_entries_run_in_order() -> None:
    """A gap, a repetition or a step back in time is our bug, and stops the node."""
    executor = blank()
    run(executor, chained([entry(1)]))
    for wrong in (entry(1), entry(3), entry(2, time_ms=NOON_MS - 1)):
        with pytest.raises(BrokenInvariantError):
            executor.execute(wrong, bytes(16))
    assert (executor.executed_seq, executor.time_ms, total(executor)) == (1, NOON_MS, 1)


BUGS = [  # what the machine does, what the report says
    (lambda state: 1 // 0, "seq 1, kind 16: ZeroDivisionError"),
    # A compiled one says the same in words of its own.
    (
        lambda state: state.put("text", b""),
        r"put\(str, bytes\): key and value must be bytes|bytes .* got str",
    ),
    (lambda state: state.put(WRITE_KEY, bytearray(b"x")), r"put\(bytes, bytearray\)|bytes .* got bytearray"),
    (lambda state: state.put(b"\0\1\0", b""), "key of 3 bytes, must have 4..511"),
    (lambda state: state.put(b"\0\1\0\1" + b"x" * 508, b""), "key of 512 bytes"),
    (lambda state: state.put(b"\x10\0\0\1", b""), "in slot 4096, slots are 0..4095"),
    (lambda state: state.put(b"\0\1\xff\xffR", b""), "is the runtime's own"),
    (lambda state: state.delete(b"\0\1\xff\xffR"), "is the runtime's own"),
    (lambda state: state.put(WRITE_KEY, b"x" * (512 * 1024 + 1)), "value of 524289 bytes, at most 524288"),
]


@pytest.mark.parametrize(("act", "says"), BUGS)
def test_a_bug_of_the_machine_names_the_entry_and_leaves_nothing(
    act: Callable[[StateWriter], object], says: str
) -> None:
    """Writes made before it are gone; digest and seq are as before."""

    def write_then_fail(state: StateWriter) -> object:
        state.put(WRITE_KEY, b"half")
        return act(state)

    machine = Scripted(write_then_fail)
    executor = blank(machine)
    with pytest.raises(ExecutionBug, match=says):
        run(executor, chained([entry(1, request_id=b"id")]))
    assert executor.executed_seq == 0
    assert executor.find_request(b"till-1", b"id") is None
    machine.act = lambda state: state.get(WRITE_KEY)
    assert run(executor, chained([entry(1)])) == [EXECUTED + b"None"]


def test_limits_are_reached_before_they_are_broken() -> None:
    """The longest key and the largest value go through, down to the store."""

    def act(state: StateWriter) -> object:
        state.put(b"\x0f\xff\0\1" + b"x" * 507, b"v" * 524288)
        return "fine"

    executor = blank(Scripted(act))
    run(executor, chained([entry(1)]))
    executor.compared(1)
    checkpoint(executor)
    assert executor.touched_slots() == []


def test_a_rotten_value_is_never_an_input() -> None:
    """The fault comes through as it is, nothing of the entry is left, and no bug is blamed."""
    medium = DictMedium()
    executor = opened(DictStateStore(medium))
    log = chained([entry(1, body("add", 5)), entry(2, request_id=b"id")])
    run(executor, log[:1])
    executor.compared(1)
    checkpoint(executor)
    medium.rot(Counter.TOTAL)
    with pytest.raises(RottenValue, match="slot 7"):
        run(executor, log[1:])
    with pytest.raises(RottenValue):
        executor.query(body("read"))
    assert (executor.executed_seq, executor.find_request(b"till-1", b"id")) == (1, None)
    medium.rotten.clear()
    assert run(executor, log[1:]) == [EXECUTED + body("is", 6)]


def test_a_bug_in_a_query_touches_nothing() -> None:
    """It is told apart from a bug in execution: the state is not in doubt."""

    class Broken(Scripted):
        def query(self, state: StateReader, at_ms: int, body: bytes) -> bytes:
            state.put(WRITE_KEY, b"x")  # type: ignore[attr-defined]  # readers cannot write
            return b""

    with pytest.raises(QueryBug, match="at seq 0: AttributeError"):
        blank(Broken(lambda state: 0)).query(b"")


def test_the_tail_can_be_discarded_and_run_otherwise() -> None:
    """State, digests and outcomes are those of a unit that never saw the discarded entries."""
    first = [entry(seq, body("add", seq)) for seq in (1, 2, 3, 4)]
    other = [*first[:2], *[entry(seq, body("add", seq * 10)) for seq in (3, 4)]]
    executor, straight = blank(), blank()
    run(executor, chained(first))
    executor.compared(1)
    executor.discard_above(2)
    assert (executor.executed_seq, executor.compared_seq, total(executor)) == (2, 1, 3)
    assert executor.digest_at(3) is None
    assert run(executor, chained(other)[2:]) == run(straight, chained(other))[2:]
    assert executor.digest == straight.digest
    executor.discard_above(4)  # nothing above: nothing happens
    assert executor.digest == straight.digest


def test_what_is_compared_is_final() -> None:
    """Neither may a compared entry be discarded, nor one compared that was not executed."""
    executor = blank()
    run(executor, chained([entry(1), entry(2)]))
    executor.compared(2)
    with pytest.raises(BrokenInvariantError, match="discard below compared"):
        executor.discard_above(1)
    with pytest.raises(BrokenInvariantError, match="compared above executed"):
        executor.compared(3)


def test_digests_of_recent_entries_are_known() -> None:
    """Also below `compared`, down to where this executor began."""
    executor = blank()
    log = chained([entry(1), entry(2), entry(3)])
    digests = [executor.digest]
    for one, its_hash in log:
        executor.execute(one, its_hash)
        digests.append(executor.digest)
    executor.compared(2)
    assert [executor.digest_at(seq) for seq in range(4)] == digests
    assert executor.digest_at(4) is None
    assert len(set(digests)) == 4


def test_a_checkpoint_is_at_compared_while_entries_go_on() -> None:
    """What runs during it, and what was not compared when it began, is not in it."""
    medium = DictMedium()
    executor = opened(DictStateStore(medium))
    log = chained([entry(seq, request_id=b"id %d" % seq) for seq in range(1, 7)])
    run(executor, log[:4])
    executor.compared(3)
    job = executor.begin_checkpoint(b"extra")
    run(executor, log[4:5])
    executor.compared(4)
    assert job.put_slice(2)
    executor.discard_above(4)  # also during a checkpoint
    run(executor, log[4:])
    job.prepare()
    assert total(executor) == 6
    job.write()
    job.sync()
    executor.finish_checkpoint(job)
    assert total(executor) == 6
    stands = DictStateStore(medium).checkpoint
    assert (stands.seq, stands.extra, stands.digest) == (3, b"extra", executor.digest_at(3))
    medium.power_loss(keep_unsynced=False)
    again = opened(DictStateStore(medium))
    assert (again.executed_seq, total(again)) == (3, 3)
    run(again, log[3:])
    assert again.digest == executor.digest


def test_a_failed_checkpoint_is_taken_back() -> None:
    """The disk is full: everything stays in memory, and the next checkpoint has it all."""
    medium = DictMedium()
    executor = opened(DictStateStore(medium))
    log = chained([entry(seq, request_id=b"id %d" % seq) for seq in range(1, 7)])
    run(executor, log[:3])
    executor.compared(2)
    medium.full = True
    job = executor.begin_checkpoint()
    run(executor, log[3:4])
    executor.compared(3)
    job.prepare()
    with pytest.raises(StoreFull):
        job.write()
    executor.abandon_checkpoint(job)
    assert total(executor) == 4
    executor.discard_above(3)
    assert total(executor) == 3
    medium.full = False
    checkpoint(executor)
    again = opened(DictStateStore(medium))
    assert (again.executed_seq, total(again)) == (3, 3)
    assert again.find_request(b"till-1", b"id 1") is not None  # of the part that was set aside first
    run(executor, log[3:])
    straight = blank()
    run(straight, log)
    assert (executor.digest, total(executor)) == (straight.digest, 6)


def test_one_checkpoint_at_a_time() -> None:
    """A second one while the first is written is our bug."""
    executor = blank()
    executor.begin_checkpoint()
    with pytest.raises(BrokenInvariantError, match="a checkpoint is being written"):
        executor.begin_checkpoint()


def test_a_switch_chooses_the_engine_of_what_follows() -> None:
    """The switch itself is of the old version; behind it every entry and read is the new one's, until
    it is discarded. What no entry put in force is nobody's entry; a missing version is said clearly."""
    machines = [Scripted(lambda state: "v2", 2), Scripted(lambda state: "v1", 1)]
    executor = Executor(DictStateStore(DictMedium()), machines)
    log = chained([entry(1), order(2, Prepare(2)), order(3, Switch(2)), entry(4, engine_version=2)])
    assert run(executor, log) == [EXECUTED + b"v1", EXECUTED, EXECUTED, EXECUTED + b"v2"]
    assert executor.standing() == Standing(((0, 1), (3, 2)))
    with pytest.raises(BrokenInvariantError, match="not the version in force"):
        run(executor, chained([entry(5, engine_version=1)]))
    with pytest.raises(EngineMissing, match="entry 5 asks for engine version 3, this program has 1, 2"):
        run(executor, chained([order(5, Switch(3), engine_version=2)]))
    assert executor.executed_seq == 4
    executor.discard_above(2)
    assert executor.query(b"") == b"1 at %d" % NOON_MS
    assert executor.standing() == Standing(((0, 1),), prepared=2)
    run(executor, log[2:3])
    assert executor.query(b"") == b"2 at %d" % NOON_MS  # the switch is the last entry: what follows is new
    executor.compared(3)
    checkpoint(executor)
    again = Executor(executor._store, machines[:1])  # the old version may go by now
    assert (again.query(b"", 5), again.standing()) == (b"2 at 5", Standing(((0, 1), (3, 2))))
    with pytest.raises(EngineMissing, match="the state at 3 asks for engine version 2, this program has 1"):
        Executor(executor._store, machines[1:])


def test_a_blank_log_begins_with_the_version_of_its_first_entry() -> None:
    """A newcomer whose program has more begins as its active did, also if it has to begin again."""
    machines = [Scripted(lambda state: "v2", 2), Scripted(lambda state: "v1", 1)]
    executor = Executor(DictStateStore(DictMedium()), machines)
    assert executor.standing() == Standing()
    assert run(executor, chained([entry(1, engine_version=1)])) == [EXECUTED + b"v1"]
    executor.discard_above(0)
    assert run(executor, chained([entry(1, engine_version=2)])) == [EXECUTED + b"v2"]
    assert executor.standing() == Standing(((0, 2),))


def test_entries_of_the_runtime_do_not_reach_the_machine() -> None:
    """They move seq, time and digest; a machine without timers is not told of ticks."""

    def never(state: StateWriter) -> object:
        raise AssertionError

    executor = blank(Scripted(never))
    log = chained(
        [
            entry(seq, b"", kind=kind)
            for seq, kind in enumerate((Kind.NOOP, Kind.RECONFIGURE, Kind.TICK, Kind.SET_TIME), 1)
        ]
    )
    assert run(executor, log) == [EXECUTED] * 4
    assert executor.executed_seq == 4
    assert executor.touched_slots() == []
    assert executor.due_ms() is None
    with pytest.raises(ExecutionBug, match="7 is not a valid Kind"):
        run(executor, chained([entry(5, kind=7)]))


def test_ticks_do_what_is_due() -> None:
    """The state says when; a tick before that does nothing, one after does it once."""
    executor = blank(Counter())
    run(executor, chained([entry(1, body("later", 100, 5)), entry(2, body("later", 50, 1))]))
    assert executor.due_ms() == NOON_MS + 50
    times = [(3, 49, 0), (4, 50, 1), (5, 60, 1), (6, 200, 6), (7, 300, 6)]
    for seq, after_ms, sum_then in times:
        run(executor, chained([entry(seq, kind=Kind.TICK, time_ms=NOON_MS + after_ms)]))
        assert total(executor) == sum_then
    assert executor.due_ms() is None


def test_the_bank_keeps_its_total() -> None:
    """The small machines answer nonsense, too."""
    executor = blank(Bank())
    texts = [body("transfer", 1, 2, 300), body("transfer", 2, 1, 5000), b"\xff", body("transfer", 1, 99, 1)]
    results = run(executor, chained([entry(seq, text) for seq, text in enumerate(texts, 1)]))
    assert [outcome(result[1:]) for result in results] == [
        ["done", 700, 1300],
        ["short", 1300],
        ["refused", "no such command"],
        ["refused", "no such account"],
    ]
    assert outcome(executor.query(body("total"))) == ["total", Bank.ACCOUNTS * Bank.OPENING_BALANCE]
