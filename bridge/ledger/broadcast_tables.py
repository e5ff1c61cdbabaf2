"""Answers to many: one comment on an incident's ticket, and everybody whom it goes to."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text

from bridge.ledger.tables import Id, Instant, metadata

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("storm_id", Id, ForeignKey("storms.id"), nullable=False, index=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("reply_id", Id, ForeignKey("replies.id"), nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("needs_second", Boolean, nullable=False, default=False),
    Column("how_many", Integer, nullable=False, default=0),
    Column("state", Text, nullable=False, default="new"),
    Column("confirmed_by", Text, nullable=False, default=""),
    Column("confirmed_by_id", Text, nullable=False, default=""),
    Column("made_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("settled_at", Instant),
    Index("ix_broadcasts_state_id", "state", "id"),
    sqlite_autoincrement=True,
)

broadcast_posts = Table(
    "broadcast_posts",
    metadata,
    Column("broadcast_id", Id, ForeignKey("broadcasts.id"), primary_key=True, autoincrement=False),
    Column("post_id", Id, ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("account", Text, nullable=False),
    Column("state", Text, nullable=False, default="waiting"),
    Column("tries", Integer, nullable=False, default=0),
    Column("code", Text, nullable=False, default=""),
    Column("because", Text, nullable=False, default=""),
    Column("settled_at", Instant),
    Index("ix_broadcast_posts_next", "account", "state", "broadcast_id", "tries", "post_id"),
    Index("ix_broadcast_posts_post_id", "post_id"),
    Index("ix_broadcast_posts_person_id", "person_id"),
)
