"""Numbers as an operator reads them."""

from datetime import UTC, datetime

from ftnode.v1 import admin_pb2


def count(number: int) -> str:
    """1234567 as 1,234,567."""
    return f"{number:,}"


def duration(ms: int) -> str:
    """The two greatest units: 3 d 4 h, 2 min 5 s, 350 ms."""
    if ms < 1000:
        return f"{ms} ms"
    seconds = ms // 1000
    for size, name, below, smaller in (
        (86_400, "d", 3_600, "h"),
        (3_600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if seconds >= size:
            return f"{seconds // size} {name} {seconds % size // below} {smaller}"
    return f"{seconds}.{ms % 1000 // 100} s"


def size(number: int) -> str:
    """Bytes with a prefix."""
    for limit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if number >= limit:
            return f"{number / limit:.1f} {name}"
    return f"{number} B"


def moment(ms: int) -> str:
    """A UTC time in milliseconds; a dash for none."""
    if ms <= 0:
        return "-"
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def units(ids: tuple[int, ...]) -> str:
    """An in-sync set."""
    return "{" + ", ".join(str(unit) for unit in ids) + "}"


def progress(at: admin_pb2.Duplexing) -> list[str]:
    """How far a unit that duplexes has come, in lines of 43 characters: what, how fast, what is saved."""
    phase = admin_pb2.DuplexingPhase.Name(at.phase).removeprefix("DUPLEXING_PHASE_").lower()
    left = f", {duration(at.left_ms)} left" if at.HasField("left_ms") else ""
    if at.phase in (admin_pb2.DUPLEXING_PHASE_LOG, admin_pb2.DUPLEXING_PHASE_ADMITTING):
        lines = [f"duplexing: {phase}, {count(at.entries_left)} entries left"]
        if at.entries_per_second:
            lines.append(f"  {count(at.entries_per_second)} entries/s{left}")
        return lines
    if not at.slots_total and not at.bytes_done:
        return [f"duplexing: {phase}"]
    lines = [f"duplexing: {phase}, {at.slots_done} of {at.slots_total} slots"]
    lines.append(f"  {size(at.bytes_done)}, {size(at.bytes_per_second)}/s{left}")
    if kept := at.slots_equal + at.slots_resumed:
        lines.append(f"  {kept} slots were here: {size(at.bytes_saved)} saved")
    return lines
