"""Three small applications that know nothing of a pair: for tests, the simulator and the judges.

Each comes with functions that make its commands and questions and read its outcomes. Their
bodies are msgpack arrays `[name, argument, ...]`. All are total: nonsense is answered with
`["refused", why]`, never with an exception.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec

from ftnode.machine.contract import EntryView, StateReader, StateWriter
from ftnode.store.state import SLOTS

COMMAND: Final = 16  # the only kind these applications have
Body: TypeAlias = list[Any]

_pack: Final = msgspec.msgpack.Encoder().encode
_unpack: Final = msgspec.msgpack.Decoder(list[Any]).decode
SCAN_MAX_PAIRS: Final = 1000
NAME_MAX_BYTES: Final = 200
VALUE_MAX_BYTES: Final = 100_000
NUMBER_MAX: Final = 1 << 48
COUNTER_MODULUS: Final = 1 << 63


def body(name: str, *arguments: object) -> bytes:
    """A command or a question in canonical bytes."""
    return _pack([name, *arguments])


def outcome(text: bytes) -> Body:
    """What an outcome or an answer says: its name, then its values."""
    return _unpack(text)


def _key(tenant: int, slot: int, name: bytes) -> bytes:
    return slot.to_bytes(2, "big") + tenant.to_bytes(2, "big") + name


def _named(slot: int, name: bytes) -> bool:
    return 0 <= slot < SLOTS and len(name) <= NAME_MAX_BYTES


def _read_int(state: StateReader, key: bytes) -> int:
    value = state.get(key)
    return 0 if value is None else int.from_bytes(value, "big")


def _write_int(state: StateWriter, key: bytes, number: int) -> None:
    state.put(key, number.to_bytes(8, "big"))


def _refused(why: str) -> bytes:
    return _pack(["refused", why])


def _parsed(text: bytes) -> Body | None:
    try:
        parsed = _unpack(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # what is nested too deeply on one host is no command on any
    return parsed if parsed and isinstance(parsed[0], str) else None


class Register:
    """Named values: `get`, `put`, `cas` (put if it still holds what is expected), `delete`.

    Commands:  ["get", slot, name] -> ["value", bytes or nil]
               ["put", slot, name, value] -> ["was", bytes or nil]
               ["cas", slot, name, expected or nil, value] -> ["done"] or ["other", bytes or nil]
               ["delete", slot, name] -> ["was", bytes or nil]
    Questions: ["get", slot, name] -> ["value", bytes or nil]; ["list", slot] -> ["pairs", [...]]
    """

    version = 1
    TENANT: Final = 1

    def execute(self, state: StateWriter, entry: EntryView) -> bytes:
        match _parsed(entry.body):
            case [_, int(slot), bytes(name), *_] if not _named(slot, name):
                return _refused("no such command")
            case ["get", int(slot), bytes(name)]:
                return _pack(["value", state.get(_key(self.TENANT, slot, name))])
            case ["put", int(slot), bytes(name), bytes(value)] if len(value) <= VALUE_MAX_BYTES:
                key = _key(self.TENANT, slot, name)
                was = state.get(key)
                state.put(key, value)
                return _pack(["was", was])
            case ["cas", int(slot), bytes(name), (bytes() | None) as expected, bytes(value)] if (
                len(value) <= VALUE_MAX_BYTES
            ):
                key = _key(self.TENANT, slot, name)
                holds = state.get(key)
                if holds != expected:
                    return _pack(["other", holds])
                state.put(key, value)
                return _pack(["done"])
            case ["delete", int(slot), bytes(name)]:
                key = _key(self.TENANT, slot, name)
                was = state.get(key)
                state.delete(key)
                return _pack(["was", was])
        return _refused("no such command")

    def query(self, state: StateReader, at_ms: int, body: bytes) -> bytes:
        match _parsed(body):
            case ["get", int(slot), bytes(name)] if _named(slot, name):
                return _pack(["value", state.get(_key(self.TENANT, slot, name))])
            case ["list", int(slot)] if _named(slot, b""):
                start, stop = _key(self.TENANT, slot, b""), _key(self.TENANT + 1, slot, b"")
                pairs = state.scan(start, stop, SCAN_MAX_PAIRS)
                return _pack(["pairs", [[key[4:], value] for key, value in pairs]])
        return _refused("no such question")


class Bank:
    """Accounts 0..ACCOUNTS-1, each in a slot of its own; what they hold together never changes.

    Command:   ["transfer", from, to, amount] -> ["done", from's balance, to's balance] or ["short", balance]
    Questions: ["balance", account] -> ["balance", number]; ["total"] -> ["total", number]
    """

    version = 1
    TENANT: Final = 2
    ACCOUNTS: Final = 64
    OPENING_BALANCE: Final = 1000

    def execute(self, state: StateWriter, entry: EntryView) -> bytes:
        match _parsed(entry.body):
            case ["transfer", int(source), int(target), int(amount)] if (
                0 < amount <= NUMBER_MAX and source != target
            ):
                if not (0 <= source < self.ACCOUNTS and 0 <= target < self.ACCOUNTS):
                    return _refused("no such account")
                return self._transfer(state, source, target, amount)
        return _refused("no such command")

    def _transfer(self, state: StateWriter, source: int, target: int, amount: int) -> bytes:
        held = self._balance(state, source)
        if held < amount:
            return _pack(["short", held])
        gets = self._balance(state, target) + amount
        _write_int(state, self._account(source), held - amount)
        _write_int(state, self._account(target), gets)
        return _pack(["done", held - amount, gets])

    def query(self, state: StateReader, at_ms: int, body: bytes) -> bytes:
        match _parsed(body):
            case ["balance", int(account)] if 0 <= account < self.ACCOUNTS:
                return _pack(["balance", self._balance(state, account)])
            case ["total"]:
                return _pack(["total", sum(self._balance(state, number) for number in range(self.ACCOUNTS))])
        return _refused("no such question")

    def _account(self, number: int) -> bytes:
        return _ACCOUNT_KEYS[number]

    def _balance(self, state: StateReader, number: int) -> int:
        value = state.get(self._account(number))
        return self.OPENING_BALANCE if value is None else int.from_bytes(value, "big")


_ACCOUNT_KEYS: Final = tuple(
    _key(Bank.TENANT, number * 61 % 4096, b"account %d" % number) for number in range(Bank.ACCOUNTS)
)


class Counter:
    """One number that only grows: each `add` shows whether a command ran once, twice or never.

    Command:   ["add", amount] -> ["is", number]; ["later", wait_ms, amount] -> ["waits"] (added by a tick)
    Question:  ["read"] -> ["is", number]
    """

    version = 1
    TENANT: Final = 3
    TOTAL: Final = _key(3, 7, b"total")
    WAITING: Final = _key(3, 7, b"wait")
    WAITING_END: Final = _key(3, 7, b"wait\xff")
    TICK_MAX: Final = 16  # waiting additions done with one tick

    def execute(self, state: StateWriter, entry: EntryView) -> bytes:
        match _parsed(entry.body):
            case ["add", int(amount)] if 0 <= amount <= NUMBER_MAX:
                number = (_read_int(state, self.TOTAL) + amount) % COUNTER_MODULUS
                _write_int(state, self.TOTAL, number)
                return _pack(["is", number])
            case ["later", int(wait_ms), int(amount)] if min(wait_ms, amount) >= 0 and (
                max(wait_ms, amount) <= NUMBER_MAX
            ):
                due = (entry.time_ms + wait_ms).to_bytes(8, "big") + entry.seq.to_bytes(8, "big")
                _write_int(state, self.WAITING + due, amount)
                return _pack(["waits"])
        return _refused("no such command")

    def tick(self, state: StateWriter, entry: EntryView) -> bytes:
        until = self.WAITING + (entry.time_ms + 1).to_bytes(8, "big")
        total = _read_int(state, self.TOTAL)
        for key, amount in state.scan(self.WAITING, until, self.TICK_MAX):
            total = (total + int.from_bytes(amount, "big")) % COUNTER_MODULUS
            state.delete(key)
            _write_int(state, self.TOTAL, total)
        return _pack(["is", total])

    def due_ms(self, state: StateReader) -> int | None:
        first = state.scan(self.WAITING, self.WAITING_END, 1)
        return int.from_bytes(first[0][0][8:16], "big") if first else None

    def query(self, state: StateReader, at_ms: int, body: bytes) -> bytes:
        if _parsed(body) == ["read"]:
            return _pack(["is", _read_int(state, self.TOTAL)])
        return _refused("no such question")


MACHINES: Final[dict[str, Callable[[], Register | Bank | Counter]]] = {
    "register": Register,
    "bank": Bank,
    "counter": Counter,
}
