"""What is known of a person is written on their Zendesk user, where there are fields for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from plugins_zendesk import ZendeskSandbox

from bridge.helpdesks.zendesk import Zendesk
from bridge.helpdesks.zendesk.people import PERSON_FIELDS
from bridge.model import Person
from bridge.sandbox.zendesk import preset
from bridge.settings import Secret

ADA = Person(
    "mastodon",
    "109",
    "ada@example.social",
    "Ada",
    followers=1200,
    profile_url="https://example.social/@ada",
)
ALL = {
    "bridge_network": "mastodon",
    "bridge_handle": "ada@example.social",
    "bridge_followers": "1200",
    "bridge_profile": "https://example.social/@ada",
}


@pytest.fixture
def build(zendesk_sandbox: ZendeskSandbox, new_desk: Callable[..., Zendesk]) -> Any:
    def desk(*fields: str) -> Zendesk:
        return new_desk(
            zendesk_sandbox.url,
            oauth_token=Secret(preset.STATIC_TOKEN),
            person_fields=frozenset(fields),
        )

    return desk


def written(sandbox: ZendeskSandbox, user_id: str) -> str:
    return sandbox.desk.user(int(user_id)).fields_json


def test_only_fields_that_are_there_are_filled(zendesk_sandbox: ZendeskSandbox, build: Any) -> None:
    """A key that Zendesk does not know is never sent."""
    user = build().ensure_person(ADA)
    assert written(zendesk_sandbox, user) == "{}"
    build("bridge_handle", "something_else").ensure_person(ADA)
    assert written(zendesk_sandbox, user) == '{"bridge_handle": "ada@example.social"}'


def test_what_the_network_does_not_tell_stays(zendesk_sandbox: ZendeskSandbox, build: Any) -> None:
    """Also when it told it once."""
    import json

    desk = build(*PERSON_FIELDS)
    user = desk.ensure_person(ADA)
    assert json.loads(written(zendesk_sandbox, user)) == ALL
    desk.ensure_person(Person("mastodon", "109", "ada@example.social", "Ada"))
    assert json.loads(written(zendesk_sandbox, user)) == ALL


def test_an_erasure_empties_them(zendesk_sandbox: ZendeskSandbox, build: Any) -> None:
    desk = build(*PERSON_FIELDS)
    user = desk.ensure_person(ADA)
    assert "ada@example.social" in written(zendesk_sandbox, user)
    desk.erase_user(user, delete=False)
    left = written(zendesk_sandbox, user)
    assert not any(value in left for value in ALL.values())
