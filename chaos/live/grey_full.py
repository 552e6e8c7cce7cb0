"""Disks that fill to the last byte: first the active's, then the other one's; then there is room again.

The first unit goes out before it fails. The second, alone, answers questions and refuses commands, surely
not taken. With room service returns, and nothing that was answered is lost.
"""

import asyncio
import os
import time
from pathlib import Path
from typing import Any, Final

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from chaos.live import grey_faults as faults
from chaos.live.durability_cabinet import Cabinet
from chaos.live.grey_play import HEAL_S, LEAD_S, Result, feel, plan_of
from chaos.live.observer import Observer, TooLong, is_duplex
from ftnode.ctl.view import PairView
from ftnode.pair.layout import PairError
from loyalty.cli.load.crew import Crew
from loyalty.cli.load.report import judge
from loyalty.cli.load.run import LoadFailed
from loyalty.client.history import now_us, read_history
from loyalty.v1 import till_pb2, till_pb2_grpc

DISK_BYTES: Final = 192 << 20
SETTINGS: Final = {
    "FTNODE_HARDWARE_WELL_AFTER_MS": "3000",
    "FTNODE_LOG_FREE_MIN_BYTES": str(48 << 20),
    "FTNODE_LOG_RESERVE_BYTES": str(24 << 20),
}
CALL_S: Final = 3.0
ALONE_S: Final = 4.0
SECONDS: Final = 45.0
PHONE: Final = "+886900000001"


async def play(directory: Path, tills: int, rate: float) -> Result:
    """All of it; never raises for what a pair can do wrong."""
    result = Result("full-disks")
    before = {name: os.environ.get(name) for name in SETTINGS}
    os.environ.update(SETTINGS)
    try:
        with faults.small_disks(directory, DISK_BYTES), Cabinet(directory) as cabinet:
            await cabinet.form()
            await _fill_and_empty(cabinet, result, tills, rate)
            if not await cabinet.digests_equal():
                result.problems.append("the units did not end with equal digests")
            result.problems += [f"ended by itself: {one}" for one in cabinet.ended]
    except (PairError, TooLong, LoadFailed, ValueError, OSError) as problem:
        result.problems.append(str(problem))
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
    return result


async def _fill_and_empty(cabinet: Cabinet, result: Result, tills: int, rate: float) -> None:
    plan = plan_of(cabinet, SECONDS, tills, rate)
    observer = Observer(cabinet.where, on_news=lambda news: None)
    following = asyncio.create_task(observer.follow())
    try:
        view = await observer.until_duplex(HEAL_S)
        first = view.active or 0
        with Crew(plan) as crew:
            await asyncio.to_thread(crew.wait_enrolled)
            crew.go()
            buying = asyncio.create_task(asyncio.to_thread(crew.wait_finished, lambda newest: None))
            await asyncio.sleep(LEAD_S)
            began_us = now_us()
            full_us = await _fill_both(cabinet, observer, first, result)
            await _make_room(cabinet, observer, first, result)
            again_us = now_us()
            finished = await buying
        report = await judge(plan, finished)
        calls = await asyncio.to_thread(lambda: read_history(sorted(Path(plan.history).glob("*.jsonl"))))
        felt = [
            call
            for call in calls
            if began_us <= call.sent.scheduled_us < full_us or call.sent.scheduled_us > again_us
        ]
        safe = Result("")
        feel(safe, felt, report)
        result.figures |= safe.figures
        refused_meanwhile = "fewer than 90 %"
        result.problems += [one for one in safe.problems if refused_meanwhile not in one]
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _fill_both(cabinet: Cabinet, observer: Observer, first: int, result: Result) -> int:
    """When the second disk began to fill: from then on commands may be refused."""
    second = 1 - first
    before = observer.view
    await asyncio.to_thread(faults.fill, cabinet, first)
    view = await observer.until(lambda seen: _alone(seen, second), f"unit {second} alone", HEAL_S)
    await asyncio.sleep(ALONE_S)
    view = observer.view or view
    told = [one.what for one in view.wrong if "nearly full" in one.what]
    state = view.units[first].state
    epochs = view.epoch - (before.epoch if before is not None else 0)
    result.figures |= {"first_out": first, "first_state": state, "epochs": epochs, "reason": "; ".join(told)}
    if state != "DUPLEXING" or not told or epochs != 1:
        result.problems.append(f"unit {first} is {state} after {epochs} changes, and said is {told}")
    full_us = now_us()
    await asyncio.to_thread(faults.fill, cabinet, second)
    await asyncio.sleep(ALONE_S / 2)
    target = cabinet.targets.split(",")[second]
    read, written = await _ask(target)
    result.figures |= {"alone_reads": read, "alone_writes": written}
    if read != "OK":
        result.problems.append(f"unit {second}, alone and full, answers a question with {read}")
    if not written.startswith("RESOURCE_EXHAUSTED NOT_TAKEN") or "full" not in written:
        result.problems.append(f"unit {second}, alone and full, answers a command with {written}")
    return full_us


async def _make_room(cabinet: Cabinet, observer: Observer, first: int, result: Result) -> None:
    second = 1 - first
    await asyncio.to_thread(faults.empty, cabinet, second)
    began_s = time.monotonic()
    while (await _ask(cabinet.targets.split(",")[second]))[1] != "OK":
        if time.monotonic() - began_s > HEAL_S:
            result.problems.append(f"unit {second} has room again and takes no commands")
            break
        await asyncio.sleep(0.1)
    result.figures["takes_again_s"] = round(time.monotonic() - began_s, 1)
    await asyncio.to_thread(faults.empty, cabinet, first)
    began_s = time.monotonic()
    await observer.until(is_duplex, "duplex with room again", HEAL_S)
    result.figures["duplex_again_s"] = round(time.monotonic() - began_s, 1)


def _alone(view: PairView, unit: int) -> bool:
    return view.active == unit and tuple(view.in_sync) == (unit,)


async def _ask(target: str) -> tuple[str, str]:
    """What a question and a command are told: OK, or code, reason and words."""
    async with grpc.aio.insecure_channel(target) as channel:
        stub = till_pb2_grpc.TillServiceStub(channel)
        asked = stub.GetOutcome(till_pb2.GetOutcomeRequest(request_id=os.urandom(16)), timeout=CALL_S)
        read = await _told(asked)
        command = till_pb2.EnrolRequest(request_id=os.urandom(16), phone=PHONE)
        return read, await _told(stub.Enrol(command, timeout=CALL_S))


async def _told(call: Any) -> str:
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return f"{error.code().name} {_reason(error)} {error.details()}"
    return "OK"


def _reason(error: grpc.aio.AioRpcError) -> str:
    """The ErrorInfo's reason, as a stock client reads it."""
    trailing: Any = error.trailing_metadata() or ()
    for key, value in trailing:
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            for detail in Status.FromString(value).details:
                info = ErrorInfo()
                if detail.Unpack(info):
                    return str(info.reason)
    return "-"
