"""What was cut, or lay in a log that was begun anew: kept for whoever asks later what became of an entry.

Copies lie in a directory below the log's, one file for each segment that was touched; a log that is
begun anew leaves its segments beside the new one, under another name. Frames say themselves
where they lay. All of it together is bounded: what is oldest goes first.
"""

from hashlib import blake2b
from typing import Final

from ftnode.store.disk import Disk, write_whole
from ftnode.store.wal_scan import segment_name, segments_in
from ftnode.store.wal_segment import used_bytes

AUDIT: Final = "audit"
AUDIT_MAX_BYTES: Final = 1 << 30  # the newest copies stay even if they alone are larger
_COPY: Final = ".frames"
_ASIDE: Final = ".kept"


def keep_copy(disk: Disk, directory: str, cuts: int, what: str, segment: int, at: int) -> None:
    """Copy all frames from byte `at` of `segment` on, durably.

    Args:
        cuts: how often the log was cut before; later copies have higher names.
    """
    for number in segments_in(disk, directory):
        if number < segment:
            continue
        file = disk.open(f"{directory}/{segment_name(number)}")
        try:
            copy = used_bytes(file, at if number == segment else 0)
        finally:
            file.close()
        if copy:
            tail = blake2b(copy, digest_size=4).hexdigest()  # after a crash the same copy gets the same name
            write_whole(disk, f"{directory}/{AUDIT}/{cuts:08d}-{what}-{number:010d}-{tail}{_COPY}", copy)


def put_aside(disk: Disk, directory: str, cuts: int, number: int) -> None:
    """Keep a segment of a log that is begun anew. Durable with the directory's next sync."""
    name = f"{cuts:08d}-{number:010d}{_ASIDE}"
    disk.rename(f"{directory}/{segment_name(number)}", f"{directory}/{name}")


def prune(disk: Disk, directory: str, max_bytes: int = AUDIT_MAX_BYTES) -> int:
    """Delete the oldest copies until the rest fits, never those of the last cut; the number deleted."""
    kept = [(name, f"{directory}/{AUDIT}/{name}") for name in disk.listdir(f"{directory}/{AUDIT}")]
    kept += [(name, f"{directory}/{name}") for name in disk.listdir(directory) if name.endswith(_ASIDE)]
    kept.sort()
    sizes = {path: _size_bytes(disk, path) for _, path in kept}
    total_bytes, deleted = sum(sizes.values()), 0
    for name, path in kept:
        if total_bytes <= max_bytes or name.split("-")[0] == kept[-1][0].split("-")[0]:
            break
        disk.unlink(path)
        total_bytes, deleted = total_bytes - sizes[path], deleted + 1
    if deleted:
        disk.fsync_dir(f"{directory}/{AUDIT}")
        disk.fsync_dir(directory)
    return deleted


def _size_bytes(disk: Disk, path: str) -> int:
    file = disk.open(path)
    try:
        return file.size_bytes()
    finally:
        file.close()
