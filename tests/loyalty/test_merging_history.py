"""Any history with merges in it, in both directions and in chains: points, debts and lots are conserved."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loyalty import commands as cmd
from loyalty.commands import SpendMode, Wallet, WalletKind
from loyalty.commands.conditions import OneOf
from loyalty.commands.places import member_slot
from loyalty.commands.promotions import GiveLot, PointsFixed, When
from loyalty.engine import keys, records
from loyalty.engine.lots import NEVER_DAY
from loyalty.outcomes import NEVER_MS, Account, Lot, MergeMembersDone, Rejected, ReturnLinesDone
from tests.loyalty.desk import adjustment, merge, person, publish
from tests.loyalty.kit import DAY_MS, NOON, Shop, goods, lots_of, purchase, receipt, recount
from tests.profile import examples

HOUR_MS = 3_600_000
WALLETS = (0, 1)
Totals = Counter[tuple[str, int]]  # by kind and wallet


@dataclass
class People:
    """A shop with four members, and what was sold in it."""

    shop: Shop
    ids: list[int]
    sold: list[int] = field(default_factory=list)

    def now(self) -> list[int]:
        """Ids of those who are not merged into another."""
        return [member_id for member_id in self.ids if record(self.shop, member_id).merged_into == 0]


def opened() -> People:
    """Two wallets, a partner, and a promotion that gives a lot with a purpose with every purchase."""
    shop = Shop()
    shop.define(
        welcome_points=50,
        earn_points=20,
        earn_delay_days=0,
        lot_window_days=3,
        line_limit_basis_points=9000,
        receipt_limit_basis_points=9000,
        late_receipt_max_days=366,
        wallets=(Wallet(1, "club", WalletKind.BONUS, 0, 1),),
    )
    shop.run(cmd.DefinePartner(5, "Nordkap"))
    publish(shop, 1, GiveLot(0, 40, OneOf("sku", ("wax",)), 0, 2), when=When(0, NOON + 5 * DAY_MS))
    publish(shop, 2, PointsFixed(1, 30))
    return People(shop, [person(shop, "", f"M-{number:02}") for number in range(4)])


def record(shop: Shop, member_id: int) -> records.Member:
    return records.member(shop.state.get(keys.of_member(1, member_id, b"M")) or b"")


def random_command(people: People, chance: Random) -> cmd.Command:
    """Mostly purchases and returns; merges rarely enough that there is something to merge."""
    shop, who = people.shop, chance.choice(people.ids)  # also ids that were merged
    now_ms, number = shop.now_ms, len(shop.entries) + 1
    kind = chance.choice(["give", "take", "buy", "buy", "buy", "back", "back", "merge"])
    if kind == "give":
        from_ms = chance.choice([0, now_ms + 30 * HOUR_MS])
        until_ms = chance.choice([0, now_ms + 40 * HOUR_MS])
        rest = {"wallet": chance.choice(WALLETS), "priority": chance.choice([1, 128])}
        partner = chance.choice([0, 5])
        reference = f"g-{number}"
        return adjustment(
            who, chance.randint(1, 90), reference, from_ms=from_ms, until_ms=until_ms, partner=partner, **rest
        )
    if kind == "take":
        return adjustment(who, -chance.randint(1, 30), f"t-{number}", wallet=chance.choice(WALLETS))
    if kind == "back" and people.sold:
        bought = chance.choice(people.sold)
        line = cmd.ReturnLine(chance.randint(1, 2), chance.randint(1, 1000))
        return cmd.ReturnLines(receipt(number + 10_000), receipt(bought), (line,))
    if kind == "merge":
        return merge(who, chance.choice(people.ids))
    people.sold.append(number)
    lines = (goods(chance.randint(1, 900), sku="wax"), goods(chance.randint(1, 900)))
    spend = chance.choice([0, 20, 500])
    return purchase(who, *lines, number=number, spend=spend, mode=SpendMode.UP_TO, sold_ms=NOON)


def totals(people: People) -> Totals:
    """All lots and debts of everybody, as far as they can be counted one by one."""
    found: Totals = Counter()
    for member_id in people.ids:
        for lot, held in lots_of(people.shop.state, member_id):
            found["points", lot.wallet] += lot.points
            found["missing", lot.wallet] += held.missing_points
            found["lots", lot.wallet] += 1
        for purse in record(people.shop, member_id).purses:
            found["debt", purse.wallet] += purse.debt_points
    return found


def balances(people: People) -> Totals:
    """Sums over the balances of those who are there."""
    found: Totals = Counter()
    for member_id in people.now():
        answer: Any = people.shop.ask(cmd.GetBalance(1, member_id))
        further = [(one.wallet, one.balance) for one in answer.wallets]
        for wallet, balance in [(0, answer.balance), *further]:
            found["active", wallet] += balance.active_points
            found["future", wallet] += balance.future_points
            found["debt", wallet] += balance.debt_points
        found["purposed", 0] += sum(lot.points for lot in answer.purposed)
    return found


def check_books(people: People) -> None:
    """Every member's statement, merged or not, says what lots he has; every item sums to zero."""
    for member_id in people.ids:
        lots: Counter[int] = Counter()
        debts: Counter[int] = Counter()
        for item in statement(people.shop, member_id):
            sums: Counter[tuple[int, str]] = Counter()
            for posting in item.postings:
                sums[posting.wallet, "points"] += posting.points
                sums[posting.wallet, posting.currency] += posting.minor
                if posting.account is Account.MEMBER_LOT:
                    lots[posting.ref] += posting.points
                if posting.account is Account.MEMBER_DEBT:
                    debts[posting.wallet] -= posting.points
            assert not any(sums.values()), item
        held = {lot.lot: lot.points for lot, _ in lots_of(people.shop.state, member_id)}
        assert {lot: points for lot, points in lots.items() if points} == {
            lot: points for lot, points in held.items() if points
        }
        owed = {purse.wallet: purse.debt_points for purse in record(people.shop, member_id).purses}
        assert all(owed.get(wallet, 0) == points for wallet, points in debts.items())


