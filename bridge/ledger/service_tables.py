"""What is held back, done to posts, promised and asked: the tables beside posts and replies.

`automatics` makes what the bridge says by itself happen once: its key names what, to whom and for
which period.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from bridge.ledger.tables import Id, Instant, metadata, where

holds = Table(
    "holds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("reply_id", Id, ForeignKey("replies.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("findings", Text, nullable=False),
    Column("needs_second", Boolean, nullable=False, default=False),
    Column("state", Text, nullable=False, default="open"),
    Column("held_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("settled_by", Text, nullable=False, default=""),
    Column("settled_by_id", Text, nullable=False, default=""),
    UniqueConstraint("reply_id", "attempt"),
    Index("ix_holds_state_id", "state", "id"),
    sqlite_autoincrement=True,
)

acts = Table(
    "acts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("post_id", Id, ForeignKey("posts.id"), nullable=False, index=True),
    Column("act", Text, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("helpdesk", Text, nullable=False),
    Column("comment_id", Text, nullable=False),
    Column("state", Text, nullable=False, default="open"),
    Column("because", Text, nullable=False, default=""),
    Column("asked_by", Text, nullable=False),
    Column("asked_by_id", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("approved_by", Text, nullable=False, default=""),
    Column("approved_by_id", Text, nullable=False, default=""),
    Column("approved_at", Instant),
    Column("settled_at", Instant),
    Column("echoed_at", Instant),
    UniqueConstraint("helpdesk", "comment_id"),
    Index("ix_acts_state_id", "state", "id"),
    sqlite_autoincrement=True,
)

automatics = Table(
    "automatics",
    metadata,
    Column("about", Text, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
)

deadlines = Table(
    "deadlines",
    metadata,
    Column(
        "conversation_id",
        Id,
        ForeignKey("conversations.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("reply_by", Instant, nullable=False),
    Column("because", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("nudge_at", Instant),
    Column("shown", Instant),
    Index("ix_deadlines_nudge_at", "nudge_at"),
)

ratings = Table(
    "ratings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("helpdesk", Text, nullable=False),
    Column("ticket_id", Text, nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("account", Text, nullable=False),
    Column("solved_at", Instant, nullable=False),
    Column("asked_at", Instant),
    Column("answered_at", Instant),
    Column("score", Integer),
    Column("post_id", Id, ForeignKey("posts.id")),
    UniqueConstraint("helpdesk", "ticket_id"),
    where("ix_ratings_unasked", "solved_at", only="asked_at IS NULL"),
    sqlite_autoincrement=True,
)
