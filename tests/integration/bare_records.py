"""Very many records that a local PubMed finds and nobody fetches: a hundred thousand in half a second.

Each has a PMID and one word of a title; there is no XML of them, so that EFetch has nothing to give.
"""

from __future__ import annotations

from collections.abc import Collection

from infra.local.pubmed import Corpus
from infra.local.pubmed.index import SLOTS

_ONE = (
    b"<PubmedArticle><MedlineCitation><PMID>%d</PMID><Article><ArticleTitle>%s</ArticleTitle></Article>"
    b"</MedlineCitation></PubmedArticle>"
)


def hold_bare(corpus: Corpus, pmids: Collection[int], word: str) -> None:
    """Let ``corpus`` find every one of ``pmids`` by ``word`` in its title, a lower-case one."""
    first, *rest = sorted(pmids)
    corpus.add(_ONE % (first, word.encode()))
    like = first * SLOTS
    columns = "file, start, length, xml, live, revised, version, since, until, published, author, journal"
    index = corpus._top
    with index.bulk():
        index.db.executemany(
            f"INSERT INTO doc(id, {columns}) SELECT ?, {columns} FROM doc WHERE id = ?",
            ((pmid * SLOTS, like) for pmid in rest),
        )
        index.db.executemany("INSERT INTO words(rowid, ti) VALUES(?, ?)", ((pmid * SLOTS, word) for pmid in rest))
