"""`loyalty till`: the command line of the interactive till."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from loyalty.cli.outbox import FILE_DEFAULT
from loyalty.cli.show import EXIT_NOT_TAKEN, complain
from loyalty.cli.till.amounts import EXPONENT_MAX
from loyalty.cli.till.articles import ArticleFileError, Articles, read_articles
from loyalty.cli.till.run import run
from loyalty.cli.till.state import Place
from loyalty.client.outbox import OutboxError
from loyalty.commands.limits import STORE_MAX, TERMINAL_MAX

HELP = """A till in the terminal: scan, quote, pay, take back; with a line to the pair or without.

\b
    4006381333931 1 129.00     an article, pieces, the price of one
    socks 2                    one that the article file knows, by name or number
    +886912345678              whose purchase it is
    points max                 what it comes to if points pay
    pay                        book exactly what the screen shows
    return 4711 2              take line 2 of receipt 4711 back
    help                       all words; help pay: more of one

After each change everything is counted again, and the screen says which promotion did what to which line, and
why the others did not.

When no unit answers, sales are kept in the outbox, a file that survives everything but the loss of the disk,
and are sent in their order when the line is back: each once, with its own time of sale. Points are not spent
meanwhile. `line off` does the same by hand. A till that was killed sends when it is started again, and
`loyalty outbox` shows and sends without a till. One till, one outbox: give each its own --file.

Reads from a pipe too: one line of input, one screen. With --json one JSON object for each, after a first one
that greets: `answer` says which kind it is (basket, booked, changed, kept, taken_back, member, waiting, said,
rejected, wrong, help, left), `status` how the line and the outbox are.

An article file is CSV with a header: sku,name,price and, if you like, kind (goods, delivery, gift_card) and
attributes that promotions may ask about, as in brand or season:number.
"""


def till(
    context: typer.Context,
    store: Annotated[int, typer.Option(help="The store's number.", min=1, max=STORE_MAX)] = 1,
    terminal: Annotated[
        int, typer.Option(help="This till's number in the store.", min=1, max=TERMINAL_MAX)
    ] = 1,
    file: Annotated[Path, typer.Option("--file", envvar="LOYALTY_OUTBOX", help="This till's outbox.")] = Path(
        FILE_DEFAULT
    ),
    articles: Annotated[Path | None, typer.Option(help="Article file, CSV.")] = None,
    exponent: Annotated[
        int,
        typer.Option(
            envvar="LOYALTY_EXPONENT",
            help="Decimals of the programme's currency: 2 for 12.90.",
            min=0,
            max=EXPONENT_MAX,
        ),
    ] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each line.")] = False,
) -> None:
    """What the help says; exit status 0, or 3 if the outbox cannot be had."""
    settings = context.obj
    place = Place(store, terminal, settings.programme, exponent)
    try:
        known = read_articles(articles, exponent) if articles is not None else Articles()
        run(settings, place, file, known, as_json or settings.as_json)
    except ArticleFileError as problem:
        raise typer.BadParameter(str(problem)) from None
    except BrokenPipeError:
        sys.stdout = None  # whoever read us has gone: nothing to flush
    except OutboxError as problem:
        complain(str(problem))
        raise typer.Exit(EXIT_NOT_TAKEN) from None
    except (ValueError, OSError) as problem:
        complain(str(problem))
        raise typer.Exit(2) from None
