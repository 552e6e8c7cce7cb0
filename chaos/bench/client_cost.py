"""What a call costs the client itself, in processor time: `python -m chaos.bench.client_cost`.

Three clients ask the same small server in another process: the bare stub of grpc.aio, our TillClient
(deadline, hedging, typed answers) and the lean one of measurements. The last line is JSON: microseconds.
"""

import asyncio
import gc
import json
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable
from time import process_time
from typing import Any, Final

import grpc
import uvloop

from loyalty.client.client import TillClient
from loyalty.client.lean import LeanUnits
from loyalty.client.methods import METHODS
from loyalty.client.published import channel_options
from loyalty.client.units import Units
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

CALLS: Final = 2_000
ROUNDS: Final = 5
IN_FLIGHT: Final = 32
PATH: Final = METHODS["GetBalance"].path
REQUEST: Final = till.GetBalanceRequest(member=common.MemberRef(member_id=81))


class _Server(grpc.GenericRpcHandler):  # type: ignore[type-arg]  # generic in the stubs only
    """Answers every call with the same balance."""

    answer = till.GetBalanceResponse(
        log_time_ms=1, seq=1, epoch=1, done=till.GetBalanceDone(balance=common.Balance(active_points=500))
    ).SerializeToString()

    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any] | None":
        async def handle(request: bytes, context: Any) -> bytes:
            return self.answer

        return grpc.unary_unary_rpc_method_handler(handle)


async def _serve() -> None:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((_Server(),))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await server.wait_for_termination()


async def _measure(address: str) -> dict[str, float]:
    channel = grpc.aio.insecure_channel(address, options=channel_options())
    stub = channel.unary_unary(
        PATH, till.GetBalanceRequest.SerializeToString, till.GetBalanceResponse.FromString
    )
    async with Units(address) as units, LeanUnits(address) as lean_units:
        clients: dict[str, Callable[[], Awaitable[object]]] = {
            "grpc.aio stub": lambda: stub(REQUEST, timeout=5),
            "TillClient": lambda: TillClient(units).balance(REQUEST),
            "lean": lambda: TillClient(lean_units).balance(REQUEST),
        }
        costs: dict[str, list[float]] = {name: [] for name in clients}
        for _ in range(ROUNDS):
            for name, call in clients.items():
                costs[name].append(await _cost_us(call))
    await channel.close(None)
    return {name: round(statistics.median(values), 1) for name, values in costs.items()}


async def _cost_us(call: Callable[[], Awaitable[object]]) -> float:
    async def caller() -> None:
        for _ in range(CALLS // IN_FLIGHT):
            await call()

    await call()
    gc.collect()
    began = process_time()
    await asyncio.gather(*(caller() for _ in range(IN_FLIGHT)))
    return (process_time() - began) * 1e6 / CALLS


def main() -> None:
    """Start the server, measure, tell."""
    with subprocess.Popen(
        [sys.executable, "-m", "chaos.bench.client_cost", "serve"], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            port = server.stdout.readline().strip() if server.stdout else ""
            print(json.dumps({"client_us_per_call": uvloop.run(_measure(f"127.0.0.1:{port}"))}))
        finally:
            server.kill()


if __name__ == "__main__":
    uvloop.run(_serve()) if sys.argv[1:] == ["serve"] else main()
