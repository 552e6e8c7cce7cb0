"""How figures are shown: money with its currency's decimals, times on a named clock, wallets by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from loyalty.cli.clocks import Clock, clock_of_zone
from loyalty.commands import Rules
from loyalty.text.figures import print_figure, read_figure
from loyalty.text.instants import ZONE_UTC
from loyalty.v1 import common_pb2 as common

UTC: Final = clock_of_zone(ZONE_UTC)
BONUS: Final = "bonus"


@dataclass(frozen=True, slots=True)
class View:
    """What must be known to show an answer. Without rules money is shown in its smallest unit."""

    rules: Rules | None = None
    clock: Clock = UTC
    exponent: int | None = None  # of the currency, where the rules cannot be had
    local: str = ""  # the store's currency, for amounts that do not say theirs; empty: the programme's first

    def decimals(self, currency: str = "") -> int:
        """Of a currency of the programme; empty: its first."""
        if self.rules is None:
            return self.exponent or 0
        return exponents_of(self.rules).get(currency or self.rules.currency, self.rules.exponent)

    def code(self, currency: str = "") -> str:
        """A currency's name for people."""
        if currency or self.rules:
            return currency or (self.rules.currency if self.rules else "")
        return "minor units" if self.exponent is None else ""

    def figure(self, minor: int, currency: str = "") -> str:
        """12.34, for where the currency is said elsewhere."""
        return print_figure(minor, self.decimals(currency))

    def money(self, minor: int, currency: str = "") -> str:
        """12.34 EUR"""
        return f"{self.figure(minor, currency)} {self.code(currency)}".rstrip()

    def read_money(self, text: str, currency: str = "") -> int:
        """What was typed, in the smallest unit; TextError if it is no amount."""
        return read_figure(text, self.decimals(currency))

    def wallet(self, number: int) -> str:
        """A wallet's name."""
        if number == 0:
            return BONUS
        names = {wallet.number: wallet.name for wallet in self.rules.wallets} if self.rules else {}
        return names.get(number, f"wallet {number}")

    def time(self, time_ms: int) -> str:
        """On the view's clock, whose name is shown elsewhere."""
        return self.clock.show(time_ms)

    def until(self, time_ms: int) -> str:
        """An end; 0 is none."""
        return self.time(time_ms) if time_ms else "never"

    def window(self, from_ms: int, until_ms: int) -> str:
        """from 2026-11-23 00:00:00 until 2027-12-01 00:00:00"""
        end = f" until {self.time(until_ms)}" if until_ms else " on, without end"
        return f"from {self.time(from_ms)}{end}"

    def stated(self, time_ms: int) -> str:
        """A time that says which clock it is on."""
        return f"{self.time(time_ms)} ({self.clock.name})"


def exponents_of(rules: Rules) -> Mapping[str, int]:
    """Decimals of each currency of a programme."""
    return {rules.currency: rules.exponent} | {each.code: each.exponent for each in rules.currencies}


def receipt(which: common.ReceiptId) -> str:
    """17/3/4711/20261122, as it is typed."""
    return f"{which.store}/{which.terminal}/{which.number}/{which.business_day}"


def pieces(milli: int) -> str:
    """1, 0.5, 1.234"""
    return print_figure(milli, 3, trimmed=True)


def listed(words: Iterable[str]) -> str:
    """a, b, c"""
    return ", ".join(words)


def counted(number: int, thing: str) -> str:
    """1 promotion, 2 promotions"""
    return f"{number} {thing}{'' if number == 1 else 's'}"
