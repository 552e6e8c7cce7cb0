"""Who buys what, and what would be done: the values that pricing makes and booking carries out."""

from msgspec import Struct

from loyalty.commands import Coupons, Line, SpendMode
from loyalty.commands.conditions import AnyCondition
from loyalty.engine.lots import Payer
from loyalty.engine.programmes import Place
from loyalty.engine.records import Member, Owed, Parts, Programme, Use
from loyalty.engine.terms import Worth
from loyalty.outcomes import Bill, PassedOver, Search


class Buyer(Struct, frozen=True, gc=False):
    """Who buys, under which rules; `member` has his sums as of now."""

    tenant: int
    programme: Programme
    member_id: int
    member: Member
    moved_lots: int = 0  # his lots have their old number plus this: he was merged since


class Basket(Struct, frozen=True, gc=False):
    """What is bought, where and on which day; already checked."""

    place: Place
    day: int  # business day, counted from 1970-01-01
    sold_ms: int
    lines: tuple[Line, ...]
    spend_points: int
    spend_mode: SpendMode
    wallet: int = 0
    coupons: Coupons = ()


class Spending(Struct, frozen=True, gc=False):
    """How points pay: from which lots, for which lines."""

    payers: list[Payer]
    parts: Parts  # per line: (index of the payer, points); empty: one pays all
    grains: list[int]  # per line: how many times what `worth` says
    worth: Worth
    most_points: int


class Plan(Struct, frozen=True, gc=False):
    """What would be done. `bill.draws[i]` is of `payers[i]`."""

    bill: Bill
    payers: list[Payer]
    parts: Parts  # as in `Receipt`
    earned: Parts
    most_points: int  # that could be spent at most, by limits and balance, in however many lots they lie
    uses: tuple[Use, ...] = ()
    turnover_minor: int = 0  # of the programme's first currency
    purposes: tuple[AnyCondition | None, ...] = ()  # of each earning of the bill
    issuers: tuple[int, ...] = ()  # of each draw, if another partner's are among them
    owed: tuple[Owed, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    search: Search = Search(True, 0, 0)
