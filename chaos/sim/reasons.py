"""Every reason for which the core may do nothing, read out of its source: so that none goes unseen.

A reason that no seed ever meets is a gap in the faults, or a line that nobody needs.
"""

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

import ftnode.core
from ftnode.core.fsm import TABLE

RARE: Final = frozenset(
    {
        "a difference in a doubt that is over",
        "entries whose time is refused",
        "more rot in a state that is known to be rotten",
        "re-executed for a doubt that is over",
        "rot in a log that is about to be another one",
        "the partner cannot replace what rotted: a checkpoint has to hold it first",
    }
)
"""Two faults within milliseconds of each other: not once in 10,000 seeds. Each has a story of its own in
`tests/core/test_rare_reasons.py`, which fails if one of these is missing there."""


@cache
def known_reasons() -> tuple[str, ...]:
    """Texts of all `Ignore(...)`; one that is made from a value ends in `...` in its place."""
    trees = {name: _tree(name) for _, name, _ in iter_modules(ftnode.core.__path__)}
    found = {text for tree in trees.values() for text in _reasons(tree, trees["rules"])}
    return tuple(sorted(found))


def known_rows() -> tuple[str, ...]:
    """Rows of the state table, as they are counted."""
    return tuple(f"{row.at} {row.on}" for row in TABLE)


def matches(reason: str, seen: str) -> bool:
    """Is what was seen this reason, values put in?"""
    start, _, rest = reason.partition("...")
    return seen == reason if not rest and "..." not in reason else seen.startswith(start)


def _tree(name: str) -> ast.Module:
    return ast.parse(inspect.getsource(import_module(f"ftnode.core.{name}")))


def _reasons(tree: ast.Module, rules: ast.Module) -> Iterator[str]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Ignore":
                yield from _texts(node.args[0], function, rules)


def _texts(node: ast.expr, function: ast.FunctionDef, rules: ast.Module) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(part.value if isinstance(part, ast.Constant) else "..." for part in parts)  # type: ignore[misc]
        case ast.IfExp(body=one, orelse=other):
            yield from _texts(one, function, rules)
            yield from _texts(other, function, rules)
        case ast.Name(id=name):
            for assigned in ast.walk(function):
                if isinstance(assigned, ast.Assign) and any(
                    isinstance(target, ast.Name) and target.id == name for target in assigned.targets
                ):
                    yield from _texts(assigned.value, function, rules)
        case ast.Call(func=ast.Attribute(attr=name)):
            for asked in ast.walk(rules):
                if isinstance(asked, ast.FunctionDef) and asked.name == name:
                    for line in ast.walk(asked):
                        if isinstance(line, ast.Return) and line.value is not None:
                            yield from _texts(line.value, asked, rules)
