"""Who a member is, and what became of changing him."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from google.protobuf.message import Message

from loyalty.cli.clocks import show_day
from loyalty.cli.console import console, facts, say
from loyalty.cli.tell.balances import tell_balance, tell_standing, tell_wallets
from loyalty.cli.view import View, counted, listed
from loyalty.cli.words import name_of
from loyalty.v1 import back_office_outcomes_pb2 as changes
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till


def _tell_member(done: till.FindMemberDone, view: View) -> None:
    _tell_who(done)
    profile = done.profile
    console.print(
        facts(
            ("phone", done.phone),
            ("cards", listed(done.cards)),
            ("external ids", listed(done.externals)),
            ("enrolled", view.stated(done.enrolled_ms)),
            ("birthday", birthday(profile.birthday)),
            ("language", profile.language),
            ("city", profile.city),
            ("may be told by", listed(profile.consents)),
            ("segments", listed(profile.segments)),
        )
    )
    tell_wallets(done.balance, done.wallets, view)
    tell_standing(done.standing, view)


def _tell_who(done: Any) -> None:
    status = "" if done.status == common.STATUS_ACTIVE else name_of(common.Status, done.status)
    merged = ", into which the one asked for was merged" if done.merged_into else ""
    say(f"member {done.member_id}{merged}", (f"  {status}" if status else "", "red"))


def birthday(number: int) -> str:
    """19900314 as 1990-03-14, 314 as 03-14, 0 as nothing."""
    if number >= 10_000:
        return show_day(number)
    return f"{number // 100:02}-{number % 100:02}" if number else ""


def _tell_enrolled(done: till.EnrolDone, view: View) -> None:
    say(f"member {done.member_id}")
    tell_balance(done.balance, view)


def _tell_balance(done: till.GetBalanceDone, view: View) -> None:
    _tell_who(done)
    tell_wallets(done.balance, done.wallets, view)
    if done.balance.active_points != done.balance.spendable_points:
        say(f"{done.balance.active_points} are active, the debt holds as many back as are owed")
    for lot in done.purposed:
        wallet = view.wallet(lot.wallet)
        until = view.until(lot.active_until_ms)
        say(f"{lot.points} {wallet} points besides, for some goods only, until {until}")
    more = " and more" if done.ending_soon_cut else ""
    if done.ending_soon_points:
        say(f"{done.ending_soon_points} points{more} end soon ({view.clock.name}):")
    for ending in done.ending_soon:
        say(f"  {ending.points} at {view.time(ending.active_until_ms)}")
    tell_standing(done.standing, view)


def _tell_changed(done: changes.ChangeMemberDone, view: View) -> None:
    say(f"member {done.member_id} is as he should be")
    if done.phone_taken_from:
        say(f"the phone number was taken from member {done.phone_taken_from}; his points stay his")


def _tell_merged(done: changes.MergeMembersDone, view: View) -> None:
    again = "; they were merged before, nothing changed now" if done.repeated else ""
    say(f"member {done.source_id} is found as {done.member_id} now, {counted(done.lots, 'lot')} moved{again}")
    tell_balance(done.balance, view)


TELLERS: Final[Mapping[type[Message], Callable[[Any, View], None]]] = {
    till.FindMemberDone: _tell_member,
    till.EnrolDone: _tell_enrolled,
    till.GetBalanceDone: _tell_balance,
    changes.ChangeMemberDone: _tell_changed,
    changes.MergeMembersDone: _tell_merged,
}
