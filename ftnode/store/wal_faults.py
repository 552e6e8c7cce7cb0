"""What can be wrong with a log: the world's failing. Each says what, where, and what would be right."""


class LogFault(Exception):
    """The log, or the disk below it, failed."""


class LogUnusable(LogFault):
    """An earlier write or sync failed. What the disk holds is unknown: this process must end."""


class LogFull(LogFault):
    """No room for the next segment. Nothing was written; what is there is whole."""


class LogShort(LogFault):
    """The log ends below what is known to have been durable in it: the disk lost what it had promised."""


class LogGone(LogFault):
    """The entry asked for is below the oldest one kept here. Take it from the archive, or a snapshot."""


class LogRotten(LogFault):
    """Entries at or below the durable mark cannot be read. They are fetched from the other unit."""

    def __init__(self, where: str, first_seq: int, last_seq: int) -> None:
        self.first_seq = first_seq
        self.last_seq = last_seq
        super().__init__(
            f"{where}: entries {first_seq}..{last_seq} are rotten; fetch them from the other unit"
        )
