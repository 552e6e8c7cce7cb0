"""Who has a birthday, by the index of birthdays: members without one in the range are not looked at."""

from collections.abc import Iterator

from loyalty.commands import Status
from loyalty.commands.places import NUMBER_BITS
from loyalty.commands.scans import SLOT_LAST, ScanBirthdays
from loyalty.engine import keys
from loyalty.engine.members import profile_of
from loyalty.engine.scans.chunks import by_slot, member_of, pairs, slots
from loyalty.engine.state import Reader
from loyalty.outcomes.scans import BirthdayRow

NEW_YEAR, NEW_YEARS_EVE = 101, 1231


def run(state: Reader, scan: ScanBirthdays) -> Iterator[bytes]:
    """Rows by slot, in it by day of the year. Who was merged into another is found under that one."""
    tenant = scan.programme

    def rows_of(slot: int) -> Iterator[BirthdayRow]:
        for first, last in _ranges(scan.from_month_day, scan.until_month_day):
            nobody = slot << NUMBER_BITS  # before everybody of the slot
            start, stop = keys.birthday(tenant, nobody, first), keys.birthday(tenant, nobody, last + 1)
            for key, _ in pairs(state, start, stop):
                row = _row(state, tenant, keys.read_birthday(key)[1])
                if row is not None:
                    yield row

    return by_slot(slots(0, SLOT_LAST), rows_of)


def _ranges(first: int, last: int) -> tuple[tuple[int, int], ...]:
    """One stretch of the year, or two when New Year lies between. What is no day is none of anybody."""
    first, last = (min(max(day, 0), NEW_YEARS_EVE) for day in (first, last))
    if first <= last:
        return ((first, last),)
    return ((first, NEW_YEARS_EVE), (NEW_YEAR, last))


def _row(state: Reader, tenant: int, member_id: int) -> BirthdayRow | None:
    member = member_of(state, tenant, member_id)
    if member is None or member.status is Status.MERGED:
        return None
    profile = profile_of(state, tenant, member_id)
    return BirthdayRow(
        member_id, member.birthday, member.phone, profile.language, profile.consents, member.status
    )
