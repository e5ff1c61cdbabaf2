"""One answer to many, each of them a reply of its own"""

import sqlalchemy as sa
from alembic import op

from bridge.ledger.tables import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("storm_id", NUMBER, nullable=False),
        sa.Column("conversation_id", NUMBER, nullable=False),
        sa.Column("reply_id", NUMBER, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("how_many", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=False),
        sa.Column("confirmed_by_id", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("started_at", Instant(timezone=True), nullable=True),
        sa.Column("settled_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["storm_id"], ["storms.id"], name=op.f("fk_broadcasts_storm_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_broadcasts_conversation_id")
        ),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_broadcasts_reply_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sa.UniqueConstraint("reply_id", name=op.f("uq_broadcasts_reply_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_broadcasts_storm_id"), "broadcasts", ["storm_id"])
    op.create_index(op.f("ix_broadcasts_conversation_id"), "broadcasts", ["conversation_id"])
    op.create_index("ix_broadcasts_state_id", "broadcasts", ["state", "id"])
    op.create_table(
        "broadcast_posts",
        sa.Column("broadcast_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("post_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("settled_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_posts_broadcast_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_broadcast_posts_post_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_broadcast_posts_person_id")
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "post_id", name=op.f("pk_broadcast_posts")),
    )
    op.create_index(
        "ix_broadcast_posts_next",
        "broadcast_posts",
        ["account", "state", "broadcast_id", "tries", "post_id"],
    )
    op.create_index("ix_broadcast_posts_post_id", "broadcast_posts", ["post_id"])
    op.create_index("ix_broadcast_posts_person_id", "broadcast_posts", ["person_id"])


def downgrade() -> None:
    op.drop_table("broadcast_posts")
    op.drop_table("broadcasts")
