"""Requests of the back office to values: nothing is lost on the way, and what cannot be one is refused.

Promotions, conditions and rules are in test_wire_both_ways.py.
"""

from typing import Any

import pytest
from google.protobuf.message import Message
from msgspec import msgpack

from loyalty import commands as cmd
from loyalty.commands import places
from loyalty.commands import promotions as pro
from loyalty.front import Command, Query, RefusalError
from loyalty.v1 import back_office_pb2 as bo
from tests.loyalty.wire_kit import HEADER, ID, NOON, PHONE, ROWS, SHOES, SHOES_SENT, decode

ANN = {"phone": PHONE}
ANN_SLOT = places.token_slot(1, "p" + PHONE)
PERCENT_SENT: dict[str, Any] = {
    "number": 7,
    "name": "Week",
    "effect": {"percent_off": {"basis_points": 2000}},
}
PERCENT = pro.Promotion(
    7,
    "Week",
    False,
    pro.When(0, 0),
    pro.Where(),
    pro.Audience(),
    None,
    None,
    pro.Scope.LINE,
    pro.PercentOff(2000),
    pro.Stacking(),
    pro.Caps(),
    0,
)

COMMANDS: list[tuple[str, Message, int, int, Any]] = [  # method, request, kind, slot, canonical command
    (
        "DefineStore",
        bo.DefineStoreRequest(
            **HEADER, store={"store": 17, "name": "x", "zone": [{"from_ms": 0, "offset_s": -9}]}
        ),
        33,
        places.store_slot(1, 17),
        cmd.DefineStore(17, "x", ((0, -9),)),  # a shop of the programme's own
    ),
    (
        "DefineStore",
        bo.DefineStoreRequest(
            **HEADER,
            store={
                "store": 18,
                "name": "y",
                "zone": [{"offset_s": 3600}],
                "partner": 4,
                "country": "AT",
                "city": "Wien",
                "channel": "web",
                "currency": "CHF",
            },
        ),
        33,
        places.store_slot(1, 18),
        cmd.DefineStore(18, "y", ((0, 3600),), 4, "AT", "Wien", "web", "CHF"),
    ),
    (
        "DefinePartner",
        bo.DefinePartnerRequest(
            **HEADER, partner={"partner": 4, "name": "Nordkap", "funds_minor": 5, "funds_points": 6}
        ),
        34,
        places.partner_slot(1, 4),
        cmd.DefinePartner(4, "Nordkap", 5, 6),
    ),
    (
        "PublishPromotion",
        bo.PublishPromotionRequest(**HEADER, promotion=PERCENT_SENT),
        35,
        places.promotion_slot(1, 7),
        cmd.PublishPromotion(PERCENT),
    ),
    (
        "PausePromotion",
        bo.PausePromotionRequest(**HEADER, promotion=7, paused=True, reason="wrong price"),
        36,
        places.promotion_slot(1, 7),
        cmd.PausePromotion(7, True, "wrong price"),
    ),
    (
        "IssueCoupon",
        bo.IssueCouponRequest(
            **HEADER, code="SKI-2026", promotion=7, times=3, from_ms=4, until_ms=5, owner=ANN
        ),
        37,
        places.coupon_slot(1, "SKI-2026"),
        cmd.IssueCoupon("SKI-2026", 7, 3, 4, 5, "p" + PHONE),
    ),
    (
        "IssueCoupon",  # its code is to be made, and whoever has it may use it
        bo.IssueCouponRequest(**HEADER, promotion=7, times=1),
        37,
        places.promotion_slot(1, 7),
        cmd.IssueCoupon("", 7, 1, 0, 0, None),
    ),
    (
        "Adjust",
        bo.AdjustRequest(
            **HEADER,
            reference="ticket-4711",
            member=ANN,
            wallet=2,
            points=-500,
            from_ms=3,
            until_ms=4,
            priority=0,
            partner=5,
            reason="parcel late",
        ),
        38,
        ANN_SLOT,
        cmd.Adjust("ticket-4711", "p" + PHONE, 2, -500, 3, 4, 0, 5, "parcel late"),
    ),
    (
        "Adjust",  # a priority that is not told is the regular one
        bo.AdjustRequest(**HEADER, reference="t", member={"member_id": 5 << 52 | 1}, points=1),
        38,
        5,
        cmd.Adjust("t", 5 << 52 | 1, 0, 1, 0, 0, 128, 0, ""),
    ),
    (
        "ChangeMember",  # what is not told stays as it is
        bo.ChangeMemberRequest(**HEADER, member=ANN, reason="lost", remove_cards=["1"], add_cards=["2"]),
        39,
        ANN_SLOT,
        cmd.ChangeMember("p" + PHONE, "lost", add_cards=("2",), remove_cards=("1",)),
    ),
    (
        "ChangeMember",
        bo.ChangeMemberRequest(
            **HEADER,
            member=ANN,
            reason="moved",
            phone="",
            phone_passed_on=True,
            add_externals=["a"],
            remove_externals=["b"],
            profile={},
            status="STATUS_BLOCKED",
        ),
        39,
        ANN_SLOT,
        cmd.ChangeMember(
            "p" + PHONE, "moved", "", True, (), (), ("a",), ("b",), cmd.Profile(), cmd.Status.BLOCKED
        ),
    ),
    (
        "MergeMembers",
        bo.MergeMembersRequest(**HEADER, source={"card": "2"}, target=ANN, reason="twice"),
        40,
        ANN_SLOT,
        cmd.MergeMembers("c2", "p" + PHONE, "twice"),
    ),
]


