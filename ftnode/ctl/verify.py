"""`ftctl verify`: both units read their whole disks again, and what they read is held against each other.

Each unit counts its slots at one checkpoint, both at the same; checks its log's chain; and its archive and
promise. Equal hashes at common entries mean equal logs up to there: each is chained to the one before.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import grpc

from ftnode.ctl import ask, report
from ftnode.ctl.where import Where
from ftnode.v1 import admin_pb2 as pb
from ftnode.v1 import admin_pb2_grpc as pb_grpc

TRIES: Final = 6  # to meet at one checkpoint, while both go on writing them
HASHES: Final = 16  # compared between the first and the last common entry
TIMEOUT_S: Final = 60.0
SLOTS_TOLD: Final = 8
ROOT_BYTES: Final = 16  # of one slot in a packed row of roots


@dataclass(slots=True)
class UnitResult:
    """What one unit read. `trouble`: why it could not, empty if it could."""

    unit: int
    trouble: str = ""
    begun: "pb.VerifyBegun | None" = None
    part: str = ""
    read_bytes: int = 0
    total_bytes: int = 0
    done: bool = False
    findings: list[pb.VerifyFinding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Read to the end, and nothing found."""
        return self.done and not self.findings and not self.trouble


@dataclass(slots=True)
class Result:
    """What both came to, and what they say of each other."""

    units: list[UnitResult]
    checkpoint_seq: int = 0  # at which both counted; 0: at none
    roots_equal: bool | None = None  # None: not compared
    unequal_slots: list[int] = field(default_factory=list)
    log_equal: bool | None = None
    log_compared: tuple[int, int] = (0, 0)  # lowest and highest entry whose hashes were compared

    @property
    def verdict(self) -> str:
        """sound, rotten, differ, or unknown."""
        if self.roots_equal is False or self.log_equal is False:
            return "differ"
        if any(one.findings for one in self.units):
            return "rotten"
        if any(not one.sound for one in self.units):
            return "unknown"
        return "unknown" if len(self.units) > 1 and self.roots_equal is None else "sound"

    @property
    def exit_status(self) -> int:
        """0 sound, 3 something is rotten, 4 the units contradict each other, 1 not all could be read."""
        return {
            "sound": report.EXIT_WELL,
            "rotten": report.EXIT_WARNING,
            "differ": report.EXIT_DOWN,
        }.get(self.verdict, report.EXIT_NOT_DONE)


async def verify(where: Where, units: Sequence[int], fast: bool, told: Callable[[Result], None]) -> Result:
    """Let `units` read their disks; `told` hears of progress."""
    result = Result([UnitResult(unit) for unit in units])
    lines = [ask.unit_channel(where, unit) for unit in units]
    stubs = [pb_grpc.AdminServiceStub(line) for line in lines]
    try:
        calls = await _at_one_checkpoint(where, stubs, result, fast)
        await asyncio.gather(
            *(
                _read(where, call, one, lambda: told(result))
                for call, one in zip(calls, result.units, strict=True)
                if call is not None
            )
        )
        _compare_roots(result)
        if len(units) > 1:
            await _compare_logs(stubs, result)
    finally:
        for line in lines:
            await line.close(None)
    return result


async def _at_one_checkpoint(where: Where, stubs: list[Any], result: Result, fast: bool) -> list[Any]:
    """The calls, each past its first answer; both at the same checkpoint, if that can be had."""
    calls: list[Any] = [None] * len(stubs)
    wanted: list[pb.VerifyRequest | None] = [pb.VerifyRequest(fast=fast, fresh=True)]
    wanted += [pb.VerifyRequest(fast=fast) for _ in stubs[1:]]
    for _ in range(TRIES):
        for at, request in enumerate(wanted):
            if request is None:
                continue
            if at and not result.units[0].trouble:
                request.at_seq = _seq(result.units[0])  # there by now, or about to be
            if calls[at] is not None:
                calls[at].cancel()
                await asyncio.sleep(0.2)  # it has to hear of that first
            calls[at] = stubs[at].Verify(request)
            await _begin(where, calls[at], result.units[at])
            calls[at] = None if result.units[at].trouble else calls[at]
        seqs = [_seq(one) for one in result.units if not one.trouble]
        if len(seqs) < len(stubs) or len(set(seqs)) == 1:
            break
        behind = min(range(len(seqs)), key=seqs.__getitem__)
        wanted = [None] * len(stubs)
        wanted[behind] = pb.VerifyRequest(fast=fast, at_seq=max(seqs))
    return calls


