"""The till at a keyboard, or at a pipe: input in this thread, everything else in a loop of its own.

So what waits is sent while the cashier thinks, and Ctrl-C is an ordinary end at any moment.
"""

import asyncio
import json
import sys
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console

from loyalty.cli.till import screens, session
from loyalty.cli.till.articles import Articles
from loyalty.cli.till.draw import WIDTH_CHARS, Painter
from loyalty.cli.till.interrupt import never_lost
from loyalty.cli.till.plain import as_dict
from loyalty.cli.till.state import Place, State
from loyalty.cli.till.uplink import Uplink
from loyalty.client.client import TillClient
from loyalty.client.clock import SystemClock
from loyalty.client.connect import credentials
from loyalty.client.outbox import Outbox
from loyalty.client.units import Units

Result = TypeVar("Result")


@dataclass
class Till:
    """What is open while a till is."""

    state: State
    units: Units
    outbox: Outbox
    ticker: asyncio.Task[None]


def run(settings: Any, place: Place, file: Path, articles: Articles, as_json: bool) -> None:
    """Answer one line after the other until there are no more.

    Args:
        settings: of the `loyalty` command: targets, policy, certificates.

    Raises:
        OutboxError: the outbox cannot be had.
        ValueError, OSError: a target or a certificate that is none.
    """
    show = _shower(place, as_json)
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="till", daemon=True).start()

    def do(work: Coroutine[Any, Any, Result]) -> Result:
        doing = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return doing.result()
        except KeyboardInterrupt:
            doing.cancel()  # what was put is in the outbox
            raise

    till = do(_open(settings, place, file, articles))
    try:
        show(do(session.start(till.state)))
        with never_lost(loop):
            while not till.state.ended and (text := _next_line(place, as_json)) is not None:
                if till.ticker.done():
                    till.ticker.result()  # a mistake of ours: nothing would be sent any more
                show(do(session.handle(till.state, text)))
    except KeyboardInterrupt:
        if not as_json:
            print()  # ^C stands there
    finally:
        farewell = None if till.state.ended else do(session.handle(till.state, "quit"))
        do(_close(till))
    if farewell is not None:
        show(farewell)


async def _open(settings: Any, place: Place, file: Path, articles: Articles) -> Till:
    tls = credentials(settings.ca, settings.certificate, settings.key)
    clock = SystemClock()
    outbox = Outbox.open(file, clock)
    try:
        units = Units(settings.targets, settings.policy, tls)
        uplink = Uplink(outbox, TillClient(units), clock)
        state = State(place, uplink, articles)
        return Till(state, units, outbox, asyncio.create_task(_tick(uplink, clock)))
    except BaseException:
        outbox.close()
        raise


async def _close(till: Till) -> None:
    till.ticker.cancel()
    await asyncio.wait([till.ticker])
    await till.units.close()
    till.outbox.close()


async def _tick(uplink: Uplink, clock: SystemClock) -> None:
    while True:
        await uplink.tick()
        await clock.sleep_ms(uplink.IDLE_MS)


def _next_line(place: Place, as_json: bool) -> str | None:
    """None: there is no more."""
    if sys.stdin.isatty() and not as_json:
        try:
            return input(f"{place.name} > ")
        except EOFError:
            print()
            return None
    text = sys.stdin.readline()
    if not text:
        return None
    if not as_json:
        print(f"> {text.rstrip()}")  # a transcript shows what was asked
    return text


def _shower(place: Place, as_json: bool) -> Callable[[screens.Answer], None]:
    """Also gets the terminal ready."""
    for stream in (sys.stdin, sys.stdout):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    console = Console(width=None if sys.stdout.isatty() else WIDTH_CHARS)
    painter = Painter(console, place)
    if as_json:
        return lambda answer: print(json.dumps(as_dict(answer, painter.drawn)), flush=True)
    if sys.stdin.isatty():
        import readline  # noqa: F401  # what was typed before comes back with the arrow keys
    return painter.show
