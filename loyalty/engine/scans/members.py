"""Everybody: members with their balances, and all their movements, for export."""

from collections.abc import Iterator

from loyalty.commands.scans import ScanMembers, ScanStatements
from loyalty.engine import keys, members, purses, records
from loyalty.engine.records import Member
from loyalty.engine.scans.chunks import by_slot, member_ids, pairs, slots
from loyalty.engine.state import Reader
from loyalty.outcomes import StatementItem
from loyalty.outcomes.scans import MemberRow, StatementRow, WalletRow


def run(state: Reader, at_ms: int, scan: ScanMembers) -> Iterator[bytes]:
    """Rows by id, the merged ones too; balances as of `at_ms`."""
    tenant = scan.programme

    def rows_of(slot: int) -> Iterator[MemberRow]:
        for member_id in member_ids(state, slot, tenant):
            member = members.load(state, tenant, member_id, at_ms)
            if member is not None:
                yield _row(member_id, member)

    return by_slot(slots(scan.from_slot, scan.until_slot), rows_of)


def _row(member_id: int, member: Member) -> MemberRow:
    return MemberRow(
        member_id,
        member.status,
        member.merged_into,
        member.phone,
        member.cards,
        member.externals,
        member.enrolled_ms,
        member.store,
        member.birthday,
        member.purchases,
        tuple(WalletRow(purse.wallet, purses.balance(member, purse.wallet)) for purse in member.purses),
    )


def statements(state: Reader, scan: ScanStatements) -> Iterator[bytes]:
    """Rows by member, each his own newest first."""
    tenant = scan.programme

    def rows_of(slot: int) -> Iterator[StatementRow]:
        for member_id in member_ids(state, slot, tenant):
            prefix = keys.of_member(tenant, member_id, b"S")
            for key, value in pairs(state, prefix, keys.of_member(tenant, member_id, b"T")):
                yield StatementRow(member_id, _item(key, value))

    return by_slot(slots(scan.from_slot, scan.until_slot), rows_of)


def _item(key: bytes, value: bytes) -> StatementItem:
    item = records.item(value)
    return StatementItem(
        keys.read_place(key) // keys.ITEMS_OF_ENTRY,
        item.time_ms,
        item.movement,
        item.receipt,
        item.returned_receipt,
        item.points,
        item.postings,
        item.actor,
        item.reason,
    )
