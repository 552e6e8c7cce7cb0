"""Requests of tills to values: nothing is lost on the way, and what cannot be one is refused by name."""

from typing import Any

import pytest
from google.protobuf.message import Message
from msgspec import msgpack

from loyalty import commands as cmd
from loyalty.commands import places
from loyalty.commands.basket import Tender, TenderKind
from loyalty.front import Command, Lookup, Query, RefusalError
from loyalty.v1 import till_pb2 as pb
from tests.loyalty.wire_kit import (
    HEADER,
    ID,
    NOON,
    PHONE,
    ROWS,
    SHOES,
    SHOES_SENT,
    bought,
    confirm_request,
    decode,
    purchase_sent,
    receipt,
    receipt_sent,
)

PHONE_SLOT = places.token_slot(1, "p" + PHONE)
RECEIPT_SLOT = places.receipt_slot(1, places.receipt_key(receipt()))
MEMBER = {"card": "2000-1"}
# A line with everything there is to say, attributes in any order.
SKI_SENT = SHOES_SENT | {
    "unit_price_minor": 9000,
    "tax_minor": 1667,
    "floor_minor": 500,
    "attributes": [{"name": "season", "number": 2026}, {"name": "brand", "text": "Nordkap"}],
}
SKI = cmd.Line(
    "shoes", 1000, 10_000, cmd.LineKind.GOODS, 9000, 1667, 500, (("brand", "Nordkap"), ("season", 2026))
)
EVERYTHING_SENT: dict[str, Any] = {
    "member": {"member_id": 7 << 52 | 9},
    "sold_ms": NOON,
    "lines": [SKI_SENT, SHOES_SENT],
    "spend": {"points": 5, "mode": 1, "wallet": 2},
    "quote_digest": b"d" * 16,
    "accept_changed": True,
    "offline": True,
    "coupons": ["SKI-2026", "SKI-2027"],
    "tenders": [{"kind": 2, "amount_minor": 5000}, {"kind": 1, "amount_minor": 4000}],
}
EVERYTHING = bought(
    member=7 << 52 | 9,
    sold_ms=NOON,
    lines=(SKI, SHOES),
    spend_points=5,
    spend_mode=cmd.SpendMode.UP_TO,
    quote_digest=b"d" * 16,
    accept_changed=True,
    offline=True,
    wallet=2,
    coupons=("SKI-2026", "SKI-2027"),
    tenders=(Tender(TenderKind.CASH, 5000), Tender(TenderKind.CARD, 4000)),
)

COMMANDS: list[tuple[str, Message, int, int, Any]] = [  # method, request, kind, slot, canonical command
    (
        "Enrol",
        pb.EnrolRequest(**HEADER, phone=PHONE, cards=["2000-1"], store=17),
        16,
        PHONE_SLOT,
        cmd.Enrol(PHONE, ("2000-1",), 17),
    ),
    ("Enrol", pb.EnrolRequest(**HEADER, cards=["bb", "aa"]), 16, places.token_slot(1, "caa"), None),
    ("Enrol", pb.EnrolRequest(**HEADER, externals=["b", "a"]), 16, places.token_slot(1, "xa"), None),
    (
        "Enrol",
        pb.EnrolRequest(
            **HEADER,
            phone=PHONE,
            externals=["crm:0815"],
            profile={"birthday": 314, "language": "de", "city": "Wien", "consents": ["sms"]},
            phone_passed_on=True,
        ),
        16,
        PHONE_SLOT,
        cmd.Enrol(PHONE, (), 0, ("crm:0815",), cmd.Profile(314, "de", "Wien", ("sms",)), True),
    ),
    ("Confirm", confirm_request(), 17, PHONE_SLOT, bought()),
    ("Confirm", confirm_request(**EVERYTHING_SENT), 17, 7, EVERYTHING),
    ("Confirm", confirm_request(member={"external": "a"}), 17, places.token_slot(1, "xa"), None),
    (
        "ReturnLines",
        pb.ReturnLinesRequest(
            **HEADER,
            return_receipt=receipt_sent(2, store=18),
            receipt=receipt_sent(),
            lines=[{"line": 1, "quantity_milli": 500}],
        ),
        18,
        RECEIPT_SLOT,
        cmd.ReturnLines(receipt(2, store=18), receipt(), (cmd.ReturnLine(1, 500),)),
    ),
    (
        "VoidReceipt",
        pb.VoidReceiptRequest(**HEADER, receipt=receipt_sent(), reason="wrong customer"),
        19,
        RECEIPT_SLOT,
        cmd.VoidReceipt(receipt(), "wrong customer"),
    ),
    (
        "CorrectReceipt",
        pb.CorrectReceiptRequest(**HEADER, right=purchase_sent(**EVERYTHING_SENT), reason="one, not two"),
        20,
        RECEIPT_SLOT,
        cmd.CorrectReceipt(EVERYTHING, "one, not two"),
    ),
    (
        "Hold",
        pb.HoldRequest(**HEADER, order=purchase_sent(**EVERYTHING_SENT), until_ms=NOON + 1),
        21,
        7,
        cmd.Hold(EVERYTHING, NOON + 1),
    ),
    (
        "Capture",
        pb.CaptureRequest(
            **HEADER, receipt=receipt_sent(), sold_ms=NOON, tenders=[{"kind": 4, "amount_minor": 9}]
        ),
        22,
        RECEIPT_SLOT,
        cmd.Capture(receipt(), NOON, (Tender(TenderKind.OTHER, 9),)),
    ),
    (
        "CancelHold",
        pb.CancelHoldRequest(**HEADER, receipt=receipt_sent()),
        23,
        RECEIPT_SLOT,
        cmd.CancelHold(receipt()),
    ),
    (
        "UseService",
        pb.UseServiceRequest(
            **HEADER, use=receipt_sent(9), member={"phone": PHONE}, service="tune-up", times=2
        ),
        24,
        PHONE_SLOT,
        cmd.UseService(receipt(9), "p" + PHONE, "tune-up", 2),
    ),
    ("Abandon", pb.AbandonRequest(**HEADER), 2, 0, b""),
]


