"""Files, and the two ways to fetch them: signed links that run out, and WhatsApp's with a token.

Links in webhooks are of a content delivery network, signed and short-lived: after that they answer
403. WhatsApp's need the bearer token as well and last five minutes:
https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bridge.model import Clock
from bridge.sandbox.meta.ids import Ids

LINK_LASTS = timedelta(days=1)
STORY_LASTS = timedelta(hours=24)
WHATSAPP_LINK_LASTS = timedelta(minutes=5)
_FAR = 0x7FFFFFFF
_KEY = b"the stand-in's own"


@dataclass(frozen=True, slots=True)
class File:
    """`owner` is the account it was uploaded to; `link` an address elsewhere instead of bytes."""

    id: str
    owner: str
    content: bytes
    content_type: str
    filename: str
    made_at: datetime
    link: str = ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def type(self) -> str:
        """`image`, `video`, `audio`, or `file`."""
        kind = self.content_type.split("/", 1)[0]
        return kind if kind in ("image", "video", "audio") else "file"


class Files:
    """All files of a town. `url` is where the stand-in answers; set it once it does."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self.url = ""
        self._clock = clock
        self._ids = ids
        self._files: dict[str, File] = {}

    def keep(
        self, owner: str, content: bytes, content_type: str, filename: str = "", link: str = ""
    ) -> File:
        made = File(
            self._ids.next("file"), owner, content, content_type,
            filename or "file", self._clock(), link,
        )  # fmt: skip
        self._files[made.id] = made
        return made

    def find(self, file_id: str) -> File | None:
        return self._files.get(file_id)

    def drop(self, file_id: str) -> None:
        self._files.pop(file_id, None)

    def link(self, file: File, lasts: timedelta = LINK_LASTS) -> str:
        """An address that works for a while, for anybody who has it."""
        if file.link:
            return file.link
        return self.url + _path(file, int((self._clock() + lasts).timestamp()))

    def picture(self, file: File) -> str:
        """A path for the customers' pages, the same every time."""
        return _path(file, _FAR)

    def whatsapp_link(self, file: File) -> str:
        until = f"{int((self._clock() + WHATSAPP_LINK_LASTS).timestamp()):x}"
        signed = _signature("whatsapp", file.id, until)
        return f"{self.url}/whatsapp_business/attachments/?mid={file.id}&ext={until}&hash={signed}"

    def signed(self, place: str, file_id: str, until: str, signature: str) -> bool:
        """Whether the link was made here and has not run out. `place`: cdn or whatsapp."""
        good = hmac.compare_digest(_signature(place, file_id, until), signature)
        if not good:
            return False
        return self._clock() < datetime.fromtimestamp(int(until, 16), UTC)


def _path(file: File, until: int) -> str:
    return f"/cdn/{file.id}?oh={_signature('cdn', file.id, f'{until:x}')}&oe={until:x}"


def _signature(place: str, file_id: str, until: str) -> str:
    return hmac.new(_KEY, f"{place} {file_id} {until}".encode(), hashlib.sha256).hexdigest()[:32]
