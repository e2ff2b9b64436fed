"""A review and a PubMed of a few articles, for tests of steps: made in a line each, and the whole ledger as text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa
from pydantic import SecretStr

from infra.local.pubmed import Corpus, LocalPubMed
from living_review.ledger import tables as t
from living_review.ledger.database import Ledger, Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.reports import report_number
from living_review.ledger.searches import Searches, SearchRun
from living_review.protocol import Protocol
from living_review.review import Clock, Review
from living_review.settings import Settings
from living_review.steps.dedupe import dedupe
from living_review.steps.queue import queue
from living_review.steps.search import search
from living_review.validation import Failure, ValidationReport

API_KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00708"
PUBMED = {"source": "pubmed", "query": "asthma[tiab]"}


def article(
    pmid: int,
    title: str = "",
    *,
    mesh: Iterable[str] = (),
    types: Iterable[str] = ("Journal Article",),
    links: Iterable[tuple[str, str]] = (),
    abstract: str = "A study of asthma.",
    doi: str = "",
    entered: str = "2020-01-15",
    dated: str = "",
) -> bytes:
    """MEDLINE XML of one article; ``links`` are (RefType, PMID), ``entered`` is CRDT, ``dated`` EDAT where it has one."""
    history = "".join(
        "<PubMedPubDate PubStatus='{}'><Year>{}</Year><Month>{}</Month><Day>{}</Day></PubMedPubDate>".format(
            status, *moment.split("-")
        )
        for status, moment in (("entrez", entered), ("pubmed", dated))
        if moment
    )
    kinds = "".join(f'<PublicationType UI="D000000">{kind}</PublicationType>' for kind in types)
    headings = "".join(f"<MeshHeading><DescriptorName>{one}</DescriptorName></MeshHeading>" for one in mesh)
    relations = "".join(
        f'<CommentsCorrections RefType="{kind}"><RefSource>J Nothing. 2026</RefSource>'
        + (f'<PMID Version="1">{other}</PMID>' if other else "")
        + "</CommentsCorrections>"
        for kind, other in links
    )
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID>'
        "<Article PubModel='Print'><Journal><JournalIssue CitedMedium='Print'><PubDate><Year>2020</Year></PubDate>"
        "</JournalIssue><Title>Journal of Nothing</Title></Journal>"
        f"<ArticleTitle>{title or f'Asthma in the care of subject {pmid}'}</ArticleTitle>"
        f"<Abstract><AbstractText>{abstract}</AbstractText></Abstract>"
        "<AuthorList><Author><LastName>Gray</LastName><ForeName>Jo</ForeName></Author></AuthorList>"
        f"<Language>eng</Language><PublicationTypeList>{kinds}</PublicationTypeList></Article>"
        "<MedlineJournalInfo><MedlineTA>J Nothing</MedlineTA></MedlineJournalInfo>"
        f"{f'<CommentsCorrectionsList>{relations}</CommentsCorrectionsList>' if relations else ''}"
        f"{f'<MeshHeadingList>{headings}</MeshHeadingList>' if headings else ''}</MedlineCitation>"
        f"<PubmedData><History>{history}</History><ArticleIdList><ArticleId IdType='pubmed'>{pmid}</ArticleId>"
        f"<ArticleId IdType='doi'>{doi or f'10.5555/{pmid}'}</ArticleId></ArticleIdList></PubmedData></PubmedArticle>"
    ).encode()


def pubmed_of(*articles: bytes) -> LocalPubMed:
    """A PubMed that holds ``articles``; not started."""
    corpus = Corpus()
    for one in articles:
        corpus.add(one)
    return LocalPubMed(corpus)


def make_review(
    folder: Path,
    ledger: Ledger,
    clock: Clock,
    *,
    entrez_url: str = "http://127.0.0.1:9/",
    searches: Iterable[Mapping[str, Any]] = (PUBMED,),
    name: str = "r1",
    settings: Mapping[str, Any] | None = None,
    **protocol: Any,
) -> Review:
    """A review whose searches go to ``entrez_url``, asked once each."""
    made = Protocol.model_validate(
        {
            "id": name,
            "title": "T",
            "question": "Q",
            "searches": list(searches),
            "eligibility": {"exclude": [{"id": "other", "text": "Another subject"}]},
            **protocol,
        }
    )
    values = {
        "entrez_url": entrez_url,
        "entrez_attempts": 1,
        "entrez_wait_s": 0.01,
        "rate_folder": str(folder),
        "ncbi_api_key": SecretStr(API_KEY),
        **(settings or {}),
    }
    return Review(folder, made, Settings(**values), ledger, clock)


def rows(review: Review, table: sa.Table) -> list[dict[str, Any]]:
    """The review's rows of ``table``, earliest first."""
    with review.read() as tx:
        statement = sa.select(table)
        if "review" in table.c:
            statement = statement.where(table.c.review == review.id)
        return tx.rows(statement.order_by(*table.primary_key.columns))


def dump(review: Review, without: Collection[sa.Table] = ()) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but ``without``."""
    return {table.name: rows(review, table) for table in t.metadata.sorted_tables if table not in without}


def decide(
    review: Review, choices: Mapping[str, str], *, stage: str = "title_abstract", by: Iterable[str] = ("ann", "ben")
) -> None:
    """Each of ``by`` decides as ``choices`` (report -> choice) says, and reports move on."""
    with review.write() as tx:
        Decisions(tx).decide(
            [
                {
                    "record_id": report_number(report),
                    "stage": stage,
                    "reviewer": reviewer,
                    "choice": choice,
                    "reason": "other" if choice == "exclude" else "",
                    "note": "",
                    "criteria_version": "1",
                    "consensus": False,
                }
                for report, choice in choices.items()
                for reviewer in by
            ]
        )
    queue(review)


def include(review: Review, *reports: str) -> None:
    """Both reviewers include ``reports`` at both stages."""
    for stage in review.protocol.screening.stages:
        decide(review, dict.fromkeys(reports, "include"), stage=str(stage))


def screened_in_part(review: Review) -> Review:
    """Searches four articles: report 1 is included, 2 awaits a decision, 3 is in conflict, 4 is excluded."""
    search(review)
    dedupe(review)
    queue(review)
    include(review, "1")
    decide(review, {"3": "include"}, by=["ann"])
    decide(review, {"3": "exclude"}, by=["ben"])
    decide(review, {"4": "exclude"})
    return review


def at(day: str) -> datetime:
    """Nine o'clock UTC of an ISO day."""
    return datetime.fromisoformat(f"{day}T09:00:00+00:00")


def titled(frame: pd.DataFrame) -> ValidationReport:
    """A check of incoming records with one rule: a title that does not start with "No title"."""
    wrong = [
        Failure(row["record_key"], "title", "titled", str(row["title"]), f"found no title for {row['record_key']}")
        for _, row in frame.iterrows()
        if pd.isna(row["title"]) or str(row["title"]).startswith("No title")
    ]
    return ValidationReport("titled", "0" * 64, rows=len(frame), evaluated=1, failures=tuple(wrong))


def file_search(tx: Transaction, records: int) -> int:
    """The id of a file import that brought so many records."""
    run = SearchRun(
        source="s",
        kind="files",
        platform="ris",
        query="",
        translation="",
        promised=records,
        delivered=records,
        state="complete",
        started_at=tx.at,
        finished_at=tx.at,
    )
    return Searches(tx).add(run, protocol_digest="p", tool_version="0")
