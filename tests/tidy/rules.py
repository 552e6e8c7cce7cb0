"""The rules, one small function each: a source in, complaints out.

A complaint names the file, the line, what is wrong and what would be right.
"""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from tests.tidy.tree import Source, imports


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


Rule = Callable[[Source], Iterator[str]]

# Who may import whom, inside the project. A name stands for its whole package.
# What is below may never import what is above; only app knows both worlds.
_CORE: Final = ("ftnode.core",)
_STORE: Final = (*_CORE, "ftnode.store")
_RUNTIME: Final = (
    *_STORE,
    "ftnode.machine",
    "ftnode.wire",
    "ftnode.observe",
    "ftnode.witness",
    "ftnode.hardware",
    "ftnode.alarms",
    "ftnode.config",
    "ftnode.certs",
    "ftnode.tls",
    "ftnode.v1",
)
_COMMANDS: Final = ("loyalty.commands",)
_VALUES: Final = (*_COMMANDS, "loyalty.outcomes")
LAYERS: Final[dict[str, tuple[str, ...]]] = {
    "ftnode.v1": ("ftnode.v1",),
    "ftnode.core": _CORE,
    "ftnode.store": _STORE,
    "ftnode.machine": (*_STORE, "ftnode.machine"),
    "ftnode.wire": (*_STORE, "ftnode.wire", "ftnode.v1"),
    "ftnode.alarms": (*_CORE, "ftnode.alarms"),
    "ftnode.hardware": (*_CORE, "ftnode.hardware"),
    "ftnode.observe": (*_CORE, "ftnode.observe"),
    "ftnode.config": (*_CORE, "ftnode.config"),
    "ftnode.tls": ("ftnode.config", "ftnode.tls"),
    "ftnode.certs": (*_CORE, "ftnode.tls", "ftnode.certs"),
    "ftnode.witness": (
        *_CORE,
        "ftnode.wire",
        "ftnode.observe",
        "ftnode.config",
        "ftnode.tls",
        "ftnode.witness",
        "ftnode.v1",
    ),
    "ftnode.shell": (*_RUNTIME, "ftnode.shell"),
    "ftnode.backup": (*_RUNTIME, "ftnode.shell", "ftnode.backup"),
    "ftnode.pair": (*_CORE, "ftnode.config", "ftnode.observe", "ftnode.witness", "ftnode.v1", "ftnode.pair"),
    "ftnode.ctl": (
        *_CORE,
        "ftnode.alarms",
        "ftnode.config",
        "ftnode.observe",
        "ftnode.witness",
        "ftnode.certs",
        "ftnode.tls",
        "ftnode.pair",
        "ftnode.backup",
        "ftnode.store.history",
        "ftnode.v1",
        "ftnode.ctl",
    ),
    "ftnode.app": (
        *_RUNTIME,
        "ftnode.shell",
        "ftnode.pair",
        "ftnode.backup",
        "ftnode.app",
        "loyalty",
    ),
    "loyalty.v1": ("loyalty.v1",),
    "loyalty.commands": _COMMANDS,
    "loyalty.outcomes": _VALUES,
    "loyalty.engine": (*_VALUES, "loyalty.engine"),
    "loyalty.wire": (*_VALUES, "loyalty.wire", "loyalty.v1"),
    "loyalty.front": (*_VALUES, "loyalty.wire", "loyalty.v1", "loyalty.front"),
    "loyalty.client": (*_VALUES, "loyalty.wire", "loyalty.v1", "loyalty.client"),
    "loyalty.text": (*_COMMANDS, "loyalty.text"),
    "loyalty.cli": (
        *_VALUES,
        "loyalty.engine",  # its checks of published data, before anything is sent
        "loyalty.text",
        "loyalty.wire",
        "loyalty.v1",
        "loyalty.client",
        "loyalty.cli",
    ),
    "chaos.judges": (*_VALUES, "loyalty.v1", "loyalty.client", "chaos.judges"),
    "chaos.sim": (*_STORE, "ftnode.machine", "chaos.judges", "chaos.sim"),
    "chaos.live": ("ftnode", "loyalty", "chaos.judges", "chaos.live", "chaos.scenarios"),
    "chaos.scenarios": ("chaos.scenarios",),
    "chaos.bench": ("ftnode", "loyalty", "chaos.judges", "chaos.live", "chaos.bench"),
    "chaos.cli": ("ftnode", "chaos"),
}
OURS: Final = ("ftnode", "loyalty", "chaos")

# Time, chance and the world arrive inside events and entries, or not at all.
PURE: Final = ("ftnode.core", "ftnode.alarms", "ftnode.machine", "loyalty.engine", "loyalty.wire")
WORLD: Final = _words("""
    time random os socket logging uuid secrets asyncio threading multiprocessing subprocess pathlib io
    tempfile select selectors signal ssl locale zoneinfo grpc structlog prometheus_client psutil uvloop
    lmdb shutil urllib http sched contextvars
""")
WORLD_CALLS: Final = frozenset({"open", "print", "input", "hash", "id", "exec", "eval", "__import__"})
CLOCK_METHODS: Final = frozenset({"now", "utcnow", "today", "fromtimestamp"})
CORE_LIBRARY: Final = _words("""
    __future__ abc bisect collections dataclasses enum functools heapq itertools math msgspec operator
    types typing
""")

