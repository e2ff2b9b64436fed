"""One ``PubmedArticle`` as a record: what each element of PubMed's DTD (250101) means here.

It promises never to fail on an element it does not know or misses, and to take an article's own identifiers only:
those of its reference list belong to other articles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from living_review.records import Author, Record, Relation
from living_review.sources.identifiers import normal_doi, normal_orcid, normal_pmcid
from living_review.sources.medline_dates import PublicationDate, iso_date, publication_date
from living_review.sources.medline_text import XmlElement, text_of

_NOT_AVAILABLE = {"[not available].", "[not available]", "not available."}
_NO_LABEL = {"UNASSIGNED", "UNLABELLED"}
_REGISTERS = {"clinicaltrials.gov": "nct"}
_PMID = re.compile("[1-9][0-9]*")
_BESIDE_PMCID = re.compile(r"^pmc-id:\s*|;.*$")
_NOTED = ("CoiStatement", "GeneralNote", "OtherID", "SpaceFlightMission")


class Notes:
    """What has no field in a record, by the source's own tag; nothing is said twice."""

    def __init__(self) -> None:
        self._said: dict[str, dict[str, None]] = {}

    def add(self, tag: str, text: str) -> None:
        """Adds ``text`` under ``tag`` unless it is empty or there already."""
        if text:
            self._said.setdefault(tag, {})[text] = None

    def joined(self) -> dict[str, str]:
        """Every tag's texts in order, joined by ``; ``."""
        return {tag: "; ".join(texts) for tag, texts in self._said.items()}


def article_record(element: XmlElement) -> Record:
    """The record of a ``PubmedArticle``; its ``pmid`` is empty where the element has none."""
    parts = children(element)
    citation_element = first(parts, "MedlineCitation")
    citation = children(citation_element)
    article_element = first(citation, "Article")
    article = children(article_element)
    data = children(first(parts, "PubmedData"))
    journal = children(first(article, "Journal"))
    issue = children(first(journal, "JournalIssue"))
    about_journal = children(first(citation, "MedlineJournalInfo"))
    notes = Notes()
    other_ids = Notes()
    pmid = text_in(citation, "PMID")
    published = _publication_date(issue, article)
    types = unique([text_of(one) for one in items(article, "PublicationTypeList", "PublicationType")])
    title = text_in(article, "ArticleTitle")
    authors, complete = read_authors(article.get("AuthorList", ()), notes)
    doi, pmcid = read_identifiers(
        article.get("ELocationID", ()), items(data, "ArticleIdList", "ArticleId"), pmid, other_ids
    )
    for bank in items(article, "DataBankList", "DataBank"):
        entry = children(bank)
        name = text_in(entry, "DataBankName").lower()
        for number in items(entry, "AccessionNumberList", "AccessionNumber"):
            other_ids.add(_REGISTERS.get(name, name or "databank"), text_of(number))
    version = attribute(first(citation, "PMID"), "Version")
    notes.add("Version", version if version != "1" else "")
    notes.add("IndexingMethod", attribute(citation_element, "IndexingMethod"))
    notes.add("PubModel", attribute(article_element, "PubModel"))
    notes.add("PublicationStatus", text_in(data, "PublicationStatus"))
    _note_further(citation, article, notes)
    return Record(
        source="pubmed",
        source_id=pmid,
        kind="preprint" if "Preprint" in types else "article",
        title="" if title.lower() in _NOT_AVAILABLE else title,
        vernacular_title=text_in(article, "VernacularTitle"),
        abstract=read_abstract(first(article, "Abstract"), notes),
        authors=authors,
        authors_complete=complete,
        year=published.year,
        published=published.published,
        published_text=published.text,
        journal=text_in(journal, "Title"),
        journal_abbreviation=text_in(journal, "ISOAbbreviation") or text_in(about_journal, "MedlineTA"),
        volume=text_in(issue, "Volume"),
        issue=text_in(issue, "Issue"),
        pages=_pages(article),
        pmid=pmid,
        pmcid=pmcid,
        doi=doi,
        issn=unique([text_of(n) for n in (*journal.get("ISSN", ()), *about_journal.get("ISSNLinking", ()))]),
        languages=unique([text_of(language).lower() for language in article.get("Language", ())]),
        publication_types=types,
        keywords=read_keywords(citation),
        mesh=_mesh(citation),
        relations=_relations(citation),
        dates=_dates(citation, article, items(data, "History", "PubMedPubDate")),
        status=attribute(citation_element, "Status"),
        other_ids=other_ids.joined(),
        notes=notes.joined(),
    )


