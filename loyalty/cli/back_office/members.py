"""`loyalty member`: who a person is, changed with a reason; blocked, and merged with another."""

from typing import Annotated, Any

import typer

from loyalty.cli import arguments
from loyalty.cli.arguments import Member, Reason, RequestId, Yes
from loyalty.cli.clocks import read_day
from loyalty.cli.console import say
from loyalty.cli.desk import Desk, agree, settings
from loyalty.cli.show import EXIT_NOT_TAKEN
from loyalty.cli.tell import tell
from loyalty.text.errors import TextError
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

HELP = """Members: show one, change what is known of him, block him, merge two into one.

Every change needs a --reason, which stays in the member's statement.
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)

Several = Annotated[list[str] | None, typer.Option(help="May be repeated.")]
Birthday = Annotated[str | None, typer.Option(help="1990-03-14, or 03-14; empty: not told.")]


@app.command()
def show(context: typer.Context, member: Member) -> None:
    """All that is known of a person, and his points."""
    options = settings(context)
    request = till.FindMemberRequest(programme=options.programme, member=arguments.member_ref(member))
    options.ask("FindMember", request)


@app.command()
def change(
    context: typer.Context,
    member: Member,
    reason: Reason,
    phone: Annotated[str | None, typer.Option(help="The new number; empty: none any more.")] = None,
    phone_passed_on: Annotated[
        bool,
        typer.Option("--phone-passed-on", help="Take the number from whoever had it; his points stay his."),
    ] = False,
    add_card: Several = None,
    remove_card: Annotated[list[str] | None, typer.Option(help="Lost; may be repeated.")] = None,
    add_external: Several = None,
    remove_external: Several = None,
    birthday: Birthday = None,
    language: Annotated[str | None, typer.Option(help="As de.")] = None,
    city: Annotated[str | None, typer.Option(help="Where he lives.")] = None,
    add_consent: Annotated[
        list[str] | None, typer.Option(help="Channel he wants to hear from; as sms.")
    ] = None,
    remove_consent: Several = None,
    add_segment: Annotated[list[str] | None, typer.Option(help="Group that promotions name.")] = None,
    remove_segment: Several = None,
    request_id: RequestId = "",
) -> None:
    """Change what is known of a person; what is not given stays as it is."""
    options = settings(context)
    request = bo.ChangeMemberRequest(
        request_id=arguments.new_or(request_id),
        programme=options.programme,
        member=arguments.member_ref(member),
        reason=reason,
        phone=phone,
        phone_passed_on=phone_passed_on,
        add_cards=add_card or [],
        remove_cards=remove_card or [],
        add_externals=add_external or [],
        remove_externals=remove_external or [],
    )
    texts = {"language": language, "city": city}
    consents, segments = (add_consent, remove_consent), (add_segment, remove_segment)

    async def work(desk: Desk) -> int:
        if birthday is not None or any(
            value is not None for value in (*texts.values(), *consents, *segments)
        ):
            profile = (await desk.member(member)).profile  # a profile is sent as a whole
            profile.birthday = profile.birthday if birthday is None else read_birthday(birthday)
            for name, text in texts.items():
                setattr(profile, name, getattr(profile, name) if text is None else text)
            _replace(profile.consents, *consents)
            _replace(profile.segments, *segments)
            request.profile.CopyFrom(profile)
        return await desk.do_and_show("ChangeMember", request)

    options.run(work)


def _replace(names: Any, added: list[str] | None, removed: list[str] | None) -> None:
    """A field of names with some more and some fewer, in order, each once."""
    kept = [name for name in names if name not in (removed or ())]
    names[:] = list(dict.fromkeys([*kept, *(added or ())]))


def read_birthday(text: str) -> int:
    """1990-03-14 as 19900314, 03-14 as 314, nothing as 0."""
    if not text:
        return 0
    if len(text) != 5:
        return read_day(text)
    try:
        return read_day(f"2000-{text}") - 20_000_000
    except TextError:
        raise TextError(f"{text!r} is no birthday", "1990-03-14 or 03-14") from None


@app.command()
def block(
    context: typer.Context, member: Member, reason: Reason, yes: Yes = False, request_id: RequestId = ""
) -> None:
    """He earns and returns, and never spends, until he is unblocked. Asks first."""
    options = settings(context)

    async def work(desk: Desk) -> int:
        await _introduce(desk, member, yes)
        if not await agree("Block this member?", yes, options.as_json):
            return EXIT_NOT_TAKEN
        return await _set_status(desk, member, common.STATUS_BLOCKED, reason, request_id)

    options.run(work)


@app.command()
def unblock(context: typer.Context, member: Member, reason: Reason, request_id: RequestId = "") -> None:
    """He may spend again."""
    options = settings(context)
    options.run(lambda desk: _set_status(desk, member, common.STATUS_ACTIVE, reason, request_id))


async def _set_status(desk: Desk, member: str, status: Any, reason: str, request_id: str) -> int:
    request = bo.ChangeMemberRequest(
        request_id=arguments.new_or(request_id),
        programme=desk.programme,
        member=arguments.member_ref(member),
        reason=reason,
        status=status,
    )
    return await desk.do_and_show("ChangeMember", request)


@app.command()
def merge(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Who is found as the other from now on.")],
    target: Annotated[str, typer.Argument(metavar="TARGET", help="Who stays.")],
    reason: Reason,
    yes: Yes = False,
    request_id: RequestId = "",
) -> None:
    """Two members are one person: everything of SOURCE goes to TARGET. There is no way back; asks first."""
    options = settings(context)
    request = bo.MergeMembersRequest(
        request_id=arguments.new_or(request_id),
        programme=options.programme,
        source=arguments.member_ref(source),
        target=arguments.member_ref(target),
        reason=reason,
    )

    async def work(desk: Desk) -> int:
        away = await _introduce(desk, source, yes, "this member ...")
        into = await _introduce(desk, target, yes, "... becomes a part of this one:")
        if away and into and away.phone and into.phone:
            say(f"{away.phone} leads to nobody any more then")
        if not await agree("Merge them, for good?", yes, options.as_json):
            return EXIT_NOT_TAKEN
        return await desk.do_and_show("MergeMembers", request)

    options.run(work)


async def _introduce(desk: Desk, member: str, yes: bool, title: str = "") -> till.FindMemberDone | None:
    """Show who is meant, if somebody is asked."""
    if yes or desk.options.as_json:
        return None
    found = await desk.member(member)
    if title:
        say((title, "bold"))
    tell(found, await desk.view())
    return found
