"""Whose turn it is when the helpdesk takes only so much"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WAITS = sa.text("ready_at IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("lanes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("line", sa.Text(), server_default="01", nullable=False))
    # What waits already is ordinary; what is woken from here on says itself what it is.
    op.execute(
        "UPDATE lanes SET line = CASE WHEN key LIKE 'conversation:%' THEN '21' ELSE '01' END"
        " || account"
    )
    # A lane that is held is due when it may go on, so that nobody walks past it before that.
    op.execute(
        "UPDATE lanes SET ready_at = held_until WHERE held_until > ready_at"
        " AND ready_at IS NOT NULL"
    )
    op.create_index(
        "ix_lanes_line_ready_at",
        "lanes",
        ["line", "ready_at"],
        unique=False,
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    op.create_index("ix_intents_tried_at", "intents", ["tried_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_intents_tried_at", "intents")
    op.drop_index("ix_lanes_line_ready_at", "lanes")
    with op.batch_alter_table("lanes", schema=None) as batch_op:
        batch_op.drop_column("line")
