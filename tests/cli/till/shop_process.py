"""The little shop behind two addresses, as a process: `python -m tests.cli.till.shop_process [ADDRESSES]`.

It prints the addresses, and listens on given ones so that a test can bring it back where it was.
"""

import asyncio
import sys
from collections.abc import Callable
from time import time
from typing import Any

import grpc

from loyalty.client.methods import METHODS
from tests.client.fake import Context
from tests.client.line import FakeLine
from tests.client.shop import Shop


class Unit(grpc.GenericRpcHandler):  # type: ignore[type-arg]  # generic in the stubs only
    """One address."""

    def __init__(self, line: FakeLine, address: str) -> None:
        self.line = line
        self.server = grpc.aio.server()
        self.server.add_generic_rpc_handlers((self,))
        port = self.server.add_insecure_port(address or "127.0.0.1:0")
        self.address = f"127.0.0.1:{port}"

    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any] | None":
        name = str(details.method).rpartition("/")[2]
        return grpc.unary_unary_rpc_method_handler(self._unary(name))

    def _unary(self, name: str) -> Callable[[bytes, Context], Any]:
        async def unary(body: bytes, context: Context) -> bytes:
            response = self.line.respond(name, METHODS[name].request.FromString(body))
            answered: bytes = response.SerializeToString()
            return answered

        return unary


async def main(addresses: str) -> None:
    line = FakeLine(Shop(now_ms=int(time() * 1000)))
    units = [Unit(line, address) for address in (addresses.split(",") if addresses else ["", ""])]
    for unit in units:
        await unit.server.start()
    print(",".join(unit.address for unit in units), flush=True)
    await units[0].server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else ""))
