"""What a customer can do at an account of each network: look, write, change, take back, block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bridge.sandbox.meta import cards
from bridge.sandbox.meta.cards import Shown
from bridge.sandbox.meta.instagram import Instagram
from bridge.sandbox.meta.page_wall import Page
from bridge.sandbox.meta.posts import Message, Post
from bridge.sandbox.meta.town import Account, Town
from bridge.sandbox.meta.whatsapp import Number

PNG = "image/png"


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody writes: `reply` is what they answer, `picture` None or its bytes."""

    text: str
    private: bool = False
    reply: str = ""
    picture: bytes | None = None


class Place(Protocol):
    """One account, as its customers see it. `id_of` is None for what `who` may not touch."""

    network: str
    title: str
    name: str
    id: str
    public: bool

    def shown(self, who: str) -> Shown: ...
    def write(self, who: str, words: Words) -> None: ...
    def text_of(self, who: str, one: str) -> str | None: ...
    def edit(self, one: str, text: str) -> None: ...
    def delete(self, one: str) -> None: ...
    def blocks(self, who: str) -> bool: ...
    def block(self, who: str, *, on: bool) -> None: ...
    def seen(self, who: str) -> None: ...


def place(town: Town, account: Account) -> Place:
    if isinstance(account, Page):
        return _Facebook(town, account)
    if isinstance(account, Instagram):
        return _Instagram(town, account)
    return _WhatsApp(town, account)


class _WithInbox:
    """What Messenger and Instagram's messages share."""

    public = True

    def __init__(self, account: Page | Instagram) -> None:
        self.inbox = account.inbox
        self.id = account.id
        self.name = account.name

    def letters(self, who: str) -> tuple[cards.Card, ...]:
        letters = self.inbox.with_person(who)
        return tuple(cards.of_message(self.inbox, one, self.name) for one in letters)

    def message(self, who: str, words: Words) -> None:
        pictures = [words.picture] if words.picture else []
        self.inbox.message(who, words.text, photos=pictures, reply_to=words.reply)

    def letter(self, one: str) -> Message | None:
        found = self.inbox.ground.nodes.get(one)
        return found if isinstance(found, Message) and found.account_id == self.id else None

    def letter_of(self, who: str, one: str) -> str | None:
        letter = self.letter(one)
        mine = letter and letter.who == self.inbox.id_of(who) and not letter.by_brand
        return letter.text if letter and mine else None

    def blocks(self, who: str) -> bool:
        return self.inbox.blocked(self.inbox.id_of(who))

    def block(self, who: str, *, on: bool) -> None:
        (self.inbox.block if on else self.inbox.unblock)(who)

    def seen(self, who: str) -> None:
        self.inbox.reads(who)


class _Facebook(_WithInbox):
    network = "facebook"
    title = "Facebook"

    def __init__(self, town: Town, page: Page) -> None:
        super().__init__(page)
        self._town = town
        self._page = page

    def shown(self, who: str) -> Shown:
        posts = [one for one in self._page.everything() if not one.removed]
        threads: dict[str, list[Post]] = {}
        for one in posts:
            mine = one.author == self._page.id_of(who)
            if not one.hidden or mine:
                threads.setdefault(one.post_id, []).append(one)
        newest = sorted(threads.values(), key=lambda thread: thread[-1].at, reverse=True)
        return Shown(tuple(self._thread(thread, who) for thread in newest), self.letters(who))

    def _thread(self, posts: list[Post], who: str) -> tuple[cards.Card, ...]:
        return cards.nested(
            (one.parent_id, cards.of_post(self._town, one, who, self._page.notice(one.id)))
            for one in posts
        )

    def write(self, who: str, words: Words) -> None:
        if who in self._page.barred:
            return  # the Page keeps them out: there is nothing to write in
        pictures = [words.picture] if words.picture else []
        answered = self._town.nodes.get(words.reply)
        if words.private:
            self.message(who, words)
        elif not isinstance(answered, Post):
            self._page.post(who, words.text, photos=pictures)
        elif answered.is_comment:
            self._page.comment(who, words.text, parent=answered.id, photos=pictures)
        else:
            self._page.comment(who, words.text, on=answered.id, photos=pictures)

    def text_of(self, who: str, one: str) -> str | None:
        found = self._town.nodes.get(one)
        if isinstance(found, Post) and found.author == self._page.id_of(who):
            return found.text
        return self.letter_of(who, one)

    def edit(self, one: str, text: str) -> None:
        (self.inbox.edit if self.letter(one) else self._page.edit)(one, text)

    def delete(self, one: str) -> None:
        (self.inbox.unsend if self.letter(one) else self._page.remove)(one)


class _Instagram(_WithInbox):
    network = "instagram"
    title = "Instagram"

    def __init__(self, town: Town, account: Instagram) -> None:
        super().__init__(account)
        self._town = town
        self._account = account

    def shown(self, who: str) -> Shown:
        comments = [one for one in self._account.comments() if not one.removed and not one.hidden]
        threads: dict[str, list[tuple[str, cards.Card]]] = {}
        for one in comments:
            pair = (one.parent_id, cards.of_comment(self._town, one, who))
            threads.setdefault(one.parent_id or one.id, []).append(pair)
        newest = reversed(threads.values())
        return Shown(tuple(cards.nested(pairs) for pairs in newest), self.letters(who))

    def write(self, who: str, words: Words) -> None:
        if who in self._account.barred:
            return
        if words.private:
            self.message(who, words)
        else:
            self._account.comment(who, words.text, parent=words.reply)

    def text_of(self, who: str, one: str) -> str | None:
        for comment in self._account.comments():
            if comment.id == one and comment.author == self._account.id_of(who):
                return comment.text
        return self.letter_of(who, one)

    def edit(self, one: str, text: str) -> None:
        """Comments cannot be edited on Instagram; messages can."""
        if self.letter(one):
            self.inbox.edit(one, text)

    def delete(self, one: str) -> None:
        (self.inbox.unsend if self.letter(one) else self._account.remove)(one)


class _WhatsApp:
    network = "whatsapp"
    title = "WhatsApp"
    public = False

    def __init__(self, town: Town, number: Number) -> None:
        self._town = town
        self._number = number
        self.id = number.id
        self.name = number.name

    def shown(self, who: str) -> Shown:
        mine = [one for one in self._number.messages() if one.who == who]
        shown = (cards.of_whatsapp(self._town, one, self.name, self.id) for one in mine)
        return Shown((), tuple(shown))

    def write(self, who: str, words: Words) -> None:
        if who in self._number.barred:
            return
        if words.picture:
            self._number.file(who, words.picture, PNG, caption=words.text, reply_to=words.reply)
        else:
            self._number.message(who, words.text, reply_to=words.reply)

    def text_of(self, who: str, one: str) -> str | None:
        for message in self._number.messages():
            if message.id == one and message.who == who and not message.by_brand:
                return message.text
        return None

    def edit(self, one: str, text: str) -> None:
        self._number.edit(one, text)

    def delete(self, one: str) -> None:
        self._number.revoke(one)

    def blocks(self, who: str) -> bool:
        return self._number.blocks(who)

    def block(self, who: str, *, on: bool) -> None:
        (self._number.block if on else self._number.unblock)(who)

    def seen(self, who: str) -> None:
        self._number.reads(who)
