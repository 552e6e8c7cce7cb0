"""Names with numbers that answers carry. Numbers are the same in the protos, and stay for ever."""

from enum import IntEnum


class Code(IntEnum):
    """Why something was refused, in the order in which it is looked at (loyalty/RULES.md).

    The order is that of this list. A new code takes a number that is free; what it comes before and
    after is said by its place. The first four are the runtime's verdicts; the engine never gives them.
    """

    REQUEST_TOO_OLD = 10
    REQUEST_ID_REUSED = 11
    REQUEST_ABANDONED = 12
    REQUEST_SEEN_AHEAD = 13
    MALFORMED = 15
    PROGRAMME_UNKNOWN = 20
    REASON_MISSING = 21
    # A person.
    IDENTITY_MISSING = 30
    PHONE_MALFORMED = 31
    CARD_MALFORMED = 32
    TOO_MANY_CARDS = 33
    CARD_REPEATED = 34
    EXTERNAL_MALFORMED = 37
    PROFILE_INVALID = 39
    PHONE_TAKEN = 35
    CARD_TAKEN = 36
    EXTERNAL_TAKEN = 38
    # What was sent.
    RECEIPT_MALFORMED = 40
    NO_LINES = 41
    TOO_MANY_LINES = 42
    QUANTITY_OUT_OF_RANGE = 43
    AMOUNT_OUT_OF_RANGE = 44
    ATTRIBUTE_INVALID = 46
    SPEND_OUT_OF_RANGE = 45
    WALLET_UNKNOWN = 48
    TENDERS_WRONG = 47
    HOLD_UNTIL_OUT_OF_RANGE = 49
    ADJUST_OUT_OF_RANGE = 111
    # Who and where.
    MEMBER_UNKNOWN = 50
    RECEIPT_TAKEN = 51
    RETURN_TAKEN = 52
    STORE_UNKNOWN = 53
    SOLD_TOO_LONG_AGO = 54
    SOLD_AHEAD = 55
    BUSINESS_DAY_WRONG = 56
    MEMBER_BLOCKED = 57
    WALLET_NOT_HERE = 58
    TOO_MANY_HOLDS = 59
    # Coupons.
    COUPON_INVALID = 100
    COUPON_TAKEN = 101
    COUPON_UNKNOWN = 102
    COUPON_NOT_YOURS = 103
    COUPON_ENDED = 104
    COUPON_USED = 105
    # Spending and earning.
    SPEND_OFFLINE = 60
    SPEND_NOT_WHOLE_UNITS = 61
    SPEND_OVER_LIMIT = 62
    BALANCE_TOO_LOW = 63
    SPEND_TOO_MANY_LOTS = 64
    TOO_MANY_LOTS = 65
    POINTS_TOO_LARGE = 66
    QUOTE_CHANGED = 67
    # What was booked before.
    RECEIPT_UNKNOWN = 70
    HOLD_UNKNOWN = 90
    HOLD_ENDED = 91
    HOLD_OPEN = 92
    RECEIPT_VOIDED = 75
    RECEIPT_OF_ANOTHER_DAY = 74
    RECEIPT_RETURNED = 76
    LINE_UNKNOWN = 71
    LINE_REPEATED = 72
    RETURN_OVER_BOUGHT = 73
    USE_TAKEN = 94
    SERVICE_NOT_THERE = 95
    # The back office.
    PROGRAMME_INVALID = 80
    STORE_INVALID = 81
    PARTNER_INVALID = 82
    PARTNER_UNKNOWN = 83
    PROMOTION_INVALID = 84
    PROMOTION_UNKNOWN = 85
    TOO_MANY_PROMOTIONS = 86
    REFERENCE_TAKEN = 110
    NOT_HIS_CARD = 112
    MERGE_SAME = 113
    MERGE_TOO_MUCH = 114


class Movement(IntEnum):
    """What an item of a statement came from."""

    ENROL = 1
    PURCHASE = 2
    RETURN = 3
    ADJUST = 4  # by a person, with a reason
    GIFT = 5  # birthday, anniversary: when it was first touched
    HOLD = 6
    CAPTURE = 7  # the purchase that was held
    CANCEL = 8  # of a hold, or its end
    VOID = 9
    CORRECT = 10
    SERVICE = 11  # entitlements were used
    MERGE = 12
    COUPON = 13  # was issued to the member
    CHANGE = 14  # phone, cards, profile, status


class Account(IntEnum):
    """Accounts that postings go between. The first five are of points, the last two of money."""

    ISSUER = 1  # gives points out and owes for them; partner: on whose account
    MEMBER_LOT = 2  # ref: the lot
    MEMBER_DEBT = 3  # below zero while he owes
    ACCEPTOR = 4  # ref: the store that took points as payment; partner: whose store it is
    HELD = 5  # ref: the lot that the points were taken from, or go back to
    FUNDER = 6  # pays for a discount; ref: the promotion, partner: who it is
    STORE_MONEY = 7  # gets back what a discount cost; ref: the store, partner: whose it is


class Source(IntEnum):
    """Where a lot comes from."""

    PURCHASE = 1  # regular points
    PROMOTION = 2
    WELCOME = 3
    GIFT = 4  # birthday, anniversary
    ADJUSTMENT = 5
    RETURN = 6
    CONVERSION = 7  # from an older system
    TRANSFER = 8  # from another member


class Reason(IntEnum):
    """Why a promotion was not applied, in the order in which it is looked at."""

    PAUSED = 1
    NOT_NOW = 2  # dates, weekdays, hours
    NOT_HERE = 3  # country, city, partner, store, channel, currency
    NOT_FOR_MEMBER = 4  # tier, segment, birthday, first purchase
    NO_COUPON = 5
    NO_LINES = 6  # nothing in the basket that it is about
    CONDITION = 7  # what else must hold does not
    LIMIT = 8  # a number of times is reached
    BUDGET = 9  # nothing is left of a budget
    NO_EFFECT = 10  # it would change nothing: too few pieces, a price that is lower already
    GROUP = 11  # another of its exclusivity group is worth more
    WORTH_LESS = 12  # without it the basket is worth more to the member
    SEARCH_ENDED = 13  # not tried to the end: the search's budget of steps was used up
    TOO_MANY = 14  # as many promotions apply as one receipt takes
