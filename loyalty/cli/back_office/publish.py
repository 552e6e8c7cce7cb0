"""Publishing: the plan is shown, the person is asked, what is new or changed is sent in order."""

import json
from collections.abc import Sequence
from typing import Any

import typer

from loyalty.cli.back_office.checks import place_of
from loyalty.cli.back_office.plan import Change, State, tell_plan
from loyalty.cli.console import say
from loyalty.cli.desk import Desk, agree
from loyalty.cli.show import EXIT_DONE, EXIT_NOT_TAKEN, as_dict, exit_status
from loyalty.client.answers import Answer, Done, Rejected


async def publish(desk: Desk, changes: Sequence[Change], text: str, yes: bool, only_plan: bool) -> int:
    """Publish what is not the same already.

    Args:
        changes: in the order in which they are to be published.
        text: the file's, to show where a refused thing stands.
        only_plan: show what would be done, and do nothing.

    Returns:
        The exit status: 0 all is in force, or the status of the first thing that was not taken in. What
        comes after that one is not sent; publishing again goes on where it stopped.
    """
    wanted = [change for change in changes if change.state is not State.SAME]
    if desk.options.as_json:
        return await _publish_for_programs(desk, changes, wanted, yes, only_plan)
    tell_plan(changes)
    if not wanted:
        say("nothing to publish: all of it is in force")
        return EXIT_DONE
    if only_plan:
        return EXIT_DONE
    if not await agree(f"Publish {len(wanted)}?", yes):
        return EXIT_NOT_TAKEN
    answers = await _send(desk, wanted)
    last = answers[-1]
    if isinstance(last, Done):
        return EXIT_DONE
    await _tell_stopped(desk, wanted, answers, text)
    return exit_status(last)


async def _send(desk: Desk, changes: Sequence[Change]) -> list[Answer[Any]]:
    """One after the other, until one is not done."""
    answers: list[Answer[Any]] = []
    for change in changes:
        answer = await desk.do(change.method, change.request, until_definite=True)
        answers.append(answer)
        if not isinstance(answer, Done):
            break
        if not desk.options.as_json:
            say(("published", "green"), f"  {change.title}: version {answer.outcome.version}")
    return answers


async def _tell_stopped(
    desk: Desk, changes: Sequence[Change], answers: Sequence[Answer[Any]], text: str
) -> None:
    stopped, answer = changes[len(answers) - 1], answers[-1]
    say(("not published", "red"), f"  {stopped.title}:")
    await desk.show(answer)
    if isinstance(answer, Rejected) and answer.field:
        view = await desk.view()
        place = place_of(text, stopped.path, answer.field, answer.acceptable, view.decimals())
        say(str(place))
    left = len(changes) - len(answers)
    say(f"{len(answers) - 1} published before it, {left} not sent; publish again, it goes on from here")


async def _publish_for_programs(
    desk: Desk, changes: Sequence[Change], wanted: Sequence[Change], yes: bool, only_plan: bool
) -> int:
    if wanted and not yes and not only_plan:
        raise typer.BadParameter("with --json there is nobody to ask: add --yes, or --plan")
    answers = [] if only_plan else await _send(desk, wanted)
    bad = next((answer for answer in answers if not isinstance(answer, Done)), None)
    told = {
        "plan": [_change_dict(change) for change in changes],
        "published": sum(isinstance(answer, Done) for answer in answers),
        "stopped_by": as_dict(bad) if bad else None,
    }
    print(json.dumps(told))
    return exit_status(bad) if bad else EXIT_DONE


def _change_dict(change: Change) -> dict[str, Any]:
    what = {"part": str(change.part), "number": change.number, "name": change.name}
    return {**what, "state": str(change.state), "differences": list(change.differences)}
