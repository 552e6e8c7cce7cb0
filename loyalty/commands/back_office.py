"""What the back office publishes and changes."""

from enum import IntEnum
from typing import Annotated

from msgspec import Meta, Struct

from loyalty.commands.basics import Command, Text, Who
from loyalty.commands.limits import (
    ENROL_MAX_CARDS,
    MEMBER_MAX_CONSENTS,
    MEMBER_MAX_EXTERNALS,
    MEMBER_MAX_SEGMENTS,
)
from loyalty.commands.promotions import Promotion
from loyalty.commands.rules import Rules, Zone


class Status(IntEnum):
    """What may be done with a member."""

    ACTIVE = 1
    BLOCKED = 2  # earns and returns; never spends
    MERGED = 3  # into another; found under that one


class DefineProgramme(Command, frozen=True):
    """Publish the rules of the entry's programme."""

    rules: Rules


class DefineStore(Command, frozen=True):
    """Register or change a store of the entry's programme."""

    store: int
    name: Text
    zone: Zone
    partner: int = 0  # 0: the programme's own
    country: Text = ""
    city: Text = ""
    channel: Text = "shop"
    currency: Text = ""  # empty: the programme's first


class DefinePartner(Command, frozen=True):
    """Register or change a partner: who issues, accepts and funds."""

    partner: int
    name: Text
    funds_minor: int = 0  # most money off that he pays for in all, 0: no limit
    funds_points: int = 0  # most points that are issued on his account in all, 0: no limit


class PublishPromotion(Command, frozen=True):
    """Publish a promotion, or the next version of one."""

    promotion: Promotion


class PausePromotion(Command, frozen=True):
    """Stop a promotion, or let it go on."""

    promotion: int
    paused: bool
    reason: Text


class IssueCoupon(Command, frozen=True):
    """A code that its bearer, or its owner, can use with a promotion."""

    code: Text  # empty: one is made
    promotion: int
    times: int
    from_ms: int
    until_ms: int  # 0: never ends
    owner: Who | None  # None: whoever has it


class Adjust(Command, frozen=True):
    """Points given or taken by a person, with a reason. Counts once, by its reference."""

    reference: Text
    member: Who
    wallet: int
    points: int  # below 0: taken, soonest end first
    from_ms: int  # 0: now
    until_ms: int  # 0: never ends
    priority: int
    partner: int  # whose points; 0: the programme's own
    reason: Text


Names = Annotated[tuple[Text, ...], Meta(max_length=MEMBER_MAX_SEGMENTS)]
Cards = Annotated[tuple[Text, ...], Meta(max_length=ENROL_MAX_CARDS)]
Externals = Annotated[tuple[Text, ...], Meta(max_length=MEMBER_MAX_EXTERNALS)]
Consents = Annotated[tuple[Text, ...], Meta(max_length=MEMBER_MAX_CONSENTS)]


class Profile(Struct, frozen=True, array_like=True, gc=False):
    """What promotions and letters need to know of a person."""

    birthday: int = 0  # YYYYMMDD, or MMDD without a year; 0: not told
    language: Text = ""
    city: Text = ""
    consents: Consents = ()  # channels he wants to hear from: "sms"
    segments: Names = ()


class ChangeMember(Command, frozen=True):
    """Change what is known of a person. What is None or empty stays as it is."""

    member: Who
    reason: Text
    phone: Text | None = None  # empty: none any more
    phone_passed_on: bool = False  # the number may be another member's: it is taken from him
    add_cards: Cards = ()
    remove_cards: Cards = ()  # lost
    add_externals: Externals = ()
    remove_externals: Externals = ()
    profile: Profile | None = None
    status: Status | None = None  # ACTIVE or BLOCKED


class MergeMembers(Command, frozen=True):
    """Two members are one person: everything of `source` goes to `target`."""

    source: Who
    target: Who
    reason: Text
