"""One pair, flipped again and again: change a bit, ask for everything, see who goes, make it whole."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from chaos.live import flip_disk, programme
from chaos.live.flips import files
from chaos.live.flips.cabinet import Cabinet
from chaos.live.flips.memory import Held, Memory
from chaos.live.flips.report import Flip, Flips, check_of
from chaos.live.flips.till import PROGRAMME, Customer, Till, WrongAnswer
from chaos.live.flips.wire import Wire
from chaos.live.observer import Observer, TooLong
from chaos.live.stage import pair_running
from ftnode.ctl.where import find
from ftnode.pair.files import prepare
from ftnode.pair.layout import PairDir, read_facts
from loyalty.client.units import Units

PLACES: Final = ("memory", "state", "log", "wire")
START_S: Final = 60.0
FOUND_S: Final = 8.0  # after everything was asked, nobody says anything: the bit had no effect
WIRE_S: Final = 5.0
LOG_S: Final = 10.0
CHECKPOINT_ENTRIES: Final = 100  # so that everything is on disk soon
CHECKPOINT_S: Final = 1.0  # and written
SETTINGS: Final = (("state", f"checkpoint_entries = {CHECKPOINT_ENTRIES}"),)
TRIES: Final = 8  # flips for each effective one that is wanted
MEMBER_PREFIX_BYTES: Final = 13  # of all that a member has: slot, programme, type and his number

Say = Callable[[str], None]


async def flip_all(
    directory: Path, places: Sequence[str], times: int, chance: random.Random, flips: Flips, say: Say
) -> None:
    """All places, one after the other, on one pair; never raises for what a pair can do wrong."""
    pair = PairDir.at(directory)
    wires = await _wired(pair, chance)
    try:
        with pair_running(directory) as running:
            observer = Observer(find(directory=str(running.root)), on_news=lambda news: None)
            following = asyncio.create_task(observer.follow())
            facts = read_facts(running).units
            tills, offices = (",".join(getattr(unit, port) for unit in facts) for port in ("till", "admin"))
            try:
                await observer.until_duplex(START_S)
                async with Units(tills) as till_units, Units(offices) as office_units:
                    await programme.publish(office_units, programme.sports_club())
                    till = Till(till_units, office_units, chance.randrange(900))
                    run = _Run(Cabinet(running, observer), till, wires, chance, flips)
                    await run.begin()
                    for place in places:
                        await run.place(place, times, say)
            finally:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
    except (TooLong, OSError, WrongAnswer) as problem:
        flips.problems.append(str(problem))
    finally:
        for wire in wires:
            await wire.close()


async def _wired(pair: PairDir, chance: random.Random) -> list[Wire]:
    """The settings of a new pair whose units reach each other through us."""
    settings = await asyncio.to_thread(prepare, pair, "flips", True)
    wires = []
    for unit in (0, 1):
        wire = Wire(settings.units[1 - unit].lockstep.port, chance)
        await wire.open()
        file = pair.config(f"unit{unit}")
        text = file.read_text(encoding="utf-8")
        there = f'peer_address = "{settings.units[unit].lockstep.peer_address}"'
        if there not in text:
            raise OSError(f"{file} does not say {there}")
        file.write_text(text.replace(there, f'peer_address = "127.0.0.1:{wire.port}"'), encoding="utf-8")
        wires.append(wire)
        for section, setting in SETTINGS:
            _set(file, section, setting)
    return wires


def _set(file: Path, section: str, setting: str) -> None:
    """A setting that differs from its default."""
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f"[{section}]\n", f"[{section}]\n{setting}\n", 1), encoding="utf-8")


def _prefix(customer: Customer) -> bytes:
    """All keys of what a member has begin so."""
    slot = (customer.member_id >> 52).to_bytes(2)
    return slot + PROGRAMME.to_bytes(2) + b"M" + customer.member_id.to_bytes(8)


class _Run:
    def __init__(
        self, cabinet: Cabinet, till: Till, wires: list[Wire], chance: random.Random, flips: Flips
    ) -> None:
        self._cabinet, self._till, self._wires = cabinet, till, wires
        self._chance, self._flips = chance, flips
        self._filler: Customer

    async def begin(self) -> None:
        """Somebody whose points fill the log."""
        self._filler = await self._till.customer()

    async def place(self, place: str, times: int, say: Say) -> None:
        """So many effective flips in one place, taking turns between units and kinds."""
        flip: Callable[[int], Awaitable[Flip | None]] = {
            "memory": self._memory,
            "state": self._state,
            "log": self._log,
            "wire": self._wire,
        }[place]
        for number in range(times * TRIES):
            if len(self._flips.effective(place)) >= times:
                return
            found = await flip(number)
            self._flips.calls = self._till.calls
            if found is None:
                self._flips.idle[place] = self._flips.idle.get(place, 0) + 1
                continue
            self._flips.found.append(found)
            if found.convicted not in (-1, found.unit):
                self._flips.problems.append(
                    f"unit {found.convicted} went for a bit of unit {found.unit}: {found}"
                )
            say(
                f"{place} {len(self._flips.effective(place))}/{times}: {found.kind} on unit {found.unit}, "
                f"found after {found.seconds:.2f} s by {found.check}"
            )

    # ---------------------------------------------------------------- live state

    async def _memory(self, number: int) -> Flip | None:
        """A value, a key, or where a key is looked for, of what one member has."""
        unit, kind = number % 2, ("value", "key", "hash")[number // 2 % 3]
        customer = await self._till.customer()
        pids = (self._cabinet.pid(0), self._cabinet.pid(1))
        active = self._cabinet.view.active == unit
        if not await asyncio.to_thread(self._flip_one, pids[unit], kind, customer):
            return None
        began_s = time.monotonic()
        return await self._outcome("memory", kind, unit, active, began_s, pids, customer)

    def _flip_one(self, pid: int, kind: str, customer: Customer) -> bool:
        memory = Memory(pid)
        try:
            held = memory.held(_prefix(customer))
            if not held:
                return False
            self._turn(memory, self._chance.choice(held), kind)
            return True
        finally:
            memory.close()

    def _turn(self, memory: Memory, held: Held, kind: str) -> None:
        if kind == "value":
            memory.flip(held.value_at, self._chance.randrange(8 * len(held.value)))
        elif kind == "key":
            memory.flip(held.key_at, self._chance.randrange(8 * MEMBER_PREFIX_BYTES))
        else:
            memory.flip(held.at, self._chance.randrange(64))

    # ---------------------------------------------------------------- disk

    async def _state(self, number: int) -> Flip | None:
        """A value or a key of what one member has, in the checkpoint on disk."""
        unit, kind = number % 2, ("value", "key")[number // 2 % 2]
        customer = await self._till.customer()
        for _ in range(CHECKPOINT_ENTRIES + 10):
            await self._till.give(self._filler)
        await asyncio.sleep(CHECKPOINT_S)
        pids = (self._cabinet.pid(0), self._cabinet.pid(1))
        state = self._cabinet.pair.data(f"unit{unit}") / "state"
        active = self._cabinet.view.active == unit
        prefix = _prefix(customer)
        if not await asyncio.to_thread(files.flip_state, state, prefix, kind, self._chance):
            return None
        found = await self._outcome("state", kind, unit, active, time.monotonic(), pids, customer)
        if found is None:  # it lies there still: beside the next one it would be two at once
            await self._cabinet.verify(unit)
            await asyncio.sleep(CHECKPOINT_S)
            await self._cabinet.whole_again()
        return found

    async def _log(self, number: int) -> Flip | None:
        """An entry in a segment of the log, old or being written; read again by `ftctl verify`."""
        unit = number % 2
        customer = await self._till.customer()
        directory = self._cabinet.pair.data(f"unit{unit}")
        active = self._cabinet.view.active == unit
        try:
            await asyncio.to_thread(flip_disk.flip_log, directory, self._chance, number // 2 % 2 == 0)
        except flip_disk.NothingToFlip:
            return None
        began_s = time.monotonic()
        said = await self._cabinet.verify(unit)
        seconds = time.monotonic() - began_s
        if not said:
            return None
        mended = await self._cabinet.says(unit, "rot_mended", LOG_S)
        away_s = await self._cabinet.whole_again()
        await self._exercise(customer)
        if not mended:
            self._flips.problems.append(f"unit {unit}: {said} was found and not mended")
        return Flip("log", "value", unit, active, -1, "chain of the log's hashes", seconds, away_s)

    # ---------------------------------------------------------------- wire

    async def _wire(self, number: int) -> Flip | None:
        """Whatever passes next, in either direction."""
        unit = number % 2
        customer = await self._till.customer()
        for one in self._wires:
            one.arm()
        began_s = time.monotonic()
        active = self._cabinet.view.active == unit
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
        return Flip("wire", "value", unit, active, -1, "check of a frame", seconds, away_s)

    # ---------------------------------------------------------------- what came of it

    async def _outcome(
        self,
        place: str,
        kind: str,
        unit: int,
        active: bool,
        began_s: float,
        pids: tuple[int, int],
        customer: Customer,
    ) -> Flip | None:
        """Ask for everything, then see who is gone. Raises WrongAnswer, TooLong."""
        asking = asyncio.create_task(self._exercise(customer))
        found = await self._cabinet.found(pids, FOUND_S)
        seconds = time.monotonic() - began_s
        await asking
        away_s = await self._cabinet.whole_again()
        await self._till.look(customer)
        if found is None:
            return None
        return Flip(place, kind, unit, active, found[0], check_of(found[1]), seconds, away_s)

    async def _exercise(self, customer: Customer) -> None:
        await self._till.look(customer)
        await self._till.give(customer)
        await self._till.look(customer)
