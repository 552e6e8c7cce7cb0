"""A till's client: every call ends as done, rejected, not taken or unknown, and is safe to repeat.

    async with Units("127.0.0.1:7400,127.0.0.1:7410") as units:
        till = TillClient(units)
        answer = await till.confirm(ConfirmRequest(receipt=..., member=..., lines=...))
        match answer:
            case Done(outcome=confirmed): print(confirmed.balance.spendable_points)
            case Rejected(reason=reason): print("no:", reason)
            case NotTaken(problem=problem): print("mend it:", problem)
            case Unknown(request_id=request_id): ...  # ask again with this id, or `abandon` it

Requests are loyalty.v1 messages. The client fills in `request_id`, `seen_ms` and `client_ms` unless given;
all tries of a call send the same bytes, so `seen_ms` stays what it was when the command was first sent: that
is what protects a command that is sent again after weeks.
"""

from collections.abc import Sequence
from typing import Any

from loyalty.client.answers import Answer, Done, NotTaken, Rejected, Unknown
from loyalty.client.caller import REQUEST_ID_BYTES, Caller, in_doubt
from loyalty.v1 import till_pb2 as till

__all__ = ["REQUEST_ID_BYTES", "TillClient", "command_of"]

_COMMANDS = [field.name for field in till.Command.DESCRIPTOR.fields]


class TillClient(Caller):
    """One till."""

    # Commands: executed at most once, whatever happens on the way.

    async def enrol(
        self, request: till.EnrolRequest, *, until_definite: bool = False
    ) -> Answer[till.EnrolDone]:
        """Make a person a member."""
        return await self.call("Enrol", request, until_definite)

    async def confirm(
        self, request: till.ConfirmRequest, *, until_definite: bool = False
    ) -> Answer[till.ConfirmDone]:
        """Book a purchase."""
        return await self.call("Confirm", request, until_definite)

    async def return_lines(
        self, request: till.ReturnLinesRequest, *, until_definite: bool = False
    ) -> Answer[till.ReturnLinesDone]:
        """Take goods back."""
        return await self.call("ReturnLines", request, until_definite)

    async def void_receipt(
        self, request: till.VoidReceiptRequest, *, until_definite: bool = False
    ) -> Answer[till.VoidDone]:
        """Undo a receipt on its own business day."""
        return await self.call("VoidReceipt", request, until_definite)

    async def correct_receipt(
        self, request: till.CorrectReceiptRequest, *, until_definite: bool = False
    ) -> Answer[till.CorrectDone]:
        """Undo a receipt and book the right one under its identity."""
        return await self.call("CorrectReceipt", request, until_definite)

    async def hold(self, request: till.HoldRequest, *, until_definite: bool = False) -> Answer[till.HoldDone]:
        """Reserve points and budgets for an order."""
        return await self.call("Hold", request, until_definite)

    async def capture(
        self, request: till.CaptureRequest, *, until_definite: bool = False
    ) -> Answer[till.ConfirmDone]:
        """Book the order as it was held."""
        return await self.call("Capture", request, until_definite)

    async def cancel_hold(
        self, request: till.CancelHoldRequest, *, until_definite: bool = False
    ) -> Answer[till.CancelHoldDone]:
        """Give back what was held."""
        return await self.call("CancelHold", request, until_definite)

    async def use_service(
        self, request: till.UseServiceRequest, *, until_definite: bool = False
    ) -> Answer[till.UseServiceDone]:
        """Use services that came with a purchase."""
        return await self.call("UseService", request, until_definite)

    # Questions: they see everything that was answered before.

    async def find_member(self, request: till.FindMemberRequest) -> Answer[till.FindMemberDone]:
        return await self.call("FindMember", request)

    async def quote(self, request: till.QuoteRequest) -> Answer[till.QuoteDone]:
        """What a basket comes to; stores nothing."""
        return await self.call("Quote", request)

    async def balance(self, request: till.GetBalanceRequest) -> Answer[till.GetBalanceDone]:
        return await self.call("GetBalance", request)

    async def statement(self, request: till.GetStatementRequest) -> Answer[till.GetStatementDone]:
        """One page of a member's movements, newest first."""
        return await self.call("GetStatement", request)

    async def lots(self, request: till.ListLotsRequest) -> Answer[till.ListLotsDone]:
        """A member's lots, services, coupons and open holds."""
        return await self.call("ListLots", request)

    async def receipt(self, request: till.GetReceiptRequest) -> Answer[till.GetReceiptDone]:
        """What was booked under an identity."""
        return await self.call("GetReceipt", request)

    # Many commands in one call.

    async def execute_batch(
        self, commands: Sequence[till.Command], *, until_definite: bool = False
    ) -> list[Answer[Any]]:
        """Execute up to 1,000 commands; one answer each, in order."""
        prepared = [self.prepare_command(command) for command in commands]
        sent = [command_of(command) for command in prepared]
        request = till.ExecuteBatchRequest(commands=prepared)
        whole = await self.call("ExecuteBatch", request, until_definite)
        if not isinstance(whole, Done):
            return [_as_item(whole, command) for command in sent]
        answers: list[Answer[Any] | None] = whole.outcome
        answers += [None] * (len(sent) - len(answers))
        nothing = "the batch was answered, this command was not"
        return [
            answer if answer is not None else in_doubt(command, nothing, whole.tries)
            for answer, command in zip(answers, sent, strict=True)
        ]

    def prepare_command(self, command: till.Command) -> till.Command:
        """A copy with request id and times filled in."""
        kind = command.WhichOneof("command")
        if kind is None:
            raise ValueError("empty command: set one of " + ", ".join(_COMMANDS))
        prepared = till.Command()
        getattr(prepared, kind).CopyFrom(self.prepare(getattr(command, kind)))
        return prepared


def command_of(command: till.Command) -> Any:
    """The command inside the oneof."""
    return getattr(command, command.WhichOneof("command") or "confirm")


def _as_item(whole: Rejected | NotTaken | Unknown, command: Any) -> Answer[Any]:
    return in_doubt(command, whole.why, whole.tries) if isinstance(whole, Unknown) else whole
