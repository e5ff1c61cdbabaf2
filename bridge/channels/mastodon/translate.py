"""What a delivery says, in the words of the model. Pure: no call, and nothing is ever raised.

A delivery's body is JSON of our own making around what the server sent:

    {"notification": {…}, "ancestors": [{…}, …], "me": {"id": …, "domain": …}}
    {"status": {…}, "ancestors": […], "me": {…}}        a known post, looked at again
    {"gone": "<status id>", "at": "<instant>"}
"""

from __future__ import annotations

import hashlib
import html
import json
import mimetypes
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from marshmallow import ValidationError

from bridge.channels.contract import Raw
from bridge.channels.fields import Instant, OpaqueId, Revision, is_link, what_is_wrong
from bridge.channels.mastodon.payload import (
    Account,
    Attachment,
    Status,
    StatusSchema,
)
from bridge.model import (
    Event,
    Ignored,
    Kind,
    Media,
    Person,
    Post,
    Removal,
    Unreadable,
    Visibility,
)
from bridge.text.filename import safe_filename
from bridge.text.html import line, to_text

NETWORK = "mastodon"
HISTORY = 50
"""How many posts above a mention travel with it: the thread's first, and the last ones."""

_EXCERPT = 200
_LONGEST_NAME, _LONGEST_LINE, _LONGEST_DESCRIPTION = 200, 500, 2_000
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_HREF = re.compile(r"""<a\s[^>]*?href\s*=\s*["']([^"']*)["']""", re.IGNORECASE)
_KIND_OF_MEDIA = {"image": "image", "gifv": "video", "video": "video", "audio": "audio"}


@dataclass(frozen=True, slots=True)
class Me:
    """The account itself: its id, and the domain of those who live on its server."""

    id: str
    domain: str
    acct: str = ""


# ------------------------------------------------------------------ packing


def pack(what: str, said: Any, ancestors: tuple[Any, ...], me: Me) -> Raw:
    """One delivery; `what` is "notification" or "status". The key is the status at its revision,
    so that however often and whichever way it comes, it is the same delivery."""
    if len(ancestors) > HISTORY:
        ancestors = (ancestors[0], *ancestors[1 - HISTORY :])
    told = {"id": me.id, "domain": me.domain}
    body = json.dumps({what: said, "ancestors": ancestors, "me": told}).encode()
    return Raw(_key(what, said, body), body)


def pack_removal(post_id: str, at: datetime) -> Raw:
    body = json.dumps({"gone": post_id, "at": at.isoformat()}).encode()
    return Raw(f"gone:{post_id}", body)


def _key(what: str, said: Any, body: bytes) -> str:
    status = _get(said, "status") if what == "notification" else said
    status_id = id_in(status)
    if status_id:
        try:
            edited = Revision().deserialize(_get(status, "edited_at") or "")
        except ValidationError:
            return f"odd:{hashlib.sha256(body).hexdigest()}"
        return f"status:{status_id}:{edited}"
    if what == "notification" and id_in(said):
        return f"notification:{id_in(said)}"
    return f"odd:{hashlib.sha256(body).hexdigest()}"


def id_in(said: Any) -> str:
    """The id of something, "" where it has none that can be used."""
    try:
        return OpaqueId().deserialize(_get(said, "id")) or ""
    except ValidationError:
        return ""


def instant_in(said: Any) -> datetime | None:
    """Its `created_at`, None where that is missing or odd."""
    try:
        at: datetime | None = Instant().deserialize(_get(said, "created_at"))
    except ValidationError:
        return None
    return at


def parent_of(said: Any) -> str:
    """The id of the status that this one answers, "" for none."""
    return id_in({"id": _get(said, "in_reply_to_id")})


def _get(said: Any, name: str) -> Any:
    return said.get(name) if isinstance(said, dict) else None


# ------------------------------------------------------------------ unpacking


