"""The end of a load: every answer compared with the statements of whoever survived, as one JSON object."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from loyalty.cli.load.plan import LoadPlan
from loyalty.cli.load.recorder import SALES, Takings
from loyalty.cli.load.run import LoadFailed, statements
from loyalty.cli.load.worker import Said
from loyalty.client.accounting import BY_ITSELF, Booked, account, percentiles
from loyalty.client.answers import Done, Rejected
from loyalty.client.client import TillClient
from loyalty.client.connect import credentials
from loyalty.client.figures import Figures, of_bill, of_returned
from loyalty.client.history import CallRecord, ReceiptKey, read_history
from loyalty.client.policy import Policy
from loyalty.client.units import Units
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

ACKNOWLEDGED_LEAST_PERCENT: Final = 90
ASKING: Final = 16  # receipts at the same time

METHOD_OF: Final = {
    till.MOVEMENT_ENROL: "Enrol",
    till.MOVEMENT_PURCHASE: "Confirm",
    till.MOVEMENT_RETURN: "ReturnLines",
    till.MOVEMENT_HOLD: "Hold",
    till.MOVEMENT_CAPTURE: "Capture",
    till.MOVEMENT_CANCEL: "CancelHold",
    till.MOVEMENT_VOID: "VoidReceipt",
    till.MOVEMENT_SERVICE: "UseService",
    till.MOVEMENT_GIFT: BY_ITSELF,
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
        client = TillClient(units)
        items = await statements(client, members)
        receipts = await receipts_of(client, calls) if plan.programme_file else None
    result = account(calls, [booked(member, item) for member, item in items], receipts)
    bought = [call for call in calls if call.sent.method != "Enrol"]
    enough = result.acknowledged * 100 >= result.scheduled * ACKNOWLEDGED_LEAST_PERCENT
    figures: dict[str, Any] = {name: value for name, value in result.as_json().items() if name != "findings"}
    figures |= {
        "ok": result.ok and result.unknown == 0 and enough,
        **(_takings(calls) if plan.programme_file else {}),
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
    funded = tuple(
        (posting.ref, -posting.minor, 0)
        for posting in item.postings
        if posting.account == till.ACCOUNT_FUNDER
    )
    return Booked(member, METHOD_OF.get(item.movement, "?"), receipt, item.points, item.seq, funded)


def _takings(calls: Sequence[CallRecord]) -> dict[str, int]:
    """What the tills' own notes say of money and points."""
    takings = Takings()
    for call in calls:
        if call.told == "done" and call.sent.method in SALES and call.last and call.last.details:
            takings.take(call.last.details.figures)
    return {
        "receipts": takings.receipts,
        "money_off_minor": takings.money_off_minor,
        "points_issued": takings.points_issued,
        "points_spent": takings.points_spent,
        "promotions_applied": takings.promotions,
    }


async def receipts_of(client: TillClient, calls: Sequence[CallRecord]) -> dict[ReceiptKey, Figures]:
    """What stands under each identity that a command was done for.

    Raises:
        LoadFailed: the pair did not say.
    """
    wanted = sorted({call.sent.receipt for call in calls if call.sent.receipt and call.told == "done"})
    gate = asyncio.Semaphore(ASKING)

    async def ask(key: ReceiptKey) -> tuple[ReceiptKey, Figures] | None:
        store, terminal, number, day = key
        receipt = common.ReceiptId(store=store, terminal=terminal, number=number, business_day=day)
        async with gate:
            answer = await client.call("GetReceipt", till.GetReceiptRequest(receipt=receipt), True)
        if isinstance(answer, Rejected):
            return None  # nothing is there: whoever was told of it will miss it
        if not isinstance(answer, Done):
            raise LoadFailed(f"no receipt {key}: {answer}")
        return key, _figures(answer.outcome)

    return dict(found for found in await asyncio.gather(*map(ask, wanted)) if found)


def _figures(done: till.GetReceiptDone) -> Figures:
    match done.WhichOneof("booked"):
        case "purchase":
            return of_bill(done.purchase.bill)
        case "hold":
            return of_bill(done.hold.bill)
        case "returned":
            return of_returned(done.returned.returned)
    return Figures(services=done.use.times)


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
