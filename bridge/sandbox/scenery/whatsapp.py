"""The story on the stand-in for WhatsApp: private messages to a number, and nothing public.

That a message did not arrive is told some time after it was taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bridge.sandbox.meta.whatsapp import Number, WhatsApp
from bridge.sandbox.scenery.meta import opened_town, scenery
from bridge.sandbox.scenery.scene import Scenery
from bridge.sandbox.stage import Expected, Seen

EXPECTED = Expected(
    "whatsapp",
    public=False,
    to_do="Answer once they write again, or by another way",
)


class NumberCustomers:
    """Ada has a number, Chloé only a user name."""

    def __init__(self, number: Number) -> None:
        self._number = number

    def says(
        self, who: str, text: str, *, private: bool = False, answering: Seen | None = None
    ) -> Seen:
        above = answering.id if answering else ""
        return _seen(self._number.message(who, text, reply_to=above))

    def thread(self, post: Seen) -> tuple[Seen, ...]:
        """What has arrived on the customer's phone, from the post on."""
        since = self._number.one(post.id).at
        mine = (one for one in self._number.messages() if one.who == post.author)
        return tuple(_seen(one) for one in mine if one.at >= since and "failed" not in one.statuses)

    def public(self) -> tuple[Seen, ...]:
        """Nothing is public on WhatsApp."""
        return ()

    def own_notice(self, post: Seen) -> str:
        return ""

    def unanswerable(self, text: str) -> Seen:
        return self.says("ben", text, private=True)

    def refuse(self, post: Seen) -> None:
        self._number.block(post.author)


def _seen(one: WhatsApp) -> Seen:
    return Seen(one.id, "brand" if one.by_brand else one.who, True, one.text)


@contextmanager
def opened() -> Iterator[Scenery]:
    with opened_town() as town:
        number = next(one for one in town.accounts() if isinstance(one, Number))
        ids: dict[str, object] = {"phone_number_id": number.id, "waba_id": number.waba.id}
        ids["template"] = "order_news"
        yield scenery(town, number, NumberCustomers(number), EXPECTED, "whatsapp", ids)
