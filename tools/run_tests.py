"""Set up, run every test, and end with what was skipped and why: `make test`.

Tests that only compute run first, one worker for each processor. Then come those that start processes: most
of their time is waiting, so there is one worker more. Those that judge how long something takes (marked
`alone`) run last, one at a time. Arguments go to pytest, and then it is one run of what they name. The last
line is JSON; the exit status is pytest's.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path
from typing import Final

from tools import setup_test
from tools.needs import ROOT, missing

# What only computes. Whatever is not named here may start processes.
COMPUTING: Final = [
    "tests/config",
    "tests/core",
    "tests/judges",
    "tests/loyalty",
    "tests/machine",
    "tests/sim",
    "tests/state",
    "tests/store",
    "tests/test_tidy.py",
    "tests/wire",
]
WAITING: Final = [f"--ignore={path}" for path in COMPUTING]
WORKERS: Final = (os.cpu_count() or 1) + 1
RUNS: Final = [
    ["-n", "auto", *COMPUTING],
    ["-n", str(WORKERS), "--dist", "loadgroup", "-m", "not alone", *WAITING],
    ["-m", "alone", *WAITING],
]


def main() -> int:
    """Run it all; returns pytest's exit status, the first that is not 0."""
    started_s = time.monotonic()
    setup_test.main()
    runs = [sys.argv[1:]] if sys.argv[1:] else RUNS
    counts, reasons = Counter({"passed": 0, "failed": 0, "skipped": 0}), Counter[str]()
    statuses = []
    for arguments in runs:
        with tempfile.TemporaryDirectory(prefix="ftnode-tests-") as scratch:
            report = Path(scratch) / "report.xml"
            statuses.append(run(report, arguments))
            more, whys = read_report(report)
        counts.update(more)
        reasons.update(whys)
    print_skipped(reasons)
    status = next((status for status in statuses if status), 0)
    print(
        json.dumps({**counts, "status": status, "seconds": round(time.monotonic() - started_s)}), flush=True
    )
    return status


def run(report: Path, arguments: list[str]) -> int:
    """One run of pytest; its exit status."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"--junit-xml={report}", "--durations=8", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        check=False,
    )
    return done.returncode


def read_report(report: Path) -> tuple[dict[str, int], Counter[str]]:
    """Counts by verdict, and how many tests were skipped for each reason."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    reasons: Counter[str] = Counter()
    if not report.exists():
        return counts, reasons
    for case in ElementTree.parse(report).iter("testcase"):
        skipped = case.find("skipped")
        if skipped is not None:
            counts["skipped"] += 1
            reasons[skipped.get("message") or "no reason given"] += 1
        elif case.find("failure") is not None or case.find("error") is not None:
            counts["failed"] += 1
        else:
            counts["passed"] += 1
    return counts, reasons


def print_skipped(reasons: Counter[str]) -> None:
    """The last words before the JSON: nothing skipped goes unnamed."""
    for need in missing():
        print(f"not on this machine: {need.package} ({need.what_for})")
    for reason, count in sorted(reasons.items()):
        print(f"skipped {count}: {reason}")
    if not reasons:
        print("skipped: nothing")


if __name__ == "__main__":
    sys.exit(main())
