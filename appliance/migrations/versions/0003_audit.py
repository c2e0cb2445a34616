"""The audit ledger, which the database itself refuses to change."""

import sqlalchemy as sa
from alembic import op

revision = "0003_audit"
down_revision = "0002_limits"
branch_labels = None
depends_on = None

SQLITE_TRIGGERS = (
    """
    CREATE TRIGGER ledger_blocks_no_update BEFORE UPDATE ON ledger_blocks
    BEGIN SELECT RAISE(ABORT, 'the audit ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_blocks_no_delete BEFORE DELETE ON ledger_blocks
    BEGIN SELECT RAISE(ABORT, 'the audit ledger is append-only'); END
    """,
    # REPLACE would delete a row without firing the trigger above.
    """
    CREATE TRIGGER ledger_blocks_no_replace BEFORE INSERT ON ledger_blocks
    WHEN EXISTS (
        SELECT 1 FROM ledger_blocks
        WHERE tenant = NEW.tenant AND writer = NEW.writer AND sequence = NEW.sequence
    )
    BEGIN SELECT RAISE(ABORT, 'the audit ledger is append-only'); END
    """,
)
POSTGRESQL_TRIGGERS = (
    """
    CREATE FUNCTION ledger_blocks_refuse() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the audit ledger is append-only'; END $$
    """,
    """
    CREATE TRIGGER ledger_blocks_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_blocks
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_blocks_refuse()
    """,
)


def upgrade() -> None:
    op.create_table(
        "ledger_blocks",
        sa.Column("tenant", sa.String(128), nullable=False),
        sa.Column("writer", sa.String(128), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("earliest", sa.BigInteger, nullable=False),
        sa.Column("latest", sa.BigInteger, nullable=False),
        sa.Column("previous", sa.LargeBinary(32), nullable=False),
        sa.Column("parents", sa.LargeBinary, nullable=False),
        sa.Column("tags", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "writer", "sequence", name="pk_ledger_blocks"),
    )
    op.create_index("ix_ledger_blocks_time", "ledger_blocks", ["tenant", "latest", "earliest"])
    for trigger in SQLITE_TRIGGERS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    op.drop_table("ledger_blocks")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION ledger_blocks_refuse()")
