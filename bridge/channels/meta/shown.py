"""Pictures, links and places as a post shows them."""

from __future__ import annotations

import mimetypes
from urllib.parse import unquote, urlsplit

from bridge.channels.meta.messages import Attachment
from bridge.model import Media
from bridge.text.filename import safe_filename
from bridge.text.html import line

_STORIES = ("story_mention", "story", "ig_story")
_FILES = ("image", "video", "audio", "file", "sticker", *_STORIES)
_LONGEST_TITLE = 300


def media(url: str, kind: str = "", *, keep: bool = True) -> Media:
    """A file behind a link. `kind` is Meta's word for it: image, video, audio, file."""
    path = urlsplit(url).path
    guessed = mimetypes.guess_type(path)[0] or ""
    of_kind = kind in ("", "file") or guessed.startswith(f"{kind}/")
    return Media(
        url=url,
        content_type=guessed if of_kind else "",
        filename=safe_filename(unquote(path.rsplit("/", 1)[-1])),
        keep=keep,
    )


def files_of(attachments: tuple[Attachment, ...]) -> tuple[Media, ...]:
    """Those that are files; everything else is a link, and stands among the words. Stories are
    shown by their link while it lasts, and not copied: Meta's review refuses apps that do.
    https://developers.facebook.com/docs/instagram-platform/webhooks/examples"""
    return tuple(
        media(one.url, one.type, keep=one.type not in _STORIES)
        for one in attachments
        if one.url and one.type in _FILES
    )


def words_of(attachments: tuple[Attachment, ...]) -> tuple[str, ...]:
    """Those that are no files, a line each: `title url`, a place as `geo:` (RFC 5870), and the
    bare type where nothing else is told."""
    return tuple(_words(one) for one in attachments if not (one.url and one.type in _FILES))


def _words(one: Attachment) -> str:
    place = f"geo:{one.place[0]},{one.place[1]}" if one.place else ""
    said = " ".join(filter(None, (line(one.title, _LONGEST_TITLE), one.url, place)))
    return said or f"[{line(one.type, 50) or 'attachment'}]"
