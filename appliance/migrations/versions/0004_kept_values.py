"""Values of conversations under a key for each customer."""

import sqlalchemy as sa
from alembic import op

revision = "0004_kept_values"
down_revision = "0003_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subject_keys",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("subject", sa.LargeBinary(32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(60), nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "subject", name="pk_subject_keys"),
    )
    op.create_index("ix_subject_keys_used_at", "subject_keys", ["used_at"])
    op.create_table(
        "kept_values",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("subject", sa.LargeBinary(32), nullable=False),
        sa.Column("conversation", sa.LargeBinary(32), nullable=False),
        sa.Column("placeholder", sa.String(80), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "subject", "conversation", "placeholder", name="pk_kept_values"),
        sa.ForeignKeyConstraint(
            ["tenant", "subject"],
            ["subject_keys.tenant", "subject_keys.subject"],
            name="fk_kept_values_tenant_subject_keys",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_kept_values_kept_at", "kept_values", ["kept_at"])


def downgrade() -> None:
    for table in ("kept_values", "subject_keys"):
        op.drop_table(table)
