"""The checker of histories: it passes what one machine could have done, and nothing else."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from chaos.judges.linearizability import STEPS_MAX, Call, Verdict, check
from chaos.judges.models import (
    Account,
    AccountOperation,
    Balance,
    Cas,
    Deposit,
    Get,
    Put,
    Register,
    RegisterOperation,
    Withdraw,
)

# What clients saw. One row per call: operation, called, returned (None: unknown), answer.
RegisterCall = Call[RegisterOperation]
Story = Sequence[tuple[RegisterOperation, float, float | None, object]]
AccountStory = Sequence[tuple[AccountOperation, float, float | None, object]]

GOOD: dict[str, Story] = {
    "nothing happened": [],
    "a write of what is there already is still a write": [
        (Put(3), 0, 1, None),
        (Put(4), 2, 9, None),
        (Put(3), 2, 9, None),
        (Get(), 3, 4, 4),
        (Get(), 10, 11, 3),
    ],
    "one after the other": [
        (Put(1), 0, 1, None),
        (Get(), 2, 3, 1),
        (Cas(1, 2), 4, 5, True),
        (Get(), 6, 7, 2),
    ],
    "a read beside a write may see either": [(Put(1), 0, 9, None), (Get(), 1, 2, None), (Get(), 3, 4, 1)],
    "end and start at one instant count as beside each other": [(Put(1), 0, 5, None), (Get(), 5, 6, None)],
    "an unknown write may have happened": [(Put(1), 0, None, None), (Get(), 5, 6, 1)],
    "an unknown write may not have happened": [(Put(1), 0, None, None), (Get(), 5, 6, None)],
    "an unknown write may happen late": [(Put(1), 0, None, None), (Get(), 5, 6, None), (Get(), 7, 8, 1)],
    "two unknown writes in an order of their own": [
        (Put(1), 0, None, None),
        (Put(2), 0, None, None),
        (Get(), 1, 2, 2),
        (Get(), 3, 4, 1),
    ],
    "which of two unknown calls was it? only later it shows": [
        (Put(0), 0, 1, None),
        (Put(1), 2, None, None),
        (Cas(0, 1), 2, None, None),
        (Get(), 3, 4, 1),  # either explains it, but the plain write is needed below
        (Put(2), 5, 6, None),
        (Get(), 7, 8, 1),
    ],
    "only one of two swaps wins": [(Put(0), 0, 1, None), (Cas(0, 1), 2, 5, False), (Cas(0, 2), 2, 5, True)],
}

BAD: dict[str, Story] = {
    "a write that was answered is lost": [(Put(1), 0, 1, None), (Get(), 2, 3, None)],
    "a read goes back in time": [
        (Put(1), 0, 1, None),
        (Put(2), 2, 9, None),
        (Get(), 3, 4, 2),
        (Get(), 5, 6, 1),
    ],
    "a stale read from a deposed unit": [(Put(1), 0, 1, None), (Put(2), 2, 3, None), (Get(), 4, 5, 1)],
    "a value nobody wrote": [(Put(1), 0, 1, None), (Get(), 2, 3, 7)],
    "a dirty read: seen, then gone": [(Put(1), 0, None, None), (Get(), 1, 2, 1), (Get(), 3, 4, None)],
    "both of two swaps win": [(Put(0), 0, 1, None), (Cas(0, 1), 2, 5, True), (Cas(0, 2), 2, 5, True)],
    "a swap that was done twice": [
        (Cas(None, 1), 0, 1, True),
        (Put(0), 2, 3, None),
        (Get(), 4, 5, 1),
    ],
    "an unknown write before it was sent": [(Get(), 0, 1, 1), (Put(1), 2, None, None)],
    "an unknown write that happened twice": [
        (Put(1), 0, None, None),
        (Get(), 1, 2, 1),
        (Put(2), 3, 4, None),
        (Get(), 5, 6, 1),
    ],
}

ACCOUNT_GOOD: dict[str, AccountStory] = {
    "rejected, then paid in": [(Withdraw(5), 0, 1, None), (Deposit(5), 2, 3, 5), (Withdraw(5), 4, 5, 0)],
    "an unknown withdrawal explains the balance": [
        (Deposit(10), 0, 1, 10),
        (Withdraw(4), 2, None, None),
        (Balance(), 3, 4, 10),
        (Balance(), 5, 6, 6),
    ],
}
ACCOUNT_BAD: dict[str, AccountStory] = {
    "doubled by a retry": [(Deposit(10), 0, 1, 10), (Balance(), 2, 3, 20)],
    "paid twice from one balance": [(Deposit(5), 0, 1, 5), (Withdraw(5), 2, 6, 0), (Withdraw(5), 3, 7, 0)],
    "rejected without need": [(Deposit(5), 0, 1, 5), (Withdraw(5), 2, 3, None)],
}


@pytest.mark.parametrize("name", GOOD)
def test_register_histories_that_one_machine_could_give(name: str) -> None:
    assert check([Call(*row) for row in GOOD[name]], Register()).ok


@pytest.mark.parametrize("name", BAD)
def test_planted_register_faults_are_seen(name: str) -> None:
    judgement = check([Call(*row) for row in BAD[name]], Register())
    assert judgement.verdict is Verdict.NOT_LINEARIZABLE
    assert "no order explains" in judgement.story


@pytest.mark.parametrize("name", ACCOUNT_GOOD)
def test_account_histories_that_one_machine_could_give(name: str) -> None:
    assert check([Call(*row) for row in ACCOUNT_GOOD[name]], Account()).ok


@pytest.mark.parametrize("name", ACCOUNT_BAD)
def test_planted_account_faults_are_seen(name: str) -> None:
    assert check([Call(*row) for row in ACCOUNT_BAD[name]], Account()).verdict is Verdict.NOT_LINEARIZABLE


def test_the_key_at_fault_is_named_and_others_do_not_hide_it() -> None:
    """Each key is judged alone: a value read under another key than it was written to explains nothing."""
    calls: list[RegisterCall] = [Call(Put(1), 0, 1, None, "ann"), Call(Get(), 2, 3, 1, "bob")]
    judgement = check(calls, Register())
    assert judgement.key == "bob"
    assert "'bob'" in judgement.story


def test_a_search_that_gives_up_is_no_pass() -> None:
    calls: list[RegisterCall] = [
        *(RegisterCall(Put(i), 0, 10, None) for i in range(8)),
        Call(Get(), 11, 12, 99),
    ]
    judgement = check(calls, Register(), steps_max=100)
    assert judgement.verdict is Verdict.OVER_BUDGET
    assert not judgement.ok


def test_a_call_that_returned_before_it_was_called_is_a_broken_history() -> None:
    with pytest.raises(ValueError, match="before it was called"):
        check([RegisterCall(Put(1), 5, 4, None)], Register())


# --- random histories against brute force ------------------------------------------------------------


def random_history(rng: random.Random, corrupt: bool) -> list[RegisterCall]:
    """Up to seven calls of four clients on one honest register, some answers lost, perhaps one corrupted.

    Only two values, so that writes often write what is there already: the case a shortcut gets wrong.
    """
    planned: list[tuple[float, float, float, RegisterOperation]] = []  # happens, called, returned, operation
    free_at = [0.0] * 4
    for _ in range(rng.randint(2, 7)):
        client = rng.randrange(4)
        called = free_at[client] + rng.random()
        happens = called + rng.random() * 3
        free_at[client] = happens + rng.random() * 3
        choices: list[RegisterOperation] = [
            Get(),
            Put(rng.randrange(2)),
            Cas(rng.randrange(2), rng.randrange(2)),
        ]
        planned.append((happens, called, free_at[client], rng.choice(choices)))
    lost_share = rng.choice([0.0, 0.2, 0.6])
    state: int | None = None
    calls: list[RegisterCall] = []
    for _, called, returned, operation in sorted(planned, key=lambda plan: plan[0]):
        lost = rng.random() < lost_share and not isinstance(operation, Get)
        after, answer = Register().step(state, operation)
        if not lost or rng.random() < 0.5:
            state = after
        calls.append(Call(operation, called, None if lost else returned, answer))
    if corrupt:
        i = rng.randrange(len(calls))
        wrong = {Get: rng.randrange(2), Put: None, Cas: rng.random() < 0.5}[type(calls[i].operation)]
        calls[i] = replace(calls[i], answer=wrong)
    return calls


def brute_force(calls: Sequence[RegisterCall]) -> bool:
    """Every subset of unknown calls, every order: is one of them legal and in keeping with real time?"""
    known = [call for call in calls if call.returned is not None]
    unknown = [call for call in calls if call.returned is None]
    for n in range(len(unknown) + 1):
        for chosen in itertools.combinations(unknown, n):
            if any(_legal(order) for order in itertools.permutations([*known, *chosen])):
                return True
    return False


def _legal(order: Sequence[RegisterCall]) -> bool:
    state: int | None = None
    for i, call in enumerate(order):
        if any(later.returned is not None and later.returned < call.called for later in order[i + 1 :]):
            return False
        state, answer = Register().step(state, call.operation)
        if call.returned is not None and answer != call.answer:
            return False
    return True


def test_random_histories_agree_with_brute_force() -> None:
    """3,000 small histories, half of them with a corrupted answer: the same verdict on every one."""
    rng = random.Random(7)
    verdicts = []
    for n in range(3_000):
        history = random_history(rng, corrupt=n % 2 == 1)
        expected = brute_force(history)
        assert check(history, Register()).ok == expected, history
        verdicts.append(expected)
    assert verdicts[::2] == [True] * 1_500, "a history without corruption must be legal"
    assert verdicts.count(False) > 200, "too few bad histories to prove anything"


def test_a_long_history_with_lost_answers_stays_cheap() -> None:
    """4,000 calls on one key, ten in flight, one in fifty unknown: judged within half of the budget."""
    rng = random.Random(3)
    state: int | None = None
    calls: list[RegisterCall] = []
    for n in range(4_000):
        now = n / 10
        choices: list[RegisterOperation] = [Get(), Put(n), Cas(state, n), Cas(n - 2, n)]
        operation = rng.choice(choices)
        lost = rng.random() < 0.02
        after, answer = Register().step(state, operation)
        if not lost or rng.random() < 0.5:
            state = after
        calls.append(
            Call(operation, now - rng.random() / 2, None if lost else now + rng.random() / 2, answer)
        )
    judgement = check(calls, Register())
    assert judgement.ok
    assert judgement.steps < STEPS_MAX / 2
