"""The story on the stand-in for Facebook: a Page, the comments beneath its posts, its Messenger.

Facebook itself shows that a comment was answered privately, and takes no second line of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bridge.sandbox.meta.page_wall import Page
from bridge.sandbox.meta.posts import Comment, Post
from bridge.sandbox.meta.shapes_feed import permalink
from bridge.sandbox.meta.town import Town
from bridge.sandbox.scenery.meta import CommentCustomers, opened_town, scenery
from bridge.sandbox.scenery.scene import Scenery
from bridge.sandbox.stage import Expected

EXPECTED = Expected(
    "facebook",
    own_notice=True,
    not_sent="is no longer on Facebook",
    to_do="Answer another message of the customer",
)


def the_page(town: Town) -> Page:
    """The village's only one."""
    return next(one for one in town.accounts() if isinstance(one, Page))


@contextmanager
def opened() -> Iterator[Scenery]:
    with opened_town() as town:
        page = the_page(town)

        def link(one: Post | Comment) -> str:
            assert isinstance(one, Post)
            return f"{permalink(page, one.post_id)}?comment_id={one.id.rpartition('_')[2]}"

        customers = CommentCustomers(town, page, link)
        yield scenery(town, page, customers, EXPECTED, "facebook", {"page_id": page.id})
