"""The core's questions to the witness, as tasks: each ends in one event, in time or as silence."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from ftnode.core.effects import CreateRecord, ReadRecord, SwapRecord
from ftnode.core.events import Event, RecordRead, WitnessSilent
from ftnode.observe.figures import UnitFigures
from ftnode.shell.driver import now_ms
from ftnode.shell.witnesses import Answer, Witnesses
from ftnode.witness.port import Conflict, Held, Refused, Swapped, Unknown


class Asker:
    """See the module. Every call has the client's own deadline."""

    def __init__(
        self,
        witnesses: Witnesses,
        feed: Callable[[Event], None],
        epoch: Callable[[], int],
        figures: UnitFigures,
    ) -> None:
        """`epoch` is the unit's at the moment of asking, 0 if it is in none."""
        self.reachable = False
        self.asked = False  # and had an answer, or none in time
        self.answered_ms = 0  # of our monotonic clock; 0: never
        self.witness_id = ""
        self.witnesses = witnesses
        self._feed = feed
        self._epoch = epoch
        self._figures = figures
        self._tasks: set[asyncio.Task[None]] = set()
        self._said = ""
        self._log = structlog.get_logger()

    def read(self, effect: ReadRecord) -> None:
        """Read the record; RecordRead or WitnessSilent follows."""
        self._start(self._read(effect))

    def swap(self, effect: SwapRecord) -> None:
        """Swap the record; RecordRead (won or not) or WitnessSilent follows."""
        record = effect.wanted
        self._log.info("swap_sent", epoch=record.epoch, active=record.active, in_sync=record.in_sync)
        self._start(self._swap(effect))

    def create(self, effect: CreateRecord) -> None:
        """Put the first record into the witness that our log names; as `swap`."""
        record = effect.wanted
        self._log.info("create_sent", epoch=record.epoch, witness_id=record.witness_id, at=effect.address)
        self._start(self._create(effect))

    async def close(self) -> None:
        """Let go of the witness."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.witnesses.close()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, effect: ReadRecord) -> None:
        epoch = self._epoch()
        answer = await self.witnesses.ask(
            effect.address, lambda client: client.read(effect.compared_seq, epoch)
        )
        self._figures.witness_calls.add(("read", type(answer).__name__.lower()))
        if isinstance(answer, Held):
            self._heard(effect.op, answer, won=False)
        elif isinstance(answer, Refused | Unknown):
            self._silent(effect.op, answer)

    async def _swap(self, effect: SwapRecord) -> None:
        answer = await self.witnesses.ask(
            effect.address,
            lambda client: client.swap(effect.expected, effect.wanted, effect.compared_seq),
        )
        self._changed(effect, answer)

    async def _create(self, effect: CreateRecord) -> None:
        answer = await self.witnesses.ask(
            effect.address, lambda client: client.create(effect.wanted, effect.compared_seq)
        )
        self._changed(effect, answer)

    def _changed(self, effect: SwapRecord | CreateRecord, answer: Answer) -> None:
        self._figures.witness_calls.add(("swap", type(answer).__name__.lower()))
        if isinstance(answer, Swapped | Conflict):
            won = isinstance(answer, Swapped)
            self._log.info("swap_won" if won else "swap_lost", epoch=effect.wanted.epoch)
            self._heard(effect.op, answer.held, won)
        elif isinstance(answer, Refused | Unknown):
            self._log.warning("swap_unknown", epoch=effect.wanted.epoch, why=answer.why)
            self._silent(effect.op, answer)

    def _heard(self, op: int, held: Held, won: bool) -> None:
        if not self.reachable:
            self._log.info("witness_answers", witness_id=held.witness_id)
        self.asked = True
        self.reachable, self.answered_ms, self._said = True, now_ms(), ""
        self.witness_id = held.witness_id
        self._feed(
            RecordRead(
                now_ms(),
                op,
                held.record,
                held.told_seq,
                held.wall_ms,
                won,
                held.mono_ms,
                held.witness_id,
            )
        )

    def _silent(self, op: int, answer: Refused | Unknown) -> None:
        """A line per new reason; a refusal is no answer either: nothing follows from it."""
        self.reachable, self.asked = False, True
        if answer.why != self._said:
            self._said = answer.why
            self._log.warning("witness_silent", why=answer.why)
        self._feed(WitnessSilent(now_ms(), op))
