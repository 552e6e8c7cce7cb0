"""Protobuf to values and back: nothing is lost on the way, and what cannot be one is refused by name."""

from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import msgpack

from loyalty import commands as cmd
from loyalty import outcomes as out
from loyalty.commands import places
from loyalty.front import METHODS, NOT_FOUND, Command, Lookup, Query, RefusalError
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as pb
from tests.loyalty.history import opened, random_steps, rules
from tests.loyalty.kit import NOON, PHONE, TODAY, Answer, goods, purchase, receipt

ROWS: dict[str, Any] = {method.path.rpartition("/")[2]: method for method in METHODS}
ID = b"0123456789abcdef"


def decode(name: str, message: Message) -> Any:
    (want,) = ROWS[name].decode(message.SerializeToString())
    return want


def confirm_request(**changes: Any) -> pb.ConfirmRequest:
    values: dict[str, Any] = {
        "request_id": ID,
        "seen_ms": NOON - 5,
        "client_ms": NOON - 7,
        "receipt": {"store": 17, "terminal": 3, "number": 1, "business_day": TODAY},
        "member": {"phone": PHONE},
        "lines": [{"sku": "shoes", "quantity_milli": 1000, "amount_minor": 10_000, "kind": 1}],
    }
    return pb.ConfirmRequest(**(values | changes))


COMMANDS: list[tuple[str, Message, int, int, Any]] = [  # method, request, kind, slot, canonical command
    (
        "Enrol",
        pb.EnrolRequest(request_id=ID, phone=PHONE, cards=["2000-1"], store=17),
        16,
        places.token_slot(1, "p" + PHONE),
        cmd.Enrol(PHONE, ("2000-1",), 17),
    ),
    (
        "Enrol",
        pb.EnrolRequest(request_id=ID, cards=["bb", "aa"]),
        16,
        places.token_slot(1, "caa"),
        cmd.Enrol("", ("bb", "aa"), 0),
    ),
    ("Confirm", confirm_request(), 17, places.token_slot(1, "p" + PHONE), purchase("p" + PHONE)),
    (
        "Confirm",
        confirm_request(
            member={"member_id": 7 << 52 | 9},
            sold_ms=NOON,
            spend={"points": 5, "mode": 1},
            quote_digest=b"d" * 16,
            accept_changed=True,
            offline=True,
        ),
        17,
        7,
        cmd.Confirm(
            receipt(), 7 << 52 | 9, NOON, (goods(10_000),), 5, cmd.SpendMode.UP_TO, b"d" * 16, True, True
        ),
    ),
    (
        "ReturnLines",
        pb.ReturnLinesRequest(
            request_id=ID,
            return_receipt={"store": 18, "terminal": 3, "number": 2, "business_day": TODAY},
            receipt={"store": 17, "terminal": 3, "number": 1, "business_day": TODAY},
            lines=[{"line": 1, "quantity_milli": 500}],
        ),
        18,
        places.receipt_slot(1, places.receipt_key(receipt())),
        cmd.ReturnLines(receipt(2, store=18), receipt(), (cmd.ReturnLine(1, 500),)),
    ),
    ("Abandon", pb.AbandonRequest(request_id=ID), 2, 0, None),
    (
        "DefineStore",
        bo.DefineStoreRequest(
            request_id=ID, store={"store": 17, "name": "x", "zone": [{"from_ms": 0, "offset_s": -9}]}
        ),
        33,
        places.store_slot(1, 17),
        cmd.DefineStore(17, "x", ((0, -9),)),
    ),
]


@pytest.mark.parametrize(("name", "request_", "kind", "slot", "command"), COMMANDS)
def test_commands_in_canonical_bytes(name: str, request_: Any, kind: int, slot: int, command: Any) -> None:
    """Header fields beside the body, the body as the engine reads it, the slot as the engine keys it."""
    want = decode(name, request_)
    assert isinstance(want, Command)
    assert (want.kind, want.slot, want.tenant, want.request_id) == (kind, slot, 1 if command else 0, ID)
    assert (want.seen_ms, want.client_ms) == (request_.seen_ms, request_.client_ms)
    if command is not None:
        assert want.body == msgpack.encode(command)
        assert msgpack.decode(want.body, type=type(command)) == command


