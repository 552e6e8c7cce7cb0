"""Store and forward: what a till could not get a definite answer for is kept in a file and sent in order.

with Outbox.open("till.outbox") as outbox:
    outbox.put(sold_without_a_line)  # on disk when this returns
    async with Units("127.0.0.1:7400,127.0.0.1:7410") as units:
        await Sender(outbox, TillClient(units)).run()  # until nothing waits
    for settled in outbox.rejected():
        print(settled.entry.position, settled.reason)
"""

from loyalty.client.outbox.contents import Contents, look
from loyalty.client.outbox.entries import (
    Entry,
    Fate,
    OutboxDamagedError,
    OutboxDiskError,
    OutboxError,
    OutboxFullError,
    OutboxHeldError,
    OutboxRefusedError,
    Settled,
)
from loyalty.client.outbox.limits import OUTBOX_MAX_BYTES, OUTBOX_MAX_ENTRIES
from loyalty.client.outbox.outbox import Outbox
from loyalty.client.outbox.sender import Backoff, Sender

__all__ = [
    "OUTBOX_MAX_BYTES",
    "OUTBOX_MAX_ENTRIES",
    "Backoff",
    "Contents",
    "Entry",
    "Fate",
    "Outbox",
    "OutboxDamagedError",
    "OutboxDiskError",
    "OutboxError",
    "OutboxFullError",
    "OutboxHeldError",
    "OutboxRefusedError",
    "Sender",
    "Settled",
    "look",
]
