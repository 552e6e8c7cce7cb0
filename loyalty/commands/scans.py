"""Long reads of the back office: what can be asked of the whole state at once.

Days are counted in UTC from 1970-01-01, as in the index that liability is read from. Reads by member take a
range of slots, so that one that was cut short goes on where it was.
"""

from loyalty.commands.basics import Query

SLOT_LAST = 4095


class ScanLiability(Query, frozen=True, tag=1):
    """Points outstanding by the day on which their window ends."""

    programme: int
    from_day: int  # 0: the day of the scan
    until_day: int  # the last one; 0: no limit, and what never ends too


class ScanEndingSoon(Query, frozen=True, tag=2):
    """Members whose active points end within so many times 24 hours."""

    programme: int
    days: int
    from_slot: int = 0
    until_slot: int = SLOT_LAST


class ScanBirthdays(Query, frozen=True, tag=3):
    """Members with a birthday from one day of the year to another, both included; over New Year too."""

    programme: int
    from_month_day: int  # 1231 is New Year's Eve
    until_month_day: int


class ScanMembers(Query, frozen=True, tag=4):
    """All members with their balances."""

    programme: int
    from_slot: int = 0
    until_slot: int = SLOT_LAST


class ScanStatements(Query, frozen=True, tag=5):
    """All movements of all members, each member's newest first."""

    programme: int
    from_slot: int = 0
    until_slot: int = SLOT_LAST


class ScanUsage(Query, frozen=True, tag=6):
    """What each promotion in force, and each partner as funder, gave so far."""

    programme: int


AnyScan = ScanLiability | ScanEndingSoon | ScanBirthdays | ScanMembers | ScanStatements | ScanUsage
