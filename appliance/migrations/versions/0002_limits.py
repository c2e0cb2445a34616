"""Limits: rules for single subjects, balances, and the slots that workers hold."""

import sqlalchemy as sa
from alembic import op

revision = "0002_limits"
down_revision = "0001_identity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "limit_rules",
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("subject", "kind", name="pk_limit_rules"),
    )
    op.create_table(
        "limit_meters",
        sa.Column("meter", sa.Text, nullable=False),
        sa.Column("window", sa.BigInteger, nullable=False),
        sa.Column("taken", sa.BigInteger, nullable=False),
        sa.Column("spent", sa.BigInteger, nullable=False),
        sa.Column("touched_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("meter", name="pk_limit_meters"),
    )
    op.create_index("ix_limit_meters_touched_at", "limit_meters", ["touched_at"])
    op.create_table(
        "limit_slots",
        sa.Column("meter", sa.Text, nullable=False),
        sa.Column("worker", sa.String(64), nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("meter", "worker", name="pk_limit_slots"),
    )
    op.create_index("ix_limit_slots_worker", "limit_slots", ["worker"])
    op.create_index("ix_limit_slots_expires_at", "limit_slots", ["expires_at"])


def downgrade() -> None:
    for table in ("limit_slots", "limit_meters", "limit_rules"):
        op.drop_table(table)
