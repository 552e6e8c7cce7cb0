"""Set up, run every test, and end with what was skipped and why: `make test`.

Arguments go to pytest. The last line is JSON; the exit status is pytest's.
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

from tools import setup_test
from tools.needs import ROOT, missing


def main() -> int:
    """Run it all; returns pytest's exit status."""
    started_s = time.monotonic()
    setup_test.main()
    with tempfile.TemporaryDirectory(prefix="ftnode-tests-") as scratch:
        report = Path(scratch) / "report.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", f"--junit-xml={report}", "--durations=8", *sys.argv[1:]],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            check=False,
        )
        counts, reasons = read_report(report)
    print_skipped(reasons)
    summary = {**counts, "status": done.returncode, "seconds": round(time.monotonic() - started_s)}
    print(json.dumps(summary), flush=True)
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
