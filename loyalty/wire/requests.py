"""Requests of both services, from protobuf bytes to commands, queries and look-ups.

Total: every function answers a value or raises RefusalError with field, problem and what would be
right. Sizes, enums and presence are checked here; numbers are the engine's to refuse, so that a
refusal by the rules is an answer in the log.
"""

from typing import Final

from msgspec import msgpack

from loyalty import commands as cmd
from loyalty.commands import Kind, SpendMode
from loyalty.commands import limits as lim
from loyalty.commands.places import (
    natural_token,
    receipt_key,
    receipt_slot,
    store_slot,
    token_slot,
    who_slot,
)
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import till_pb2 as pb
from loyalty.wire import parts
from loyalty.wire.calls import KIND_ABANDON, Command, Lookup, Query, RefusalError

_encode: Final = msgpack.Encoder().encode
_SHORTFALLS: Final = {int(value): value for value in cmd.Shortfall}
_UNKNOWN_STORES: Final = {int(value): value for value in cmd.UnknownStore}
_TOKEN_BYTES: Final = 16  # page token: as_of_seq, before_seq


def enrol(message: pb.EnrolRequest) -> Command:
    """An enrolment; it belongs to the slot of the person's natural token."""
    request_id, seen_ms, client_ms = parts.header(message)
    tenant = parts.programme(message.programme)
    phone = parts.text(message.phone, "phone")
    cards = tuple([parts.text(card, f"cards[{at}]") for at, card in enumerate(message.cards, 1)])
    slot = token_slot(tenant, natural_token(phone, cards))
    body = _encode(cmd.Enrol(phone, cards, message.store))
    return Command(Kind.ENROL, tenant, slot, request_id, seen_ms, client_ms, body)


def confirm(message: pb.ConfirmRequest) -> Command:
    """A purchase; it belongs to the member's slot, or to that of the phone or card he is named by."""
    request_id, seen_ms, client_ms = parts.header(message)
    tenant = parts.programme(message.programme)
    member = parts.who(message.member)
    points, mode = parts.spend(message.spend) if message.HasField("spend") else (0, SpendMode.NONE)
    digest = message.quote_digest
    if digest and len(digest) != lim.QUOTE_DIGEST_BYTES:
        wanted = f"the {lim.QUOTE_DIGEST_BYTES} bytes of a quote, or nothing"
        raise RefusalError("quote_digest", f"is {len(digest)} bytes", wanted)
    command = cmd.Confirm(
        parts.receipt(message.receipt),
        member,
        message.sold_ms,
        parts.lines(message.lines),
        points,
        mode,
        digest,
        message.accept_changed,
        message.offline,
    )
    slot = who_slot(tenant, member)
    return Command(Kind.CONFIRM, tenant, slot, request_id, seen_ms, client_ms, _encode(command))


def return_lines(message: pb.ReturnLinesRequest) -> Command:
    """A return; it belongs to the slot of the purchase's identity."""
    request_id, seen_ms, client_ms = parts.header(message)
    tenant = parts.programme(message.programme)
    receipt = parts.receipt(message.receipt)
    lines = tuple([cmd.ReturnLine(line.line, line.quantity_milli) for line in message.lines])
    body = _encode(cmd.ReturnLines(parts.receipt(message.return_receipt), receipt, lines))
    slot = receipt_slot(tenant, receipt_key(receipt)) if receipt.business_day >= 0 else 0
    return Command(Kind.RETURN_LINES, tenant, slot, request_id, seen_ms, client_ms, body)


def one_of(message: pb.Command) -> Command:
    """A command of a batch or stream."""
    if message.ByteSize() > lim.COMMAND_MAX_BYTES:
        raise RefusalError("", f"is {message.ByteSize()} bytes", f"at most {lim.COMMAND_MAX_BYTES}")
    which = message.WhichOneof("command")
    if which == "confirm":
        return confirm(message.confirm)
    if which == "enrol":
        return enrol(message.enrol)
    if which == "return_lines":
        return return_lines(message.return_lines)
    raise RefusalError("command", "is missing", "enrol, confirm or return_lines")


def batch(body: bytes) -> list[Command]:
    """All commands of a batch, or the refusal of the first that is wrong: then none is taken."""
    message = parts.parse(pb.ExecuteBatchRequest, body, lim.BATCH_MAX_BYTES)
    count = len(message.commands)
    if not 1 <= count <= lim.BATCH_MAX_COMMANDS:
        raise RefusalError("commands", f"are {count}", f"1 to {lim.BATCH_MAX_COMMANDS}")
    lines = sum([len(command.confirm.lines) for command in message.commands])
    if lines > lim.BATCH_MAX_LINES:
        raise RefusalError("commands", f"have {lines} lines together", f"at most {lim.BATCH_MAX_LINES}")
    found: list[Command] = []
    try:
        for command in message.commands:
            found.append(one_of(command))
    except RefusalError as why:
        field = f"commands[{len(found) + 1}]" + ("." + why.field if why.field else "")
        raise RefusalError(field, why.problem, why.wanted) from None
    return found


