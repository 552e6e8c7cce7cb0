"""One unit of the fake pair as a process of its own, so that a test can kill or stop it.

`python -m tests.client.fake_process` prints its address and serves until it is killed. Each process has a
book of its own: it answers, it does not replicate.
"""

import asyncio

from tests.client.fake import Book, Unit

PINGS = [  # what our servers permit, so that the published keepalive is welcome
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 100),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_ping_strikes", 0),
]


async def main() -> None:
    unit = Unit(Book(), PINGS)
    await unit.server.start()
    print(unit.address, flush=True)
    await unit.server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
