"""From a condition's text to the tree of its grammar; what does not fit in is told with its place."""

from functools import cache
from typing import Final

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from loyalty.commands.limits import COMMAND_MAX_BYTES
from loyalty.text.errors import TextError

# What people call a terminal, in the order in which they are told what may come.
_CALLED: Final = {
    "NAME": "an attribute",
    "WORD": "a value",
    "STRING": "a text in quotes",
    "EQUAL": "=",
    "_DIFFERS": "!=",
    "_LEAST": ">=",
    "_MOST": "<=",
    "FROM": "from",
    "TO": "to",
    "IN": "in",
    "BEGINS": "begins with",
    "WITH": "with",
    "NOT": "not",
    "MEASURE": "amount of, quantity of, lines of",
    "OF": "of",
    "GOODS": "goods",
    "ALL": "all",
    "ANY": "any",
    "LPAR": "(",
    "COMMA": ",",
    "RPAR": ")",
    "AND": "and",
    "OR": "or",
    "$END": "the end",
}


def parse(text: str) -> Tree[Token]:
    """The tree of a condition's text.

    Raises:
        TextError: with the place, and what could stand there.
    """
    if len(text.encode(errors="replace")) > COMMAND_MAX_BYTES:
        raise TextError("the condition is too long", f"at most {COMMAND_MAX_BYTES} bytes")
    try:
        return parser().parse(text)
    except UnexpectedInput as error:
        raise _explain(error, text) from None


@cache
def parser() -> Lark:
    """Made when it is first needed."""
    return Lark.open("conditions.lark", rel_to=__file__, parser="lalr", propagate_positions=True)


def _explain(error: UnexpectedInput, text: str) -> TextError:
    if isinstance(error, UnexpectedToken):
        token = error.token
        if token.type == "$END":
            lines = text.rstrip().split("\n")
            place, problem = (len(lines), len(lines[-1]) + 1), "the condition ends here"
        else:
            place, problem = (token.line or 1, token.column or 1), f"{str(token)!r} cannot stand here"
        return TextError.at(text, *place, problem, _may_come(error.accepts or error.expected))
    place = (error.line, error.column)
    if isinstance(error, UnexpectedCharacters):
        if error.char in "'\"":
            return TextError.at(
                text, *place, "a text that does not end", f"{error.char} at its end, on the same line"
            )
        return TextError.at(text, *place, f"{error.char!r} cannot stand here", _may_come(error.allowed))
    return TextError.at(text, *place, "this cannot be read", "a condition")


def _may_come(terminals: set[str] | None) -> str:
    return ", ".join(called for name, called in _CALLED.items() if name in (terminals or ()))
