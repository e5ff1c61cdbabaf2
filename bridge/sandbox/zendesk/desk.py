"""The pretend helpdesk itself: what it holds, and what agents do in it.

All state is in memory under one lock, on an injected clock. Agents' actions are methods here and
are also what the page calls; the API's are in the `api_*` modules.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from bridge.model import Clock, File
from bridge.sandbox.faults import Faults
from bridge.sandbox.zendesk import changes, endings, events, partings, preset, texts
from bridge.sandbox.zendesk.apps import Installed
from bridge.sandbox.zendesk.book import Book
from bridge.sandbox.zendesk.idempotency import Keys
from bridge.sandbox.zendesk.limits import Budgets, Limits
from bridge.sandbox.zendesk.oauth import Tokens
from bridge.sandbox.zendesk.records import (
    Field,
    Said,
    Stored,
    Ticket,
    User,
    Via,
    invalid,
)
from bridge.sandbox.zendesk.webhooks import Courier, Webhook
from bridge.sandbox.zendesk.wishes import Wish, Words

ReplyAs = Literal["private", "public", "auto"]
REPLY_AS: dict[ReplyAs, str] = {
    "private": preset.REPLY_PRIVATE,
    "public": preset.REPLY_PUBLIC,
    "auto": preset.REPLY_AUTO,
}


class Desk(Book):
    """One account.

    `hide` is how much of the newest past the incremental exports leave out. `address` is the URL
    the account is served at, `content_address` where attachments' bytes are ("" for the same
    place). `pace` scales the real waits between tries of a webhook; `hold_late` keeps late
    webhooks until `release_webhooks()` instead of a few seconds.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        faults: Faults | None = None,
        limits: Limits | None = None,
        hide: timedelta = timedelta(minutes=1),
        fields: tuple[Field, ...] = preset.FIELDS,
        static_token: str = preset.STATIC_TOKEN,
        pace: float = 1.0,
        hold_late: bool = True,
    ) -> None:
        super().__init__(clock, fields)
        self.faults = faults or Faults()
        self.hide = hide
        self.tokens = Tokens(
            clock,
            client_id=preset.CLIENT_ID,
            client_secret=preset.CLIENT_SECRET,
            static=static_token,
        )
        self.budgets = Budgets(limits or Limits(), clock)
        self.keys = Keys(clock)
        self.courier = Courier(clock, self.faults, pace=pace, hold_late=hold_late)
        self.app: Installed | None = None

    # ---------------------------------------------------------------- what agents do

    def answer(
        self,
        ticket_id: int,
        text: str,
        public: bool = True,
        reply_as: ReplyAs | None = None,
        files: Iterable[File] = (),
        agent: int | None = None,
        *,
        status: str | None = None,
        html: str | None = None,
        inline_files: Iterable[File] = (),
    ) -> Said:
        """An agent (an id; Ines if not named) writes a comment, as the ticket page would send it.

        `reply_as` is set in the same update, as pressing Submit does. `html` replaces what the
        editor would make of `text`. Raises `Refusal` for a closed ticket.
        """
        with self.lock:
            by = self.user(agent or preset.INES)
            shown = [self.store(file, inline=True) for file in inline_files]
            stored = [*(self.store(file) for file in files), *shown]
            uploads = (self.add_upload(stored).token,) if stored else ()
            images = "".join(f'<img src="{self.address_of(one)}" alt="">' for one in shown)
            marked = (html or texts.html_of(text)) + images
            wish = Wish(
                given=frozenset(("comment", "status", "assignee_id", "custom_fields")),
                comment=Words(html=marked, public=public, uploads=uploads),
                status=status or ("open" if self.ticket(ticket_id).status == "new" else None),
                assignee_id=self.ticket(ticket_id).assignee_id or by.id,
                custom_fields=((preset.FIELD_REPLY_AS, REPLY_AS[reply_as]),) if reply_as else (),
            )
            audit = changes.update_ticket(self, ticket_id, wish, by, Via("web"))
        said = audit.comment
        if said is None:
            raise invalid("base", "Comment: cannot be blank")
        return said

    def note(self, ticket_id: int, text: str, agent: int | None = None) -> Said:
        """An internal note."""
        return self.answer(ticket_id, text, public=False, agent=agent)

    def set_status(self, ticket_id: int, status: str, agent: int | None = None) -> None:
        self._submit(ticket_id, Wish(given=frozenset(("status",)), status=status), agent)

    def solve(self, ticket_id: int, agent: int | None = None) -> None:
        self.set_status(ticket_id, "solved", agent)

    def close(self, ticket_id: int, agent: int | None = None) -> None:
        """Close for good, as the automation does some days after solving."""
        self.set_status(ticket_id, "closed", agent)

    def merge(self, source_id: int, into: int, agent: int | None = None) -> None:
        """Close `source_id` and go on in `into`."""
        with self.lock:
            endings.merge(self, into, (source_id,), self.user(agent or preset.INES))

    def delete(self, ticket_id: int, agent: int | None = None) -> None:
        with self.lock:
            endings.delete(self, ticket_id, self.user(agent or preset.INES))

    def merge_user(self, user_id: int, into: int, agent: int | None = None) -> None:
        """Two end users are one: `user_id` is gone, `into` stays."""
        with self.lock:
            partings.merge_user(self, user_id, into, self.user(agent or preset.INES))

    def delete_user(self, user_id: int) -> None:
        with self.lock:
            partings.delete_user(self, user_id)

    def _submit(self, ticket_id: int, wish: Wish, agent: int | None) -> None:
        with self.lock:
            by = self.user(agent or preset.INES)
            changes.update_ticket(self, ticket_id, wish, by, Via("web"))

    # ---------------------------------------------------------------- what admins install

    def install_app(self, bridge_url: str, shared_secret: str) -> bool:
        """Show the sidebar app of the bridge at `bridge_url` beside every ticket; False where the
        app is not on this machine."""
        app = Installed(bridge_url, shared_secret)
        if not app.folder.is_dir():
            return False
        with self.lock:
            self.app = app
        return True

    # ---------------------------------------------------------------- what it tells others

    def add_webhook(
        self,
        endpoint: str,
        *,
        secret: str = "",
        subscriptions: tuple[str, ...] = ("zen:event-type:ticket.comment_added",),
    ) -> Webhook:
        """A webhook, as an admin would make one. An empty `secret` is replaced by a random one."""
        return self.courier.add(
            Webhook(
                id=secrets.token_hex(13).upper(),
                name="bridge",
                endpoint=endpoint,
                subscriptions=subscriptions,
                secret=secret or base64.b64encode(secrets.token_bytes(32)).decode(),
                created_at=self.clock(),
                created_by=preset.INES,
            )
        )

    def tell(
        self,
        what: str,
        ticket: Ticket,
        by: User,
        *,
        comment: Said | None = None,
        file: Stored | None = None,
        **more: str,
    ) -> None:
        """Tell every webhook that asked for it."""
        kind = f"zen:event-type:ticket.{what}"
        if not self.courier.wants(kind):
            return
        self.courier.post(kind, events.body(self, kind, ticket, by, comment, file, more))

    def flush_webhooks(self, seconds: float = 10.0) -> None:
        """Wait until every webhook that is not held back was delivered or given up.

        Raises `TimeoutError` if that takes longer than `seconds`.
        """
        self.courier.flush(seconds)

    def release_webhooks(self) -> None:
        """Send what was held back as late or out of order."""
        self.courier.release()

    def stop(self) -> None:
        """End the delivery of webhooks; what was not sent is lost. Safe to repeat."""
        self.courier.stop()
