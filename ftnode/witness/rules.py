"""What every witness, whatever stores it, holds to. Pure."""

from ftnode.core.record import Record, stays


def refusal(cabinet: str, witness_id: str, unit: int, expected: Record | None, wanted: Record) -> str | None:
    """Why a swap (or, without `expected`, a creation) must not be tried, or None.

    Args:
        cabinet: the cabinet that the witness keeps.
        witness_id: the witness's own.
        unit: who asks.
        expected: the record that the swap is conditional on.
        wanted: the record that it would make.
    """
    if problem := wanted.problem():
        return f"the wanted record is none: {problem}"
    if expected is not None and (problem := expected.problem()):
        return f"the expected record is none: {problem}"
    if wanted.cabinet != cabinet or (expected is not None and expected.cabinet != cabinet):
        return f"the witness keeps cabinet {cabinet!r}, not {wanted.cabinet!r}"
    if wanted.witness_id != witness_id:
        return f"this is witness {witness_id!r}; the record is meant for witness {wanted.witness_id!r}"
    if wanted.active != unit:
        return f"unit {unit} asks to make unit {wanted.active} active; only that unit may"
    if expected is not None and wanted.epoch != expected.epoch + 1:
        return f"epoch {wanted.epoch} does not follow {expected.epoch} by exactly one"
    return None


def told_after_read(record: Record | None, told_seq: int, compared_seq: int, epoch: int) -> int:
    """The floor after a unit in `epoch` said that it has compared through `compared_seq`."""
    if record is None or epoch != record.epoch:
        return told_seq
    return max(told_seq, compared_seq)


def told_after_swap(expected: Record | None, told_seq: int, wanted: Record, compared_seq: int) -> int:
    """The floor after `wanted` replaced `expected`.

    It starts anew when no in-sync incarnation stays: after a forced take-over that accepted the loss
    of data nobody shows what was compared before, and asking for it would refuse the survivor.
    """
    if expected is None:
        return compared_seq
    return max(told_seq, compared_seq) if stays(expected, wanted) else compared_seq
