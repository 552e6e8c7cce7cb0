"""Did the pair do what it said, once? Compares what clients were told with what the members' statements hold.

The pair's own counters are not asked. A statement is asked from whoever survived; the history is the
clients' own. Every answer also carries its place in the log, which settles the order of everything: what
was answered before a call was sent must lie before it (no stale read, no forgotten write).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final, TypeAlias

from loyalty.client import bills
from loyalty.client.figures import Figures, Given
from loyalty.client.history import CallRecord, ReceiptKey

EXAMPLES_MAX: Final = 5
"""Findings of one kind told in words; all are counted."""


@dataclass(frozen=True, slots=True)
class Booked:
    """One movement on a member's statement."""

    member: int
    method: str  # the command that makes such movements: Enrol, Confirm, ReturnLines, ...; or Gift
    receipt: ReceiptKey | None  # the receipt or the return; None for an enrolment
    points: int
    seq: int
    funded: tuple[Given, ...] = ()  # money that partners owe the store for it, by promotion


_DUE, _ANSWERED, _GONE = range(3)  # in this order when at one instant

BY_ITSELF: Final = "Gift"
"""The movement that no command asks for: a birthday's points, when they are first touched."""

Key: TypeAlias = tuple[str, int, ReceiptKey | None]
"""What happens once for ever: enrolment of a member, a receipt, a return."""


@dataclass(slots=True)
class Account:
    """The result. `ok` is about safety alone; how long anything took is for the caller to judge."""

    scheduled: int = 0
    acknowledged: int = 0  # done or rejected
    done: int = 0
    rejected: int = 0
    refused: int = 0  # surely not taken
    unknown: int = 0  # and never settled
    unknown_on_the_way: int = 0  # settled by asking more than once
    lost: int = 0  # told done, not booked
    doubled: int = 0  # booked more than once
    altered: int = 0  # booked with other points, or at another place in the log, than the client was told
    unexplained: int = 0  # booked, and no client was told so, nor may it have been an unknown call
    stale: int = 0  # an answer from before something that was answered earlier
    misread: int = 0  # a member's points are not the sum of what was done for him up to there
    misbilled: int = 0  # the receipt that the pair has is not what the client was told
    longest_gap_ms: float = 0.0
    longest_gap_at_us: int = 0  # when it began
    longest_wait_ms: float = 0.0
    longest_wait_at_us: int = 0  # when that call was due
    findings: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        wrong = (self.lost, self.doubled, self.altered, self.unexplained)
        return not any((*wrong, self.stale, self.misread, self.misbilled))

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "ok": self.ok}


def account(
    calls: Sequence[CallRecord],
    booked: Iterable[Booked],
    receipts: Mapping[ReceiptKey, Figures] | None = None,
) -> Account:
    """Judge a whole run.

    Args:
        calls: every call of every client, settled ones with all their answers.
        booked: the full statements of every member that the calls are about.
        receipts: what the pair has under each identity, for a history that was kept in detail.
    """
    result = Account(scheduled=len(calls))
    movements = list(booked)
    _count(calls, result)
    _compare(calls, movements, result)
    _check_order(calls, result)
    _check_points(calls, result)
    for wrong in bills.balances(calls, _gifts(movements)):
        result.misread += 1
        _tell(result, "misread", wrong)
    for wrong in bills.receipts(calls, receipts) if receipts is not None else ():
        result.misbilled += 1
        _tell(result, "misbilled", wrong)
    result.longest_gap_ms, result.longest_gap_at_us = longest_gap(calls)
    result.longest_wait_ms, result.longest_wait_at_us = longest_wait(calls)
    return result


def _count(calls: Sequence[CallRecord], result: Account) -> None:
    for call in calls:
        result.done += call.told == "done"
        result.rejected += call.told == "rejected"
        result.refused += call.told == "not_taken"
        result.unknown += call.told == "unknown"
        asked_again = len(call.answers) > 1 or any(answer.tries > 1 for answer in call.answers)
        result.unknown_on_the_way += asked_again and call.is_definite
    result.acknowledged = result.done + result.rejected


def _compare(calls: Sequence[CallRecord], booked: Sequence[Booked], result: Account) -> None:
    """Statement against history, both ways."""
    movements: dict[Key, list[Booked]] = {}
    for movement in booked:
        movements.setdefault((movement.method, movement.member, movement.receipt), []).append(movement)
    told: dict[Key, list[CallRecord]] = {}
    for call in calls:
        if call.is_command and call.told == "done":
            told.setdefault(_key(call), []).append(call)
    gifts = _gifts(booked)
    for key, same in told.items():
        _compare_done(key, same, movements.get(key, []), gifts, result)
    doubtful = Counter(_key(call) for call in calls if call.is_command and call.told == "unknown")
    anonymous = sum(n for (method, member, _), n in doubtful.items() if method == "Enrol" and member == 0)
    for key, found in movements.items():
        if len(found) > 1:
            result.doubled += len(found) - 1
            _tell(result, "doubled", f"{key} is booked {len(found)} times: {found}")
        if key not in told and key not in doubtful and key[0] != BY_ITSELF:
            if key[0] == "Enrol" and anonymous > 0:
                anonymous -= 1
                continue
            result.unexplained += 1
            _tell(result, "unexplained", f"{found[0]}: no client was told so")


