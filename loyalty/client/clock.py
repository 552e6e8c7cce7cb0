"""The time a till goes by, as something that a test can replace."""

import asyncio
from time import time
from typing import Protocol


class Clock(Protocol):
    """What of time is needed: which it is, and to wait."""

    def now_ms(self) -> int:
        """UTC milliseconds."""

    async def sleep_ms(self, time_ms: int) -> None:
        """Come back after so long."""


class SystemClock:
    """This machine's clock. It dates what a till did; it decides nothing."""

    def now_ms(self) -> int:
        return int(time() * 1000)

    async def sleep_ms(self, time_ms: int) -> None:
        await asyncio.sleep(time_ms / 1000)
