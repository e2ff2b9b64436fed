"""The revisions that the ledger knows from the migrations' file names are those that Alembic knows."""

from __future__ import annotations

from alembic.script import ScriptDirectory

from living_review.ledger import database


def test_the_numbers_of_the_files_are_the_revisions_in_order() -> None:
    script = ScriptDirectory(str(database._MIGRATIONS))
    newest_first = [revision.revision for revision in script.walk_revisions()]
    assert database.revisions() == newest_first[::-1]
    assert database.revisions()[-1] == script.get_current_head()
