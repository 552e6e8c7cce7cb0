"""Any history: points are conserved, postings sum to zero, and the sums equal a recount of the lots."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty import commands as cmd
from loyalty.commands import Line, LineKind, Shortfall, SpendMode
from loyalty.engine.programmes import BUILT_IN
from loyalty.outcomes import Account, ConfirmDone, Rejected, ReturnLinesDone
from tests.loyalty.kit import NOON, Shop, goods, lots_of, purchase, receipt, recount

MEMBERS = ("p+886912345678", "p+886912345678", "c2000-1")
HOUR_MS = 3_600_000


def rules(**changes: Any) -> cmd.Rules:
    values = {name: getattr(BUILT_IN.rules, name) for name in cmd.Rules.__struct_fields__}
    fine = {"late_receipt_max_days": 366, "welcome_window_days": 2}
    limits = {"line_limit_basis_points": 9000, "receipt_limit_basis_points": 9000}
    return cmd.Rules(**(values | fine | limits | changes))


@dataclass(frozen=True)
class Buy:
    """A purchase under a new number or, sometimes, under one that was used."""

    member: cmd.Who
    lines: tuple[Line, ...]
    points: int
    used: int  # 0: a new number

    def command(self, played: "Played") -> cmd.Command:
        number = (self.used - 1) % len(played.sold) + 1 if self.used and played.sold else played.next_number()
        played.sold.setdefault(number, self.lines)
        mode = SpendMode.UP_TO
        return purchase(self.member, *self.lines, number=number, spend=self.points, mode=mode, sold_ms=NOON)


@dataclass(frozen=True)
class Back:
    """A return of what was bought, mostly of a quantity that can still come back."""

    which: int
    line: int
    milli: int
    used: bool

    def command(self, played: "Played") -> cmd.Command:
        number = 1 + self.which % max(len(played.sold), 1)
        lines = played.sold.get(number, (goods(1),))
        at = self.line % len(lines)
        milli = 1 + self.milli % lines[at].quantity_milli
        own = receipt(500 if self.used else 500 + played.next_number())
        return cmd.ReturnLines(own, receipt(number), (cmd.ReturnLine(at + 1, milli),))


@dataclass(frozen=True)
class Publish:
    """Other rules from now on."""

    rules: cmd.Rules

    def command(self, _: "Played") -> cmd.Command:
        return cmd.DefineProgramme(self.rules)


@dataclass(frozen=True)
class Step:
    """Hours pass, then something happens."""

    hours: int
    act: Buy | Back | Publish


@dataclass
class Played:
    """A shop, and what was tried in it so far."""

    shop: Shop
    sold: dict[int, tuple[Line, ...]] = field(default_factory=dict)
    number: int = 0

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def play(self, step: Step) -> tuple[cmd.Command, Any]:
        self.shop.now_ms += step.hours * HOUR_MS
        command = step.act.command(self)
        return command, self.shop.run(command)


LINES = st.builds(Line, st.just("x"), st.integers(1, 4000), st.integers(0, 30_000), st.sampled_from(LineKind))
BUY = st.builds(
    Buy,
    st.sampled_from(MEMBERS),
    st.lists(LINES, min_size=1, max_size=4).map(tuple),
    st.sampled_from([0, 10, 1000, 10**6]),
    st.sampled_from([0] * 8 + [1, 2]),
)
BACK = st.builds(
    Back,
    st.integers(0, 9),
    st.integers(0, 3),
    st.just(-1) | st.integers(0, 4000),
    st.sampled_from([False] * 8 + [True]),
)
PUBLISH = st.builds(
    lambda delay, window, shortfall, earn: Publish(
        rules(earn_delay_days=delay, lot_window_days=window, shortfall=shortfall, earn_points=earn)
    ),
    st.integers(0, 2),
    st.integers(0, 3),
    st.sampled_from(Shortfall),
    st.sampled_from([5, 50]),
)
ACTS = {"buy": BUY, "back": BACK, "publish": PUBLISH}
STEPS = st.builds(
    Step,
    st.sampled_from([0, 0, 0, 1, 12, 24]),
    st.sampled_from(["buy"] * 6 + ["back"] * 6 + ["publish"]).flatmap(ACTS.__getitem__),
)


def opened() -> tuple[Played, list[int]]:
    shop = Shop()
    shop.run(cmd.DefineProgramme(rules(earn_delay_days=0, earn_points=50, lot_window_days=3)))
    return Played(shop), [shop.enrol("+886912345678"), shop.enrol("", "2000-1")]


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=30))
def test_books_balance_over_any_history(steps: list[Step]) -> None:
    """After every history, for every member, from the statement alone and from the lots alone."""
    played, members = opened()
    shop = played.shop
    for step in steps:
        played.play(step)
    for member in members:
        statement: Any = shop.ask(cmd.GetStatement(1, member, 200, 0, 0))
        assert all(sum(posting.points for posting in item.postings) == 0 for item in statement.items)
        lots: dict[int, int] = {}
        debt = 0
        for item in statement.items:
            for posting in item.postings:
                if posting.account is Account.MEMBER_LOT:
                    lots[posting.ref] = lots.get(posting.ref, 0) + posting.points
                if posting.account is Account.MEMBER_DEBT:
                    debt -= posting.points
        assert lots == {lot.lot: lot.points for lot, _ in lots_of(shop.state, member)}
        assert sum(item.points for item in statement.items) == sum(lots.values()) - debt
        assert debt >= 0
        assert shop.balance(member) == recount(shop.state, member, shop.now_ms, debt)


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=20))
def test_sums_kept_with_the_member_equal_a_recount_at_every_moment(steps: list[Step]) -> None:
    """Not only at the end: windows that begin and end between two commands are counted once."""
    played, members = opened()
    shop = played.shop
    for step in steps:
        played.play(step)
        for member in members:
            balance = shop.balance(member)
            assert balance == recount(shop.state, member, shop.now_ms, balance.debt_points)


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=20))
def test_everything_twice_is_everything_once(steps: list[Step]) -> None:
    """A history in which every purchase and return is sent twice leaves the same state, but for the seqs."""
    once, members = opened()
    twice, _ = opened()
    for step in steps:
        once.play(step)
        command, first = twice.play(step)
        if isinstance(first, ConfirmDone | ReturnLinesDone):
            again: Any = twice.shop.run(command)
            assert again.repeated
            if isinstance(first, ConfirmDone):
                assert again.bill == first.bill
            else:
                assert again.returned == first.returned
    for member in members:
        assert lots_of(once.shop.state, member) == lots_of(twice.shop.state, member)
        assert once.shop.balance(member) == twice.shop.balance(member)


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=20))
def test_a_rejection_changes_nothing(steps: list[Step]) -> None:
    """Not one byte."""
    played, _ = opened()
    for step in steps:
        before = dict(played.shop.state.pairs)
        _, answer = played.play(step)
        if isinstance(answer, Rejected) or getattr(answer, "repeated", False):
            assert dict(played.shop.state.pairs) == before
