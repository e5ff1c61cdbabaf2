"""What people say on Facebook and Instagram, in public and in private, as the stand-in keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Post:
    """A post on a Page's wall, or a comment beneath one.

    `item` is what Meta calls it (status, photo, video, comment). `parent_id` is "" for a post, the
    post's id for a comment directly beneath it, else the comment's that it answers. `author` is
    the id that the author has towards the Page, the Page's own for what the Page says.
    `told_privately` is the message that answered it privately, "" if none did; the network itself
    then shows "Page responded privately" beneath it.
    """

    id: str
    page_id: str
    item: str
    post_id: str
    parent_id: str
    author: str
    author_name: str
    text: str
    at: datetime
    files: tuple[str, ...] = ()
    photo_id: str = ""
    edited_at: datetime | None = None
    hidden: bool = False
    removed: bool = False
    ad: bool = False
    anonymous: bool = False
    told_privately: str = ""
    link: str = ""

    @property
    def is_comment(self) -> bool:
        return self.item == "comment"

    @property
    def by_page(self) -> bool:
        return self.author == self.page_id


@dataclass(frozen=True, slots=True)
class Media:
    """Something published on Instagram; `kind` FEED, REELS, STORY or AD. `username` is its
    owner's: also other people's, where they mention the account in its caption."""

    id: str
    account_id: str
    kind: str
    username: str
    caption: str
    at: datetime
    original_id: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on Instagram. `parent_id` is the top-level comment's, "" for one of those."""

    id: str
    account_id: str
    media_id: str
    parent_id: str
    author: str
    username: str
    text: str
    at: datetime
    hidden: bool = False
    removed: bool = False
    live: bool = False
    told_privately: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """What hangs on a message: its type as Meta names it, and its payload. `file_id` is "" where
    there is no file of ours behind it."""

    type: str
    payload: dict[str, Any] = field(default_factory=dict, hash=False)
    file_id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A private message. `who` is the other person's id towards the account, whoever wrote it.
    `app_id` is the app that sent it for the brand, `ad` the advertisement that led somebody here.
    `about` is the comment or post that is answered privately. All three are "" for none."""

    id: str
    account_id: str
    who: str
    by_brand: bool
    text: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    reply_to: str = ""
    app_id: str = ""
    metadata: str = ""
    about: str = ""
    ad: str = ""
    tag: str = ""
    edits: int = 0
    deleted: bool = False
    read: bool = False
