"""Records as rows of Dynamics 365: which column takes what, and how much of it.

https://github.com/MicrosoftDocs/powerapps-docs/blob/086a694/powerapps-docs/developer/data-platform/reference/entities/socialactivity.md
and socialprofile.md beside it. A text that is too long is cut and ends with a link to the whole; an
id or an address that is too long is left out, because half of it leads nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.connectors.capped import capped, fitting
from bridge.crm.schemas import instant
from bridge.records import (
    Change,
    CustomerRecord,
    Direction,
    IdentityRecord,
    InteractionRecord,
    Resource,
    Type,
)

SETS = {
    Resource.CUSTOMER: "contacts",
    Resource.IDENTITY: "socialprofiles",
    Resource.INTERACTION: "socialactivities",
}
COMMUNITIES = {"facebook": 1, "messenger": 1, "x": 2}
"""0 Other, 1 Facebook, 2 Twitter: the rest is 0 unless the organisation extends the list."""

_TEXT, _SUBJECT, _ID, _URL, _PARAMS = 2000, 200, 160, 200, 8192
_PROFILE_ID, _PROFILE_NAME, _FULL_NAME, _PROFILE_LINK = 100, 100, 160, 100
_LAST_NAME = 50
"""Of a contact:
https://github.com/MicrosoftDocs/powerapps-docs/blob/main/powerapps-docs/developer/data-platform/reference/entities/contact.md
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What is sent. `at_first` are columns that can be set only when the row is made."""

    both: Mapping[str, Any]
    at_first: Mapping[str, Any]


def contact(record: CustomerRecord) -> Row:
    """A name is given once: from then on the contact is the sales people's."""
    return Row({}, {"lastname": capped(record.name, _LAST_NAME, "") or record.id})


def merged(into: str, mark: str) -> dict[str, Any]:
    """What makes a contact inactive who was merged into another customer, or active again for "".
    A state can be set only once the row is there."""
    return {"statecode": int(bool(into)), "statuscode": 2 if into else 1, mark: into or None}


def profile(record: IdentityRecord, communities: Mapping[str, int], customer: str) -> Row:
    """`customer` is the address of their contact, "" for none."""
    columns = {
        "uniqueprofileid": fitting(record.platform_user_id, _PROFILE_ID),
        "profilename": capped(record.handle or record.name or record.id, _PROFILE_NAME, ""),
        "profilefullname": capped(record.name, _FULL_NAME, ""),
        "profilelink": fitting(record.external_url, _PROFILE_LINK),
    }
    bound = {"customerid_contact@odata.bind": customer} if customer else {}
    community = {"community": _community(record.platform, communities)}
    return Row({**columns, **bound}, community)


def activity(
    change: Change,
    communities: Mapping[str, int],
    *,
    who: IdentityRecord | None,
    profile: str,
    customer: str,
    link: str,
) -> Row:
    """`profile` and `customer` are the addresses of the customer's rows, "" for none; `link` leads
    to our record."""
    record = change.record
    assert isinstance(record, InteractionRecord)
    incoming = record.direction == Direction.INCOMING
    columns: dict[str, Any] = {
        "subject": capped(_subject(record), _SUBJECT, ""),
        "description": capped(_text(record), _TEXT, record.external_url or f"{record.id} {link}"),
        "directioncode": not incoming,
        "postmessagetype": 0 if record.visibility == "public" else 1,
        "community": _community(record.platform, communities),
        "postid": fitting(record.platform_message_id, _ID),
        "inresponseto": fitting(record.in_reply_to, _ID),
        "threadid": fitting(record.conversation_id, _ID),
        "posturl": fitting(record.external_url, _URL),
        "postedon": instant(record.created_at or change.updated_at),
        "posttoprofileid": fitting(_recipient(record, who, incoming=incoming), _URL),
    }
    if profile and incoming:
        columns["postfromprofileid@odata.bind"] = profile
    if customer:
        columns["regardingobjectid_contact_socialactivity@odata.bind"] = customer
    if customer and incoming:
        columns["postauthor_contact@odata.bind"] = customer
        columns["postauthoraccount_contact@odata.bind"] = customer
    return Row(columns, {"socialadditionalparams": _whole(record)})


def _community(platform: str, communities: Mapping[str, int]) -> int:
    return communities.get(platform, COMMUNITIES.get(platform, 0))


def _subject(record: InteractionRecord) -> str:
    kind = record.type if record.type != Type.POST else record.kind or record.type
    first = record.subject or record.text.strip().split("\n", 1)[0]
    return f"{kind} ({record.platform}): {first}" if first else f"{kind} ({record.platform})"


def _text(record: InteractionRecord) -> str:
    fared = f"[{record.outcome}] {record.because}".strip() if record.outcome else ""
    score = f"Score: {record.score}" if record.score is not None else ""
    media = "\n".join(each.url for each in record.media)
    return "\n\n".join(part for part in (record.text, score, media, fared) if part)


def _recipient(record: InteractionRecord, who: IdentityRecord | None, *, incoming: bool) -> str:
    if incoming:
        return record.account
    return (who.handle or who.platform_user_id) if who else record.platform_user_id


def _whole(record: InteractionRecord) -> str:
    """Every id in full, for programs."""
    told = {
        "id": record.id,
        "type": record.type,
        "platform": record.platform,
        "account": record.account,
        "platform_message_id": record.platform_message_id,
        "in_reply_to": record.in_reply_to,
        "thread_id": record.thread_id,
        "external_url": record.external_url,
        "ticket": f"{record.ticket_system} {record.ticket_id}".strip(),
    }
    text = json.dumps({name: value for name, value in told.items() if value}, ensure_ascii=False)
    return text if fitting(text, _PARAMS) else json.dumps({"id": record.id})
