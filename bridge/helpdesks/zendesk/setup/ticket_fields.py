"""The ticket fields that the bridge fills, and the one in which agents choose."""

from __future__ import annotations

from typing import Any

from bridge.helpdesks.zendesk.compose import REPLY_AS
from bridge.helpdesks.zendesk.setup.model import Ids, Kind, Wanted, Wishes, canonical, mark_of
from bridge.helpdesks.zendesk.setup.shelves import REPLY_AS_KEY
from bridge.helpdesks.zendesk.setup.wording import texts

WORDS = (
    "network",
    "account",
    "author",
    "followers",
    "profile",
    "permalink",
    "language",
    "reply_as",
    "reply_by",
    "delivery",
)


def wanted(wishes: Wishes) -> tuple[Wanted, ...]:
    return tuple(_one(word, wishes.language) for word in WORDS)


def _one(word: str, language: str) -> Wanted:
    say = texts(language)
    title = say[f"field.{word}"]
    body: dict[str, Any] = {
        "type": "text",
        "title": title,
        "description": f"{say['made']} {mark_of(word)}",
    }
    hint = say.get(f"hint.{word}")
    if hint:
        body["agent_description"] = hint
    if word == "reply_as":
        body["type"] = "tagger"
        body["custom_field_options"] = [
            {"name": say[f"option.{choice}"], "value": tag} for choice, tag in REPLY_AS.items()
        ]

    def text(_ids: Ids) -> str:
        return canonical(body)

    return Wanted(Kind.TICKET_FIELD, word, title, text, REPLY_AS_KEY if word == "reply_as" else "")
