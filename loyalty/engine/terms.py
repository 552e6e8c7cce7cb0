"""What holds at one store at one time: currency, earn rate, and what points are worth there."""

from functools import lru_cache
from math import gcd

from msgspec import Struct

from loyalty.commands import WALLET_BONUS, Currency, Rules, WalletKind


class Worth(Struct, frozen=True, gc=False):
    """`minor` for each `points`, in lowest terms: the fewest points that are worth whole money."""

    points: int
    minor: int


def currency_of(rules: Rules, code: str) -> Currency | None:
    """The currency; None if the programme does not have it. The first one's turnover counts as it is."""
    if code in ("", rules.currency):
        return Currency(rules.currency, rules.exponent, rules.earn_points, rules.earn_per_minor, 1, 1)
    for currency in rules.currencies:
        if currency.code == code:
            return currency
    return None


def worth_of(rules: Rules, wallet: int, code: str, sold_ms: int) -> Worth | None:
    """What a wallet's points pay in a currency at a time; None: nothing."""
    for worth in rules.worths:
        if worth.wallet != wallet or (worth.currency or rules.currency) != code:
            continue
        if worth.from_ms <= sold_ms and (sold_ms < worth.until_ms or not worth.until_ms):
            return lowest(worth.points, worth.minor)
    if wallet == WALLET_BONUS and code == rules.currency:
        return lowest(rules.point_value_points, rules.point_value_minor)
    return None


@lru_cache(maxsize=256)
def lowest(points: int, minor: int) -> Worth:
    """The fewest points that are worth whole money, and how much."""
    divisor = gcd(points, minor)
    return Worth(points // divisor, minor // divisor)


def spend_unit_points(rules: Rules, wallet: int) -> int:
    """The smallest number of points that is spent; 0: there is no such wallet."""
    if wallet == WALLET_BONUS:
        return rules.spend_unit_points
    for one in rules.wallets:
        if one.number == wallet:
            return one.spend_unit_points
    return 0


def accepted_here(rules: Rules, wallet: int, partner: int) -> bool:
    """Whether a store of this partner takes the wallet's points."""
    for one in rules.wallets:
        if one.number == wallet:
            return one.kind is not WalletKind.PARTNER or one.partner == partner
    return wallet == WALLET_BONUS
