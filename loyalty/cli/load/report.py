"""The end of a load: every answer compared with the statements of whoever survived, as one JSON object."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from loyalty.cli.load.plan import LoadPlan
from loyalty.cli.load.run import statements
from loyalty.cli.load.worker import Said
from loyalty.client.accounting import Booked, account, percentiles
from loyalty.client.client import TillClient
from loyalty.client.connect import credentials
from loyalty.client.history import CallRecord, ReceiptKey, read_history
from loyalty.client.policy import Policy
from loyalty.client.units import Units
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

ACKNOWLEDGED_LEAST_PERCENT: Final = 90

METHOD_OF: Final = {
    till.MOVEMENT_ENROL: "Enrol",
    till.MOVEMENT_PURCHASE: "Confirm",
    till.MOVEMENT_RETURN: "ReturnLines",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a load."""

    figures: dict[str, Any]
    findings: list[str]

    @property
    def ok(self) -> bool:
        return bool(self.figures["ok"])


def throughput(plan: LoadPlan, finished: Sequence[Said]) -> dict[str, Any]:
    """What a closed loop measured; workers ran at the same time."""
    commands = sum(said.done + said.rejected for said in finished)
    seconds = max(said.took_us for said in finished) / 1e6
    return {
        "mode": plan.mode,
        "in_flight": plan.in_flight * plan.processes,
        "batch": plan.batch if plan.mode == "batch" else 1,
        "answered": commands,
        "not_taken": sum(said.not_taken for said in finished),
        "unknown": sum(said.unknown for said in finished),
        "seconds": round(seconds, 3),
        "rate_per_s": round(commands / seconds, 1),
        "p50_ms": max(said.p50_ms for said in finished),
        "p99_ms": max(said.p99_ms for said in finished),
        "max_ms": max(said.max_ms for said in finished),
        "client_us_per_call": client_us(finished),
    }


def client_us(finished: Sequence[Said]) -> float:
    """Processor time that the clients themselves spent on a command: what the measurement costs."""
    sent = sum(said.sent for said in finished)
    return round(sum(said.cpu_us for said in finished) / max(sent, 1), 1)


async def judge(plan: LoadPlan, finished: Sequence[Said]) -> Report:
    """Read the histories, ask for the statements, compare.

    Raises:
        LoadFailed: a statement could not be had.
        ValueError: a history is damaged.
    """
    calls = await asyncio.to_thread(_read_all, Path(plan.history))
    members = sorted({call.last.member for call in calls if call.last and call.last.member})
    policy = Policy(deadline_ms=plan.deadline_ms)
    async with Units(plan.targets, policy, credentials(plan.ca, plan.certificate, plan.key)) as units:
        items = await statements(TillClient(units), members)
    result = account(calls, [booked(member, item) for member, item in items])
    bought = [call for call in calls if call.sent.method != "Enrol"]
    enough = result.acknowledged * 100 >= result.scheduled * ACKNOWLEDGED_LEAST_PERCENT
    figures: dict[str, Any] = {name: value for name, value in result.as_json().items() if name != "findings"}
    figures |= {
        "ok": result.ok and result.unknown == 0 and enough,
        "members": len(members),
        "rate_wanted_per_s": plan.rate if plan.mode == "open" else 0,
        "rate_sent_per_s": _rate_sent(bought),
        "late_sending_ms": max(((c.sent.sent_us - c.sent.scheduled_us) / 1000 for c in bought), default=0.0),
        "wait_ms": _waits(bought),
        "client_us_per_call": client_us(finished),
        "epochs": len({answer.epoch for call in calls for answer in call.answers if answer.epoch}),
    }
    if plan.mode != "open":
        figures |= throughput(plan, finished)
    return Report(figures, result.findings)


def _read_all(directory: Path) -> list[CallRecord]:
    return read_history(sorted(directory.glob("worker-*.jsonl")))


def booked(member: int, item: till.StatementItem) -> Booked:
    """A movement as the accounting wants it."""
    receipt = _key(item.receipt) if item.HasField("receipt") else None
    return Booked(member, METHOD_OF.get(item.movement, "?"), receipt, item.points, item.seq)


def _key(receipt: common.ReceiptId) -> ReceiptKey:
    return receipt.store, receipt.terminal, receipt.number, receipt.business_day


def _waits(calls: Sequence[CallRecord]) -> dict[str, float]:
    waits = ((c.answers[-1].answered_us - c.sent.scheduled_us) / 1000 for c in calls if c.is_definite)
    return {name: round(value, 3) for name, value in percentiles(waits).items()}


def _rate_sent(calls: Sequence[CallRecord]) -> float:
    if len(calls) < 2:
        return 0.0
    sent = [call.sent.sent_us for call in calls]
    return round((len(sent) - 1) * 1e6 / max(max(sent) - min(sent), 1), 1)
