"""What both witnesses' clients have in common: the channel, and what a call that did not end means."""

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

import grpc
import grpc.aio

from ftnode.witness.port import Unknown

T = TypeVar("T")

MESSAGE_MAX_BYTES: Final = 65_536
# A call is made once: a swap that is repeated under our feet could no longer be told from a late one.
# A dead connection is noticed by pings, and built anew without gRPC's usual pauses of many seconds.
OPTIONS: Final[tuple[tuple[str, int | str], ...]] = (
    ("grpc.enable_retries", 0),
    ("grpc.max_receive_message_length", MESSAGE_MAX_BYTES),
    ("grpc.keepalive_time_ms", 1000),
    ("grpc.keepalive_timeout_ms", 500),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 1000),  # also the longest that one attempt may take
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.use_local_subchannel_pool", 1),
)


def open_channel(
    address: str,
    credentials: grpc.ChannelCredentials | None,
    extra: tuple[tuple[str, int | str], ...] = (),
) -> grpc.aio.Channel:
    """A channel to one address; it connects when first used. Without `credentials`: plain text."""
    options = [*OPTIONS, *extra]
    if credentials is None:
        return grpc.aio.insecure_channel(address, options=options)
    return grpc.aio.secure_channel(address, credentials, options=options)


async def or_unknown(answer: Awaitable[T]) -> T | Unknown:
    """`answer`, or Unknown if the call ended without one: too late, broken off, closed."""
    try:
        return await answer
    except TimeoutError:
        return Unknown("no answer in time")
    except grpc.aio.AioRpcError as error:
        return Unknown(f"{error.code().name}: {error.details()}")
    except (grpc.aio.UsageError, ValueError, TypeError) as error:
        return Unknown(f"the call could not be made: {error}")
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise  # somebody cancelled the caller; the call was not cancelled by a closing channel
        return Unknown("the connection was closed")
