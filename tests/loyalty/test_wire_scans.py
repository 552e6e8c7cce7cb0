"""Reports on the wire: what is refused at the door, and every kind of row in its message."""

from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from msgspec import Struct, msgpack

from loyalty.commands import ReceiptId, Status
from loyalty.commands import scans as cmd
from loyalty.front import SCANS, RefusalError
from loyalty.outcomes import NEVER_MS, Account, Balance, Code, Movement, Posting, Rejected, StatementItem
from loyalty.outcomes import scans as out
from loyalty.v1 import scans_pb2 as pb
from tests.loyalty.wire_kit import NOON, TODAY, Answer

ROWS = {scan.path.rpartition("/")[2]: scan for scan in SCANS}
DAY = 20_779  # 2026-11-22
DECODE = msgpack.Decoder(cmd.AnyScan).decode

ASKED: list[tuple[Message, Any]] = [
    (pb.ScanLiabilityRequest(), cmd.ScanLiability(1, 0, 0)),
    (
        pb.ScanLiabilityRequest(programme=7, from_day=TODAY, until_day=20261123),
        cmd.ScanLiability(7, DAY, DAY + 1),
    ),
    (pb.ScanEndingSoonRequest(days=30), cmd.ScanEndingSoon(1, 30, 0, 4095)),
    (pb.ScanEndingSoonRequest(days=1, slots=1), cmd.ScanEndingSoon(1, 1, 0, 0)),
    (pb.ScanEndingSoonRequest(days=36500, from_slot=4095), cmd.ScanEndingSoon(1, 36500, 4095, 4095)),
    (pb.ScanBirthdaysRequest(from_month_day=229, until_month_day=101), cmd.ScanBirthdays(1, 229, 101)),
    (pb.ScanMembersRequest(from_slot=10, slots=5), cmd.ScanMembers(1, 10, 14)),
    (pb.ScanStatementsRequest(), cmd.ScanStatements(1, 0, 4095)),
    (pb.ScanUsageRequest(programme=3), cmd.ScanUsage(3)),
]


def method(message: Message) -> Any:
    """The row of a request or response."""
    return ROWS[type(message).__name__.removesuffix("Request").removesuffix("Response")]


@pytest.mark.parametrize(("request_", "scan"), ASKED)
def test_what_is_asked(request_: Message, scan: Any) -> None:
    """Days are counted, slots are from and until; no slots are all of them."""
    assert DECODE(method(request_).decode(request_.SerializeToString()).body) == scan


REFUSED: list[tuple[Message, str, str]] = [  # request, field, what would be right
    (pb.ScanLiabilityRequest(programme=65535), "programme", "at most 65534"),
    (pb.ScanLiabilityRequest(from_day=20260230), "from_day", "a day as 20261122, or 0"),
    (pb.ScanLiabilityRequest(until_day=-1), "until_day", "a day as 20261122, or 0"),
    (pb.ScanLiabilityRequest(from_day=TODAY, until_day=20261121), "until_day", "20261122 or later, or 0"),
    (pb.ScanLiabilityRequest(from_day=19700101), "from_day", "19700102 or later, or 0"),
    (pb.ScanEndingSoonRequest(), "days", "1 to 36500"),
    (pb.ScanEndingSoonRequest(days=36501), "days", "1 to 36500"),
    (pb.ScanEndingSoonRequest(days=1, from_slot=4096), "from_slot", "0 to 4095"),
    (pb.ScanMembersRequest(slots=4097), "slots", "at most the 4096 from slot 0 on"),
    (pb.ScanStatementsRequest(from_slot=4095, slots=2), "slots", "at most the 1 from slot 4095 on"),
    (pb.ScanBirthdaysRequest(until_month_day=101), "from_month_day", "a day of the year as 1231"),
    (pb.ScanBirthdaysRequest(from_month_day=101, until_month_day=230), "until_month_day", "1231"),
]


@pytest.mark.parametrize(("request_", "field", "wanted"), REFUSED)
def test_what_cannot_be_is_refused_at_the_door(request_: Message, field: str, wanted: str) -> None:
    with pytest.raises(RefusalError) as caught:
        method(request_).decode(request_.SerializeToString())
    assert caught.value.field == field
    assert wanted in caught.value.wanted


