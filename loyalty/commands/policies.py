"""The policies of a programme: each is a choice with a name, published with the rules, kept by version.

What each value does, with numbers, is in loyalty/RULES.md; the first value of each is the default.
"""

from enum import IntEnum

from msgspec import Struct


class Rounding(IntEnum):
    """Where a computed amount or number of points has a fraction."""

    DOWN = 1
    HALF_UP = 2
    HALF_EVEN = 3
    UP = 4


class RoundingOn(IntEnum):
    """What is rounded."""

    SUM = 1  # once, the sum over the lines; then it is spread
    RULE = 2  # each rule's part of each line


class Distribution(IntEnum):
    """How an amount for several lines is spread over them."""

    LARGEST_REMAINDER = 1  # in proportion to the lines' amounts
    EVEN = 2  # the same for each line
    FIRST_TAKES_REST = 3  # in proportion, rounded down; what is left to the first line


class LineFloor(IntEnum):
    """Below what no discount takes a line."""

    ZERO = 1
    LINE = 2  # the line's own floor price


class Tax(IntEnum):
    """Earning base: the lines' amounts with or without the tax in them."""

    WITH = 1
    WITHOUT = 2


class Discounts(IntEnum):
    """Earning base: after the promotions' discounts, or before."""

    AFTER = 1
    BEFORE = 2


class Blocks(IntEnum):
    """Whether a part of `earn_per_minor` earns a part of the points."""

    PROPORTIONAL = 1
    WHOLE = 2  # only whole blocks earn


class SameReceipt(IntEnum):
    """When what a receipt earned can be spent; never on the receipt itself."""

    AFTER_DAYS = 1  # from the start of the day, `earn_delay_days` later
    AT_ONCE = 2  # from the next receipt on


class Shortfall(IntEnum):
    """What happens when earned points that must come back are spent already."""

    NEGATIVE = 1
    CLAMP = 2
    CASH = 3  # their worth is kept back from the refund; what that cannot cover is owed


class WindowEnd(IntEnum):
    """When a window of so many days ends."""

    DAY = 1  # midnight after the last day
    INSTANT = 2  # to the millisecond
    MONTH = 3  # with the month of the last day
    YEAR = 4  # with its year
    NEXT_YEAR = 5  # with the year after that


class ReturnedLot(IntEnum):
    """The window of points that are given back."""

    OWN_WINDOW = 1
    GRACE_DAYS = 2  # at least `grace_days` from now


class ReturnOfEarned(IntEnum):
    """How many earned points a returned line takes with it."""

    BY_LINE = 1  # those that it earned
    BY_VALUE = 2  # in proportion to the receipt's value


class StackingModel(IntEnum):
    """How promotions on one line are computed."""

    BY_ZONE = 1
    COMPETE_THEN_COMPOUND = 2


class TierBoundary(IntEnum):
    """Whether a turnover that is exactly a tier's threshold is in it."""

    AT = 1
    ABOVE = 2


class Policies(Struct, frozen=True, array_like=True, gc=False):
    """One value of each."""

    rounding: Rounding = Rounding.DOWN
    rounding_on: RoundingOn = RoundingOn.SUM
    distribution: Distribution = Distribution.LARGEST_REMAINDER
    line_floor: LineFloor = LineFloor.ZERO
    base_tax: Tax = Tax.WITH
    base_discounts: Discounts = Discounts.AFTER
    blocks: Blocks = Blocks.PROPORTIONAL
    same_receipt: SameReceipt = SameReceipt.AFTER_DAYS
    window_end: WindowEnd = WindowEnd.DAY
    returned_lot: ReturnedLot = ReturnedLot.OWN_WINDOW
    return_of_earned: ReturnOfEarned = ReturnOfEarned.BY_LINE
    stacking: StackingModel = StackingModel.BY_ZONE
    tier_boundary: TierBoundary = TierBoundary.AT
    grace_days: int = 0
