"""All made-up papers in one list, the same for the same seed: eligible ones, near misses, and the awkward ones."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

from infra.local.fictional.eligible import IN_BASELINE, STUDIES, abstract_of, charting_of
from infra.local.fictional.near_misses import FAMILIES, title_and_abstract
from infra.local.fictional.paper import Link, Paper, Person
from infra.local.fictional.vocabulary import COUNTRIES, JOURNALS, PREPRINTS

BASELINE = date(2026, 11, 16)
"""The Monday of the first search."""
WEEK_LATER = date(2026, 11, 23)

RETRACTED_STUDY = "F09"
"""The study that is retracted in the week after the baseline."""
_PAIR = 2
"""Row whose preprint and article are both there from the start."""
_PREPRINT_FIRST = 40
"""Row whose preprint is there at the baseline and whose article comes a week later."""
_CORRECTED = 13
_ORCID = "0000-0002-1825-0097"  # of a person whom ORCID itself made up
_OTHER_SOURCES = ("embase", "embase", "embase", "scopus", "scopus")
_TRANSLATED = {
    "ES": ("spa", "Redes sociales y experiencia del paciente: {}"), "BR": ("por", "Mídias sociais e serviços de saúde: {}"),
    "FR": ("fre", "Réseaux sociaux et services de santé : {}"), "DE": ("ger", "Soziale Medien im Gesundheitswesen: {}"),
    "JP": ("jpn", "ソーシャルメディアと医療サービス：{}"), "CN": ("chi", "社交媒体与卫生服务：{}"),
}  # fmt: skip
_VERNACULAR = {"spa": "un estudio ficticio", "por": "um estudo fictício", "fre": "une étude fictive",
               "ger": "eine erfundene Studie", "jpn": "架空の研究", "chi": "虚构研究"}  # fmt: skip


def papers(seed: int = 0) -> list[Paper]:
    """Every made-up paper, those of other databases included, in the order in which they become known."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    made = _eligible(dice) + _near_misses(dice)
    made += _awkward(made, dice)
    return sorted(made, key=lambda paper: (paper.entered, paper.doi))


def _eligible(dice: random.Random) -> list[Paper]:
    made = []
    for row, study in enumerate(STUDIES):
        source, published, entered = "pubmed", *_dates(dice)
        if IN_BASELINE <= row < IN_BASELINE + len(_OTHER_SOURCES):
            source = _OTHER_SOURCES[row - IN_BASELINE]
        elif row >= IN_BASELINE:
            published, entered = _in_the_week(dice)
        made.append(
            Paper(
                title=study.title.replace("&", "&amp;"),
                abstract=abstract_of(study, dice),
                people=_people(dice, study.country),
                journal=dice.randrange(7),
                published=published,
                entered=entered,
                doi=f"10.5555/fict.{published.year}.1{row:03d}",
                mesh=_mesh_of_eligible(study.activity, study.population),
                keywords=(
                    "social media",
                    "quality improvement",
                    dice.choice(("patient involvement", "service design")),
                ),
                volume=published.year - 2010,
                issue=dice.randint(1, 12),
                first_page=dice.randint(1, 900),
                charting=charting_of(study),
                study=f"F{row + 1:02d}",
                source=source,
            )
        )
    return made


def _near_misses(dice: random.Random) -> list[Paper]:
    made: list[Paper] = []
    late = 8
    for kind, family in enumerate(FAMILIES):
        for number in range(1, family.papers + 1):
            title, abstract, country = title_and_abstract(family, number - 1, dice)
            in_the_week = late > 0 and number == 1
            published, entered = _in_the_week(dice) if in_the_week else _dates(dice)
            late -= in_the_week
            without = dice.random() < 0.05
            made.append(
                Paper(
                    title=title,
                    abstract=() if without else _shaped(abstract, dice),
                    people=_people(dice, country),
                    journal=dice.choice(family.journals),
                    published=published,
                    entered=entered,
                    doi=f"10.5555/fict.{published.year}.{kind + 2}{number:03d}",
                    types=(dice.choice(("Letter", "Editorial")),) if without else ("Journal Article",),
                    mesh=family.mesh,
                    keywords=(*family.keywords, "social media") if dice.random() < 0.6 else family.keywords,
                    volume=published.year - 2010,
                    issue=dice.randint(1, 12),
                    first_page=dice.randint(1, 900),
                    reason=family.reason,
                    study=f"N{kind:02d}{number:02d}",
                )
            )
    return _translated(made, dice)


