"""A call to the witness in a world of `tests.core.world`: lost, late, or answered."""

from typing import TYPE_CHECKING, Final

from ftnode.core import events as ev
from ftnode.core.record import Record

if TYPE_CHECKING:
    from tests.core.world import World

WITNESS_DEADLINE_MS: Final = 300


def ask(
    world: "World", at: int, op: int, expected: Record | None, wanted: Record | None, told_seq: int
) -> None:
    """Read, or swap if something is wanted. An answer comes, or silence does."""
    life, weather, draw = world.nodes[at].life, world.weather, world.random
    answered = [False]

    def answer(event: ev.Event) -> None:
        if not answered[0] and world.nodes[at].life == life:
            answered[0] = True
            world.feed(at, event)

    def decide() -> None:
        world.swaps -= wanted is not None
        won = wanted is not None and expected == world.record
        if won and wanted is not None:
            world.record = wanted
            world.judge.recorded()
        floor_seq = world.told_seq = max(world.told_seq, told_seq)
        now_ms = world.now_ms
        read = ev.RecordRead(now_ms, op, world.record, floor_seq, world.wall_ms(2), won, now_ms)
        if world.witness_up[at] and draw.random() >= weather.lost:
            world.later(draw.randint(0, weather.witness_ms), lambda: answer(read))

    if world.witness_up[at] and draw.random() >= weather.lost:
        world.swaps += wanted is not None
        late_ms = 3_000 if wanted is not None and draw.random() < weather.lost else weather.witness_ms
        world.later(draw.randint(0, late_ms), decide)
    world.later(WITNESS_DEADLINE_MS, lambda: answer(ev.WitnessSilent(world.now_ms, op)))
