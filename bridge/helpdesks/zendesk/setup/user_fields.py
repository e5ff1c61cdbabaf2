"""What the bridge writes about a person on their Zendesk user, where these fields exist."""

from __future__ import annotations

from bridge.helpdesks.zendesk.people import PERSON_FIELDS
from bridge.helpdesks.zendesk.setup.model import Ids, Kind, Wanted, Wishes, canonical, mark_of
from bridge.helpdesks.zendesk.setup.wording import texts


def wanted(wishes: Wishes) -> tuple[Wanted, ...]:
    return tuple(_one(key, wishes.language) for key in PERSON_FIELDS)


def _one(key: str, language: str) -> Wanted:
    say = texts(language)
    title = say[f"person.{key}"]
    body = canonical(
        {
            "key": key,
            "type": "text",
            "title": title,
            "description": f"{say['made']} {mark_of(key)}",
        }
    )

    def text(_ids: Ids) -> str:
        return body

    return Wanted(Kind.USER_FIELD, key, title, text, key)
