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
