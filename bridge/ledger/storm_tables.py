"""Storms: many posts about one thing that stand on one ticket, and what is needed to notice them.

No words are kept here: `sketch` are the 64 numbers of `bridge.text.alike`, `named` digests of what
a post names. The keys make what is alike findable without comparing with everything.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, LargeBinary, Table, Text

from bridge.ledger.tables import Id, Instant, metadata

storms = Table(
    "storms",
    metadata,
    Column("id", Id, primary_key=True),
    Column("helpdesk", Text, nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("post_id", Id, ForeignKey("posts.id"), index=True),
    Column("sketch", LargeBinary, nullable=False),
    Column("named", Text, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_storms_helpdesk_ended_at", "helpdesk", "ended_at"),
    sqlite_autoincrement=True,
)

storm_keys = Table(
    "storm_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("storm_id", Id, ForeignKey("storms.id"), primary_key=True, autoincrement=False),
    Index("ix_storm_keys_storm_id", "storm_id"),
)

storm_posts = Table(
    "storm_posts",
    metadata,
    Column("post_id", Id, ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("storm_id", Id, ForeignKey("storms.id"), nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("likeness", Float, nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("shown", Boolean, nullable=False, default=False),
    Index("ix_storm_posts_storm_id_state_post_id", "storm_id", "state", "post_id"),
    Index("ix_storm_posts_storm_id_joined_at", "storm_id", "joined_at"),
    Index("ix_storm_posts_person_id", "person_id"),
)

lately_said = Table(
    "lately_said",
    metadata,
    Column("post_id", Id, ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("sketch", LargeBinary, nullable=False),
    Column("said_at", Instant, nullable=False),
    Index("ix_lately_said_said_at", "said_at"),
)

lately_keys = Table(
    "lately_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("post_id", Id, primary_key=True, autoincrement=False),
    Column("said_at", Instant, nullable=False),
    Index("ix_lately_keys_post_id", "post_id"),
)
