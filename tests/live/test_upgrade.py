"""A real pair goes to its next version under traffic; the whole of it is `make upgrade`."""

from pathlib import Path

import pytest

from chaos.live.upgrade.cabinet import NEXT
from chaos.live.upgrade.next_program import DoesNotFit, Edit, apply, make
from chaos.live.upgrade.stories import Stage, Story, both_to, play

pytestmark = pytest.mark.live


async def test_mixed_then_switched_and_no_call_is_refused(tmp_path: Path) -> None:
    """Each unit in turn gets the next program; no switch while mixed, one when both have it. Tills see the
    old rule, then the new one, no call is refused, and both units end with one digest."""

    async def through(stage: Stage) -> None:
        first = 1 - await stage.cabinet.active()
        await stage.cabinet.install(first, NEXT)
        status, said = await stage.cabinet.ask("upgrade", "switch", "--yes", "--to", "3")
        assert (status, "not 3: start it with a program that has it" in said) == (1, True), said
        await both_to(stage, NEXT)
        assert stage.told.by_rule == 0
        assert (await stage.cabinet.ask("upgrade", "switch", "--yes"))[0] == 0
        await stage.rule_is(True, "switched")

    told = await play(Story("short", "", through), tmp_path, 1)
    assert told.problems == []
    assert told.figures["by_rule"] > 0
    assert told.figures["wide_done"] > 0


def test_the_next_program_is_todays_but_for_its_edits(tmp_path: Path) -> None:
    """An edit that finds no place for itself is an error, not a program that differs in nothing."""
    made = make(tmp_path / "next")
    assert "NextEngine(), Engine()" in (made / "ftnode/app.py").read_text()
    with pytest.raises(DoesNotFit, match="stands there 0 times; want once"):
        apply(made / "ftnode/app.py", Edit("ftnode/app.py", "no such line", "x"), {})
