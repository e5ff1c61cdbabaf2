"""What many say at once stands on one ticket"""

import sqlalchemy as sa
from alembic import op

from bridge.ledger.tables import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lately_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("post_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("said_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", "post_id", name=op.f("pk_lately_keys")),
    )
    op.create_index("ix_lately_keys_post_id", "lately_keys", ["post_id"])
    op.create_table(
        "lately_said",
        sa.Column("post_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.Column("said_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_lately_said_post_id")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_lately_said")),
    )
    op.create_index("ix_lately_said_said_at", "lately_said", ["said_at"])
    op.create_table(
        "storms",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("helpdesk", sa.Text(), nullable=False),
        sa.Column("conversation_id", NUMBER, nullable=False),
        sa.Column("post_id", NUMBER, nullable=True),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("begun_at", Instant(timezone=True), nullable=False),
        sa.Column("ended_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_storms_conversation_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_storms_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storms")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_storms_conversation_id", "storms", ["conversation_id"])
    op.create_index("ix_storms_helpdesk_ended_at", "storms", ["helpdesk", "ended_at"])
    op.create_index("ix_storms_post_id", "storms", ["post_id"])
    op.create_table(
        "storm_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("storm_id", NUMBER, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["storm_id"], ["storms.id"], name=op.f("fk_storm_keys_storm_id")),
        sa.PrimaryKeyConstraint("key", "storm_id", name=op.f("pk_storm_keys")),
    )
    op.create_index("ix_storm_keys_storm_id", "storm_keys", ["storm_id"])
    op.create_table(
        "storm_posts",
        sa.Column("post_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("storm_id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("likeness", sa.Float(), nullable=False),
        sa.Column("said_at", Instant(timezone=True), nullable=False),
        sa.Column("joined_at", Instant(timezone=True), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_storm_posts_person_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_storm_posts_post_id")),
        sa.ForeignKeyConstraint(["storm_id"], ["storms.id"], name=op.f("fk_storm_posts_storm_id")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_storm_posts")),
    )
    op.create_index("ix_storm_posts_person_id", "storm_posts", ["person_id"])
    op.create_index("ix_storm_posts_storm_id_joined_at", "storm_posts", ["storm_id", "joined_at"])
    op.create_index(
        "ix_storm_posts_storm_id_state_post_id", "storm_posts", ["storm_id", "state", "post_id"]
    )


def downgrade() -> None:
    for table in ("storm_posts", "storm_keys", "storms", "lately_said", "lately_keys"):
        op.drop_table(table)
