"""What happened while nobody looked, in a line each; and where things stand."""

from loyalty.cli.outbox import entry_text
from loyalty.cli.till.amounts import money
from loyalty.cli.till.screens import Status
from loyalty.cli.till.state import State
from loyalty.client.outbox import Fate, OutboxError, Settled
from loyalty.v1 import till_pb2 as till

ONE_BY_ONE_MAX = 5  # more than so many are told as a number


def status_of(state: State) -> Status:
    """Where things stand."""
    uplink = state.uplink
    try:
        head = uplink.outbox.head()
        aside = sum(settled.fate is not Fate.DONE for settled in uplink.outbox.untold())
    except OutboxError:  # said by whatever is done next
        head, aside = None, 0
    oldest_ms = head.put_ms if head is not None else 0
    return Status(uplink.line, uplink.since_ms, uplink.outbox.waiting, oldest_ms, aside, state.now_ms)


def news(state: State) -> tuple[str, ...]:
    """Answers that came meanwhile: what was done is told once, the rest until somebody looks after it."""
    outbox = state.uplink.outbox
    try:
        fresh = [settled for settled in outbox.untold() if settled.entry.position not in state.mentioned]
        for settled in fresh:
            state.mentioned.add(settled.entry.position)
            if settled.fate is Fate.DONE:
                outbox.tell(settled)
    except OutboxError as problem:
        return (str(problem),)
    if state.uplink.trouble:
        return (state.uplink.trouble,)
    done = [settled for settled in fresh if settled.fate is Fate.DONE]
    if len(done) <= ONE_BY_ONE_MAX:
        return tuple(_text(settled, state.place.exponent) for settled in fresh)
    first, last = entry_text(done[0].entry), entry_text(done[-1].entry)
    others = [_text(settled, state.place.exponent) for settled in fresh if settled.fate is not Fate.DONE]
    return (f"{len(done)} that waited are done, from {first} to {last}", *others)


def _text(settled: Settled, exponent: int) -> str:
    entry, verdict = settled.entry, settled.verdict
    if settled.fate is not Fate.DONE:
        at = f" at {verdict.field}" if verdict.field else ""
        would = f" ({verdict.acceptable})" if verdict.acceptable else ""
        return (
            f"{entry_text(entry)}: {settled.fate.value}, {verdict.reason}{at}{would}; entry {entry.position}"
        )
    outcome = settled.outcome
    if isinstance(outcome, till.ConfirmDone):
        bill = outcome.bill
        came = f"{money(bill.paid_minor, exponent)} to pay, {bill.earned_points} points earned"
        off = f", {money(bill.discount_minor, exponent)} off" if bill.discount_minor else ""
        return f"{entry_text(entry)} is booked: {came}{off}"
    return f"{entry_text(entry)} is done"
