"""What a purchase costs one unit behind its door: `python -m chaos.bench.entries [--rounds 5]`.

Entries run through the executor, over LMDB with its checkpoint helper, in batches as on a pair. Each
round is a checkpoint of 20,000 purchases (two lines, paid partly with points) by members who lie in
the store. Measured apart, in microseconds a purchase:

    engine    executing, reads included
    executor  the rest of it: exactly once, digest, overlay, comparing
    handing   giving the writes to the helper, in the unit's process
    helper    processor time of the helper: roots, pages, commit
    get       one read of a member in the store

A round's engine, executor and get are those of its fastest tenth of batches, and the last line is JSON
with the best round: other work on the machine only ever adds.
"""

import argparse
import gc
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Final

from msgspec import msgpack

from chaos.bench.engine import NOW_MS, TODAY, engine_rules
from ftnode.machine.executor import Executor
from ftnode.store.entry import Entry
from ftnode.store.state_helper import HelperStateStore
from loyalty import commands as cmd
from loyalty.engine import Engine, keys
from loyalty.engine.state import Entry as EntryView
from loyalty.engine.state import Reader, Writer

MEMBERS: Final = 5000
LOTS: Final = 4  # of each, at first
PURCHASES: Final = 20_000  # one checkpoint, as configured
BATCH: Final = 50
STRIDE: Final = 1_999  # from one purchase's member to the next one's

_encode: Final = msgpack.Encoder().encode


class Timed:
    """The engine with a clock beside it."""

    def __init__(self) -> None:
        self._engine = Engine()
        self.version = self._engine.version
        self.spent_ns = 0

    def execute(self, state: Writer, entry: EntryView) -> bytes:
        """One entry."""
        began_ns = time.perf_counter_ns()
        outcome = self._engine.execute(state, entry)
        self.spent_ns += time.perf_counter_ns() - began_ns
        return outcome

    def query(self, state: Reader, at_ms: int, body: bytes) -> bytes:
        """One question."""
        return self._engine.query(state, at_ms, body)


class Unit:
    """The part of a unit that executes."""

    def __init__(self, path: Path) -> None:
        self.engine = Timed()
        self.store = HelperStateStore(path)
        self.executor = Executor(self.store, [self.engine])

    def entry(self, kind: cmd.Kind, command: cmd.Command, ahead: int = 1) -> Entry:
        """The next entry, or one further on."""
        seq = self.executor.executed_seq + ahead
        return Entry(
            seq, 1, NOW_MS + seq, 0, 1, kind, 1, 0, seq.to_bytes(16), b"till", 0, NOW_MS, _encode(command)
        )

    def run(self, kind: cmd.Kind, command: cmd.Command) -> bytes:
        """One entry by itself; the outcome."""
        entry = self.entry(kind, command)
        result = self.executor.execute(entry, _hash(entry))
        self.executor.compared(entry.seq)
        return result[1:]

    def checkpoint(self) -> dict[str, float]:
        """Write one; what it cost."""
        helper = self.store._helper
        helper_ns = 0 if helper is None else _spent_ns(helper.child.pid)
        job = self.executor.begin_checkpoint()
        began_ns = time.thread_time_ns()
        while job.put_slice():
            pass
        handing_ns = time.thread_time_ns() - began_ns
        job.prepare()
        job.write()
        job.sync()
        self.executor.finish_checkpoint(job)
        helper_ns = 0 if helper is None else _spent_ns(helper.child.pid) - helper_ns
        return {"handing": handing_ns / PURCHASES / 1000, "helper": helper_ns / PURCHASES / 1000}


