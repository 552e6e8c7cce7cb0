"""What waits to be posted: by one of two units, over deaths and restarts, in bounds."""

from collections.abc import Callable

import pytest

from ftnode.observe.webhook import Post, Target
from ftnode.shell import outbox
from ftnode.shell.outbox import STUCK_MS, Outbox

URLS = ("https://a.example/x", "https://b.example/y")


class FakeCourier:
    """Notes what it is given."""

    def __init__(self, target: Target, taken: Callable[[str], None], failed: Callable[[str], None]) -> None:
        self.target, self.taken, self.failed = target, taken, failed
        self.has: dict[str, Post] = {}

    def offer(self, what: Post) -> None:
        self.has[what.id] = what

    def drop(self, id: str) -> None:
        self.has.pop(id, None)


class World:
    """An outbox, its couriers and its clock."""

    def __init__(self, max_entries: int = 100) -> None:
        self.now_ms = 1000
        targets = [Target(url, 1, 1, 1) for url in URLS]
        self.box = Outbox(targets, max_entries, lambda: self.now_ms, lambda do, *words: do(*words))
        self.couriers: list[FakeCourier] = [line.courier for line in self.box.lines.values()]  # type: ignore[misc]

    def can_tell(self) -> bool:
        return self.box.can_tell

    def has(self) -> list[set[str]]:
        return [set(courier.has) for courier in self.couriers]


@pytest.fixture(autouse=True)
def _couriers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "Courier", FakeCourier)


def test_taken_when_every_address_has_it() -> None:
    """One that has it is not offered it again; the other one is, for as long as it takes."""
    world = World()
    assert world.box.add("1", "k", b"body") == []
    assert world.has() == [set(), set()], "not before it is ready"
    world.box.offer(True, lambda post: False)
    assert world.has() == [set(), set()]
    world.box.offer(True, lambda post: True)
    assert world.has() == [{"1"}, {"1"}]
    world.couriers[0].taken("1")
    assert list(world.box.taken) == []
    world.couriers[0].has.clear()
    world.box.offer(True, lambda post: True)
    assert world.has() == [set(), {"1"}]
    world.couriers[1].taken("1")
    assert (list(world.box.taken), world.box.waiting) == (["1"], {})
    world.box.add("1", "k", b"body")
    assert world.box.waiting == {}, "never again"


def test_only_the_unit_that_tells_posts_and_the_other_one_can_go_on() -> None:
    """Both have it; what the teller posted the other one drops; the rest it posts when it has to."""
    zero, one = World(), World()
    for world in (zero, one):
        world.box.add("1", "k", b"x")
        world.box.add("2", "k", b"x")
    zero.box.offer(True, lambda post: True)
    one.box.offer(False, lambda post: True)
    assert one.has() == [set(), set()]
    for courier in zero.couriers:
        courier.taken("1")
    one.box.heard_taken(list(zero.box.taken))
    one.box.offer(True, lambda post: True)  # unit 0 is silent now
    assert one.has() == [{"2"}, {"2"}]
    one.box.offer(False, lambda post: True)
    assert one.has() == [set(), set()], "unit 0 is back"


def test_a_restart_goes_on_with_what_waits() -> None:
    before, after = World(), World()
    before.box.add("1", "k", b"x")
    before.box.add("2", "k", b"x")
    before.couriers[0].taken("1")
    waiting = list(before.box.waiting.values())
    waiting[1].to.append("https://gone.example/")
    after.box.restore(waiting, ["0"])
    after.box.offer(True, lambda post: True)
    assert after.has() == [{"2"}, {"1", "2"}]
    after.box.add("0", "k", b"x")
    assert "0" not in after.box.waiting


def test_the_oldest_go_when_too_many_wait() -> None:
    world = World(max_entries=3)
    gone = [world.box.add(str(number), "k", b"x") for number in range(5)]
    assert gone == [[], [], [], ["0"], ["1"]]
    assert list(world.box.waiting) == ["2", "3", "4"]


def test_who_cannot_tell_says_so() -> None:
    """A minute without success at every address: the other unit had better tell."""
    world = World()
    world.couriers[0].failed("down")
    world.now_ms += STUCK_MS
    assert world.can_tell(), "the other address has not failed"
    world.couriers[1].failed("down, too")
    assert world.can_tell()
    world.now_ms += STUCK_MS
    assert not world.can_tell()
    world.box.add("1", "k", b"x")
    world.couriers[0].taken("1")
    assert world.can_tell()
