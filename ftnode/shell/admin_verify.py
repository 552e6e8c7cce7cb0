"""The part of AdminService that reads the disk again; see `verifying`."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import grpc

from ftnode.shell import refusals
from ftnode.shell.unit import RunningUnit
from ftnode.shell.verifying import HASHES_MAX, NotNow, Verifier
from ftnode.v1 import admin_pb2 as pb

_REFUSED: Final = grpc.StatusCode.FAILED_PRECONDITION


class VerifyServer:
    """Mixed into the servicer."""

    _running: RunningUnit
    _verifier: Verifier

    async def Verify(self, request: pb.VerifyRequest, context: Any) -> AsyncIterator[pb.VerifyResponse]:
        """See the proto."""
        try:
            async for answer in self._verifier.verify(request):
                yield answer
        except NotNow as why:
            unit = self._running.settings.unit.id
            await refusals.send(context, refusals.not_taken(_REFUSED, f"unit {unit}: {why}"))

    async def LogHashes(self, request: pb.LogHashesRequest, context: Any) -> pb.LogHashesResponse:
        """See the proto."""
        if len(request.seqs) > HASHES_MAX:
            problem, wanted = f"has {len(request.seqs)}", f"at most {HASHES_MAX}"
            code = grpc.StatusCode.INVALID_ARGUMENT
            text = f"seqs {problem}; want {wanted}"
            await refusals.send(
                context, refusals.not_taken(code, text, None, field="seqs", problem=problem, wanted=wanted)
            )
        hashes = await asyncio.to_thread(self._verifier.hashes, list(request.seqs))
        return pb.LogHashesResponse(hashes=hashes)
