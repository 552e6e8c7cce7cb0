"""The objects that histories are judged against: a register and an account.

Operations are values, so that a history can be written down, read back and compared.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Get:
    """Answer: the value, or None if nothing was ever put."""


@dataclass(frozen=True, slots=True)
class Put:
    """Answer: None."""

    value: int


@dataclass(frozen=True, slots=True)
class Cas:
    """Put `value` if the register holds `expected`. Answer: whether it did."""

    expected: int | None
    value: int


RegisterOperation: TypeAlias = Get | Put | Cas


@dataclass(frozen=True, slots=True)
class Register:
    """A cell with get, put and compare-and-swap."""

    initial: int | None = None

    def step(self, state: int | None, operation: RegisterOperation) -> tuple[int | None, object]:
        match operation:
            case Get():
                return state, state
            case Put(value):
                return value, None
            case Cas(expected, value):
                return (value, True) if state == expected else (state, False)

    def changes(self, operation: RegisterOperation, answer: object) -> bool:
        return isinstance(operation, Put) or (isinstance(operation, Cas) and answer is True)


@dataclass(frozen=True, slots=True)
class Deposit:
    """Answer: the balance afterwards."""

    amount: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Answer: the balance afterwards, or None when rejected for lack of balance."""

    amount: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Answer: the balance."""


AccountOperation: TypeAlias = Deposit | Withdraw | Balance


@dataclass(frozen=True, slots=True)
class Account:
    """A balance that never goes below zero."""

    initial: int = 0

    def step(self, state: int, operation: AccountOperation) -> tuple[int, object]:
        match operation:
            case Balance():
                return state, state
            case Deposit(amount):
                return state + amount, state + amount
            case Withdraw(amount):
                return (state - amount, state - amount) if amount <= state else (state, None)

    def changes(self, operation: AccountOperation, answer: object) -> bool:
        return not isinstance(operation, Balance) and answer is not None
