"""Entries and a channel that has no room for all of them: real sockets, a partner that reads."""

from collections.abc import Iterator
from typing import Any, cast

from msgspec.structs import replace

from ftnode.core import effects as ef
from ftnode.core.messages import Append, Sid
from ftnode.core.record import Record
from ftnode.shell.hands import Hands
from ftnode.shell.link import Link
from ftnode.wire import lockstep
from ftnode.wire.frames import Frame
from tests.shell.test_link import dialler, listener, who


async def test_large_entries_wait_for_room_and_all_of_them_arrive() -> None:
    """What a returning unit lacks may be far more than may wait unsent. It used to cost the connection,
    and the next one went the same way: nothing ever arrived."""
    bodies = {seq: seq.to_bytes(2, "big") * (100 << 10) for seq in range(1, 41)}  # 8 MB, of which 1 may wait
    async with listener() as (zero, ear), dialler(zero.port, who(1)) as (_, ear_1):
        assert (await ear.next(), await ear_1.next()) == ("connected 1", "connected 0")
        hands = hands_on(Bodies(bodies), zero)
        came: set[int] = set()
        while len(came) < len(bodies):
            hands._send(ef.Send(append_of(len(came) + 1, len(bodies))))  # as the core does after `resend_ms`
            assert zero.connected
            while zero.crowded or not ear_1.heard.empty():
                got = await ear_1.next()
                assert isinstance(got, Frame), got
                said = lockstep.decode(got)
                assert isinstance(said, Append)
                assert got.tail == bodies[said.to_seq]
                if said.from_seq == len(came) + 1:  # else sent again, or behind a gap
                    came.add(said.to_seq)
            assert zero.connected


class Bodies:
    """A log of large entries, read one by one."""

    def __init__(self, bodies: dict[int, bytes]) -> None:
        self.bodies = bodies

    def parts(self, message: Append, max_bytes: int) -> Iterator[tuple[Append, bytes]]:
        for seq in range(message.from_seq, message.to_seq + 1):
            yield replace(message, from_seq=seq, to_seq=seq, ends=((1, seq),)), self.bodies[seq]


def hands_on(log: Bodies, link: Link) -> Hands:
    """Hands that can send entries and nothing else."""
    hands = Hands.__new__(Hands)
    hands._logbook, hands._append_max_bytes, hands.link = cast(Any, log), 1 << 20, link
    return hands


def append_of(from_seq: int, to_seq: int) -> Append:
    record = Record("shop", "w1", 1, 0, (0,), ((0, "a"),))
    return Append(Sid(1, 2, 3), record, from_seq, to_seq, ((1, to_seq),), to_seq, 0, 0, 0, 0)
