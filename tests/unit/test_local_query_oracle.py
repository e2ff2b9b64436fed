"""The local PubMed against a slow oracle: made-up articles as plain Python, searched by reading every one of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.query import RefusedQueryError
from infra.local.pubmed.search import UnknownHistoryError, search

WORDS = ("alfa", "alfas", "beta", "betatron", "gamma", "delta", "deltas", "omega")
HEADINGS = (
    "Asthma",
    "Status Asthmaticus",
    "Lung Diseases",
    "Social Media",
    "Blogging",
    "Quality Improvement",
    "Made Up Heading",
)
NARROWER = {
    "Lung Diseases": {"Asthma", "Status Asthmaticus"}, "Asthma": {"Status Asthmaticus"}, "Social Media": {"Blogging"},
}  # fmt: skip
"""What MeSH has below these, as far as the articles use it."""
QUALIFIERS = {
    "therapy": "th", "drug therapy": "dt", "therapeutic use": "tu", "adverse effects": "ae", "poisoning": "po", "toxicity": "to",
}  # fmt: skip
NARROWER_QUALIFIERS = {
    "therapy": {"drug therapy"}, "therapeutic use": {"adverse effects", "poisoning"}, "adverse effects": {"poisoning", "toxicity"},
}  # fmt: skip
"""What MeSH has below these, as far as the articles use it: toxicity is no part of therapeutic use."""
SUBSTANCES = ("Alfacillin", "Beta Fluor")
ACTIONS = {"lung diseases": [("asthma", "mh"), ("alfacillin", "nm")], "asthma": [("beta fluor", "nm")]}
"""Made up; of the two headings one is below the other."""
LANGUAGES = ("eng", "ger")
AUTHORS = ("Gray J", "Gray JA", "Grayson J", "Brown K")
FIRST_DAY = date(2019, 11, 1)


@dataclass(frozen=True)
class Paper:
    """One made-up article."""

    pmid: int
    title: tuple[str, ...]
    abstract: tuple[str, ...]
    keywords: tuple[tuple[str, ...], ...]
    mesh: tuple[tuple[str, bool, tuple[tuple[str, bool], ...]], ...]
    """Heading, whether it is a major topic, and its qualifiers with the same."""
    substances: tuple[str, ...]
    author: str
    language: str
    entered: date
    revised: date

    def xml(self) -> str:
        def day(when, tag):
            return f"<{tag}><Year>{when.year}</Year><Month>{when.month}</Month><Day>{when.day}</Day></{tag}>"

        family, initials = self.author.split()
        headings = "".join(
            f"<MeshHeading><DescriptorName MajorTopicYN='{'Y' if major else 'N'}'>{name}</DescriptorName>"
            + "".join(
                f"<QualifierName MajorTopicYN='{'Y' if star else 'N'}'>{sub}</QualifierName>" for sub, star in subs
            )
            + "</MeshHeading>"
            for name, major, subs in self.mesh
        )
        chemicals = "".join(
            f"<Chemical><NameOfSubstance>{name}</NameOfSubstance></Chemical>" for name in self.substances
        )
        keywords = "".join(f"<Keyword>{' '.join(one)}</Keyword>" for one in self.keywords)
        return (
            f"<PubmedArticle><MedlineCitation Status='MEDLINE'><PMID>{self.pmid}</PMID>{day(self.revised, 'DateRevised')}"
            f"<Article><Journal><JournalIssue>{day(self.entered, 'PubDate')}</JournalIssue><Title>Tidings</Title></Journal>"
            f"<ArticleTitle>{' '.join(self.title)}</ArticleTitle>"
            + (f"<Abstract><AbstractText>{' '.join(self.abstract)}</AbstractText></Abstract>" if self.abstract else "")
            + f"<AuthorList><Author><LastName>{family}</LastName><Initials>{initials}</Initials></Author></AuthorList>"
            f"<Language>{self.language}</Language></Article><ChemicalList>{chemicals}</ChemicalList><MeshHeadingList>{headings}</MeshHeadingList>"
            f"<KeywordList>{keywords}</KeywordList></MedlineCitation><PubmedData><History>"
            f"<PubMedPubDate PubStatus='entrez'>{day(self.entered, 'x')[3:-4]}</PubMedPubDate></History></PubmedData></PubmedArticle>"
        )

    def texts(self, tag):
        """The runs of words that a field has."""
        return {"ti": [self.title], "ab": [self.abstract], "tiab": [self.title, self.abstract, *self.keywords],
                "ot": list(self.keywords)}[tag]  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A part of a query: what one types, what fits, and whether PubMed's index has to know it."""

    text: str
    fits: object = field(compare=False)
    phrase: object = False
    """``True`` if an article has to fit, or what one of the articles must be for that."""


