"""What is compiled does what its sources do. Collected in build/compiled only: `make test-compiled`."""

import importlib
from typing import Final

from tests.loyalty.test_determinism import ROOT, run
from tools.compile import MODULES

SOURCES: Final = ROOT.parents[1]  # whose build/compiled this is
HISTORY: Final = ["9", "2000"]  # its seed, its steps


def test_all_modules_are_compiled() -> None:
    """None is run from its source, and the sources beside nothing compiled."""
    names = [name.removesuffix(".py").replace("/", ".") for name in MODULES]
    assert [name for name in names if not str(importlib.import_module(name).__file__).endswith(".so")] == []
    assert [path for top in ("ftnode", "loyalty") for path in SOURCES.joinpath(top).rglob("*.so")] == []


def test_a_history_gives_the_same_bytes() -> None:
    """A process in each directory: the same outcomes, the same state."""
    compiled = run(HISTORY, {"PYTHONPATH": str(ROOT)}, ROOT)
    assert compiled == run(HISTORY, {"PYTHONPATH": str(SOURCES)}, SOURCES)
