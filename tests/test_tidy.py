"""The house rules that a machine can check. `tests/tidy/rules.py` says what they are.

Each rule is run over the tree, and over a planted violation that proves that it
can fail.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tidy import rules
from tests.tidy.tree import ROOT, Source, own_sources, parse

SOURCES = own_sources()


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps_the_rule(rule: rules.Rule) -> None:
    """No file of ours breaks it."""
    assert [problem for source in SOURCES for problem in rule(source)] == []


PLANTED = [  # rule, path the text pretends to have, text, a word of the complaint
    (rules.layers, "ftnode/core/x.py", "from ftnode.store import wal", "ftnode.store"),
    (rules.layers, "ftnode/core/x.py", "import grpc", "grpc"),
    (rules.layers, "ftnode/core/x.py", "def f():\n    import asyncio", "asyncio"),  # hidden in a function
    (rules.layers, "ftnode/store/x.py", "import ftnode.shell.link", "ftnode.shell"),
    (rules.layers, "ftnode/store/x.py", "from ..shell import link", "ftnode.shell"),  # relative
    (rules.layers, "ftnode/shell/x.py", "from loyalty.engine import spend", "loyalty.engine"),
    (rules.layers, "loyalty/engine/x.py", "from ftnode.machine import contract", "ftnode.machine"),
    (rules.layers, "loyalty/engine/x.py", "from loyalty.wire import codec", "loyalty.wire"),
    (rules.layers, "loyalty/wire/x.py", "from loyalty.engine import spend", "loyalty.engine"),
    (rules.layers, "chaos/sim/x.py", "from ftnode.shell import server", "ftnode.shell"),
    (rules.layers, "ftnode/unheard_of/x.py", "import json", "no layer"),
    (rules.purity, "ftnode/core/x.py", "import time", "time"),
    (rules.purity, "ftnode/machine/x.py", "from random import random", "random"),
    (rules.purity, "loyalty/engine/x.py", "import logging", "logging"),
    (rules.purity, "loyalty/wire/x.py", "import os.path", "os"),
    (rules.purity, "loyalty/engine/x.py", "print(1)", "print"),
    (rules.purity, "loyalty/engine/x.py", "key = hash(b'a')", "hash"),
    (rules.purity, "loyalty/engine/x.py", "from datetime import datetime\ndatetime.now()", "now"),
    (rules.no_floats, "loyalty/engine/x.py", "rate = 0.3", "0.3"),
    (rules.no_floats, "loyalty/engine/x.py", "def f(a: int) -> float: ...", "float"),
    (rules.no_floats, "ftnode/core/x.py", "half = total / 2", "/"),
    (rules.words, "ftnode/shell/x.py", "class LeaderElection: ...", "leader"),
    (rules.words, "ftnode/shell/x.py", "def start_failover(): ...", "failover"),
    (rules.words, "ftnode/shell/x.py", "is_primary = True", "primary"),
    (rules.words, "ftnode/shell/x.py", "def f(follower): ...", "follower"),
    (rules.words, "ftnode/shell/master.py", "x = 1", "master"),
    (rules.length, "ftnode/shell/x.py", "x = 1\n" * 401, "401"),
    (rules.no_assert, "ftnode/shell/x.py", "assert x", "assert"),
    (rules.cancelling, "ftnode/shell/x.py", "await asyncio.wait_for(x, 1)", "timeout"),
    (rules.docstring, "ftnode/shell/x.py", "import json", "docstring"),
    (rules.no_leftovers, "ftnode/shell/x.py", "x = 1  # TO" + "DO: later", "later"),
]


@pytest.mark.parametrize(("rule", "path", "text", "word"), PLANTED)
def test_the_rule_can_fail(rule: rules.Rule, path: str, text: str, word: str) -> None:
    """A planted violation is found and named."""
    problems = list(rule(parse(path, text)))
    assert problems
    assert word in problems[0]


ALLOWED = [  # rule, path, text: the nearest thing that is fine
    (rules.layers, "ftnode/shell/x.py", "from ftnode.core import state"),
    (rules.layers, "ftnode/app.py", "from loyalty.front import table\nfrom ftnode.shell import server"),
    (rules.layers, "ftnode/core/x.py", "from ftnode.core.events import Event"),
    (rules.purity, "ftnode/shell/x.py", "import time, random, os, socket, logging"),
    (rules.purity, "loyalty/engine/x.py", "def f(now_ms): return state.hash(now_ms)"),
    (rules.no_floats, "loyalty/engine/x.py", "half = total // 2"),
    (rules.no_floats, "ftnode/shell/x.py", "wait_s = 0.3"),
    (rules.words, "ftnode/shell/x.py", "engine.leader()"),  # somebody else's name, only used
    (rules.length, "ftnode/shell/x.py", "x = 1\n" * 400),
    (rules.no_assert, "tests/shell/test_x.py", "assert x"),
    (rules.cancelling, "ftnode/shell/x.py", "async with asyncio.timeout(1):\n    await x"),
    (rules.docstring, "ftnode/shell/__init__.py", ""),
]


@pytest.mark.parametrize(("rule", "path", "text"), ALLOWED)
def test_the_rule_stops_where_it_should(rule: rules.Rule, path: str, text: str) -> None:
    """The neighbouring thing that is allowed raises no complaint."""
    assert list(rule(parse(path, text))) == []


def test_every_layer_exists_and_points_one_way() -> None:
    """No two layers may import each other, and nobody below may name the application."""
    for layer, below in rules.LAYERS.items():
        for other in below:
            assert layer == other or layer not in rules.LAYERS.get(other, ()), (layer, other)
        if layer.startswith("ftnode") and layer not in ("ftnode.app",):
            assert not any(name.startswith("loyalty") for name in below), layer


def test_decisions_are_numbered() -> None:
    """Every file in decisions/ is NNNN-title.md, and no number is taken twice."""
    names = [path.name for path in (ROOT / "decisions").glob("*") if path.name != "README.md"]
    assert rules.decision_problems(names) == []


@pytest.mark.parametrize(
    ("names", "word"),
    [
        (["0001-a.md", "0001-b.md"], "0001 is taken 2 times"),
        (["notes.md"], "notes.md"),
        (["0001-Some_Title.md"], "Some_Title"),
    ],
)
def test_the_rule_for_decisions_can_fail(names: list[str], word: str) -> None:
    """Doubles and free names are found."""
    assert any(word in problem for problem in rules.decision_problems(names))


def generated(protos: list[str], into: Path, root: Path) -> dict[str, str]:
    """What protoc makes of `protos`, by path below `into`."""
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", "-I", str(root / "proto")]
        + [f"--{kind}_out={into}" for kind in ("python", "pyi", "grpc_python")]
        + protos,
        check=True,
        capture_output=True,
    )
    return {str(path.relative_to(into)): path.read_text() for path in into.rglob("*.py*")}


def test_generated_code_is_current(tmp_path: Path) -> None:
    """What is committed is what `make proto` makes of the protos now: nothing edited, nothing left over."""
    protos = sorted(str(path) for path in (ROOT / "proto").rglob("*.proto"))
    fresh = generated(protos, tmp_path, ROOT)
    committed = {
        str(path.relative_to(ROOT)): path.read_text()
        for package in ("ftnode/v1", "loyalty/v1")
        for path in (ROOT / package).glob("*_pb2*.py*")
    }
    assert sorted(fresh) == sorted(committed), "run `make proto`, and remove what has no proto any more"
    assert [path for path in fresh if fresh[path] != committed[path]] == [], "run `make proto`"


def test_an_edited_generated_file_is_noticed(tmp_path: Path) -> None:
    """The comparison above sees a changed comment in a proto."""
    proto = tmp_path / "proto" / "x" / "v1" / "x.proto"
    proto.parent.mkdir(parents=True)
    answers = []
    for number, line in enumerate(("message A {}", "message A { int64 b = 1; }")):
        proto.write_text(f'syntax = "proto3";\npackage x.v1;\n{line}\n')
        into = tmp_path / str(number)
        into.mkdir()
        answers.append(generated([str(proto)], into, tmp_path))
    assert answers[0] != answers[1]


def test_the_lock_file_names_no_host() -> None:
    """Versions and hashes only: where packages come from is each machine's own setting."""
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def test_sources_were_found() -> None:
    """The rules above looked at something, and at nothing generated."""
    paths = {source.path for source in SOURCES}
    assert "ftnode/core/invariants.py" in paths
    assert not [path for path in paths if "_pb2" in path]
    assert all(isinstance(source, Source) for source in SOURCES)
