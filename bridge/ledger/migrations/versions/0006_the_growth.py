"""What keeps a large ledger as quick as a small one

An index over all rows of a table that grows for ever is replaced by one over the few that are
looked for, wherever that is so: it stays small, and settled rows are not carried along in it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NEW = (
    ("ix_deliveries_set_aside", "deliveries", ["id"], "state = 'set_aside'"),
    ("ix_deliveries_settled_at", "deliveries", ["settled_at"], "emptied_at IS NULL"),
    ("ix_deliveries_source_via_id", "deliveries", ["source", "via", "id"], ""),
    ("ix_deliveries_waiting", "deliveries", ["source", "id"], "settled_at IS NULL"),
    ("ix_people_helpdesk_id", "people", ["helpdesk_id"], "helpdesk_id <> ''"),
    ("ix_conversations_ticket_id", "conversations", ["ticket_id"], ""),
    ("ix_tickets_solved_at", "tickets", ["solved_at"], "solved_at IS NOT NULL"),
    ("ix_tickets_ticket_id", "tickets", ["ticket_id"], ""),
    ("ix_posts_account_created_at", "posts", ["account", "created_at"], ""),
    ("ix_posts_account_thread_id", "posts", ["account", "thread_id"], ""),
    ("ix_posts_comment_id", "posts", ["comment_id"], "comment_id <> ''"),
    ("ix_changes_at_seq", "changes", ["at", "seq"], ""),
    ("ix_steps_set_aside", "steps", ["id"], "state = 'set_aside'"),
    ("ix_steps_waiting", "steps", ["lane", "id"], "settled_at IS NULL"),
    ("ix_replies_ticket_id", "replies", ["ticket_id"], ""),
    ("ix_replies_outcome", "replies", ["outcome", "id"], "outcome <> 'delivered'"),
    ("ix_intents_state", "intents", ["state"], "state <> 'settled'"),
    ("ix_receipts_far_side_at", "receipts", ["far_side", "at"], ""),
    ("ix_receipts_permalink", "receipts", ["permalink"], "permalink <> ''"),
    ("ix_outcomes_at", "outcomes", ["at"], "intent_id IS NULL"),
    ("ix_ratings_unasked", "ratings", ["solved_at"], "asked_at IS NULL"),
)
OLD = (
    ("ix_deliveries_source_state_id", "deliveries", ["source", "state", "id"]),
    ("ix_deliveries_emptied_at_settled_at", "deliveries", ["emptied_at", "settled_at"]),
    ("ix_deliveries_state_id", "deliveries", ["state", "id"]),
    ("ix_changes_at", "changes", ["at"]),
    ("ix_lanes_ready_at", "lanes", ["ready_at"]),
    ("ix_posts_account_state_created_at", "posts", ["account", "state", "created_at"]),
    ("ix_steps_lane_state_id", "steps", ["lane", "state", "id"]),
    ("ix_steps_state_id", "steps", ["state", "id"]),
    ("ix_replies_outcome", "replies", ["outcome"]),
)


def upgrade() -> None:
    for name, table, _ in OLD:
        op.drop_index(name, table)
    for name, table, columns, only in NEW:
        where = sa.text(only) if only else None
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    op.create_index(
        "ix_posts_by_us",
        "posts",
        ["person_id"],
        sqlite_where=sa.text("by_us = 1"),
        postgresql_where=sa.text("by_us"),
    )


def downgrade() -> None:
    op.drop_index("ix_posts_by_us", "posts")
    for name, table, _, _ in NEW:
        op.drop_index(name, table)
    for name, table, columns in OLD:
        op.create_index(name, table, columns)
