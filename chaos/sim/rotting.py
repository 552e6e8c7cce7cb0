"""Rots a bit of an entry in one unit's log, or of a value of its state, if the other unit can replace it."""

from chaos.sim.box import Box
from chaos.sim.cabinet import Cabinet
from chaos.sim.logfile import LOG_DIR
from chaos.sim.promises import read_promise


def rot_one_entry(cabinet: Cabinet, unit: int) -> int:
    """Flip a bit; the seq of the entry, or 0 if none may rot now.

    Nothing else of the pair is rotten (a unit with a rotten state gives its log away, too), it is durable,
    with a mark or without one yet, and the other unit holds the same entry durably: so the pair can always
    put it right. Beside a unit that is not in sync only what is in the checkpoint rots: what a lone active
    answered last, and lost before a mark, waits for a person.
    """
    box, other, life = cabinet.boxes[unit], cabinet.boxes[1 - unit], cabinet.lives[unit]
    if life is None or not _all_whole(cabinet):
        return 0
    low_seq = max(life.unit.log.first_seq, cabinet.oldest_kept_seq(1 - unit))
    high_seq = min(box.durable_seq, other.durable_seq, life.unit.log.durable_seq)
    record = cabinet.record
    if record is None or 1 - unit not in record.in_sync:
        high_seq = min(high_seq, life.unit.log.checkpoint_seq)
    if high_seq < low_seq:
        return 0
    seq = cabinet.world.between(low_seq, high_seq)
    run = life.book.pages.run(seq, seq)
    if run is None or box.durable_hash.get(seq) != other.durable_hash.get(seq):
        return 0
    for name in box.disk.listdir(LOG_DIR):
        path = f"{LOG_DIR}/{name}"
        file = box.disk.open(path)
        at = file.pread(file.size_bytes(), 0).find(run.data)
        file.close()
        if at >= 0:
            bit = cabinet.world.between(0, len(run.data) * 8 - 1)
            box.disk.flip(path, at * 8 + bit)
            box.rot.add(seq)
            return seq
    return 0


def rot_state(cabinet: Cabinet, unit: int) -> str:
    """Flip a bit of one value of a unit's state; its key, empty if none may rot now.

    As with entries: nothing else of the pair is rotten, so that the other unit can give it back.
    """
    box = cabinet.boxes[unit]
    if not _all_whole(cabinet):
        return ""
    box.medium.fold()
    keys = [key for key in box.medium.pairs if box.medium.pairs[key]]
    if not keys:
        return ""
    key = keys[cabinet.world.between(0, len(keys) - 1)]
    box.medium.rot(key)
    _flip(box, key)
    return str(key.hex())


def _all_whole(cabinet: Cabinet) -> bool:
    return not any(
        box.rot or box.medium.rotten or box.rot_slots or _lost_its_end(box) for box in cabinet.boxes
    )


def _lost_its_end(box: Box) -> bool:
    """Did it cut what rotted, and has not caught up since?"""
    promise = read_promise(box.disk)
    return promise is not None and promise.cut_rotten


def mend_state(box: Box) -> None:
    """What was flipped is as it was: out of a backup."""
    for key in box.medium.rotten:
        _flip(box, key)
    box.medium.rotten.clear()
    box.rot_slots.clear()


def _flip(box: Box, key: bytes) -> None:
    value = bytearray(box.medium.pairs[key])
    value[-1] ^= 1
    box.medium.pairs[key] = bytes(value)
