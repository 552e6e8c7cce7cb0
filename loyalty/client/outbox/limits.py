"""Every limit of an outbox, by name and unit."""

from typing import Final

OUTBOX_MAX_ENTRIES: Final = 10_000  # waiting: a busy till's month
OUTBOX_MAX_BYTES: Final = 64 * 1024 * 1024  # of their commands together
OUTBOX_KEEP_DONE_ENTRIES: Final = 1_000  # answered ones, for whoever asks what became of a receipt
OUTBOX_KEEP_SET_ASIDE_ENTRIES: Final = 10_000  # those that a person has to look at
OUTBOX_BUSY_MS: Final = 5_000  # somebody who only looks may hold the file for so long

SEND_BACKOFF_FIRST_MS: Final = 1_000
SEND_BACKOFF_MOST_MS: Final = 60_000  # after a long outage all tills come back within a minute, not at once
