"""What is said in public in the stand-in for X, and who is told of it.

All questions and changes may come from any thread. `handle` is a name with or without its @.
Sources are named where a fact is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from bridge.model import Clock
from bridge.sandbox.x import checks, words
from bridge.sandbox.x.hooks import Happening
from bridge.sandbox.x.people import App, Person, Refusal
from bridge.sandbox.x.posts import Link, Post, Rules, Upload
from bridge.sandbox.x.residents import Residents

KEPT_FOR = timedelta(hours=24)


class Wall(Residents):
    """Everybody's posts and pictures; `_tell` is called with all that may interest the app."""

    def __init__(self, clock: Clock, app: App | None, rules: Rules | None) -> None:
        super().__init__(clock, app, rules)
        self._posts: dict[str, Post] = {}
        self._uploads: dict[str, Upload] = {}
        self._hidden: set[str] = set()
        self._likes: set[tuple[str, str]] = set()

    # ---------------------------------------------------------------- in people's own apps

    def post(
        self,
        handle: str,
        text: str,
        in_reply_to: str = "",
        quotes: str = "",
        mention: str = "",
        media: Iterable[str] = (),
        open_to: str = "everyone",
    ) -> Post:
        """Somebody says something in public. `mention` is a handle put before the text; the others
        are ids, and who may answer ("mentionedUsers": only those it names)."""
        typed = f"@{mention.removeprefix('@')} {text}" if mention else text
        author = self.find(handle)
        return self.publish(author, typed, in_reply_to, quotes, tuple(media), open_to=open_to)

    def repost(self, handle: str, post_id: str) -> Post:
        with self.lock:
            author, original = self.find(handle), self._there(post_id)
            teller = self._people[original.author]
            text = f"RT @{teller.username}: {original.text}"
            post = self._new(author, text, (), ())
            post = replace(post, reposts=original.id)
            self._keep(post)
            return post

    def edit(self, post_id: str, text: str) -> Post:
        """A new version with a new id: https://docs.x.com/x-api/fundamentals/edit-posts"""
        with self.lock:
            old = self._there(post_id)
            self._check_editable(old)
            checks.check_text(text, old.media, self.rules)
            new = self._new(self._people[old.author], text, old.media, self._quote_links(old))
            new = replace(
                new,
                conversation=old.conversation,
                quotes=old.quotes,
                open_to=old.open_to,
                history=(*old.history, new.id),
            )
            self._keep(new)
            return new

    def delete(self, post_id: str) -> Post:
        """All versions are gone: https://docs.x.com/x-api/fundamentals/edit-posts#edit-rules"""
        with self.lock:
            gone = self._there(post_id)
            for one in [one for one in self._posts.values() if one.first_id == gone.first_id]:
                del self._posts[one.id]
            if not self._people[gone.author].protected:
                self._tell(Happening("post.delete", gone.author, post=gone))
            return gone

    def upload(self, handle: str, content: bytes, content_type: str, category: str) -> Upload:
        """Kept for 24 hours: https://docs.x.com/x-api/direct-messages/manage/integrate"""
        with self.lock:
            new = Upload(
                self._ids.next(),
                self.find(handle).id,
                content,
                content_type,
                category,
                self.clock() + KEPT_FOR,
            )
            self._uploads[new.id] = new
            return new

    # ---------------------------------------------------------------- through the API as well

    def publish(
        self,
        author: Person,
        text: str,
        in_reply_to: str = "",
        quotes: str = "",
        media: tuple[str, ...] = (),
        *,
        open_to: str = "everyone",
        by_app: bool = False,
    ) -> Post:
        """Raises `Refusal`. `by_app`: self-serve customers answer only who calls for them."""
        with self.lock:
            parent = self._answered(author, in_reply_to, by_app=by_app) if in_reply_to else None
            quoted = self._there(quotes) if quotes else None
            checks.check_text(text, media, self.rules)
            checks.check_media(media, self._mine(author), self.rules, self.clock())
            post = self._new(author, text, media, self._link_to(quoted), parent)
            post = replace(post, quotes=quoted.id if quoted else "", open_to=open_to)
            self._check_double(post)
            self._keep(post)
            return post

    def hide(self, post_id: str, *, hidden: bool) -> None:
        """By whoever began the conversation; all versions of a reply."""
        with self.lock:
            first = self._there(post_id).first_id
            (self._hidden.add if hidden else self._hidden.discard)(first)

    def like(self, person_id: str, post_id: str, *, on: bool = True) -> None:
        with self.lock:
            pair = (person_id, self._there(post_id).id)
            (self._likes.add if on else self._likes.discard)(pair)

    # ---------------------------------------------------------------- looking

    def is_hidden(self, post: Post) -> bool:
        """Readers find it behind a sign of its own only; its author sees it as ever."""
        with self.lock:
            return post.first_id in self._hidden

    def likes(self, person_id: str, post_id: str) -> bool:
        with self.lock:
            return (person_id, post_id) in self._likes

    def at(self, post_id: str) -> Post | None:
        """Whoever may see it; None if it was deleted or never was."""
        with self.lock:
            return self._posts.get(post_id)

    def posts(self) -> tuple[Post, ...]:
        """Every version of everything that was not deleted, oldest first."""
        with self.lock:
            return tuple(self._posts.values())

    def latest(self) -> tuple[Post, ...]:
        """The newest version of each."""
        return tuple({one.first_id: one for one in self.posts()}.values())

    def thread(self, post_id: str) -> tuple[Post, ...]:
        """The whole conversation, oldest first."""
        wanted = self._there(post_id).conversation
        return tuple(one for one in self.latest() if one.conversation == wanted)

    def media(self, upload_id: str) -> Upload | None:
        with self.lock:
            return self._uploads.get(upload_id)

    def can_see(self, viewer: str, post: Post) -> bool:
        """`viewer` is an id, "" for the app itself."""
        author = self._people[post.author]
        if viewer == author.id:
            return True
        return not (author.protected or author.suspended or self.blocks(author.id, viewer))

    def summoned(self, person: Person, post: Post) -> bool:
        quoted = self.at(post.quotes)
        return checks.summons(post, person, quoted, self.rules)

    def named(self, post: Post, *, explicitly: bool) -> tuple[Person, ...]:
        """Whom a post mentions; `explicitly`: only by what its author typed."""
        found = dict.fromkeys(
            self.known(one.value)
            for one in words.mentions(post.text)
            if not explicitly or checks.is_explicit(post, one)
        )
        return tuple(one for one in found if one)

    # ---------------------------------------------------------------- inside the lock

    def _there(self, post_id: str) -> Post:
        with self.lock:
            found = self._posts.get(post_id)
        if found is None:
            raise Refusal(404, f"Could not find tweet with id: [{post_id}].")
        return found

    def _answered(self, author: Person, post_id: str, *, by_app: bool) -> Post:
        parent = self._posts.get(post_id)
        if parent is None or self._people[parent.author].suspended:
            raise Refusal(403, checks.GONE)
        if self.blocks(parent.author, author.id):
            raise Refusal(403, checks.NOT_PERMITTED)
        if not self.can_see(author.id, parent):
            raise Refusal(403, checks.GONE)
        own = parent.author == author.id
        named = author in self.named(parent, explicitly=False)
        if parent.open_to != "everyone" and not own and not named:
            raise Refusal(403, checks.RESTRICTED)
        if by_app and self.rules.summoned and not own and not self.summoned(author, parent):
            raise Refusal(403, checks.NOT_SUMMONED)
        return parent

    def _new(
        self,
        author: Person,
        text: str,
        media: tuple[str, ...],
        behind: tuple[Link, ...],
        parent: Post | None = None,
    ) -> Post:
        """`behind` are links that X puts after the text."""
        post_id = self._ids.next()
        body, links = words.shorten(text)
        before = self._before(author, body, parent)
        pictures = tuple(
            words.short_link(f"https://twitter.com/{author.username}/status/{post_id}/photo/1", one)
            for one in media
        )[:1]
        hidden = "".join(f" {one.short}" for one in (*behind, *pictures))
        return Post(
            id=post_id,
            author=author.id,
            text=before + body + hidden,
            created_at=self.clock(),
            conversation=parent.conversation if parent else post_id,
            shown=(len(before), len(before) + len(body)),
            history=(post_id,),
            in_reply_to=parent.id if parent else "",
            in_reply_to_user=parent.author if parent else "",
            links=(*links, *behind, *pictures),
            media=media,
            language=author.language,
        )

    def _before(self, author: Person, body: str, parent: Post | None) -> str:
        """The people X puts before a reply, unless its author named them first."""
        if parent is None or parent.author == author.id:
            return ""
        name = f"@{self._people[parent.author].username} "
        return "" if body.lower().startswith(name.lower()) else name

    def _link_to(self, quoted: Post | None) -> tuple[Link, ...]:
        if quoted is None:
            return ()
        name = self._people[quoted.author].username
        return (words.short_link(f"https://twitter.com/{name}/status/{quoted.id}"),)

    def _quote_links(self, old: Post) -> tuple[Link, ...]:
        return self._link_to(self._posts.get(old.quotes))

    def _keep(self, post: Post) -> None:
        self._posts[post.id] = post
        if not self._people[post.author].protected:
            for happening in self._heard(post):
                self._tell(happening)

    def _heard(self, post: Post) -> list[Happening]:
        """https://docs.x.com/x-api/activity/introduction#post-events"""
        told = [("post.create", post.author)]
        if not post.reposts:
            told += [("post.mention.create", one.id) for one in self.named(post, explicitly=True)]
        for kind, other in (
            ("post.reply.create", post.in_reply_to),
            ("post.quote.create", post.quotes),
            ("post.repost.create", post.reposts),
        ):
            target = self._posts.get(other)
            told += [(kind, target.author)] if target else []
        return [
            Happening(kind, person, post=post)
            for kind, person in told
            if kind == "post.create"
            or (person != post.author and not self.blocks(person, post.author))
        ]

    def _tell(self, happening: Happening) -> None:
        """Nobody listens to a bare wall."""

    def _mine(self, author: Person) -> dict[str, Upload]:
        return {one.id: one for one in self._uploads.values() if one.owner == author.id}

    def _check_double(self, post: Post) -> None:
        since = self.clock() - self.rules.duplicates_within
        for one in self._posts.values():
            if one.author == post.author and one.text == post.text and one.created_at > since:
                raise Refusal(403, checks.DUPLICATE)

    def _check_editable(self, post: Post) -> None:
        late = self.clock() - self._first(post).created_at > self.rules.editable_for
        if post.in_reply_to or late or len(post.history) > self.rules.edits:
            raise Refusal(403, "This Tweet cannot be edited.")

    def _first(self, post: Post) -> Post:
        return self._posts.get(post.first_id, post)
