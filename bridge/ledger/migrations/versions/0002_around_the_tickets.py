"""Guards, acts and promises around the tickets; what admins do"""

import sqlalchemy as sa
from alembic import op

from bridge.ledger.tables import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "admin_deeds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("admin", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_deeds")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("admin_deeds", schema=None) as batch_op:
        batch_op.create_index("ix_admin_deeds_at", ["at"], unique=False)

    op.create_table(
        "admins",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("seen_at", Instant(timezone=True), nullable=True),
        sa.Column("ended_at", Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admins")),
        sa.UniqueConstraint("name", name=op.f("uq_admins_name")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("admins", schema=None) as batch_op:
        batch_op.create_index("ix_admins_issuer_subject", ["issuer", "subject"], unique=False)

    op.create_table(
        "attempts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("since", Instant(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempts")),
    )
    op.create_table(
        "fixtures",
        sa.Column("helpdesk", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("helpdesk", "kind", "name", name=op.f("pk_fixtures")),
    )
    op.create_table(
        "invitations",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("whom", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("ends_at", Instant(timezone=True), nullable=False),
        sa.Column("used_at", Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invitations")),
    )
    op.create_table(
        "mapping_drafts",
        sa.Column("admin", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("admin", name=op.f("pk_mapping_drafts")),
    )
    op.create_table(
        "admin_sessions",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("admin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("seen_at", Instant(timezone=True), nullable=False),
        sa.Column("ends_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["admin_id"], ["admins.id"], name=op.f("fk_admin_sessions_admin_id")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_admin_sessions")),
    )
    with op.batch_alter_table("admin_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_admin_sessions_admin_id"), ["admin_id"], unique=False)

    op.create_table(
        "automatics",
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column(
            "conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_automatics_conversation_id")
        ),
        sa.PrimaryKeyConstraint("about", name=op.f("pk_automatics")),
    )
    with op.batch_alter_table("automatics", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_automatics_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "deadlines",
        sa.Column(
            "conversation_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("reply_by", Instant(timezone=True), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("since", Instant(timezone=True), nullable=False),
        sa.Column("nudge_at", Instant(timezone=True), nullable=True),
        sa.Column("shown", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_deadlines_conversation_id")
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_deadlines")),
    )
    with op.batch_alter_table("deadlines", schema=None) as batch_op:
        batch_op.create_index("ix_deadlines_nudge_at", ["nudge_at"], unique=False)

    op.create_table(
        "acts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("helpdesk", sa.Text(), nullable=False),
        sa.Column("comment_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Text(), nullable=False),
        sa.Column("asked_at", Instant(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_by_id", sa.Text(), nullable=False),
        sa.Column("approved_at", Instant(timezone=True), nullable=True),
        sa.Column("settled_at", Instant(timezone=True), nullable=True),
        sa.Column("echoed_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_acts_conversation_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_acts_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
        sa.UniqueConstraint("helpdesk", "comment_id", name=op.f("uq_acts_helpdesk_comment_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("acts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_acts_conversation_id"), ["conversation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_acts_post_id"), ["post_id"], unique=False)
        batch_op.create_index("ix_acts_state_id", ["state", "id"], unique=False)

    op.create_table(
        "ratings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("helpdesk", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column(
            "conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("solved_at", Instant(timezone=True), nullable=False),
        sa.Column("asked_at", Instant(timezone=True), nullable=True),
        sa.Column("answered_at", Instant(timezone=True), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_ratings_conversation_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_ratings_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
        sa.UniqueConstraint("helpdesk", "ticket_id", name=op.f("uq_ratings_helpdesk_ticket_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ratings_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "holds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reply_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("held_at", Instant(timezone=True), nullable=False),
        sa.Column("settled_at", Instant(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("settled_by_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_holds_reply_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sa.UniqueConstraint("reply_id", "attempt", name=op.f("uq_holds_reply_id_attempt")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.create_index("ix_holds_state_id", ["state", "id"], unique=False)

    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("network", sa.Text(), nullable=False, server_default=""))

    with op.batch_alter_table("mapping_revisions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("files", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("origin", sa.Text(), nullable=False, server_default="files"))

    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.add_column(sa.Column("author_id", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("author_name", sa.Text(), nullable=False, server_default=""))
        batch_op.create_index("ix_replies_author_id", ["author_id"], unique=False)

    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("status", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("solved_at", Instant(timezone=True), nullable=True))

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.create_index("ix_conversations_last_word_at", ["last_word_at"], unique=False)
        batch_op.create_index("ix_conversations_person_id", ["person_id"], unique=False)

    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.create_index("ix_posts_network_id", ["network_id"], unique=False)
        batch_op.create_index("ix_posts_person_id", ["person_id"], unique=False)

    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.create_index("ix_revisions_delivery_id", ["delivery_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.drop_index("ix_revisions_delivery_id")

    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.drop_index("ix_posts_person_id")
        batch_op.drop_index("ix_posts_network_id")

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_index("ix_conversations_person_id")
        batch_op.drop_index("ix_conversations_last_word_at")

    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_column("solved_at")
        batch_op.drop_column("status")

    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.drop_index("ix_replies_author_id")
        batch_op.drop_column("author_name")
        batch_op.drop_column("author_id")

    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_column("network")

    with op.batch_alter_table("mapping_revisions", schema=None) as batch_op:
        batch_op.drop_column("origin")
        batch_op.drop_column("files")

    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.drop_index("ix_holds_state_id")

    op.drop_table("holds")
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ratings_conversation_id"))

    op.drop_table("ratings")
    with op.batch_alter_table("acts", schema=None) as batch_op:
        batch_op.drop_index("ix_acts_state_id")
        batch_op.drop_index(batch_op.f("ix_acts_post_id"))
        batch_op.drop_index(batch_op.f("ix_acts_conversation_id"))

    op.drop_table("acts")
    with op.batch_alter_table("deadlines", schema=None) as batch_op:
        batch_op.drop_index("ix_deadlines_nudge_at")

    op.drop_table("deadlines")
    with op.batch_alter_table("automatics", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_automatics_conversation_id"))

    op.drop_table("automatics")
    with op.batch_alter_table("admin_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admin_sessions_admin_id"))

    op.drop_table("admin_sessions")
    op.drop_table("mapping_drafts")
    op.drop_table("invitations")
    op.drop_table("fixtures")
    op.drop_table("attempts")
    with op.batch_alter_table("admins", schema=None) as batch_op:
        batch_op.drop_index("ix_admins_issuer_subject")

    op.drop_table("admins")
    with op.batch_alter_table("admin_deeds", schema=None) as batch_op:
        batch_op.drop_index("ix_admin_deeds_at")

    op.drop_table("admin_deeds")
