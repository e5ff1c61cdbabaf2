"""What a CRM says of a row, without what stands in the row: its sentences quote values, and those
are customers' words."""

from __future__ import annotations

from dataclasses import fields

from bridge.connectors.calls import words
from bridge.records import Record

_SHORTEST = 4
_RUN = 8
"""So many characters in a row of a value are a part of it: CRMs quote values cut, or the cut ones
that we sent."""
_LONGEST = 4_000
_FINE = frozenset(
    (
        *("id", "type", "direction", "visibility", "platform", "deleted_reason"),
        *("customer_id", "identity_id", "other_identity_id", "conversation_id", "merged_into"),
    )
)
"""Words of ours, which may stand in a sentence."""


def hushed(said: object, record: Record) -> str:
    """The CRM's words in one line; whatever of them is a value of `record`, or a part of one,
    becomes "…"."""
    told = " ".join(str(said)[:_LONGEST].split())
    values = (getattr(record, each.name) for each in fields(record) if each.name not in _FINE)
    texts = {" ".join(each.split()) for each in values if isinstance(each, str)}
    for text in sorted(texts, key=len, reverse=True):
        if len(text) >= _SHORTEST:
            told = told.replace(text, "…")
    return words(_without_parts(told, texts))


def _without_parts(told: str, texts: set[str]) -> str:
    runs = {text[at : at + _RUN] for text in texts for at in range(len(text) - _RUN + 1)}
    kept: list[str] = []
    hidden = 0
    for at, sign in enumerate(told):
        if told[at : at + _RUN] in runs:
            hidden = at + _RUN
        if at >= hidden:
            kept.append(sign)
        elif not kept or kept[-1] != "…":
            kept.append("…")
    return "".join(kept)
