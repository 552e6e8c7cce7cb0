"""What a person sees of a run: on a terminal a picture that moves, elsewhere lines."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from ftnode.ctl.show import picture
from ftnode.ctl.view import PairView

NEWS_SHOWN: Final = 12
CLUB_EVERY: Final = 5  # of the tills' lines, where nothing moves
COLOURS: Final = {
    "hands": "magenta",
    "pair": "cyan",
    "tills": "green",
    "judge": "yellow",
    "club": "blue",
    "stage": "white",
}


@dataclass(slots=True)
class Screen:
    """Hears everything; shows it. Threads may speak at once."""

    console: Console
    began_s: float = field(default_factory=time.monotonic)
    news: deque[Text] = field(default_factory=lambda: deque(maxlen=NEWS_SHOWN))
    view: PairView | None = None
    tills: str = "not yet"
    club: str = ""
    _seen: int = 0
    _live: Live | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, who: str, text: str) -> None:
        """One line about something that happened or was done."""
        line = Text.assemble(
            (f"{self._clock()}  ", "dim"), (f"{who:<6}", f"bold {COLOURS.get(who, 'white')}"), f"  {text}"
        )
        with self._lock:
            self.news.append(line)
            if self._live is None:
                self.console.print(line, soft_wrap=True, highlight=False)
            else:
                self._live.update(self._picture(), refresh=True)

    def see(self, view: PairView) -> None:
        """The pair as it is now; lines say nothing of it until something changes."""
        with self._lock:
            self.view = view
            if self._live is not None:
                self._live.update(self._picture(), refresh=True)

    def see_tills(self, tills: str, club: str) -> None:
        """How the tills fared in the last second, and what they have sold by now."""
        self.tills, self.club = tills, club
        self._seen += 1
        if self._live is not None:
            return
        self.say("tills", tills)
        if self._seen % CLUB_EVERY == 0:
            self.say("club", club)

    @contextmanager
    def moving(self) -> Iterator[None]:
        """On a terminal, draw in place meanwhile; afterwards the news stay to be read."""
        if not self.console.is_terminal:
            yield
            return
        with Live(console=self.console, auto_refresh=False, screen=True) as self._live:
            yield
        self._live = None
        for line in self.news:
            self.console.print(line, soft_wrap=True)

    def _picture(self) -> RenderableType:
        drawn: list[RenderableType] = []
        if self.view is not None:
            drawn.append(picture(self.view, self.console.width))
        drawn.append(Text.assemble(("tills  ", "bold green"), self.tills))
        drawn.append(Text.assemble(("club   ", "bold blue"), self.club))
        return Group(*drawn, Text(), *self.news)

    def _clock(self) -> str:
        minutes, seconds = divmod(time.monotonic() - self.began_s, 60)
        return f"{int(minutes):02d}:{seconds:04.1f}"
