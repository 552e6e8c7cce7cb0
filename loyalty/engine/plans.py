"""Who buys what, and what would be done: the values that pricing makes and booking carries out.

Nobody changes one. They never leave the engine, so they are plain classes: compiled, a field is read as in C,
where one of a `Struct` is looked up by its name.
"""

from loyalty.commands import Coupons, Line, SpendMode
from loyalty.commands.conditions import AnyCondition
from loyalty.engine.lots import Payer
from loyalty.engine.programmes import Place
from loyalty.engine.records import Member, Owed, Parts, Programme, Use
from loyalty.engine.terms import Worth
from loyalty.outcomes import Bill, PassedOver, Search


class Buyer:
    """Who buys, under which rules; `member` has his sums as of now."""

    def __init__(
        self,
        tenant: int,
        programme: Programme,
        member_id: int,
        member: Member,
        moved_lots: int = 0,  # his lots have their old number plus this: he was merged since
    ) -> None:
        self.tenant = tenant
        self.programme = programme
        self.member_id = member_id
        self.member = member
        self.moved_lots = moved_lots


class Basket:
    """What is bought, where and on which day; already checked."""

    def __init__(
        self,
        place: Place,
        day: int,  # business day, counted from 1970-01-01
        sold_ms: int,
        lines: tuple[Line, ...],
        spend_points: int,
        spend_mode: SpendMode,
        wallet: int = 0,
        coupons: Coupons = (),
    ) -> None:
        self.place = place
        self.day = day
        self.sold_ms = sold_ms
        self.lines = lines
        self.spend_points = spend_points
        self.spend_mode = spend_mode
        self.wallet = wallet
        self.coupons = coupons


class Spending:
    """How points pay: from which lots, for which lines."""

    def __init__(
        self,
        payers: list[Payer],
        parts: Parts,  # per line: (index of the payer, points); empty: one pays all
        grains: list[int],  # per line: how many times what `worth` says
        worth: Worth,
        most_points: int,
    ) -> None:
        self.payers = payers
        self.parts = parts
        self.grains = grains
        self.worth = worth
        self.most_points = most_points


class Plan:
    """What would be done. `bill.draws[i]` is of `payers[i]`."""

    def __init__(
        self,
        bill: Bill,
        payers: list[Payer],
        parts: Parts,  # as in `Receipt`
        earned: Parts,
        most_points: int,  # that could be spent at most, by limits and balance, in however many lots they lie
        uses: tuple[Use, ...],
        turnover_minor: int,  # of the programme's first currency
        purposes: tuple[AnyCondition | None, ...],  # of each earning of the bill
        issuers: tuple[int, ...],  # of each draw, if another partner's are among them
        owed: tuple[Owed, ...],
        passed_over: tuple[PassedOver, ...],
        search: Search,
    ) -> None:
        self.bill = bill
        self.payers = payers
        self.parts = parts
        self.earned = earned
        self.most_points = most_points
        self.uses = uses
        self.turnover_minor = turnover_minor
        self.purposes = purposes
        self.issuers = issuers
        self.owed = owed
        self.passed_over = passed_over
        self.search = search
