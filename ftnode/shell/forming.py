"""Forming a cabinet: the one moment at which a record is made out of nothing.

The disk must be blank and the witness empty; the unit's first incarnation is on its disk before the
record names it, so that an interrupted attempt can be made again and never leaves a claim without a disk.
"""

import asyncio
import secrets
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from ftnode.config import UnitSettings
from ftnode.core.promise import Promise
from ftnode.core.record import Record
from ftnode.shell import secure
from ftnode.shell.boot import BootError, blank_promise, load_promise, take_directory
from ftnode.store.promise import PromiseFault, PromiseFile
from ftnode.tls import TlsError
from ftnode.witness.client import connect
from ftnode.witness.port import Conflict, Held, Refused, Swapped, Unknown, WitnessClient

WITNESS_WAIT_S: Final = 10.0


class FormError(Exception):
    """The cabinet was not formed; the text says why, and what would be right."""


async def form(settings: UnitSettings) -> str:
    """Form the cabinet with this unit as its first; what was done, in a sentence.

    Raises:
        FormError: the disk or the witness has a past, or cannot be reached. Nothing was changed, or
            what was changed does no harm and the same command may be given again.
    """
    try:
        directory = Path(settings.unit.dir)
        take_directory(directory)
        promises, promise = load_promise(settings, directory)
        client = connect(
            settings.witness, settings.unit.cabinet, settings.unit.id, secure.of(settings).channel
        )
    except (BootError, PromiseFault, TlsError) as error:
        raise FormError(str(error)) from error
    try:
        return await _form(settings, promises, promise, client)
    finally:
        await client.close()


async def _form(
    settings: UnitSettings, promises: PromiseFile, promise: Promise | None, client: WitnessClient
) -> str:
    if promise is not None and promise.boot > 0:
        raise FormError(f"{settings.unit.dir} is not blank: unit {promise.unit} has run on it; just start it")
    held = await _read(client)
    if held.record is not None:
        if promise is not None and held.record.incarnation_of(promise.unit) == promise.incarnation:
            return "this cabinet was formed before by this very unit; start it"
        raise FormError(
            f"the witness holds a record of epoch {held.record.epoch} already: it was formed before; "
            "start the unit that has the data"
        )
    first = promise or replace(blank_promise(settings), incarnation=secrets.token_hex(16))
    first = replace(first, witness_id=held.witness_id)
    try:
        promises.keep(first)
    except PromiseFault as fault:
        raise FormError(str(fault)) from fault
    return _told(await client.create(_record(first), 0), settings)


async def _read(client: WitnessClient) -> Held:
    """What the witness holds; one that is only just starting is waited for."""
    loop = asyncio.get_running_loop()
    until = loop.time() + WITNESS_WAIT_S
    while True:
        held = await client.read(0, 0)
        if isinstance(held, Held):
            return held
        if isinstance(held, Refused) or loop.time() > until:
            raise FormError(f"the witness gives no answer: {held.why}")
        await asyncio.sleep(0.2)


def _record(promise: Promise) -> Record:
    unit = promise.unit
    named = ((unit, promise.incarnation),)
    epoch = promise.epoch + 1  # above every entry of a disk that was restored from a backup
    return Record(promise.cabinet, promise.witness_id, epoch, unit, (unit,), named)


def _told(result: Swapped | Conflict | Refused | Unknown, settings: UnitSettings) -> str:
    match result:
        case Swapped():
            return f"cabinet {settings.unit.cabinet!r} is formed: unit {settings.unit.id} is its first unit"
        case Conflict(held):
            epoch = held.record.epoch if held.record else 0
            raise FormError(f"somebody else formed this cabinet at the same time (epoch {epoch})")
        case Refused(why) | Unknown(why):
            raise FormError(f"the witness did not say that it made the record: {why}; give the command again")
