"""What the back office changes of people. Each command belongs to the slot of the member it is about."""

from typing import Any, Final

from msgspec import msgpack

from loyalty import commands as cmd
from loyalty.commands import Kind, Status, Who
from loyalty.commands import limits as lim
from loyalty.commands.places import who_slot
from loyalty.outcomes import PRIORITY_REGULAR
from loyalty.v1 import back_office_pb2 as pb
from loyalty.v1 import common_pb2 as common
from loyalty.wire import parts
from loyalty.wire.calls import Command, RefusalError

_encode: Final = msgpack.Encoder().encode
_STATUSES: Final[dict[int, Status | None]] = {
    common.STATUS_UNSPECIFIED: None,
    common.STATUS_ACTIVE: Status.ACTIVE,
    common.STATUS_BLOCKED: Status.BLOCKED,
}


def adjust(message: pb.AdjustRequest) -> Command:
    """Points given or taken."""
    member = parts.who(message.member)
    command = cmd.Adjust(
        parts.filled(message.reference, "reference"),
        member,
        message.wallet,
        message.points,
        message.from_ms,
        message.until_ms,
        message.priority if message.HasField("priority") else PRIORITY_REGULAR,
        message.partner,
        parts.text(message.reason, "reason"),
    )
    return _command(Kind.ADJUST, member, message, command)


def change_member(message: pb.ChangeMemberRequest) -> Command:
    """What is known of a person."""
    member, externals_most = parts.who(message.member), lim.MEMBER_MAX_EXTERNALS
    command = cmd.ChangeMember(
        member,
        parts.text(message.reason, "reason"),
        parts.text(message.phone, "phone") if message.HasField("phone") else None,
        message.phone_passed_on,
        parts.texts(message.add_cards, "add_cards", lim.ENROL_MAX_CARDS),
        parts.texts(message.remove_cards, "remove_cards", lim.ENROL_MAX_CARDS),
        parts.texts(message.add_externals, "add_externals", externals_most),
        parts.texts(message.remove_externals, "remove_externals", externals_most),
        parts.profile(message.profile) if message.HasField("profile") else None,
        _status(message.status),
    )
    return _command(Kind.CHANGE_MEMBER, member, message, command)


def merge_members(message: pb.MergeMembersRequest) -> Command:
    """Two members are one person; it belongs to the slot of the target."""
    source, target = parts.who(message.source, "source"), parts.who(message.target, "target")
    command = cmd.MergeMembers(source, target, parts.text(message.reason, "reason"))
    return _command(Kind.MERGE_MEMBERS, target, message, command)


def _status(number: int) -> Status | None:
    if number not in _STATUSES:  # merging is a command of its own
        raise RefusalError("status", f"is {number}", "STATUS_ACTIVE, STATUS_BLOCKED or nothing")
    return _STATUSES[number]


def _command(kind: Kind, member: Who, message: Any, command: cmd.Command) -> Command:
    request_id, seen_ms, client_ms = parts.header(message)
    tenant = parts.programme(message.programme)
    slot = who_slot(tenant, member)
    return Command(kind, tenant, slot, request_id, seen_ms, client_ms, _encode(command))
