"""The rows of the method table; `loyalty.front` tells what a row means."""

from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from google.protobuf.message import Message

from loyalty.commands import limits as lim
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import till_pb2 as pb
from loyalty.wire import requests, responses
from loyalty.wire.calls import Answer, Want
from loyalty.wire.parts import M, parse

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
    return (requests.one_of(message.command),)


def _encode_streamed(answers: Sequence[Answer]) -> bytes:
    return responses.streamed(answers[0])


METHODS: Final = (
    _unary(_TILL, "Enrol", pb.EnrolRequest, requests.enrol, pb.EnrolResponse),
    _unary(_TILL, "FindMember", pb.FindMemberRequest, requests.find_member, pb.FindMemberResponse),
    _unary(_TILL, "Quote", pb.QuoteRequest, requests.quote, pb.QuoteResponse),
    _unary(_TILL, "Confirm", pb.ConfirmRequest, requests.confirm, pb.ConfirmResponse),
    _unary(_TILL, "ReturnLines", pb.ReturnLinesRequest, requests.return_lines, pb.ReturnLinesResponse),
    _unary(_TILL, "GetBalance", pb.GetBalanceRequest, requests.get_balance, pb.GetBalanceResponse),
    _unary(_TILL, "GetStatement", pb.GetStatementRequest, requests.get_statement, pb.GetStatementResponse),
    _unary(_TILL, "GetOutcome", pb.GetOutcomeRequest, requests.get_outcome, responses.get_outcome),
    _unary(_TILL, "Abandon", pb.AbandonRequest, requests.abandon, responses.abandon),
    Method(f"/{_TILL}/ExecuteBatch", "batch", "till", requests.batch, responses.batch, None),
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
        requests.define_programme,
        bo.DefineProgrammeResponse,
    ),
    _unary(_BACK_OFFICE, "DefineStore", bo.DefineStoreRequest, requests.define_store, bo.DefineStoreResponse),
    _unary(
        _BACK_OFFICE,
        "GetProgramme",
        bo.GetProgrammeRequest,
        requests.get_programme,
        bo.GetProgrammeResponse,
    ),
    _unary(_BACK_OFFICE, "GetStore", bo.GetStoreRequest, requests.get_store, bo.GetStoreResponse),
)
