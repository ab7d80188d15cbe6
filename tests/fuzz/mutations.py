"""Ways to spoil a valid body; each is a function of the body and a random source, and names itself."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import orjson

Mutation = Callable[[bytes, Random], bytes]

DEEP = 100_000
MANY = 100_000

ODD_TOKENS = (
    b"NaN",
    b"-Infinity",
    b"1e400",
    b"-1e400",
    b"9223372036854775808",
    b"18446744073709551616",
    b"-9223372036854775809",
    b"1" * 5000,
    b"0." + b"3" * 5000,
    b"-0",
    b"1E-400",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b'""',
    b'"\\u0000"',
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"\\ud83d\\ude00"',
    b'"\xed\xa0\x80"',
    b'"\xc0\xaf"',
    b'"\xff\xfe"',
    b'"\xf4\x90\x80\x80"',
    b'"\x00"',
    b'"\\x41"',
    b'"' + "长".encode() * 3000 + b'"',
    b'"' + b"9" * 5000 + b'"',
    b'"2026-02-30T25:61:00+99:00"',
    b'"0000-00-00T00:00:00Z"',
    b'"9999-12-31T23:59:59.999999-23:59"',
    b'"0001-01-01T00:00:00+23:59"',
    b'"http://[::1"',
    b'"javascript:alert(1)"',
    b'"/' + b"~1" * 90 + b'"',
    b'"\xe2\x80\xae\xef\xbb\xbf\xe2\x80\x8b"',
    b"[[[[[[[[]]]]]]]]",
    b"[null,null]",
    b'{"":{"":{}}}',
)
"""JSON values, and things that are almost JSON values, to stand where something else should."""

ODD_KEYS = (
    "",
    "\x00",
    "9" * 5000,
    "-1",
    "0",
    "²",
    "~0~1/",
    "__class__",
    "{0}",
    "{x.y}",
    "%s",
    "长" * 200,
    "a" * 100_000,
)
"""Names of members that nothing expects."""


def a_byte_changed(body: bytes, random: Random) -> bytes:
    at = random.randrange(len(body))
    return body[:at] + bytes([random.randrange(256)]) + body[at + 1 :]


def bytes_inserted(body: bytes, random: Random) -> bytes:
    at = random.randrange(len(body))
    return body[:at] + random.randbytes(random.randint(1, 8)) + body[at:]


def a_slice_removed(body: bytes, random: Random) -> bytes:
    start, end = sorted(random.randrange(len(body)) for _ in range(2))
    return body[:start] + body[end:]


def a_slice_doubled(body: bytes, random: Random) -> bytes:
    start, end = sorted(random.randrange(len(body)) for _ in range(2))
    return body[:end] + body[start:]


def cut_short(body: bytes, random: Random) -> bytes:
    return body[: random.randrange(len(body))]


def a_nul_byte(body: bytes, random: Random) -> bytes:
    at = random.randrange(len(body))
    return body[:at] + b"\x00" + body[at:]


def a_value_replaced(body: bytes, random: Random) -> bytes:
    """One value anywhere in the document becomes an odd token."""
    return _spliced(body, random, random.choice(ODD_TOKENS))


def several_values_replaced(body: bytes, random: Random) -> bytes:
    for _ in range(random.randint(2, 12)):
        body = a_value_replaced(body, random)
        if not _is_json(body):
            return body
    return body


def a_value_from_elsewhere(body: bytes, random: Random) -> bytes:
    """One value of the document takes the place of another one."""
    document = orjson.loads(body)
    places = list(_places(document))
    return _spliced(body, random, orjson.dumps(_at(document, random.choice(places))))


def a_member_removed(body: bytes, random: Random) -> bytes:
    document = orjson.loads(body)
    holders = [holder for holder in _holders(document) if holder]
    holder = random.choice(holders)
    del holder[random.choice(list(holder)) if isinstance(holder, dict) else random.randrange(len(holder))]
    return orjson.dumps(document)


def an_odd_member_added(body: bytes, random: Random) -> bytes:
    document = orjson.loads(body)
    holder = random.choice([holder for holder in _holders(document) if isinstance(holder, dict)])
    holder[random.choice(ODD_KEYS)] = random.choice([None, 1, "x", [], {}])
    return orjson.dumps(document)


def a_member_given_twice(body: bytes, random: Random) -> bytes:
    document = orjson.loads(body)
    name = random.choice(list(document))
    value = random.choice([orjson.dumps(document[name]), *ODD_TOKENS])
    return body[:-1] + b"," + orjson.dumps(name) + b":" + value + b"}"


def a_member_given_often(body: bytes, random: Random) -> bytes:
    name = orjson.dumps(random.choice(list(orjson.loads(body))))
    return body[:-1] + b"," + b",".join([name + b":1"] * MANY) + b"}"


def many_members(body: bytes, random: Random) -> bytes:
    document = orjson.loads(body)
    holder = random.choice([holder for holder in _holders(document) if isinstance(holder, dict)])
    holder.update((f"k{number}", number) for number in range(MANY))
    return orjson.dumps(document)


def many_items(body: bytes, random: Random) -> bytes:
    document = orjson.loads(body)
    lists = [holder for holder in _holders(document) if isinstance(holder, list)]
    (random.choice(lists) if lists else document.setdefault("attachments", [])).extend([{}] * MANY)
    return orjson.dumps(document)


def items_with_many_members(body: bytes, random: Random) -> bytes:
    document = orjson.loads(body)
    document["attachments"] = [{f"k{number}": 1 for number in range(400)}] * 200
    return orjson.dumps(document)


def deep_lists(body: bytes, random: Random) -> bytes:
    return _spliced(body, random, b"[" * DEEP + b"]" * DEEP)


def deep_objects(body: bytes, random: Random) -> bytes:
    return _spliced(body, random, b'{"a":' * DEEP + b"1" + b"}" * DEEP)


def deep_but_readable(body: bytes, random: Random) -> bytes:
    depth = random.randint(50, 1020)
    return _spliced(body, random, b"[" * depth + b"]" * depth)


def unfinished_lists(body: bytes, random: Random) -> bytes:
    return b"[" * DEEP


def a_huge_text(body: bytes, random: Random) -> bytes:
    return _spliced(body, random, b'"' + b"x" * 1_500_000 + b'"')


def a_huge_number(body: bytes, random: Random) -> bytes:
    return _spliced(body, random, b"9" * 1_000_000)


def more_than_is_taken(body: bytes, random: Random) -> bytes:
    return body + b" " * 3_000_000


def nothing(body: bytes, random: Random) -> bytes:
    return random.choice([b"", b" ", b"\n\n", b"\x00"])


def another_document(body: bytes, random: Random) -> bytes:
    return random.choice([*ODD_TOKENS, body + body, body + b",", b"[" + body + b"]", b"\xef\xbb\xbf" + body])


def another_encoding(body: bytes, random: Random) -> bytes:
    text = body.decode()
    return text.encode(random.choice(["utf-16", "utf-16-le", "utf-32", "gb18030", "utf-8-sig", "utf-7"]))


def only_noise(body: bytes, random: Random) -> bytes:
    return random.randbytes(random.randint(1, 4000))


def compressed(body: bytes, random: Random) -> bytes:
    bomb = random.choice([body, b" " * 3_000_000])
    return gzip.compress(bomb) if random.random() < 0.5 else zlib.compress(bomb)


LIGHT: tuple[Mutation, ...] = (
    a_byte_changed,
    bytes_inserted,
    a_slice_removed,
    a_slice_doubled,
    cut_short,
    a_nul_byte,
    a_value_replaced,
    several_values_replaced,
    a_value_from_elsewhere,
    a_member_removed,
    an_odd_member_added,
    a_member_given_twice,
    deep_but_readable,
    nothing,
    another_document,
    another_encoding,
    only_noise,
    compressed,
)
HEAVY: tuple[Mutation, ...] = (
    a_member_given_often,
    many_members,
    many_items,
    items_with_many_members,
    deep_lists,
    deep_objects,
    unfinished_lists,
    a_huge_text,
    a_huge_number,
    more_than_is_taken,
)
"""These are large: one in a hundred bodies is enough of them."""


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _spliced(body: bytes, random: Random, token: bytes) -> bytes:
    """The document with `token` in the place of one of its values."""
    document = orjson.loads(body)
    *way, last = random.choice([place for place in _places(document) if place])
    _at(document, way)[last] = "\u0001here\u0001"
    return orjson.dumps(document).replace(b'"\\u0001here\\u0001"', token)


def _places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a document that is not too deep to be walked."""
    yield way
    if len(way) < 20:
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for step, item in inner:
            yield from _places(item, (*way, step))


def _holders(document: Any) -> list[Any]:
    return [found for place in _places(document) if isinstance(found := _at(document, place), dict | list)]


def _at(document: Any, way: Any) -> Any:
    for step in way:
        document = document[step]
    return document