def runs(words, text):
    return any(text[at : at + len(words)] == words for at in range(len(text) - len(words) + 1))


def near(words, between, text):
    return any(set(words) <= set(text[at : at + len(words) + between]) for at in range(len(text)))


days = st.integers(0, 500).map(lambda number: FIRST_DAY + timedelta(number))
tags = st.sampled_from(["ti", "ab", "tiab", "ot"])
words = st.lists(st.sampled_from(WORDS), max_size=6).map(tuple)
subs = st.lists(
    st.tuples(st.sampled_from(sorted(QUALIFIERS)), st.booleans()), max_size=2, unique_by=lambda one: one[0]
).map(tuple)
papers = st.lists(
    st.builds(
        Paper, st.integers(1, 60), st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(tuple), words,
        st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(tuple), max_size=3, unique=True).map(tuple),
        st.lists(st.tuples(st.sampled_from(HEADINGS), st.booleans(), subs), max_size=3, unique_by=lambda one: one[0]).map(tuple),
        st.lists(st.sampled_from(SUBSTANCES), max_size=2, unique=True).map(tuple),
        st.sampled_from(AUTHORS), st.sampled_from(LANGUAGES), days, days,
    ),
    min_size=1, max_size=12, unique_by=lambda one: one.pmid,
)  # fmt: skip


@st.composite
def leaf(draw):
    kind = draw(
        st.sampled_from(
            ["word", "word", "cut", "phrase", "near", "mesh", "qualified", "sh", "nm", "pa", "days", "uid", "au", "la"]
        )
    )
    tag = draw(tags)
    match kind:
        case "word":
            word = draw(st.sampled_from([*WORDS, "absent"]))
            return Asked(f"{word}[{tag}]", lambda one: any(word in text for text in one.texts(tag)))
        case "cut":
            start = draw(st.sampled_from(["alfa", "beta", "delt", "omeg"]))
            return Asked(
                f"{start}*[{tag}]", lambda one: any(w.startswith(start) for text in one.texts(tag) for w in text)
            )
        case "phrase":
            said = draw(st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(tuple))
            return Asked(
                f'"{" ".join(said)}"[{tag}]', lambda one: any(runs(said, text) for text in one.texts(tag)), True
            )
        case "near":
            tag = draw(st.sampled_from(["ti", "tiab"]))
            said, between = (
                draw(st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(tuple)),
                draw(st.integers(0, 3)),
            )
            return Asked(
                f'"{" ".join(said)}"[{tag}:~{between}]', lambda one: any(near(said, between, t) for t in one.texts(tag))
            )
        case "mesh" | "qualified":
            heading, sub = draw(st.sampled_from(HEADINGS)), draw(st.sampled_from(sorted(QUALIFIERS)))
            tag, exploded = draw(st.sampled_from(["mh", "majr"])), draw(st.booleans())
            names = {heading} | (NARROWER.get(heading, set()) if exploded else set())
            wanted = {sub} | (NARROWER_QUALIFIERS.get(sub, set()) if exploded else set())

            def carries(one):
                for name, major, its in one.mesh:
                    if name in names and kind == "mesh":
                        yield tag == "mh" or major or any(star for _, star in its)
                    elif name in names:
                        yield any(other in wanted and (tag == "mh" or star) for other, star in its)

            typed = f"/{draw(st.sampled_from([sub, QUALIFIERS[sub]]))}" if kind == "qualified" else ""
            return Asked(
                f'"{heading}{typed}"[{tag}{"" if exploded else ":noexp"}]', lambda one: any(carries(one)),
                lambda one: heading != "Made Up Heading" or any(name == heading for name, *_ in one.mesh),
            )  # fmt: skip
        case "sh":
            sub, exploded = draw(st.sampled_from(sorted(QUALIFIERS))), draw(st.booleans())
            wanted = {sub} | (NARROWER_QUALIFIERS.get(sub, set()) if exploded else set())
            typed = draw(st.sampled_from([sub, f'"{sub}"', QUALIFIERS[sub]]))
            return Asked(f"{typed}[sh{'' if exploded else ':noexp'}]",
                         lambda one: any(other in wanted for *_, its in one.mesh for other, _ in its))  # fmt: skip
        case "nm":
            name = draw(st.sampled_from(SUBSTANCES))
            return Asked(f"{name}[nm]", lambda one: name in one.substances, True)
        case "pa":
            action, names = draw(
                st.sampled_from([("lung diseases", {"Lung Diseases", "Asthma"}), ("asthma", {"Asthma"})])
            )
            held = {"Beta Fluor", "Alfacillin"} if action == "lung diseases" else {"Beta Fluor"}
            return Asked(
                f"{action}[pa]", lambda one: bool(held & set(one.substances) or names & {name for name, *_ in one.mesh})
            )
        case "days":
            low, high = sorted((draw(days), draw(days)))
            basis = draw(st.sampled_from(["crdt", "mdat", "dp"]))
            which = {"crdt": "entered", "mdat": "revised", "dp": "entered"}[basis]
            return Asked(f"{low:%Y/%m/%d}:{high:%Y/%m/%d}[{basis}]", lambda one: low <= getattr(one, which) <= high)
        case "uid":
            low, high = sorted((draw(st.integers(0, 61)), draw(st.integers(0, 61))))
            return Asked(f"{low}:{high}[uid]", lambda one: low <= one.pmid <= high)
        case "au":
            name = draw(st.sampled_from(["gray", "gray j", "grayson j", "brown", '"Gray J"']))
            if name.startswith('"'):
                return Asked(f"{name}[au]", lambda one: one.author == name.strip('"'), True)
            if " " in name:
                return Asked(f"{name}[au]", lambda one: one.author.lower().startswith(name), True)
            return Asked(f"{name}[au]", lambda one: one.author.lower().split()[0] == name)
        case "la":
            code = draw(st.sampled_from(["eng", "ger", "english", "german"]))
            return Asked(f"{code}[la]", lambda one: one.language == code[:3])


