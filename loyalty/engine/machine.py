"""The loyalty engine as the runtime sees it: execute and query, pure, total, bounded.

Every rule is decided below here by reading state and entry alone. A refusal is an outcome, and changes
nothing; what cannot be decoded is one too, so nothing here raises for what a client sent.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from msgspec import DecodeError, msgpack

from loyalty import commands as cmd
from loyalty.commands import AnyQuery, Kind
from loyalty.commands.limits import PROGRAMME_MAX
from loyalty.engine import (
    adjust,
    book,
    changes,
    confirm,
    enrolling,
    issuing,
    listing,
    merging,
    orders,
    programmes,
    publish,
    questions,
    registry,
    returns,
    scans,
    services,
    undo,
)
from loyalty.engine.pending import Pending
from loyalty.engine.records import encode
from loyalty.engine.state import Entry, Question, Reader, Store, Writer
from loyalty.outcomes import AnyOutcome, Code, Rejected

_Run = Callable[[Writer, Entry, Any], AnyOutcome]


class _Rule(NamedTuple):
    decode: Callable[[bytes], Any]
    run: _Run


def _rule(command: type[cmd.Command], run: _Run) -> _Rule:
    return _Rule(msgpack.Decoder(command).decode, run)


_RULES: Final[dict[int, _Rule]] = {
    Kind.ENROL: _rule(cmd.Enrol, enrolling.enrol),
    Kind.CONFIRM: _rule(cmd.Confirm, confirm.confirm),
    Kind.RETURN_LINES: _rule(cmd.ReturnLines, returns.return_lines),
    Kind.VOID_RECEIPT: _rule(cmd.VoidReceipt, undo.void_receipt),
    Kind.CORRECT_RECEIPT: _rule(cmd.CorrectReceipt, undo.correct_receipt),
    Kind.HOLD: _rule(cmd.Hold, orders.hold),
    Kind.CAPTURE: _rule(cmd.Capture, orders.capture),
    Kind.CANCEL_HOLD: _rule(cmd.CancelHold, orders.cancel_hold),
    Kind.USE_SERVICE: _rule(cmd.UseService, services.use_service),
    Kind.DEFINE_PROGRAMME: _rule(cmd.DefineProgramme, registry.define_programme),
    Kind.DEFINE_STORE: _rule(cmd.DefineStore, registry.define_store),
    Kind.DEFINE_PARTNER: _rule(cmd.DefinePartner, registry.define_partner),
    Kind.PUBLISH_PROMOTION: _rule(cmd.PublishPromotion, publish.publish_promotion),
    Kind.PAUSE_PROMOTION: _rule(cmd.PausePromotion, publish.pause_promotion),
    Kind.ISSUE_COUPON: _rule(cmd.IssueCoupon, issuing.issue_coupon),
    Kind.ADJUST: _rule(cmd.Adjust, adjust.adjust),
    Kind.CHANGE_MEMBER: _rule(cmd.ChangeMember, changes.change_member),
    Kind.MERGE_MEMBERS: _rule(cmd.MergeMembers, merging.merge_members),
}
_ANSWERS: Final[dict[type[cmd.Query], _Run]] = {
    cmd.FindMember: questions.find_member,
    cmd.Quote: confirm.quote,
    cmd.DryRun: confirm.dry_run,
    cmd.GetBalance: questions.get_balance,
    cmd.GetStatement: questions.get_statement,
    cmd.GetReceipt: questions.get_receipt,
    cmd.ListLots: listing.list_lots,
    cmd.GetProgramme: registry.get_programme,
    cmd.GetStore: registry.get_store,
    cmd.GetPartner: registry.get_partner,
    cmd.GetPromotion: publish.get_promotion,
    cmd.ListPromotions: publish.list_promotions,
    cmd.GetCoupon: issuing.get_coupon,
}
_QUERY: Final = msgpack.Decoder(AnyQuery).decode
_MALFORMED: Final = encode(Rejected(Code.MALFORMED, "body", "a command of this version in canonical bytes"))


class Engine:
    """The machine; it holds nothing, all state is in the state."""

    version: Final = 2  # grows whenever one entry would give other bytes than before

    def execute(self, state: Store, entry: Entry) -> bytes:
        """Run one entry; the outcome in canonical bytes."""
        rule = _RULES.get(entry.kind)
        if rule is None:
            return _MALFORMED
        try:
            command = rule.decode(entry.body)
        except (DecodeError, UnicodeDecodeError, RecursionError):
            return _MALFORMED
        pending = Pending(state)
        outcome = rule.run(pending, entry, command)
        if not isinstance(outcome, Rejected):
            pending.flush(state)
        return encode(outcome)

    def query(self, state: Reader, at_ms: int, body: bytes) -> bytes:
        """Answer a question as of log time `at_ms`; changes nothing."""
        try:
            query: Any = _QUERY(body)
        except (DecodeError, UnicodeDecodeError, RecursionError):
            return _MALFORMED
        programme = query.quote.programme if isinstance(query, cmd.DryRun) else query.programme
        if not 0 <= programme <= PROGRAMME_MAX:
            return encode(programmes.UNKNOWN)
        return encode(_ANSWERS[type(query)](Pending(state), Question(at_ms, programme), query))

    def warm(self, state: Reader) -> None:
        """Read what a process keeps of published data; answers are the same without it, only later."""
        book.warm(state)

    def scan(self, state: Reader, at_ms: int, body: bytes) -> Iterator[bytes]:
        """Read all there is as of log time `at_ms`, in chunks; never in the unit's own process."""
        return scans.run(state, at_ms, body)
