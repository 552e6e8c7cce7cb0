"""What holds for every test: properties have no deadline, and look at as many cases as was asked for."""

from pathlib import Path

from hypothesis import settings

from tests.profile import examples
from tools.compile import STAMP

settings.register_profile("ours", examples(100))
settings.load_profile("ours")

collect_ignore = (
    [] if Path(__file__).parents[1].joinpath(STAMP).exists() else ["compiled"]
)  # make test-compiled
