"""The rows of the method table; `loyalty.front` tells what a row means."""

from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from google.protobuf.message import Message

from loyalty.commands import limits as lim
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import till_pb2 as pb
from loyalty.wire import responses
from loyalty.wire.calls import Answer, Want
from loyalty.wire.parts import M, parse
from loyalty.wire.requests import members, publishing, questions, till
from loyalty.wire.requests.batches import batch

_TILL: Final = pb.DESCRIPTOR.services_by_name["TillService"].full_name
_BACK_OFFICE: Final = bo.DESCRIPTOR.services_by_name["BackOfficeService"].full_name
SERVICES: Final = (_TILL, _BACK_OFFICE)


class Method(NamedTuple):
    """One gRPC method, see the package."""

    path: str
    shape: Literal["unary", "batch", "stream"]
    lane: Literal["till", "back_office"]
    decode: Callable[[bytes], Sequence[Want]]
    encode: Callable[[Sequence[Answer]], bytes]
    encode_not_taken: Callable[[str, str, str, int], bytes] | None


def _unary(
    service: str,
    name: str,
    request: type[M],
    read: Callable[[M], Want],
    response: type[Message] | Callable[[Answer], bytes],
) -> Method:
    """A row for one request and one response; `response` is a message with `done`, or its own encoder."""
    one = responses.unary(response) if isinstance(response, type) else response
    max_bytes = lim.COMMAND_MAX_BYTES

    def decode(body: bytes) -> Sequence[Want]:
        return (read(parse(request, body, max_bytes)),)

    def encode(answers: Sequence[Answer]) -> bytes:
        return one(answers[0])

    lane: Literal["till", "back_office"] = "till" if service == _TILL else "back_office"
    return Method(f"/{service}/{name}", "unary", lane, decode, encode, None)


def _decode_streamed(body: bytes) -> Sequence[Want]:
    message = parse(pb.ExecuteStreamRequest, body, lim.COMMAND_MAX_BYTES)
    return (till.one_of(message.command),)


def _encode_streamed(answers: Sequence[Answer]) -> bytes:
    return responses.streamed(answers[0])


METHODS: Final = (
    _unary(_TILL, "Enrol", pb.EnrolRequest, till.enrol, pb.EnrolResponse),
    _unary(_TILL, "FindMember", pb.FindMemberRequest, questions.find_member, pb.FindMemberResponse),
    _unary(_TILL, "Quote", pb.QuoteRequest, questions.quote, pb.QuoteResponse),
    _unary(_TILL, "Confirm", pb.ConfirmRequest, till.confirm, pb.ConfirmResponse),
    _unary(_TILL, "ReturnLines", pb.ReturnLinesRequest, till.return_lines, pb.ReturnLinesResponse),
    _unary(_TILL, "VoidReceipt", pb.VoidReceiptRequest, till.void_receipt, pb.VoidReceiptResponse),
    _unary(
        _TILL, "CorrectReceipt", pb.CorrectReceiptRequest, till.correct_receipt, pb.CorrectReceiptResponse
    ),
    _unary(_TILL, "Hold", pb.HoldRequest, till.hold, pb.HoldResponse),
    _unary(_TILL, "Capture", pb.CaptureRequest, till.capture, pb.CaptureResponse),
    _unary(_TILL, "CancelHold", pb.CancelHoldRequest, till.cancel_hold, pb.CancelHoldResponse),
    _unary(_TILL, "UseService", pb.UseServiceRequest, till.use_service, pb.UseServiceResponse),
    _unary(_TILL, "GetBalance", pb.GetBalanceRequest, questions.get_balance, pb.GetBalanceResponse),
    _unary(_TILL, "GetStatement", pb.GetStatementRequest, questions.get_statement, pb.GetStatementResponse),
    _unary(_TILL, "ListLots", pb.ListLotsRequest, questions.list_lots, pb.ListLotsResponse),
    _unary(_TILL, "GetReceipt", pb.GetReceiptRequest, questions.get_receipt, pb.GetReceiptResponse),
    _unary(_TILL, "GetOutcome", pb.GetOutcomeRequest, till.get_outcome, responses.get_outcome),
    _unary(_TILL, "Abandon", pb.AbandonRequest, till.abandon, responses.abandon),
    Method(f"/{_TILL}/ExecuteBatch", "batch", "till", batch, responses.batch, None),
    Method(
        f"/{_TILL}/ExecuteStream",
        "stream",
        "till",
        _decode_streamed,
        _encode_streamed,
        responses.streamed_not_taken,
    ),
    _unary(
        _BACK_OFFICE,
        "DefineProgramme",
        bo.DefineProgrammeRequest,
        publishing.define_programme,
        bo.DefineProgrammeResponse,
    ),
    _unary(
        _BACK_OFFICE, "DefineStore", bo.DefineStoreRequest, publishing.define_store, bo.DefineStoreResponse
    ),
    _unary(
        _BACK_OFFICE,
        "DefinePartner",
        bo.DefinePartnerRequest,
        publishing.define_partner,
        bo.DefinePartnerResponse,
    ),
    _unary(
        _BACK_OFFICE,
        "PublishPromotion",
        bo.PublishPromotionRequest,
        publishing.publish_promotion,
        bo.PublishPromotionResponse,
    ),
    _unary(
        _BACK_OFFICE,
        "PausePromotion",
        bo.PausePromotionRequest,
        publishing.pause_promotion,
        bo.PausePromotionResponse,
    ),
    _unary(
        _BACK_OFFICE, "IssueCoupon", bo.IssueCouponRequest, publishing.issue_coupon, bo.IssueCouponResponse
    ),
    _unary(_BACK_OFFICE, "Adjust", bo.AdjustRequest, members.adjust, bo.AdjustResponse),
    _unary(
        _BACK_OFFICE, "ChangeMember", bo.ChangeMemberRequest, members.change_member, bo.ChangeMemberResponse
    ),
    _unary(
        _BACK_OFFICE, "MergeMembers", bo.MergeMembersRequest, members.merge_members, bo.MergeMembersResponse
    ),
    _unary(
        _BACK_OFFICE,
        "GetProgramme",
        bo.GetProgrammeRequest,
        publishing.get_programme,
        bo.GetProgrammeResponse,
    ),
    _unary(_BACK_OFFICE, "GetStore", bo.GetStoreRequest, publishing.get_store, bo.GetStoreResponse),
    _unary(_BACK_OFFICE, "GetPartner", bo.GetPartnerRequest, publishing.get_partner, bo.GetPartnerResponse),
    _unary(
        _BACK_OFFICE,
        "GetPromotion",
        bo.GetPromotionRequest,
        publishing.get_promotion,
        bo.GetPromotionResponse,
    ),
    _unary(
        _BACK_OFFICE,
        "ListPromotions",
        bo.ListPromotionsRequest,
        publishing.list_promotions,
        bo.ListPromotionsResponse,
    ),
    _unary(_BACK_OFFICE, "GetCoupon", bo.GetCouponRequest, publishing.get_coupon, bo.GetCouponResponse),
    _unary(_BACK_OFFICE, "DryRun", bo.DryRunRequest, publishing.dry_run, bo.DryRunResponse),
)