def statement(shop: Shop, member_id: int) -> list[Any]:
    """All items of the very member, also of one who was merged."""
    found: list[Any] = []
    before_seq = -1
    while before_seq:
        page: Any = shop.ask(cmd.GetStatement(1, member_id, 200, max(before_seq, 0), 0))
        assert page.member_id == member_id
        found += page.items
        before_seq = page.next_before_seq
    return found


def check_sums(people: People) -> None:
    """What is kept with the members, and per slot, equals a recount of the lots."""
    shop = people.shop
    outstanding: Counter[tuple[int, int, int, int]] = Counter()
    for member_id in people.ids:
        member = record(shop, member_id)
        found = lots_of(shop.state, member_id)
        for lot, held in found:
            outstanding[member_slot(member_id), end_day(lot), lot.wallet, held.partner] += lot.points
        for purse in member.purses:
            open_lots = [
                lot
                for lot, held in found
                if lot.points and held.purpose is None and lot.active_until_ms > member.as_of_ms
            ]
            assert purse.open_lots == len([lot for lot in open_lots if lot.wallet == purse.wallet])
    for member_id in people.now():
        for wallet in WALLETS:
            balance = balance_of(shop, member_id, wallet)
            assert balance == recount(shop.state, member_id, shop.now_ms, balance.debt_points, 1, wallet)
    kept = {}
    for key, value in shop.state.pairs.items():
        if key[4:5] == b"T":
            kept[int.from_bytes(key[:2]), *keys.read_outstanding(key)] = int.from_bytes(value)
    assert kept == {where: points for where, points in outstanding.items() if points}


def end_day(lot: Lot) -> int:
    return NEVER_DAY if lot.active_until_ms == NEVER_MS else (lot.active_until_ms - 1) // DAY_MS


def balance_of(shop: Shop, member_id: int, wallet: int) -> Any:
    answer: Any = shop.ask(cmd.GetBalance(1, member_id))
    further = {one.wallet: one.balance for one in answer.wallets}
    return answer.balance if wallet == 0 else further.get(wallet, recount(shop.state, 0, 0))


def play(chance: Random, steps: int) -> Counter[str]:
    """One history, checked after every step; what happened in it."""
    people = opened()
    seen: Counter[str] = Counter()
    for _ in range(steps):
        people.shop.now_ms += chance.choice([0, 0, 1, 6, 20]) * HOUR_MS
        command = random_command(people, chance)
        before, sums, live = totals(people), balances(people), people.now()
        answer: Any = people.shop.run(command)
        seen.update(what_happened(answer, before, live != people.ids))
        if isinstance(command, cmd.MergeMembers):
            assert (totals(people), balances(people)) == (before, sums)
        check_sums(people)
    check_books(people)
    return seen


def what_happened(answer: Any, before: Totals, is_after_merge: bool) -> list[str]:
    """Names of what an answer shows."""
    if isinstance(answer, Rejected):
        return [answer.code.name]
    if isinstance(answer, MergeMembersDone):
        if answer.repeated:
            return ["repeated merge"]
        return ["merge"] + ["chain"] * is_after_merge + ["debt"] * (before["debt", 0] > 0)
    if isinstance(answer, ReturnLinesDone) and is_after_merge:
        return ["return after a merge"] + ["points back"] * (answer.returned.points_back > 0)
    return [type(answer).__name__]


@examples(40)
@given(st.randoms(use_true_random=False))
def test_merges_conserve_everything(chance: Random) -> None:
    """Points active, to come, purposed, owed and missing; every lot; both statements; the sums by slot."""
    play(chance, 25)


def test_merges_conserve_everything_when_everything_happens() -> None:
    """And all that the rules provide for was seen."""
    seen: Counter[str] = Counter()
    for seed in range(50):
        seen += play(Random(seed), 40)
    wanted = ["merge", "repeated merge", "chain", "debt", "return after a merge", "points back", "MERGE_SAME"]
    assert {name: seen[name] for name in wanted if seen[name] < 10} == {}
