"""A Facebook Page: what visitors write on it and beneath it, and what the Page answers.

Every change is told by the field `feed` or `mention`:
https://developers.facebook.com/docs/graph-api/webhooks/reference/page/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bridge.sandbox.meta import shapes_feed
from bridge.sandbox.meta.files import File
from bridge.sandbox.meta.ground import Ground
from bridge.sandbox.meta.hooks import Item
from bridge.sandbox.meta.inbox import Inbox
from bridge.sandbox.meta.posts import Message, Post
from bridge.sandbox.meta.refusals import refuse, unknown_object

PRIVATE_NOTICE = "Page responded privately"
PRIVATE_REPLY_WITHIN = timedelta(days=7)
LONGEST = 8000


class Page:
    """One Page. `anonymous` leaves `from` out of everything, as for an app without Advanced
    Access; `inbox` is its Messenger. `barred` are the handles of those it keeps out, `liked` the
    ids of what it likes."""

    def __init__(self, ground: Ground, name: str) -> None:
        self.ground = ground
        self.id = ground.ids.next("page")
        self.name = name
        self.anonymous = False
        self.barred: set[str] = set()
        self.liked: set[str] = set()
        self.inbox = Inbox(ground, self.id, "messenger")
        self.first = self.says(f"Welcome to {name}")

    # ---------------------------------------------------------------- what people do

    def post(self, who: str, text: str = "", *, photos: Sequence[bytes] = ()) -> Post:
        """A visitor writes on the Page."""
        item = "photo" if len(photos) == 1 else "status"
        return self._publish(self._new(item, who, text, photos=photos))

    def says(self, text: str, *, ad: bool = False) -> Post:
        """The Page publishes something itself. For an ad nobody is told, as on Facebook."""
        made = self._new("status", "", text)
        if ad:
            return self._keep(replace(made, ad=True))
        return self._publish(made)

    def comment(
        self,
        who: str,
        text: str = "",
        *,
        on: str = "",
        parent: str = "",
        photos: Sequence[bytes] = (),
        anonymous: bool = False,
    ) -> Post:
        """Somebody comments on a post (`on`; the Page's first if none is named), or answers the
        comment `parent`. `who` "" is the Page's own staff, by hand on Facebook."""
        made = self._new("comment", who, text, on=on, parent=parent, photos=photos)
        return self._publish(replace(made, anonymous=anonymous))

    def edit(self, post_id: str, text: str) -> Post:
        edited = replace(self.one(post_id), text=text, edited_at=self.ground.clock())
        return self._publish(edited, "edited")

    def remove(self, post_id: str) -> Post:
        """It is gone, and what was beneath it as well; only its own removal is told."""
        with self.ground.lock:
            gone = self._publish(replace(self.one(post_id), removed=True), "remove")
            for other in self.everything():
                if post_id in (other.parent_id, other.post_id) and not other.removed:
                    self._keep(replace(other, removed=True))
            return gone

    def hide(self, post_id: str) -> Post:
        return self._publish(replace(self.one(post_id), hidden=True), "hide")

    def unhide(self, post_id: str) -> Post:
        return self._publish(replace(self.one(post_id), hidden=False), "unhide")

    def react(self, who: str, post_id: str, reaction: str = "love") -> None:
        value = shapes_feed.reaction(self, self.one(post_id), self.id_of(who), who, reaction)
        self._tell("feed", value)

    def likes_it(self, post_id: str, *, on: bool) -> None:
        """The Page's own like; told as anybody's."""
        post = self.one(post_id)
        if on and post_id not in self.liked:
            self._tell("feed", shapes_feed.own_like(self, post))
        (self.liked.add if on else self.liked.discard)(post_id)

    def mention(self, who: str, text: str, *, comment: bool = False, sender: bool = True) -> Post:
        """Somebody names the Page elsewhere, in a post or (without a sender) in a comment."""
        number, author = self.ground.ids.next("post"), self.id_of(who)
        post_id = f"{author}_{number}"
        made = Post(
            id=f"{number}_{self.ground.ids.next('comment')}" if comment else post_id,
            page_id=self.id,
            item="comment" if comment else "post",
            post_id=post_id,
            parent_id=post_id if comment else "",
            author=author,
            author_name=self.ground.find(who).name,
            text=text,
            at=self.ground.clock(),
        )
        self._keep(made)
        self._tell("mention", shapes_feed.mention(made, sender=sender and not comment))
        return made

    # ---------------------------------------------------------------- what the Page does by API

    def answer(self, target_id: str, text: str, files: tuple[File, ...] = ()) -> Post:
        """A comment by the Page, which comes back by webhook like everybody's."""
        target = self.one(target_id)
        on, parent = (target.post_id, target.id) if target.is_comment else (target.id, "")
        made = self._new("comment", "", text, on=on, parent=parent)
        return self._publish(replace(made, files=tuple(one.id for one in files)))

    def answered_privately(self, target_id: str, message: Message) -> None:
        """The network shows its own notice from now on; no webhook tells of it."""
        self._keep(replace(self.one(target_id), told_privately=message.id))

    def may_answer_privately(self, target: Post) -> bool:
        young = self.ground.clock() - target.at <= PRIVATE_REPLY_WITHIN
        reachable = not target.by_page and not self.inbox.blocked(self.messages_to(target))
        return reachable and young and not target.told_privately and not target.removed

    def check_private_reply(self, target: Post) -> None:
        """Raises `Refusal`: 10900 the second time, 10903 for what cannot be answered at all."""
        if target.told_privately:
            raise refuse("fb_private_reply_already_sent")
        if not self.may_answer_privately(target):
            raise refuse("fb_private_reply_impossible")

    # ---------------------------------------------------------------- looking

    def id_of(self, who: str) -> str:
        """The id that comments show for somebody; another one than in Messenger."""
        return self.ground.scoped(who, self.id, "facebook")

    def messages_to(self, target: Post) -> str:
        """The id in Messenger of the author of a post."""
        person = self.ground.whose(target.author)
        return self.inbox.id_of(person.handle) if person else ""

    def one(self, post_id: str) -> Post:
        """Raises `Refusal` 100/33 for what is gone or never was."""
        found = self.ground.nodes.get(post_id)
        if not isinstance(found, Post) or found.page_id != self.id or found.removed:
            raise unknown_object("get", post_id)
        return found

    def everything(self) -> tuple[Post, ...]:
        """Posts and comments, oldest first, also those removed."""
        with self.ground.lock:
            nodes = tuple(self.ground.nodes.values())
        return tuple(one for one in nodes if isinstance(one, Post) and one.page_id == self.id)

    def beneath(self, target_id: str, *, stream: bool = False) -> tuple[Post, ...]:
        """The comments that answer something directly, or with `stream` all beneath a post."""
        return tuple(
            one
            for one in self.everything()
            if one.is_comment
            and not one.removed
            and (one.parent_id == target_id or (stream and one.post_id == target_id))
        )

    def said(self) -> tuple[Post, ...]:
        """What the Page itself commented, oldest first."""
        return tuple(
            one for one in self.everything() if one.is_comment and one.by_page and not one.removed
        )

    def notice(self, post_id: str) -> str:
        """What Facebook itself shows beneath it, "" for nothing."""
        return PRIVATE_NOTICE if self.one(post_id).told_privately else ""

    # ---------------------------------------------------------------- making

    def _new(
        self,
        item: str,
        who: str,
        text: str,
        *,
        on: str = "",
        parent: str = "",
        photos: Sequence[bytes] = (),
    ) -> Post:
        ids = self.ground.ids
        kept = [self.ground.files.keep(self.id, one, "image/png", "photo.png") for one in photos]
        author = self.id_of(who) if who else self.id
        if item == "comment":
            beneath = self.one(parent).post_id if parent else on or self.first.id
            # The number of the post, and one of the comment: nobody's account is in it.
            made = f"{beneath.rpartition('_')[2]}_{ids.next('comment')}"
            post_id, parent_id = beneath, parent or beneath
        else:
            made = post_id = f"{self.id}_{ids.next('post')}"
            parent_id = ""
        return Post(
            id=made,
            page_id=self.id,
            item=item,
            post_id=post_id,
            parent_id=parent_id,
            author=author,
            author_name=self.ground.find(who).name if who else self.name,
            text=text,
            at=self.ground.clock(),
            files=tuple(one.id for one in kept),
            photo_id=ids.next("photo") if item == "photo" else "",
        )

    def _keep(self, post: Post) -> Post:
        self.ground.put(post)
        return post

    def _publish(self, post: Post, verb: str = "add") -> Post:
        self._keep(post)
        self._tell("feed", shapes_feed.value(self, post, verb))
        return post

    def _tell(self, field: str, value: dict[str, Any]) -> None:
        now = self.ground.clock()
        self.ground.tell(Item("page", self.id, field, "changes", value, now))
