"""Screens for programs: one JSON object for each line of input."""

from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from loyalty.cli.outbox import entry_dict, settled_dict
from loyalty.cli.till import screens, words
from loyalty.cli.till.amounts import pieces
from loyalty.cli.till.basket import Basket
from loyalty.cli.till.bill import Drawn, changes


def as_dict(answer: screens.Answer, drawn: Drawn) -> dict[str, Any]:
    """`answer` says which kind of screen it is; `status` and `meanwhile` are always there."""
    return {
        **_screen(answer.screen, drawn),
        "status": answer.status._asdict(),
        "meanwhile": list(answer.notices),
    }


def _screen(screen: screens.Screen, drawn: Drawn) -> dict[str, Any]:
    match screen:
        case screens.Counter(basket=basket, quote=quote, why=why):
            return {"answer": "basket", **_basket(basket), "quote": _message(quote), "why": why}
        case screens.Booked(basket=basket, done=done):
            return {"answer": "booked", **_basket(basket), "outcome": _message(done)}
        case screens.Changed(basket=basket, before=before, now=now):
            told = {"changes": list(changes(drawn, before, now)), "quote": _message(now)}
            return {"answer": "changed", **_basket(basket), **told}
        case screens.TakenBack(done=done):
            return {"answer": "taken_back", "outcome": _message(done)}
        case screens.MemberShown():
            told = {"member_id": str(screen.member_id), "called": screen.called, "enrolled": screen.enrolled}
            more = {"balance": _message(screen.balance), "standing": _message(screen.standing)}
            ending = [{"active_until_ms": until_ms, "points": points} for until_ms, points in screen.ending]
            wallets = [{"wallet": wallet, "spendable_points": points} for wallet, points in screen.wallets]
            return {"answer": "member", **told, **more, "ending": ending, "wallets": wallets}
        case screens.Waiting(waiting=waiting, set_aside=aside, why=why):
            lists = {"waiting": [*map(entry_dict, waiting)], "set_aside": [*map(settled_dict, aside)]}
            return {"answer": "waiting", **lists, "why": why}
        case screens.Helped(topic=topic):
            rows = [words.BY_NAME[topic]] if topic else words.WORDS
            return {"answer": "help", "words": [{"usage": row.usage, "says": row.says} for row in rows]}
    names = {
        screens.Kept: "kept",
        screens.Refused: "rejected",
        screens.Said: "said",
        screens.Wrong: "wrong",
        screens.Left: "left",
    }
    return {"answer": names[type(screen)], **screen._asdict()}


def _basket(basket: Basket) -> dict[str, Any]:
    lines = [
        {
            "sku": line.article.sku,
            "name": line.article.name,
            "pieces": pieces(line.milli),
            "amount_minor": line.amount_minor,
        }
        for line in basket.lines
    ]
    return {"lines": lines, "member": basket.called, "points": basket.points, "coupons": basket.coupons}


def _message(message: Message | None) -> Any:
    if message is None:
        return None
    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
