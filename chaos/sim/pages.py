"""What a unit puts into its words and finds in the other's: entries, hashes, digests."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ftnode.core.bound import Times
from ftnode.core.messages import Ack, Append, Fetched, Message, Open
from ftnode.core.versions import Ordered
from ftnode.machine.times import times_of
from ftnode.machine.upgrades import began, orders_of
from ftnode.store.entry import Entry, EntryFaultError, Run, decode_run

if TYPE_CHECKING:
    from chaos.sim.book import Book


class Pages:
    """The log as the wire sees it, in one life."""

    def __init__(self, book: "Book") -> None:
        self._book = book
        self.taken: tuple[Run, list[Entry], list[bytes]] | None = None  # of the Append just heard
        self.fetched: list[Run] = []

    def run(self, from_seq: int, to_seq: int) -> Run | None:
        """The entries as they travel; None if they cannot be read."""
        return self._book.log.read_exactly(from_seq, to_seq)

    def runs(self, seqs: tuple[int, ...]) -> list[Run]:
        """Entries asked for one by one, as runs without gaps."""
        found: list[Run] = []
        first = 0
        for place, seq in enumerate(seqs):
            if place + 1 == len(seqs) or seqs[place + 1] != seq + 1:
                run = self.run(seqs[first], seq)
                found += [] if run is None else [run]
                first = place + 1
        return found

    def filled_in(self, message: Message) -> Message:
        """The message with what only the log and the state know."""
        if isinstance(message, Ack):
            return replace(message, digest=self._book.digest_at(message.seq))
        if isinstance(message, Open):
            known = self._book.hash_or_none(message.common_seq)
            log = self._book.log
            if known is None and log.first_seq - 1 <= message.common_seq <= log.head_seq:
                log.rotten_seq = message.common_seq
            return replace(message, common_hash=known or b"")
        return message

    def sound(self, message: Message, payload: object) -> bool:
        """Do the bytes carried match our log?"""
        self.taken = None
        match message, payload:
            case Append(), Run() as run:
                return self._sound_run(message, run)
            case Open(), _:
                known = self._book.hash_or_none(message.common_seq)
                return known is not None and known == message.common_hash
            case Fetched(), list(runs):
                return self._sound_runs(message, runs)
        return True

    def times(self, message: Message) -> Times | None:
        """Log times of the entries just heard that continue our log."""
        if self.taken is None or not isinstance(message, Append):
            return None
        run, entries, _ = self.taken
        new = entries[max(0, self._book.log.head_seq + 1 - run.first_seq) :]
        return times_of(new) if new else None

    def orders(self, message: Message) -> tuple[tuple[Ordered, ...], int]:
        """What UPGRADE entries among those say, and the engine version of entry 1, if it is among them."""
        if self.taken is None or not isinstance(message, Append):
            return (), 0
        run, entries, _ = self.taken
        new = entries[max(0, self._book.log.head_seq + 1 - run.first_seq) :]
        return (orders_of(new), began(new)) if new else ((), 0)

    def _sound_runs(self, message: Fetched, runs: list[Run]) -> bool:
        self.fetched = [run for run in runs if self._book.log.fits(run)]
        held = {seq for run in self.fetched for seq in range(run.first_seq, run.last_seq + 1)}
        return held >= set(message.seqs)

    def _sound_run(self, message: Append, run: Run) -> bool:
        head_seq = self._book.log.head_seq
        if message.to_seq <= head_seq or message.from_seq > head_seq + 1:
            return True
        try:
            self.taken = _, _, hashes = decode_run(run.prev_hash, run.first_seq, run.data)
        except EntryFaultError:
            return False
        before = head_seq - run.first_seq
        return (run.prev_hash if before < 0 else hashes[before]) == self._book.log.head_hash
