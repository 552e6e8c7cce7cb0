"""A pair in this process, and the project's top as the directory that files are named from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.back_office.here import Here


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    monkeypatch.chdir(Path(__file__).parents[3])
    with Here().plugged() as plugged:
        yield plugged
