"""Answers belong to a run before it has ended, so that a run that was killed can go on with them.

Revision: 0002
"""

import sqlalchemy as sa
from alembic import op

from living_review.ledger import tables
from living_review.ledger.guards import guard, unguard

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_RUN_OF = (
    "(SELECT count(*) FROM search before WHERE before.review = {0}.review AND before.source = {0}.source "
    "AND before.kind = {0}.kind AND before.id < {0}.id)"
)
"""Which run of its source and kind a search is, counted from 0."""
_COPY = (
    "INSERT INTO search_answer (review, source, kind, run, request, sha256, at) "  # noqa: S608 - nothing from outside
    f"SELECT s.review, s.source, s.kind, {_RUN_OF.format('s')}, r.request, r.sha256, s.finished_at "
    "FROM search_response r JOIN search s ON s.id = r.search_id ORDER BY r.search_id, r.position"
)
_NUMBER = f"UPDATE search SET run = {_RUN_OF.format('search')}"  # noqa: S608 - nothing from outside


def upgrade() -> None:
    """Number the runs, and keep answers by run instead of by search."""
    op.create_table(
        "search_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("review", sa.String(length=63), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", tables.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["raw_response.sha256"], name=op.f("fk_search_answer_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_answer")),
    )
    op.create_index("ix_search_answer_review", "search_answer", ["review", "source", "kind", "run"], unique=False)
    op.execute(_COPY)
    op.drop_index("ix_search_response_search_id", table_name="search_response")
    op.drop_table("search_response")
    unguard("search")
    op.add_column("search", sa.Column("run", sa.Integer(), server_default="0", nullable=False))
    op.execute(_NUMBER)
    for table in ("search", "search_answer"):
        guard(table)
