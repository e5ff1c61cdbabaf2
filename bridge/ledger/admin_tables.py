"""What admins did: fixtures made at the helpdesk, the console's people, drafts of the mapping."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text

from bridge.ledger.tables import Id, Instant, metadata

fixtures = Table(
    "fixtures",
    metadata,
    Column("helpdesk", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("remote_id", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("adopted", Boolean, nullable=False, default=False),
)

admins = Table(
    "admins",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("password", Text, nullable=False, default=""),
    Column("issuer", Text, nullable=False, default=""),
    Column("subject", Text, nullable=False, default=""),
    Column("made_at", Instant, nullable=False),
    Column("seen_at", Instant),
    Column("ended_at", Instant),
    Index("ix_admins_issuer_subject", "issuer", "subject"),
    sqlite_autoincrement=True,
)

admin_sessions = Table(
    "admin_sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("admin_id", Id, ForeignKey("admins.id"), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("whom", Text, nullable=False, default=""),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("used_at", Instant),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("times", Integer, nullable=False),
)

admin_deeds = Table(
    "admin_deeds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("admin", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("about", Text, nullable=False, default=""),
    Column("detail", Text, nullable=False, default=""),
    Index("ix_admin_deeds_at", "at"),
    sqlite_autoincrement=True,
)

mapping_drafts = Table(
    "mapping_drafts",
    metadata,
    Column("admin", Text, primary_key=True),
    Column("files", Text, nullable=False),
    Column("base", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
