"""The tables of the customer history: who is whom, what changed in which order, and who is told."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bridge.ledger.tables import Id, Instant, metadata

customer_links = Table(
    "customer_links",
    metadata,
    Column("person_id", Id, primary_key=True, autoincrement=False),
    Column("customer_id", Id, nullable=False, index=True),
)

merges = Table(
    "merges",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, nullable=False, index=True),
    Column("other_id", Id, nullable=False, index=True),
    Column("proof", Text, nullable=False),
    Column("evidence", Text, nullable=False, default=""),
    Column("by", Text, nullable=False, default=""),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", Text, nullable=False, default=""),
    Column("undone_because", Text, nullable=False, default=""),
    sqlite_autoincrement=True,
)

profile_facts = Table(
    "profile_facts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("fact", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("learnt_at", Instant, nullable=False),
    UniqueConstraint("person_id", "fact", "source"),
    Index("ix_profile_facts_fact", "fact"),
    sqlite_autoincrement=True,
)

touched = Table(
    "touched",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

changes = Table(
    "changes",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("person_id", BigInteger),
    Column("conversation_id", BigInteger),
    Column("gone_at", Instant),
    Column("gone_because", Text, nullable=False, default=""),
    Index("ix_changes_at_seq", "at", "seq"),
    Index("ix_changes_kind_seq", "kind", "seq"),
    Index("ix_changes_person_id_seq", "person_id", "seq"),
    Index("ix_changes_conversation_id_seq", "conversation_id", "seq"),
    Index("ix_changes_gone_at", "gone_at"),
)

feed = Table(
    "feed",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("generation", Text, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("horizon", BigInteger, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
    Column("revoked_by", Text, nullable=False, default=""),
    sqlite_autoincrement=True,
)

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("because", Text, nullable=False, default=""),
    Column("seq", BigInteger, nullable=False),
    Column("old_secret_until", Instant),
    Column("failing_since", Instant),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index(
        "ix_endpoints_name",
        "name",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    sqlite_autoincrement=True,
)

sendings = Table(
    "sendings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("endpoint_id", Id, ForeignKey("endpoints.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("due_at", Instant),
    Column("status", Integer),
    Column("because", Text, nullable=False, default=""),
    Column("made_at", Instant, nullable=False),
    Column("tried_at", Instant),
    Column("settled_at", Instant),
    UniqueConstraint("endpoint_id", "seq"),
    Index("ix_sendings_endpoint_id_state_due_at", "endpoint_id", "state", "due_at"),
    Index("ix_sendings_settled_at", "settled_at"),
    sqlite_autoincrement=True,
)

targets = Table(
    "targets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("crm", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("cursor", Text, nullable=False, default=""),
    Column("state", Text, nullable=False),
    Column("because", Text, nullable=False, default=""),
    Column("made_at", Instant, nullable=False),
    Column("synced_at", Instant),
)

target_rows = Table(
    "target_rows",
    metadata,
    Column("target", Text, ForeignKey("targets.name"), primary_key=True),
    Column("object_id", Text, primary_key=True),
    Column("change_id", BigInteger, nullable=False),
    Column("remote_id", Text, nullable=False, default=""),
    Column("state", Text, nullable=False),
    Column("code", Text, nullable=False, default=""),
    Column("because", Text, nullable=False, default=""),
    Column("tries", Integer, nullable=False, default=0),
    Column("due_at", Instant),
    Column("at", Instant, nullable=False),
    Index("ix_target_rows_target_state_due_at", "target", "state", "due_at"),
)
