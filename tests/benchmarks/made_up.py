"""Made-up records as the size of real ones: MEDLINE XML for a PubMed, and ledgers filled by way of the repositories."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import living_review
from living_review.dedupe import keys
from living_review.dedupe.fields import of_record
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.records import Records
from living_review.ledger.reports import Reports, report_number
from living_review.ledger.runs import Runs
from living_review.ledger.searches import Searches, SearchRun
from living_review.records import Author, Record
from living_review.review import Review, open_review
from living_review.settings import Settings
from living_review.sources.names import parse_names
from living_review.steps.chart import _digest
from living_review.steps.charting_state import charting_state
from living_review.steps.dedupe import dedupe
from living_review.steps.queue import queue
from living_review.steps.screening_state import screening_state
from tests.benchmarks.made_up_duplicates import Corpus

WORD = "messages"
QUERY = f"{WORD}[tiab]"
"""Finds every made-up record."""
FIRST_PMID = 80_000_001
_SAID = """clinic message service patient reply nurse feedback group online design change quality team survey ward
interview young people platform post video account theme care public hospital region model value week month"""
_WORDS = _SAID.split()
_DOCTYPE = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January '
    b'2025//EN" "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n'
)
_ENTRY = """<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM" IndexingMethod="Automated">
<PMID Version="1">{pmid}</PMID><DateCompleted><Year>2024</Year><Month>03</Month><Day>05</Day></DateCompleted>
<DateRevised><Year>2024</Year><Month>03</Month><Day>09</Day></DateRevised>
<Article PubModel="Electronic"><Journal><ISSN IssnType="Electronic">2000-0000</ISSN><JournalIssue CitedMedium="Internet">
<Volume>{volume}</Volume><Issue>2</Issue><PubDate><Year>{year}</Year><Month>Jan</Month><Day>11</Day></PubDate>
</JournalIssue><Title>Journal of made-up messages</Title><ISOAbbreviation>J Made-up Mess</ISOAbbreviation></Journal>
<ArticleTitle>{title}.</ArticleTitle><Pagination><StartPage>{pages}</StartPage><EndPage>{pages}9</EndPage>
<MedlinePgn>{pages}-9</MedlinePgn></Pagination><ELocationID EIdType="doi" ValidYN="Y">10.5555/made.up.{pmid}</ELocationID>
<Abstract>{abstract}<CopyrightInformation>Copyright of nobody.</CopyrightInformation></Abstract>
<AuthorList CompleteYN="Y">{authors}</AuthorList><Language>eng</Language><PublicationTypeList>
<PublicationType UI="D016428">Journal Article</PublicationType></PublicationTypeList>
<ArticleDate DateType="Electronic"><Year>{year}</Year><Month>01</Month><Day>11</Day></ArticleDate></Article>
<MedlineJournalInfo><Country>Nowhere</Country><MedlineTA>J Made-up Mess</MedlineTA><NlmUniqueID>9900001</NlmUniqueID>
<ISSNLinking>2000-0000</ISSNLinking></MedlineJournalInfo><CitationSubset>IM</CitationSubset>
<MeshHeadingList>{mesh}</MeshHeadingList><KeywordList Owner="NOTNLM">{keywords}</KeywordList></MedlineCitation>
<PubmedData><History><PubMedPubDate PubStatus="received"><Year>{year}</Year><Month>1</Month><Day>2</Day></PubMedPubDate>
<PubMedPubDate PubStatus="pubmed"><Year>{year}</Year><Month>1</Month><Day>12</Day></PubMedPubDate>
<PubMedPubDate PubStatus="entrez"><Year>{year}</Year><Month>1</Month><Day>12</Day></PubMedPubDate></History>
<PublicationStatus>epublish</PublicationStatus><ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId>
<ArticleId IdType="doi">10.5555/made.up.{pmid}</ArticleId></ArticleIdList><ReferenceList>{references}</ReferenceList>
</PubmedData></PubmedArticle>
"""


def _words(chance: random.Random, number: int) -> str:
    return " ".join(chance.choices(_WORDS, k=number))


def article(number: int, before: str = "", short: bool = False) -> str:
    """Made-up record ``number`` as XML, some 11,000 characters (real ones have 9,000 or so) or, if ``short``, 3,200.

    ``before`` begins the title.
    """
    chance = random.Random(number)
    pmid = FIRST_PMID + number
    authors = "".join(
        f'<Author ValidYN="Y"><LastName>Family{chance.randrange(9_000)}</LastName><ForeName>Given {place}</ForeName>'
        f"<Initials>G{place}</Initials><AffiliationInfo><Affiliation>Department {place}, {_words(chance, 6)}, Nowhere."
        "</Affiliation></AffiliationInfo></Author>"
        for place in range(1 if short else 6)
    )
    labels = ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
    abstract = "".join(
        f'<AbstractText Label="{label}" NlmCategory="{label}">{_words(chance, 5 if short else 60)}.</AbstractText>'
        for label in labels
    )
    mesh = "".join(
        f'<MeshHeading><DescriptorName UI="D{place:06d}" MajorTopicYN="N">Heading {_words(chance, 1)} {place}'
        f'</DescriptorName><QualifierName UI="Q{place:06d}" MajorTopicYN="Y">methods</QualifierName></MeshHeading>'
        for place in range(1 if short else 10)
    )
    references = "".join(
        f"<Reference><Citation>{_words(chance, 14)}. 2019;1:1-9.</Citation><ArticleIdList>"
        f'<ArticleId IdType="pubmed">{chance.randrange(10**7)}</ArticleId></ArticleIdList></Reference>'
        for _ in range(0 if short else 15)
    )
    return _ENTRY.format(
        pmid=pmid,
        volume=number % 40 + 1,
        year=2015 + number % 10,
        title=f"{before} Messages {_words(chance, 9)} {number}".strip(),
        pages=number % 900 + 1,
        abstract=abstract,
        authors=authors,
        mesh=mesh,
        keywords="".join(f'<Keyword MajorTopicYN="N">{_words(chance, 2)}</Keyword>' for _ in range(5)),
        references=references,
    )


def medline(size: int, short: bool = False) -> bytes:
    """``size`` made-up records as one PubmedArticleSet."""
    return as_set(range(size), short=short)


def as_set(numbers: Iterable[int], before: str = "", short: bool = False) -> bytes:
    """Made-up records as one PubmedArticleSet, their titles beginning with ``before``."""
    body = "".join(article(number, before, short) for number in numbers).encode()
    return _DOCTYPE + b"<PubmedArticleSet>\n" + body + b"</PubmedArticleSet>\n"


def record(number: int, source: str = "pubmed") -> Record:
    """Made-up record ``number`` as a record, without XML."""
    chance = random.Random(number)
    return Record(
        source=source,
        source_id=str(FIRST_PMID + number),
        pmid=str(FIRST_PMID + number),
        doi=f"10.5555/made.up.{number}",
        title=f"Messages {_words(chance, 9)} {number}",
        abstract=_words(chance, 240),
        authors=tuple(
            Author(family=f"Family{chance.randrange(9_000)}", given="Given", affiliations=(_words(chance, 8),))
            for _ in range(6)
        ),
        year=2015 + number % 10,
        published=f"{2015 + number % 10}-01",
        journal="Journal of made-up messages",
        volume="7",
        pages="1-9",
        mesh=tuple(f"Heading {place}/methods*" for place in range(10)),
        dates={"entrez": "2024-01-12", "revised": "2024-03-09"},
    )


def make_review(folder: Path) -> None:
    """A review of the template's protocol with the made-up query; nothing where there is one already."""
    if (folder / "review.yaml").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    template = Path(living_review.__file__).parent / "template" / "review.yaml"
    text = template.read_text(encoding="utf-8")
    start, end = text.index("    query: >-"), text.index("  # Exports of other databases")
    (folder / "review.yaml").write_text(f"{text[:start]}    query: {QUERY}\n{text[end:]}", encoding="utf-8")
    shutil.rmtree(folder / ".living-review", ignore_errors=True)


