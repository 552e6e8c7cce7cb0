"""The loyalty engine as the runtime sees it: execute and query, pure, total, bounded.

Every rule is decided below here by reading state and entry alone. A refusal is an outcome; what
cannot be decoded is one too, so nothing here raises for what a client sent.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from msgspec import DecodeError, msgpack

from loyalty.commands import (
    AnyQuery,
    Confirm,
    DefineProgramme,
    DefineStore,
    Enrol,
    FindMember,
    GetBalance,
    GetProgramme,
    GetStatement,
    Kind,
    Quote,
    ReturnLines,
)
from loyalty.engine import confirm, members, programmes, questions, returns
from loyalty.engine.records import encode
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import AnyOutcome, Code, Rejected


class _Rule(NamedTuple):
    decode: Callable[[bytes], Any]
    run: Callable[[Writer, Entry, Any], AnyOutcome]


_RULES: Final[dict[int, _Rule]] = {
    Kind.ENROL: _Rule(msgpack.Decoder(Enrol).decode, members.enrol),
    Kind.CONFIRM: _Rule(msgpack.Decoder(Confirm).decode, confirm.confirm),
    Kind.RETURN_LINES: _Rule(msgpack.Decoder(ReturnLines).decode, returns.return_lines),
    Kind.DEFINE_PROGRAMME: _Rule(msgpack.Decoder(DefineProgramme).decode, programmes.define_programme),
    Kind.DEFINE_STORE: _Rule(msgpack.Decoder(DefineStore).decode, programmes.define_store),
}
_QUERY: Final = msgpack.Decoder(AnyQuery).decode
_MALFORMED: Final = encode(Rejected(Code.MALFORMED, "body", "a command of this version in canonical bytes"))


class Engine:
    """The machine; it holds nothing, all state is in the state."""

    version: Final = 1  # grows whenever one entry would give other bytes than before

    def execute(self, state: Writer, entry: Entry) -> bytes:
        """Run one entry; the outcome in canonical bytes."""
        rule = _RULES.get(entry.kind)
        if rule is None:
            return _MALFORMED
        try:
            command = rule.decode(entry.body)
        except (DecodeError, UnicodeDecodeError, RecursionError):
            return _MALFORMED
        return encode(rule.run(state, entry, command))

    def query(self, state: Reader, at_ms: int, body: bytes) -> bytes:
        """Answer a question as of log time `at_ms`; changes nothing."""
        try:
            query = _QUERY(body)
        except (DecodeError, UnicodeDecodeError, RecursionError):
            return _MALFORMED
        return encode(_answer(state, at_ms, query))


def _answer(state: Reader, at_ms: int, query: AnyQuery) -> AnyOutcome:
    if isinstance(query, Quote):
        return confirm.quote(state, at_ms, query)
    if isinstance(query, FindMember):
        return members.find_member(state, at_ms, query)
    if isinstance(query, GetBalance):
        return questions.get_balance(state, at_ms, query)
    if isinstance(query, GetStatement):
        return questions.get_statement(state, at_ms, query)
    if isinstance(query, GetProgramme):
        return programmes.get_programme(state, query)
    return programmes.get_store(state, query)
