"""Kill everything, or cut its power, again and again while tills buy; then read every member's statement.

A round is one moment of harm and the way back to the next answer. Tills buy in stretches that are longer
than a round, so that harm meets purchases in every stage; what is unknown is asked again until it is
definite. At the end the tills' own histories are compared with the statements.
"""

import asyncio
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from chaos.live.durability_cabinet import LYING, Cabinet
from chaos.live.durability_disk import DiskError
from chaos.live.observer import TooLong
from ftnode.pair.layout import NAMES, PairError
from loyalty.cli.load.crew import Crew
from loyalty.cli.load.plan import LoadPlan
from loyalty.cli.load.report import booked
from loyalty.cli.load.run import LoadFailed
from loyalty.client.accounting import Account, Booked, account
from loyalty.client.answers import Done, Rejected
from loyalty.client.client import TillClient
from loyalty.client.history import CallRecord, read_history
from loyalty.client.units import Units
from loyalty.v1 import till_pb2 as till

Kind = Literal["kill", "power", "control"]
ROUND_S: Final = 5.0  # about what one takes, to plan how long tills buy
STRETCH_S: Final = (6.0, 45.0)  # shortest and longest stretch of buying
SPACING_MS: Final = 25  # harm to the three is spread over at most so long, or comes at once
TOLD_EVERY: Final = 10  # rounds; a run takes many minutes
PAUSE_S: Final = (0.2, 3.0)  # undisturbed before the harm
MEETS_ERRORS_MS: Final = (0, 300)  # how long a process lives on a disk that is gone
PARTIAL_EVERY: Final = 3  # after so many cuts of all three, one of one or two of them
CONTROL_RETURN_S: Final = 30.0  # a pair that noticed that its logs lack what was answered stays silent
SAFETY: Final = ("lost", "doubled", "altered", "unexplained", "stale", "misread")


