"""One ``PubmedBookArticle`` (GeneReviews, StatPearls, guidelines on Bookshelf) as a record.

A chapter has its own title and authors and names its book in ``journal``; a book's title is its ``BookTitle``.
"""

from __future__ import annotations

from living_review.records import Record
from living_review.sources.medline_article import (
    Notes,
    attribute,
    children,
    first,
    items,
    read_abstract,
    read_authors,
    read_date,
    read_history,
    read_identifiers,
    read_keywords,
    read_pub_date,
    text_in,
    unique,
)
from living_review.sources.medline_text import XmlElement, text_of


def book_record(element: XmlElement) -> Record:
    """The record of a ``PubmedBookArticle``; its ``pmid`` is empty where the element has none.

    A chapter's year is that of its contribution: books such as GeneReviews carry the year of their first edition.
    """
    parts = children(element)
    document = children(first(parts, "BookDocument"))
    data = children(first(parts, "PubmedBookData"))
    book = children(first(document, "Book"))
    publisher = children(first(book, "Publisher"))
    notes, other_ids = Notes(), Notes()

    pmid = text_in(document, "PMID")
    title, book_title = text_in(document, "ArticleTitle"), text_in(book, "BookTitle")
    published = read_pub_date(first(book, "PubDate"))
    contributed = read_pub_date(first(document, "ContributionDate"))
    if contributed.year is not None and (title or published.year is None):
        published = contributed
    authors, complete = read_authors(document.get("AuthorList", ()), notes)
    book_authors, book_complete = read_authors(book.get("AuthorList", ()), notes)
    doi, pmcid = read_identifiers(
        (*document.get("ELocationID", ()), *book.get("ELocationID", ())),
        (*items(document, "ArticleIdList", "ArticleId"), *items(data, "ArticleIdList", "ArticleId")),
        pmid,
        other_ids,
    )
    dates = read_history(items(data, "History", "PubMedPubDate"))
    for of, name, key in ((document, "DateRevised", "revised"), (document, "ContributionDate", "contribution")):
        if day := read_date(first(of, name)):
            dates[key] = day
    version = attribute(first(document, "PMID"), "Version")
    notes.add("Version", version if version != "1" else "")
    for name in ("CollectionTitle", "Edition", "Medium", "VolumeTitle", "ReportNumber"):
        for noted in book.get(name, ()):
            notes.add(name, text_of(noted))
    notes.add("PublisherLocation", text_in(publisher, "PublisherLocation"))
    notes.add("PublicationStatus", text_in(data, "PublicationStatus"))
    for grant in items(document, "GrantList", "Grant"):
        entry = children(grant)
        notes.add("Grant", " ".join(filter(None, (text_in(entry, n) for n in ("GrantID", "Agency")))))
    pagination = children(first(document, "Pagination"))
    return Record(
        source="pubmed",
        source_id=pmid,
        kind="chapter" if title else "book",
        title=title or book_title,
        vernacular_title=text_in(document, "VernacularTitle"),
        abstract=read_abstract(first(document, "Abstract"), notes),
        authors=authors or book_authors,
        authors_complete=complete if authors else book_complete,
        year=published.year,
        published=published.published,
        published_text=published.text,
        journal=book_title if title else "",
        volume=text_in(book, "Volume"),
        pages=text_in(pagination, "MedlinePgn"),
        publisher=text_in(publisher, "PublisherName"),
        pmid=pmid,
        pmcid=pmcid,
        doi=doi,
        isbn=unique([text_of(isbn) for isbn in book.get("Isbn", ())]),
        languages=unique([text_of(language).lower() for language in document.get("Language", ())]),
        publication_types=unique([text_of(kind) for kind in document.get("PublicationType", ())]),
        keywords=read_keywords(document),
        dates=dates,
        other_ids=other_ids.joined(),
        notes=notes.joined(),
    )
