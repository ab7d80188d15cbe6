"""What a record says beside the others of its thread: warnings that only the ledger can find."""

from collections.abc import Iterable

import orjson

from hub.problems import Fault
from hub.schemas.kind import Kind
from hub.schemas.rules import RULES


def told_beside(body: Kind, members: Iterable[bytes]) -> list[Fault]:
    """The warnings about a payload beside others that stand, of its `beside_kinds`.

    `members` are what the public sees of them, `"document":{…}`: what somebody withholds, no warning tells.
    """
    others = [orjson.loads(b"{%b}" % member)["document"] for member in members]
    broken = ((at, check(body, others)) for at, check in body.besides)
    return [_warning(f"/body/{at}", error.type, error.context or {}) for at, error in broken if error is not None]


def _warning(pointer: str, name: str, context: dict[str, object]) -> Fault:
    rule = RULES[name]
    return Fault(pointer, name, rule.zh.format_map(context), rule.en.format_map(context))
