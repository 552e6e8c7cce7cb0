"""Clients that were built with the baseline of the protos go on working; and a broken promise is noticed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tools.check import BASELINE, BUF
from tools.needs import ROOT

PATIENCE_S = 60
pytestmark = pytest.mark.skipif(not BUF.exists(), reason="buf is not installed: run `make setup-test`")


def broken_promises(protos: Path) -> str:
    """What buf says of a folder with buf.yaml and proto; empty if every promise is kept."""
    command = [str(BUF), "breaking", str(protos), "--against", str(BASELINE)]
    done = subprocess.run(command, text=True, capture_output=True, check=False, timeout=PATIENCE_S)
    assert done.returncode == 0 or done.stdout, done.stderr  # a broken promise, and not a broken buf
    return done.stdout


def test_every_promise_is_kept() -> None:
    """As `make check` does."""
    assert broken_promises(ROOT) == ""


CHANGES = [  # file, what is there, what is put in its place, a word of the complaint ("": it is fine)
    ("till", "bytes quote_digest = 15;", "bytes quote_digest = 30;", "quote_digest"),  # renumbered
    ("till", "bool repeated = 5;", "int64 repeated = 5;", "repeated"),  # of another type
    ("common", "int64 amount_minor = 1;", "int64 sum_minor = 1;", "amount_minor"),  # renamed
    ("common", "REJECTION_CODE_CARD_TAKEN = 36;", "REJECTION_CODE_CARD_TAKEN = 200;", "36"),
    ("till", "rpc Hold(HoldRequest)", "rpc Reserve(HoldRequest)", "Hold"),
    ("till", "bytes quote_digest = 15;", "bytes quote_digest = 15; int64 newer = 900;", ""),  # one more
]


@pytest.mark.parametrize(("file", "there", "instead", "word"), CHANGES)
def test_a_broken_promise_is_noticed(tmp_path: Path, file: str, there: str, instead: str, word: str) -> None:
    """What would break a client is named; what it would not notice is fine."""
    shutil.copy(ROOT / "buf.yaml", tmp_path)
    shutil.copytree(ROOT / "proto", tmp_path / "proto")
    proto = tmp_path / "proto" / "loyalty" / "v1" / f"{file}.proto"
    text = proto.read_text()
    assert there in text
    proto.write_text(text.replace(there, instead, 1))
    complaint = broken_promises(tmp_path)
    assert (word in complaint) if word else complaint == ""
