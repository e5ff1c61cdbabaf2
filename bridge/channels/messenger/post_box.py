"""A Page's private messages, for the Messenger channel and for the Facebook channel alike."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.channels.contract import Length, Limits, Once, Told, Unit
from bridge.channels.messenger import translate
from bridge.channels.messenger.translate import Here
from bridge.channels.meta import send_api
from bridge.channels.meta.calls import Calls, part
from bridge.channels.meta.send_api import Mailbox
from bridge.errors import Refused
from bridge.model import Person, Receipt, Reply
from bridge.text.html import line

FIELDS = ("messages", "message_echoes", "message_edits", "messaging_postbacks", "standby")
SCOPES = ("pages_messaging", "pages_manage_metadata")
LONGEST = 2_000
FILE_BYTES = 25 * 1024 * 1024

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class PostBox:
    """One Page's."""

    calls: Calls
    here: Here
    human_agent: bool

    def limits(self) -> Limits:
        """https://developers.facebook.com/docs/messenger-platform/reference/send-api/"""
        return Limits(
            length=Length(LONGEST, Unit.CHARACTERS),
            files=1,
            file_bytes=FILE_BYTES,
            reply_window=send_api.HUMAN_WINDOW if self.human_agent else send_api.WINDOW,
            replies_publicly=False,
            edits=Told.PUSHED,
            once=Once.MARK_IN_ECHO,
            text_or_file=True,
            private_answer_window=send_api.PRIVATE_ANSWER_WINDOW,
            private_answers_once=True,
            one_private_thread=True,
        )

    def send(self, reply: Reply, text: str) -> Receipt:
        """Raises the kinds of `bridge.errors`; `NobodyKnows` where it may have been sent."""
        send_api.check(reply, self.limits())
        return send_api.send(self._mailbox, reply, text, human_agent=self.human_agent)

    def find(self, reply: Reply, text: str, known: frozenset[str]) -> Receipt | None:
        return send_api.find(self._mailbox, reply, text, known)

    def person(self, person_id: str) -> Person:
        """Somebody by name, without one where they do not let us see it. Raises as a read does,
        `Gone` for somebody who is not there.

        https://developers.facebook.com/docs/messenger-platform/identity/user-profile
        """
        nobody = translate.nobody(self.here, person_id)
        path = f"/{part(person_id)}"
        try:
            told = self.calls.read(path, "first_name,last_name,profile_pic", "name")
        except Refused:
            return nobody
        full = " ".join(filter(None, (told.text("first_name"), told.text("last_name"))))
        return Person(
            network=nobody.network,
            id=nobody.id,
            handle=nobody.handle,
            name=line(full or told.text("name"), _LONGEST_NAME),
            avatar_url=told.text("profile_pic"),
        )

    @property
    def _mailbox(self) -> Mailbox:
        return Mailbox(self.calls, self.here.page_id, self.here.page_id)