def chains(inner):
    return st.tuples(inner, st.lists(st.tuples(st.sampled_from(["AND", "OR", "NOT"]), inner), max_size=4))


queries = chains(st.recursive(leaf(), chains, max_leaves=8))


def written(part):
    if isinstance(part, Asked):
        return part.text
    first, rest = part
    return " ".join([grouped(first), *(f"{operator} {grouped(one)}" for operator, one in rest)])


def grouped(part):
    return part.text if isinstance(part, Asked) else f"({written(part)})"


def found(part, articles):
    """PMIDs that fit, or ``None`` for what the index does not know; operators from left to right."""
    if isinstance(part, Asked):
        fitting = {one.pmid for one in articles if part.fits(one)}
        known = any(map(part.phrase, articles)) if callable(part.phrase) else fitting or not part.phrase
        return fitting if known else None
    first, rest = part
    so_far = found(first, articles)
    for operator, one in rest:
        more = found(one, articles)
        if so_far is None or more is None:
            left_over = so_far if so_far is not None else (more if operator != "NOT" else None)
            so_far = set() if operator == "AND" and left_over is not None else left_over
        else:
            so_far = {"AND": so_far & more, "OR": so_far | more, "NOT": so_far - more}[operator]
    return so_far


@settings(max_examples=400, deadline=None)
@given(papers, queries)
def test_it_finds_what_reading_every_article_finds(articles, query):
    corpus = Corpus(actions=ACTIONS)
    corpus.add(f"<PubmedArticleSet>{''.join(one.xml() for one in articles)}</PubmedArticleSet>".encode())
    expected = sorted(found(query, articles) or (), reverse=True)
    result = search(corpus, written(query))
    assert (result.count, result.pmids) == (len(expected), [str(pmid) for pmid in expected])
    assert result.messages == ([] if expected else ["No items found."])


@settings(max_examples=100, deadline=None)
@given(papers, queries, days)
def test_a_clock_is_the_same_as_leaving_out_what_is_not_there_yet(articles, query, today):
    corpus = Corpus(clock=today, actions=ACTIONS)
    corpus.add(f"<PubmedArticleSet>{''.join(one.xml() for one in articles)}</PubmedArticleSet>".encode())
    # Whether the index knows a phrase does not depend on the day.
    everywhere = found(query, articles)
    seen = {one.pmid for one in articles if one.entered <= today}
    expected = sorted((everywhere or set()) & seen, reverse=True)
    assert search(corpus, written(query)).pmids == [str(pmid) for pmid in expected]
    assert corpus.shown() == [str(pmid) for pmid in sorted(seen, reverse=True)]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab*"()[]:~ ANDORT#/\u2217\u00e9\x00', max_size=40))
def test_no_text_breaks_it(text):
    corpus = Corpus()
    corpus.add(Paper(1, ("alfa",), (), (), (), (), "Gray J", "eng", FIRST_DAY, FIRST_DAY).xml().encode())
    with suppress(RefusedQueryError, UnknownHistoryError):
        search(corpus, text)
