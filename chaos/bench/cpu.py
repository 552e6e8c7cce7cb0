"""Processor time of a side's processes: a figure that a noisy machine bends less than a rate."""

from collections.abc import Iterable

import psutil


def cpu_s(pids: Iterable[int]) -> float:
    """Seconds that these processes and their children have used so far; what has ended is not counted."""
    used: dict[int, float] = {}
    for pid in pids:
        try:
            process = psutil.Process(pid)
            for each in (process, *process.children(recursive=True)):
                times = each.cpu_times()
                used[each.pid] = times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return sum(used.values())