# Of the words that STYLE's table rejects, those that mean nothing else.
BANNED_WORDS: Final = _words("""
    primary leader master slave replica follower secondary failover resync degraded self_trial voters isr
    lsn downtime cluster shard divergence redeem voucher
""")
WORDS_ALLOWED: Final[dict[str, frozenset[str]]] = {
    "chaos/bench": frozenset({"primary", "replica"}),  # PostgreSQL's own words for its own parts
}

MAX_LINES: Final = 400
ONE_TABLE: Final = frozenset({"ftnode/alarms/catalogue.py"})  # as long as it has rows
LEFTOVERS: Final = re.compile(r"#.*\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b.*")


def layers(source: Source) -> Iterator[str]:
    """Imports point one way."""
    if not source.within(*OURS):
        return
    layer = next((name for name in LAYERS if source.within(name)), None)
    if layer is None:
        if source.module not in OURS:
            yield f"{source.path}: no layer in tests/tidy/rules.py is this file's; name one"
        return
    for line, name in imports(source):
        if _in(name, *OURS) and not _in(name, *LAYERS[layer]):
            yield f"{source.path}:{line}: {layer} may not import {name}"
        if layer == "ftnode.core" and not _in(name, *OURS) and name.split(".")[0] not in CORE_LIBRARY:
            yield f"{source.path}:{line}: the core knows no {name}; only data types"


def purity(source: Source) -> Iterator[str]:
    """No clock, chance, environment, network, disk or logging where both units must get the same bytes."""
    if not source.within(*PURE):
        return
    for line, name in imports(source):
        if name.split(".")[0] in WORLD:
            yield f"{source.path}:{line}: {name} is of the world; let it arrive in an event or an entry"
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in WORLD_CALLS:
            yield f"{source.path}:{node.lineno}: {node.func.id}() answers differently on each unit"
        if isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK_METHODS:
            yield f"{source.path}:{node.lineno}: .{node.func.attr}() reads a clock; use the entry's time"


def no_floats(source: Source) -> Iterator[str]:
    """Whole numbers only: no float literal, no float annotation, no true division."""
    if not source.within("ftnode.core", "ftnode.machine", "loyalty.engine", "loyalty.wire", *_VALUES):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"{source.path}:{node.lineno}: {node.value} is a float; whole numbers only"
        elif isinstance(node, ast.Name) and node.id == "float":
            yield f"{source.path}:{node.lineno}: float has no place here; whole numbers only"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield f"{source.path}:{node.lineno}: / makes a float; use // or a numerator and a denominator"


def words(source: Source) -> Iterator[str]:
    """One word per thing: names that we define avoid the words that the style's table rejects."""
    if not source.within(*OURS):
        return
    allowed = next((ok for path, ok in WORDS_ALLOWED.items() if source.path.startswith(path)), frozenset())
    for line, name in [(1, source.module.rpartition(".")[2]), *_defined_names(source.tree)]:
        for word in _split(name):
            if word in BANNED_WORDS and word not in allowed:
                yield f"{source.path}:{line}: {name}: do not say {word}; the style's table has our word"


def length(source: Source) -> Iterator[str]:
    """A file longer than 400 lines is two files."""
    lines = len(source.text.splitlines())
    if lines > MAX_LINES and source.path not in ONE_TABLE:
        yield f"{source.path}: {lines} lines, at most {MAX_LINES}"


def no_assert(source: Source) -> Iterator[str]:
    """`assert` goes away under `python -O`; `invariant()` stays."""
    if not source.within(*OURS):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assert):
            yield f"{source.path}:{node.lineno}: assert is for tests; use ftnode.core.invariants.invariant"


def cancelling(source: Source) -> Iterator[str]:
    """`asyncio.wait_for` of Python 3.11 forgets that it was cancelled when what it waits for ends in the same
    turn: a task goes on that somebody waits for, for ever. `asyncio.timeout` does not."""
    if not source.within("ftnode", "loyalty"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr == "wait_for" and _is_name(node.value, "asyncio"):
            yield f"{source.path}:{node.lineno}: wait_for may swallow a cancellation; use asyncio.timeout"


def docstring(source: Source) -> Iterator[str]:
    """Every file says what it is for."""
    if source.text.strip() and ast.get_docstring(source.tree) is None:
        yield f"{source.path}: no module docstring that says what it is for"


def no_leftovers(source: Source) -> Iterator[str]:
    """Work left to do is written down where it is planned, not in a comment."""
    for number, line in enumerate(source.text.splitlines(), start=1):
        found = LEFTOVERS.search(line)
        if found:
            yield f"{source.path}:{number}: {found.group(0)}: finish it or file it"


RULES: Final[tuple[Rule, ...]] = (
    layers,
    purity,
    no_floats,
    words,
    length,
    no_assert,
    cancelling,
    docstring,
    no_leftovers,
)


def decision_problems(names: list[str]) -> list[str]:
    """Files in decisions/ that are not NNNN-title.md, or share a number."""
    pattern = re.compile(r"(\d{4})-[a-z0-9]+(-[a-z0-9]+)*\.md")
    problems = [f"{name}: want NNNN-title-in-words.md" for name in names if not pattern.fullmatch(name)]
    numbers = Counter(name[:4] for name in names if pattern.fullmatch(name))
    return problems + [f"{number} is taken {count} times" for number, count in numbers.items() if count > 1]


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _in(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def _split(name: str) -> list[str]:
    """The words of snake_case and CamelCase, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def _defined_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
