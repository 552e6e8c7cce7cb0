"""The engine under the runtime's own executor: the same answers, and exactly once by request id too."""

from msgspec import msgpack

from ftnode.machine.executor import Executor
from ftnode.machine.kinds import Verdict, split
from ftnode.store.entry import Entry
from ftnode.store.state_dict import DictMedium, DictStateStore
from loyalty import commands as cmd
from loyalty.engine import Engine
from tests.loyalty.history import opened, random_steps
from tests.loyalty.kit import ENGINE


def test_a_history_under_the_executor_gives_the_same_answers() -> None:
    """Every outcome, and what questions about the members say afterwards."""
    played, members = opened()
    for step in random_steps(5, 200):
        played.play(step)
    executor = Executor(DictStateStore(DictMedium()), [Engine()])
    for expected, entry in zip(played.shop.outcomes, played.shop.entries, strict=True):
        request_id = b"request-" + entry.seq.to_bytes(8)
        logged = Entry(
            entry.seq,
            1,
            entry.time_ms,
            0,
            ENGINE.version,
            entry.kind,
            entry.tenant,
            0,
            request_id,
            entry.actor,
            0,
            entry.time_ms,
            entry.body,
        )
        verdict, outcome = split(executor.execute(logged, entry.seq.to_bytes(16)))
        assert verdict is Verdict.EXECUTED
        assert outcome == expected
    for member in members:
        for query in (cmd.GetBalance(1, member), cmd.GetStatement(1, member, 200, 0, 0)):
            body = msgpack.encode(query)
            assert executor.query(body) == ENGINE.query(played.shop.state, played.shop.now_ms, body)
