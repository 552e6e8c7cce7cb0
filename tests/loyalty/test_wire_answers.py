"""Outcomes to protobuf: nothing is lost on the way, and every verdict is an answer."""

from typing import Any

import msgspec
import pytest
from google.protobuf.message import Message
from msgspec import msgpack

from loyalty import commands as cmd
from loyalty import outcomes as out
from loyalty.client.methods import METHODS
from loyalty.commands.conditions import Begins
from loyalty.commands.promotions import PercentOff
from loyalty.front import NOT_FOUND, Query
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as pb
from tests.loyalty.wire_kit import (
    NOON,
    PLACE,
    ROWS,
    TODAY,
    Answer,
    decode,
    disagreements,
    encode,
    receipt,
    sample,
)

ANSWERED: list[tuple[str, Any, type[out.Outcome]]] = [  # method, response, outcome
    ("Enrol", pb.EnrolResponse, out.EnrolDone),
    ("FindMember", pb.FindMemberResponse, out.FindMemberDone),
    ("Quote", pb.QuoteResponse, out.QuoteDone),
    ("Confirm", pb.ConfirmResponse, out.ConfirmDone),
    ("ReturnLines", pb.ReturnLinesResponse, out.ReturnLinesDone),
    ("VoidReceipt", pb.VoidReceiptResponse, out.VoidDone),
    ("CorrectReceipt", pb.CorrectReceiptResponse, out.CorrectDone),
    ("Hold", pb.HoldResponse, out.HoldDone),
    ("Capture", pb.CaptureResponse, out.CaptureDone),
    ("CancelHold", pb.CancelHoldResponse, out.CancelHoldDone),
    ("UseService", pb.UseServiceResponse, out.UseServiceDone),
    ("GetBalance", pb.GetBalanceResponse, out.GetBalanceDone),
    ("GetStatement", pb.GetStatementResponse, out.GetStatementDone),
    ("ListLots", pb.ListLotsResponse, out.ListLotsDone),
    ("DefineProgramme", bo.DefineProgrammeResponse, out.DefineDone),
    ("DefineStore", bo.DefineStoreResponse, out.DefineDone),
    ("DefinePartner", bo.DefinePartnerResponse, out.DefineDone),
    ("PublishPromotion", bo.PublishPromotionResponse, out.DefineDone),
    ("PausePromotion", bo.PausePromotionResponse, out.DefineDone),
    ("IssueCoupon", bo.IssueCouponResponse, out.IssueCouponDone),
    ("Adjust", bo.AdjustResponse, out.AdjustDone),
    ("ChangeMember", bo.ChangeMemberResponse, out.ChangeMemberDone),
    ("MergeMembers", bo.MergeMembersResponse, out.MergeMembersDone),
    ("GetStore", bo.GetStoreResponse, out.GetStoreDone),
    ("GetPartner", bo.GetPartnerResponse, out.GetPartnerDone),
    ("ListPromotions", bo.ListPromotionsResponse, out.ListPromotionsDone),
    ("GetCoupon", bo.GetCouponResponse, out.GetCouponDone),
    ("DryRun", bo.DryRunResponse, out.QuoteDone),
]


@pytest.mark.parametrize(
    ("name", "response", "kind"), ANSWERED, ids=lambda part: getattr(part, "__name__", part)
)
def test_every_part_of_an_outcome_is_in_the_response(
    name: str, response: type[Message], kind: type[out.Outcome]
) -> None:
    """Each with a number of its own, so that none can stand in another's place."""
    outcome = sample(kind)
    answer = encode(name, response, outcome)
    assert (answer.log_time_ms, answer.seq, answer.epoch) == tuple(PLACE.values())
    assert disagreements(answer.done, outcome) == []


