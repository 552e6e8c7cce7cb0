"""What several tests of backups begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backup.take_kit import Unit


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[Unit]:
    """A unit that has executed the first 200 entries."""
    unit = Unit(tmp_path / "unit")
    unit.go_to(200)
    yield unit
    unit.close()
