"""Where tests keep outboxes: in memory if there is such a place. A till that is killed needs no real disk,
and thousands of syncs would be all that these tests do.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOM = Path("/dev/shm") if Path("/dev/shm").is_dir() else None


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Instead of pytest's own."""
    with tempfile.TemporaryDirectory(dir=ROOM) as place:
        yield Path(place)
