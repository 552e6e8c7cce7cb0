"""The methods that stream reports; `loyalty.front` tells what a row means."""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from loyalty.commands import limits as lim
from loyalty.v1 import scans_pb2 as pb
from loyalty.wire import scans
from loyalty.wire.calls import Answer, Scan
from loyalty.wire.parts import M, parse

REPORTS: Final = pb.DESCRIPTOR.services_by_name["ReportService"].full_name


class ScanMethod(NamedTuple):
    """One gRPC method that streams its answers, see the package."""

    path: str
    lane: Literal["till", "back_office"]
    decode: Callable[[bytes], Scan]
    encode: Callable[[Answer], bytes]


def _method(
    name: str, request: type[M], read: Callable[[M], Scan], encode: Callable[[Answer], bytes]
) -> ScanMethod:
    def decode(body: bytes) -> Scan:
        return read(parse(request, body, lim.COMMAND_MAX_BYTES))

    return ScanMethod(f"/{REPORTS}/{name}", "back_office", decode, encode)


SCANS: Final = (
    _method("ScanLiability", pb.ScanLiabilityRequest, scans.liability, scans.liability_chunk),
    _method("ScanEndingSoon", pb.ScanEndingSoonRequest, scans.ending_soon, scans.ending_soon_chunk),
    _method("ScanBirthdays", pb.ScanBirthdaysRequest, scans.birthdays, scans.birthdays_chunk),
    _method("ScanMembers", pb.ScanMembersRequest, scans.members, scans.members_chunk),
    _method("ScanStatements", pb.ScanStatementsRequest, scans.statements, scans.statements_chunk),
    _method("ScanUsage", pb.ScanUsageRequest, scans.usage, scans.usage_chunk),
)
