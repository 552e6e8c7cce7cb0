"""What is still to be posted, to whom, and what was: kept over restarts, and known to the other unit.

Both units have every post. Only the one that tells offers them to the couriers; the other one drops what
it hears was taken, and goes on with the rest should the first one die.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from ftnode.observe.webhook import Courier, Post, Target

TAKEN_MAX: Final = 500  # ids of what was posted; the other unit asks once a second
STUCK_MS: Final = 60_000  # a post that waits longer: somebody else had better tell


class Waiting(Struct):
    """One post, and who has not taken it."""

    id: str
    key: str
    body: bytes
    made_ms: int
    to: list[str]


@dataclass
class Line:
    """How telling one address goes."""

    courier: Courier
    failing: str = ""
    since_ms: int = 0  # since when it fails
    taken_ms: int = 0


class Outbox:
    """See the module. All methods belong to the loop; the couriers' words come in through `soon`."""

    def __init__(
        self,
        targets: Sequence[Target],
        max_entries: int,
        now_ms: Callable[[], int],
        soon: Callable[..., object],
    ) -> None:
        """`soon` calls a function in the loop, from any thread."""
        self.lines: dict[str, Line] = {}
        self.taken: deque[str] = deque(maxlen=TAKEN_MAX)
        self.waiting: dict[str, Waiting] = {}
        self.changed = False  # since it was last written down
        self._max_entries, self._now_ms = max_entries, now_ms
        for target in targets:
            url = target.url

            def taken(id: str, url: str = url) -> None:
                soon(self._taken, url, id)

            def failed(why: str, url: str = url) -> None:
                soon(self._failed, url, why)

            self.lines[url] = Line(Courier(target, taken, failed))

    def start(self) -> None:
        """Let the couriers go."""
        for line in self.lines.values():
            line.courier.start()

    def stop(self) -> None:
        """Nothing more is posted in this life."""
        for line in self.lines.values():
            line.courier.stop()

    def restore(self, waiting: Sequence[Waiting], taken: Sequence[str]) -> None:
        """What the life before left; addresses that are no longer told are forgotten."""
        for post in waiting[-self._max_entries :]:
            post.to = [url for url in post.to if url in self.lines]
            if post.to:
                self.waiting[post.id] = post
        self.taken.extend(taken)

    def add(self, id: str, key: str, body: bytes) -> list[str]:
        """Something to tell; the ids of what had to go for want of room."""
        if not self.lines or id in self.waiting or id in self.taken:
            return []
        self.waiting[id] = Waiting(id, key, body, self._now_ms(), list(self.lines))
        self.changed = True
        gone = list(self.waiting)[: max(0, len(self.waiting) - self._max_entries)]
        for old in gone:
            self._forget(old)
        return gone

    def heard_taken(self, ids: Sequence[str]) -> None:
        """The other unit has told these."""
        for id in ids:
            if id in self.waiting:
                self._forget(id)
                self.taken.append(id)

    def offer(self, lead: bool, ready: Callable[[Waiting], bool]) -> None:
        """Hand to the couriers what is ready; take it back from them if somebody else tells."""
        for post in self.waiting.values():
            for url in post.to:
                courier = self.lines[url].courier
                if not lead:
                    courier.drop(post.id)
                elif ready(post):
                    courier.offer(Post(post.id, post.key, post.body))

    def waiting_for(self, url: str) -> int:
        """Posts that this address has not taken."""
        return sum(url in post.to for post in self.waiting.values())

    @property
    def can_tell(self) -> bool:
        """Whether there is an address that takes what it is told."""
        now_ms = self._now_ms()
        return any(not line.failing or now_ms - line.since_ms < STUCK_MS for line in self.lines.values())

    def _taken(self, url: str, id: str) -> None:
        line = self.lines[url]
        line.failing, line.taken_ms = "", self._now_ms()
        post = self.waiting.get(id)
        if post is None or url not in post.to:
            return
        post.to.remove(url)
        self.changed = True
        if not post.to:
            self._forget(id)
            self.taken.append(id)

    def _failed(self, url: str, why: str) -> None:
        line = self.lines[url]
        if not line.failing:
            line.since_ms = self._now_ms()
        line.failing = why

    def _forget(self, id: str) -> None:
        for url in self.waiting.pop(id).to:
            self.lines[url].courier.drop(id)
        self.changed = True