@dataclass(slots=True)
class Outcome:
    """What came of a run."""

    kind: Kind
    rounds: int = 0  # all three were hurt
    partial: int = 0  # one or two of them were
    answered_after_ms: list[float] = field(default_factory=list)  # from the restart on
    account: Account | None = None
    ended: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    wanted: int = 0

    @property
    def harmed(self) -> int:
        """Purchases and reads that a power cut or kill made a lie of."""
        return sum(getattr(self.account, name) for name in SAFETY) if self.account else 0

    @property
    def verdict(self) -> str:
        """kept, or what is wrong. The control is good if it saw losses: "sees"; else "blind"."""
        if self.kind == "control":
            return "sees" if self.account is not None and self.account.lost else "blind"
        if self.harmed:
            return "lost"
        done = self.account is not None and not self.problems and self.rounds == self.wanted
        return "kept" if done else "unproven"

    @property
    def ok(self) -> bool:
        """Whether that is as it has to be."""
        return self.verdict in ("kept", "sees")

    def figures(self) -> dict[str, Any]:
        """For programs."""
        known = self.account.as_json() if self.account else {}
        names = ("scheduled", "acknowledged", *SAFETY, "unknown", "unknown_on_the_way", "refused")
        returns = sorted(self.answered_after_ms)
        return {
            "verdict": self.verdict,
            "rounds": self.rounds,
            "partial": self.partial,
            **{name: known.get(name) for name in names},
            "answered_after_ms": {
                "median": round(returns[len(returns) // 2]) if returns else None,
                "longest": round(returns[-1]) if returns else None,
            },
            "ended_by_itself": len(self.ended),
        }


def play_control(directory: Path, times: int, tills: int, rate: float, seed: int) -> Outcome:
    """One cut of all three to a fresh cabinet, until losses are found or `times` cabinets were tried.

    More than one may be needed: where the witness's small record outlives the logs, the units see that
    what they hold is not all that was answered, and rightly answer nobody; then nothing can be counted.
    """
    rounds = 0
    for attempt in range(times):
        run = Run("control", directory / f"{attempt}", 1, tills, rate, seed + attempt)
        outcome = asyncio.run(run.play())
        rounds += outcome.rounds
        outcome.rounds = rounds
        if outcome.ok:
            break
    return outcome


@dataclass(slots=True)
class Run:
    """One run; `play` never raises for what a cabinet can do wrong."""

    kind: Kind
    directory: Path
    times: int
    tills: int
    rate: float
    seed: int
    outcome: Outcome = field(init=False)
    chance: random.Random = field(init=False)
    stretches: int = 0

    def __post_init__(self) -> None:
        self.outcome = Outcome(self.kind, wanted=self.times)
        self.chance = random.Random(self.seed)

    async def play(self) -> Outcome:
        """All of it."""
        wrapper = LYING if self.kind == "control" else ()
        try:
            with Cabinet(self.directory, wrapper, on_disks=self.kind != "kill") as cabinet:
                if self.kind == "control":
                    cabinet.return_s = CONTROL_RETURN_S
                await self._hurt_and_judge(cabinet)
        except (PairError, DiskError, TooLong, LoadFailed, ValueError, OSError) as problem:
            self.outcome.problems.append(str(problem))
        return self.outcome

    async def _hurt_and_judge(self, cabinet: Cabinet) -> None:
        try:
            await cabinet.form()
            while self.outcome.rounds < self.times:
                await self._stretch(cabinet)
        except (TooLong, LoadFailed) as problem:
            self.outcome.problems.append(str(problem))  # what was bought so far is judged all the same
        await cabinet.until_answering()
        self.outcome.account = judged = await self._judge(cabinet)
        self.outcome.problems += judged.findings
        if judged.unknown:
            self.outcome.problems.append(f"{judged.unknown} calls are still unknown")
        self.outcome.ended, self.outcome.problems = cabinet.ended, self.outcome.problems + cabinet.bugs
        if self.kind != "control":
            await cabinet.until_duplex()
            if not await cabinet.digests_equal():
                self.outcome.problems.append("the units did not end with equal digests")

    # ---------------------------------------------------------------- harm

    async def _stretch(self, cabinet: Cabinet) -> None:
        """Tills buy for a while, and rounds go on as long as they do."""
        plan = self._plan(cabinet)
        loop = asyncio.get_running_loop()
        with Crew(plan) as crew:
            await asyncio.to_thread(crew.wait_enrolled)
            if self.stretches == 1:
                for disk in cabinet.disks.values():
                    disk.settle()  # so that also a disk that never syncs has something to come back to
            crew.go()
            ends_s = loop.time() + plan.seconds
            buying = asyncio.create_task(asyncio.to_thread(crew.wait_finished, lambda newest: None))
            try:
                while loop.time() < ends_s and self.outcome.rounds < self.times:
                    await asyncio.sleep(self.chance.uniform(*PAUSE_S))
                    await self._round(cabinet)
            finally:
                if self.kind == "control":
                    await asyncio.wait((buying,), timeout=plan.seconds)
                else:
                    await buying

    def _plan(self, cabinet: Cabinet) -> LoadPlan:
        self.stretches += 1
        history = cabinet.pair.root / "history" / f"{self.stretches}"
        history.mkdir(parents=True)
        left_s = (self.times - self.outcome.rounds) * ROUND_S
        plan = LoadPlan(
            targets=cabinet.targets,
            rate=self.rate,
            tills=self.tills,
            seconds=min(max(left_s, STRETCH_S[0]), STRETCH_S[1]),
            members_per_till=1,
            history=str(history),
            run=int.from_bytes(os.urandom(4)) + 1,
            seed=self.seed + self.stretches,
        )
        plan.check()
        return plan

    async def _round(self, cabinet: Cabinet) -> None:
        """Harm, then everything back: sometimes up to duplex, sometimes only to the first answer."""
        whole = self.kind == "kill" or (self.outcome.rounds + 1) % (PARTIAL_EVERY + 1) != 0
        whole = whole or self.outcome.partial > self.outcome.rounds // (PARTIAL_EVERY + 1)
        names = list(NAMES)
        self.chance.shuffle(names)
        if not whole:
            names = names[: self.chance.randint(1, 2)]
        cabinet.tolerant = frozenset(names)
        if self.kind == "kill":
            await self._kill(cabinet, names)
        else:
            await self._cut(cabinet, names)
        self.chance.shuffle(names)
        for name in names:
            cabinet.start(name)
            await asyncio.sleep(self.chance.choice((0.0, 0.0, self.chance.uniform(0, 0.5))))
        cabinet.tolerant = frozenset()
        self.outcome.answered_after_ms.append(await cabinet.until_answering())
        self.outcome.rounds += whole
        self.outcome.partial += not whole
        if whole and self.outcome.rounds % TOLD_EVERY == 0:
            print(f"  {self.kind}: {self.outcome.rounds} of {self.times}", file=sys.stderr, flush=True)
        if not whole or self.chance.random() < 0.5:
            await cabinet.until_duplex()

    async def _spacing(self) -> None:
        if self.chance.random() < 0.5:
            await asyncio.sleep(self.chance.uniform(0, SPACING_MS / 1000))

    async def _kill(self, cabinet: Cabinet, names: Sequence[str]) -> None:
        at_once = self.chance.random() < 0.3
        for name in names:
            cabinet.send_kill(name)
            if not at_once:
                await self._spacing()
        for name in names:
            cabinet.kill(name)

    async def _cut(self, cabinet: Cabinet, names: Sequence[str]) -> None:
        """Power off; the processes die with it, or meet a disk that is gone and die then."""
        die_first = self.chance.random() < 0.3
        for name in names:
            if die_first:
                cabinet.send_kill(name)
            cabinet.disks[name].cut()
            await self._spacing()
        if not die_first:
            await asyncio.sleep(self.chance.uniform(*MEETS_ERRORS_MS) / 1000)
        for name in names:
            cabinet.kill(name)
        for name in names:
            cabinet.disks[name].unmount()
            cabinet.disks[name].mount()

    # ---------------------------------------------------------------- judgement

    async def _judge(self, cabinet: Cabinet) -> Account:
        calls = await asyncio.to_thread(_read_all, cabinet.pair.root / "history")
        members = sorted({call.last.member for call in calls if call.last and call.last.member})
        async with Units(cabinet.targets) as units:
            client = TillClient(units)
            found = [item for member in members for item in await _statement(client, member)]
        return account(calls, found)


def _read_all(directory: Path) -> list[CallRecord]:
    return read_history(sorted(directory.glob("*/worker-*.jsonl")))


async def _statement(client: TillClient, member: int) -> list[Booked]:
    """Every movement of a member. One who is not known has none: what was bought for him is lost.

    Raises:
        LoadFailed: it could not be had.
    """
    items: list[Booked] = []
    request = till.GetStatementRequest(page_size=200)
    request.member.member_id = member
    while True:
        answer = await client.call("GetStatement", request, until_definite=True)
        if isinstance(answer, Rejected):
            return items
        if not isinstance(answer, Done):
            raise LoadFailed(f"no statement of member {member}: {answer}")
        items += [booked(member, item) for item in answer.outcome.items]
        if not answer.outcome.next_page_token:
            return items
        request.page_token = answer.outcome.next_page_token
