"""What the ledger remembers. Unique keys are what makes a repeated delivery harmless."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC; SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = BigInteger().with_variant(Integer, "sqlite")

# `sqlite_autoincrement`: rows are deleted when a person is erased, and a number that was once
# somebody's must not name something else later, in a lane's steps or in a tombstone.

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def where(name: str, *columns: str, only: str, unique: bool = False) -> Index:
    """An index over the few rows that are looked for, of a table that grows for ever. A query must
    say the condition as it stands here, for the database to see that it may use it."""
    condition = text(only)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("network", Text, nullable=False, default=""),
    Column("cursor", Text, nullable=False, default=""),
    Column("state", Text, nullable=False, default="connected"),
    Column("because", Text, nullable=False, default=""),
    Column("since", Instant, nullable=False),
    Column("read_at", Instant),
    Column("examined_at", Instant),
    Column("hooked_at", Instant),
    Column("gap_since", Instant),
    Column("gap_until", Instant),
    Column("gap_items", Integer, nullable=False, default=0),
)

troubles = Table(
    "troubles",
    metadata,
    Column("account", Text, primary_key=True),
    Column("about", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("since", Instant, nullable=False),
)

account_changes = Table(
    "account_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_account_changes_account_id", "account", "id"),
)

refusals = Table(
    "refusals",
    metadata,
    Column("source", Text, primary_key=True),
    Column("times", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("about", Text, nullable=False, default=""),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", Text, nullable=False, default="waiting"),
    Column("because", Text, nullable=False, default=""),
    Column("settled_at", Instant),
    Column("emptied_at", Instant),
    UniqueConstraint("source", "key"),
    Index("ix_deliveries_source_via_id", "source", "via", "id"),
    where("ix_deliveries_waiting", "source", "id", only="settled_at IS NULL"),
    where("ix_deliveries_settled_at", "settled_at", only="emptied_at IS NULL"),
    where("ix_deliveries_set_aside", "id", only="state = 'set_aside'"),
    sqlite_autoincrement=True,
)

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("network", Text, nullable=False),
    Column("network_id", Text, nullable=False),
    Column("handle", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("profile_url", Text, nullable=False, default=""),
    Column("avatar_url", Text, nullable=False, default=""),
    Column("followers", BigInteger),
    Column("language", Text, nullable=False, default=""),
    Column("helpdesk_id", Text, nullable=False, default=""),
    Column("seen_at", Instant, nullable=False),
    UniqueConstraint("network", "network_id"),
    where("ix_people_helpdesk_id", "helpdesk_id", only="helpdesk_id <> ''"),
    sqlite_autoincrement=True,
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", Text, nullable=False),
    Column("external_id", Text, nullable=False, unique=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("ticket_id", Text, nullable=False, default=""),
    Column("opened_at", Instant, nullable=False),
    Column("last_word_at", Instant, nullable=False),
    Index("ix_conversations_account_last_word_at", "account", "last_word_at"),
    Index("ix_conversations_last_word_at", "last_word_at"),
    Index("ix_conversations_person_id", "person_id"),
    Index("ix_conversations_ticket_id", "ticket_id"),
    sqlite_autoincrement=True,
)

conversation_keys = Table(
    "conversation_keys",
    metadata,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("helpdesk", Text, primary_key=True),
    Column("ticket_id", Text, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("since", Instant, nullable=False),
    Column("status", Text, nullable=False, default=""),
    Column("solved_at", Instant),
    Index("ix_tickets_ticket_id", "ticket_id"),
    where("ix_tickets_solved_at", "solved_at", only="solved_at IS NOT NULL"),
)

posts = Table(
    "posts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", Text, nullable=False),
    Column("network_id", Text, nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id"), index=True),
    Column("person_id", Id, ForeignKey("people.id")),
    Column("kind", Text, nullable=False, default=""),
    Column("visibility", Text, nullable=False, default="private"),
    Column("thread_id", Text, nullable=False, default=""),
    Column("by_us", Boolean, nullable=False, default=False),
    Column("created_at", Instant, nullable=False),
    Column("state", Text, nullable=False, default="live"),
    Column("rule", Text, nullable=False, default=""),
    Column("because", Text, nullable=False, default=""),
    Column("route", Text, nullable=False, default=""),
    Column("mapping_revision", Integer, nullable=False, default=0),
    Column("comment_id", Text, nullable=False, default=""),
    UniqueConstraint("account", "network_id"),
    Index("ix_posts_account_created_at", "account", "created_at"),
    Index("ix_posts_account_thread_id", "account", "thread_id"),
    where("ix_posts_comment_id", "comment_id", only="comment_id <> ''"),
    Index(
        "ix_posts_by_us",
        "person_id",
        sqlite_where=text("by_us = 1"),
        postgresql_where=text("by_us"),
    ),
    Index("ix_posts_network_id", "network_id"),
    Index("ix_posts_person_id", "person_id"),
    sqlite_autoincrement=True,
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("post_id", Id, ForeignKey("posts.id"), nullable=False),
    Column("revision", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("delivery_id", Id, ForeignKey("deliveries.id")),
    Column("received_at", Instant, nullable=False),
    UniqueConstraint("post_id", "revision"),
    Index("ix_revisions_delivery_id", "delivery_id"),
    sqlite_autoincrement=True,
)

lanes = Table(
    "lanes",
    metadata,
    Column("key", Text, primary_key=True),
    Column("account", Text, nullable=False, default=""),
    Column("ready_at", Instant),
    Column("held_until", Instant),
    Column("lease_until", Instant),
    Column("holder", Text, nullable=False, default=""),
    Column("epoch", BigInteger, nullable=False, default=0),
    Column("woken", BigInteger, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("because", Text, nullable=False, default=""),
    Column("line", Text, nullable=False, default="01", server_default="01"),
    Index(
        "ix_lanes_line_ready_at",
        "line",
        "ready_at",
        sqlite_where=text("ready_at IS NOT NULL"),
        postgresql_where=text("ready_at IS NOT NULL"),
    ),
)

steps = Table(
    "steps",
    metadata,
    Column("id", Id, primary_key=True),
    Column("lane", Text, ForeignKey("lanes.key"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("state", Text, nullable=False, default="waiting"),
    Column("tries", Integer, nullable=False, default=0),
    Column("because", Text, nullable=False, default=""),
    Column("made_at", Instant, nullable=False),
    Column("settled_at", Instant),
    UniqueConstraint("lane", "kind", "about"),
    where("ix_steps_waiting", "lane", "id", only="settled_at IS NULL"),
    where("ix_steps_set_aside", "id", only="state = 'set_aside'"),
    sqlite_autoincrement=True,
)

replies = Table(
    "replies",
    metadata,
    Column("id", Id, primary_key=True),
    Column("helpdesk", Text, nullable=False),
    Column("comment_id", Text, nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("ticket_id", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("visibility", Text, nullable=False, default=""),
    Column("because", Text, nullable=False, default=""),
    Column("answers", Id, ForeignKey("posts.id")),
    Column("overruled", Boolean, nullable=False, default=False),
    Column("attempt", Integer, nullable=False, default=1),
    Column("outcome", Text, nullable=False, default=""),
    Column("written_at", Instant, nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("author_id", Text, nullable=False, default=""),
    Column("author_name", Text, nullable=False, default=""),
    UniqueConstraint("helpdesk", "comment_id"),
    Index("ix_replies_ticket_id", "ticket_id"),
    where("ix_replies_outcome", "outcome", "id", only="outcome <> 'delivered'"),
    Index("ix_replies_author_id", "author_id"),
    sqlite_autoincrement=True,
)

intents = Table(
    "intents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("far_side", Text, nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False),
    Column("reply_id", Id, ForeignKey("replies.id"), index=True),
    Column("ticket_id", Text, nullable=False, default=""),
    Column("body", Text, nullable=False),
    Column("covers", Text, nullable=False, default=""),
    Column("state", Text, nullable=False, default="open"),
    Column("made_at", Instant, nullable=False),
    Column("tried_at", Instant),
    Column("tries", Integer, nullable=False, default=0),
    Index("ix_intents_ticket_id_tried_at", "ticket_id", "tried_at"),
    Index("ix_intents_tried_at", "tried_at"),
    Index("ix_intents_conversation_id", "conversation_id"),
    where("ix_intents_state", "state", only="state <> 'settled'"),
    sqlite_autoincrement=True,
)

receipts = Table(
    "receipts",
    metadata,
    Column("intent_id", Id, ForeignKey("intents.id"), primary_key=True),
    Column("far_side", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("permalink", Text, nullable=False, default=""),
    Column("at", Instant, nullable=False),
    UniqueConstraint("far_side", "remote_id"),
    Index("ix_receipts_far_side_at", "far_side", "at"),
    where("ix_receipts_permalink", "permalink", only="permalink <> ''"),
)

reports = Table(
    "reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("mark", Text, nullable=False, default=""),
    Column("state", Text, nullable=False),
    Column("code", Text, nullable=False, default=""),
    Column("because", Text, nullable=False, default=""),
    Column("at", Instant, nullable=False),
    UniqueConstraint("account", "remote_id", "state"),
    Index("ix_reports_account_mark", "account", "mark"),
    sqlite_autoincrement=True,
)

costs = Table(
    "costs",
    metadata,
    Column("account", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("times", BigInteger, nullable=False),
    Column("millionths", BigInteger, nullable=False),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("intent_id", Id, ForeignKey("intents.id"), index=True),
    Column("reply_id", Id, ForeignKey("replies.id"), index=True),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False, default=""),
    Column("because", Text, nullable=False, default=""),
    Column("at", Instant, nullable=False),
    where("ix_outcomes_at", "at", only="intent_id IS NULL"),
)

ops_tickets = Table(
    "ops_tickets",
    metadata,
    Column(
        "conversation_id",
        Id,
        ForeignKey("conversations.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("account", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("over_at", Instant),
    Index("ix_ops_tickets_account", "account"),
)

mapping_revisions = Table(
    "mapping_revisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False, default=""),
    Column("comment", Text, nullable=False, default=""),
    Column("published_at", Instant, nullable=False),
    Column("files", Text, nullable=False, default=""),
    Column("origin", Text, nullable=False, default="files"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id"), index=True),
    Column("delivery_id", Id, ForeignKey("deliveries.id"), index=True),
    Column("what", Text, nullable=False),
    Column("because", Text, nullable=False, default=""),
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("asked", Text, nullable=False, index=True),
    Column("person", Text, nullable=False, index=True),
    Column("state", Text, nullable=False, default="begun"),
    Column("certificate", Text, nullable=False, default=""),
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("id", Id, primary_key=True),
    Column("erasure_id", Id, ForeignKey("erasures.id"), nullable=False, index=True),
    Column("what", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("account", Text, nullable=False, default=""),
    Column("digest", Text, nullable=False, default=""),
    Column("at", Instant, nullable=False),
    Index("ix_tombstones_account_digest", "account", "digest"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
