"""What one segment of a log should hold: for whoever reads it again without being its writer."""

import msgspec


class Piece(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """As the unit that writes it knows; all of it is written."""

    segment: int
    end_at: int  # byte behind its last frame
    first_seq: int
    last_seq: int
    last_hash: bytes
    log_id: int
