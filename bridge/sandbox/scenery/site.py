"""The story on the stand-in website, which pushes what is written on it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from bridge.model import utcnow
from bridge.sandbox import site
from bridge.sandbox.scenery.scene import Scenery, hook
from bridge.sandbox.server import serve
from bridge.sandbox.site.website import BRAND
from bridge.sandbox.stage import Expected, Seen
from bridge.settings import Secret

EXPECTED = Expected(
    "site",
    not_sent="is no longer on Website",
    to_do="Answer another message of the customer",
)


class SiteCustomers:
    def __init__(self, website: site.Website) -> None:
        self._website = website
        self._ids = {one.handle: one.id for one in website.customers}
        self._handles = {one.id: one.handle for one in website.customers} | {BRAND: "brand"}

    def says(
        self, who: str, text: str, *, private: bool = False, answering: Seen | None = None
    ) -> Seen:
        above = answering.id if answering else ""
        made = self._website.write(self._ids[who], text, private=private, parent=above)
        return self._seen(made)

    def thread(self, post: Seen) -> tuple[Seen, ...]:
        reader, messages = self._ids[post.author], self._website.messages()
        thread = next(one.thread_id for one in messages if one.id == post.id)
        return tuple(
            self._seen(one)
            for one in messages
            if one.thread_id == thread and self._website.may_read(reader, one) and not one.deleted
        )

    def public(self) -> tuple[Seen, ...]:
        return tuple(self._seen(one) for one in self._website.replies() if not one.private)

    def own_notice(self, post: Seen) -> str:
        """The website shows none."""
        return ""

    def unanswerable(self, text: str) -> Seen:
        return self.says("dirk", text)

    def refuse(self, post: Seen) -> None:
        """The customer takes it back."""
        self._website.delete(post.id)

    def _seen(self, one: site.Message) -> Seen:
        link = f"{self._website.url}/m/{one.id}"
        return Seen(one.id, self._handles[one.author], one.private, one.text, link)


@contextmanager
def opened() -> Iterator[Scenery]:
    secret, reply_secret = _secret(), _secret()
    website = site.new_website(utcnow, secret, reply_secret)
    with serve(site.create_app(website)) as running:
        try:
            yield Scenery(
                EXPECTED,
                SiteCustomers(website),
                f"{running.url}/",
                {
                    "secret": "env:SITE_SECRET",
                    "reply_url": f"{running.url}{site.REPLIES}",
                    "reply_secret": "env:SITE_REPLY_SECRET",
                },
                {
                    "SITE_SECRET": secret.reveal(),
                    "SITE_REPLY_SECRET": reply_secret.reveal(),
                },
                pushed=True,
                connect=lambda bridge: website.opens(running.url, hook(bridge, "site")),
            )
        finally:
            website.courier.stop()


def _secret() -> Secret:
    return Secret("whsec_" + base64.b64encode(secrets.token_bytes(24)).decode())
