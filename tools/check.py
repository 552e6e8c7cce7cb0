"""Everything that reads the code without running it: `make check`.

All parts run even when one fails, so that one look shows all there is to mend.
"""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools.needs import ROOT

BIN = Path(sys.executable).parent
BUF = ROOT / "node_modules" / ".bin" / "buf"
BASELINE = ROOT / "proto" / "baseline.binpb"  # the protos that clients were built with: `make proto-baseline`
PART_TIMEOUT_S = 300
PARTS = {
    "lint": [str(BIN / "ruff"), "check", "--quiet", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    "types": [str(BIN / "mypy")],
    "tidy": [sys.executable, "-m", "pytest", "-q", "tests/test_tidy.py"],  # protos current among them
    "protos": [str(BUF), "lint"],
    "promises": [str(BUF), "breaking", "--against", str(BASELINE)],  # what the baseline has, stays
}


def main() -> int:
    """Run every part; one line each, one line of JSON, exit status 1 if anything is off."""
    verdicts: dict[str, str] = {}
    started_s = time.monotonic()
    for name, command in PARTS.items():
        verdicts[name] = verdict(name, command)
    print(json.dumps({**verdicts, "seconds": round(time.monotonic() - started_s)}), flush=True)
    return 1 if "failed" in verdicts.values() else 0


def verdict(name: str, command: list[str]) -> str:
    """Run one part and show its output only if it failed."""
    if command[0] == str(BUF) and not BUF.exists():
        print(f"check: {name} not checked: buf comes from npm, which is not here or failed")
        return "failed" if shutil.which("npm") else "skipped"
    done = subprocess.run(
        command, cwd=ROOT, text=True, capture_output=True, check=False, timeout=PART_TIMEOUT_S
    )
    if done.returncode:
        print(f"check: {name} failed\n{done.stdout}{done.stderr}", flush=True)
        return "failed"
    print(f"check: {name} passed", flush=True)
    return "passed"


if __name__ == "__main__":
    sys.exit(main())
