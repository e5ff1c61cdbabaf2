"""The customer history: who is whom, what changed in which order, and who is told"""

import sqlalchemy as sa
from alembic import op

from bridge.ledger import touching
from bridge.ledger.tables import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("ends_at", Instant(timezone=True), nullable=True),
        sa.Column("used_at", Instant(timezone=True), nullable=True),
        sa.Column("revoked_at", Instant(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "changes",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("conversation_id", sa.BigInteger(), nullable=True),
        sa.Column("gone_at", Instant(timezone=True), nullable=True),
        sa.Column("gone_because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "number", name=op.f("pk_changes")),
        sa.UniqueConstraint("seq", name=op.f("uq_changes_seq")),
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_changes_at"), ["at"], unique=False)
        batch_op.create_index(
            "ix_changes_conversation_id_seq", ["conversation_id", "seq"], unique=False
        )
        batch_op.create_index("ix_changes_gone_at", ["gone_at"], unique=False)
        batch_op.create_index("ix_changes_kind_seq", ["kind", "seq"], unique=False)
        batch_op.create_index("ix_changes_person_id_seq", ["person_id", "seq"], unique=False)

    op.create_table(
        "customer_links",
        sa.Column(
            "person_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_customer_links")),
    )
    with op.batch_alter_table("customer_links", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customer_links_customer_id"), ["customer_id"], unique=False
        )

    op.create_table(
        "endpoints",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("old_secret_until", Instant(timezone=True), nullable=True),
        sa.Column("failing_since", Instant(timezone=True), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("ended_at", Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoints")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("endpoints", schema=None) as batch_op:
        batch_op.create_index(
            "ix_endpoints_name",
            ["name"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Text(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_at", Instant(timezone=True), nullable=False),
        sa.Column("horizon", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
    )
    op.create_table(
        "merges",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("other_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("undone_at", Instant(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=False),
        sa.Column("undone_because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("merges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merges_other_id"), ["other_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_merges_person_id"), ["person_id"], unique=False)

    op.create_table(
        "targets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("crm", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("synced_at", Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_targets")),
    )
    op.create_table(
        "touched",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touched")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "profile_facts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("learnt_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_profile_facts_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_facts")),
        sa.UniqueConstraint(
            "person_id", "fact", "source", name=op.f("uq_profile_facts_person_id_fact_source")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("profile_facts", schema=None) as batch_op:
        batch_op.create_index("ix_profile_facts_fact", ["fact"], unique=False)

    op.create_table(
        "sendings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "endpoint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("tried_at", Instant(timezone=True), nullable=True),
        sa.Column("settled_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoints.id"], name=op.f("fk_sendings_endpoint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sendings")),
        sa.UniqueConstraint("endpoint_id", "seq", name=op.f("uq_sendings_endpoint_id_seq")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("sendings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sendings_endpoint_id_state_due_at", ["endpoint_id", "state", "due_at"], unique=False
        )
        batch_op.create_index("ix_sendings_settled_at", ["settled_at"], unique=False)

    op.create_table(
        "target_rows",
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(timezone=True), nullable=True),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["target"], ["targets.name"], name=op.f("fk_target_rows_target")),
        sa.PrimaryKeyConstraint("target", "object_id", name=op.f("pk_target_rows")),
    )
    with op.batch_alter_table("target_rows", schema=None) as batch_op:
        batch_op.create_index(
            "ix_target_rows_target_state_due_at", ["target", "state", "due_at"], unique=False
        )

    touching.install(op.get_bind())
    touching.backlog(op.get_bind())


def downgrade() -> None:
    touching.remove(op.get_bind())
    with op.batch_alter_table("target_rows", schema=None) as batch_op:
        batch_op.drop_index("ix_target_rows_target_state_due_at")

    op.drop_table("target_rows")
    with op.batch_alter_table("sendings", schema=None) as batch_op:
        batch_op.drop_index("ix_sendings_settled_at")
        batch_op.drop_index("ix_sendings_endpoint_id_state_due_at")

    op.drop_table("sendings")
    op.drop_table("profile_facts")
    op.drop_table("touched")
    op.drop_table("targets")
    with op.batch_alter_table("merges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_merges_person_id"))
        batch_op.drop_index(batch_op.f("ix_merges_other_id"))

    op.drop_table("merges")
    op.drop_table("feed")
    op.drop_table("endpoints")
    with op.batch_alter_table("customer_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_links_customer_id"))

    op.drop_table("customer_links")
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_index("ix_changes_person_id_seq")
        batch_op.drop_index("ix_changes_kind_seq")
        batch_op.drop_index("ix_changes_gone_at")
        batch_op.drop_index("ix_changes_conversation_id_seq")
        batch_op.drop_index(batch_op.f("ix_changes_at"))

    op.drop_table("changes")
    op.drop_table("api_tokens")