RECEIPT = ReceiptId(17, 3, 4711, TODAY)
ITEM = StatementItem(
    9, NOON, Movement.PURCHASE, RECEIPT, None, 5, (Posting(Account.ISSUER, 0, -5),), b"till-3", "why"
)
FILLED: list[tuple[type[Message], Struct, dict[str, Any]]] = [
    (
        pb.ScanLiabilityResponse,
        out.LiabilityRow(20270301, 2, 9, 10**15),
        {"until_day": 20270301, "wallet": 2, "partner": 9, "points": str(10**15)},
    ),
    (
        pb.ScanEndingSoonResponse,
        out.EndingRow(81, 2, NOON, 5, True),
        {"member_id": "81", "wallet": 2, "active_until_ms": str(NOON), "points": "5", "purposed": True},
    ),
    (
        pb.ScanBirthdaysResponse,
        out.BirthdayRow(81, 314, "+886912345678", "de", ("sms",), Status.BLOCKED),
        {
            "member_id": "81",
            "birthday": 314,
            "phone": "+886912345678",
            "language": "de",
            "consents": ["sms"],
            "blocked": True,
        },
    ),
    (
        pb.ScanMembersResponse,
        out.MemberRow(
            81,
            Status.MERGED,
            82,
            "+1",
            ("c",),
            ("x",),
            NOON,
            17,
            19900314,
            3,
            (out.WalletRow(2, Balance(4, 3, 2, 1)),),
        ),
        {
            "member_id": "81",
            "merged_into": "82",
            "phone": "+1",
            "cards": ["c"],
            "externals": ["x"],
            "enrolled_ms": str(NOON),
            "store": 17,
            "birthday": 19900314,
            "purchases": "3",
            "wallets": [
                {
                    "wallet": 2,
                    "balance": {
                        "active_points": "4",
                        "spendable_points": "3",
                        "future_points": "2",
                        "debt_points": "1",
                    },
                }
            ],
        },
    ),
    (
        pb.ScanUsageResponse,
        out.UsageRow(5, 9, "Nordkap week", 2, True, 3, 400, 50),
        {
            "promotion": 5,
            "partner": 9,
            "name": "Nordkap week",
            "version": 2,
            "paused": True,
            "times": "3",
            "minor": "400",
            "points": "50",
        },
    ),
]


def sent(response: type[Message], *rows: Struct, rejected: Rejected | None = None) -> Any:
    """A chunk as it leaves the unit."""
    name = response.__name__.removesuffix("Response")
    chunk = msgpack.encode(out.Chunk(64, 4096, rows, rejected))
    return response.FromString(ROWS[name].encode(Answer(41, 7, NOON, 0, chunk)))


@pytest.mark.parametrize(("response", "row", "expected"), FILLED)
def test_every_field_of_a_row_arrives(response: type[Message], row: Struct, expected: dict[str, Any]) -> None:
    """And where the report stands, and how far it is."""
    message = sent(response, row, row)
    found = MessageToDict(message, preserving_proto_field_name=True)
    assert found["rows"] == [expected, expected]
    assert found["progress"] == {
        "as_of_seq": "41",
        "as_of_epoch": "7",
        "as_of_ms": str(NOON),
        "slots_done": 64,
        "slots_total": 4096,
    }


def test_a_movement_arrives_as_in_a_statement() -> None:
    message = sent(pb.ScanStatementsResponse, out.StatementRow(81, ITEM))
    (row,) = message.rows
    assert (row.member_id, row.item.seq, row.item.receipt.number, row.item.reason) == (81, 9, 4711, "why")
    assert [posting.points for posting in row.item.postings] == [-5]


def test_what_never_ends_arrives_as_in_a_balance() -> None:
    """0, not a number that no calendar has."""
    message = sent(pb.ScanEndingSoonResponse, out.EndingRow(81, 0, NEVER_MS, 5, False))
    assert message.rows[0].active_until_ms == 0


def test_a_rejection_arrives() -> None:
    rejected = Rejected(Code.PROGRAMME_UNKNOWN, "programme", "1")
    message = sent(pb.ScanMembersResponse, rejected=rejected)
    assert (message.rejected.code, message.rejected.field) == (20, "programme")
    assert not sent(pb.ScanMembersResponse).HasField("rejected")
