"""Any sequence of partial returns equals one full return: to the cent, the point and the lot.

Over receipts of the whole engine: promotions of every effect, several earnings, lots with a purpose, wallets,
partners' money, services and coupons, every policy. All parts come back at one moment, for windows and
later earnings are another matter.
"""

from collections import Counter
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from loyalty import commands as cmd
from loyalty.commands import ReceiptId, ReturnLine, Shortfall
from loyalty.engine import keys, records
from loyalty.engine.records import HeldLot, Receipt
from loyalty.outcomes import Account, Lot, Movement, Returned, ReturnLinesDone, Source, VoidDone
from tests.loyalty import ledger
from tests.loyalty.bounds import owner
from tests.loyalty.history import Played, Step, opened
from tests.loyalty.kit import Shop, expect
from tests.loyalty.promotions import same_again
from tests.profile import seeds

SOLD = (
    *["buy"] * 8,
    *["give_back"] * 3,
    *["adjust", "adjust", "publish", "publish", "define", "issue", "hold", "capture", "change"],
)


def with_sales(seed: int) -> Played:
    """A club in which mostly purchases happened; many of them are paid with points of others."""
    played, _ = opened(seed)
    chance = Random(seed)
    for _ in range(30):
        played.play(Step(chance.choice([0, 0, 0, 1, 24]), chance.choice(SOLD), chance.randrange(2**32)))
    return played


def pieces_of(receipt: Receipt, chance: Random) -> list[tuple[ReturnLine, ...]]:
    """All that is left of it, cut anyhow: each part a return of one line or of several."""
    rest: list[ReturnLine] = []
    for at, whole in left_of(receipt):
        cuts = chance.sample(range(1, whole), min(chance.choice([0, 1, 3]), whole - 1))
        ends = [0, *sorted(cuts), whole]
        rest += [ReturnLine(at, end - start) for start, end in pairwise(ends)]
    chance.shuffle(rest)
    parts: list[tuple[ReturnLine, ...]] = []
    for piece in rest:
        joins = parts and chance.random() < 0.3 and all(piece.line != other.line for other in parts[-1])
        before = parts.pop() if joins else ()
        parts.append((*before, piece))
    return parts


def left_of(receipt: Receipt) -> list[tuple[int, int]]:
    """Lines with what has not come back of them."""
    lines = zip(receipt.asked.lines, receipt.returned_milli, strict=True)
    left = [(at, line.quantity_milli - milli) for at, (line, milli) in enumerate(lines, 1)]
    return [(at, milli) for at, milli in left if milli]


def all_of(receipt: Receipt) -> list[tuple[ReturnLine, ...]]:
    return [tuple(ReturnLine(at, milli) for at, milli in left_of(receipt))]


def returned(shop: Shop, name: ReceiptId, parts: list[tuple[ReturnLine, ...]]) -> tuple[Shop, Counter[Any]]:
    """On a copy: what all parts came to together."""
    shop, sums = same_again(shop), Counter[Any]()
    for number, part in enumerate(parts, 1):
        command = cmd.ReturnLines(ReceiptId(20, 99, number, 20261122), name, part)
        sums.update(_sums(expect(shop.run(command), ReturnLinesDone).returned))
    ledger.check(shop)
    return shop, sums


def _sums(done: Returned) -> Counter[Any]:
    sums: Counter[Any] = Counter()
    for one in done.lines:
        for name in ("quantity_milli", "refund_minor", "points_back"):
            sums[one.line, name] += getattr(one, name)
    names = "refund_minor points_back points_back_ended points_taken points_owed points_back_settled"
    for name in (*names.split(), "kept_back_minor", "kept_back_points", "services_taken"):
        sums[name] += getattr(done, name)
    for of_wallet in done.wallets:
        sums["taken", of_wallet.wallet] += of_wallet.points_taken
        sums["owed", of_wallet.wallet] += of_wallet.points_owed
    return sums


def what_is_there(shop: Shop, member_id: int, lots_before: int, since_seq: int) -> dict[str, Any]:
    """Lots, debts, rights, coupons, turnover, and what was posted since; windows of grace by their window."""
    lots: Counter[Any] = Counter()
    for lot, held in ledger.lots_of(shop.state, member_id):
        lots[_name(lot, held, lots_before)] += lot.points
        lots["missing", lot.lot if lot.lot <= lots_before else 0] += held.missing_points
    member = ledger.members_of(shop.state)[member_id]
    posted: Counter[Any] = Counter()
    for item in shop_items(shop, member_id, since_seq):
        for posting in item.postings:
            ref = posting.ref
            if posting.account is Account.MEMBER_LOT and ref > lots_before:
                ref = -1
            where = (posting.account, ref, posting.wallet, posting.partner, posting.currency)
            posted[where, "points"] += posting.points
            posted[where, "minor"] += posting.minor
    return {
        "lots": +lots,
        "debts": {purse.wallet: purse.debt_points for purse in member.purses},
        "rights": dict(ledger.own(shop.state, member_id, b"V")),
        "coupons": dict(ledger.of_type(shop.state, b"C")),
        "turnover": member.turnover,
        "posted": {where: amount for where, amount in posted.items() if amount},
    }


def _name(lot: Lot, held: HeldLot, lots_before: int) -> Any:
    if lot.lot <= lots_before:
        return "lot", lot.lot
    assert held.source is Source.RETURN
    return replace(lot, lot=0, points=0), held.partner, held.origin