@contextmanager
def reviewing(folder: Path, pubmed: str = "", store: str = "", endpoint: str = "") -> Iterator[Review]:
    """The review in ``folder``, made where there is none."""
    make_review(folder)
    settings = Settings(
        entrez_url=pubmed or "http://127.0.0.1:9/", store_url=store, s3_endpoint_url=endpoint, rate_folder=str(folder)
    )
    with open_review(folder, settings=settings) as review:
        yield review


def add_found(tx: Transaction, records: list[Record]) -> dict[str, int]:
    """A search that brought ``records``; source id -> record id."""
    run = SearchRun(
        source="pubmed",
        kind="pubmed",
        platform="PubMed",
        query=QUERY,
        translation=QUERY,
        promised=len(records),
        delivered=len(records),
        state="complete",
        started_at=tx.at,
        finished_at=tx.at,
        counts={"new": len(records), "known": 0},
        ids=[one.source_id for one in records],
    )
    search_id = Searches(tx).add(run, protocol_digest="", tool_version="0")
    return Records(tx).add(records, search_id)


def fill_screening(review: Review, size: int) -> list[int]:
    """Known, placed and queued records; returns their ids."""
    records = list(map(record, range(size)))
    with review.write() as tx:
        ids = add_found(tx, records)
        reports = Reports(tx)
        reports.add_keys((ids[one.source_id], key) for one in records for key in keys.of(of_record(one))[0])
        reports.add_keys([(min(ids.values()), keys.made_by())])
        reports.place({one: one for one in ids.values()})
    queue(review)
    return list(ids.values())


