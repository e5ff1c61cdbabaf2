"""What people, far sides and workers can do in a small world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, TypeVar

from flow_said import Said, Story
from flow_stage import Stage, staged
from hypothesis import strategies as st
from orders import empty
from sqlalchemy import select

from bridge.ledger import Ledger, intents, steps
from bridge.ledger import tables as t

Thing = TypeVar("Thing")
BEGINS = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CUSTOMERS = {"ada": "Ada Lovelace", "chloe": "Chloé Durand"}
SHOPPERS = {"1001": "Ada Lovelace", "1002": "Ben Okri"}
FAULTS: dict[str, dict[str, Any]] = {
    "500": {},
    "503": {},
    "401": {},
    "429": {"retry_after": 30},
    "drop_before_write": {},
    "drop_after_write": {},
}
PATHS = {
    "desk": "/api/v2/*",
    "town": "/api/v1/*",
    "shop": "/replies",
}


class Deeds:
    """`opened` makes a world of `tests/flow` on an emptied ledger."""

    def __init__(self, ledger: Ledger, clock: Any, opened: Callable[[], Any]) -> None:
        empty(ledger)
        clock.now = BEGINS
        self.open = ExitStack()
        self.world = self.open.enter_context(opened())
        self.stage: Stage = self.open.enter_context(staged(self.world))
        self.story = Story(self.stage)
        self.clock = self.world.clock
        self.waiting: list[str] = []  # the website's webhooks that never arrived
        self.snapshots: list[tuple[str, bytes]] = []
        self.pings: list[Any] = []
        self.arrived = 0
        self.again = 0

    def _one(self, data: st.DataObject, some: Sequence[Thing]) -> Thing:
        return some[data.draw(st.integers(0, len(some) - 1))]

    # -------------------------------------------------------------- customers

    def asks(self, who: str, private: bool) -> None:
        """A new thread on the network that is read."""
        self._post(who, private, "")

    def replies(self, who: str, private: bool, data: st.DataObject) -> None:
        """In a thread, below a customer or below us; what is private stays so."""
        me = self.world.town.find(who).id
        seen = [one for one in self.world.town.statuses() if self.world.town.can_see(me, one)]
        if seen:
            above = self._one(data, seen)
            self._post(who, private or above.visibility == "direct", above.id)

    def _post(self, who: str, private: bool, above: str) -> None:
        self.clock.move(1)
        number = len(self.story.posts)
        visibility = "direct" if private else "public"
        status = self.world.town.post(
            who, f"Dear @bridge p{number}v0e", visibility, in_reply_to=above
        )
        self.story.posts.append(
            Said(number, "acme", status.id, CUSTOMERS[who], private, status.thread, number)
        )

    def writes_below(self, who: str, private: bool, data: st.DataObject) -> None:
        """On the website, below something that they can see."""
        seen = [
            one
            for one in self.stage.website.messages()
            if not one.deleted and self.stage.website.may_read(who, one)
        ]
        if seen:
            above = self._one(data, seen)
            self.writes(who, private or above.private, above.id)

    def writes(self, who: str, private: bool, above: str = "") -> None:
        self.clock.move(1)
        number = len(self.story.posts)
        message = self.stage.website.write(
            who, f"Dear shop p{number}v0e", private=private, parent=above
        )
        self.story.posts.append(
            Said(number, "shop", message.id, SHOPPERS[who], private, message.thread_id, None)
        )
        self._calls()

    def _calls(self) -> None:
        """A webhook of the website is on its way."""
        self.waiting.append(self.stage.website.courier.posted()[-1].webhook_id)

    def takes_back(self, data: st.DataObject, how: str) -> None:
        post = self._one(data, self._living())
        self.clock.move(1)
        self.story.look()
        side = self.world.town if post.account == "acme" else self.stage.website
        if how == "delete":
            post.deleted = True
            side.delete(post.id)
        else:
            post.version += 1
            side.edit(post.id, f"Dear @bridge {post.text}")
        if post.account == "shop":
            self._calls()

    def _living(self) -> list[Said]:
        return [post for post in self.story.posts if not post.deleted]

    # -------------------------------------------------------------- deliveries

    def arrives(self, data: st.DataObject) -> None:
        """One of the website's webhooks, in whatever order."""
        webhook_id = self._one(data, self.waiting)
        self.waiting.remove(webhook_id)
        self._deliver(webhook_id)

    def arrives_again(self, data: st.DataObject, same_key: bool) -> None:
        """What has arrived comes once more, much later perhaps, or as another delivery."""
        posted = [
            each.webhook_id
            for each in self.stage.website.courier.posted()
            if each.webhook_id not in self.waiting
        ]
        if posted:
            self.again += 1
            which = self._one(data, posted)
            self._deliver(which, key=which if same_key else f"{which} again {self.again}")

    def _deliver(self, webhook_id: str, key: str = "") -> None:
        (one,) = [
            each for each in self.stage.website.courier.posted() if each.webhook_id == webhook_id
        ]
        self.arrived += 1
        for post in self.story.posts:
            words = f'"id": "{post.id}"'.encode()
            if post.account == "shop" and post.place is None and words in one.body:
                post.place = self.arrived
        self.stage.receive("shop", key or webhook_id, one.body)

    def is_seen(self, data: st.DataObject) -> None:
        """Somebody looks at a post as it stands; what they saw may arrive any time later."""
        acme = [post for post in self.story.posts if post.account == "acme"]
        post = self._one(data, acme)
        self.clock.move(1)
        if self.world.town_faults.waiting():
            return
        (raw,) = self.world.bridge.channels["acme"].reread((post.id,))
        post.place = None
        self.snapshots.append((raw.key, raw.body))

    def is_told(self, data: st.DataObject, same_key: bool) -> None:
        key, body = self._one(data, self.snapshots)
        self.again += 1
        self.stage.receive("acme", key if same_key else f"{key} again {self.again}", body)

    # -------------------------------------------------------------- agents

    def answers(self, data: st.DataObject, how: tuple[str, str | None], pings: str) -> None:
        ticket = self._one(data, self.world.tickets())
        self.story.answer(ticket, *how)
        for _ in range({"at once": 1, "twice": 2}.get(pings, 0)):
            self.world.tell(ticket)
        if pings == "later":
            self.pings.append(ticket)

    def notes(self, data: st.DataObject, retry: bool) -> None:
        ticket = self._one(data, self.world.tickets())
        self.clock.move(1)
        self.story.notes += 1
        words = "#retry" if retry else f"n{self.story.notes}e"
        self.world.desk.answer(ticket.id, words, public=False)
        self.world.tell(ticket)

    def pings_late(self) -> None:
        self.world.tell(self.pings.pop())

    def solves(self, data: st.DataObject) -> None:
        self.world.desk.solve(self._one(data, self.world.tickets()).id)

    # -------------------------------------------------------------- workers and time

    def works(self, after: int) -> None:
        """Time goes by, and all that is due is done."""
        self.clock.move(after)
        self.stage.work()

    def works_a_little(self, after: int, times: int) -> None:
        self.clock.move(after)
        self.stage.work(times)

    def dies(self, after: int, breaths: int) -> None:
        self.clock.move(after)
        self.stage.die(breaths)

    def freezes(self, after: int, breaths: int) -> None:
        self.clock.move(after)
        self.stage.freeze(breaths)

    def wakes_up(self, data: st.DataObject, breaths: int | None, after: int) -> None:
        self.clock.move(after)
        self.stage.wake(data.draw(st.integers(0, len(self.stage.asleep) - 1)), breaths)

    def beats(self) -> None:
        self.stage.beat()

    def restarts(self) -> None:
        self.stage.restart()

    def breaks(self, side: str, fault: str, method: str, times: int) -> None:
        self._faults()[side].add(
            fault, method=method, path=PATHS[side], times=times, **FAULTS[fault]
        )

    def _faults(self) -> dict[str, Any]:
        town, website = self.world.town_faults, self.stage.website.faults
        return {"desk": self.world.desk.faults, "town": town, "shop": website}

    # -------------------------------------------------------------- the end

    def recover(self) -> None:
        """Everybody answers again, whatever was late arrives, and who sleeps the longest wakes up
        last of all."""
        for faults in self._faults().values():
            faults.clear()
        for webhook_id in self.waiting:
            self._deliver(webhook_id)
        for key, body in self.snapshots:
            self.stage.receive("acme", f"{key} at last", body)
        if self.stage.asleep:
            self.stage.wake(0)
        for seconds in (11, 61, 130, 320, 700):
            self.clock.move(seconds)
            self.stage.work()
            self.story.look()
            for ticket in self.world.tickets():
                self.world.tell(ticket)
            self.stage.work()
        while self.stage.asleep:
            self.stage.wake(0)
            self.clock.move(700)
            self.stage.work()

    def agree(self) -> None:
        """Ledger and far sides say the same."""
        with self.stage.ledger.reading() as tx:
            left = tx.conn.execute(
                select(t.steps.c.kind, t.steps.c.about, t.steps.c.state, t.steps.c.because).where(
                    t.steps.c.state != steps.DONE
                )
            ).all()
            rows = tx.conn.execute(
                select(t.intents, t.receipts.c.remote_id).outerjoin(
                    t.receipts, t.receipts.c.intent_id == t.intents.c.id
                )
            ).all()
        assert [] == left
        doubt = {row.reply_id for row in rows if row.state == intents.OPEN}
        assert {row.kind for row in rows if row.state == intents.OPEN} <= {"send", "notice"}, doubt
        on_tickets = [
            str(said.id)
            for ticket in self.world.tickets()
            for audit in self.world.desk.ticket_audits(ticket.id)
            if "bridge" in audit.custom_json and (said := audit.comment)
        ]
        written = [r.remote_id for r in rows if r.kind in ("open", "append", "note")]
        assert sorted(filter(None, written)) == sorted(on_tickets)
        sent = [r for r in rows if r.kind in ("send", "notice") and r.remote_id]
        assert len(sent) + len(doubt) >= len(list(self.story.heard())) >= len(sent)