@pytest.mark.parametrize(("name", "request_", "kind", "slot", "command"), COMMANDS)
def test_commands_in_canonical_bytes(name: str, request_: Any, kind: int, slot: int, command: Any) -> None:
    """Header fields beside the body, the body as the engine reads it, the slot as the engine keys it.

    A row without a command is about the slot.
    """
    want = decode(name, request_)
    assert isinstance(want, Command)
    assert (want.kind, want.slot, want.tenant, want.request_id) == (kind, slot, int(name != "Abandon"), ID)
    assert (want.seen_ms, want.client_ms) == (request_.seen_ms, request_.client_ms)
    if command:
        assert want.body == msgpack.encode(command)
        assert msgpack.decode(want.body, type=type(command)) == command


ITEMS = [row for row in COMMANDS if row[0] != "Abandon"]
FIELDS = {"Enrol": "enrol", "Confirm": "confirm", "ReturnLines": "return_lines", "Hold": "hold"}
FIELDS |= {"VoidReceipt": "void_receipt", "CorrectReceipt": "correct_receipt", "Capture": "capture"}
FIELDS |= {"CancelHold": "cancel_hold", "UseService": "use_service"}


@pytest.mark.parametrize(("name", "request_"), [row[:2] for row in ITEMS])
def test_a_command_is_the_same_in_a_batch_and_in_a_stream(name: str, request_: Any) -> None:
    """As it is alone."""
    item = pb.Command(**{FIELDS[name]: request_})
    alone = decode(name, request_)
    assert decode("ExecuteBatch", pb.ExecuteBatchRequest(commands=[item])) == alone
    assert decode("ExecuteStream", pb.ExecuteStreamRequest(command=item)) == alone


def test_a_batch_takes_every_command_of_a_till() -> None:
    """None was forgotten in the rows above."""
    assert set(FIELDS.values()) == {field.name for field in pb.Command.DESCRIPTOR.fields}


QUERIES: list[tuple[str, Message, Any]] = [
    ("FindMember", pb.FindMemberRequest(member=MEMBER, programme=9), cmd.FindMember(9, "c2000-1")),
    ("FindMember", pb.FindMemberRequest(member={"external": "crm:1"}), cmd.FindMember(1, "xcrm:1")),
    (
        "Quote",
        pb.QuoteRequest(
            member=MEMBER,
            store=17,
            lines=[SHOES_SENT],
            spend={"points": 9, "mode": 2, "wallet": 3},
            coupons=["A-1"],
        ),
        cmd.Quote(1, "c2000-1", 17, 0, (SHOES,), 9, cmd.SpendMode.EXACTLY, 3, ("A-1",)),
    ),
    ("GetBalance", pb.GetBalanceRequest(member={"member_id": 5}), cmd.GetBalance(1, 5)),
    ("GetStatement", pb.GetStatementRequest(member=MEMBER), cmd.GetStatement(1, "c2000-1", 50, 0, 0)),
    (
        "GetStatement",
        pb.GetStatementRequest(
            member=MEMBER, page_size=7, page_token=bytes(7) + b"\x09" + bytes(7) + b"\x04"
        ),
        cmd.GetStatement(1, "c2000-1", 7, 4, 9),
    ),
    ("ListLots", pb.ListLotsRequest(member=MEMBER, programme=9), cmd.ListLots(9, "c2000-1")),
    ("GetReceipt", pb.GetReceiptRequest(receipt=receipt_sent(7)), cmd.GetReceipt(1, receipt(7))),
]