def fill_duplicated(review: Review, known: int, new: int, at_once: int = 20_000) -> list[Record]:
    """A ledger of ``known`` records of three databases, ``at_once`` deduped at a time.

    Returns:
        ``new`` more records of the same works and others, from all over, which the ledger does not hold.
    """
    corpus = Corpus(1)
    held_back: list[Record] = []
    for start in range(0, known, at_once):
        number = min(at_once, known - start)
        more = new * (start + number) // known - len(held_back)
        made = [_as_record(row, start, place) for place, row in enumerate(corpus.draw(number + more))]
        held_back += made[number:]
        with review.write() as tx:
            add_found_of_several(tx, made[:number])
        dedupe(review)
    return held_back


def add_found_of_several(tx: Transaction, records: list[Record]) -> list[tuple[int, Record]]:
    """A search for each source among ``records``; each record with its id."""
    added: list[tuple[int, Record]] = []
    for source in sorted({one.source for one in records}):
        here = [one for one in records if one.source == source]
        ids = add_found(tx, here)
        added += [(ids[one.source_id], one) for one in here]
    return added


def _as_record(row: dict[str, str], start: int, place: int) -> Record:
    return Record(
        source=f"database{place % 3}",
        source_id=f"{start}-{place}-{row['work']}",
        title=row["title"],
        authors=parse_names(row["author"].split(" and "))[0] if row["author"] else (),
        year=int(row["year"]) if row["year"] else None,
        journal=row["journal"],
        volume=row["volume"],
        issue=row["number"],
        pages=row["pages"],
        doi=row["doi"],
        abstract=row["abstract"],
    )


def fill_charting(review: Review, size: int) -> None:
    """``size`` included and charted studies, every step by way of the repositories."""
    ids = fill_screening(review, size)
    version = review.protocol.criteria_version
    common = {"choice": "include", "reason": "", "note": "", "criteria_version": version, "consensus": False}
    for stage in review.protocol.screening.stages:
        with review.write() as tx:
            Decisions(tx).decide(
                [
                    {"record_id": one, "stage": str(stage), "reviewer": who, **common}
                    for one in ids
                    for who in ("a", "b")
                ]
            )
        queue(review)
    with review.write() as tx:
        studies = Reports(tx).studies()
        Decisions(tx).chart([_charted(review, row["id"], row["label"], number) for number, row in enumerate(studies)])
        Runs(tx).note_protocol(review.protocol)
        assert report_number("R000001") == 1
        assert len(studies) == size
    with review.read() as tx:
        state = charting_state(tx, review.protocol, screening_state(tx, review.protocol))
        assert len(state.accepted) == size, state.returned


def change_charted(review: Review) -> None:
    """The finding of the study in the middle is told in other words."""
    with review.write() as tx:
        studies = Reports(tx).studies()
        number = len(studies) // 2
        row = _charted(review, studies[number]["id"], studies[number]["label"], number)
        row["values"] = {**row["values"], "key_finding": "Told in other words."}
        row["content_sha256"] = _digest(row["values"])
        Decisions(tx).chart([row])


def _charted(review: Review, study_id: int, label: str, number: int) -> dict[str, Any]:
    chance = random.Random(number)

    def pick(options: list[str]) -> list[str]:
        """Two of them, in the form's order, as a charted answer has them."""
        return sorted(chance.sample(options, k=2), key=options.index)

    row: dict[str, Any] = {
        "values": {
            "country": chance.choice(["AU", "DE", "GB", "US", "KE", "JP"]),
            "aim": _words(chance, 20),
            "design": chance.choice(["qualitative", "quantitative", "mixed methods"]),
            "sample_size": chance.randrange(5, 900),
            "communication_model": chance.choice(["one_way", "two_way", "multi_way"]),
            "population": pick(["organisations", "clinical_providers", "young_people", "public"]),
            "qi_activity": pick(["feedback", "codesign", "education", "advocacy", "monitoring"]),
            "platform": pick(["Twitter", "Facebook", "YouTube", "blog", "forum"]),
            "qi_stage": pick(["plan", "do", "study", "act"]),
            "model": [chance.choice(["M1", "M2", "M3", "M4"])],
            "key_finding": _words(chance, 25),
        },
        "quotes": [{"text": _words(chance, 25), "field": "model", "value": "", "location": "p. 3"}],
        "charted_by": "a",
        "checked_by": "b",
        "form_version": review.protocol.charting.form_version,
    }
    return {
        "study_id": study_id,
        "state": "accepted",
        **row,
        "reasons": [],
        "origin": "made up",
        "content_sha256": _digest({"study_id": label, **row}),
    }
