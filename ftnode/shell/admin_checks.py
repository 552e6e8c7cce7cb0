"""What the operator's calls have in common: refuse, wait until a wish is seen, say that it was not."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import grpc

from ftnode.shell import refusals

REASON_MAX_CHARS: Final = 200
WAIT_S: Final = 10.0  # longest for a wish to be seen
POLL_S: Final = 0.005


async def until(seen: Callable[[], bool]) -> bool:
    """Whether it was seen in time."""
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + WAIT_S
    while not seen():
        if loop.time() > ends_s:
            return False
        await asyncio.sleep(POLL_S)
    return True


async def refuse_if(why: str, context: Any) -> None:
    """End the call with FAILED_PRECONDITION, if there is a reason to: nothing was changed."""
    if why:
        await refusals.send(context, refusals.not_taken(grpc.StatusCode.FAILED_PRECONDITION, why))


async def check_reason(reason: str, context: Any) -> None:
    """End the call if the operator's words are too many."""
    if len(reason) > REASON_MAX_CHARS:
        await bad(context, "reason", f"has {len(reason)} characters", f"at most {REASON_MAX_CHARS}")


async def unseen(context: Any, what: str) -> None:
    """The wish was taken: it may come true after the wait for it."""
    await refusals.send(context, refusals.unknown(f"{what} was not seen in time; it may still happen"))


async def bad(context: Any, field: str, problem: str, wanted: str) -> None:
    """End the call with INVALID_ARGUMENT."""
    text = f"{field} {problem}; want {wanted}"
    code = grpc.StatusCode.INVALID_ARGUMENT
    await refusals.send(
        context, refusals.not_taken(code, text, None, field=field, problem=problem, wanted=wanted)
    )
