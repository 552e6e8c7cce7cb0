"""Version 3 of the lockstep channel: a mark first, lengths last, and a longer check."""

from hashlib import blake2b
from struct import Struct
from typing import Final

from ftnode.wire import frames
from ftnode.wire.frames import Frame, FrameError

_HEAD: Final = Struct("!2sBBII8s")  # mark, version, kind, length of head, length of tail, check
_MARK: Final = b"FT"
_CHECK_BYTES: Final = 8


def _check(kind: int, head: bytes, tail: bytes) -> bytes:
    return blake2b(bytes([kind]) + head + tail, digest_size=_CHECK_BYTES).digest()


class ThirdLink:
    """See `ftnode.wire.forms.Form`."""

    version = 3

    def outgoing(self, data: bytes) -> bytes:
        """Frames of today's layout, in this one."""
        out: list[bytes] = []
        for kind, head, tail in frames.FrameReader(len(data) + 1).feed(data):
            check = _check(kind, head, tail)
            out += [_HEAD.pack(_MARK, self.version, kind, len(head), len(tail), check), head, tail]
        return b"".join(out)

    def reader(self, frame_max_bytes: int) -> "ThirdReader":
        """For what comes in."""
        return ThirdReader(frame_max_bytes)


class ThirdReader:
    """Cuts a stream of this layout."""

    def __init__(self, frame_max_bytes: int) -> None:
        self._max_bytes = frame_max_bytes
        self._rest = b""

    def feed(self, data: bytes, most: int = 0) -> list[Frame]:
        """The frames that are complete now."""
        found: list[Frame] = []
        text, at = self._rest + data, 0
        while len(text) - at >= _HEAD.size and not 0 < most == len(found):
            mark, version, kind, head_bytes, tail_bytes, check = _HEAD.unpack_from(text, at)
            if mark != _MARK or version != ThirdLink.version:
                raise FrameError(
                    f"a frame begins with {mark!r} {version}, want {_MARK!r} {ThirdLink.version}"
                )
            if head_bytes + tail_bytes > self._max_bytes:
                raise FrameError(f"a frame of {head_bytes + tail_bytes} bytes; at most {self._max_bytes}")
            head_at = at + _HEAD.size
            tail_at = head_at + head_bytes
            end = tail_at + tail_bytes
            if end > len(text):
                break
            frame = Frame(kind, text[head_at:tail_at], text[tail_at:end])
            if _check(*frame) != check:
                raise FrameError(f"a frame of kind {kind} changed on its way")
            found.append(frame)
            at = end
        self._rest = text[at:]
        return found

    def rest(self) -> bytes:
        """What came in behind the last frame taken."""
        return self._rest
