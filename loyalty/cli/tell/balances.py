"""Balances, wallets, tiers: lines that several answers have in common."""

from collections.abc import Iterable

from loyalty.cli.clocks import show_day
from loyalty.cli.console import say
from loyalty.cli.view import View
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till


def tell_balance(balance: common.Balance, view: View, wallet: int = 0) -> None:
    """One line: to spend, to come, owed."""
    owed = f", {balance.debt_points} owed" if balance.debt_points else ""
    name = "" if wallet == 0 else f" ({view.wallet(wallet)})"
    say(
        (str(balance.spendable_points), "bold"),
        f" points to spend{name}, {balance.future_points} to come{owed}",
    )


def tell_wallets(balance: common.Balance, wallets: Iterable[common.WalletBalance], view: View) -> None:
    """A line for each wallet."""
    tell_balance(balance, view)
    for each in wallets:
        tell_balance(each.balance, view, each.wallet)


def tell_standing(standing: till.Standing, view: View) -> None:
    """The tier, as far as the programme has tiers."""
    if not standing.tier:
        return
    sure = f", sure until {show_day(standing.held_until_day)}" if standing.held_until_day else ""
    text = f"tier {standing.tier}{sure}; turnover {view.money(standing.turnover_minor)}"
    if standing.next_tier:
        text += f", {view.money(standing.missing_minor)} more for {standing.next_tier}"
    say(text)
