"""What a person at the terminal says to a question; nobody there, or Ctrl-C, is a no."""

import typer


def agreed(question: str) -> bool:
    """Whether the answer is yes."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        typer.echo("", err=True)
        return False


def typed(wanted: str) -> bool:
    """Whether exactly this word was typed."""
    try:
        said: str = typer.prompt(f"Type {wanted!r} to go on", default="", show_default=False, err=True)
    except typer.Abort:
        typer.echo("", err=True)
        return False
    return said.strip() == wanted
