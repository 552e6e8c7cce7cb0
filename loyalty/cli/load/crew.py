"""Starts the worker processes of a load, keeps them in step and hears what they say."""

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from queue import Empty, Queue
from types import TracebackType
from typing import Final, Self

import msgspec

from loyalty.cli.load.plan import LoadPlan
from loyalty.cli.load.run import LoadFailed
from loyalty.cli.load.worker import Said

ENROL_PATIENCE_S: Final = 120.0
FINISH_PATIENCE_S: Final = 180.0  # beyond the planned time: what is unknown is asked again for so long


class Crew:
    """Use as `with Crew(plan) as crew: crew.wait_enrolled(); crew.go(); crew.wait_finished(tell)`."""

    def __init__(self, plan: LoadPlan) -> None:
        self.plan = plan
        self.said: Queue[tuple[int, Said | None]] = Queue()
        self.workers: list[subprocess.Popen[bytes]] = []
        self.ears: list[threading.Thread] = []

    def __enter__(self) -> Self:
        for worker in range(self.plan.processes):
            plan = msgspec.json.encode(msgspec.structs.replace(self.plan, worker=worker)).decode()
            command = [sys.executable, "-m", "loyalty.cli.load.worker", plan]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.workers.append(process)
            self.ears.append(threading.Thread(target=self._hear, args=(worker, process), daemon=True))
            self.ears[-1].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.workers:
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()
        for ear in self.ears:
            ear.join()

    def wait_enrolled(self) -> None:
        """Blocks until every worker has its members. Raises LoadFailed."""
        self._wait("enrolled", ENROL_PATIENCE_S, lambda _: None)

    def go(self) -> None:
        """All begin now."""
        for process in self.workers:
            if process.stdin is not None:
                process.stdin.write(b"go\n")
                process.stdin.flush()

    def wait_finished(self, tell: Callable[[Sequence[Said]], None]) -> list[Said]:
        """Blocks until every worker is done.

        Args:
            tell: called with the newest progress line of each worker, about once a second.

        Raises:
            LoadFailed: a worker died or took far too long.
        """
        newest: dict[int, Said] = {}

        def progress(said: tuple[int, Said]) -> None:
            newest[said[0]] = said[1]
            if said[0] == max(newest):
                tell(list(newest.values()))

        return self._wait("finished", self.plan.seconds + FINISH_PATIENCE_S, progress)

    def _wait(
        self, event: str, patience_s: float, progress: Callable[[tuple[int, Said]], None]
    ) -> list[Said]:
        arrived: dict[int, Said] = {}
        while len(arrived) < len(self.workers):
            try:
                worker, said = self.said.get(timeout=patience_s)
            except Empty:
                raise LoadFailed(
                    f"workers said nothing for {patience_s:.0f} s, waiting for {event!r}"
                ) from None
            if said is None and worker in arrived:
                continue
            if said is None:
                raise LoadFailed(f"worker {worker} ended before it was {event}")
            if said.event == "failed":
                raise LoadFailed(said.problem)
            if said.event == event:
                arrived[worker] = said
            elif said.event == "progress":
                progress((worker, said))
        return list(arrived.values())

    def _hear(self, worker: int, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is not None:
            with process.stdout:
                for line in process.stdout:
                    self.said.put((worker, msgspec.json.decode(line, type=Said)))
        self.said.put((worker, None))
