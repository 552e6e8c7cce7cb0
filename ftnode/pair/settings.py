"""Changing what the settings files of a pair say, line by line: everything else in them is their owner's."""

import re
from pathlib import Path
from typing import Final

from ftnode.config.schema import toml_value
from ftnode.config.unit import Witness
from ftnode.core.record import UNITS
from ftnode.pair import files
from ftnode.pair.layout import PairDir, write_whole
from ftnode.witness.naming import meant

_SECTION: Final = re.compile(r"^\[(\w+)\]", re.MULTILINE)


def set_witness(pair: PairDir, address: str) -> list[Path]:
    """Both units' settings name this witness from now on; the files that were changed.

    Raises:
        PairError: the settings cannot be read, or written.
        ValueError: this is no address.
    """
    changed: list[Path] = []
    for unit, settings in zip(UNITS, files.read(pair).units, strict=True):
        path = pair.config(f"unit{unit}")
        wanted = meant(address, settings.witness)
        text = before = path.read_text()
        for name in ("kind", "address", "etcd_addresses", "etcd_prefix"):
            if getattr(wanted, name) != getattr(settings.witness, name):
                text = with_setting(text, "witness", name, _value(wanted, name))
        if text != before:
            write_whole(path, text.encode())
            changed.append(path)
    return changed


def with_setting(text: str, section: str, name: str, value: str) -> str:
    """The document with this setting; a line that is there, or a comment with its default, is replaced."""
    start = next((found.end() for found in _SECTION.finditer(text) if found[1] == section), None)
    if start is None:
        return f"{text.rstrip()}\n\n[{section}]\n{name} = {value}\n"
    following = _SECTION.search(text, start)
    end = following.start() if following else len(text)
    line = re.compile(rf"^(# )?{name} = .*$", re.MULTILINE)
    body, count = line.subn(lambda _: f"{name} = {value}", text[start:end], count=1)
    return text[:start] + (body if count else f"\n{name} = {value}{text[start:end]}") + text[end:]


def _value(witness: Witness, name: str) -> str:
    value = getattr(witness, name)
    return toml_value(value)
