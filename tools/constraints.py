"""Write constraints.txt from what is installed: `make constraints`."""

import subprocess
import sys

from tools.needs import ROOT

HEAD = """\
# The versions that the tests ran with, all of them, so that a fresh machine gets
# the same ones. Renew with `make constraints` after a change in pyproject.toml.
"""


def main() -> int:
    """Pin everything but ourselves."""
    frozen = subprocess.run(
        [sys.executable, "-m", "pip", "freeze", "--exclude-editable"],
        check=True,
        text=True,
        capture_output=True,
    )
    (ROOT / "constraints.txt").write_text(HEAD + frozen.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
