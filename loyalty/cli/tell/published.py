"""What the back office published: programme, stores, partners, promotions, coupons."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from google.protobuf.message import Message

from loyalty.cli.console import console, facts, say
from loyalty.cli.view import View
from loyalty.v1 import back_office_outcomes_pb2 as changes
from loyalty.v1 import back_office_pb2 as bo


def _tell_defined(done: changes.DefineDone, view: View) -> None:
    say(f"version {done.version} is in force")


def _tell_store(done: bo.GetStoreDone, view: View) -> None:
    store = done.store
    say(f"store {store.store}, {store.name}  version {done.version}")
    now = list(store.zone)[-1] if store.zone else bo.ZoneOffset()
    changes_of_clock = len(store.zone) - 1
    zone = f"{changes_of_clock} changes of the clock, the last on {view.stated(now.from_ms)}"
    console.print(
        facts(
            ("partner", str(store.partner) if store.partner else "the programme's own"),
            ("country", store.country),
            ("city", store.city),
            ("channel", store.channel),
            ("currency", view.code(store.currency)),
            ("zone", zone if changes_of_clock > 0 else f"UTC {hours(now.offset_s)}, without changes"),
        )
    )


def hours(offset_s: int) -> str:
    """+01:00"""
    minutes = abs(offset_s) // 60
    return f"{'-' if offset_s < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def _tell_partner(done: bo.GetPartnerDone, view: View) -> None:
    partner = done.partner
    say(f"partner {partner.partner}, {partner.name}  version {done.version}")
    most = f" of {view.money(partner.funds_minor)}" if partner.funds_minor else ", no limit"
    most_points = f" of {partner.funds_points}" if partner.funds_points else ", no limit"
    money = ("has paid for", f"{view.money(done.funded_minor)}{most}")
    console.print(facts(money, ("has issued", f"{done.issued_points} points{most_points}")))


def _tell_issued(done: changes.IssueCouponDone, view: View) -> None:
    say("coupon ", (done.code, "bold"))


def _tell_coupon(done: bo.GetCouponDone, view: View) -> None:
    say(f"coupon {done.code} of promotion {done.promotion}")
    console.print(
        facts(
            ("used", f"{done.used_times} of {done.times} times"),
            ("from", view.stated(done.from_ms)),
            ("until", view.stated(done.until_ms) if done.until_ms else "never ends"),
            ("owner", f"member {done.owner_id}" if done.owner_id else "whoever has it"),
        )
    )


TELLERS: Final[Mapping[type[Message], Callable[[Any, View], None]]] = {
    changes.DefineDone: _tell_defined,
    changes.IssueCouponDone: _tell_issued,
    bo.GetStoreDone: _tell_store,
    bo.GetPartnerDone: _tell_partner,
    bo.GetCouponDone: _tell_coupon,
}
