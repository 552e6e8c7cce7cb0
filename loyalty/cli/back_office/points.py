"""`loyalty adjust`: points given or taken by a person, with a reason. Counts once, by its reference."""

from typing import Annotated

import typer

from loyalty.cli import arguments
from loyalty.cli.arguments import Reason, RequestId
from loyalty.cli.clocks import TIME_FORM
from loyalty.cli.desk import Desk, settings
from loyalty.v1 import back_office_pb2 as bo


def adjust(
    context: typer.Context,
    reference: Annotated[str, typer.Option(help="Yours; what makes it count once. As ticket-4711.")],
    member: Annotated[str, typer.Option(help="Phone, member id, card or external id.")],
    points: Annotated[int, typer.Option(help="Below 0: taken, in spending order.")],
    reason: Reason,
    wallet: Annotated[int, typer.Option(help="0 is bonus points.", min=0)] = 0,
    starts: Annotated[str, typer.Option("--from", help=f"{TIME_FORM}; now if left out.")] = "",
    until: Annotated[str, typer.Option(help="Exclusive; without it, the points never end.")] = "",
    priority: Annotated[int, typer.Option(help="Lower ones are spent first.", min=0, max=255)] = 128,
    partner: Annotated[int, typer.Option(help="On whose account; 0: the programme's own.", min=0)] = 0,
    request_id: RequestId = "",
) -> None:
    """Give points, or take them: --points 500, --points -500."""
    options = settings(context)
    request = bo.AdjustRequest(
        request_id=arguments.new_or(request_id),
        programme=options.programme,
        reference=reference,
        member=arguments.member_ref(member),
        wallet=wallet,
        points=points,
        priority=priority,
        partner=partner,
        reason=reason,
    )

    async def work(desk: Desk) -> int:
        clock = desk.clock()
        request.from_ms = clock.read(starts) if starts else 0
        request.until_ms = clock.read(until) if until else 0
        return await desk.do_and_show("Adjust", request)

    options.run(work)
