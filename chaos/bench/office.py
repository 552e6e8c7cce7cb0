"""A back office at work, in a process of its own: `python -m chaos.bench.office DESKS`.

It says "ready", begins with the first line that it is told, and ends with the second: then it says as JSON
what it did. Reports follow one another; promotions are published one after the other beside them.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Final

from loyalty.client.answers import Done
from loyalty.client.back_office import BackOffice
from loyalty.client.reports import Reports
from loyalty.client.units import Units
from loyalty.commands.conditions import OneOf
from loyalty.commands.promotions import (
    Audience,
    Caps,
    PercentOff,
    Promotion,
    Scope,
    Stacking,
    When,
    Where,
)
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import scans_pb2 as scans
from loyalty.wire import promotions

PROMOTIONS: Final = 300
PASS_S: Final = 5.0  # from the beginning of one export of everything to the next, at least
READY_S: Final = 20.0
END_S: Final = 20.0


@dataclass(slots=True)
class Work:
    """What the back office got done."""

    movements: int = 0
    exports: int = 0  # of all statements, to the end
    liabilities: int = 0
    published: int = 0
    failed: str = ""

    def add(self, other: "Work") -> None:
        """Together with what was done in another phase."""
        self.movements += other.movements
        self.exports += other.exports
        self.liabilities += other.liabilities
        self.published += other.published
        self.failed = self.failed or other.failed


@asynccontextmanager
async def at_work(desks: str, total: Work) -> AsyncIterator[None]:
    """A back office that works from here to the end; what it did is added to `total`."""
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "chaos.bench.office", desks, stdin=pipe, stdout=pipe
    )
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the back office has no pipes")
    try:
        await asyncio.wait_for(child.stdout.readline(), READY_S)
        child.stdin.write(b"begin\n")
        yield
        child.stdin.write(b"end\n")
        line = await asyncio.wait_for(child.stdout.readline(), END_S)
        total.add(Work(**json.loads(line)) if line else Work(failed="the back office died"))
        await asyncio.wait_for(child.wait(), END_S)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def work_until(desks: str, end: asyncio.Future[str]) -> Work:
    """The process's own part: again and again, until it is told to end."""
    work = Work()
    async with Units(desks) as units, Reports(desks) as reports:
        tasks = [
            asyncio.ensure_future(_report(reports, work)),
            asyncio.ensure_future(_publish(BackOffice(units), work)),
        ]
        await end
        for task in tasks:
            task.cancel()
        for one in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(one, Exception):
                work.failed = work.failed or f"{type(one).__name__}: {one}"
    return work


async def _report(reports: Reports, work: Work) -> None:
    """Each report has a checkpoint of its own written first; with millions of members it lasts minutes."""
    while True:
        next_pass = asyncio.ensure_future(asyncio.sleep(PASS_S))
        async for message in reports.read("ScanStatements", scans.ScanStatementsRequest()):
            work.movements += len(message.rows)
        work.exports += 1
        async for _ in reports.read("ScanLiability", scans.ScanLiabilityRequest()):
            pass
        work.liabilities += 1
        await next_pass


async def _publish(office: BackOffice, work: Work) -> None:
    for promotion in plain_promotions(PROMOTIONS):
        request = bo.PublishPromotionRequest()
        promotions.write(request.promotion, promotion)
        answer = await office.publish_promotion(request, until_definite=True)
        if not isinstance(answer, Done):
            raise RuntimeError(f"a promotion was not published: {answer}")
        work.published += 1


def plain_promotions(count: int) -> Iterator[Promotion]:
    """About articles that no basket of the bench has: what is measured is the publishing."""
    for number in range(1, count + 1):
        yield Promotion(
            number,
            f"Promotion {number}",
            False,
            When(0, 0),
            Where(),
            Audience(),
            OneOf("sku", (f"article-{number}", f"article-{number + count}")),
            None,
            Scope.LINE,
            PercentOff(1000),
            Stacking(),
            Caps(),
            0,
        )


async def _main(desks: str) -> None:
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))  # it would be on another machine
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    end = loop.run_in_executor(None, sys.stdin.readline)
    print(json.dumps(asdict(await work_until(desks, end))), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
