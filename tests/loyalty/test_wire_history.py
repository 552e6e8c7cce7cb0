"""The answers of the engine itself, as responses."""

from loyalty import commands as cmd
from loyalty.v1 import till_pb2 as pb
from tests.loyalty.history import opened, random_steps
from tests.loyalty.wire_kit import NOON, ROWS, Answer, encode


def test_every_answer_of_a_long_history_becomes_a_response() -> None:
    """As a batch's answers, with the same numbers."""
    outcomes: list[bytes] = []
    for seed in range(16):
        played, members = opened(seed)
        for step in random_steps(seed, 100):
            played.play(step)
        outcomes += played.shop.outcomes
    answers = [Answer(at, 1, NOON, 0, body) for at, body in enumerate(outcomes)]
    items = pb.ExecuteBatchResponse.FromString(ROWS["ExecuteBatch"].encode(answers)).answers
    assert [item.seq for item in items] == list(range(len(answers)))
    seen = {item.WhichOneof("result") for item in items}
    of_tills = "enrol confirm return_lines void_receipt correct_receipt hold cancel_hold use_service"
    of_the_office = "define issue_coupon adjust change_member merge_members"
    assert seen == {"rejected", *of_tills.split(), *of_the_office.split()}
    for query in (cmd.GetStatement(1, members[0], 200, 0, 0), cmd.GetBalance(1, members[0])):
        outcome = played.shop.ask(query)
        name = type(query).__name__
        response = encode(name, getattr(pb, name + "Response"), outcome)
        assert response.done.member_id == members[0]
