"""Names and types of files as strangers give them, made fit to be shown and passed on.

`Content-Disposition`: RFC 6266, with `filename*` as in RFC 8187.
"""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from email.message import Message
from urllib.parse import unquote, urlsplit

LONGEST = 100
"""Characters of a filename, its extension included."""

UNKNOWN = "application/octet-stream"


def safe_filename(name: str, content_type: str = "") -> str:
    """The last part of `name`, without controls, direction marks, leading dots; never empty."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(" " if c.isspace() else c for c in last if _is_shown(c) or c.isspace())
    tidy = re.sub(r" +", " ", re.sub(r'[<>:"|?*]', "_", visible)).strip(" .")
    if not tidy:
        tidy = "file" + (mimetypes.guess_extension(content_type) or "")
    if len(tidy) <= LONGEST:
        return tidy
    stem, dot, extension = tidy.rpartition(".")
    if not dot or len(extension) > 10:
        return tidy[:LONGEST].rstrip(" .")
    return stem[: LONGEST - len(extension) - 1].rstrip(" .") + "." + extension


def _is_shown(character: str) -> bool:
    return not unicodedata.category(character).startswith("C")


def content_type_of(header: str) -> str:
    """`image/png` out of `Image/PNG; charset=x`; the unknown type for anything else."""
    kind = header.partition(";")[0].strip().lower()
    return kind if re.fullmatch(r"[a-z0-9.+_-]+/[a-z0-9.+_-]+", kind) else UNKNOWN


def filename_of(disposition: str, url: str, content_type: str) -> str:
    """What to call a download: as its server says, else as its address ends."""
    return safe_filename(_said(disposition) or unquote(urlsplit(url).path), content_type)


def _said(disposition: str) -> str:
    message = Message()
    message["Content-Disposition"] = re.sub(r"[\r\n]+", " ", disposition)
    try:
        name = message.get_filename() or ""
    except (ValueError, LookupError, TypeError):
        return ""
    try:
        # Headers are read as Latin-1; most servers write plain `filename` in UTF-8.
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name