def unpack(account: str, body: bytes, host: str) -> Event:
    """The one event a delivery holds. `host` stands in where the server's domain is not known."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        return _set_aside(f"not JSON: {type(wrong).__name__}", body)
    if not isinstance(told, dict):
        return _set_aside("not one of our deliveries", body)
    try:
        if "gone" in told:
            return _removal(account, told)
        if "notification" not in told:
            return _post(account, told.get("status"), told, host)
        kind = _get(told["notification"], "type")
        if isinstance(kind, str) and kind != "mention":
            return Ignored(f"a notification of type {kind[:50]!r}, not a mention")
        return _post(account, _get(told["notification"], "status"), told, host)
    except ValidationError as wrong:
        return _set_aside(what_is_wrong(wrong), body)


def _set_aside(because: str, body: bytes) -> Unreadable:
    return Unreadable(because, body[:_EXCERPT].decode("utf-8", "replace").replace("\x00", "\ufffd"))


def _removal(account: str, told: dict[str, Any]) -> Removal:
    post_id = id_in({"id": told["gone"]})
    at = instant_in({"created_at": told.get("at")})
    if not post_id or at is None:
        raise ValidationError("says that something is gone, but not what and when")
    return Removal(account, post_id, at, "deleted, or no longer shown to us")


def _post(account: str, said: Any, told: dict[str, Any], host: str) -> Post:
    if said is None:
        raise ValidationError({"status": ["is missing"]})
    status: Status = StatusSchema().load(said)
    me = Me(id_in(told.get("me")), _domain(told.get("me")) or host)
    above, root = _above(told.get("ancestors"))
    parent = status.in_reply_to_id
    thread = root or parent or status.id
    return _as_post(
        account,
        status,
        me,
        kind=_kind(status, above, me),
        thread=thread,
        history=tuple(
            _as_post(account, one, me, kind=_kind(one, above[:at], me), thread=thread, history=())
            for at, one in enumerate(above)
        ),
    )


def _domain(me: Any) -> str:
    domain = _get(me, "domain")
    return domain if isinstance(domain, str) and re.fullmatch(r"[\w.-]+(:\d+)?", domain) else ""


def _above(ancestors: Any) -> tuple[tuple[Status, ...], str]:
    """The readable posts of the thread above, oldest first, and the id of its first one. An
    unreadable one is left out: it is context only, and the delivery as such is kept as it came."""
    listed = ancestors if isinstance(ancestors, list) else []
    readable = []
    for one in listed:
        try:
            readable.append(StatusSchema().load(one))
        except ValidationError:
            continue
    return tuple(readable), next((found for one in listed if (found := id_in(one))), "")


def _kind(status: Status, above: tuple[Status, ...], me: Me) -> Kind:
    if _visibility(status) is Visibility.PRIVATE:
        return Kind.DM
    if me.id and status.account.id == me.id:
        return Kind.REPLY if status.in_reply_to_id else Kind.POST
    to_us = status.in_reply_to_account_id == me.id or any(one.account.id == me.id for one in above)
    if me.id and status.in_reply_to_id and to_us:
        return Kind.REPLY
    return Kind.QUOTE if me.id and status.quoted_by == me.id else Kind.MENTION


def _visibility(status: Status) -> Visibility:
    """Only what everybody can read is public. Followers-only posts and words that we do not know
    are private: https://docs.joinmastodon.org/entities/Status/#visibility"""
    if status.visibility in ("public", "unlisted"):
        return Visibility.PUBLIC
    return Visibility.PRIVATE


def _as_post(
    account: str, status: Status, me: Me, *, kind: Kind, thread: str, history: tuple[Post, ...]
) -> Post:
    return Post(
        account=account,
        network=NETWORK,
        id=status.id,
        kind=kind,
        visibility=_visibility(status),
        author=_person(status.account, me.domain, status.language),
        text=_text(status),
        created_at=status.created_at,
        thread_id=thread,
        parent_id=status.in_reply_to_id,
        revision=status.edited_at,
        permalink=status.url or status.uri,
        language=_language(status.language),
        media=tuple(media for one in status.attachments if (media := _media(one))),
        by_us=bool(me.id) and status.account.id == me.id,
        history=history,
    )


def _person(account: Account, domain: str, language: str) -> Person:
    """`acct` has no server for those who live on ours; outside of it, it needs one:
    https://docs.joinmastodon.org/entities/Account/#acct

    An id is a server's own, and two servers give the same one to two people."""
    acct = _name_to_call(account.acct)
    return Person(
        network=NETWORK,
        id=f"{account.id}@{domain}" if account.id else "",
        handle=acct if "@" in acct else f"{acct}@{domain}",
        name=line(account.display_name, _LONGEST_NAME)
        or line(account.username, _LONGEST_NAME)
        or acct,
        profile_url=account.url,
        avatar_url=account.avatar,
        followers=account.followers_count,
        language=_language(language),
        links=tuple(link for value in account.verified if (link := _linked(value))),
    )


def _linked(value: str) -> str:
    """The one address that a checked line of a profile links to; "" where it is not one."""
    found = _HREF.findall(value)
    link = html.unescape(found[0]) if len(found) == 1 else ""
    return link if is_link(link) else ""


def id_there(person: Person) -> str:
    """What our server calls somebody."""
    return person.id.partition("@")[0]


def _name_to_call(acct: str) -> str:
    """What has no place in a name stays visible instead of being left out: without it, this could
    be the name of somebody else, and a private answer would go to them."""
    odd = "\ufffd"
    fit = "".join(odd if unicodedata.category(sign)[0] in "CZ" else sign for sign in acct)
    return (fit if len(fit) <= _LONGEST_NAME else fit[:_LONGEST_NAME] + odd).lstrip("@")


def _language(language: str) -> str:
    return language if len(language) <= 35 and _LANGUAGE.fullmatch(language) else ""


def _text(status: Status) -> str:
    """What was written, its content warning before it, its poll and its quote after it."""
    warning = line(status.spoiler_text, _LONGEST_LINE)
    parts = [f"[CW: {warning}]" if warning else "", to_text(status.content).strip()]
    if status.poll:
        parts.append("\n".join(f"- {line(option, _LONGEST_LINE)}" for option in status.poll))
    if status.quoted_url and status.quoted_url not in parts[1]:
        parts.append(status.quoted_url)
    return "\n\n".join(part for part in parts if part)


def _media(attachment: Attachment) -> Media | None:
    """The server's own copy, or the original where it keeps none; None while there is neither."""
    url = attachment.url or attachment.remote_url
    if not url:
        return None
    path = urlsplit(url).path
    guessed = mimetypes.guess_type(path)[0] or ""
    kind = _KIND_OF_MEDIA.get(attachment.type, "")
    return Media(
        url=url,
        # Mastodon names only the class (`image`); the ending of the address tells the rest.
        content_type=guessed if not kind or guessed.startswith(f"{kind}/") else "",
        filename=safe_filename(unquote(path.rsplit("/", 1)[-1])),
        description=line(attachment.description, _LONGEST_DESCRIPTION),
    )
