"""Reports: streams of rows over everything, from either unit's back-office port.

    async with Reports("127.0.0.1:7403,127.0.0.1:7413") as reports:
        async for message in reports.read("ScanLiability", ScanLiabilityRequest()):
            ...

A report is asked of one unit after the other until one begins to answer; one that breaks off later is not
taken up by the other, whose checkpoint is another one: ask anew.
"""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from types import TracebackType
from typing import Any, Final, Self

import grpc
from google.protobuf.message import Message

from loyalty.client.failure import Failure, failure_of
from loyalty.client.published import channel_options
from loyalty.client.targets import Target, parse_targets
from loyalty.v1 import scans_pb2 as pb

SERVICE: Final = pb.DESCRIPTOR.services_by_name["ReportService"]
WAIT_S: Final = 60.0  # for a turn, where others wait already
AGAIN_S: Final = 1.0  # between two looks for a unit that answers
MESSAGE_MAX_BYTES: Final = 64 << 20


class ReportFailed(Exception):
    """No unit answered, or the answer broke off."""

    def __init__(self, failure: Failure, begun: bool) -> None:
        """`begun`: rows came, and then no more."""
        super().__init__(failure.problem or failure.status)
        self.failure = failure
        self.begun = begun


class Reports:
    """Connections to both units' back-office ports."""

    def __init__(self, addresses: str, credentials: grpc.ChannelCredentials | None = None) -> None:
        """Dials nothing yet. Raises ValueError on an address that is none."""
        self._channels = [_open(target, credentials) for target in parse_targets(addresses)]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for channel in self._channels:
            await channel.close(None)

    async def read(self, name: str, request: Message, wait_s: float = WAIT_S) -> AsyncIterator[Any]:
        """The messages of one report.

        Args:
            name: the method's, as "ScanLiability".
            wait_s: how long to try until a unit begins to answer.

        Raises:
            ReportFailed: with what the last unit that was asked said.
        """
        until = monotonic() + wait_s
        tries = 0
        while True:
            channel = self._channels[tries % len(self._channels)]
            tries += 1
            begun = False
            try:
                async for message in _call(channel, name, request):
                    begun = True
                    yield message
                return
            except grpc.aio.AioRpcError as error:
                failure = failure_of(error)
            pause_s = failure.retry_after_ms / 1000
            final = failure.not_taken and not failure.retry_after_ms
            if begun or final or took_its_time(failure) or monotonic() + pause_s >= until:
                raise ReportFailed(failure, begun)
            await asyncio.sleep(max(pause_s, 0 if tries % len(self._channels) else AGAIN_S))


def took_its_time(failure: Failure) -> bool:
    """Whether the unit had its time and was not done: another try would take as long."""
    return failure.status == grpc.StatusCode.DEADLINE_EXCEEDED.name


def _call(channel: grpc.aio.Channel, name: str, request: Message) -> AsyncIterator[Any]:
    rpc = SERVICE.methods_by_name[name]
    response: Any = getattr(pb, rpc.output_type.name)
    method: Any = channel.unary_stream(
        f"/{SERVICE.full_name}/{name}", lambda message: message.SerializeToString(), response.FromString
    )
    calling: AsyncIterator[Any] = method(request)
    return calling


def _open(target: Target, credentials: grpc.ChannelCredentials | None) -> grpc.aio.Channel:
    options = [*channel_options(retries=False), ("grpc.max_receive_message_length", MESSAGE_MAX_BYTES)]
    if credentials is None:
        return grpc.aio.insecure_channel(str(target), options=options)
    return grpc.aio.secure_channel(str(target), credentials, options=options)