Children = dict[str, list[XmlElement]]

# ``element[:]`` below is all children at once, which costs lxml far less than giving them one by one.


def children(element: XmlElement | None) -> Children:
    """The children of ``element`` by tag; empty for no element."""
    by_tag: Children = {}
    if element is not None:
        for child in element[:]:
            tag = child.tag
            if tag in by_tag:
                by_tag[tag].append(child)
            else:
                by_tag[tag] = [child]
    return by_tag


def first(of: Children, name: str) -> XmlElement | None:
    """The first ``name`` among ``of``."""
    found = of.get(name)
    return found[0] if found else None


def text_in(of: Children, name: str) -> str:
    """The text of the first ``name`` among ``of``; empty if there is none."""
    found = of.get(name)
    return text_of(found[0]) if found else ""


def texts(element: XmlElement | None) -> dict[str, str]:
    """The text of the first child of each tag; empty for no element."""
    by_tag: dict[str, str] = {}
    if element is not None:
        for child in element[:]:
            tag = child.tag
            if tag not in by_tag:
                by_tag[tag] = text_of(child)
    return by_tag


def named(element: XmlElement, name: str) -> list[XmlElement]:
    """The children of ``element`` with the tag ``name``."""
    return [child for child in element[:] if child.tag == name]


def items(of: Children, holder: str, name: str) -> list[XmlElement]:
    """Every ``name`` in every ``holder`` among ``of``."""
    holders = of.get(holder)
    return [item for element in holders for item in element[:] if item.tag == name] if holders else []


def attribute(element: XmlElement | None, name: str) -> str:
    """The attribute's value; empty for no element or attribute."""
    return "" if element is None else str(element.get(name, "")).strip()


def unique(of: list[str]) -> tuple[str, ...]:
    """The texts without empty ones and repeats, in order."""
    return tuple(dict.fromkeys(filter(None, of))) if of else ()


def read_date(element: XmlElement | None) -> str:
    """The ISO date, as far as known, of an element with Year, Month and Day."""
    if element is None:
        return ""
    year = month = day = ""
    for child in reversed(element[:]):  # so that of two with one tag the first is read last
        tag = child.tag
        if tag == "Year":
            year = text_of(child)
        elif tag == "Month":
            month = text_of(child)
        elif tag == "Day":
            day = text_of(child)
    return iso_date(year, month, day)


def read_pub_date(element: XmlElement | None) -> PublicationDate:
    """The date of publication in a ``PubDate`` or ``ContributionDate``."""
    said = texts(element)
    return publication_date(*(said.get(name, "") for name in ("Year", "Month", "Day", "Season", "MedlineDate")))


def read_history(dates: Iterable[XmlElement]) -> dict[str, str]:
    """ISO dates by PubStatus. PubMed's ``revised`` is the authors' revision, so it is ``manuscript_revised`` here."""
    history: dict[str, str] = {}
    for element in dates:
        status, day = element.get("PubStatus", "").strip(), read_date(element)
        if status and day:
            history["manuscript_revised" if status == "revised" else status] = day
    return history