def _seq(one: UnitResult) -> int:
    return one.begun.checkpoint_seq if one.begun is not None else 0


async def _begin(where: Where, call: Any, one: UnitResult) -> None:
    one.trouble = ""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            first = await call.read()
    except (TimeoutError, grpc.aio.AioRpcError) as problem:
        one.trouble = _in_words(where, one.unit, problem)
        return
    if not isinstance(first, pb.VerifyResponse):
        one.trouble = f"unit {one.unit} said nothing"
        return
    one.begun, one.total_bytes = first.begun, first.total_bytes


async def _read(where: Where, call: Any, one: UnitResult, told: Callable[[], None]) -> None:
    try:
        while isinstance(answer := await call.read(), pb.VerifyResponse):
            one.part = answer.part or one.part
            one.read_bytes, one.total_bytes = answer.read_bytes, answer.total_bytes
            one.findings += answer.findings
            one.done = answer.done
            told()
    except grpc.aio.AioRpcError as problem:
        one.trouble = _in_words(where, one.unit, problem)


def _in_words(where: Where, unit: int, problem: Exception) -> str:
    if isinstance(problem, grpc.aio.AioRpcError):
        if problem.code() is grpc.StatusCode.FAILED_PRECONDITION:
            return problem.details() or "it refuses"
        return ask.in_words(problem, where.units[unit], TIMEOUT_S)
    return f"no answer from {where.units[unit]} within {TIMEOUT_S:g} s"


def _compare_roots(result: Result) -> None:
    """Only of the same checkpoint. What a unit recorded, it has also counted: else there is a finding."""
    begun = [one.begun for one in result.units if one.begun is not None]
    seqs = {one.checkpoint_seq for one in begun}
    if len(begun) != len(result.units) or len(seqs) != 1:
        return
    result.checkpoint_seq = seqs.pop()
    if len(begun) < 2:
        return
    first, second = begun
    result.unequal_slots = [
        slot
        for slot in range(len(first.roots) // ROOT_BYTES)
        if _root(first.roots, slot) != _root(second.roots, slot)
    ]
    result.roots_equal = not result.unequal_slots and first.digest == second.digest


def _root(roots: bytes, slot: int) -> bytes:
    return roots[slot * ROOT_BYTES : (slot + 1) * ROOT_BYTES]


async def _compare_logs(stubs: list[Any], result: Result) -> None:
    begun = [one.begun for one in result.units if one.begun is not None]
    if len(begun) < 2:
        return
    low, high = max(one.first_seq for one in begun), min(one.last_seq for one in begun)
    if low > high or not high:
        return
    seqs = sorted({low + (high - low) * at // (HASHES - 1) for at in range(HASHES)})
    request = pb.LogHashesRequest(seqs=seqs)
    try:
        answers = await asyncio.gather(*(stub.LogHashes(request, timeout=TIMEOUT_S) for stub in stubs))
    except grpc.aio.AioRpcError:
        return
    both = [
        (seq, one, other)
        for seq, one, other in zip(seqs, *(answer.hashes for answer in answers), strict=True)
        if one and other
    ]
    if both:
        result.log_compared = (both[0][0], both[-1][0])
        result.log_equal = all(one == other for _, one, other in both)


def as_json(result: Result) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "verdict": result.verdict,
        "exit_status": result.exit_status,
        "checkpoint_seq": result.checkpoint_seq,
        "roots_equal": result.roots_equal,
        "unequal_slots": result.unequal_slots[:SLOTS_TOLD],
        "log_equal": result.log_equal,
        "log_compared": list(result.log_compared),
        "units": [_unit_as_json(one) for one in result.units],
    }


def _unit_as_json(one: UnitResult) -> dict[str, Any]:
    begun = one.begun or pb.VerifyBegun()
    return {
        "unit": one.unit,
        "sound": one.sound,
        "trouble": one.trouble,
        "checkpoint_seq": begun.checkpoint_seq,
        "log": [begun.first_seq, begun.last_seq],
        "archived_segments": begun.archived_segments,
        "read_bytes": one.read_bytes,
        "findings": [
            {
                "what": found.what,
                "why": found.why,
                "first": found.first,
                "last": found.last,
                "name": found.name,
            }
            for found in one.findings
        ],
    }
