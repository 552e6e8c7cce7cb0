"""Every limit of the loyalty engine, by name and unit. The door keeps sizes, the engine the rest."""

from typing import Final

# Sizes, kept at the door (INVALID_ARGUMENT).
REQUEST_ID_MIN_BYTES: Final = 8
REQUEST_ID_MAX_BYTES: Final = 64
COMMAND_MAX_BYTES: Final = 64 * 1024
BATCH_MAX_BYTES: Final = 512 * 1024
BATCH_MAX_COMMANDS: Final = 1000
BATCH_MAX_LINES: Final = 20_000  # of all receipts together: a batch is parsed in one go
TEXT_MAX_BYTES: Final = 64  # phone, card, sku, name: generous, the rules are stricter
QUOTE_DIGEST_BYTES: Final = 16
PROGRAMME_MAX: Final = 65534  # 65535 is the runtime's own
PAGE_DEFAULT_ITEMS: Final = 50
PAGE_MAX_ITEMS: Final = 200

# Numbers, kept by the engine (rejections).
AMOUNT_MAX_MINOR: Final = 10**15
POINTS_MAX: Final = 10**15  # of one lot, one receipt
ACCOUNT_MAX_POINTS: Final = 10**18  # of one member; leaves room in an int64
QUANTITY_MAX_MILLI: Final = 10**9
TOTAL_MAX_MINOR: Final = 10**18  # turnover of a month, a bound of the search: what is more is told as that
RECEIPT_MAX_LINES: Final = 200
STORE_MAX: Final = 2**32 - 1
TERMINAL_MAX: Final = 2**32 - 1
RECEIPT_NUMBER_MAX: Final = 2**64 - 1
ENROL_MAX_CARDS: Final = 10
CARD_MIN_CHARS: Final = 4
CARD_MAX_CHARS: Final = 32
PHONE_MIN_DIGITS: Final = 7
PHONE_MAX_DIGITS: Final = 15  # E.164
SOLD_AHEAD_MAX_MS: Final = 5 * 60 * 1000  # a till's clock may be a little fast

# Work of one entry or query.
MEMBER_MAX_OPEN_LOTS: Final = 4096  # lots with points whose window has not ended
MEMBER_MAX_FUTURE_STARTS: Final = 512  # instants at which points of one member begin
SPEND_MAX_LOTS: Final = 256  # emptied by one receipt
SPEND_MAX_CHAINS: Final = 64  # lots with a purpose give way to one another so often, on one receipt
SCAN_FIRST_LOTS: Final = 2  # a spending reads this many lots, then twice as many, ...
SCAN_MAX_LOTS: Final = 256  # ... up to this many at once
ENDING_MAX_INSTANTS: Final = 31  # listed in a balance
ENDING_MAX_LOTS: Final = 1024  # looked at for that list

# A programme's values.
RATE_MAX: Final = 1_000_000
BASIS_POINTS: Final = 10_000
EARN_DELAY_MAX_DAYS: Final = 366
WINDOW_MAX_DAYS: Final = 36_500
LATE_RECEIPT_MAX_DAYS: Final = 3650
ENDING_SOON_MAX_DAYS: Final = 366
ZONE_MAX_OFFSETS: Final = 128
ZONE_OFFSET_MAX_S: Final = 18 * 3600

# Conditions and promotions.
CONDITION_MAX_PARTS: Final = 64  # of one All or Any
CONDITION_MAX_VALUES: Final = 1024  # of one OneOf: a list of articles
CONDITION_MAX_DEPTH: Final = 16
CONDITION_MAX_NODES: Final = 256  # of one condition, all levels
BUNDLE_MAX_PARTS: Final = 8
WHERE_MAX_VALUES: Final = 256
PROMOTIONS_MAX: Final = 4096  # of one programme, not ended
PROMOTION_NUMBER_MAX: Final = 2**32 - 1
PROMOTION_ZONE_MAX: Final = 255
PROMOTION_GROUP_MAX: Final = 65_535
PIECES_MAX: Final = 1000  # counted in one buy-and-get, bundle or cheapest-free
SERVICE_MAX_TIMES: Final = 1000
SEARCH_MAX_STEPS: Final = 15_000  # a step is about as much work as one promotion computed on one line
RECEIPT_MAX_APPLIED: Final = 32  # promotions on one receipt
EXPLAINED_MAX: Final = 64  # promotions that a quote explains without having applied them
USAGE_MAX_DAYS: Final = 8  # on which a member had a promotion, told apart
ENDED_MAX_DROPPED: Final = 8  # promotions that ended, by one publication
DRY_RUN_MAX_PROMOTIONS: Final = 16
DRY_RUN_MAX_EXPLAINED: Final = 1024

# A basket, beyond its lines.
LINE_MAX_ATTRIBUTES: Final = 16
RECEIPT_MAX_TENDERS: Final = 8
SPEND_MAX_COUPONS: Final = 8

# Members.
MEMBER_MAX_EXTERNALS: Final = 10
MEMBER_MAX_CONSENTS: Final = 16
MEMBER_MAX_SEGMENTS: Final = 64
MEMBER_MAX_CARDS: Final = 20
MEMBER_MAX_HOLDS: Final = 8  # open at the same time; all may run out before somebody looks
MEMBER_MAX_PURPOSE_LOTS: Final = 64  # with points, not ended
MEMBER_MAX_SERVICES: Final = 256  # entitlements with times left, not ended
MEMBER_MAX_COUPONS: Final = 64
MERGE_MAX_LOTS: Final = 1024  # of the source, empty ones too
MERGE_MAX_CHAIN: Final = 64  # merged into one who was merged into one ...
MERGE_MAX_PROMOTIONS: Final = 512  # with a limit by member, that the source ever had
LIST_MAX_LOTS: Final = 512  # in one answer
HOLD_MAX_DAYS: Final = 92
COUPON_MIN_CHARS: Final = 4
COUPON_MAX_CHARS: Final = 32
COUPON_MAX_TIMES: Final = 10**9
RESERVATIONS_MAX_FOLDED: Final = 64  # ended ones, by one entry

# More of a programme.
COUNTRIES_MAX: Final = 64
CURRENCIES_MAX: Final = 16
WALLETS_MAX: Final = 15
WORTHS_MAX: Final = 256
TIERS_MAX: Final = 8
TIER_MONTHS_MAX: Final = 36
TIER_GRACE_MAX_DAYS: Final = 366
GIFTS_MAX: Final = 8
GIFT_MAX_DAYS: Final = 92
CHANNELS_MAX: Final = 16
ATTRIBUTES_MAX: Final = 64
GRACE_MAX_DAYS: Final = 366
PRIORITY_MAX: Final = 255
