"""What makes a record of the customer history another than it was: triggers in the database.

They put down which record a row belongs to, and nothing else, in whatever transaction changes the
row: no module has to think of it, and none can forget it. `bridge.ledger.changes` numbers what was
put down. A plain insert locks nothing, so that writers never wait for each other here.

A migration that makes a table anew (SQLite's batch mode) must call `install` again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

INSERT, UPDATE, DELETE = "INSERT", "UPDATE", "DELETE"
ALWAYS = (INSERT, UPDATE, DELETE)


@dataclass(frozen=True, slots=True)
class Touch:
    """`says` are the rows (kind, number) that are put down, as SELECTs in which {row} is the row
    that changed. `only` are the columns of which an update must change one, none for any. `part`
    tells several of one table apart."""

    table: str
    says: tuple[str, ...]
    only: tuple[str, ...] = ()
    when: tuple[str, ...] = ALWAYS
    part: str = ""

    def trigger(self, when: str) -> str:
        return "_".join(filter(None, ("touch", self.table, self.part, when.lower())))


_SPOKEN = "('notice', 'automatic', 'note')"
_OF_INTENT = (
    "SELECT CASE WHEN i.kind IN ('notice', 'automatic', 'note') THEN i.kind ELSE 'reply' END, "
    "CASE WHEN i.kind IN ('notice', 'automatic', 'note') THEN i.id ELSE i.reply_id END "
    "FROM intents i WHERE (i.kind IN ('notice', 'automatic', 'note') OR i.reply_id IS NOT NULL)"
)
_OUR_OWN = "SELECT 'post', p.id FROM posts p WHERE p.by_us AND p.account = {row}"
_CUSTOMER = (
    "SELECT 'customer', COALESCE("
    "(SELECT l.customer_id FROM customer_links l WHERE l.person_id = {row}.id), {row}.id)"
)

TOUCHES = (
    Touch(
        "people",
        ("SELECT 'identity', {row}.id", "SELECT 'customer', {row}.id", _CUSTOMER),
        only=(
            "handle",
            "name",
            "profile_url",
            "avatar_url",
            "followers",
            "language",
            "helpdesk_id",
        ),
    ),
    Touch("profile_facts", ("SELECT 'identity', {row}.person_id",)),
    Touch(
        "customer_links",
        (
            "SELECT 'identity', {row}.person_id",
            "SELECT 'customer', {row}.person_id",
            "SELECT 'customer', {row}.customer_id",
            (
                "SELECT 'merge', m.id FROM merges m "
                "WHERE m.person_id = {row}.person_id OR m.other_id = {row}.person_id"
            ),
        ),
    ),
    Touch("merges", ("SELECT 'merge', {row}.id",)),
    Touch("conversations", ("SELECT 'conversation', {row}.id",)),
    # Who began a shared conversation was erased: it is somebody else's now, and so is what was
    # said in it to nobody else in particular.
    Touch(
        "conversations",
        (
            "SELECT 'post', p.id FROM posts p WHERE p.conversation_id = {row}.id AND p.by_us",
            "SELECT 'reply', r.id FROM replies r WHERE r.conversation_id = {row}.id",
            (
                "SELECT i.kind, i.id FROM intents i WHERE i.conversation_id = {row}.id "
                "AND i.kind IN ('notice', 'automatic', 'note')"
            ),
            "SELECT 'rating', r.id FROM ratings r WHERE r.conversation_id = {row}.id",
        ),
        only=("person_id",),
        when=(UPDATE,),
        part="whose",
    ),
    Touch("tickets", ("SELECT 'conversation', {row}.conversation_id",)),
    Touch(
        "posts",
        (
            "SELECT 'post', {row}.id",
            # Whoever speaks for the account is found to be nobody's customer.
            "SELECT 'identity', {row}.person_id WHERE {row}.by_us AND {row}.person_id IS NOT NULL",
            "SELECT 'customer', {row}.person_id WHERE {row}.by_us AND {row}.person_id IS NOT NULL",
        ),
    ),
    Touch("revisions", ("SELECT 'post', {row}.post_id",)),
    Touch("replies", ("SELECT 'reply', {row}.id",)),
    Touch(
        "intents",
        (
            f"SELECT {{row}}.kind, {{row}}.id WHERE {{row}}.kind IN {_SPOKEN}",
            "SELECT 'reply', {row}.reply_id WHERE {row}.reply_id IS NOT NULL",
        ),
    ),
    Touch(
        "intents",
        (
            (
                "SELECT 'post', p.id FROM receipts r JOIN posts p ON p.comment_id = r.remote_id "
                "WHERE r.intent_id = {row}.id AND p.conversation_id = {row}.conversation_id"
            ),
        ),
        only=("ticket_id",),
        when=(UPDATE,),
        part="ticket",
    ),
    Touch(
        "intents",
        (
            (
                "SELECT 'post', p.id FROM reports r "
                "JOIN posts p ON p.account = r.account AND p.network_id = r.remote_id "
                "WHERE r.account = {row}.far_side AND r.mark = {row}.key"
            ),
        ),
        when=(DELETE,),
        part="mark",
    ),
    Touch(
        "receipts",
        (
            _OF_INTENT + " AND i.id = {row}.intent_id",
            (
                "SELECT 'post', p.id FROM intents i "
                "JOIN posts p ON p.conversation_id = i.conversation_id "
                "WHERE i.id = {row}.intent_id AND p.comment_id = {row}.remote_id"
            ),
            _OUR_OWN + ".far_side AND p.network_id = {row}.remote_id",
        ),
    ),
    Touch(
        "reports",
        (
            _OUR_OWN + ".account AND p.network_id = {row}.remote_id",
            (
                "SELECT 'reply', i.reply_id FROM receipts r JOIN intents i ON i.id = r.intent_id "
                "WHERE r.far_side = {row}.account AND r.remote_id = {row}.remote_id "
                "AND i.reply_id IS NOT NULL"
            ),
        ),
    ),
    Touch(
        "outcomes",
        (
            "SELECT 'reply', {row}.reply_id WHERE {row}.reply_id IS NOT NULL",
            _OF_INTENT + " AND i.id = {row}.intent_id",
        ),
    ),
    Touch("ratings", ("SELECT 'rating', {row}.id",)),
)
"""Also what a row belonged to before: an update puts down both."""

BACKLOG = (
    "SELECT 'identity', id FROM people ORDER BY id",
    "SELECT 'customer', id FROM people ORDER BY id",
    "SELECT 'conversation', id FROM conversations ORDER BY id",
    "SELECT 'post', id FROM posts ORDER BY id",
    "SELECT 'reply', id FROM replies ORDER BY id",
    "SELECT kind, id FROM intents WHERE kind IN ('notice', 'automatic', 'note') ORDER BY id",
    "SELECT 'rating', id FROM ratings ORDER BY id",
)
"""Everything that was there before there were triggers."""


def names() -> tuple[str, ...]:
    return tuple(touch.trigger(when) for touch in TOUCHES for when in touch.when)


def install(conn: Connection) -> None:
    """Make every trigger, anew where there is one."""
    for statement in _statements(conn.dialect.name == "postgresql"):
        conn.exec_driver_sql(statement)


def remove(conn: Connection) -> None:
    for touch in TOUCHES:
        for when in touch.when:
            name = touch.trigger(when)
            if conn.dialect.name == "postgresql":
                conn.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {touch.table}")
                conn.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}()")
            else:
                conn.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")


def backlog(conn: Connection) -> None:
    """Put down everything that there is, as if it had changed."""
    for says in BACKLOG:
        conn.exec_driver_sql(f"INSERT INTO touched (kind, number) {says}")


def _statements(postgres: bool) -> Iterator[str]:
    for touch in TOUCHES:
        for when in touch.when:
            name = touch.trigger(when)
            rows: tuple[str, ...] = ("OLD",) if when == DELETE else ("NEW",)
            if when == UPDATE and not touch.only:
                rows = ("OLD", "NEW")
            selects = dict.fromkeys(says.format(row=row) for row in rows for says in touch.says)
            body = " ".join(f"INSERT INTO touched (kind, number) {each};" for each in selects)
            head = f"AFTER {when} ON {touch.table} FOR EACH ROW{_condition(touch, when, postgres)}"
            if postgres:
                yield (
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                    f"$$ BEGIN {body} RETURN NULL; END $$"
                )
                yield f"DROP TRIGGER IF EXISTS {name} ON {touch.table}"
                yield f"CREATE TRIGGER {name} {head} EXECUTE FUNCTION {name}()"
            else:
                yield f"DROP TRIGGER IF EXISTS {name}"
                yield f"CREATE TRIGGER {name} {head} BEGIN {body} END"


def _condition(touch: Touch, when: str, postgres: bool) -> str:
    if when != UPDATE or not touch.only:
        return ""
    differs = "IS DISTINCT FROM" if postgres else "IS NOT"
    return " WHEN (" + " OR ".join(f"OLD.{c} {differs} NEW.{c}" for c in touch.only) + ")"
