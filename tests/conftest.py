"""What holds for every test: properties have no deadline, and look at as many cases as was asked for."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.profile import examples
from tools.compile import STAMP

settings.register_profile("ours", examples(100))
settings.load_profile("ours")

collect_ignore = (
    [] if Path(__file__).parents[1].joinpath(STAMP).exists() else ["compiled"]
)  # make test-compiled


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share something of their module stay together when several workers divide them."""
    for item in items:
        if _shares(item):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.split("::")[0]))


def _shares(item: pytest.Item) -> bool:
    info = getattr(item, "_fixtureinfo", None)
    fixtures = info.name2fixturedefs.values() if info is not None else ()
    return any(fixture.scope == "module" for defined in fixtures for fixture in defined)
