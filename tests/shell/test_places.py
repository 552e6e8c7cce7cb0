"""Reads run at their place in the stream: right behind the entry they name, on both units."""

from ftnode.core import effects as ef
from ftnode.core import events as ev
from ftnode.core.messages import Sid
from ftnode.shell.ledger import Ledger
from ftnode.shell.reader import Reader
from ftnode.shell.reading import Asked
from ftnode.shell.runner import Runner
from tests.machine.log import blank, chained, entry


def made(count: int) -> tuple[Runner, list[int]]:
    """A runner with so many entries waiting, and where its state stood when something ran."""
    runner = Runner(blank(), Ledger())
    logged = chained([entry(seq) for seq in range(1, count + 1)])
    runner.add([one for one, _ in logged], [its_hash for _, its_hash in logged])
    return runner, []


def test_a_place_is_right_behind_its_entry() -> None:
    """Not one entry later, though a slice runs many."""
    runner, stood = made(10)
    for seq in (0, 3, 3, 7):
        runner.at(seq, lambda: stood.append(runner.executor.executed_seq))
    assert stood == [0]
    runner.run_slice()
    assert stood == [0, 3, 3, 7]


def test_a_place_that_is_never_reached_keeps_no_other_waiting() -> None:
    """An older session's read waits behind an entry that its active never sent: seed 165."""
    runner, stood = made(5)
    runner.at(9, lambda: stood.append(-1))
    runner.at(4, lambda: stood.append(runner.executor.executed_seq))
    runner.run_slice()
    assert stood == [4]


def test_a_place_behind_what_is_cut_is_no_place() -> None:
    """The entry that comes there now is another one."""
    runner, stood = made(5)
    runner.at(2, lambda: stood.append(2))
    runner.at(4, lambda: stood.append(4))
    runner.drop_above(3)
    logged = chained([entry(seq) for seq in range(1, 6)])
    runner.add([one for one, _ in logged[3:]], [its_hash for _, its_hash in logged[3:]])
    runner.run_slice()
    assert stood == [2]


def test_reads_of_a_session_that_is_over_are_not_taken_for_later_ones() -> None:
    """They waited behind an entry that came much later, when their barrier's number was another one's."""
    runner, _ = made(5)
    heard: list[ev.Event] = []
    reader = Reader(runner, Ledger(), heard.append)
    old, new = Sid(1, 2, 3), Sid(1, 2, 4)
    reader.run(ef.RunReads(old, 7, 4), [Asked(True, b"me", b"one id")])
    reader.run(ef.RunReads(new, 7, 2), [Asked(True, b"me", b"another"), Asked(True, b"me", b"and one")])
    runner.run_slice()
    assert [(event.sid, event.barrier) for event in heard if isinstance(event, ev.ReadsDone)] == [(new, 7)]
