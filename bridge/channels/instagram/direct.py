"""Direct messages: as on Messenger, with Instagram's own limits and people.

- https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api
- Files: https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/attachment-upload
- People: https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api/user-profile
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from bridge.channels.contract import Length, Limits, Told, Unit
from bridge.channels.instagram import translate
from bridge.channels.messenger.post_box import PostBox
from bridge.channels.meta.calls import part
from bridge.channels.meta.payload import Count, IfRight
from bridge.channels.meta.send_api import Mailbox
from bridge.errors import Refused
from bridge.model import File, Person, Receipt, Reply

PICTURES = ("image/png", "image/jpeg", "image/gif")
SOUNDS = ("audio/aac", "audio/x-m4a", "audio/mp4", "audio/wav", "audio/x-wav")
FILMS = ("video/mp4", "video/ogg", "video/x-msvideo", "video/quicktime", "video/webm")
FILE_TYPES = frozenset((*PICTURES, *SOUNDS, *FILMS, "application/pdf"))
PICTURE_BYTES = 8 * 1024 * 1024
LONGEST_BYTES = 1_000

_FOLLOWERS = IfRight(Count().deserialize, None)


@dataclass(frozen=True, slots=True)
class Direct(PostBox):
    """One account's. `node` is what sends: the account itself, or the Page it is linked to."""

    node: str

    def limits(self) -> Limits:
        return replace(
            PostBox.limits(self),
            length=Length(LONGEST_BYTES, Unit.UTF8_BYTES),
            file_types=FILE_TYPES,
            deletes=Told.PUSHED,
        )

    def send(self, reply: Reply, text: str) -> Receipt:
        """Raises the kinds of `bridge.errors`; `NobodyKnows` where it may have been sent."""
        for file in reply.files:
            if file.content_type in PICTURES and len(file.content) > PICTURE_BYTES:
                raise _too_large(file)
        files = tuple(replace(one, filename=_in_ascii(one.filename)) for one in reply.files)
        return PostBox.send(self, replace(reply, files=files), text)

    def person(self, person_id: str) -> Person:
        """Somebody who has written to us, by name. Raises as a read does, `Refused` for those who
        never did (they have not agreed to be looked up), `Gone` for somebody who is not there."""
        path, names = f"/{part(person_id)}", "name,username"
        told = self.calls.read(path, f"{names},profile_pic,follower_count", names)
        name, username = told.text("name"), told.text("username")
        return replace(
            translate.somebody(person_id, username, name or username),
            avatar_url=told.text("profile_pic"),
            followers=_FOLLOWERS.deserialize(told.data.get("follower_count")),
        )

    @property
    def _mailbox(self) -> Mailbox:
        own_id = self.here.page_id
        return Mailbox(self.calls, self.node, own_id, platform="instagram", one_id=True)


def _too_large(file: File) -> Refused:
    refused = Refused(f"{file.filename} has {len(file.content)} bytes, it takes {PICTURE_BYTES}")
    refused.code = "attachment_refused"
    return refused


def _in_ascii(filename: str) -> str:
    """Other names are not taken. https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/attachment-upload"""
    path = PurePosixPath(filename)
    stem, suffix = (one.encode("ascii", "ignore").decode() for one in (path.stem, path.suffix))
    return f"{stem.strip(' .') or 'file'}{suffix}"
