"""`loyalty store`: stores are registered, changed and shown. Their zones are written out as numbers here."""

import re
from typing import Annotated

import typer

from loyalty.cli import arguments
from loyalty.cli.arguments import RequestId
from loyalty.cli.desk import Desk, settings
from loyalty.text.instants import default_years, expand_zone
from loyalty.v1 import back_office_pb2 as bo

HELP = """Stores: register one, change it, show it.

`define` of a store that is there changes what is given and leaves the rest as it is. The pair knows no zone
database: the zone's changes of the clock are written out for --years, so define a store again in time.
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)

Number = Annotated[int, typer.Argument(metavar="STORE", help="The store's number.", min=1)]
_YEARS = re.compile(r"(\d{4})\.\.(\d{4})")


@app.command()
def show(context: typer.Context, store: Number) -> None:
    """What is known of a store."""
    options = settings(context)
    request = bo.GetStoreRequest(programme=options.programme, store=store)
    options.run(lambda desk: desk.ask_and_show("GetStore", request, store))


@app.command()
def define(
    context: typer.Context,
    store: Number,
    name: Annotated[str | None, typer.Option(help="For people.")] = None,
    zone: Annotated[str | None, typer.Option(help="As Europe/Vienna; a new store needs one.")] = None,
    years: Annotated[str, typer.Option(help="For which the zone is written out; as 2025..2036.")] = "",
    partner: Annotated[int | None, typer.Option(help="Whose it is; 0: the programme's own.", min=0)] = None,
    country: Annotated[str | None, typer.Option(help="As AT.")] = None,
    city: Annotated[str | None, typer.Option(help="As promotions name it.")] = None,
    channel: Annotated[str | None, typer.Option(help="shop or web; shop if it is new.")] = None,
    currency: Annotated[str | None, typer.Option(help="As CHF; empty: the programme's first.")] = None,
    request_id: RequestId = "",
) -> None:
    """Register a store, or change it."""
    options = settings(context)
    request = bo.DefineStoreRequest(request_id=arguments.new_or(request_id), programme=options.programme)
    offsets = expand_zone(zone, _years(years)) if zone else ()

    async def work(desk: Desk) -> int:
        known = await desk.find("GetStore", bo.GetStoreRequest(programme=options.programme, store=store))
        if known is not None:
            request.store.CopyFrom(known.store)
        elif not zone:
            raise typer.BadParameter(f"store {store} is new: it needs a --zone, as Europe/Vienna")
        request.store.store = store
        given = {"name": name, "partner": partner, "country": country, "city": city}
        for field, value in {**given, "channel": channel, "currency": currency}.items():
            if value is not None:
                setattr(request.store, field, value)
        if zone:
            del request.store.zone[:]
            for from_ms, offset_s in offsets:
                request.store.zone.add(from_ms=from_ms, offset_s=offset_s)
        return await desk.do_and_show("DefineStore", request)

    options.run(work)


def _years(text: str) -> tuple[int, int]:
    """2025..2036, the last one included."""
    found = _YEARS.fullmatch(text)
    if not text:
        return default_years()
    if found is None or not 1970 <= int(found[1]) <= int(found[2]) <= 9000:
        raise typer.BadParameter(f"years {text!r}: wanted FIRST..LAST, as 2025..2036")
    return int(found[1]), int(found[2])
