"""Install what the tests need besides Python: `make setup-test`.

Debian's packages when it may (root and apt-get), npm's when npm is there. It
never stops, restarts or upgrades anything: only absent packages are installed,
and their daemons are kept from starting, now and at the next boot. What cannot
be had is named with the reason and is no error: those tests will be skipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.needs import ROOT, Need, missing, npm_ready, present

POLICY = Path("/usr/sbin/policy-rc.d")  # Debian's own way to say "start nothing"; 101 = forbidden
POLICY_TEXT = "#!/bin/sh\n# put here while the tests' packages are installed\nexit 101\n"
APT_TIMEOUT_S = 300
NPM_TIMEOUT_S = 180


def main() -> int:
    """Install what is missing, say what stays missing."""
    wanted = missing()
    reason = cannot_install() if wanted else ""
    if wanted and not reason:
        reason = install(wanted)
    if reason:
        print(f"setup-test: {reason}")
    for need in missing():
        print(f"setup-test: will skip {need.what_for}: no {need.package} here")
    npm_reason = npm_ci()
    if npm_reason:
        print(f"setup-test: will skip buf and the Node client: {npm_reason}")
    return 0


def cannot_install() -> str:
    """Why this process may not install packages; empty if it may."""
    if shutil.which("apt-get") is None:
        return "no apt-get here, so nothing is installed"
    if os.geteuid() != 0:
        return "not root, so nothing is installed"
    return ""


def install(needs: Sequence[Need]) -> str:
    """Install the packages without starting anything; returns what went wrong, or empty."""
    packages = [need.package for need in needs]
    print(f"setup-test: installing {' '.join(packages)}", flush=True)
    with nothing_starts():
        problem = apt("install", "--no-install-recommends", "--no-upgrade", *packages)
        if problem:  # an old or empty package list is the usual reason
            problem = apt("update") or apt("install", "--no-install-recommends", "--no-upgrade", *packages)
    keep_from_booting([need.service for need in needs if need.service and present(need)])
    return problem


def apt(command: str, *arguments: str) -> str:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    return run(
        ["apt-get", "-qq", "-y", "-o", "Dpkg::Use-Pty=0", command, *arguments], APT_TIMEOUT_S, environment
    )


def run(command: list[str], timeout_s: int, environment: dict[str, str]) -> str:
    """Run quietly; returns its last complaint, or empty when it went well."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, timeout=timeout_s, text=True, capture_output=True, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        return f"{command[0]}: {problem}"
    complaint = (done.stderr.strip() or done.stdout.strip() or f"exit status {done.returncode}").splitlines()[
        -1
    ]
    return f"{command[0]}: {complaint}" if done.returncode else ""


@contextmanager
def nothing_starts() -> Iterator[None]:
    """Forbid daemons to start meanwhile; a policy that is already there stays in force."""
    ours = False
    if not POLICY.exists():
        POLICY.write_text(POLICY_TEXT)
        POLICY.chmod(0o755)
        ours = True
    try:
        yield
    finally:
        if ours and POLICY.exists() and POLICY.read_text() == POLICY_TEXT:
            POLICY.unlink()


def keep_from_booting(services: Sequence[str]) -> None:
    """Daemons that came with our packages do not start at the next boot either."""
    if services and shutil.which("systemctl"):
        run(["systemctl", "disable", *services], 30, dict(os.environ))


def npm_ci() -> str:
    """Install exactly the locked npm packages; returns why not, or empty."""
    if npm_ready():
        return ""
    if shutil.which("npm") is None:
        return "no npm here"
    print("setup-test: npm ci", flush=True)
    return run(["npm", "ci", "--silent"], NPM_TIMEOUT_S, dict(os.environ))


if __name__ == "__main__":
    sys.exit(main())