def _awkward(made: list[Paper], dice: random.Random) -> list[Paper]:
    """What real results hold too: preprint pairs, an erratum, a notice of retraction, a book chapter, a group as author."""
    by_study = {paper.study: at for at, paper in enumerate(made)}
    extra = []
    for row in (_PAIR, _PREPRINT_FIRST):
        at = by_study[f"F{row + 1:02d}"]
        article = made[at]
        preprint_doi = f"10.5555/prepr.{row:03d}"
        if row == _PREPRINT_FIRST:
            entered = BASELINE - timedelta(days=95)
            article = replace(article, published=WEEK_LATER - timedelta(days=4), entered=WEEK_LATER - timedelta(days=3),
                              doi=f"10.5555/fict.2026.1{row:03d}", volume=16)  # fmt: skip
        else:
            entered = article.entered - timedelta(days=140)
        made[at] = replace(article, links=(*article.links, Link(kind="UpdateOf", doi=preprint_doi)))
        updated = (Link(kind="UpdateIn", doi=article.doi),)
        extra.append(
            replace(article, doi=preprint_doi, journal=PREPRINTS, types=("Preprint", "Journal Article"), mesh=(),
                    published=entered - timedelta(days=2), entered=entered, links=updated,
                    title=article.title.replace(": ", " - ", 1))
        )  # fmt: skip
    at = by_study[f"F{_CORRECTED + 1:02d}"]
    corrected = made[at]
    erratum = Link(kind="ErratumIn", doi="10.5555/fict.corr.001")
    made[at] = replace(corrected, links=(erratum,), types=("Journal Article",))
    extra.append(
        _notice(
            corrected,
            "Correction: ",
            erratum.doi,
            "Published Erratum",
            "ErratumFor",
            corrected.entered + timedelta(days=60),
        )
    )
    retracted = made[by_study[RETRACTED_STUDY]]
    extra.append(
        _notice(
            retracted,
            "Retraction: ",
            NOTICE_DOI,
            "Retraction Notice",
            "RetractionOf",
            WEEK_LATER - timedelta(days=2),
        )
    )
    extra.append(_chapter(dice))
    at = by_study["F06"]
    made[at] = replace(made[at], collective="Imaginary Maternity Partnership Group")
    at = by_study["N0101"]
    made[at] = replace(
        made[at], title=f"{made[at].title} &amp; the <i>vox populi</i>: H<sub>2</sub>-blockers, 5 &lt; 7"
    )
    return extra


NOTICE_DOI = "10.5555/fict.retr.001"
"""DOI of the notice that retracts one included study."""


def _notice(paper: Paper, start: str, doi: str, kind: str, link: str, day: date) -> Paper:
    return replace(
        paper, title=f"{start}{paper.title}", abstract=(), doi=doi, types=(kind,), mesh=(), keywords=(), published=day,
        entered=day, links=(Link(kind=link, doi=paper.doi),), charting=None, reason="wrong_publication",
        study="", first_page=paper.first_page + 400, people=() if link == "ErratumFor" else paper.people[:1], collective="",
    )  # fmt: skip


def _chapter(dice: random.Random) -> Paper:
    day = date(2022, 3, 14)
    return Paper(
        title="Social media and the listening health service",
        abstract=(("", "This chapter of an imaginary handbook explains how social media may serve patient feedback and quality improvement. It reports no use of its own."),),
        people=_people(dice, "GB"),
        published=day,
        entered=day,
        doi="10.5555/fict.book.07",
        types=("Review",),
        book=True,
        reason="not_empirical",
        study="B01",
    )  # fmt: skip


def _dates(dice: random.Random) -> tuple[date, date]:
    """Publication and first day in PubMed, before the baseline; later years have more, and a few enter late."""
    year = dice.choices(range(2015, 2027), weights=(3, 4, 5, 6, 8, 10, 12, 12, 12, 12, 12, 10))[0]
    published = date(year, 1, 1) + timedelta(days=dice.randrange(365 if year < 2026 else 300))
    delay = dice.randint(380, 700) if dice.random() < 0.03 else dice.randint(1, 12)
    return published, min(published + timedelta(days=delay), BASELINE - timedelta(days=dice.randint(1, 20)))


def _in_the_week(dice: random.Random) -> tuple[date, date]:
    entered = BASELINE + timedelta(days=dice.randint(1, 6))
    return entered - timedelta(days=dice.randint(0, 3)), entered


def _people(dice: random.Random, country: str) -> tuple[Person, ...]:
    made: list[Person] = []
    for number in range(dice.randint(2, 7)):
        home = COUNTRIES[country if number == 0 or dice.random() < 0.75 else dice.choice(sorted(COUNTRIES))]
        person = Person(dice.choice(home.family), dice.choice(home.given), dice.choice(home.affiliations))
        if person.given not in {one.given for one in made}:
            made.append(person)
    if dice.random() < 0.02:
        made[0] = replace(made[0], orcid=_ORCID)
    return tuple(made)


def _shaped(abstract: tuple[tuple[str, str], ...], dice: random.Random) -> tuple[tuple[str, str], ...]:
    if dice.random() < 0.35:  # in one piece, without labels
        return (("", " ".join(text for _, text in abstract)),)
    return abstract


def _translated(made: list[Paper], dice: random.Random) -> list[Paper]:
    """Gives the first papers of some countries a title in their language, bracketed in English as PubMed does."""
    waiting = dict(_TRANSLATED)
    changed = []
    for paper in made:
        home = next((code for code in waiting if paper.people[0].affiliation in COUNTRIES[code].affiliations), None)
        if home is None or not paper.abstract or paper.entered > BASELINE:
            changed.append(paper)
            continue
        language, title = waiting.pop(home)
        vernacular = title.format(_VERNACULAR[language])
        changed.append(
            replace(
                paper,
                language=language,
                vernacular=vernacular,
                title=f"[{paper.title}]",
                types=(*paper.types, "English Abstract"),
            )
        )
    return changed


def _mesh_of_eligible(activity: str, population: str) -> tuple[str, ...]:
    headings = ["Social Media", "Quality Improvement", "Humans"]
    headings += ["Patient Participation"] if "codesign" in activity else ["Delivery of Health Care"]
    headings += ["Adolescent", "Young Adult"] if "young_people" in population else ["Adult"]
    return tuple(headings)


def journal_names(paper: Paper) -> tuple[str, str]:
    """Title and abbreviation of the journal."""
    return JOURNALS[paper.journal]