@pytest.mark.parametrize(("name", "request_", "kind", "slot", "command"), COMMANDS)
def test_commands_in_canonical_bytes(name: str, request_: Any, kind: int, slot: int, command: Any) -> None:
    """Header fields beside the body, the body as the engine reads it, the slot as the engine keys it."""
    want = decode(name, request_)
    assert isinstance(want, Command)
    assert (want.kind, want.slot, want.tenant, want.request_id) == (kind, slot, 1, ID)
    assert (want.seen_ms, want.client_ms) == (request_.seen_ms, request_.client_ms)
    assert want.body == msgpack.encode(command)
    assert msgpack.decode(want.body, type=type(command)) == command


QUOTE_SENT: dict[str, Any] = {"member": ANN, "store": 17, "lines": [SHOES_SENT], "coupons": ["A-1"]}
QUOTE = cmd.Quote(1, "p" + PHONE, 17, 0, (SHOES,), 0, cmd.SpendMode.NONE, 0, ("A-1",))
QUERIES: list[tuple[str, Message, Any]] = [
    ("GetProgramme", bo.GetProgrammeRequest(), cmd.GetProgramme(1)),
    ("GetStore", bo.GetStoreRequest(programme=2, store=17), cmd.GetStore(2, 17)),
    ("GetPartner", bo.GetPartnerRequest(partner=4), cmd.GetPartner(1, 4)),
    ("GetPromotion", bo.GetPromotionRequest(promotion=7, version=2), cmd.GetPromotion(1, 7, 2)),
    ("ListPromotions", bo.ListPromotionsRequest(after=7), cmd.ListPromotions(1, 7, 50)),
    ("ListPromotions", bo.ListPromotionsRequest(page_size=200), cmd.ListPromotions(1, 0, 200)),
    ("GetCoupon", bo.GetCouponRequest(code="SKI-2026"), cmd.GetCoupon(1, "SKI-2026")),
    (
        "DryRun",
        bo.DryRunRequest(quote=QUOTE_SENT, at_ms=NOON, promotions=[PERCENT_SENT], alone=True),
        cmd.DryRun(QUOTE, NOON, (PERCENT,), True),
    ),
]


@pytest.mark.parametrize(("name", "request_", "query"), QUERIES)
def test_queries_in_canonical_bytes(name: str, request_: Message, query: cmd.AnyQuery) -> None:
    """As the engine reads them."""
    assert decode(name, request_) == Query(msgpack.encode(query))


