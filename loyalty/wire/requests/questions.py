"""What tills ask."""

from typing import Final

from msgspec import msgpack

from loyalty import commands as cmd
from loyalty.v1 import till_pb2 as pb
from loyalty.wire import baskets, parts
from loyalty.wire.calls import Query, RefusalError

_encode: Final = msgpack.Encoder().encode
_TOKEN_BYTES: Final = 16  # page token: as_of_seq, before_seq


def query(value: cmd.AnyQuery) -> Query:
    """A question in canonical bytes."""
    return Query(_encode(value))


def find_member(message: pb.FindMemberRequest) -> Query:
    """Who is it."""
    return query(cmd.FindMember(parts.programme(message.programme), parts.who(message.member)))


def quote(message: pb.QuoteRequest) -> Query:
    """What would this basket come to."""
    return query(basket(message))


def basket(message: pb.QuoteRequest) -> cmd.Quote:
    """A basket to be priced."""
    points, mode, wallet = baskets.spend(message.spend) if message.HasField("spend") else baskets.NOTHING
    return cmd.Quote(
        parts.programme(message.programme),
        parts.who(message.member),
        message.store,
        message.business_day,
        baskets.lines(message.lines),
        points,
        mode,
        wallet,
        baskets.coupons(message.coupons),
    )


def get_balance(message: pb.GetBalanceRequest) -> Query:
    """How many points."""
    return query(cmd.GetBalance(parts.programme(message.programme), parts.who(message.member)))


def list_lots(message: pb.ListLotsRequest) -> Query:
    """What a member has."""
    return query(cmd.ListLots(parts.programme(message.programme), parts.who(message.member)))


def get_receipt(message: pb.GetReceiptRequest) -> Query:
    """What was booked under an identity."""
    return query(cmd.GetReceipt(parts.programme(message.programme), baskets.receipt(message.receipt)))


def get_statement(message: pb.GetStatementRequest) -> Query:
    """A page of movements."""
    size = parts.page_size(message.page_size)
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
    return query(cmd.GetStatement(programme, member, size, before_seq, as_of_seq))


def page_token(as_of_seq: int, before_seq: int) -> bytes:
    """What `get_statement` reads back; empty after the last page."""
    return as_of_seq.to_bytes(8) + before_seq.to_bytes(8) if before_seq else b""
