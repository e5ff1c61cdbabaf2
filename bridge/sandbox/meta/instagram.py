"""An Instagram account: its media, the comments beneath them, mentions elsewhere.

https://developers.facebook.com/docs/instagram-platform/webhooks ; comments cannot be edited, and
nobody is told when one is deleted.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bridge.sandbox.meta import shapes_instagram as shapes
from bridge.sandbox.meta.ground import Ground, N
from bridge.sandbox.meta.hooks import Item
from bridge.sandbox.meta.inbox import Inbox
from bridge.sandbox.meta.posts import Comment, Media, Message
from bridge.sandbox.meta.refusals import parameter, refuse, unknown_object

PRIVATE_REPLY_WITHIN = timedelta(days=7)
LONGEST = 2200


class Instagram:
    """One professional account. `page_id` is that of the Page it is linked to, for the login by
    Facebook; "" means Instagram's own login.

    `scoped_id` is what `GET /me?fields=id` answers, another one than `id`, which webhooks name.
    `flat` sends comments in the shape that the documentation shows for Instagram's own login;
    `private` accounts tell nobody of comments and mentions. `barred` are the handles of those it
    keeps out.
    """

    def __init__(self, ground: Ground, username: str, name: str, page_id: str = "") -> None:
        self.ground = ground
        self.id = ground.ids.next("instagram")
        self.scoped_id = ground.ids.next("instagram_scoped")
        self.username = username
        self.name = name
        self.page_id = page_id
        self.flat = False
        self.private = False
        self.barred: set[str] = set()
        self.inbox = Inbox(ground, self.id, "instagram", page_id)
        self.first = self.publishes(f"Welcome to {name}")

    # ---------------------------------------------------------------- what people do

    def publishes(self, caption: str, *, kind: str = "FEED", original: str = "") -> Media:
        """The account publishes something: FEED, REELS, STORY, or AD (of an `original`)."""
        made = self._media(kind, self.username, caption)
        return self._keep(replace(made, original_id=original))

    def comment(
        self, who: str, text: str, *, on: str = "", parent: str = "", live: bool = False
    ) -> Comment:
        """Somebody comments on a medium (`on`; the first if none is named) or answers a comment.
        `who` "" is the account's own staff, by hand in the app."""
        top = self.one(self._top(parent)) if parent else None
        media = top.media_id if top else on or self.first.id
        return self._publish(replace(self._new(who, text, media), live=live, parent_id=_id(top)))

    def mention(self, who: str, text: str, *, comment: bool = True) -> Comment | Media:
        """Somebody names the account beneath (or in) something of their own. With the login by
        Facebook one is told that it happened and not what was said."""
        caption = "something of theirs" if comment else text
        media = self._keep(self._media("FEED", self.ground.find(who).username, caption))
        if not comment:
            self._tell("mentions", {"media_id": media.id})
            return media
        made = self._keep(self._new(who, text, media.id))
        if self.page_id:
            self._tell("mentions", {"comment_id": made.id, "media_id": media.id})
        else:
            self._tell("comments", shapes.comment(self, made, media))
        return made

    def remove(self, comment_id: str) -> None:
        """It is gone, with the answers beneath it; nobody is told."""
        with self.ground.lock:
            self._keep(replace(self.one(comment_id), removed=True))
            for other in self.replies(comment_id):
                self._keep(replace(other, removed=True))

    def hide(self, comment_id: str, *, hidden: bool = True) -> None:
        self._keep(replace(self.one(comment_id), hidden=hidden))

    # ---------------------------------------------------------------- what the account does by API

    def reply(self, comment_id: str, text: str) -> Comment:
        """Lands beneath the top-level comment, whichever was answered. Raises `Refusal`."""
        answered = self.one(comment_id)
        if answered.hidden or answered.live:
            raise parameter("Cannot reply to a hidden comment or one on a live video")
        return self.comment("", text, parent=answered.id)

    def check_private_reply(self, target: Comment) -> None:
        """Raises `Refusal`, one and the same for all that can be wrong."""
        old = self.ground.clock() - target.at > PRIVATE_REPLY_WITHIN
        if target.told_privately or old or target.author == self.id:
            raise refuse("ig_private_reply_invalid_comment")
        if self.inbox.blocked(target.author):
            raise refuse("person_unavailable")

    def messages_to(self, target: Comment) -> str:
        """In public and in private somebody has the same id here."""
        return target.author

    def answered_privately(self, target_id: str, message: Message) -> None:
        """Instagram shows nothing of it in public."""
        self._keep(replace(self.one(target_id), told_privately=message.id))

    # ---------------------------------------------------------------- looking

    def id_of(self, who: str) -> str:
        return self.inbox.id_of(who)

    def one(self, comment_id: str) -> Comment:
        """Raises `Refusal` 100/33 for what is gone or never was."""
        found = self.ground.nodes.get(comment_id)
        if not isinstance(found, Comment) or found.account_id != self.id or found.removed:
            raise unknown_object("get", comment_id)
        return found

    def comments(self) -> tuple[Comment, ...]:
        """All of them, oldest first, also those removed."""
        with self.ground.lock:
            nodes = tuple(self.ground.nodes.values())
        return tuple(one for one in nodes if isinstance(one, Comment) and one.account_id == self.id)

    def published(self) -> tuple[Media, ...]:
        """What the account itself has published, oldest first, ads left out."""
        with self.ground.lock:
            nodes = tuple(self.ground.nodes.values())
        mine = (one for one in nodes if isinstance(one, Media) and one.account_id == self.id)
        return tuple(one for one in mine if one.username == self.username and one.kind != "AD")

    def replies(self, comment_id: str) -> tuple[Comment, ...]:
        return tuple(
            one for one in self.comments() if one.parent_id == comment_id and not one.removed
        )

    def on(self, media_id: str) -> tuple[Comment, ...]:
        """The top-level comments of a medium, newest first."""
        found = [one for one in self.comments() if one.media_id == media_id]
        return tuple(one for one in reversed(found) if not one.removed and not one.parent_id)

    def said(self) -> tuple[Comment, ...]:
        """What the account itself commented, oldest first."""
        return tuple(one for one in self.comments() if one.author == self.id and not one.removed)

    # ---------------------------------------------------------------- making

    def _top(self, comment_id: str) -> str:
        return self.one(comment_id).parent_id or comment_id

    def _media(self, kind: str, username: str, caption: str) -> Media:
        ids = self.ground.ids
        return Media(ids.next("media"), self.id, kind, username, caption, self.ground.clock())

    def _new(self, who: str, text: str, media_id: str) -> Comment:
        return Comment(
            id=self.ground.ids.next("ig_comment"),
            account_id=self.id,
            media_id=media_id,
            parent_id="",
            author=self.id_of(who) if who else self.id,
            username=self.ground.find(who).username if who else self.username,
            text=text,
            at=self.ground.clock(),
        )

    def _keep(self, node: N) -> N:
        return self.ground.put(node)

    def _publish(self, made: Comment) -> Comment:
        self._keep(made)
        media = self.ground.nodes[made.media_id]
        field = "live_comments" if made.live else "comments"
        self._tell(field, shapes.comment(self, made, media))
        return made

    def _tell(self, field: str, value: dict[str, Any]) -> None:
        if self.private:
            return
        place = "flat" if self.flat else "changes"
        now = self.ground.clock()
        self.ground.tell(Item("instagram", self.id, field, place, value, now, self.page_id))


def _id(comment: Comment | None) -> str:
    return comment.id if comment else ""