LONG = "x" * 65
UNHEARD_OF: Any = 9
REFUSED: list[tuple[str, Message, str]] = [  # method, request, field
    ("DefineStore", bo.DefineStoreRequest(**HEADER, store={"name": LONG}), "store.name"),
    ("DefineStore", bo.DefineStoreRequest(**HEADER, store={"country": LONG}), "store.country"),
    ("DefineStore", bo.DefineStoreRequest(**HEADER, store={"city": LONG}), "store.city"),
    ("DefineStore", bo.DefineStoreRequest(**HEADER, store={"channel": LONG}), "store.channel"),
    ("DefineStore", bo.DefineStoreRequest(**HEADER, store={"currency": LONG}), "store.currency"),
    ("DefineStore", bo.DefineStoreRequest(), "request_id"),
    ("DefinePartner", bo.DefinePartnerRequest(**HEADER, partner={"name": LONG}), "partner.name"),
    ("PausePromotion", bo.PausePromotionRequest(**HEADER, reason=LONG), "reason"),
    ("IssueCoupon", bo.IssueCouponRequest(**HEADER, code=LONG), "code"),
    ("IssueCoupon", bo.IssueCouponRequest(**HEADER, owner={}), "owner"),
    ("IssueCoupon", bo.IssueCouponRequest(**HEADER, owner={"card": LONG}), "owner.card"),
    ("Adjust", bo.AdjustRequest(**HEADER, reference="t"), "member"),
    ("Adjust", bo.AdjustRequest(**HEADER, member=ANN), "reference"),
    ("Adjust", bo.AdjustRequest(**HEADER, member=ANN, reference=LONG), "reference"),
    ("Adjust", bo.AdjustRequest(**HEADER, member=ANN, reference="t", reason=LONG), "reason"),
    ("ChangeMember", bo.ChangeMemberRequest(**HEADER), "member"),
    ("ChangeMember", bo.ChangeMemberRequest(**HEADER, member=ANN, reason=LONG), "reason"),
    ("ChangeMember", bo.ChangeMemberRequest(**HEADER, member=ANN, phone=LONG), "phone"),
    ("ChangeMember", bo.ChangeMemberRequest(**HEADER, member=ANN, add_cards=["1"] * 11), "add_cards"),
    ("ChangeMember", bo.ChangeMemberRequest(**HEADER, member=ANN, remove_cards=[LONG]), "remove_cards[1]"),
    (
        "ChangeMember",
        bo.ChangeMemberRequest(**HEADER, member=ANN, add_externals=["1"] * 11),
        "add_externals",
    ),
    (
        "ChangeMember",
        bo.ChangeMemberRequest(**HEADER, member=ANN, remove_externals=["1"] * 11),
        "remove_externals",
    ),
    ("ChangeMember", bo.ChangeMemberRequest(**HEADER, member=ANN, profile={"city": LONG}), "profile.city"),
    ("ChangeMember", bo.ChangeMemberRequest(**HEADER, member=ANN, status="STATUS_MERGED"), "status"),
    ("ChangeMember", bo.ChangeMemberRequest(**HEADER, member=ANN, status=UNHEARD_OF), "status"),
    ("MergeMembers", bo.MergeMembersRequest(**HEADER, target=ANN), "source"),
    ("MergeMembers", bo.MergeMembersRequest(**HEADER, source=ANN), "target"),
    ("MergeMembers", bo.MergeMembersRequest(**HEADER, source=ANN, target=ANN, reason=LONG), "reason"),
    ("ListPromotions", bo.ListPromotionsRequest(page_size=201), "page_size"),
    ("GetCoupon", bo.GetCouponRequest(code=LONG), "code"),
    ("DryRun", bo.DryRunRequest(), "quote.member"),
    ("DryRun", bo.DryRunRequest(quote=QUOTE_SENT, promotions=[PERCENT_SENT] * 17), "promotions"),
    (
        "DryRun",
        bo.DryRunRequest(quote=QUOTE_SENT, promotions=[PERCENT_SENT, {"number": 8}]),
        "promotions[2].effect",
    ),
]


@pytest.mark.parametrize(("name", "request_", "field"), REFUSED)
def test_what_is_refused_at_the_door(name: str, request_: Message, field: str) -> None:
    """With the field, what is wrong and what would be right."""
    with pytest.raises(RefusalError) as refused:
        ROWS[name].decode(request_.SerializeToString())
    assert refused.value.field == field
    assert refused.value.problem
    assert refused.value.wanted
