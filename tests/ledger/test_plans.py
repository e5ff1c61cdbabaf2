"""What is asked all day reads a handful of rows, however many there are.

The statements are those that the ledger's own functions issue, on a ledger that a thousand
conversations went through, with the statistics of its rows and with none: a database whose
statistics are old must not be slow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from bench.filling import fill
from bench.story import DESK, SHOP
from bridge.crm import feed
from bridge.crm.feed import Asked
from bridge.ledger import (
    Ledger,
    Tx,
    alarms,
    asides,
    beside,
    browsing,
    changes,
    conversations,
    deliveries,
    finding,
    intents,
    knowing,
    lanes,
    people,
    periods,
    posts,
    ratings,
    replies,
    searching,
    sendings,
    steps,
    written,
)
from bridge.ledger.alarms import last_pushed_at
from bridge.ledger.changes import Filter
from bridge.ledger.ranks import heads
from bridge.ledger.searching import STATES, Search
from bridge.ledger.tables import metadata
from bridge.model import DAY
from bridge.records import Resource

MANY = 3_000
FEW = 1_000
"""Rows that one statement may read: a page of the feed and its records. Every table that grows has
more."""
SMALL = frozenset(["accounts", "endpoints", "feed", "targets", "touched", "troubles"])
"""Few rows, or (what was just touched) all of them are wanted."""


@dataclass
class Grown:
    ledger: Ledger
    seen: list[tuple[str, Any]]

    @contextmanager
    def watching(self) -> Iterator[list[tuple[str, Any]]]:
        self.seen.clear()
        yield self.seen


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def grown(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Grown]:
    """Filled once; nothing that is tried on it is committed."""
    from databases import copied, hurry

    if request.param == "sqlite":
        file = request.getfixturevalue("migrated_sqlite")
        url = copied(file, tmp_path_factory.mktemp("grown") / "grown.sqlite3")
        server, name = None, ""
    else:
        server = request.getfixturevalue("server")
        name = server.create(request.getfixturevalue("shelf")._template)
        url = server.url(name)
    ledger = Ledger(url)
    hurry(ledger)
    fill(ledger, MANY)
    grown = Grown(ledger, [])

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        grown.seen.append((statement, parameters))

    event.listen(ledger.engine, "before_cursor_execute", note)
    yield grown
    ledger.close()
    if server is not None:
        server.drop(name)


@pytest.fixture(params=["with statistics", "without"])
def known(request: pytest.FixtureRequest, grown: Grown) -> Grown:
    """The same, after ANALYZE, and as a database that never was analysed."""
    if not grown.ledger.is_sqlite and request.param == "without":
        pytest.skip("PostgreSQL analyses by itself, a minute after anything has changed")
    with grown.ledger.writing() as tx:
        if request.param == "with statistics":
            tx.conn.execute(text("ANALYZE"))
        else:
            tx.conn.execute(text("DELETE FROM sqlite_stat1"))
    if grown.ledger.is_sqlite:
        grown.ledger.engine.dispose()  # connections read the statistics when they open
    return grown


# ---------------------------------------------------------------- reading a plan


def rows_read(plan: dict[str, Any]) -> int:
    """How many rows of tables and indexes the nodes of a PostgreSQL plan have read."""
    here = 0
    if "Relation Name" in plan and plan["Relation Name"] not in SMALL:
        thrown = plan.get("Rows Removed by Filter", 0) + plan.get(
            "Rows Removed by Index Recheck", 0
        )
        here = (plan["Actual Rows"] + thrown) * plan["Actual Loops"]
    return here + sum(rows_read(each) for each in plan.get("Plans", ()))


def faults(tx: Tx, seen: list[tuple[str, Any]], name: str = "") -> list[str]:
    """The statements that read more than they should, each with how."""
    found = []
    for statement, parameters in seen:
        if not statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")):
            continue
        if tx.postgres:
            # As docs/retention.md advises: what is asked all day is in memory.
            tx.conn.exec_driver_sql("SET LOCAL random_page_cost = 1.1")
            asked = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
            plan = tx.conn.exec_driver_sql(asked, parameters).scalar_one()
            plan = json.loads(plan) if isinstance(plan, str) else plan
            count = rows_read(plan[0]["Plan"])
            if count > FEW:
                found.append(f"{count} rows: {statement}\n{json.dumps(plan[0]['Plan'])[:1500]}")
            continue
        walks = f"SCAN {WALKS.get(name, ' ')}"
        for *_, says in tx.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
            if is_whole_scan(says) and says != walks:
                found.append(f"{says}: {statement}")
    return found


def is_whole_scan(says: str) -> bool:
    """Whether a line of a SQLite plan reads all of a table that grows. A walk along an index that
    is meant for few rows, or in the order that is asked for with a limit, is none."""
    if not says.startswith("SCAN "):
        return False
    words = says.split()
    table = words[1]
    return "USING" not in words and table in GROWING


GROWING = frozenset(metadata.tables) - SMALL


WALKS = {"the last events": "audit", "the customers": "people"}
"""What is read by number, the newest first, up to a limit: for SQLite a scan like another."""


def test_a_scan_is_noticed(known: Grown) -> None:
    """The check below can fail: it takes every version of every post to find a word."""
    with known.ledger.reading() as tx, known.watching() as seen:
        tx.conn.execute(text("SELECT * FROM revisions WHERE body = 'x'"))
        assert 1 == len(faults(tx, list(seen)))


# ---------------------------------------------------------------- what is asked all day


def _nowhere(*_: Any) -> str:
    return ""


def _feed(**how: Any) -> Callable[[Tx, Ledger], object]:
    def read(tx: Tx, ledger: Ledger) -> object:
        asked = Asked(tuple(Resource), limit=25, **how)
        return feed.read(ledger, asked, _nowhere)

    return read


READS: dict[str, Callable[[Tx, Ledger], object]] = {
    "what waits of a source": lambda tx, _: deliveries.next_waiting(tx, SHOP, 50),
    "what is set aside": lambda tx, _: (deliveries.set_aside(tx), steps.set_aside(tx)),
    "metrics": lambda tx, _: (
        deliveries.unsettled(tx),
        steps.unsettled(tx),
        intents.unsettled(tx),
        replies.not_out(tx),
        lanes.backlog(tx),
    ),
    "an idle worker": lambda tx, _: heads(tx),
    "a lane's steps": lambda tx, _: (
        steps.waiting(tx, "conversation:7"),
        steps.head(tx, "conversation:7"),
        steps.waits(tx, "conversation:7", "look"),
    ),
    "replies that wait on an account": lambda tx, _: steps.waiting_replies(tx, SHOP),
    "where a post belongs": lambda tx, _: (
        posts.newest_in_thread(tx, SHOP, "m0000"),
        posts.find(tx, SHOP, "m0000"),
        posts.sent_by_us(tx, SHOP, "r0000"),
        conversations.by_key(tx, SHOP, "thread:x"),
    ),
    "what quotes a post": lambda tx, _: posts.quoting(tx, posts.one(tx, 10)),
    "posts in comments": lambda tx, _: posts.by_comments(tx, ("14500000000005",)),
    "comments taken up": lambda tx, _: replies.taken_ids(tx, DESK, "100007"),
    "what we did on a ticket": lambda tx, _: written.known_ids(tx, DESK, 7),
    "what was found done lately": lambda tx, _: written.known_since(tx, DESK, tx.now),
    "who is a user": lambda tx, _: people.with_helpdesk_id(tx, "14500000000007"),
    "an agent's first replies": lambda tx, _: replies.count_public(tx, "378520001007", 5),
    "what is not asked yet": lambda tx, _: ratings.to_ask(tx),
    "an account's rhythm": lambda tx, _: (
        alarms.last_post_at(tx, SHOP),
        alarms.first_post_at(tx, SHOP),
        last_pushed_at(tx, "polled"),
        alarms.has_heard_from(tx, "polled"),
        posts.to_reread(tx, SHOP, tx.now - timedelta(minutes=30), 40, public_first=False),
        posts.to_reread(tx, SHOP, tx.now - timedelta(minutes=30), 40, public_first=True),
        periods.heard_on(tx),
    ),
    "the feed": _feed(),
    "the feed since": lambda tx, ledger: _feed(updated_since=tx.now - timedelta(minutes=65))(
        tx, ledger
    ),
    "the feed of a person": _feed(people=(30,)),
    "the feed of a conversation": _feed(conversations=(30,)),
    "the feed of a kind": _feed(kinds=("merge",)),
    "the end of the feed": lambda tx, _: changes.page(
        tx, Filter(after=changes.stands(tx).last_seq - 50), 100
    ),
    "a webhook's range": lambda tx, _: sendings.in_range(
        tx, sendings.Range(since=tx.now - timedelta(minutes=65)), 0, 10**9, 50
    ),
    "whom a ticket is about": lambda tx, _: (
        finding.conversations_of(tx, "100007"),
        finding.conversations_with(tx, {9}),
    ),
    "beside a ticket": lambda tx, _: _beside(tx),
    "the conversations": lambda tx, _: searching.find(tx, Search(), 50),
    "those of an account": lambda tx, _: searching.find(tx, Search(account=SHOP), 50),
    "one by its ticket": lambda tx, _: searching._exact(tx, "100007") and _exactly(tx, "100007"),
    **{
        f"those {state}": lambda tx, _, state=state: searching.find(  # type: ignore[misc]
            tx, Search(state=state), 50
        )
        for state in STATES
    },
    "a conversation whole": lambda tx, _: browsing.whole(tx, 7),
    "the last events": lambda tx, _: browsing.last_events(tx, 15),
    "what waits for a person": lambda tx, _: (
        asides.counts(tx),
        asides.parcels(tx, 50),
        asides.stuck(tx, replies.UNDELIVERED, 50),
    ),
    "the customers": lambda tx, _: knowing.find(tx, "", 50),
    "a customer whole": lambda tx, _: knowing.whole(tx, 9),
}


def _beside(tx: Tx) -> object:
    here = beside.on_ticket(tx, DESK, "100007")
    return (
        beside.standing(tx, DESK, "100007"),
        beside.newest_posts(tx, DESK, "100007", here, 20),
        beside.newest_replies(tx, "100007", here, 20),
        beside.contacts(tx, "100007", here),
    )


def _exactly(tx: Tx, said: str) -> object:
    return [tx.conn.execute(each.limit(9)).all() for each in searching._exact(tx, said)]


@pytest.mark.parametrize("name", READS)
def test_reading(known: Grown, name: str) -> None:
    """No table that grows is read from end to end, and none is sorted."""
    with known.ledger.reading() as tx, known.watching() as seen:
        READS[name](tx, known.ledger)
        asked = list(seen)
        assert asked
        assert [] == faults(tx, asked, name)


WRITES: dict[str, Callable[[Tx], object]] = {
    "accepting": lambda tx: deliveries.receive(
        tx, source=SHOP, key="new", via="webhook", body=b"{}"
    ),
    "waking": lambda tx: lanes.wake(tx, "conversation:7", account=SHOP),
    "claiming": lambda tx: lanes.claim(tx, "us", timedelta(minutes=2)),
    "a sign of life": lambda tx: lanes.prolong(tx, "us", timedelta(minutes=2)),
    "letting an account go on": lambda tx: lanes.unhold(tx, SHOP),
    "queueing a step": lambda tx: steps.add_unless_waiting(tx, "conversation:7", "look", "100007"),
    "emptying": lambda tx: deliveries.empty_settled(tx, tx.now - 90 * DAY, 200),
    "forgetting webhooks": lambda tx: sendings.forget(tx, tx.now - 30 * DAY, 200),
    "forgetting tombstones": lambda tx: changes.forget_tombstones(tx, tx.now - 90 * DAY),
    "numbering": lambda tx: (posts.gone(tx, 7), changes.fold(tx)),
}


@pytest.mark.parametrize("name", WRITES)
def test_writing(known: Grown, name: str) -> None:
    """What is written finds its rows as quickly."""
    assert [] == _not_kept(known, name)


def test_tombstones_are_found_among_what_is_gone(known: Grown) -> None:
    """And not among all that changed so long ago, which grows for ever."""
    if not known.ledger.is_sqlite:
        pytest.skip("PostgreSQL goes by what it has counted")
    plans: list[str] = []
    with suppress(_NotKept), known.ledger.writing() as tx, known.watching() as seen:
        changes.forget_tombstones(tx, tx.now - 90 * DAY)
        for each in [one for one in seen if " changes" in one[0]]:
            told = tx.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {each[0]}", each[1]).all()
            plans += [row[-1] for row in told]
        raise _NotKept
    assert plans
    assert ["ix_changes_gone_at" in plan for plan in plans] == [True] * len(plans)


def _not_kept(known: Grown, name: str) -> list[str]:
    found = ["nothing was asked"]
    with suppress(_NotKept), known.ledger.writing() as tx, known.watching() as seen:
        WRITES[name](tx)
        found = faults(tx, list(seen), name) if seen else found
        raise _NotKept
    return found


class _NotKept(Exception):
    """Nothing of it is to be committed."""
