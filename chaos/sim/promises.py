"""The promise record of a simulated unit, on its simulated disk."""

import msgspec

from chaos.sim.disk import SimDisk
from ftnode.core.promise import Promise
from ftnode.store.disk import read_whole, write_whole

PATH = "/promise"


def read_promise(disk: SimDisk) -> Promise | None:
    """What was promised; None on a blank disk."""
    data = read_whole(disk, PATH)
    return None if data is None else msgspec.msgpack.decode(data, type=Promise)


def write_promise(disk: SimDisk, promise: Promise) -> None:
    """Durable when this returns."""
    write_whole(disk, PATH, msgspec.msgpack.encode(promise))
