"""What promotions look at: who buys what, where and when. But for the lines, each thing is found out when one
first asks.
"""

from collections.abc import Mapping
from functools import cached_property
from itertools import compress

from loyalty.commands import LineKind
from loyalty.engine import budgets, calendar, conditions, keys, lots, members, records, terms, tiers
from loyalty.engine.conditions import Facts, LineTest
from loyalty.engine.plans import Basket, Buyer
from loyalty.engine.promote import Purse
from loyalty.engine.records import MemberUsage, Usage
from loyalty.engine.state import Entry, Writer

NO_LIMIT = Purse(None, None)
Column = tuple[str | int | None, ...]  # of each line of goods


class Occasion:
    """A basket, its buyer and its place, as of one entry. `codes`: coupons given, by their promotion."""

    def __init__(
        self, state: Writer, entry: Entry, buyer: Buyer, basket: Basket, codes: Mapping[int, str]
    ) -> None:
        self.buyer, self.basket, self.codes = buyer, basket, codes
        self.facts: list[Facts] = [conditions.facts_of_line(line) for line in basket.lines]
        self._state, self._entry = state, entry
        self._meeting: dict[LineTest, tuple[int, ...]] = {}
        self._columns: dict[str, Column] = {}
        self._used: dict[int, Usage] = {}
        self._used_by: dict[int, MemberUsage] = {}
        self._purses: dict[int, Purse] = {}

    @cached_property
    def goods(self) -> tuple[int, ...]:
        """The lines that promotions can be about, from 0."""
        lines = self.basket.lines
        return tuple([at for at, line in enumerate(lines) if line.kind is LineKind.GOODS])

    def meeting(self, test: LineTest) -> tuple[int, ...]:
        """The lines of goods that meet a condition; the same test is asked once."""
        found = self._meeting.get(test)
        if found is None:
            if isinstance(test, conditions.OneOfTest):
                has = map(test.values.__contains__, self._column(test.attribute))
                found = tuple(compress(self.goods, has))
            else:
                facts = self.facts
                found = tuple([at for at in self.goods if test(facts[at])])
            self._meeting[test] = found
        return found

    def _column(self, attribute: str) -> Column:
        """An attribute of all lines of goods: most conditions ask for one of the same few."""
        found = self._columns.get(attribute)
        if found is None:
            facts = self.facts
            found = self._columns[attribute] = tuple([facts[at].get(attribute) for at in self.goods])
        return found

    @cached_property
    def receipt_facts(self) -> Facts:
        """What receipt conditions see besides the lines."""
        place = self.basket.place
        return {
            "store": place.store,
            "partner": place.partner,
            "city": place.city,
            "country": place.country,
            "channel": place.channel,
            "weekday": self.weekday,
        }

    @cached_property
    def weekday(self) -> int:
        """Of the business day; Monday is 1."""
        return calendar.weekday(self.basket.day)

    @cached_property
    def minute(self) -> int:
        """Of the day that the store's clock showed at the time of sale."""
        return calendar.minute_of_day(self.basket.place.zone, self.basket.sold_ms)

    @cached_property
    def tier(self) -> str:
        """The member's; empty if the programme has none."""
        rules = self.buyer.programme.rules
        if not rules.tiers:
            return ""
        return rules.tiers[tiers.tier_at(rules, self.buyer.member.turnover, self.basket.day)].name

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The member's."""
        return members.profile_of(self._state, self.buyer.tenant, self.buyer.member_id).segments

    @cached_property
    def purposed_lots(self) -> int:
        """How many lots with a purpose the member has, not ended."""
        buyer, found = self.buyer, 0
        for purse in buyer.member.purses:
            found += len(lots.find_purposed(self._state, buyer.tenant, buyer.member_id, buyer.member, purse))
        return found

    @property
    def first_purchase(self) -> bool:
        """Whether he has bought nothing yet; an order that is held counts, or two could be the first."""
        member = self.buyer.member
        return not member.purchases and not member.holds

    def birthday_within(self, before_days: int, after_days: int) -> bool:
        """Whether a birthday is at most so many days after, or before, the business day."""
        birthday, day = self.buyer.member.birthday, self.basket.day
        if not birthday:
            return False
        near = calendar.anniversary_days(birthday % 10_000, day)
        return any(day - after_days <= one <= day + before_days for one in near)

    @property
    def currency(self) -> str:
        """Of the store."""
        return self.basket.place.currency

    @property
    def first_currency(self) -> str:
        """Of the programme."""
        return self.buyer.programme.rules.currency

    @cached_property
    def exponent(self) -> int:
        """Of the store's currency."""
        currency = terms.currency_of(self.buyer.programme.rules, self.currency)
        return 0 if currency is None else currency.exponent

    def used(self, promotion: int) -> Usage:
        """What a promotion gave so far."""
        found = self._used.get(promotion)
        if found is None:
            found = budgets.used(self._state, self._entry, keys.OF_PROMOTION, promotion)
            self._used[promotion] = found
        return found

    def used_by(self, promotion: int) -> MemberUsage:
        """How often the member had it."""
        found = self._used_by.get(promotion)
        if found is None:
            found = budgets.used_by(self._state, self.buyer.tenant, self.buyer.member_id, promotion)
            self._used_by[promotion] = found
        return found

    def purse(self, funder: int) -> Purse:
        """What a funder still pays for; never below 0."""
        found = self._purses.get(funder)
        if found is None:
            found = self._purses[funder] = self._open_purse(funder)
        return found

    def _open_purse(self, funder: int) -> Purse:
        value = self._state.get(keys.partner(self.buyer.tenant, funder)) if funder else None
        if value is None:
            return NO_LIMIT
        partner = records.partner(value)
        if not partner.funds_minor and not partner.funds_points:
            return NO_LIMIT
        used = budgets.used(self._state, self._entry, keys.OF_FUNDER, funder)
        return Purse(left(partner.funds_minor, used.minor), left(partner.funds_points, used.points))


def left(limit: int, used: int) -> int | None:
    """What is left of a limit, never below 0; None: there is no limit."""
    return max(limit - used, 0) if limit else None
