"""Reports: requests to scans, and each chunk of a scan to the message that leaves the unit.

The encoders run where the scan does, in its helper process, which imports them by name.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final

from msgspec import msgpack

from loyalty import outcomes as out
from loyalty.commands import Status
from loyalty.commands import limits as lim
from loyalty.commands import scans as cmd
from loyalty.outcomes import scans as rows
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import scans_pb2 as pb
from loyalty.wire import parts
from loyalty.wire.calls import Answer, RefusalError, Scan
from loyalty.wire.done.bills import balance, until_ms
from loyalty.wire.done.members import statement_item

SLOTS: Final = cmd.SLOT_LAST + 1

_encode: Final = msgpack.Encoder().encode
_EPOCH: Final = date(1970, 1, 1)
_LEAP_YEAR: Final = 2000  # any day of the year can be


# -------------------------------------------------------------------- requests


def liability(request: pb.ScanLiabilityRequest) -> Scan:
    """Raises RefusalError, as all of these."""
    from_day = _day(request.from_day, "from_day")
    until_day = _day(request.until_day, "until_day")
    if until_day and until_day < from_day:
        raise RefusalError("until_day", f"is {request.until_day}", f"{request.from_day} or later, or 0")
    return _scan(cmd.ScanLiability(parts.programme(request.programme), from_day, until_day))


def ending_soon(request: pb.ScanEndingSoonRequest) -> Scan:
    """How many days ahead, and of which slots."""
    if not 0 < request.days <= lim.WINDOW_MAX_DAYS:
        raise RefusalError("days", f"is {request.days}", f"1 to {lim.WINDOW_MAX_DAYS}")
    programme, slots = parts.programme(request.programme), _slots(request)
    return _scan(cmd.ScanEndingSoon(programme, request.days, *slots))


def birthdays(request: pb.ScanBirthdaysRequest) -> Scan:
    """From one day of the year to another."""
    first = _month_day(request.from_month_day, "from_month_day")
    last = _month_day(request.until_month_day, "until_month_day")
    return _scan(cmd.ScanBirthdays(parts.programme(request.programme), first, last))


def members(request: pb.ScanMembersRequest) -> Scan:
    """Of which slots."""
    return _scan(cmd.ScanMembers(parts.programme(request.programme), *_slots(request)))


def statements(request: pb.ScanStatementsRequest) -> Scan:
    """Of which slots."""
    return _scan(cmd.ScanStatements(parts.programme(request.programme), *_slots(request)))


def usage(request: pb.ScanUsageRequest) -> Scan:
    """Of all promotions and partners."""
    return _scan(cmd.ScanUsage(parts.programme(request.programme)))


def _scan(scan: cmd.AnyScan) -> Scan:
    return Scan(_encode(scan))


def _slots(request: Any) -> tuple[int, int]:
    """The first and the last."""
    if request.from_slot >= SLOTS:
        raise RefusalError("from_slot", f"is {request.from_slot}", f"0 to {SLOTS - 1}")
    if request.slots > SLOTS - request.from_slot:
        wanted = f"at most the {SLOTS - request.from_slot} from slot {request.from_slot} on"
        raise RefusalError("slots", f"is {request.slots}", wanted)
    return request.from_slot, request.from_slot + request.slots - 1 if request.slots else SLOTS - 1


def _day(yyyymmdd: int, field: str) -> int:
    """Counted from 1970; 0 if none was given."""
    if not yyyymmdd:
        return 0
    try:
        day = (date(yyyymmdd // 10_000, yyyymmdd // 100 % 100, yyyymmdd % 100) - _EPOCH).days
    except ValueError:
        raise RefusalError(field, f"is {yyyymmdd}", "a day as 20261122, or 0") from None
    if day <= 0:
        raise RefusalError(field, f"is {yyyymmdd}", "19700102 or later, or 0")
    return day


def _month_day(month_day: int, field: str) -> int:
    try:
        date(_LEAP_YEAR, month_day // 100, month_day % 100)
    except ValueError:
        raise RefusalError(field, f"is {month_day}", "a day of the year as 1231") from None
    return month_day


# -------------------------------------------------------------------- chunks

_LIABILITY: Final = msgpack.Decoder(rows.Chunk[rows.LiabilityRow]).decode
_ENDING: Final = msgpack.Decoder(rows.Chunk[rows.EndingRow]).decode
_BIRTHDAYS: Final = msgpack.Decoder(rows.Chunk[rows.BirthdayRow]).decode
_MEMBERS: Final = msgpack.Decoder(rows.Chunk[rows.MemberRow]).decode
_STATEMENTS: Final = msgpack.Decoder(rows.Chunk[rows.StatementRow]).decode
_USAGE: Final = msgpack.Decoder(rows.Chunk[rows.UsageRow]).decode


def liability_chunk(answer: Answer) -> bytes:
    """A chunk of ScanLiability."""
    return _response(pb.ScanLiabilityResponse, _LIABILITY(answer.outcome), answer, _liability_row)


def ending_soon_chunk(answer: Answer) -> bytes:
    """A chunk of ScanEndingSoon."""
    return _response(pb.ScanEndingSoonResponse, _ENDING(answer.outcome), answer, _ending_row)


def birthdays_chunk(answer: Answer) -> bytes:
    """A chunk of ScanBirthdays."""
    return _response(pb.ScanBirthdaysResponse, _BIRTHDAYS(answer.outcome), answer, _birthday_row)


def members_chunk(answer: Answer) -> bytes:
    """A chunk of ScanMembers."""
    return _response(pb.ScanMembersResponse, _MEMBERS(answer.outcome), answer, _member_row)


def statements_chunk(answer: Answer) -> bytes:
    """A chunk of ScanStatements."""
    return _response(pb.ScanStatementsResponse, _STATEMENTS(answer.outcome), answer, _statement_row)


def usage_chunk(answer: Answer) -> bytes:
    """A chunk of ScanUsage."""
    return _response(pb.ScanUsageResponse, _USAGE(answer.outcome), answer, _usage_row)


def _response(
    response: Callable[..., Any], chunk: rows.Chunk[Any], answer: Answer, row: Callable[[Any], Any]
) -> bytes:
    progress = pb.Progress(
        as_of_seq=answer.seq,
        as_of_epoch=answer.epoch,
        as_of_ms=answer.time_ms,
        slots_done=chunk.slots_done,
        slots_total=chunk.slots_total,
    )
    message = response(progress=progress, rows=map(row, chunk.rows))
    if chunk.rejected is not None:
        message.rejected.CopyFrom(_rejection(chunk.rejected))
    return bytes(message.SerializeToString())


def _rejection(rejected: out.Rejected) -> common.Rejection:
    code: Any = int(rejected.code)
    return common.Rejection(code=code, field=rejected.field, acceptable=rejected.acceptable)


def _liability_row(row: rows.LiabilityRow) -> pb.LiabilityRow:
    return pb.LiabilityRow(until_day=row.until_day, wallet=row.wallet, partner=row.partner, points=row.points)


def _ending_row(row: rows.EndingRow) -> pb.EndingRow:
    return pb.EndingRow(
        member_id=row.member_id,
        wallet=row.wallet,
        active_until_ms=until_ms(row.active_until_ms),
        points=row.points,
        purposed=row.purposed,
    )


def _birthday_row(row: rows.BirthdayRow) -> pb.BirthdayRow:
    return pb.BirthdayRow(
        member_id=row.member_id,
        birthday=row.birthday,
        phone=row.phone,
        language=row.language,
        consents=row.consents,
        blocked=row.status is Status.BLOCKED,
    )


def _member_row(row: rows.MemberRow) -> pb.MemberRow:
    return pb.MemberRow(
        member_id=row.member_id,
        blocked=row.status is Status.BLOCKED,
        merged_into=row.merged_into,
        phone=row.phone,
        cards=row.cards,
        externals=row.externals,
        enrolled_ms=row.enrolled_ms,
        store=row.store,
        birthday=row.birthday,
        purchases=row.purchases,
        wallets=_wallets(row.wallets),
    )


def _wallets(wallets: Iterable[rows.WalletRow]) -> Iterable[pb.MemberWallet]:
    for row in wallets:
        message = pb.MemberWallet(wallet=row.wallet)
        balance(message.balance, row.balance)
        yield message


def _statement_row(row: rows.StatementRow) -> pb.StatementRow:
    message = pb.StatementRow(member_id=row.member_id)
    statement_item(message.item, row.item)
    return message


def _usage_row(row: rows.UsageRow) -> pb.UsageRow:
    return pb.UsageRow(
        promotion=row.promotion,
        partner=row.partner,
        name=row.name,
        version=row.version,
        paused=row.paused,
        times=row.times,
        minor=row.minor,
        points=row.points,
    )
