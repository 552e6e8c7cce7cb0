"""One pair whose units reach each other through us, and all the flips that are asked for."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from chaos.live import programme
from chaos.live.flips.cabinet import Cabinet
from chaos.live.flips.report import Flips
from chaos.live.flips.stories import CHECKPOINT_ENTRIES, Say, Stories
from chaos.live.flips.till import Till, WrongAnswer
from chaos.live.flips.wire import Wire
from chaos.live.observer import Observer, TooLong
from chaos.live.stage import pair_running
from ftnode.ctl.where import find
from ftnode.pair.files import prepare
from ftnode.pair.layout import PairDir, read_facts
from loyalty.client.units import Units

PLACES: Final = ("memory", "state", "log", "wire")
START_S: Final = 60.0
SETTINGS: Final = (
    ("state", f"checkpoint_entries = {CHECKPOINT_ENTRIES}"),
    # Nobody goes because the machine is busy: a unit that is alone is compared with nobody.
    ("hardware", "ill_after_ms = 600000"),
    ("timing", "silence_ms = 1500\nslow_standby_ms = 3000"),
)


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
                    stories = Stories(Cabinet(running, observer), till, wires, chance, flips)
                    await stories.begin()
                    for place in places:
                        await stories.place(place, times, say)
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
