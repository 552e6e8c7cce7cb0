"""How many cases the properties look at: few by default, so many times as many with PROPERTY_TIMES.

`make properties` looks at thousands of each.
"""

import os
from typing import Final

from hypothesis import settings

TIMES: Final = int(os.environ.get("PROPERTY_TIMES", "1"))


def examples(few: int) -> settings:
    """So many examples of hypothesis by default; no deadline, for a busy machine is no fault of the code."""
    return settings(max_examples=few * TIMES, deadline=None)


def seeds(few: int) -> range:
    """So many seeds by default."""
    return range(few * TIMES)