@pytest.mark.parametrize("kind", out.AnyBooked.__args__)
def test_what_stands_behind_a_receipt_s_identity(kind: type[out.Booked]) -> None:
    """A purchase, a return, a hold or a use of services."""
    outcome = out.GetReceiptDone(sample(kind))
    assert disagreements(encode("GetReceipt", pb.GetReceiptResponse, outcome).done, outcome) == []


def test_attributes_of_a_line_keep_their_types() -> None:
    """A number is not the text of its digits, and 0 is a number."""
    line = cmd.Line("ski", 1, 1, cmd.LineKind.GOODS, attributes=(("a", "7"), ("b", 7), ("c", 0)))
    order = msgspec.structs.replace(sample(out.HeldOrder), lines=(line,))
    (sent,) = encode("GetReceipt", pb.GetReceiptResponse, out.GetReceiptDone(order)).done.hold.lines
    assert [one.WhichOneof("value") for one in sent.attributes] == ["text", "number", "number"]
    assert [getattr(one, one.WhichOneof("value")) for one in sent.attributes] == ["7", 7, 0]


NOTHING_BACK = out.Returned((), 0, 0, 0, 0, 0)
ZEROS: list[tuple[str, Any, out.Outcome, str]] = [  # method, response, outcome, what is there though it is 0
    ("Enrol", pb.EnrolResponse, out.EnrolDone(5, out.Balance(0, 0, 0, 0)), "balance"),
    (
        "VoidReceipt",
        pb.VoidReceiptResponse,
        out.VoidDone(5, receipt(), NOTHING_BACK, out.Balance(0, 0, 0, 0), False),
        "returned",
    ),
    (
        "CorrectReceipt",
        pb.CorrectReceiptResponse,
        out.CorrectDone(NOTHING_BACK, sample(out.ConfirmDone)),
        "voided",
    ),
    (
        "GetBalance",
        pb.GetBalanceResponse,
        out.GetBalanceDone(5, out.Balance(0, 0, 0, 0), (), 0, False, standing=out.Standing("", 0, "", 0, 0)),
        "standing",
    ),
]


@pytest.mark.parametrize(("name", "response", "outcome", "there"), ZEROS)
def test_what_is_zero_is_there(name: str, response: Any, outcome: out.Outcome, there: str) -> None:
    """A till need not tell nothing from zero."""
    assert encode(name, response, outcome).done.HasField(there)


def test_a_return_of_nothing_is_there() -> None:
    """Under its own identity."""
    back = out.Return(5, receipt(2), receipt(), NOTHING_BACK, 41, NOON, b"till")
    done = encode("GetReceipt", pb.GetReceiptResponse, out.GetReceiptDone(back)).done
    assert done.returned.HasField("returned")


def test_rules_with_their_version() -> None:
    """The rules themselves go both ways, see test_wire_both_ways.py."""
    values: dict[str, Any] = {name: 1000 + at for at, name in enumerate(cmd.Rules.__struct_fields__[2:15])}
    rules = cmd.Rules(
        name="N",
        currency="TWD",
        shortfall=cmd.Shortfall.CASH,
        unknown_store=cmd.UnknownStore.REJECT,
        **values,
    )
    programme = out.GetProgrammeDone(3, rules)
    answer = encode("GetProgramme", bo.GetProgrammeResponse, programme)
    assert disagreements(answer.done, programme) == []


def test_a_promotion_with_what_it_gave() -> None:
    """The promotion itself goes both ways, see test_wire_both_ways.py."""
    promotion = out.GetPromotionDone(3, a_promotion(), out.Usage(40, 50, 60))
    answer = encode("GetPromotion", bo.GetPromotionResponse, promotion)
    assert disagreements(answer.done, promotion) == []


def a_promotion() -> cmd.Promotion:
    """With a condition, so that something is in the way of a lazy answer."""
    pro = cmd.promotions
    brand, everywhere = Begins("sku", "400"), pro.Where()
    effect, stacking, caps = PercentOff(2000), pro.Stacking(), pro.Caps()
    who, when = pro.Audience(), pro.When(NOON, 0)
    line = pro.Scope.LINE
    return cmd.Promotion(
        7, "Week", False, when, everywhere, who, brand, None, line, effect, stacking, caps, 5
    )


