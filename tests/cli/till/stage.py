"""A till on a stage: the real conversation and outbox, a fake line and clock, a world that a script moves.

A session is a text file. `> ` is what the cashier types, `! ` what happens in the world, the rest is what the
screen says. Worlds' words are in `Stage.happen`.
"""

from collections.abc import Callable, Iterator
from datetime import UTC
from io import StringIO
from pathlib import Path

from rich.console import Console

from loyalty.cli.till import screens, session
from loyalty.cli.till.articles import Articles, read_articles
from loyalty.cli.till.draw import WIDTH_CHARS, Painter
from loyalty.cli.till.state import Place, State
from loyalty.cli.till.uplink import Uplink
from loyalty.client.client import TillClient
from loyalty.client.outbox import Outbox
from tests.client.fake import BUSY, DO_AND_DROP, DROP, OK, REFUSE
from tests.client.line import STRANGER, FakeClock, FakeLine
from tests.client.shop import Shop

ARTICLES = Path(__file__).with_name("articles.csv")
PLACE = Place(store=17, terminal=3, zone=UTC)
MINUTE_MS = 60_000


class Stage:
    """One till and its world."""

    def __init__(self, directory: Path, articles: Articles | None = None) -> None:
        self.path = directory / "till.outbox"
        self.clock = FakeClock()
        self.shop = Shop()
        self.line = FakeLine(self.shop, self.clock)
        self.articles = articles if articles is not None else read_articles(ARTICLES, PLACE.exponent)
        self.ids = iter(range(1, 100_000))
        self.out = StringIO()
        self.painter = Painter(Console(file=self.out, width=WIDTH_CHARS), PLACE)
        self.begin()

    def begin(self) -> None:
        """A till is switched on."""
        self.outbox = Outbox.open(self.path, self.clock)
        line = FakeLine(self.shop, self.clock)  # it has seen no time yet
        line.script, self.line = self.line.script, line
        uplink = Uplink(self.outbox, TillClient(line), self.clock, chance=lambda: 1.0)
        self.state = State(PLACE, uplink, self.articles, new_id=lambda: next(self.ids).to_bytes(16, "big"))

    async def started(self) -> screens.Answer:
        return await session.start(self.state)

    async def type(self, text: str) -> screens.Answer:
        return await session.handle(self.state, text)

    async def happen(self, what: str) -> screens.Answer | None:
        """Something in the world; an answer if the till greets anew."""
        match what.split():
            case ["nobody", "answers"]:
                self.line.script = [DROP]
            case ["somebody", "answers"]:
                self.line.script = [OK]
            case ["answers", "get", "lost"]:
                self.line.script = [DO_AND_DROP]
            case ["the", "next", "answer", "gets", "lost"]:
                self.line.script = [DO_AND_DROP, OK]
            case ["the", "pair", "is", "busy"]:
                self.line.script = [BUSY]
            case ["the", "door", "refuses"]:
                self.line.script = [REFUSE, OK]
            case ["a", "stranger", "answers"]:
                self.line.script = [STRANGER]
            case ["double", "points"]:
                self.shop.bonus_percent = 100
            case [minutes, "minutes", "pass"]:
                await self.wait(int(minutes))
            case ["the", "till", "is", "killed"]:
                self.kill()
                return await self.started()
            case ["the", "disk", "is", "replaced"]:
                self.kill(lambda: self.path.unlink())
            case _:
                raise ValueError(f"nothing of the kind happens here: {what}")
        return None

    async def wait(self, minutes: int) -> None:
        """The background does what it does."""
        until_ms = self.clock.now_ms() + minutes * MINUTE_MS
        while self.clock.now_ms() < until_ms:
            await self.state.uplink.tick()
            await self.clock.sleep_ms(Uplink.IDLE_MS)

    def kill(self, then: Callable[[], None] = lambda: None) -> None:
        """Whatever it had in mind is gone; the kernel gives its lock back."""
        self.outbox._connection.close()
        self.outbox._lock.release()
        then()
        self.begin()

    def drawn(self, answer: screens.Answer) -> list[str]:
        """What the screen says, without spaces that nobody sees."""
        self.painter.show(answer)
        text = self.out.getvalue().replace(str(self.path.parent), "")
        self.out.seek(0)
        self.out.truncate()
        return [line.rstrip() for line in text.splitlines()]


async def play(script: str, stage: Stage) -> str:
    """The whole session as it goes now."""
    told: list[str] = []
    for line in _cues(script):
        told.append(line)
        answer = None
        if line.startswith("> "):
            answer = await stage.type(line[2:])
        elif line.startswith("! "):
            answer = await stage.happen(line[2:])
        if answer is not None:
            told += [*stage.drawn(answer), ""]
    return "\n".join(told).rstrip() + "\n"


def _cues(script: str) -> Iterator[str]:
    for line in script.splitlines():
        if line.startswith(("> ", "! ", "# ")):
            yield line