def shop_items(shop: Shop, member_id: int, since_seq: int) -> list[Any]:
    """Of the member's statement, what was written after an entry."""
    answer: Any = shop.ask(cmd.GetStatement(1, member_id, 200, 0, 0))
    return [item for item in answer.items if item.seq > since_seq]


def check_nobody_owes(shop: Shop, name: ReceiptId) -> None:
    """All of it came back: no funder and no issuer owes for it, and no store holds points of it."""
    left: Counter[Any] = Counter()
    for member_id in ledger.members_of(shop.state):
        for item in ledger.items_of(shop.state, member_id):
            was_held = item.movement in (Movement.HOLD, Movement.CANCEL)
            if name in (item.receipt, item.returned_receipt) and not was_held:
                for posting in item.postings:
                    where = (posting.account, posting.ref, posting.partner, posting.wallet, posting.currency)
                    left[where, "points"] += posting.points
                    left[where, "minor"] += posting.minor
    for (where, what), amount in left.items():
        if where[0] in (Account.FUNDER, Account.ACCEPTOR) or (where[0] is Account.ISSUER and what == "minor"):
            assert amount == 0, (where, what, amount)


def receipts(played: Played) -> list[tuple[ReceiptId, Receipt]]:
    found = [(name, one) for name, one in ledger.booked(played.shop.state) if isinstance(one, Receipt)]
    return [(name, one) for name, one in found if not one.voided and left_of(one)]


def compare(played: Played, name: ReceiptId, receipt: Receipt, chance: Random) -> tuple[Any, Any, Any]:
    """All at once, in parts, and some parts before the rest is voided."""
    shop = same_again(played.shop)
    member_id = owner(shop, receipt.member_id)
    shop.run(cmd.ChangeMember(member_id, "so that what was due is done"))
    lots_before = ledger.members_of(shop.state)[member_id].lots
    parts = pieces_of(receipt, chance)
    ends = []
    for plan in (all_of(receipt), parts):
        end, sums = returned(shop, name, plan)
        ends.append((what_is_there(end, member_id, lots_before, shop.seq), +sums))
        check_nobody_owes(end, name)
    some, _ = returned(shop, name, parts[: len(parts) // 2])
    voided = None
    if isinstance(some.run(cmd.VoidReceipt(name, "wrong")), VoidDone):
        ledger.check(some)
        voided = what_is_there(some, member_id, lots_before, shop.seq)
    return ends[0], ends[1], voided


def may_differ(shop: Shop, receipt: Receipt) -> bool:
    """Where it may matter which part brought how much: see the limits in loyalty/RULES.md, "Returns".

    By CASH, what too little money cannot pay for is owed. And of what later earnings have paid nothing is
    owed any more: which of several lots keeps the points then depends on which is given back first.
    """
    value = shop.state.pairs[keys.programme(1, receipt.bill.programme_version)]
    member_id = owner(shop, receipt.member_id)
    missing = sum(held.missing_points for _, held in ledger.lots_of(shop.state, member_id))
    debts = sum(purse.debt_points for purse in ledger.members_of(shop.state)[member_id].purses)
    return records.programme(value).rules.shortfall is Shortfall.CASH or missing > debts


def as_sums(there: dict[str, Any], sums: Counter[Any]) -> tuple[dict[str, Any], Counter[Any]]:
    """What lots and debts come to together."""
    sums = Counter(sums)
    kept_points = sums.pop("kept_back_points", 0)
    sums["owed or paid"] = sums.pop("points_owed", 0) + kept_points
    sums.pop("points_back_settled", 0)
    sums["refund_minor"] += sums.pop("kept_back_minor", 0)
    points = sum(points for lot, points in there["lots"].items() if lot[0] != "missing")
    owed = sum(there["debts"].values())
    return {"points": points - owed - kept_points, "turnover": there["turnover"]}, +sums


@pytest.mark.parametrize("seed", seeds(60))
def test_parts_equal_the_whole(seed: int) -> None:
    """Answers summed, lots, debts, postings, services and coupons; and voiding what is left is the same."""
    played, chance = with_sales(seed), Random(seed)
    for name, receipt in receipts(played):
        whole, parts, voided = compare(played, name, receipt, chance)
        if parts != whole and may_differ(played.shop, receipt):
            whole, parts, voided = as_sums(*whole), as_sums(*parts), None
        assert parts == whole
        if voided is not None:  # also gives back what it took of limits, and the money at its own store
            same = ("lots", "debts", "rights", "turnover")
            assert {name: voided[name] for name in same} == {name: whole[0][name] for name in same}


def test_those_receipts_have_everything_in_them() -> None:
    """Each policy, points of other partners, other partners' promotions, services, several lots, orders."""
    seen: Counter[str] = Counter()
    for seed in range(60):
        played = with_sales(seed)
        for _, receipt in receipts(played):
            value = played.shop.state.pairs[keys.programme(1, receipt.bill.programme_version)]
            rules = records.programme(value).rules
            seen.update([rules.shortfall.name, rules.policies.return_of_earned.name])
            seen.update([rules.policies.returned_lot.name, rules.policies.distribution.name])
            for fact in ("issuers", "owed", "rights", "held_day"):
                seen[fact] += bool(getattr(receipt, fact))
            seen["several lots"] += len(receipt.bill.draws) > 1
            seen["several earnings"] += len(receipt.bill.earnings) > 1
            seen["purpose"] += any(draw.purposed for draw in receipt.bill.draws)
            seen["in part already"] += any(receipt.returned_milli)
    assert len(seen) == 3 + 2 + 2 + 3 + 8
    assert min(seen.values()) >= 5, seen
