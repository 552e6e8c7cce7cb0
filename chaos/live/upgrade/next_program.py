"""The kept test version: today's program with other log, link and snapshot formats and one other rule.

    python -m chaos.live.upgrade.next_program DIRECTORY

It is today's sources with the modules of `next` beside them and the lines of `EDITS` behind, or in, a few of
them: what a real next version changes, and no more. There is nothing in the product that could switch it on.
"""

import shutil
import sys
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[3]
PACKAGES: Final = ("ftnode", "loyalty")
NEXT: Final = Path(__file__).resolve().parent / "next"
MODULES: Final = {
    "entry_form.py": "ftnode/store/next_entry_form.py",
    "snapshot_form.py": "ftnode/store/next_snapshot_form.py",
    "link_form.py": "ftnode/wire/next_link_form.py",
    "engine.py": "loyalty/engine/next_engine.py",
}


class Edit(NamedTuple):
    """`old` stands in the file once and becomes `new`; an empty one: `new` goes to its end."""

    path: str
    old: str
    new: str


EDITS: Final = (
    Edit(
        "ftnode/store/entry_forms.py",
        "",
        "\nfrom ftnode.store.next_entry_form import SecondForm\n\n"
        "FORMS[2] = SecondForm()\nWRITTEN[{next}] = SecondForm()\n",
    ),
    Edit(
        "ftnode/store/snapshot_forms.py",
        "",
        "\nfrom ftnode.store.next_snapshot_form import SecondSnapshot\n\nFORMS[2] = SecondSnapshot()\n",
    ),
    Edit(
        "ftnode/wire/forms.py",
        "",
        "\nfrom ftnode.wire.next_link_form import ThirdLink\n\nFORMS[3] = ThirdLink()\n",
    ),
    Edit("ftnode/app.py", "from loyalty.engine import Engine\n", "{engines}"),
    Edit("ftnode/app.py", "Application([Engine()], methods,", "Application({machines}, methods,"),
)
_IMPORT: Final = "from loyalty.engine import Engine\nfrom loyalty.engine.next_engine import NextEngine\n"


class DoesNotFit(RuntimeError):
    """Today's sources are not what an edit expects: mend the edit."""


def make(directory: Path, older: bool = True) -> Path:
    """Make the next program in a directory that is not there yet; where to run it.

    Args:
        older: it has today's engine version, too. One without is what comes after it.

    Raises:
        DoesNotFit: see there. OSError: it cannot be written.
    """
    for package in PACKAGES:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, directory / package, ignore=ignore)
    for name, target in MODULES.items():
        shutil.copyfile(NEXT / name, directory / target)
    from loyalty.engine import Engine

    words = {
        "next": str(Engine.version + 1),
        "engines": _IMPORT,
        "machines": "[NextEngine(), Engine()]" if older else "[NextEngine()]",
    }
    for edit in EDITS:
        apply(directory / edit.path, edit, words)
    return directory


def apply(path: Path, edit: Edit, words: dict[str, str]) -> None:
    """Change one file. Raises DoesNotFit."""
    text, new = path.read_text(), edit.new
    for name, word in words.items():
        new = new.replace(f"{{{name}}}", word)
    if not edit.old:
        path.write_text(text + new)
        return
    if text.count(edit.old) != 1:
        raise DoesNotFit(f"{path}: {edit.old!r} stands there {text.count(edit.old)} times; want once")
    path.write_text(text.replace(edit.old, new))


if __name__ == "__main__":
    print(make(Path(sys.argv[1])))
