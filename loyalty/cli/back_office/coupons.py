"""`loyalty coupon`: codes that let a promotion apply."""

from typing import Annotated

import typer

from loyalty.cli import arguments
from loyalty.cli.arguments import RequestId
from loyalty.cli.clocks import TIME_FORM
from loyalty.cli.desk import Desk, settings
from loyalty.v1 import back_office_pb2 as bo

app = typer.Typer(
    help="Coupons: make one for a member or for whoever has it, look one up.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def show(
    context: typer.Context, code: Annotated[str, typer.Argument(help="As printed, in any case.")]
) -> None:
    """Whose it is, and how often it was used."""
    options = settings(context)
    options.ask("GetCoupon", bo.GetCouponRequest(programme=options.programme, code=code))


@app.command()
def issue(
    context: typer.Context,
    promotion: Annotated[int, typer.Option(help="The promotion that it lets apply.", min=1)],
    code: Annotated[str, typer.Option(help="4 to 32 of A-Z 0-9 and hyphen; made if left out.")] = "",
    times: Annotated[int, typer.Option(help="On how many receipts.", min=1)] = 1,
    starts: Annotated[str, typer.Option("--from", help=f"{TIME_FORM}; now if left out.")] = "",
    until: Annotated[str, typer.Option(help="Exclusive; without it, it never ends.")] = "",
    owner: Annotated[str, typer.Option(help="Member whose it is; whoever has it if left out.")] = "",
    request_id: RequestId = "",
) -> None:
    """Make a coupon."""
    options = settings(context)
    request = bo.IssueCouponRequest(
        request_id=arguments.new_or(request_id),
        programme=options.programme,
        code=code,
        promotion=promotion,
        times=times,
        owner=arguments.member_ref(owner) if owner else None,
    )

    async def work(desk: Desk) -> int:
        clock = desk.clock()
        request.from_ms = clock.read(starts) if starts else 0
        request.until_ms = clock.read(until) if until else 0
        return await desk.do_and_show("IssueCoupon", request)

    options.run(work)