def _gifts(booked: Sequence[Booked]) -> dict[tuple[int, int], int]:
    """Points that came by themselves, by member and place in the log."""
    gifts: Counter[tuple[int, int]] = Counter()
    for movement in booked:
        if movement.method == BY_ITSELF:
            gifts[movement.member, movement.seq] += movement.points
    return gifts


def _compare_done(
    key: Key,
    told: list[CallRecord],
    found: list[Booked],
    gifts: Mapping[tuple[int, int], int],
    result: Account,
) -> None:
    if not found:
        result.lost += 1
        _tell(result, "lost", f"{told[0]} was told done; the statement has nothing under {key}")
        return
    for call in told:
        answer = call.last
        if answer is None:
            continue
        points = found[0].points
        if key[0] == "Enrol":  # whose answer is a balance, with what is there by itself
            points += gifts.get((key[1], found[0].seq), 0)
        same = (answer.points, answer.seq) == (points, found[0].seq)
        if not same or (answer.details and not _funded_as_told(answer.details.figures, found[0])):
            result.altered += 1
            _tell(result, "altered", f"{answer} is booked as {found[0]}")


def _funded_as_told(figures: Figures, found: Booked) -> bool:
    """What partners pay for is posted with the purchase; a hold posts no money yet."""
    return found.method not in ("Confirm", "Capture") or set(figures.funded) <= set(found.funded)


def _check_order(calls: Sequence[CallRecord], result: Account) -> None:
    """Answered before sent means lower in the log: sweep all sendings and answers in time order."""
    moments = []
    for call in calls:
        answer = call.last
        if answer is not None and call.is_definite and answer.seq:
            moments.append(
                (call.sent.sent_us, 0, call)
            )  # before answers of the same instant: it may not know
            moments.append((answer.answered_us, 1, call))
    moments.sort(key=lambda moment: moment[:2])
    newest_seq = 0
    for _, is_answer, call in moments:
        seq = call.answers[-1].seq
        if is_answer:
            newest_seq = max(newest_seq, seq)
        elif seq < newest_seq or (seq == newest_seq and call.is_command):
            result.stale += 1
            _tell(
                result, "stale", f"{call} lies at seq {seq}, but {newest_seq} was answered before it was sent"
            )


def _check_points(calls: Sequence[CallRecord], result: Account) -> None:
    """A member's points as read at a seq are the sum of what was done for him up to that seq.

    Members with an unknown command are left out: their points may or may not hold it.
    """
    changes: dict[int, list[tuple[int, int]]] = {}
    doubtful = {call.sent.member for call in calls if call.is_command and call.told == "unknown"}
    for call in calls:
        answer = call.last
        if answer is not None and call.is_command and answer.told == "done":
            changes.setdefault(answer.member, []).append((answer.seq, answer.points))
    for call in calls:
        answer = call.last
        if answer is None or call.sent.method != "GetBalance" or answer.told != "done":
            continue
        if answer.details is not None:
            continue  # some points may be in no balance: see below
        if answer.member in doubtful or answer.member not in changes:
            continue
        wanted = sum(points for seq, points in changes[answer.member] if seq <= answer.seq)
        if wanted != answer.points:
            result.misread += 1
            _tell(result, "misread", f"{answer} should have been {wanted} points")


def longest_gap(calls: Sequence[CallRecord]) -> tuple[float, int]:
    """The longest time in which calls were waiting and no till got a definite answer.

    Returns:
        Milliseconds, and when it began (us). A time in which nothing was due is no gap.
    """
    moments = [(call.sent.scheduled_us, _DUE) for call in calls]
    for call in calls:
        if call.answers:
            moments.append((call.answers[-1].answered_us, _ANSWERED if call.is_definite else _GONE))
    moments.sort()
    waiting, since_us, longest = 0, 0, (0.0, 0)
    for at_us, what in moments:
        if what == _DUE:
            since_us = since_us if waiting else at_us
            waiting += 1
            continue
        waiting -= 1
        if what == _ANSWERED:
            longest = max(longest, ((at_us - since_us) / 1000, since_us))
            since_us = at_us
    return longest


def longest_wait(calls: Iterable[CallRecord]) -> tuple[float, int]:
    """The longest time from when a call was due to its definite answer.

    Returns:
        Milliseconds, and when that call was due (us).
    """
    waits = (
        ((call.answers[-1].answered_us - call.sent.scheduled_us) / 1000, call.sent.scheduled_us)
        for call in calls
        if call.is_definite
    )
    return max(waits, default=(0.0, 0))


def percentiles(values: Iterable[float], wanted: Sequence[float] = (50, 99, 99.9)) -> Mapping[str, float]:
    """Nearest-rank percentiles, named p50, p99, ...; empty for no values."""
    ranked = sorted(values)
    if not ranked:
        return {}
    return {f"p{p:g}": ranked[min(int(len(ranked) * p / 100), len(ranked) - 1)] for p in wanted}


def _key(call: CallRecord) -> Key:
    answer = call.last
    member = answer.member if answer is not None and answer.member else call.sent.member
    return call.sent.method, member, call.sent.receipt


def _tell(result: Account, kind: str, text: str) -> None:
    """Keep a few examples of each kind, for people."""
    if sum(finding.startswith(kind) for finding in result.findings) < EXAMPLES_MAX:
        result.findings.append(f"{kind}: {text}")
