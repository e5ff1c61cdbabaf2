"""The demonstration's story, on a Mastodon-compatible server that nobody here wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from bridge.model import utcnow
from bridge.sandbox.demo import furnish, perform
from bridge.sandbox.scenery.scene import Scenery
from bridge.sandbox.stage import Expected, Seen, Stage, Told
from bridge.sandbox.story import steps
from bridge.sandbox.zendesk import Desk, open_zendesk
from bridge.text.html import to_text

from .snac import TRIES, RealMastodon

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]


class RealCustomers:
    """The server from its customers' side, through the same API that any client uses."""

    def __init__(self, server: RealMastodon) -> None:
        self._server = server
        self._brand = server.at_brand.removeprefix("@")
        first, second = server.customers.values()
        self._cast = {"ada": first, "chloe": second, "dora": second}

    def says(
        self, who: str, text: str, *, private: bool = False, answering: Seen | None = None
    ) -> Seen:
        customer, reach = self._cast[who], "direct" if private else "public"
        above = answering.id if answering else None
        status_id = customer.post(f"@{self._brand} {text}", reach, above)
        status = customer.reads(status_id)
        assert status is not None
        return self._seen(status, who)

    def thread(self, post: Seen) -> tuple[Seen, ...]:
        """Two answers that arrive in the same instant are not always both in the server's own list
        of answers, though the customer is told of either, in whatever order they arrived. In which
        order the brand has said them is in its own timeline."""
        customer = self._cast[post.author]
        found = {one["id"]: one for one in customer.thread(post.id)}
        found |= {one["id"]: one for one in customer.mentioned() if one["in_reply_to_id"] in found}
        own = reversed(self._server.brand.timeline())
        places = {one["id"]: place for place, one in enumerate(own, 1)}
        line = sorted(found.values(), key=lambda one: places.get(one["id"], 0))
        return tuple(self._seen(one, post.author) for one in line)

    def public(self) -> tuple[Seen, ...]:
        """What the brand's own page shows a stranger, through the API."""
        path = f"/api/v1/accounts/{self._server.brand.account_id}/statuses"
        answer = self._server.stranger.call("GET", path, params={"limit": 40})
        answer.raise_for_status()
        return tuple(self._seen(one, "") for one in answer.json())

    def own_notice(self, post: Seen) -> str:
        """Servers that speak Mastodon's API show none."""
        return ""

    def unanswerable(self, text: str) -> Seen:
        return self.says("dora", text)

    def refuse(self, post: Seen) -> None:
        """The customer takes the post back: the server would let an answer hang in the air."""
        self._server.delete(self._cast[post.author], post.id)

    def _seen(self, status: dict[str, Any], who: str) -> Seen:
        ours = status["account"]["acct"].partition("@")[0] == self._brand.partition("@")[0]
        return Seen(
            id=str(status["id"]),
            author="brand" if ours else who,
            private=status["visibility"] not in ("public", "unlisted"),
            text=to_text(status["content"]),
            link=status["url"],
        )


def test_the_story_holds_on_a_server_nobody_here_wrote(
    real_mastodons: Iterator[RealMastodon], tmp_path: Path
) -> None:
    """Mention, public answer, handover with its notice, direct message, refusal: all of it.

    The private answer and its notice may reach the server in one instant, and it may lose one of
    the two. What was not told to the bridge or to a customer says nothing of the bridge: then the
    story is told again, to another server.
    """
    for server in islice(real_mastodons, TRIES):
        lines, held, told = _played(server, tmp_path / server.host.replace(":", "-"))
        if held or not server.lost():
            break
    assert held, "\n".join(lines)
    assert len(steps(_expected())) == len(told)


def _played(server: RealMastodon, folder: Path) -> tuple[list[str], bool, list[Told]]:
    """What was said of it, whether all of it held, and what became of each step."""
    lines: list[str] = []
    with ExitStack() as stack:
        desk = Desk(utcnow, hide=timedelta(0), hold_late=False)
        helpdesk = stack.enter_context(open_zendesk(desk))
        stack.callback(desk.stop)
        folder.mkdir()
        customers = RealCustomers(server)
        scenery = Scenery(
            _expected(),
            customers,
            server.url,
            {"url": server.url, "token": "env:MASTODON_TOKEN", "poll_seconds": 1},
            {"MASTODON_TOKEN": server.brand_token},
        )
        household = furnish(folder, scenery, desk, helpdesk.url)
        stack.callback(household.stop)
        household.migrate()
        household.start()
        stage = Stage(customers, desk, scenery.expected, patience=120)
        held, told = perform(stage, household, lines.append, kill=False)
    return lines, held, told


def _expected() -> Expected:
    return Expected(
        "mastodon",
        not_sent="Nothing was sent to the customer",
        to_do="Answer another message of the customer",
    )
