"""Keys of duplicates are numbers in one index; the next dedupe works them out anew and compares with them.

Revision: 0003
"""

import sqlalchemy as sa
from alembic import op

from living_review.ledger.guards import guard

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
    guard("match_key")