def main() -> None:
    """Run all rounds; a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds: int = parser.parse_args().rounds
    best: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        unit = Unit(Path(place) / "state")
        ids = _enrol(unit)
        gc.collect()
        gc.freeze()
        for number in range(rounds):
            timed = _round(unit, ids, number)
            print("   ".join(f"{name} {us:5.1f} us" for name, us in timed.items()), flush=True)
            best = {name: round(min(us, best.get(name, us)), 1) for name, us in timed.items()}
        unit.store.close()
    print(json.dumps(best))


def _round(unit: Unit, ids: list[int], number: int) -> dict[str, float]:
    """Buy for one checkpoint, and write it."""
    engine_ns, executor_ns = [], []
    for batch in _batches(unit, ids, number):
        hashes = [_hash(entry) for entry in batch]
        unit.engine.spent_ns = 0
        began_ns = time.perf_counter_ns()
        for entry, entry_hash in zip(batch, hashes, strict=True):
            result = unit.executor.execute(entry, entry_hash)
        unit.executor.compared(batch[-1].seq)
        took_ns = time.perf_counter_ns() - began_ns
        if len(result) < 100:
            raise SystemExit("the purchase was refused: this measures something else")
        engine_ns.append(unit.engine.spent_ns)
        executor_ns.append(took_ns - unit.engine.spent_ns)
    timed = {
        "engine": _fast_us(engine_ns),
        "executor": _fast_us(executor_ns),
    }
    return timed | unit.checkpoint() | {"get": _get_us(unit, ids)}


def _get_us(unit: Unit, ids: list[int]) -> float:
    """One read from the store."""
    names = [keys.of_member(1, member_id, b"M") for member_id in ids]
    took_ns = []
    for start in range(0, len(names), BATCH):
        began_ns = time.perf_counter_ns()
        for name in names[start : start + BATCH]:
            unit.store.get(name)
        took_ns.append(time.perf_counter_ns() - began_ns)
    return _fast_us(took_ns)


def _enrol(unit: Unit) -> list[int]:
    """Members with points, all in the store."""
    unit.run(cmd.Kind.DEFINE_PROGRAMME, cmd.DefineProgramme(engine_rules()))
    ids = []
    for number in range(MEMBERS):
        outcome = unit.run(cmd.Kind.ENROL, cmd.Enrol(f"+8869{number:08d}", (), 0))
        ids.append(msgpack.decode(outcome)[1])
    for number in range(LOTS * MEMBERS):
        line = cmd.Line("x", 1000, 300_000, cmd.LineKind.GOODS)
        bought = _purchase(number, ids[number % MEMBERS], (line,), 0, cmd.SpendMode.NONE)
        unit.run(cmd.Kind.CONFIRM, bought)
    unit.checkpoint()
    return ids


def _batches(unit: Unit, ids: list[int], number: int) -> Iterator[list[Entry]]:
    lines = (
        cmd.Line("4006381333931", 1000, 8990, cmd.LineKind.GOODS),
        cmd.Line("2001234012345", 1234, 333, cmd.LineKind.GOODS),
    )
    for start in range((number + 100) * PURCHASES, (number + 101) * PURCHASES, BATCH):
        batch = []
        for ahead in range(BATCH):
            place = start + ahead
            member_id = ids[place * STRIDE % MEMBERS]
            bought = _purchase(place, member_id, lines, 300, cmd.SpendMode.UP_TO)
            batch.append(unit.entry(cmd.Kind.CONFIRM, bought, ahead + 1))
        yield batch


def _purchase(
    number: int, member_id: int, lines: tuple[cmd.Line, ...], points: int, mode: cmd.SpendMode
) -> cmd.Confirm:
    receipt = cmd.ReceiptId(1 + number % 100, 1, 1 + number, TODAY)
    return cmd.Confirm(receipt, member_id, 0, lines, points, mode, b"", False, False)


def _fast_us(batches_ns: list[int]) -> float:
    """Of one entry or read, in the fastest tenth of the batches."""
    return statistics.quantiles(batches_ns, n=10)[0] / BATCH / 1000


def _hash(entry: Entry) -> bytes:
    return blake2b(entry.body, digest_size=16).digest()


def _spent_ns(pid: int) -> int:
    """Processor time of a process."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


if __name__ == "__main__":
    main()
