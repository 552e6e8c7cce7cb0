"""Planted bugs: how one is put in and taken out again. Only tests and the mutant run use this."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


class Plant:
    """Replaces attributes and dict entries, and puts back what was there."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def set(self, owner: Any, name: str, value: object) -> Any:
        """Replace an attribute; what was there before."""
        before = getattr(owner, name)
        inherited = isinstance(owner, type) and name not in owner.__dict__
        setattr(owner, name, value)
        self._undo.append(lambda: delattr(owner, name) if inherited else setattr(owner, name, before))
        return before

    def put(self, table: dict[Any, Any], key: object, value: object) -> Any:
        """Replace an entry of a dict; what was there before."""
        before = table[key]
        table[key] = value
        self._undo.append(lambda: table.__setitem__(key, before))
        return before

    def dig_up(self) -> None:
        """Everything is as it was."""
        while self._undo:
            self._undo.pop()()


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted bug and who is meant to see it."""

    name: str
    breaks: str  # the rule or trap
    seen_by: tuple[str, ...]  # any of these checks
    plant: Callable[[Plant], None]
    profiles: tuple[str, ...] = ()  # seeds of these are tried first
    seeds: tuple[int, ...] = ()  # known to catch it
    under: str = ""  # profile that every seed runs under instead of its own; empty: its own


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """The bug is there while the block runs."""
    plant = Plant()
    try:
        mutant.plant(plant)
        yield
    finally:
        plant.dig_up()
