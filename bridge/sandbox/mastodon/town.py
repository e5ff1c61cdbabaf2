"""The stand-in network itself: people, what they say, who gets to see it. In memory, one lock.

What a client depends on is as in Mastodon 4.3; sources are named where a fact is used. All
questions and changes may come from any thread. `handle` is `ada` or `ben@elsewhere.example`,
with or without a leading @.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bridge.model import Clock
from bridge.sandbox.mastodon import words
from bridge.sandbox.mastodon.checks import check_media, check_words
from bridge.sandbox.mastodon.people import (
    NEW_ACCOUNT,
    Approach,
    Policy,
    Refusal,
    Verdict,
    verdict,
)
from bridge.sandbox.mastodon.posts import (
    OPEN,
    STRICT,
    Draft,
    Leniency,
    Limits,
    Reach,
    Status,
    Upload,
    Version,
)
from bridge.sandbox.mastodon.residents import Residents

NO_PARENT = "The post you are trying to reply to does not appear to exist."


class Town(Residents):
    """`domain` is what follows the @ in the names of those who live here; `brand` is the handle
    that customers on the sandbox's own page write to."""

    def __init__(
        self,
        clock: Clock,
        *,
        domain: str = "sandbox.example",
        brand: str = "bridge",
        limits: Limits | None = None,
    ) -> None:
        super().__init__(clock, domain)
        self.brand = brand
        self.limits = limits or Limits()
        self._statuses: dict[str, Status] = {}
        self._uploads: dict[str, Upload] = {}
        self._favourites: set[tuple[str, str]] = set()
        self._keys: dict[tuple[str, str], tuple[str, datetime]] = {}

    # ---------------------------------------------------------------- saying things

    def post(
        self,
        handle: str,
        text: str,
        visibility: str = "public",
        in_reply_to: str = "",
        language: str = "",
        media: Iterable[str] = (),
    ) -> Status:
        """Somebody says something, as if in their own app. `in_reply_to` and `media` are ids."""
        author = self.find(handle)
        draft = Draft(
            text,
            Reach(visibility),
            in_reply_to,
            language or author.language,
            tuple(media),
            application="Web",
        )
        return self.publish(author.id, draft)

    def publish(self, author: str, draft: Draft, leniency: Leniency = STRICT) -> Status:
        """Raises `Refusal`. The order of the checks is Mastodon's: the post answered is looked up
        before the Idempotency-Key, so a repeat after its deletion is refused."""
        with self.lock:
            parent = self._parent(author, draft, leniency)
            if draft.key and not leniency.forgets_keys:
                kept = self._keys.get((author, draft.key))
                if kept is not None and self.clock() - kept[1] < self.limits.idempotency:
                    return self._there(kept[0])
            if not leniency.any_length:
                check_words(draft, self.limits)
            self._check_media(author, draft.media, "")
            status_id = self._ids.next()
            mentions = self._mentioned(author, draft.text)
            status = Status(
                id=status_id,
                author=author,
                reach=draft.reach,
                thread=parent.thread if parent else status_id,
                in_reply_to=parent.id if parent else "",
                in_reply_to_author=parent.author if parent else "",
                mentions=mentions,
                reached=self._reached(author, mentions),
                versions=(self._version(draft),),
                application=draft.application,
            )
            self._statuses[status_id] = status
            self._attach(status_id, draft.media)
            if draft.key:
                self._keys[author, draft.key] = (status_id, self.clock())
            for one in mentions:
                self._tell_of(status, one)
            return status

    def edit(self, status_id: str, text: str, media: Iterable[str] | None = None) -> Status:
        """The author changes the words (and, unless None, the media)."""
        status = self._there(status_id)
        kept = status.now.media if media is None else tuple(media)
        return self.rewrite(
            status_id,
            Draft(text, status.reach, language=status.now.language, media=kept),
        )

    def rewrite(self, status_id: str, draft: Draft) -> Status:
        """Only people newly named are told: an edit notifies nobody a second time."""
        with self.lock:
            status = self._there(status_id)
            check_words(draft, self.limits)
            self._check_media(status.author, draft.media, status_id)
            version = self._version(draft)
            if replace(version, written_at=status.now.written_at) == status.now:
                return status
            mentions = self._mentioned(status.author, draft.text)
            edited = replace(
                status,
                versions=(*status.versions, version),
                mentions=mentions,
                reached=self._reached(status.author, mentions),
            )
            self._statuses[status_id] = edited
            self._attach("", set(status.now.media) - set(draft.media))
            self._attach(status_id, draft.media)
            for one in mentions:
                if one not in status.mentions:
                    self._tell_of(edited, one)
            return edited

    def delete(self, status_id: str) -> Status:
        """It is gone, its notifications as well; answers to it lose their parent's id."""
        with self.lock:
            gone = self._there(status_id)
            del self._statuses[status_id]
            self._attach("", gone.now.media)
            self._notifications = [one for one in self._notifications if one.status_id != status_id]
            for other in self._statuses.values():
                if other.in_reply_to == status_id:
                    self._statuses[other.id] = replace(other, in_reply_to="")
            return gone

    def upload(
        self,
        handle: str,
        content: bytes,
        content_type: str,
        filename: str = "file",
        description: str = "",
        ready_in: timedelta = timedelta(0),
    ) -> Upload:
        with self.lock:
            new = Upload(
                id=self._ids.next(),
                owner=self.find(handle).id,
                content=content,
                content_type=content_type,
                filename=filename,
                description=description,
                ready_at=self.clock() + ready_in,
            )
            self._uploads[new.id] = new
            return new

    def describe(self, upload_id: str, description: str) -> Upload:
        with self.lock:
            self._uploads[upload_id] = replace(self._uploads[upload_id], description=description)
            return self._uploads[upload_id]

    def favourite(self, handle: str, status_id: str) -> None:
        """The author is told, once."""
        with self.lock:
            status, who = self._there(status_id), self.find(handle).id
            if (who, status_id) not in self._favourites:
                self._favourites.add((who, status_id))
                self._tell(status.author, "favourite", who, status_id)

    def unfavourite(self, handle: str, status_id: str) -> None:
        with self.lock:
            self._favourites.discard((self.find(handle).id, self._there(status_id).id))

    def favourited_by(self, status_id: str) -> frozenset[str]:
        """The ids of those who like it."""
        with self.lock:
            return frozenset(who for who, what in self._favourites if what == status_id)

    # ---------------------------------------------------------------- looking

    def status(self, status_id: str) -> Status | None:
        """Whatever its visibility; None if it was deleted or never was."""
        with self.lock:
            return self._statuses.get(status_id)

    def statuses(self) -> tuple[Status, ...]:
        """Everything ever said and not deleted, oldest first."""
        with self.lock:
            return tuple(self._statuses.values())

    def thread(self, status_id: str) -> tuple[Status, ...]:
        """The whole conversation of a status, oldest first, private answers included."""
        with self.lock:
            thread = self._there(status_id).thread
            return tuple(one for one in self._statuses.values() if one.thread == thread)

    def public_timeline(self) -> tuple[Status, ...]:
        """Newest first."""
        return tuple(one for one in reversed(self.statuses()) if one.reach is Reach.PUBLIC)

    def direct_between(self, one: str, other: str) -> tuple[Status, ...]:
        """What one wrote to the other directly and what arrived, oldest first."""
        first, second = self.find(one).id, self.find(other).id
        return tuple(
            status
            for status in self.statuses()
            if status.reach is Reach.DIRECT
            and (
                (status.author == first and second in status.reached)
                or (status.author == second and first in status.reached)
            )
        )

    def media(self, upload_id: str) -> Upload | None:
        with self.lock:
            return self._uploads.get(upload_id)

    def can_see(self, viewer: str, status: Status) -> bool:
        """`viewer` "" is a stranger without an account. Who is blocked by the author does not see
        what is public, even where it names them."""
        if viewer == status.author:
            return True
        if status.reach in OPEN:
            return not self.blocks(status.author, viewer)
        followed = status.reach is Reach.PRIVATE and self.follows(viewer, status.author)
        return followed or viewer in status.reached

    # ---------------------------------------------------------------- inside the lock

    def _there(self, status_id: str) -> Status:
        with self.lock:
            status = self._statuses.get(status_id)
        if status is None:
            raise Refusal(404, "Record not found")
        return status

    def _parent(self, author: str, draft: Draft, leniency: Leniency) -> Status | None:
        if not draft.in_reply_to:
            return None
        parent = self._statuses.get(draft.in_reply_to)
        if parent is None or not self.can_see(author, parent):
            if leniency.missing_parent:
                return None
            raise Refusal(404, NO_PARENT)
        refuses = leniency.refuses_replies or self._people[parent.author].refuses_replies
        if refuses and parent.author != author:
            raise Refusal(422, "Validation failed: This post does not accept replies")
        return parent

    def _check_media(self, author: str, media: tuple[str, ...], status_id: str) -> None:
        mine = {
            one.id: one
            for one in self._uploads.values()
            if one.owner == author and one.status_id in ("", status_id)
        }
        check_media(media, mine, self.limits, self.clock())

    def _attach(self, status_id: str, media: Iterable[str]) -> None:
        for one in media:
            self._uploads[one] = replace(self._uploads[one], status_id=status_id)

    def _version(self, draft: Draft) -> Version:
        blank = not draft.text.strip() and bool(draft.spoiler)
        return Version(
            text=draft.spoiler if blank else draft.text,
            spoiler="" if blank else draft.spoiler,
            sensitive=draft.sensitive or (bool(draft.spoiler) and not blank),
            language=draft.language,
            media=draft.media,
            written_at=self.clock(),
        )

    def _mentioned(self, author: str, text: str) -> tuple[str, ...]:
        home = self._people[author].domain
        found: dict[str, None] = {}
        for entity in words.entities(text):
            if entity.kind is words.Kind.MENTION:
                person = self.known(entity.value, home)
                if person is not None:
                    found[person.id] = None
        return tuple(found)

    def _reached(self, author: str, mentions: tuple[str, ...]) -> frozenset[str]:
        return frozenset(one for one in mentions if (one, author) not in self._blocks)

    def _tell_of(self, status: Status, to: str) -> None:
        if to not in status.reached or to == status.author:
            return
        author = self._people[status.author]
        says = verdict(
            self._policies.get(to, Policy()),
            Approach(
                followed=(to, author.id) in self._follows,
                follows=(author.id, to) in self._follows,
                new=self.clock() - author.created_at < NEW_ACCOUNT,
                limited=author.limited,
                private=status.reach is Reach.DIRECT,
                answers_private=self._answers_private(status, to),
            ),
        )
        if says is not Verdict.DROP:
            self._tell(to, "mention", author.id, status.id, filtered=says is Verdict.FILTER)

    def _answers_private(self, status: Status, to: str) -> bool:
        """Whether it stands beneath a private mention of its author by `to`."""
        above = self._statuses.get(status.in_reply_to)
        while above is not None:
            if above.author == to and above.reach is Reach.DIRECT:
                return status.author in above.mentions
            above = self._statuses.get(above.in_reply_to)
        return False