MEMBER = {"card": "2000-1"}
QUERIES: list[tuple[str, Message, Any]] = [
    ("FindMember", pb.FindMemberRequest(member=MEMBER, programme=9), cmd.FindMember(9, "c2000-1")),
    (
        "Quote",
        pb.QuoteRequest(
            member=MEMBER, store=17, lines=confirm_request().lines, spend={"points": 9, "mode": 2}
        ),
        cmd.Quote(1, "c2000-1", 17, 0, (goods(10_000),), 9, cmd.SpendMode.EXACTLY),
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
    ("GetProgramme", bo.GetProgrammeRequest(), cmd.GetProgramme(1)),
    ("GetStore", bo.GetStoreRequest(programme=2, store=17), cmd.GetStore(2, 17)),
]


@pytest.mark.parametrize(("name", "request_", "query"), QUERIES)
def test_queries_in_canonical_bytes(name: str, request_: Message, query: cmd.AnyQuery) -> None:
    """As the engine reads them."""
    assert decode(name, request_) == Query(msgpack.encode(query))


def test_a_look_up_names_the_request() -> None:
    """And nothing else."""
    assert decode("GetOutcome", pb.GetOutcomeRequest(request_id=ID)) == Lookup(ID)


LINE = {"sku": "x", "quantity_milli": 1, "amount_minor": 1, "kind": 1}
REFUSED: list[tuple[str, Message, str]] = [  # method, request, field
    ("Confirm", confirm_request(request_id=b"1234567"), "request_id"),
    ("Confirm", confirm_request(request_id=b"1" * 65), "request_id"),
    ("Confirm", confirm_request(seen_ms=-1), "seen_ms"),
    ("Confirm", confirm_request(programme=65_535), "programme"),
    ("Confirm", confirm_request(member=None), "member"),
    ("Confirm", confirm_request(member={"phone": "x" * 65}), "member.phone"),
    ("Confirm", confirm_request(member={"card": "\u00e4" * 33}), "member.card"),  # 66 bytes
    ("Confirm", confirm_request(lines=[LINE, LINE | {"kind": 0}]), "lines[2].kind"),
    ("Confirm", confirm_request(lines=[LINE | {"kind": 4}]), "lines[1].kind"),
    ("Confirm", confirm_request(lines=[LINE | {"sku": "x" * 65}]), "lines[1].sku"),
    ("Confirm", confirm_request(spend={"points": 5}), "spend.mode"),
    ("Confirm", confirm_request(spend={"points": 5, "mode": 9}), "spend.mode"),
    ("Confirm", confirm_request(quote_digest=b"short"), "quote_digest"),
    ("Enrol", pb.EnrolRequest(request_id=ID, phone="1" * 65), "phone"),
    ("Enrol", pb.EnrolRequest(request_id=ID, cards=["ok", "1" * 65]), "cards[2]"),
    ("Abandon", pb.AbandonRequest(), "request_id"),
    ("GetOutcome", pb.GetOutcomeRequest(request_id=b"short"), "request_id"),
    ("FindMember", pb.FindMemberRequest(), "member"),
    ("GetStatement", pb.GetStatementRequest(member=MEMBER, page_size=201), "page_size"),
    ("GetStatement", pb.GetStatementRequest(member=MEMBER, page_size=-1), "page_size"),
    ("GetStatement", pb.GetStatementRequest(member=MEMBER, page_token=b"short"), "page_token"),
    (
        "GetStatement",
        pb.GetStatementRequest(member=MEMBER, page_token=bytes(15) + b"\x01", as_of_seq=5),
        "as_of_seq",
    ),
    ("DefineProgramme", bo.DefineProgrammeRequest(request_id=ID), "rules.shortfall"),
    (
        "DefineProgramme",
        bo.DefineProgrammeRequest(request_id=ID, rules={"shortfall": 1}),
        "rules.unknown_store",
    ),
    ("DefineStore", bo.DefineStoreRequest(request_id=ID, store={"name": "x" * 65}), "store.name"),
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
    (
        "ExecuteBatch",
        pb.ExecuteBatchRequest(commands=[{"confirm": {"lines": [LINE] * 1001}}] * 20),  # 20,020 lines
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


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(ROWS)), st.binary(max_size=80))
def test_any_bytes_are_taken_or_refused(name: str, body: bytes) -> None:
    """Nothing else can happen at the door."""
    try:
        wants = ROWS[name].decode(body)
    except RefusalError:
        return
    assert len(wants) >= 1


PLACE: dict[str, Any] = {"log_time_ms": NOON, "seq": 41, "epoch": 7}


def encode(name: str, response: type[Message], outcome: out.Outcome | None, verdict: int = 0) -> Any:
    body = b"" if outcome is None else msgpack.encode(outcome)
    return response.FromString(ROWS[name].encode([Answer(41, 7, NOON, verdict, body)]))


def test_a_confirmed_purchase_as_a_response() -> None:
    """Every number of the outcome is in the message, with where and when it was given."""
    lot = out.Lot(4, 400, NOON, out.NEVER_MS)
    line = out.BillLine(1000, 200, 190, 810, 400)
    bill = out.Bill((line,), 1000, 200, 190, 810, 410, lot, (out.Lot(2, 200, 5, 6),), 10, 3)
    done = out.ConfirmDone(9 << 52, receipt(), bill, out.Balance(8, 7, 6, 1), True)
    balance = {"active_points": 8, "spendable_points": 7, "future_points": 6, "debt_points": 1}
    assert encode("Confirm", pb.ConfirmResponse, done) == pb.ConfirmResponse(
        **PLACE,
        done={
            "member_id": 9 << 52,
            "receipt": {"store": 17, "terminal": 3, "number": 1, "business_day": TODAY},
            "bill": {
                "lines": [
                    {
                        "amount_minor": 1000,
                        "spent_points": 200,
                        "spent_minor": 190,
                        "paid_minor": 810,
                        "earned_points": 400,
                    }
                ],
                "amount_minor": 1000,
                "spent_points": 200,
                "spent_minor": 190,
                "paid_minor": 810,
                "earned_points": 410,
                "earned_lot": {"lot": 4, "points": 400, "active_from_ms": NOON},  # never ends: 0
                "draws": [{"lot": 2, "points": 200, "active_from_ms": 5, "active_until_ms": 6}],
                "debt_paid_points": 10,
                "programme_version": 3,
            },
            "balance": balance,
            "repeated": True,
        },
    )


def test_a_rejection_with_a_new_quote() -> None:
    """Code, field and what would be acceptable; the quote beside it."""
    bill = out.Bill((), 0, 0, 0, 0, 0, None, (), 0, 0)
    quote = out.QuoteDone(bill, b"d" * 16, 5, out.Balance(1, 1, 0, 0))
    response = encode("Confirm", pb.ConfirmResponse, out.Rejected(out.Code.QUOTE_CHANGED, "a", "b", quote))
    assert response.WhichOneof("result") == "rejected"
    assert response.rejected == common.Rejection(
        code="REJECTION_CODE_QUOTE_CHANGED", field="a", acceptable="b"
    )
    assert (response.new_quote.quote_digest, response.new_quote.most_points) == (b"d" * 16, 5)


VERDICTS = [(1, "REQUEST_TOO_OLD"), (2, "REQUEST_ID_REUSED"), (3, "REQUEST_ABANDONED")]


@pytest.mark.parametrize(("verdict", "code"), VERDICTS)
def test_verdicts_of_the_runtime_are_rejections(verdict: int, code: str) -> None:
    """For a till a refusal is a refusal, whoever gave it."""
    for name, response in (("Enrol", pb.EnrolResponse), ("Confirm", pb.ConfirmResponse)):
        answer = encode(name, response, None, verdict)
        assert common.RejectionCode.Name(answer.rejected.code) == "REJECTION_CODE_" + code
    (item,) = pb.ExecuteBatchResponse.FromString(
        ROWS["ExecuteBatch"].encode([Answer(41, 7, NOON, verdict, b"")])
    ).answers
    assert common.RejectionCode.Name(item.rejected.code) == "REJECTION_CODE_" + code


def test_outcomes_looked_up() -> None:
    """Found with what it was, or not so far."""
    done = out.EnrolDone(5, out.Balance(0, 0, 0, 0))
    found = encode("GetOutcome", pb.GetOutcomeResponse, done)
    assert (found.found, found.answer.enrol.member_id, found.answer.seq) == (True, 5, 41)
    assert found.answer.enrol.HasField("balance")  # zeros, but there
    missing = encode("GetOutcome", pb.GetOutcomeResponse, None, NOT_FOUND)
    assert (missing.found, missing.HasField("answer"), missing.seq) == (False, False, 41)


def test_abandoning() -> None:
    """Too late: what came of it. In time: abandoned. Another command's id cannot be."""
    done = out.EnrolDone(5, out.Balance(0, 0, 0, 0))
    assert encode("Abandon", pb.AbandonResponse, done).outcome.enrol.member_id == 5
    assert encode("Abandon", pb.AbandonResponse, None, 3).WhichOneof("result") == "abandoned"
    assert encode("Abandon", pb.AbandonResponse, None, 1).rejected.code == 10


def test_an_outcome_of_another_method_is_a_reused_id() -> None:
    """Not reachable while commands are compared by kind; and not a crash if it were."""
    answer = encode("Enrol", pb.EnrolResponse, out.DefineDone(1))
    assert answer.rejected.code == common.REJECTION_CODE_REQUEST_ID_REUSED


def test_a_stream_goes_on_after_a_command_that_was_not_taken() -> None:
    """Its answer says what to mend, or when to come again."""
    body = ROWS["ExecuteStream"].encode_not_taken("a", "is b", "c", 50)
    why = pb.ExecuteStreamResponse.FromString(body).answer.not_taken
    assert (why.field, why.problem, why.wanted, why.retry_after_ms) == ("a", "is b", "c", 50)


def test_a_statement_s_pages_stay_as_of_the_first() -> None:
    """The first page's seq goes into the token, and comes back with the next request."""
    page = out.GetStatementDone(5, (), 30, 0)
    response = encode("GetStatement", pb.GetStatementResponse, page)
    assert response.done.as_of_seq == 41
    again = pb.GetStatementRequest(member=MEMBER, page_token=response.done.next_page_token)
    assert decode("GetStatement", again) == Query(msgpack.encode(cmd.GetStatement(1, "c2000-1", 50, 30, 41)))
    last = encode("GetStatement", pb.GetStatementResponse, out.GetStatementDone(5, (), 0, 41))
    assert (last.done.next_page_token, last.done.as_of_seq) == (b"", 41)


def test_rules_survive_the_way_there_and_back() -> None:
    """Every value of a programme, each with a number of its own."""
    values: dict[str, Any] = {name: 1000 + at for at, name in enumerate(cmd.Rules.__struct_fields__)}
    values |= {"name": "N", "currency": "TWD", "shortfall": cmd.Shortfall.CLAMP}
    values |= {"unknown_store": cmd.UnknownStore.REJECT}
    command = msgpack.decode(
        decode("DefineProgramme", bo.DefineProgrammeRequest(request_id=ID, rules=values)).body,
        type=cmd.DefineProgramme,
    )
    assert command.rules == cmd.Rules(**values)
    response = encode("GetProgramme", bo.GetProgrammeResponse, out.GetProgrammeDone(3, command.rules))
    assert response.done == bo.GetProgrammeDone(version=3, rules=values)
    assert rules() != command.rules


def test_every_answer_of_a_long_history_becomes_a_response() -> None:
    """As a batch's answers, with the same numbers."""
    played, members = opened()
    for step in random_steps(2, 150):
        played.play(step)
    answers = [Answer(at, 1, NOON, 0, body) for at, body in enumerate(played.shop.outcomes)]
    items = pb.ExecuteBatchResponse.FromString(ROWS["ExecuteBatch"].encode(answers)).answers
    assert [item.seq for item in items] == list(range(len(answers)))
    seen = {item.WhichOneof("result") for item in items}
    assert seen == {"rejected", "enrol", "confirm", "return_lines", "define"}
    for query in (cmd.GetStatement(1, members[0], 200, 0, 0), cmd.GetBalance(1, members[0])):
        outcome = played.shop.ask(query)
        name = type(query).__name__
        response = encode(name, getattr(pb, name + "Response"), outcome)
        assert response.done.member_id == members[0]
