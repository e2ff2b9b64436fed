"""Triggers that keep a table append-only; migrations set them, and take them off to change a table."""

from __future__ import annotations

from alembic import op

from living_review.ledger import tables


def is_postgresql() -> bool:
    """Whether the migration runs on PostgreSQL; else on SQLite."""
    return bool(op.get_bind().dialect.name == "postgresql")


def guard(table: str) -> None:
    """From now on rows of ``table`` are added and nothing else. On PostgreSQL the function of migration 0001 refuses."""
    if is_postgresql():
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


def unguard(table: str) -> None:
    """Take the guard of ``table`` off."""
    if is_postgresql():
        op.execute(f"DROP TRIGGER {table}_guard ON {table}")
        return
    for change in ("update", "delete"):
        op.execute(f"DROP TRIGGER {table}_guard_{change}")
