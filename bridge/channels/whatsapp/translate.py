"""What a WhatsApp number hears, in the words of the model. Pure, and nothing is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from bridge.channels.meta.envelope import Item
from bridge.channels.whatsapp import content, errors
from bridge.channels.whatsapp.payload import (
    Contact,
    Failure,
    FailureSchema,
    MessageSchema,
    StatusSchema,
    ValueSchema,
    read,
)
from bridge.model import (
    Arrival,
    Event,
    Ignored,
    Kind,
    Label,
    Person,
    Post,
    Removal,
    Report,
    Visibility,
)
from bridge.text.html import line, whole

NETWORK = "whatsapp"
FIELDS = ("messages", "smb_message_echoes")
THE_NUMBER = "our number"
LISTS = ("messages", "message_echoes", "statuses")

_LONGEST_NAME = 200
_ARRIVALS = {
    "sent": Arrival.SENT,
    "delivered": Arrival.DELIVERED,
    "read": Arrival.READ,
    "played": Arrival.READ,
    "failed": Arrival.FAILED,
}


@dataclass(frozen=True, slots=True)
class Here:
    """Whose messages these are. `graph` is the Graph API's address with its version: a file is
    named by where it is asked for."""

    account: str
    phone_number_id: str
    graph: str


def number_of(item: Item) -> str:
    """The id of the number that an item is for, "" where it is for the whole business account."""
    value = item.said if isinstance(item.said, dict) else {}
    told = ValueSchema().load({"metadata": value.get("metadata")})
    return str((told["metadata"] or {"phone_number_id": ""})["phone_number_id"])


def events(item: Item, here: Here) -> tuple[Event, ...]:
    """Raises `ValidationError` for what cannot be read."""
    if item.field not in FIELDS:
        return (Ignored(f"a notification about {item.field or 'nothing'}"),)
    if not isinstance(item.said, dict):
        raise ValidationError("the value is no object")
    around = ValueSchema().load(item.said)
    found: list[Event] = []
    for name, translate in (("messages", _message), ("message_echoes", _echo)):
        for one in _list(item.said, name):
            found += translate(one, around["contacts"], here)
    found += [_status(one, here) for one in _list(item.said, "statuses")]
    found += [_trouble(one) for one in _list(item.said, "errors")]
    return tuple(found) or (Ignored("nothing was said"),)


def _list(value: dict[str, Any], name: str) -> list[Any]:
    listed = value.get(name)
    return listed if isinstance(listed, list) else []


def _message(data: Any, contacts: tuple[Contact, ...], here: Here) -> list[Event]:
    said = read(MessageSchema(), data)
    ids = (said["from_user_id"], said["sender"])
    return _said(data, said, _person(ids, contacts), here, by_us=False)


def _echo(data: Any, contacts: tuple[Contact, ...], here: Here) -> list[Event]:
    """What somebody of the brand wrote in WhatsApp's own Business app."""
    said = read(MessageSchema(), data)
    return _said(data, said, _person((said["to_user_id"], said["to"]), contacts), here, by_us=True)


def _said(
    data: dict[str, Any], said: dict[str, Any], other: Person, here: Here, *, by_us: bool
) -> list[Event]:
    kind, at = said["type"], said["timestamp"]
    if kind == "revoke" and said["revoke"]:
        return [Removal(here.account, said["revoke"]["original_message_id"], at, "deleted")]
    post_id, revision = said["id"], ""
    if kind == "edit" and said["edit"] and isinstance(said["edit"]["message"], dict):
        post_id, data = said["edit"]["original_message_id"], said["edit"]["message"]
        kind, revision = str(data.get("type") or ""), f"{int(at.timestamp()):012}"
    if kind in content.SILENT:
        return [Ignored(content.SILENT[kind])]
    told = content.of(kind, data, here.graph)
    answers = said["context"]["id"] if said["context"] else ""
    labels = (
        (Label.AD, bool(said["referral"])),
        (Label.UNSUPPORTED, kind == "unsupported" or not (told.text or told.media)),
    )
    return [
        Post(
            account=here.account,
            network=NETWORK,
            id=post_id,
            kind=Kind.DM,
            visibility=Visibility.PRIVATE,
            author=_ourselves(here) if by_us else other,
            text=told.text,
            created_at=at,
            thread_id=other.id,
            parent_id=answers,
            revision=revision,
            media=told.media,
            by_us=by_us,
            labels=tuple(label for label, holds in labels if holds),
        )
    ]


def _person(ids: tuple[str, str], contacts: tuple[Contact, ...]) -> Person:
    """Known by the business-scoped user id where there is one: people may hide their number.

    https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
    """
    wanted = frozenset(ids) - {""}
    shown = next((one for one in contacts if one.ids & wanted), None)
    if shown is None and len(contacts) == 1 and not wanted:
        shown = contacts[0]
    user_id = ids[0] or (shown.user_id if shown else "")
    number = ids[1] or (shown.wa_id if shown else "")
    if not user_id and not number:
        raise ValidationError("nobody can tell who wrote it: neither a number nor a user id")
    name = line(shown.name or shown.username, _LONGEST_NAME) if shown else ""
    handle = f"+{number}" if number else shown.username if shown else ""
    handle = line(handle or user_id, 100)
    return Person(network=NETWORK, id=user_id or number, handle=handle, name=name or handle)


def _ourselves(here: Here) -> Person:
    return Person(NETWORK, here.phone_number_id, here.phone_number_id, THE_NUMBER)


def _status(data: Any, here: Here) -> Event:
    said = read(StatusSchema(), data)
    state = _ARRIVALS.get(said["status"])
    if state is None:
        return Ignored(f"a status of a message of ours: {line(said['status'], 50)}")
    failure = said["errors"][0] if said["errors"] else None
    failed = failure if state is Arrival.FAILED else None
    return Report(
        account=here.account,
        message_id=said["id"],
        state=state,
        at=said["timestamp"],
        mark=said["biz_opaque_callback_data"],
        because=line(failed.words, 300) if failed else "",
        code=errors.tells(failed.code) if failed else "",
    )


def _trouble(data: Any) -> Event:
    wrong: Failure = FailureSchema().load(data)
    return Ignored(whole(f"WhatsApp reports a trouble of the account: {line(wrong.words, 200)}"))
