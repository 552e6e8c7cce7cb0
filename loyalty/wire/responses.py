"""Answers to both services' methods, from canonical outcomes to protobuf bytes.

Outcomes come from our own engine: one that does not decode is a bug, and raises. Everything a
client can cause is answered.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from google.protobuf.message import Message
from msgspec import msgpack

from loyalty import outcomes as out
from loyalty.outcomes import Code
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as pb
from loyalty.wire import done
from loyalty.wire.calls import ABANDONED, AHEAD, EXECUTED, NOT_FOUND, REUSED, TOO_OLD, Answer

_OUTCOME: Final = msgpack.Decoder(out.AnyOutcome).decode

_OF_THE_RUNTIME: Final[dict[int, out.Rejected]] = {
    TOO_OLD: out.Rejected(Code.REQUEST_TOO_OLD, "seen_ms", "the log_time_ms of a recent answer"),
    REUSED: out.Rejected(Code.REQUEST_ID_REUSED, "request_id", "an id never used for another command"),
    ABANDONED: out.Rejected(Code.REQUEST_ABANDONED, "request_id", "an id that was not abandoned"),
    AHEAD: out.Rejected(Code.REQUEST_SEEN_AHEAD, "seen_ms", "a log_time_ms of this pair's answers, or 0"),
}
_OF_AN_ABANDON: Final = out.Rejected(
    Code.REQUEST_TOO_OLD, "seen_ms", "that of the command, if it was not 0 and not too long ago"
)
_ANSWER_FIELDS: Final[dict[type[out.Outcome], str]] = {  # of every command's outcome
    out.EnrolDone: "enrol",
    out.ConfirmDone: "confirm",
    out.ReturnLinesDone: "return_lines",
    out.DefineDone: "define",
    out.VoidDone: "void_receipt",
    out.CorrectDone: "correct_receipt",
    out.HoldDone: "hold",
    out.CancelHoldDone: "cancel_hold",
    out.UseServiceDone: "use_service",
    out.AdjustDone: "adjust",
    out.ChangeMemberDone: "change_member",
    out.MergeMembersDone: "merge_members",
    out.IssueCouponDone: "issue_coupon",
}


def unary(response: type[Message]) -> Callable[[Answer], bytes]:
    """An encoder of responses with `oneof result { done, rejected }`."""
    wanted: Any = response

    def encode(answer: Answer) -> bytes:
        message = wanted(log_time_ms=answer.time_ms, seq=answer.seq, epoch=answer.epoch)
        outcome = _outcome(answer)
        if isinstance(outcome, out.Rejected):
            _reject(message, outcome)
        else:
            fill = done.FILL[type(outcome)]
            if fill.message is not message.done.__class__:  # an old outcome under a reused request id
                _reject(message, _OF_THE_RUNTIME[REUSED])
            else:
                fill.into(message.done, outcome, answer.seq)
        return bytes(message.SerializeToString())

    return encode


def get_outcome(answer: Answer) -> bytes:
    """What became of a request id; if it was found, `seq` is the place of its own execution."""
    found = answer.verdict != NOT_FOUND
    message = pb.GetOutcomeResponse(
        log_time_ms=answer.time_ms, seq=answer.seq, epoch=answer.epoch, found=found
    )
    if found:
        _fill_answer(message.answer, answer)
    return message.SerializeToString()


def abandon(answer: Answer) -> bytes:
    """What had become of the abandoned id, or that nothing ever will."""
    message = pb.AbandonResponse(log_time_ms=answer.time_ms, seq=answer.seq, epoch=answer.epoch)
    if answer.verdict == ABANDONED:
        message.abandoned.SetInParent()
    elif answer.verdict == EXECUTED:
        _fill_answer(message.outcome, answer)
    else:
        refused = _OF_AN_ABANDON if answer.verdict == TOO_OLD else _outcome_rejected(answer)
        message.rejected.CopyFrom(_rejection(refused))
    return message.SerializeToString()


def batch(answers: Sequence[Answer]) -> bytes:
    """Answers of a batch, in order."""
    message = pb.ExecuteBatchResponse()
    for answer in answers:
        _fill_answer(message.answers.add(), answer)
    return message.SerializeToString()


def streamed(answer: Answer) -> bytes:
    """One answer of a stream."""
    message = pb.ExecuteStreamResponse()
    _fill_answer(message.answer, answer)
    return message.SerializeToString()


def streamed_not_taken(field: str, problem: str, wanted: str, retry_after_ms: int) -> bytes:
    """In a stream: this one command was surely not taken; the stream goes on."""
    why = pb.NotTaken(field=field, problem=problem, wanted=wanted, retry_after_ms=retry_after_ms)
    return pb.ExecuteStreamResponse(answer=pb.Answer(not_taken=why)).SerializeToString()


def _outcome(answer: Answer) -> out.AnyOutcome:
    if answer.verdict == EXECUTED:
        outcome: out.AnyOutcome = _OUTCOME(answer.outcome)
        return outcome
    return _outcome_rejected(answer)


def _outcome_rejected(answer: Answer) -> out.Rejected:
    return _OF_THE_RUNTIME.get(answer.verdict) or _OF_THE_RUNTIME[ABANDONED]


def _fill_answer(message: pb.Answer, answer: Answer) -> None:
    message.log_time_ms, message.seq, message.epoch = answer.time_ms, answer.seq, answer.epoch
    outcome = _outcome(answer)
    if isinstance(outcome, out.Rejected):
        _reject(message, outcome)
        return
    into = getattr(message, _ANSWER_FIELDS[type(outcome)])
    done.FILL[type(outcome)].into(into, outcome, answer.seq)


def _reject(message: Any, rejected: out.Rejected) -> None:
    message.rejected.CopyFrom(_rejection(rejected))
    if rejected.new_quote is not None:
        done.quote(message.new_quote, rejected.new_quote, 0)


def _rejection(rejected: out.Rejected) -> common.Rejection:
    code: Any = int(rejected.code)  # numbers are the same on both sides
    return common.Rejection(code=code, field=rejected.field, acceptable=rejected.acceptable)
