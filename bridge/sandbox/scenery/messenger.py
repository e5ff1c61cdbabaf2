"""The story on the stand-in for Messenger: a Page's private messages, and nothing public."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bridge.sandbox.scenery.facebook import the_page
from bridge.sandbox.scenery.meta import CommentCustomers, opened_town, scenery
from bridge.sandbox.scenery.scene import Scenery
from bridge.sandbox.stage import Expected, Seen


class MessengerCustomers(CommentCustomers):
    """They never say anything in public here. Ben blocks the Page before he is answered."""

    def unanswerable(self, text: str) -> Seen:
        return self.says("ben", text, private=True)


EXPECTED = Expected(
    "messenger", public=False, to_do="Answer once they write again, or by another way"
)


@contextmanager
def opened() -> Iterator[Scenery]:
    with opened_town() as town:
        page = the_page(town)
        customers = MessengerCustomers(town, page, lambda one: "")
        yield scenery(town, page, customers, EXPECTED, "facebook", {"page_id": page.id})
