"""Planted bugs of rot that is met in the wrong place: at the log's end, or in the state of a survivor."""

from typing import Any

from chaos.sim.book import Book
from chaos.sim.planting import Plant
from ftnode.core import log_end, lost_witness
from ftnode.core.promise import Promise
from ftnode.core.state import NEVER


def cut_is_forgotten(plant: Plant) -> None:
    """What a start cut from the log's end is known to that start alone, and not when that matters."""
    plant.set(Book, "_note_cut", lambda self, first_seq, rotten: None)


def rotten_end_is_torn(plant: Plant) -> None:
    """Whatever cannot be read above the mark is what a crash left of it."""

    def cut(promise: Promise, first_seq: int, rotten: bool) -> Promise:
        noted: Promise = before(promise, first_seq, False)
        return noted

    before = plant.set(log_end, "cut", cut)


def rotten_survivor_frees_nobody(plant: Plant) -> None:
    """A survivor that may not serve for its rotten state keeps the other unit bound."""

    def frees(unit: Any) -> bool:
        unrotten = bool(unit.unfit) or log_end.may_miss_answered(unit) or unit.told_seq == NEVER
        return bool(before(unit)) and (unrotten or not unit.rot)

    before = plant.set(lost_witness, "frees", frees)
