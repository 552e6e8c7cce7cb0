"""The methods of both services, and how their responses become answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from google.protobuf.message import DecodeError, Message

from loyalty.client.answers import Answer, Done, NotTaken, Rejected
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

SERVICE: Final = "/loyalty.v1.TillService/"
BACK_OFFICE: Final = "/loyalty.v1.BackOfficeService/"
TOO_OLD: Final = int(common.REJECTION_CODE_REQUEST_TOO_OLD)

Read: TypeAlias = Callable[[Any, int], Answer[Any]]
"""Response message and number of tries to an answer."""


@dataclass(frozen=True, slots=True)
class Method:
    """One unary method. Commands carry request id and times; questions do not."""

    name: str
    request: type[Message]
    response: type[Message]
    is_command: bool
    read: Read
    service: str = SERVICE

    @property
    def path(self) -> str:
        return self.service + self.name

    def answer(self, body: bytes, tries: int) -> Answer[Any] | None:
        """None if the body does not parse: then nothing is known."""
        try:
            response = self.response.FromString(body)
        except DecodeError:
            return None
        return self.read(response, tries)


def rejected(rejection: common.Rejection, source: Any, tries: int) -> Rejected:
    """A `Rejection` with the place in the log that `source` (a response or an Answer) names."""
    try:
        name = common.RejectionCode.Name(rejection.code).removeprefix("REJECTION_CODE_")
    except ValueError:
        name = f"CODE_{rejection.code}"  # a newer server than we are
    return Rejected(
        code=int(rejection.code),
        reason=name,
        field=rejection.field,
        acceptable=rejection.acceptable,
        seq=source.seq,
        epoch=source.epoch,
        log_time_ms=source.log_time_ms,
        tries=tries,
        details=source,
    )


def read_result(response: Any, tries: int) -> Answer[Any]:
    """A response with `oneof result { done, rejected }`."""
    if response.WhichOneof("result") == "rejected":
        return rejected(response.rejected, response, tries)
    return Done(response.done, response.seq, response.epoch, response.log_time_ms, tries)


def read_answer(answer: till.Answer, tries: int) -> Answer[Any] | None:
    """One item of a batch or stream, or of an outcome asked for. None: the item says nothing we know."""
    kind = answer.WhichOneof("result")
    if kind is None:
        return None
    if kind == "rejected":
        return rejected(answer.rejected, answer, tries)
    if kind == "not_taken":
        why = answer.not_taken
        status = "RESOURCE_EXHAUSTED" if why.retry_after_ms > 0 else "INVALID_ARGUMENT"
        problem = f"{why.problem}; wanted {why.wanted}" if why.wanted else why.problem
        return NotTaken(status, problem, why.field, tries, why.retry_after_ms)
    return Done(getattr(answer, kind), answer.seq, answer.epoch, answer.log_time_ms, tries)


def _read_outcome(response: till.GetOutcomeResponse, tries: int) -> Answer[Any]:
    """Done, holding what became of the command, or None for "not so far"."""
    found = read_answer(response.answer, tries) if response.found else None
    return Done(found, response.seq, response.epoch, response.log_time_ms, tries)


def _read_abandon(response: till.AbandonResponse, tries: int) -> Answer[Any]:
    """Done, holding what had become of the command, or None: abandoned, and never executed."""
    match response.WhichOneof("result"):
        case "rejected":
            return rejected(response.rejected, response, tries)
        case "outcome":
            outcome = read_answer(response.outcome, tries)
        case _:
            outcome = None
    return Done(outcome, response.seq, response.epoch, response.log_time_ms, tries)


def _read_batch(response: till.ExecuteBatchResponse, tries: int) -> Answer[Any]:
    """Done, holding the list of answers."""
    answers = [read_answer(answer, tries) for answer in response.answers]
    newest = max((answer.log_time_ms for answer in response.answers), default=0)
    return Done(answers, 0, 0, newest, tries)


_TABLE = (
    Method("Enrol", till.EnrolRequest, till.EnrolResponse, True, read_result),
    Method("Confirm", till.ConfirmRequest, till.ConfirmResponse, True, read_result),
    Method("ReturnLines", till.ReturnLinesRequest, till.ReturnLinesResponse, True, read_result),
    Method("VoidReceipt", till.VoidReceiptRequest, till.VoidReceiptResponse, True, read_result),
    Method("CorrectReceipt", till.CorrectReceiptRequest, till.CorrectReceiptResponse, True, read_result),
    Method("Hold", till.HoldRequest, till.HoldResponse, True, read_result),
    Method("Capture", till.CaptureRequest, till.CaptureResponse, True, read_result),
    Method("CancelHold", till.CancelHoldRequest, till.CancelHoldResponse, True, read_result),
    Method("UseService", till.UseServiceRequest, till.UseServiceResponse, True, read_result),
    Method("Abandon", till.AbandonRequest, till.AbandonResponse, True, _read_abandon),
    Method("FindMember", till.FindMemberRequest, till.FindMemberResponse, False, read_result),
    Method("Quote", till.QuoteRequest, till.QuoteResponse, False, read_result),
    Method("GetBalance", till.GetBalanceRequest, till.GetBalanceResponse, False, read_result),
    Method("GetStatement", till.GetStatementRequest, till.GetStatementResponse, False, read_result),
    Method("ListLots", till.ListLotsRequest, till.ListLotsResponse, False, read_result),
    Method("GetReceipt", till.GetReceiptRequest, till.GetReceiptResponse, False, read_result),
    Method("GetOutcome", till.GetOutcomeRequest, till.GetOutcomeResponse, False, _read_outcome),
    Method("ExecuteBatch", till.ExecuteBatchRequest, till.ExecuteBatchResponse, False, _read_batch),
)


def _office(name: str, request: type[Message], response: type[Message]) -> Method:
    """A method of the back office; its commands carry a request id."""
    is_command = "request_id" in request.DESCRIPTOR.fields_by_name
    return Method(name, request, response, is_command, read_result, BACK_OFFICE)


_OFFICE_TABLE = (
    _office("DefineProgramme", bo.DefineProgrammeRequest, bo.DefineProgrammeResponse),
    _office("DefineStore", bo.DefineStoreRequest, bo.DefineStoreResponse),
    _office("DefinePartner", bo.DefinePartnerRequest, bo.DefinePartnerResponse),
    _office("PublishPromotion", bo.PublishPromotionRequest, bo.PublishPromotionResponse),
    _office("PausePromotion", bo.PausePromotionRequest, bo.PausePromotionResponse),
    _office("IssueCoupon", bo.IssueCouponRequest, bo.IssueCouponResponse),
    _office("Adjust", bo.AdjustRequest, bo.AdjustResponse),
    _office("ChangeMember", bo.ChangeMemberRequest, bo.ChangeMemberResponse),
    _office("MergeMembers", bo.MergeMembersRequest, bo.MergeMembersResponse),
    _office("GetProgramme", bo.GetProgrammeRequest, bo.GetProgrammeResponse),
    _office("GetStore", bo.GetStoreRequest, bo.GetStoreResponse),
    _office("GetPartner", bo.GetPartnerRequest, bo.GetPartnerResponse),
    _office("GetPromotion", bo.GetPromotionRequest, bo.GetPromotionResponse),
    _office("ListPromotions", bo.ListPromotionsRequest, bo.ListPromotionsResponse),
    _office("GetCoupon", bo.GetCouponRequest, bo.GetCouponResponse),
    _office("DryRun", bo.DryRunRequest, bo.DryRunResponse),
)
METHODS: Final[Mapping[str, Method]] = {method.name: method for method in (*_TABLE, *_OFFICE_TABLE)}