def abandon(message: pb.AbandonRequest) -> Command:
    """The runtime's own command; the id is the one to give up."""
    request_id, seen_ms, client_ms = parts.header(message)
    return Command(KIND_ABANDON, 0, 0, request_id, seen_ms, client_ms, b"")


def get_outcome(message: pb.GetOutcomeRequest) -> Lookup:
    """A look-up of a request id."""
    return Lookup(parts.request_id(message.request_id))


def find_member(message: pb.FindMemberRequest) -> Query:
    """Who is it."""
    return _query(cmd.FindMember(parts.programme(message.programme), parts.who(message.member)))


def quote(message: pb.QuoteRequest) -> Query:
    """What would this basket come to."""
    programme, member = parts.programme(message.programme), parts.who(message.member)
    points, mode = parts.spend(message.spend) if message.HasField("spend") else (0, SpendMode.NONE)
    lines = parts.lines(message.lines)
    return _query(cmd.Quote(programme, member, message.store, message.business_day, lines, points, mode))


def get_balance(message: pb.GetBalanceRequest) -> Query:
    """How many points."""
    return _query(cmd.GetBalance(parts.programme(message.programme), parts.who(message.member)))


def get_statement(message: pb.GetStatementRequest) -> Query:
    """A page of movements."""
    size = message.page_size or lim.PAGE_DEFAULT_ITEMS
    if not 1 <= size <= lim.PAGE_MAX_ITEMS:
        raise RefusalError("page_size", f"is {size}", f"1 to {lim.PAGE_MAX_ITEMS}, or 0")
    as_of_seq, before_seq = message.as_of_seq, 0
    token = message.page_token
    if token:
        if len(token) != _TOKEN_BYTES:
            raise RefusalError("page_token", f"is {len(token)} bytes", "the next_page_token of an answer")
        token_as_of, before_seq = int.from_bytes(token[:8]), int.from_bytes(token[8:])
        if as_of_seq not in (0, token_as_of):
            wanted = f"0 or {token_as_of}, as in the first answer"
            raise RefusalError("as_of_seq", f"is {as_of_seq}", wanted)
        as_of_seq = token_as_of
    programme, member = parts.programme(message.programme), parts.who(message.member)
    return _query(cmd.GetStatement(programme, member, size, before_seq, as_of_seq))


def page_token(as_of_seq: int, before_seq: int) -> bytes:
    """What `get_statement` reads back; empty after the last page."""
    return as_of_seq.to_bytes(8) + before_seq.to_bytes(8) if before_seq else b""


def define_programme(message: bo.DefineProgrammeRequest) -> Command:
    """A programme's rules."""
    request_id, seen_ms, client_ms = parts.header(message)
    tenant = parts.programme(message.programme)
    rules = message.rules
    shortfall = _SHORTFALLS.get(rules.shortfall)
    if shortfall is None:
        raise parts.unknown_value("rules.shortfall", rules.shortfall, bo.Shortfall)
    unknown_store = _UNKNOWN_STORES.get(rules.unknown_store)
    if unknown_store is None:
        raise parts.unknown_value("rules.unknown_store", rules.unknown_store, bo.UnknownStore)
    command = cmd.DefineProgramme(
        cmd.Rules(
            parts.text(rules.name, "rules.name"),
            parts.text(rules.currency, "rules.currency"),
            rules.earn_points,
            rules.earn_per_minor,
            rules.earn_delay_days,
            rules.lot_window_days,
            rules.point_value_minor,
            rules.point_value_points,
            rules.spend_unit_points,
            rules.line_limit_basis_points,
            rules.receipt_limit_basis_points,
            rules.welcome_points,
            rules.welcome_window_days,
            rules.late_receipt_max_days,
            rules.ending_soon_days,
            shortfall,
            unknown_store,
        )
    )
    return Command(Kind.DEFINE_PROGRAMME, tenant, 0, request_id, seen_ms, client_ms, _encode(command))


def define_store(message: bo.DefineStoreRequest) -> Command:
    """A store."""
    request_id, seen_ms, client_ms = parts.header(message)
    tenant = parts.programme(message.programme)
    store = message.store
    zone = tuple([(offset.from_ms, offset.offset_s) for offset in store.zone])
    body = _encode(cmd.DefineStore(store.store, parts.text(store.name, "store.name"), zone))
    slot = store_slot(tenant, store.store)
    return Command(Kind.DEFINE_STORE, tenant, slot, request_id, seen_ms, client_ms, body)


def get_programme(message: bo.GetProgrammeRequest) -> Query:
    """The rules in force."""
    return _query(cmd.GetProgramme(parts.programme(message.programme)))


def get_store(message: bo.GetStoreRequest) -> Query:
    """A registered store."""
    return _query(cmd.GetStore(parts.programme(message.programme), message.store))


def _query(query: cmd.AnyQuery) -> Query:
    return Query(_encode(query))
