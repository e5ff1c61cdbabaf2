"""What parsers are given: things that look right, things that nearly do, and nonsense."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import strategies as st

Bytes = st.SearchStrategy[bytes]

ODD_TEXTS = (
    *("", " ", "\x00", "\ud800", "\u202e", "\u2028", "\ufeff", "\r\n", "\x1b[2J", "a" * 5_000),
    *("%00", "%0d%0a", "../../etc/passwd", "{{ticket.id}}", "<script>", "'\"`;--", "#dm", "＠x"),
    *("http://[::", "https://x:99999/", "https://a@b/", "//x", "javascript:1", "1e999", "NaN"),
    *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-11-21T12:00:00Z", "👩🏽‍🚀"),
)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2**63, 10**40, 1.5, float("inf"), float("nan")),
    *([], {}, [[]], {"": None}, [None], {"id": {}}),
)
texts = st.one_of(st.text(), st.sampled_from(ODD_TEXTS))


def json_values(names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Any JSON, preferring the names that the parser looks for."""
    leaves = st.one_of(texts, st.sampled_from(ODD_VALUES), st.integers(), st.floats())
    keys = st.one_of(st.sampled_from(names), texts)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=6)
        ),
        max_leaves=12,
    )


def documents(seed: Any) -> Bytes:
    """The seed with a few of its values, at any depth, put out, taken away or replaced."""
    ways = tuple(_ways(seed))
    names = tuple(sorted({str(way[-1]) for way in ways if way} or {"id"}))
    changes = st.lists(
        st.tuples(st.sampled_from(ways), st.one_of(st.just(_GONE), json_values(names))), max_size=4
    )
    return changes.map(lambda changes: _written(seed, changes))


_GONE = object()


def _ways(value: Any, way: tuple[Any, ...] = ()) -> Any:
    yield way
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _ways(inner, (*way, name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _ways(inner, (*way, at))


def _written(seed: Any, changes: list[tuple[tuple[Any, ...], Any]]) -> bytes:
    changed = json.loads(json.dumps(seed))
    for way, value in changes:
        changed = _changed(changed, way, value)
    return json.dumps(None if changed is _GONE else changed).encode()


def _changed(into: Any, way: tuple[Any, ...], value: Any) -> Any:
    if not way:
        return value
    if not isinstance(into, dict | list):
        return into  # another change has been here
    try:
        inner = into[way[0]]
    except (KeyError, IndexError, TypeError):
        return into
    put = _changed(inner, way[1:], value)
    if put is _GONE:
        del into[way[0]]
    else:
        into[way[0]] = put
    return into


def damaged(seeds: tuple[bytes, ...]) -> Bytes:
    """Seeds with bytes turned, cut out, doubled, put in, and put together."""
    return st.builds(_damaged, st.sampled_from(seeds), st.integers(0, 2**32), st.integers(0, 8))


def _damaged(seed: bytes, number: int, times: int) -> bytes:
    chance = random.Random(number)  # noqa: S311  # repeatable, nothing secret
    out = bytearray(seed)
    for _ in range(times):
        at = chance.randrange(len(out) + 1)
        to = min(len(out), at + chance.choice((1, 1, 2, 8, 64)))
        odd = chance.choice(ODD_TEXTS).encode("utf-8", "surrogatepass")
        out[at:to] = chance.choice(
            (b"", bytes(out[at:to]) * 2, odd, chance.randbytes(2), bytes(out[:at])[-64:])
        )
    return bytes(out)


def either(*seeds: bytes) -> Bytes:
    """Damaged seeds, any bytes, any text."""
    written = texts.map(lambda text: text.encode("utf-8", "surrogatepass"))
    return st.one_of(damaged(seeds), st.binary(max_size=500), written)
