"""Telling those who wait that something changed, without knowing them."""

import asyncio


class Changes:
    """A set of events that are all set together."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._waiting: set[asyncio.Event] = set()

    def subscribe(self) -> asyncio.Event:
        """An event that is set at every change until it is given back; the waiter clears it."""
        event = asyncio.Event()
        self._waiting.add(event)
        return event

    def unsubscribe(self, event: asyncio.Event) -> None:
        """It is waited for no more."""
        self._waiting.discard(event)

    def tell(self) -> None:
        """Something changed."""
        for event in self._waiting:
            event.set()
