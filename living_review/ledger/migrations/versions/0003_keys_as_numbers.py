"""Keys of duplicates are numbers in one index; the next dedupe works them out anew and compares with them.

Revision: 0003
"""

import sqlalchemy as sa
from alembic import op

from living_review.ledger import tables

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the keys that were text, and make the table of those that are numbers."""
    op.drop_index("ix_match_key_lookup", table_name="match_key")
    op.drop_table("match_key")
    op.create_table(
        "match_key",
        sa.Column("review", sa.String(length=63), nullable=False),
        sa.Column("value", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_match_key_record_id")),
        sa.PrimaryKeyConstraint("review", "value", "record_id", name=op.f("pk_match_key")),
        sqlite_with_rowid=False,
    )
    _guard("match_key")


def _guard(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION living_review_guard()"
        )
        return
    for change in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER {table}_guard_{change} BEFORE {change.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{tables.GUARD_MESSAGE}'); END"
        )
