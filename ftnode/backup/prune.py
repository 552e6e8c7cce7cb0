"""Old snapshots go, and with them the log and the slots that only they needed."""

import os
from pathlib import Path

from ftnode.backup.contents import LOG, SLOT_FILES, SNAPSHOTS, filled, look, read_roots, slot_path
from ftnode.backup.files import sync_directory, told
from ftnode.store.state_roots import root_at


def prune(root: Path, keep_snapshots: int) -> int:
    """Keep the newest `keep_snapshots` (at least 1) and all log behind the oldest of them; bytes freed.

    The caller holds the directory (`contents.writing`). Interrupted at any point, what is kept is whole.

    Raises:
        Damaged: a snapshot that stays cannot be read; nothing was deleted.
        BackupFault: the disk.
    """
    contents = look(root)
    kept = contents.snapshots[-keep_snapshots:]
    needed: set[Path] = set()
    for head in kept:
        roots = read_roots(root, head)
        needed.update(slot_path(root, slot, root_at(roots, slot)) for slot in filled(roots))
    gone = [root / SNAPSHOTS / head.name for head in contents.snapshots[:-keep_snapshots]]
    if kept:
        gone += [root / LOG / head.name for head in contents.logs if head.last_seq <= kept[0].seq]
    try:
        freed_bytes = _delete(gone)
        return freed_bytes + _delete([path for path in (root / SLOT_FILES).iterdir() if path not in needed])
    except OSError as trouble:
        raise told(root, trouble) from trouble


def _delete(paths: list[Path]) -> int:
    freed_bytes = 0
    for path in paths:
        freed_bytes += os.stat(path).st_size
        path.unlink()
    for directory in {path.parent for path in paths}:
        sync_directory(directory)
    return freed_bytes
