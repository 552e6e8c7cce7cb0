"""How reports are written, as they come: a table for people, CSV for spreadsheets, JSON for programs."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import IO, Any, Final, Protocol

from google.protobuf.json_format import MessageToDict
from rich.console import Console
from rich.table import Table

from loyalty.v1 import common_pb2 as common
from loyalty.v1 import scans_pb2 as pb
from loyalty.v1 import till_pb2 as till

TABLE_MAX_ROWS: Final = 500  # more are for a file
WIDE: Final = 200  # columns, where there is no terminal
Columns = dict[str, Callable[[Any], object]]


class Form(StrEnum):
    """Ways to write a report."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class Writer(Protocol):
    """Writes one report."""

    def rows(self, message: Any) -> None:
        """Some more of it: a message of the stream."""

    def end(self) -> None:
        """That was all of it."""


def writer(form: Form, name: str, file: IO[str]) -> Writer:
    """A writer of the report `name` ("ScanLiability")."""
    if form is Form.JSON:
        return _Json(file)
    return _Csv(COLUMNS[name], file) if form is Form.CSV else _Table(COLUMNS[name], file)


class _Json:
    """One object: as of when, and the rows as the protos have them."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._count = 0
        self._begun = False

    def rows(self, message: Any) -> None:
        at: pb.Progress = message.progress
        if not self._begun:
            self._file.write(f'{{"as_of_seq": {at.as_of_seq}, "as_of_ms": {at.as_of_ms}, "rows": [')
            self._begun = True
        for row in message.rows:
            plain = MessageToDict(
                row, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
            )
            self._file.write((",\n" if self._count else "\n") + json.dumps(plain))
            self._count += 1

    def end(self) -> None:
        self._file.write("\n]}\n")


class _Csv:
    """A line of names, then one for each row."""

    def __init__(self, columns: Columns, file: IO[str]) -> None:
        self._columns = columns
        self._csv = csv.writer(file, lineterminator="\n")
        self._csv.writerow(columns)

    def rows(self, message: Any) -> None:
        for row in message.rows:
            self._csv.writerow([value(row) for value in self._columns.values()])

    def end(self) -> None:
        """Nothing is left."""


class _Table:
    """The first rows, and what is true of them all."""

    def __init__(self, columns: Columns, file: IO[str]) -> None:
        self._columns = columns
        self._table = Table(*columns, box=None, pad_edge=False)
        self._console = Console(file=file, width=None if file.isatty() else WIDE)
        self._at = pb.Progress()
        self._count = 0

    def rows(self, message: Any) -> None:
        self._at = message.progress
        for row in message.rows:
            self._count += 1
            if self._count <= TABLE_MAX_ROWS:
                self._table.add_row(*[_cell(value(row)) for value in self._columns.values()])

    def end(self) -> None:
        self._console.print(self._table)
        if self._count > TABLE_MAX_ROWS:
            more = self._count - TABLE_MAX_ROWS
            self._console.print(f"... and {more} more: --form csv --output FILE has them all")
        as_of = (
            f"entry {self._at.as_of_seq}, {_instant(self._at.as_of_ms)}"
            if self._at.as_of_seq
            else "the start"
        )
        self._console.print(f"{self._count} rows, as of {as_of}", highlight=False)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return f"{value:,}" if isinstance(value, int) and abs(value) >= 10_000 else str(value)


def _day(number: int) -> str:
    """2027-03-01; never; --03-14 for a day of any year."""
    if not number:
        return "never"
    year, month_day = divmod(number, 10_000)
    return f"{year or '-':->4}-{month_day // 100:02}-{month_day % 100:02}"


def _instant(time_ms: int) -> str:
    if not time_ms:
        return "never"
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _words(values: Any) -> str:
    return " ".join(values)


def _balance(row: pb.MemberRow, name: str) -> int:
    """Of bonus points; the others are in the JSON form."""
    for wallet in row.wallets:
        if wallet.wallet == 0:
            return int(getattr(wallet.balance, name))
    return 0


def _receipt(receipt: common.ReceiptId) -> str:
    if not receipt.store:
        return ""
    return f"{receipt.store}/{receipt.terminal}/{receipt.number}/{receipt.business_day}"


def _movement(number: Any) -> str:
    return till.Movement.Name(number).removeprefix("MOVEMENT_").lower()


def _text(number: int) -> str:
    """A number that names something: no thousands in it."""
    return str(number) if number else ""


COLUMNS: Final[dict[str, Columns]] = {
    "ScanLiability": {
        "until_day": lambda row: _day(row.until_day),
        "wallet": lambda row: row.wallet,
        "partner": lambda row: str(row.partner),
        "points": lambda row: row.points,
    },
    "ScanEndingSoon": {
        "member_id": lambda row: str(row.member_id),
        "wallet": lambda row: row.wallet,
        "active_until": lambda row: _instant(row.active_until_ms),
        "points": lambda row: row.points,
        "purposed": lambda row: row.purposed,
    },
    "ScanBirthdays": {
        "member_id": lambda row: str(row.member_id),
        "birthday": lambda row: _day(row.birthday),
        "phone": lambda row: row.phone,
        "language": lambda row: row.language,
        "consents": lambda row: _words(row.consents),
        "blocked": lambda row: row.blocked,
    },
    "ScanMembers": {
        "member_id": lambda row: str(row.member_id),
        "phone": lambda row: row.phone,
        "cards": lambda row: _words(row.cards),
        "externals": lambda row: _words(row.externals),
        "enrolled": lambda row: _instant(row.enrolled_ms),
        "store": lambda row: _text(row.store),
        "purchases": lambda row: row.purchases,
        "spendable_points": lambda row: _balance(row, "spendable_points"),
        "future_points": lambda row: _balance(row, "future_points"),
        "debt_points": lambda row: _balance(row, "debt_points"),
        "blocked": lambda row: row.blocked,
        "merged_into": lambda row: _text(row.merged_into),
    },
    "ScanStatements": {
        "member_id": lambda row: str(row.member_id),
        "seq": lambda row: str(row.item.seq),
        "time": lambda row: _instant(row.item.time_ms),
        "movement": lambda row: _movement(row.item.movement),
        "receipt": lambda row: _receipt(row.item.receipt),
        "points": lambda row: row.item.points,
        "reason": lambda row: row.item.reason,
    },
    "ScanUsage": {
        "promotion": lambda row: _text(row.promotion),
        "partner": lambda row: _text(row.partner),
        "name": lambda row: row.name,
        "version": lambda row: row.version,
        "paused": lambda row: row.paused,
        "times": lambda row: row.times,
        "minor": lambda row: row.minor,
        "points": lambda row: row.points,
    },
}
