"""People of the networks as Zendesk users.

https://developer.zendesk.com/api-reference/ticketing/users/users/#create-or-update-user
No e-mail address is ever made up: Zendesk would write to it.
"""

from __future__ import annotations

import re

from bridge.helpdesks.zendesk import answers
from bridge.helpdesks.zendesk.client import Lines, User
from bridge.helpdesks.zendesk.compose import literal
from bridge.model import Person
from bridge.text.html import line

LONGEST_NAME = 200
PERSON_FIELDS = ("bridge_network", "bridge_handle", "bridge_followers", "bridge_profile")
"""Keys of the user fields that are filled, where `bridge setup zendesk` made or found them."""

_PLAIN = re.compile(r"[a-z0-9._-]+")


def external_id(person: Person) -> str:
    """The person's id in Zendesk's `external_id`.

    Zendesk compares these ids without regard to case and rewrites their case, so two people whose
    ids differ only in case (base64 ids do) would become one. Such ids, and those with characters
    that zenpy does not escape, are written in hex; `hex` keeps them apart from plain ones.
    """
    if _PLAIN.fullmatch(person.id):
        return f"{person.network}:user:{person.id}"
    return f"{person.network}:user:hex:{person.id.encode('utf-8', 'replace').hex()}"


def shown_name(person: Person) -> str:
    """`Ada (@ada)`, as agents see it."""
    name = literal(line(person.name, LONGEST_NAME))
    handle = literal(line(person.handle, LONGEST_NAME))
    at = f"@{handle}" if handle else ""
    both = f"{name[:LONGEST_NAME]} ({at})" if name and at and name != at else name or at
    return both[:LONGEST_NAME] or f"{person.network} {person.id}"[:LONGEST_NAME]


def ensure(lines: Lines, person: Person, fields: frozenset[str] = frozenset()) -> str:
    """The user's id. Safe to repeat: found by its external id.

    `fields` are the keys of user fields that there are: no other is sent. What the network did not
    tell is left as it stands.
    """
    wanted = external_id(person)
    name = shown_name(person)
    known = {"user_fields": values} if (values := about(person, fields)) else {}
    (user,) = lines.ask(
        lambda zenpy: zenpy.users.create_or_update(
            User(name=name, external_id=wanted, skip_verify_email=True, **known)
        ),
        answers.made_user,
    )
    return user.id


def about(person: Person, fields: frozenset[str]) -> dict[str, str]:
    """What the user fields say of a person; followers as of now, and not kept up to date."""
    says = {
        "bridge_network": person.network,
        "bridge_handle": literal(line(person.handle, LONGEST_NAME)),
        "bridge_followers": "" if person.followers is None else str(person.followers),
        "bridge_profile": literal(person.profile_url),
    }
    return {key: value for key, value in says.items() if value and key in fields}
