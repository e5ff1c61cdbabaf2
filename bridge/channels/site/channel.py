"""The channel: the website's messages become posts, replies go to its `reply_url`.

Both directions are signed after Standard Webhooks 1.0.0, see `bridge.signing`; what the payloads
look like is in docs/networks/site.md.
"""

from __future__ import annotations

from collections.abc import Mapping as Headers
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError

from bridge.channels.contract import Length, Limits, Once, Surroundings, Told, Unit
from bridge.channels.site import payload, sending
from bridge.channels.site.options import SiteOptions
from bridge.errors import Refused, TooLong
from bridge.model import (
    Event,
    File,
    Finding,
    Kind,
    Media,
    Person,
    Post,
    Receipt,
    Removal,
    Reply,
    Unreadable,
    Visibility,
)
from bridge.outside import download
from bridge.settings import Secret
from bridge.signing import sign, verify
from bridge.text.filename import safe_filename
from bridge.text.html import line, whole

FILES, FILE_BYTES = 10, 5 * 1024 * 1024
_EXCERPT = 500


class Site:
    """Bound to one website or app."""

    network: ClassVar[str] = "site"
    Options: ClassVar[type[Schema]] = SiteOptions

    def __init__(self, account: str, options: dict[str, Any], surroundings: Surroundings) -> None:
        self.account = account
        self._secrets: tuple[Secret, ...] = options["secret"]
        self._door = sending.Door(options["reply_url"], options["reply_secret"], surroundings)
        self._private: bool = options["private"]
        self._most: int = options["max_characters"]
        self._surroundings = surroundings

    def limits(self) -> Limits:
        return Limits(
            length=Length(self._most, Unit.CHARACTERS),
            files=FILES,
            file_bytes=FILE_BYTES,
            replies_publicly=not self._private,
            edits=Told.PUSHED,
            deletes=Told.PUSHED,
            once=Once.RECEIVER_DEDUPES,
        )

    # ---------------------------------------------------------------- in

    def genuine(self, headers: Headers[str, str], body: bytes) -> str:
        return verify(headers, body, self._secrets, self._surroundings.clock())

    def asks(self) -> Headers[str, str]:
        """A website asks nothing beforehand."""
        return {}

    def signed(self, body: bytes) -> Headers[str, str]:
        now = self._surroundings.clock()
        key = f"rehearsal-{int(now.timestamp())}"
        return {"Content-Type": "application/json", **sign(self._secrets, key, now, body)}

    def complaint(self, body: bytes) -> str:
        try:
            payload.read(body)
        except ValidationError as error:
            return _said(error)
        return ""

    def unpack(self, body: bytes) -> tuple[Event, ...]:
        try:
            kind, at, data = payload.read(body)
        except ValidationError as error:
            return (Unreadable(_said(error), whole(body[:_EXCERPT].decode("utf-8", "replace"))),)
        if kind == payload.DELETED:
            because = " ".join(whole(data["reason"]).split()) or "deleted on the website"
            return (Removal(self.account, data["id"], at, because),)
        return (self._post(data, at, edited=kind == payload.EDITED),)

    def fetch(self, media: Media, most: int) -> File:
        file = download(
            media.url,
            most=most,
            timeout=self._surroundings.timeout,
            trusted_hosts=self._surroundings.trusted_hosts,
        )
        named = safe_filename(media.filename, file.content_type) if media.filename else ""
        return replace(file, filename=named or file.filename, description=media.description)

    def _post(self, data: dict[str, Any], at: datetime, *, edited: bool) -> Post:
        private = self._private or data["visibility"] == "private"
        thread_id = data["thread_id"] or data["parent_id"] or data["id"]
        author = self._person(data["author"])
        return Post(
            account=self.account,
            network=self.network,
            id=data["id"],
            kind=_kind(private, data["id"], thread_id, data["parent_id"]),
            visibility=Visibility.PRIVATE if private else Visibility.PUBLIC,
            author=author,
            text=whole(data["text"]).strip(),
            created_at=data["created_at"] or at,
            thread_id=thread_id,
            parent_id=data["parent_id"],
            # Always with six digits, so that revisions sort as text in the order of the edits.
            revision=at.isoformat(timespec="microseconds") if edited else "",
            permalink=data["url"],
            language=data["language"] or author.language,
            subject=line(data["subject"], 300),
            media=tuple(_media(one) for one in data["media"]),
        )

    def _person(self, data: dict[str, Any]) -> Person:
        """Ids are the website's own: person 42 of one website is not person 42 of another."""
        handle = line(data["handle"], 300).removeprefix("@") or line(data["id"], 300)
        return Person(
            network=self.network,
            id=f"{self.account}/{data['id']}",
            handle=handle,
            name=line(data["name"], 300) or handle,
            profile_url=data["profile_url"],
            avatar_url=data["avatar_url"],
            followers=data["followers"],
            language=data["language"],
        )

    # ---------------------------------------------------------------- out

    def shape(self, reply: Reply) -> str:
        return reply.text

    def send(self, reply: Reply) -> Receipt:
        if self._private and reply.visibility is Visibility.PUBLIC:
            raise Refused("this account is private: nothing is answered in public")
        if len(self.shape(reply)) > self._most:
            raise TooLong(f"{len(self.shape(reply))} of {self._most}")
        to_id = reply.to.id.removeprefix(f"{self.account}/")
        return self._door.send(reply, to_id)

    def examine(self) -> tuple[Finding, ...]:
        return self._door.examine(self.account)


def _kind(private: bool, own_id: str, thread_id: str, parent_id: str) -> Kind:
    """A comment stands directly below what the thread began with, a reply below another one."""
    if private:
        return Kind.DM
    if parent_id and parent_id != thread_id:
        return Kind.REPLY
    return Kind.POST if thread_id == own_id and not parent_id else Kind.COMMENT


def _media(data: dict[str, Any]) -> Media:
    return Media(
        url=data["url"],
        content_type=whole(data["content_type"]),
        filename=safe_filename(data["filename"]) if data["filename"] else "",
        description=line(data["description"], 2_000),
    )


def _said(error: ValidationError) -> str:
    return whole("; ".join(str(each) for each in error.messages))