COMMANDS = [row for row in ANSWERED if METHODS[row[0]].is_command]


@pytest.mark.parametrize(
    ("name", "response", "kind"), COMMANDS, ids=lambda part: getattr(part, "__name__", part)
)
def test_every_command_s_outcome_can_be_looked_up(name: str, response: Any, kind: type[out.Outcome]) -> None:
    """In a batch, in a stream and by its id it is the same message as in its own response."""
    outcome = sample(kind)
    done = encode(name, response, outcome).done
    answer = encode("GetOutcome", pb.GetOutcomeResponse, outcome).answer
    assert getattr(answer, answer.WhichOneof("result")) == done
    batch = pb.ExecuteBatchResponse.FromString(
        ROWS["ExecuteBatch"].encode([Answer(41, 7, NOON, 0, msgpack.encode(outcome))])
    )
    assert list(batch.answers) == [answer]


def test_a_confirmed_purchase_as_a_till_sees_it() -> None:
    """One response written out, number by number."""
    lot = out.Lot(4, 400, NOON, out.NEVER_MS)
    line = out.BillLine(1000, 200, 190, 710, 400, 100)
    off = out.Applied(7, 2, "Week", 100, 0, 1, 5, (out.AppliedLine(1, 100, 0),))
    bill = out.Bill(
        (line,),
        1000,
        200,
        190,
        710,
        410,
        (out.Earning(0, 0, 410, 10, lot),),
        (out.Lot(2, 200, 5, 6),),
        10,
        3,
        100,
        (off,),
    )
    done = out.ConfirmDone(9 << 52, receipt(), bill, out.Balance(8, 7, 6, 1), True)
    amounts = {
        "amount_minor": 1000,
        "spent_points": 200,
        "spent_minor": 190,
        "paid_minor": 710,
        "discount_minor": 100,
    }
    assert encode("Confirm", pb.ConfirmResponse, done) == pb.ConfirmResponse(
        **PLACE,
        done={
            "member_id": 9 << 52,
            "receipt": {"store": 17, "terminal": 3, "number": 1, "business_day": TODAY},
            "bill": {
                "lines": [{**amounts, "earned_points": 400}],
                **amounts,
                "earned_points": 410,
                "earnings": [
                    {
                        "points": 410,
                        "debt_paid_points": 10,
                        "lot": {
                            "lot": 4,
                            "points": 400,
                            "active_from_ms": NOON,
                            "priority": 128,
                        },  # never ends: 0
                    }
                ],
                "draws": [
                    {"lot": 2, "points": 200, "active_from_ms": 5, "active_until_ms": 6, "priority": 128}
                ],
                "debt_paid_points": 10,
                "programme_version": 3,
                "applied": [
                    {
                        "promotion": 7,
                        "version": 2,
                        "name": "Week",
                        "minor": 100,
                        "times": 1,
                        "funder": 5,
                        "lines": [{"line": 1, "minor": 100}],
                    }
                ],
            },
            "balance": {"active_points": 8, "spendable_points": 7, "future_points": 6, "debt_points": 1},
            "repeated": True,
        },
    )


def test_a_rejection_with_a_new_quote() -> None:
    """Code, field and what would be acceptable; the quote beside it."""
    bill = out.Bill((), 0, 0, 0, 0, 0, (), (), 0, 0)
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
    again = pb.GetStatementRequest(member={"card": "2000-1"}, page_token=response.done.next_page_token)
    assert decode("GetStatement", again) == Query(msgpack.encode(cmd.GetStatement(1, "c2000-1", 50, 30, 41)))
    last = encode("GetStatement", pb.GetStatementResponse, out.GetStatementDone(5, (), 0, 41))
    assert (last.done.next_page_token, last.done.as_of_seq) == (b"", 41)