def read_abstract(abstract: XmlElement | None, notes: Notes) -> str:
    """Paragraphs parted by line feeds, a labelled one as ``LABEL: text``; the copyright line goes to the notes."""
    paragraphs = []
    for element in abstract if abstract is not None else ():
        if element.tag == "CopyrightInformation":
            notes.add("CopyrightInformation", text_of(element))
        if element.tag != "AbstractText" or not (text := text_of(element)):
            continue
        label = " ".join(element.get("Label", "").split()).rstrip(" :")
        paragraphs.append(f"{label}: {text}" if label and label.upper() not in _NO_LABEL else text)
    return "\n".join(paragraphs)


def read_authors(lists: Iterable[XmlElement], notes: Notes) -> tuple[tuple[Author, ...], bool]:
    """The valid authors in order, and whether the lists are complete; editors go to the notes."""
    authors: list[Author] = []
    complete = True
    for element in lists:
        people = [author for one in named(element, "Author") if (author := _author(one)) is not None]
        if element.get("Type", "authors").lower() == "editors":
            for editor in people:
                notes.add("Editor", editor.name)
            continue
        authors.extend(people)
        complete = complete and element.get("CompleteYN", "Y") != "N"
    return tuple(authors), complete


def _author(element: XmlElement) -> Author | None:
    if element.get("ValidYN") == "N":
        return None
    names: dict[str, str] = {}
    places: list[str] = []
    places_without_holder: list[str] = []
    orcid = ""
    for part in element[:]:
        tag = part.tag
        if tag == "AffiliationInfo":
            places += [text_of(place) for place in part[:] if place.tag == "Affiliation"]
        elif tag == "Affiliation":
            places_without_holder.append(text_of(part))
        elif tag == "Identifier":
            orcid = orcid or (normal_orcid(text_of(part)) if part.get("Source", "").upper() == "ORCID" else "")
        elif tag not in names:
            names[tag] = text_of(part)
    family, given = _family_and_given(names)
    suffix, collective = names.get("Suffix", ""), "" if family else names.get("CollectiveName", "")
    if not (family or given or suffix or collective):
        return None
    return Author(
        family=family,
        given=given,
        suffix=suffix,
        collective=collective,
        orcid=orcid,
        affiliations=unique(places + places_without_holder),
    )


def _family_and_given(names: dict[str, str]) -> tuple[str, str]:
    given = names.get("ForeName") or names.get("FirstName", "")
    if middle := names.get("MiddleName"):
        given = f"{given} {middle}".strip()
    given = given or names.get("Initials", "")
    family = names.get("LastName")
    return (family, given) if family else (given, "")


def read_identifiers(
    locations: Iterable[XmlElement], article_ids: Iterable[XmlElement], pmid: str, other_ids: Notes
) -> tuple[str, str]:
    """DOI and PMCID; every further identifier goes to ``other_ids`` by its kind.

    Args:
        locations: ``ELocationID`` elements; those marked ``ValidYN="N"`` are dropped, the others go first.
        article_ids: ``ArticleId`` elements of the article itself, never those of its references.
        pmid: The record's own, so that it is not listed again.
        other_ids: Where the rest goes, a second and different DOI too.
    """
    found = [(e.get("EIdType", ""), text_of(e)) for e in locations if e.get("ValidYN", "Y") != "N"]
    found += [(e.get("IdType", "").lower(), text_of(e)) for e in article_ids]
    doi = pmcid = ""
    for kind, text in found:
        if kind == "doi":
            normal = normal_doi(text)
            doi = doi or normal
            if normal != doi or not normal:
                other_ids.add("doi", text)
        elif kind in {"pmc", "pmcid"}:
            # IdType "pmcid" says "pmc-id: PMC123;" together with dates of embargo.
            pmcid = pmcid or normal_pmcid(_BESIDE_PMCID.sub("", text))
        elif text != pmid or kind != "pubmed":
            other_ids.add(kind or "other", text)
    return doi, pmcid


def read_keywords(citation: Children) -> tuple[str, ...]:
    """The keywords of every list, whoever its owner."""
    return unique([text_of(one) for one in items(citation, "KeywordList", "Keyword")])


