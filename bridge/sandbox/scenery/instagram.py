"""The story on the stand-in for Instagram: comments, messages, Instagram's own login.

A comment is answered privately by a message that may land among its author's requests, so our
public line says where to look. Nobody is told that a comment was deleted, nor of its address:
https://developers.facebook.com/docs/instagram-platform/webhooks/examples
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bridge.sandbox.meta.instagram import Instagram
from bridge.sandbox.scenery.meta import CommentCustomers, opened_town, scenery
from bridge.sandbox.scenery.scene import Scenery
from bridge.sandbox.stage import Expected

EXPECTED = Expected(
    "instagram",
    linked=False,
    hint="please check your message requests",
    not_sent="is no longer on Instagram",
    to_do="Answer another message of the customer",
)


@contextmanager
def opened() -> Iterator[Scenery]:
    with opened_town() as town:
        accounts = (one for one in town.accounts() if isinstance(one, Instagram))
        account = next(one for one in accounts if not one.page_id)
        ids: dict[str, object] = {"instagram_id": account.id, "login": "instagram"}
        customers = CommentCustomers(town, account, lambda one: "")
        yield scenery(town, account, customers, EXPECTED, "instagram", ids)
