"""The flips themselves: change a bit, go on in one of three ways, see who goes, make the pair whole."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final

from chaos.live import flip_disk
from chaos.live.flips import files
from chaos.live.flips.cabinet import BACK_S, Cabinet, Moment
from chaos.live.flips.memory import Held, Memory
from chaos.live.flips.report import CHAINED, FRAMED, SCRUBBED, Flip, Flips, check_of
from chaos.live.flips.till import PROGRAMME, Customer, Till, WrongAnswer
from chaos.live.flips.wire import Wire

ASKED_S: Final = 1.0  # after everything was asked: who is wrong is being tried, or nobody is
FOUND_S: Final = 8.0  # after a checkpoint, too, nobody says anything: the bit had no effect
WIRE_S: Final = 5.0
MENDED_S: Final = 10.0
CHECKPOINT_ENTRIES: Final = 100  # so that everything is on disk soon
CHECKPOINT_S: Final = 1.0  # and written
AT_ONCE: Final = 10  # calls, where only their number counts
ON_DISK: Final = 8  # customers that are brought to disk at once
TRIES: Final = 8  # flips for each effective one that is wanted
HASH_BYTES: Final = 8
OWN_RECORD: Final = b"M"  # of a member: asked for by its key
NEVER_S: Final = 120.0
MEMBER_PREFIX_BYTES: Final = 13  # of all that a member has: slot, programme, type and his number
KINDS: Final = ("value", "key", "hash")
AFTER: Final = ("ask", "buy", "rest")  # what comes next: a question, a command, or nobody wants him

Say = Callable[[str], None]


class Stories:
    """One pair, flipped again and again."""

    def __init__(
        self, cabinet: Cabinet, till: Till, wires: list[Wire], chance: random.Random, flips: Flips
    ) -> None:
        """Call `begin` first."""
        self._cabinet, self._till, self._wires = cabinet, till, wires
        self._chance, self._flips = chance, flips
        self._filler: Customer
        self._on_disk: list[Customer] = []  # of whom all is in both checkpoints

    async def begin(self) -> None:
        """Somebody whose points fill the log."""
        self._filler = await self._till.customer()

    async def place(self, place: str, times: int, say: Say) -> None:
        """So many effective flips in one place, taking turns between active and standby, kinds and ways."""
        flip = {"memory": self._memory, "state": self._state, "log": self._log, "wire": self._wire}[place]
        for number in range(times * TRIES):
            if len(self._flips.effective(place)) >= times:
                return
            await self._cabinet.whole_again()
            found = await self._unless_alone(flip, number)
            self._flips.calls = self._till.calls
            if found is None:
                self._flips.idle[place] = self._flips.idle.get(place, 0) + 1
                continue
            self._flips.found.append(found)
            if found.convicted not in (-1, found.unit):
                self._flips.problems.append(
                    f"unit {found.convicted} went for a bit of unit {found.unit}: {found}"
                )
            who = f"unit {found.unit} ({'active' if found.active else 'standby'})"
            so_many = f"{place} {len(self._flips.effective(place))}/{times}"
            say(f"{so_many}: {found.kind} on {who}, found after {found.seconds:.2f} s by {found.check}")

    async def _unless_alone(
        self, flip: Callable[[int, Moment, int], Awaitable[Flip | None]], number: int
    ) -> Flip | None:
        """A unit that is alone is compared with nobody: if the machine made it so, this flip was in vain."""
        before = self._cabinet.now()
        unit = before.active if number % 2 == 0 else 1 - before.active
        try:
            return await flip(unit, before, number // 2)
        except WrongAnswer:
            if not self._cabinet.left_alone(unit, before):
                raise
            await self._cabinet.begin_anew(unit)  # what is wrong in its memory shall not be copied
            return None

    # ---------------------------------------------------------------- live state

    async def _memory(self, unit: int, before: Moment, number: int) -> Flip | None:
        """A value, a key, or where a key is looked for, of what one member has."""
        kind, after = KINDS[number % 3], AFTER[number // 3 % 3]
        customer = await self._till.customer()
        if not await asyncio.to_thread(self._flip_one, before.pids[unit], kind, customer):
            return None
        return await self._outcome("memory", kind, unit, before, customer, after)

    def _flip_one(self, pid: int, kind: str, customer: Customer) -> bool:
        """The same bit wherever the process has it."""
        memory = Memory(pid)
        try:
            # What is found by going through keys in order is the same object: no hash is compared.
            prefix = _prefix(customer) + (OWN_RECORD if kind == "hash" else b"")
            for held in memory.held(prefix, self._chance):
                sizes = {"value": len(held[0].value), "key": MEMBER_PREFIX_BYTES, "hash": HASH_BYTES}
                bit = self._chance.randrange(8 * sizes[kind])
                for at in {_place(one, kind) for one in held}:
                    memory.flip(at, bit)
                return True
            return False
        finally:
            memory.close()

    # ---------------------------------------------------------------- disk

    async def _state(self, unit: int, before: Moment, number: int) -> Flip | None:
        """A value or a key of what one member has, in the checkpoint on disk."""
        kind, after = KINDS[number % 2], AFTER[number // 2 % 3]
        if not self._on_disk:
            self._on_disk = [await self._till.customer() for _ in range(ON_DISK)]
            await self._fill()
            before = self._cabinet.now()
        customer = self._on_disk.pop()
        state = self._cabinet.pair.data(f"unit{unit}") / "state"
        if not await asyncio.to_thread(files.flip_state, state, _prefix(customer), kind, self._chance):
            return None
        began_s = time.monotonic()
        if after != "rest":
            found = await self._outcome("state", kind, unit, before, customer, after, by_filling=False)
            if found is not None:
                return found
        if not await self._cabinet.verify(unit, "slot", "records"):
            return None
        seconds = time.monotonic() - began_s
        if not await self._cabinet.says(unit, "rot_replaced", before, BACK_S):
            self._flips.problems.append(f"unit {unit}: its state was found rotten and not replaced")
        away_s = await self._cabinet.whole_again()
        await self._exercise(customer, "ask")
        return Flip("state", kind, unit, before.active == unit, -1, SCRUBBED, seconds, away_s)

    async def _fill(self) -> None:
        """So many commands that both units write a checkpoint: what was there before is in it."""
        for _ in range(0, CHECKPOINT_ENTRIES + AT_ONCE, AT_ONCE):
            await asyncio.gather(*(self._till.give(self._filler) for _ in range(AT_ONCE)))
        await asyncio.sleep(CHECKPOINT_S)

    async def _log(self, unit: int, before: Moment, number: int) -> Flip | None:
        """An entry in a segment of the log, old or being written; read again by `ftctl verify`."""
        customer = await self._till.customer()
        directory = self._cabinet.pair.data(f"unit{unit}")
        try:
            await asyncio.to_thread(flip_disk.flip_log, directory, self._chance, number % 2 == 0)
        except flip_disk.NothingToFlip:
            return None
        began_s = time.monotonic()
        said = await self._cabinet.verify(unit, "entries")
        seconds = time.monotonic() - began_s
        if not said:
            return None
        mended = await self._cabinet.says(unit, "rot_mended", before, MENDED_S)
        away_s = await self._cabinet.whole_again()
        await self._exercise(customer, "ask")
        if not mended:
            self._flips.problems.append(f"unit {unit}: {said} was found and not mended")
        return Flip("log", "value", unit, before.active == unit, -1, CHAINED, seconds, away_s)

    # ---------------------------------------------------------------- wire

    async def _wire(self, unit: int, before: Moment, number: int) -> Flip | None:
        """Whatever passes next, in either direction."""
        customer = await self._till.customer()
        for one in self._wires:
            one.arm()
        began_s = time.monotonic()
        await self._till.give(customer)
        flipped = [asyncio.create_task(one.cut.wait()) for one in self._wires]
        done, left = await asyncio.wait(flipped, timeout=WIRE_S, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        for one in self._wires:
            one.armed = False
        seconds = time.monotonic() - began_s
        await self._till.look(customer)
        away_s = await self._cabinet.whole_again()
        if not done:
            return None
        return Flip("wire", "value", unit, before.active == unit, -1, FRAMED, seconds, away_s)

    # ---------------------------------------------------------------- what came of it

    async def _outcome(
        self,
        place: str,
        kind: str,
        unit: int,
        before: Moment,
        customer: Customer,
        after: str,
        by_filling: bool = True,
    ) -> Flip | None:
        """Go on, have a checkpoint written, and see who is gone. Raises WrongAnswer, TooLong."""
        began_s = time.monotonic()
        looking = asyncio.create_task(self._cabinet.found(before, NEVER_S))
        try:
            if after != "rest":
                await self._exercise(customer, after)
                await asyncio.wait([looking], timeout=ASKED_S)
            if by_filling and not looking.done():
                await self._fill()
                await asyncio.wait([looking], timeout=FOUND_S)
            gone = looking.result() if looking.done() else None
        finally:
            looking.cancel()
        if gone is not None and gone.put_out:
            await self._cabinet.begin_anew(unit)  # for a while somebody was compared with nobody
            return None
        away_s = await self._cabinet.whole_again()
        await self._till.look(customer)
        if gone is None:
            return None
        seconds, check = gone.at_s - began_s, check_of(gone.words)
        return Flip(place, kind, unit, before.active == unit, gone.unit, check, seconds, away_s)

    async def _exercise(self, customer: Customer, first: str) -> None:
        if first == "ask":
            await self._till.look(customer)
        await self._till.give(customer)
        await self._till.look(customer)


def _prefix(customer: Customer) -> bytes:
    """All keys of what a member has begin so."""
    slot = (customer.member_id >> 52).to_bytes(2)
    return slot + PROGRAMME.to_bytes(2) + b"M" + customer.member_id.to_bytes(8)


def _place(held: Held, kind: str) -> int:
    return {"value": held.value_at, "key": held.key_at, "hash": held.at}[kind]