@pytest.mark.parametrize(("name", "request_", "query"), QUERIES)
def test_queries_in_canonical_bytes(name: str, request_: Message, query: cmd.AnyQuery) -> None:
    """As the engine reads them."""
    assert decode(name, request_) == Query(msgpack.encode(query))


def test_a_look_up_names_the_request() -> None:
    """And nothing else."""
    assert decode("GetOutcome", pb.GetOutcomeRequest(request_id=ID)) == Lookup(ID)


LINE = {"sku": "x", "quantity_milli": 1, "amount_minor": 1, "kind": 1}
LONG = "x" * 65
NAMED = {"name": "brand", "text": "x"}


def with_attributes(*attributes: dict[str, Any]) -> pb.ConfirmRequest:
    return confirm_request(lines=[LINE, LINE | {"attributes": attributes}])


REFUSED: list[tuple[str, Message, str]] = [  # method, request, field
    ("Confirm", confirm_request(request_id=b"1234567"), "request_id"),
    ("Confirm", confirm_request(request_id=b"1" * 65), "request_id"),
    ("Confirm", confirm_request(seen_ms=-1), "seen_ms"),
    ("Confirm", confirm_request(programme=65_535), "programme"),
    ("Confirm", confirm_request(member=None), "member"),
    ("Confirm", confirm_request(member={"phone": LONG}), "member.phone"),
    ("Confirm", confirm_request(member={"card": "\u00e4" * 33}), "member.card"),  # 66 bytes
    ("Confirm", confirm_request(member={"external": LONG}), "member.external"),
    ("Confirm", confirm_request(lines=[LINE, LINE | {"kind": 0}]), "lines[2].kind"),
    ("Confirm", confirm_request(lines=[LINE | {"kind": 4}]), "lines[1].kind"),
    ("Confirm", confirm_request(lines=[LINE | {"sku": LONG}]), "lines[1].sku"),
    ("Confirm", with_attributes({"text": "x"}), "lines[2].attributes[1].name"),
    ("Confirm", with_attributes({"name": LONG, "text": "x"}), "lines[2].attributes[1].name"),
    ("Confirm", with_attributes(NAMED, NAMED | {"text": "y"}), "lines[2].attributes[2].name"),  # twice
    ("Confirm", with_attributes({"name": "brand"}), "lines[2].attributes[1]"),
    ("Confirm", with_attributes(NAMED | {"text": LONG}), "lines[2].attributes[1].text"),
    ("Confirm", with_attributes(*[NAMED | {"name": str(at)} for at in range(17)]), "lines[2].attributes"),
    ("Confirm", confirm_request(spend={"points": 5}), "spend.mode"),
    ("Confirm", confirm_request(spend={"points": 5, "mode": 9}), "spend.mode"),
    ("Confirm", confirm_request(quote_digest=b"short"), "quote_digest"),
    ("Confirm", confirm_request(coupons=["A-1"] * 9), "coupons"),
    ("Confirm", confirm_request(coupons=["A-1", LONG]), "coupons[2]"),
    ("Confirm", confirm_request(tenders=[{"kind": 1}] * 9), "tenders"),
    ("Confirm", confirm_request(tenders=[{"kind": 1}, {"kind": 0}]), "tenders[2].kind"),
    ("Confirm", confirm_request(tenders=[{"kind": 5}]), "tenders[1].kind"),
    ("Quote", pb.QuoteRequest(member=MEMBER, coupons=["A-1"] * 9), "coupons"),
    ("Enrol", pb.EnrolRequest(**HEADER, phone="1" * 65), "phone"),
    ("Enrol", pb.EnrolRequest(**HEADER, cards=["ok", "1" * 65]), "cards[2]"),
    ("Enrol", pb.EnrolRequest(**HEADER, externals=["x"] * 11), "externals"),
    ("Enrol", pb.EnrolRequest(**HEADER, externals=[LONG]), "externals[1]"),
    ("Enrol", pb.EnrolRequest(**HEADER, profile={"language": LONG}), "profile.language"),
    ("Enrol", pb.EnrolRequest(**HEADER, profile={"city": LONG}), "profile.city"),
    ("Enrol", pb.EnrolRequest(**HEADER, profile={"consents": ["x"] * 17}), "profile.consents"),
    ("Enrol", pb.EnrolRequest(**HEADER, profile={"segments": ["x"] * 65}), "profile.segments"),
    ("VoidReceipt", pb.VoidReceiptRequest(**HEADER, reason=LONG), "reason"),
    ("CorrectReceipt", pb.CorrectReceiptRequest(**HEADER, reason="x"), "right.member"),
    ("CorrectReceipt", pb.CorrectReceiptRequest(**HEADER, right=purchase_sent(), reason=LONG), "reason"),
    (
        "Hold",
        pb.HoldRequest(**HEADER, order=purchase_sent(lines=[LINE | {"kind": 0}])),
        "order.lines[1].kind",
    ),
    ("Hold", pb.HoldRequest(order=purchase_sent()), "request_id"),
    ("Capture", pb.CaptureRequest(**HEADER, tenders=[{}]), "tenders[1].kind"),
    ("CancelHold", pb.CancelHoldRequest(), "request_id"),
    ("UseService", pb.UseServiceRequest(**HEADER, member=MEMBER), "service"),
    ("UseService", pb.UseServiceRequest(**HEADER, service="x"), "member"),
    ("Abandon", pb.AbandonRequest(), "request_id"),
    ("GetOutcome", pb.GetOutcomeRequest(request_id=b"short"), "request_id"),
    ("FindMember", pb.FindMemberRequest(), "member"),
    ("ListLots", pb.ListLotsRequest(), "member"),
    ("GetReceipt", pb.GetReceiptRequest(programme=65_535), "programme"),
    ("GetStatement", pb.GetStatementRequest(member=MEMBER, page_size=201), "page_size"),
    ("GetStatement", pb.GetStatementRequest(member=MEMBER, page_size=-1), "page_size"),
    ("GetStatement", pb.GetStatementRequest(member=MEMBER, page_token=b"short"), "page_token"),
    (
        "GetStatement",
        pb.GetStatementRequest(member=MEMBER, page_token=bytes(15) + b"\x01", as_of_seq=5),
        "as_of_seq",
    ),
    ("ExecuteBatch", pb.ExecuteBatchRequest(), "commands"),
    ("ExecuteBatch", pb.ExecuteBatchRequest(commands=[pb.Command()] * 1001), "commands"),
    (
        "ExecuteBatch",
        pb.ExecuteBatchRequest(
            commands=[{"confirm": confirm_request()}, {"confirm": confirm_request(seen_ms=-1)}]
        ),
        "commands[2].seen_ms",
    ),
    ("ExecuteBatch", pb.ExecuteBatchRequest(commands=[pb.Command()]), "commands[1].command"),
    # 20,020 lines, in confirms, orders and corrections.
    (
        "ExecuteBatch",
        pb.ExecuteBatchRequest(commands=[{"confirm": {"lines": [LINE] * 1001}}] * 20),
        "commands",
    ),
    (
        "ExecuteBatch",
        pb.ExecuteBatchRequest(commands=[{"hold": {"order": {"lines": [LINE] * 1001}}}] * 20),
        "commands",
    ),
    (
        "ExecuteBatch",
        pb.ExecuteBatchRequest(commands=[{"correct_receipt": {"right": {"lines": [LINE] * 1001}}}] * 20),
        "commands",
    ),
    ("ExecuteStream", pb.ExecuteStreamRequest(), "command"),
    ("Confirm", confirm_request(lines=[LINE] * 9000), ""),  # over 64 KiB
    (
        "ExecuteBatch",
        pb.ExecuteBatchRequest(commands=[{"confirm": confirm_request(lines=[LINE] * 9000)}]),
        "commands[1]",
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


def test_a_basket_of_a_thousand_lines_is_the_engine_s_to_refuse() -> None:
    """It parses: the till gets a rejection, not a broken call."""
    assert len(decode("Confirm", confirm_request(lines=[LINE] * 1000)).body) > 4000
