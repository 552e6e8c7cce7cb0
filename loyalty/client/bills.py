"""The accounting of histories that are kept in detail: bills and balances, to the cent and the point.

What is wrong is told in words, one text for each fault.
"""

from collections.abc import Iterator, Mapping, Sequence

from loyalty.client.figures import Figures
from loyalty.client.history import CallRecord, ReceiptKey

UNDOING = ("CancelHold", "VoidReceipt")
"""Commands whose identity is that of the order or the purchase."""


def receipts(calls: Sequence[CallRecord], standing: Mapping[ReceiptKey, Figures]) -> Iterator[str]:
    """Money off, points, refunds: what a client was told is what stands under the identity."""
    for call in calls:
        answer, receipt = call.last, call.sent.receipt
        if call.told != "done" or answer is None or answer.details is None or receipt is None:
            continue
        if call.sent.method not in UNDOING and standing.get(receipt) != answer.details.figures:
            yield f"{answer} stands as {standing.get(receipt)}"


def balances(calls: Sequence[CallRecord], gifts: Mapping[tuple[int, int], int]) -> Iterator[str]:
    """A member's balance goes on from answer to answer, in the order of the log.

    A command whose answer says how far it moved the balance is held to it; what is read is what the newest
    command left. Members with an unknown command are left out.

    Args:
        gifts: points that came by themselves, by member and place in the log.
    """
    doubtful = {call.sent.member for call in calls if call.is_command and call.told == "unknown"}
    newest: dict[int, int] = {}
    for call in _by_place(calls):
        answer = call.answers[-1]
        details, member = answer.details, answer.member
        if details is None or details.after_points is None or member in doubtful:
            continue
        moved = details.moved_points if call.is_command else 0
        if member in newest and moved is not None:
            gift = gifts.get((member, answer.seq), 0) if call.is_command else 0
            wanted = newest[member] + moved + gift
            if details.after_points != wanted:
                yield f"{answer} should have left {wanted} points"
        if call.is_command:
            newest[member] = details.after_points


def _by_place(calls: Sequence[CallRecord]) -> list[CallRecord]:
    """Those that were done, as they lie in the log; a question comes after the entry that it saw."""
    done = [call for call in calls if call.told == "done"]
    return sorted(done, key=lambda call: (call.answers[-1].seq, not call.is_command))
