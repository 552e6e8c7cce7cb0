"""What is wrong with a file: what cannot be read, and what the pair would refuse, each with its place.

The engine's own checks are run here, so nothing has to be sent to know.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath
from typing import Any, NamedTuple

import typer

from loyalty.cli.console import say
from loyalty.cli.show import EXIT_DONE, EXIT_REJECTED, complain
from loyalty.cli.view import counted, exponents_of
from loyalty.commands import Promotion, Rules
from loyalty.engine import faults, promotion_faults
from loyalty.text.errors import TextError
from loyalty.text.fields import mistake_in
from loyalty.text.files import (
    ProgrammeFile,
    programme_mistakes,
    promotions_mistakes,
    read_programme,
    read_promotions,
    zone_of,
)
from loyalty.text.source import Path, Source


class Mistake(NamedTuple):
    """One, with its file."""

    file: str
    error: TextError

    def __str__(self) -> str:
        return f"{self.file}, {self.error}" if self.error.line else f"{self.file}: {self.error}"

    def as_dict(self) -> dict[str, Any]:
        error = self.error
        place = {"line": error.line, "column": error.column, "where": error.where}
        return {"file": self.file, **place, "problem": error.problem, "wanted": error.wanted}


def read_text(file: str) -> str:
    """A file's text; `-` is standard input."""
    try:
        return sys.stdin.read() if file == "-" else FilePath(file).read_text(encoding="utf-8")
    except OSError as problem:
        raise typer.BadParameter(f"{file} cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        raise typer.BadParameter(f"{file} is no text in UTF-8: {problem}") from None


def check_programme(text: str) -> ProgrammeFile | list[TextError]:
    """What a programme file describes, or all that is wrong with it."""
    mistakes = programme_mistakes(text)
    if mistakes:
        return mistakes
    file = read_programme(text)
    return list(_faults_of_programme(Source(text), file)) or file


def check_promotions(text: str, rules: Rules) -> tuple[Promotion, ...] | list[TextError]:
    """The promotions of a file, or all that is wrong with it, for a programme with these rules."""
    mistakes = promotions_mistakes(text, rules)
    if mistakes:
        return mistakes
    promotions = read_promotions(text, rules)
    return list(_faults_of_promotions(Source(text), promotions, rules, zone_of(text))) or promotions


def _faults_of_programme(source: Source, file: ProgrammeFile) -> Iterator[TextError]:
    rules = file.rules
    for field, wanted in faults.of_rules(rules):
        yield mistake_in(source, ("programme",), field, wanted, rules.exponent, file.zone)
    for at, partner in enumerate(file.partners, 1):
        for field, wanted in faults.of_partner(partner):
            yield mistake_in(source, ("partner", at), _number(field), wanted, rules.exponent)
    for at, store in enumerate(file.stores, 1):
        for field, wanted in faults.of_store(store, rules):
            yield mistake_in(source, ("store", at), _number(field), wanted)
    yield from _faults_of_promotions(source, file.promotions, rules, file.zone)


def _number(field: str) -> str:
    """Numbers of partners and stores are called so in the file."""
    return "number" if field in ("partner", "store") else field


def _faults_of_promotions(
    source: Source, promotions: Sequence[Promotion], rules: Rules, zone: str
) -> Iterator[TextError]:
    for at, promotion in enumerate(promotions, 1):
        exponent = exponents_of(rules).get(promotion.currency or rules.currency, rules.exponent)
        for field, wanted in promotion_faults.of_promotion(promotion, rules):
            yield mistake_in(source, ("promotion", at), field, wanted, exponent, zone)


def notes_on_programme(file: ProgrammeFile) -> list[str]:
    """What the file names and does not bring: it has to be registered already."""
    partners = {partner.partner for partner in file.partners}
    stores = {store.store for store in file.stores}
    numbers = {promotion.number for promotion in file.promotions}
    named = [(f"store {store.store}", "partner", store.partner, partners) for store in file.stores]
    named += [(f"wallet {one.number}", "partner", one.partner, partners) for one in file.rules.wallets]
    for promotion in file.promotions:
        title = f"promotion {promotion.number}"
        named += [(title, "partner", one, partners) for one in (*promotion.where.partners, promotion.funder)]
        named += [(title, "store", one, stores) for one in promotion.where.stores]
        named += [(title, "promotion", getattr(promotion.effect, "promotion", 0), numbers)]
    return [
        f"{title} names {kind} {number}, which is not in this file: it has to be there already"
        for title, kind, number, known in named
        if number and number not in known
    ]


def report(file: str, mistakes: Sequence[TextError], notes: Sequence[str], good: str, as_json: bool) -> int:
    """Say what was found, mistakes on standard error; the exit status."""
    if as_json:
        told = [Mistake(file, error).as_dict() for error in mistakes]
        print(json.dumps({"file": file, "mistakes": told, "notes": list(notes)}))
        return EXIT_REJECTED if mistakes else EXIT_DONE
    for error in mistakes:
        print(Mistake(file, error), file=sys.stderr)
    if mistakes:
        complain(f"{file}: {counted(len(mistakes), 'mistake')}")
        return EXIT_REJECTED
    say(good)
    for note in notes:
        say(("note", "yellow"), f"  {note}")
    return EXIT_DONE


def place_of(text: str, path: Path, field: str, wanted: str, exponent: int) -> TextError:
    """A rejection's field (`promotion.effect.minor`) as a place in the file."""
    _, _, inner = field.partition(".")
    return mistake_in(Source(text), path, _number(inner) if inner else "number", wanted, exponent)
