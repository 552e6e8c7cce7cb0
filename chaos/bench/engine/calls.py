"""What the engine's purchase costs on one core: `python -m chaos.bench.engine [--profile]`.

The purchase: three lines, paid partly with points of one to a few lots, for members of few and of
many lots. Measured apart are the door (protobuf to canonical body), the entry (decode the body,
read, execute, encode the outcome) and the response. State is a dictionary; an entry's writes go
into a plain one, as in the runtime, and are merged in outside of the measured time.

The last line is JSON with the median microseconds of a purchase (a median, because other work on the
machine only ever adds).
"""

import argparse
import cProfile
import gc
import json
import pstats
import statistics
import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from msgspec import msgpack
from sortedcontainers import SortedDict

from loyalty import commands as cmd
from loyalty.engine import Engine
from loyalty.front import METHODS
from loyalty.v1 import till_pb2 as pb

NOW_MS: Final = 1_795_348_800_000  # 2026-11-22 12:00 UTC
TODAY: Final = 20261122
PURCHASES: Final = 4000
CASES: Final = ((100, 10), (4, 1000))  # members, lots of each

_CONFIRM: Final = next(method for method in METHODS if method.path.endswith("/Confirm"))
_encode: Final = msgpack.Encoder().encode


class State:
    """A sorted dictionary below, one entry's writes above."""

    def __init__(self) -> None:
        self.below: Any = SortedDict()
        self.writes: dict[bytes, bytes | None] = {}
        self.get_below = self.below.get

    def get(self, key: bytes) -> bytes | None:
        """The newest value."""
        if key in self.writes:
            return self.writes[key]
        found: bytes | None = self.get_below(key)
        return found

    def put(self, key: bytes, value: bytes) -> None:
        """Set."""
        self.writes[key] = value

    def delete(self, key: bytes) -> None:
        """Remove."""
        self.writes[key] = None

    def scan(self, start: bytes, stop: bytes, limit: int) -> Sequence[tuple[bytes, bytes]]:
        """What lies below; the engine scans before it writes."""
        below = self.below
        found = []
        for key in below.irange(start, stop, inclusive=(True, False)):
            found.append((key, below[key]))
            if len(found) == limit:
                break
        return found

    def merge(self) -> None:
        """The entry is executed."""
        for key, value in self.writes.items():
            if value is None:
                self.below.pop(key, None)
            else:
                self.below[key] = value
        self.writes.clear()


class Entry(NamedTuple):
    """A log entry as the engine sees it."""

    seq: int
    time_ms: int
    kind: int
    tenant: int
    actor: bytes
    body: bytes


class Answer(NamedTuple):
    """An answer as the runtime gives it."""

    seq: int
    epoch: int
    time_ms: int
    verdict: int
    outcome: bytes


def main() -> None:
    """Run all cases and print a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--profile", action="store_true", help="profile the entries instead of timing them")
    profile = cProfile.Profile() if parser.parse_args().profile else None
    found = {}
    for members, lots in CASES:
        timed = measure(members, lots, profile)
        found[f"lots_{lots}"] = timed
        print(f"{lots:5} lots each: " + "   ".join(f"{name} {us:6.1f} us" for name, us in timed.items()))
    if profile is not None:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    print(json.dumps(found))


def measure(members: int, lots: int, profile: cProfile.Profile | None = None) -> dict[str, float]:
    """Median microseconds of a purchase at the door, as an entry, and for the response."""
    engine, state = Engine(), State()
    ids = _prepare(engine, state, members, lots)
    requests = [_request(ids[number % members], 10**9 + number) for number in range(PURCHASES)]
    door_ns: list[int] = []
    entry_ns: list[int] = []
    response_ns: list[int] = []
    gc.collect()
    gc.disable()
    for number, request in enumerate(requests):
        began_ns = time.perf_counter_ns()
        (command,) = _CONFIRM.decode(request)
        door_ns.append(time.perf_counter_ns() - began_ns)

        entry = Entry(10**9 + number, NOW_MS + 10**6, command.kind, command.tenant, b"till", command.body)  # type: ignore[union-attr]
        if profile is not None:
            profile.enable()
        began_ns = time.perf_counter_ns()
        outcome = engine.execute(state, entry)
        entry_ns.append(time.perf_counter_ns() - began_ns)
        if profile is not None:
            profile.disable()
        state.merge()

        began_ns = time.perf_counter_ns()
        response = _CONFIRM.encode([Answer(entry.seq, 1, entry.time_ms, 0, outcome)])
        response_ns.append(time.perf_counter_ns() - began_ns)
        if not pb.ConfirmResponse.FromString(response).done.bill.spent_points:
            raise SystemExit("the purchase spent nothing: this measures something else")
    gc.enable()
    total = {"door": door_ns, "entry": entry_ns, "response": response_ns}
    return {name: round(statistics.median(ns) / 1000, 1) for name, ns in total.items()}


def _prepare(engine: Engine, state: State, members: int, lots: int) -> list[int]:
    """Members with `lots` lots of points each, active at once."""
    rules = engine_rules()
    _run(engine, state, 1, cmd.Kind.DEFINE_PROGRAMME, cmd.DefineProgramme(rules))
    ids = []
    for number in range(members):
        enrol = cmd.Enrol(f"+8869{number:08d}", (), 0)
        outcome = msgpack.decode(_run(engine, state, number + 2, cmd.Kind.ENROL, enrol))
        ids.append(outcome[1])
    seq = members + 2
    for _ in range(lots):
        for member_id in ids:
            seq += 1
            line = cmd.Line("x", 1000, 300_000, cmd.LineKind.GOODS)
            receipt = cmd.ReceiptId(1, 1, seq, TODAY)
            bought = cmd.Confirm(receipt, member_id, 0, (line,), 0, cmd.SpendMode.NONE, b"", False, False)
            _run(engine, state, seq, cmd.Kind.CONFIRM, bought)
    return ids


def engine_rules() -> cmd.Rules:
    """The built-in rules, but points earned may be spent at once."""
    return cmd.Rules(
        name="Bench",
        currency="EUR",
        earn_points=5,
        earn_per_minor=100,
        earn_delay_days=0,
        lot_window_days=365,
        point_value_minor=1,
        point_value_points=1,
        spend_unit_points=1,
        line_limit_basis_points=3000,
        receipt_limit_basis_points=3000,
        welcome_points=0,
        welcome_window_days=0,
        late_receipt_max_days=30,
        ending_soon_days=30,
        shortfall=cmd.Shortfall.NEGATIVE,
        unknown_store=cmd.UnknownStore.UTC,
    )


def _run(engine: Engine, state: State, seq: int, kind: cmd.Kind, command: cmd.Command) -> bytes:
    outcome = engine.execute(state, Entry(seq, NOW_MS + seq, kind, 1, b"bench", _encode(command)))
    state.merge()
    return outcome


def _request(member_id: int, number: int) -> bytes:
    basket = (("4006381333931", 1000, 8990), ("4006381333948", 2000, 1500), ("2001234012345", 1234, 333))
    return pb.ConfirmRequest(
        request_id=number.to_bytes(16, "big"),
        seen_ms=NOW_MS,
        client_ms=NOW_MS,
        receipt={"store": 17, "terminal": 3, "number": number, "business_day": TODAY},
        member={"member_id": member_id},
        lines=[
            {"sku": sku, "quantity_milli": milli, "amount_minor": minor, "kind": 1}
            for sku, milli, minor in basket
        ],
        spend={"points": 300, "mode": 2},
    ).SerializeToString()


if __name__ == "__main__":
    main()
