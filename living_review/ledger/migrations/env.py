"""Alembic runs this; the connection to migrate is handed over by ``living_review.ledger.database``."""

from alembic import context

from living_review.ledger.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
