"""A real pair whose one clock is off by more than points last, and `ftctl set-time`. See `make clocks`."""

import subprocess
import time
from pathlib import Path

import pytest

from chaos.live.clock_stories import STORIES, Stage, Story, play
from chaos.live.shim import WrongClock, build, missing_for_shim, wrapped
from ftnode.pair.layout import PairDir
from tests.live.kit import BIN

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(bool(missing_for_shim()), reason=missing_for_shim()),
]


def test_a_process_sees_its_own_clocks_and_nobody_else_does(tmp_path: Path) -> None:
    """An offset, then a rate, changed while it runs; a sleep lasts as long as the process believes."""
    clock = WrongClock(build(tmp_path), tmp_path / "clock")
    script = (
        "import sys, time\n"
        "for line in sys.stdin:\n"
        "    began = time.monotonic(); time.sleep(0.2)\n"
        "    print(time.time(), time.monotonic(), time.monotonic() - began, flush=True)\n"
    )
    command = [*wrapped(clock), "python3", "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def shown() -> tuple[float, ...]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            return tuple(float(word) for word in process.stdout.readline().split())

        wall, mono, _ = shown()
        assert abs(wall - time.time()) < 5
        assert abs(mono - time.monotonic()) < 5
        clock.set_off(-86_400)
        assert abs(shown()[0] - time.time() + 86_400) < 5
        clock.run_at(1_000_000)  # twice as fast: two sleeps of 0.2 s take 0.2 s at least
        shown()
        _, mono, slept = shown()
        assert slept >= 0.2
        assert mono - time.monotonic() > 0.15
        process.stdin.close()  # type: ignore[union-attr]


async def test_a_year_ahead_ends_no_points_and_time_is_set_forward_only(tmp_path: Path) -> None:
    """The active's clock leaps beyond the end of all points: they stay, it is named, nobody takes over.

    Then the operator steps log time: not back, not beyond every clock, and by a minute; both units go on.
    """
    said: list[str] = []

    async def ahead_then_set(stage: Stage) -> None:
        await year_ahead.play(stage)
        for step_s in (-3600, 10 * 365 * 86_400, 60):
            said.append(_set_time(stage.cabinet.pair, stage, time.time() + step_s))

    year_ahead = next(story for story in STORIES if story.name == "year-ahead")
    told = await play(Story("year-ahead", year_ahead.why, ahead_then_set), tmp_path)
    ahead_ms = told.figures["log_time_ahead_at_the_end_ms"]
    assert 30_000 <= ahead_ms <= 60_000  # it was asked a moment before it was done
    assert told.problems == [
        f"log time was {told.figures['log_time_ahead_ms']} ms ahead"
    ]  # as it was told to be
    assert told.figures["active"] == [0]
    assert "never goes back" in said[0]
    assert "beyond every clock" in said[1]
    assert "on both units" in said[2]


def _set_time(pair: PairDir, stage: Stage, at_s: float) -> str:
    text = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at_s))
    where = stage.cabinet.where
    command = [str(BIN / "ftctl"), "--units", ",".join(where.units), "set-time", text, "--yes"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, cwd=pair.root)
    return done.stdout + done.stderr