def _publication_date(issue: Children, article: Children) -> PublicationDate:
    """The issue's date, as PubMed cites it; the electronic one where the issue has no year."""
    published = read_pub_date(first(issue, "PubDate"))
    if published.year is None:
        electronic = read_pub_date(first(article, "ArticleDate"))
        if electronic.year is not None:
            return electronic._replace(text=published.text)
    return published


def _pages(article: Children) -> str:
    pagination = texts(first(article, "Pagination"))
    start, end = pagination.get("StartPage", ""), pagination.get("EndPage", "")
    pages = pagination.get("MedlinePgn") or (f"{start}-{end}" if end and end != start else start)
    if pages:
        return pages
    valid = (e for e in article.get("ELocationID", ()) if e.get("ValidYN", "Y") != "N")
    return next((text_of(e) for e in valid if e.get("EIdType") == "pii"), "")


def _mesh(citation: Children) -> tuple[str, ...]:
    headings: list[str] = []
    for heading in items(citation, "MeshHeadingList", "MeshHeading"):
        headings += _heading(heading)
    return unique(headings)


def _heading(element: XmlElement) -> list[str]:
    """The descriptor, once with each of its qualifiers if it has any."""
    descriptors, qualifiers = [], []
    for part in element[:]:
        if part.tag == "DescriptorName":
            descriptors.append(part)
        elif part.tag == "QualifierName":
            qualifiers.append(part)
    if not descriptors:
        return []
    name, major = text_of(descriptors[0]), descriptors[0].get("MajorTopicYN") == "Y"
    if not qualifiers:
        return [f"{name}*" if major else name]
    return [f"{name}/{text_of(part)}{'*' if major or part.get('MajorTopicYN') == 'Y' else ''}" for part in qualifiers]


def _relations(citation: Children) -> tuple[Relation, ...]:
    relations = []
    for element in items(citation, "CommentsCorrectionsList", "CommentsCorrections"):
        said = texts(element)
        pmid = said.get("PMID", "")
        relations.append(
            Relation(
                kind=element.get("RefType", ""),
                pmid=pmid if _PMID.fullmatch(pmid) else "",
                citation=said.get("RefSource", ""),
                note=said.get("Note", ""),
            )
        )
    return tuple(relations)


def _dates(citation: Children, article: Children, history: Iterable[XmlElement]) -> dict[str, str]:
    dates = read_history(history)
    for name, key in (("DateCreated", "created"), ("DateCompleted", "completed"), ("DateRevised", "revised")):
        if day := read_date(first(citation, name)):
            dates[key] = day
    for element in article.get("ArticleDate", ()):
        if day := read_date(element):
            dates[element.get("DateType", "Electronic").lower()] = day
    return dates


def _note_further(citation: Children, article: Children, notes: Notes) -> None:
    """Adds to ``notes`` what a reader or a rule of a review may ask for and a record has no field for."""
    for name in _NOTED:
        for noted in citation.get(name, ()):
            notes.add(name, text_of(noted))
    for other in citation.get("OtherAbstract", ()):
        said = read_abstract(other, Notes()).replace("\n", " ")
        notes.add("OtherAbstract", f"[{other.get('Type', '')}, {other.get('Language', 'eng')}] {said}" if said else "")
    for grant in items(article, "GrantList", "Grant"):
        parts = children(grant)
        notes.add("Grant", " ".join(filter(None, (text_in(parts, n) for n in ("GrantID", "Agency")))))
    for investigator in items(citation, "InvestigatorList", "Investigator"):
        person = _author(investigator)
        notes.add("Investigator", person.name if person else "")
    for name in items(citation, "SupplMeshList", "SupplMeshName"):
        notes.add("SupplMeshName", text_of(name))
    for chemical in items(citation, "ChemicalList", "Chemical"):
        notes.add("NameOfSubstance", texts(chemical).get("NameOfSubstance", ""))
