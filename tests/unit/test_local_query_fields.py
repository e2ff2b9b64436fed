"""Search fields, MeSH and term mapping of the local PubMed, on a few made-up articles."""

from __future__ import annotations

import gzip

import pytest

from infra.local.pubmed.__main__ import main
from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.fields import GROUPS, WHOLE, WORDS
from infra.local.pubmed.mesh import excerpt, read_actions, read_descriptors
from infra.local.pubmed.qualifiers import qualifiers
from infra.local.pubmed.query import RefusedQueryError
from infra.local.pubmed.search import search
from infra.local.pubmed.tags import DATES, FIELDS, LISTED, field_of
from living_review.errors import InvalidFile

RECORDS = """<PubmedArticleSet>
<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID>1</PMID><DateCompleted><Year>2021</Year><Month>3</Month><Day>4</Day></DateCompleted>
<DateRevised><Year>2021</Year><Month>5</Month><Day>6</Day></DateRevised>
<Article><Journal><ISSN>1234-5678</ISSN><JournalIssue><Volume>12</Volume><Issue>3</Issue><PubDate><Year>2020</Year><Month>Feb</Month></PubDate></JournalIssue>
<Title>Journal of Nothing</Title><ISOAbbreviation>J Nothing</ISOAbbreviation></Journal>
<ArticleTitle>Gastric surgery in hospitals</ArticleTitle><Pagination><MedlinePgn>94-104</MedlinePgn></Pagination>
<ELocationID EIdType="doi">10.5555/abc.1</ELocationID>
<Abstract><AbstractText Label="AIM">Quality of life.</AbstractText><AbstractText Label="METHODS">Tumor colour was seen.</AbstractText></Abstract>
<AuthorList><Author><LastName>Gray</LastName><ForeName>Jo Ann</ForeName><Initials>JA</Initials><Identifier Source="ORCID">https://orcid.org/0000-0001-2345-6789</Identifier>
<AffiliationInfo><Affiliation>Clinic of the North, Oslo</Affiliation></AffiliationInfo><AffiliationInfo><Affiliation>School of South, Rome</Affiliation></AffiliationInfo></Author>
<Author><CollectiveName>The Group of Ten</CollectiveName></Author><Author><LastName>Last</LastName><ForeName>Ann</ForeName><Initials>A</Initials></Author></AuthorList>
<Language>eng</Language><DataBankList><DataBank><DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList><AccessionNumber>NCT00000001</AccessionNumber></AccessionNumberList></DataBank></DataBankList>
<GrantList><Grant><GrantID>R01 AB123456</GrantID><Agency>NIH</Agency></Grant></GrantList>
<PublicationTypeList><PublicationType>Randomized Controlled Trial</PublicationType></PublicationTypeList>
<ArticleDate><Year>2019</Year><Month>12</Month><Day>30</Day></ArticleDate></Article>
<MedlineJournalInfo><Country>Norway</Country><MedlineTA>J Nothing</MedlineTA><NlmUniqueID>9900001</NlmUniqueID></MedlineJournalInfo>
<ChemicalList><Chemical><RegistryNumber>7439-89-6</RegistryNumber><NameOfSubstance>Iron</NameOfSubstance></Chemical></ChemicalList>
<MeshHeadingList><MeshHeading><DescriptorName MajorTopicYN="N">Stomach Neoplasms</DescriptorName><QualifierName MajorTopicYN="Y">drug therapy</QualifierName></MeshHeading>
<MeshHeading><DescriptorName MajorTopicYN="N">Humans</DescriptorName></MeshHeading></MeshHeadingList>
<PersonalNameSubjectList><PersonalNameSubject><LastName>Darwin</LastName><Initials>C</Initials></PersonalNameSubject></PersonalNameSubjectList>
<KeywordList><Keyword>surgery</Keyword><Keyword>wards</Keyword></KeywordList><CoiStatement>Nobody paid.</CoiStatement>
<InvestigatorList><Investigator><LastName>Helper</LastName><Initials>H</Initials></Investigator></InvestigatorList></MedlineCitation>
<PubmedData><History><PubMedPubDate PubStatus="entrez"><Year>2020</Year><Month>1</Month><Day>2</Day></PubMedPubDate></History>
<ArticleIdList><ArticleId IdType="pubmed">1</ArticleId><ArticleId IdType="pmc">PMC77</ArticleId></ArticleIdList></PubmedData></PubmedArticle>
<PubmedArticle><MedlineCitation Status="PubMed-not-MEDLINE"><PMID>2</PMID>
<Article><Journal><JournalIssue><PubDate><Year>2021</Year></PubDate></JournalIssue><Title>Nothing Letters</Title></Journal>
<ArticleTitle>[Colours and cancer].</ArticleTitle><VernacularTitle>Farben und Krebs</VernacularTitle>
<AuthorList><Author><LastName>Last</LastName><ForeName>Ann</ForeName><Initials>A</Initials></Author><Author><LastName>Gray</LastName><ForeName>Kim</ForeName><Initials>K</Initials></Author></AuthorList>
<Language>ger</Language><PublicationTypeList><PublicationType>Review</PublicationType><PublicationType>Preprint</PublicationType></PublicationTypeList></Article>
<CommentsCorrectionsList><CommentsCorrections RefType="ErratumIn"><RefSource>x</RefSource></CommentsCorrections></CommentsCorrectionsList>
<MeshHeadingList><MeshHeading><DescriptorName MajorTopicYN="Y">Neoplasms</DescriptorName></MeshHeading></MeshHeadingList></MedlineCitation>
<PubmedData><History/></PubmedData></PubmedArticle>
<PubmedBookArticle><BookDocument><PMID>3</PMID><ArticleIdList><ArticleId IdType="bookaccession">NBK9</ArticleId></ArticleIdList><Book><Publisher><PublisherName>Nobody Press</PublisherName></Publisher>
<BookTitle book="nothing">All of nothing</BookTitle><PubDate><Year>2018</Year></PubDate><Isbn>9780000000000</Isbn>
<AuthorList Type="editors"><Author><LastName>Editor</LastName><Initials>E</Initials></Author></AuthorList></Book>
<ArticleTitle>Of asthma</ArticleTitle><Language>eng</Language></BookDocument><PubmedBookData/></PubmedBookArticle></PubmedArticleSet>"""


@pytest.fixture(scope="module")
def corpus():
    corpus = Corpus()
    corpus.add(RECORDS.encode())
    return corpus


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # authors
        ("gray[au]", "21"), ("gray ja[au]", "1"), ("gray j[au]", "1"), ('"gray j"[au]', ""), ("gray[1au]", "1"), ("last[lastau]", "1"),
        ("gray[lastau]", "2"), ("gray jo ann[fau]", "1"), ("group of ten[cn]", ""), ("the group of ten[cn]", "1"),
        ("0000-0001-2345-6789[auid]", "1"), ("darwin[ps]", "1"), ("helper h[ir]", "1"), ("helper[au]", ""),
        # where and when it appeared
        ("j nothing[ta]", "1"), ('"Journal of Nothing"[Journal]', "1"), ("1234-5678[ta]", "1"), ("9900001[jid]", "1"),
        ("12[vi] AND 3[ip] AND 94-104[pg]", "1"), ("norway[pl]", "1"), ("9780000000000[isbn]", "3"), ("nobody press[pubn]", "3"),
        ("nothing[book]", "3"), ("2019/12[dp]", "1"), ("2020/02[dp]", "1"), ("2019/12[ppdat]", ""), ("2019/12[epdat]", "1"),
        ("2021/03/04[dcom]", "1"), ("2021/05[lr]", "1"), ("2020/01/02[mhda]", ""), ("2020[crdt]", "1"),
        # numbers and links
        ("10.5555/abc.1[doi]", "1"), ("10.5555/abc[doi]", ""), ("10.5555/abc*[aid]", "1"), ("10.5555/abc.1[lid]", "1"), ("PMC77[pmcid]", "1"),
        ("NCT00000001[si]", "1"), ("ClinicalTrials.gov[si]", "1"), ("R01 AB123456[gr]", "1"), ("7439-89-6[rn]", "1"), ("iron[nm]", "1"),
        # words
        ("clinic[ad] AND rome[ad]", "1"), ('"north oslo"[ad]', "1"), ('"oslo school"[ad]', ""), ('"north rome"[ad:~9]', ""),
        ('"oslo north"[ad:~0]', "1"), ("farben[tt]", "2"), ("farben[ti]", ""), ("farben", "2"), ("paid[cois]", "1"), ("wards[ot]", "1"),
        ('"surgery wards"[tiab]', ""), ('"surgery wards"[tiab:~5]', ""), ('"life tumor"[ab]', "1"), ('"life tumor"[tiab:~0]', "1"),
        ("humans[tw]", "1"), ("humans[tiab]", ""), ("darwin[tw]", "1"), ("colo*r[ab]", "1"), ("colo*r*[tiab]", "21"), ("wards[all]", "1"),
        # MeSH
        ("Stomach Neoplasms[mh]", "1"), ("Neoplasms[mh]", "21"), ("Neoplasms[mh:noexp]", "2"), ("Neoplasms[majr]", "21"), ("Neoplasms[majr:noexp]", "2"),
        ('"Neoplasms/drug therapy"[Mesh]', "1"), ('"Stomach Neoplasms/drug therapy"[majr]', "1"), ("drug therapy[sh]", "1"), ("cancer[mh]", "21"),
        ("Stomach Neoplasms/dt[mh]", "1"), ("neoplasms/DT[majr]", "1"), ("Neoplasms/therapy[mh]", "1"), ("Neoplasms/therapy[mh:noexp]", ""),
        ("Stomach Neoplasms/drug therapy[mh:noexp]", "1"), ("Stomach Neoplasms/surgery[mh]", ""), ("cancer/th[mh]", "1"), ("therapy[sh]", "1"),
        ("therapy[sh:noexp]", ""), ("dt[sh]", "1"), ("DT[subheading]", "1"), ("th[sh] AND humans[mh]", "1"), ("drug*[sh]", "1"),
        ('"Digestive System Neoplasms"[Mesh]', "1"), ("neoplas*[mh]", "2"), ("clinical trial[pt]", "1"), ("review[pt]", "2"), ("Animals[mh]", "1"),
        # filters
        ("medline[sb]", "1"), ("pubmednotmedline[sb]", "2"), ("pubmed books[sb]", "3"), ("hasabstract", "1"), ("haserratumin", "2"), ("hasstructuredabstract", "1"),
        ("humans[filter]", "1"), ("german[filter]", "2"), ("preprint[pt]", "2"), ("randomizedcontrolledtrial[filter]", "1"), ("free full text[sb]", "1"),
        # the mapping of words without a tag
        ("cancer", "21"), ("stomach cancer", "1"), ("cancer colours", "2"), ("journal of nothing", "1"), ("gray ja", "1"), ("cancer*", "2"),
        ("quality of life", "1"), ("asthma", "3"), ("NOT cancer", "21"), ("1 3[uid]", "31"), ("1[PMID] OR 3[UID]", "31"),
        ("gastric[TITL] AND 2020[PDAT] AND eng[LANG]", "1"), ("gastric[Title] AND norway[Place of Publication]", "1"),
    ],
)  # fmt: skip
def test_a_field_finds(corpus, query, expected):
    assert "".join(search(corpus, query).pmids) == expected


def test_every_field_has_a_name_and_can_be_asked_for(corpus):
    for name in FIELDS:
        assert field_of(name) in FIELDS
        assert name in (*WHOLE, *WORDS, *GROUPS, *DATES, "pa", "lid")
        search(corpus, f"1[{name}]")
    assert len(LISTED) == 50
    hidden = {"PID", "AUCL", "EID", "DSO", "P1DAT"}
    assert {one.name for one in LISTED if field_of(one.name) is None and field_of(one.full_name) is None} == hidden - {
        "PID"
    }


def test_entry_terms_are_translated(corpus):
    assert search(corpus, "stomach cancer").translation == (
        '"stomach neoplasms"[MeSH Terms] OR ("stomach"[All Fields] AND "neoplasms"[All Fields]) OR "stomach neoplasms"[All Fields]'
        ' OR ("stomach"[All Fields] AND "cancer"[All Fields]) OR "stomach cancer"[All Fields]'
    )
    assert [typed for typed, _ in search(corpus, "copd OR asthma").translations] == ["copd", "asthma"]
    tagged = search(corpus, "cancer[mh]")
    assert tagged.translations == [("cancer[mh]", '"neoplasms"[MeSH Terms]')]
    assert search(corpus, "asthma[mh:~3]").translations == [("asthma[mh:~3]", '"asthma"[MeSH Terms]')]  # as recorded
    assert search(corpus, "Neoplasms[mh:noexp]").translation == '"Neoplasms"[MeSH Terms:noexp]'


RECORDED = {
    "asthma": '"asthma"[MeSH Terms] OR "asthma"[All Fields] OR "asthmas"[All Fields] OR "asthma\'s"[All Fields]',
    "copd": '"pulmonary disease, chronic obstructive"[MeSH Terms] OR ("pulmonary"[All Fields] AND "disease"[All Fields] AND '
            '"chronic"[All Fields] AND "obstructive"[All Fields]) OR "chronic obstructive pulmonary disease"[All Fields] OR '
            '"copd"[All Fields]',
    "stem cells": '"stem cells"[MeSH Terms] OR ("stem"[All Fields] AND "cells"[All Fields]) OR "stem cells"[All Fields]',
    "cancer": '"cancer\'s"[All Fields] OR "cancerated"[All Fields] OR "canceration"[All Fields] OR "cancerization"[All Fields] OR '
              '"cancerized"[All Fields] OR "cancerous"[All Fields] OR "neoplasms"[MeSH Terms] OR "neoplasms"[All Fields] OR '
              '"cancer"[All Fields] OR "cancers"[All Fields]',
}  # fmt: skip
"""What PubMed said that it made of untagged words."""


@pytest.mark.parametrize("word", RECORDED)
def test_untagged_words_become_what_pubmed_made_of_them(corpus, word):
    result = search(corpus, word)
    assert result.translations == [(word, RECORDED[word])]
    assert result.translation == RECORDED[word].replace("'", " ")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("asthma", "4321"), ("cancer", "876"), ("cancers", "7"), ("asthma[tiab]", "31"), ("asthma[all]", "31"), ("copd", "9"), ("reading", ""),
        ("asthmas[tiab]", "2"), ("asthma cancer", ""), ("asthma OR cancer", "8764321"), ("asthma*", "54321"),
    ],
)  # fmt: skip
def test_variants_are_looked_for_with_an_untagged_word_only(query, expected):
    corpus = Corpus()
    titles = ("asthma", "asthmas", "asthma's", "", "asthmatic", "cancerous", "neoplasms", "cancer's", "obstructive chronic disease pulmonary", "readings")  # fmt: skip
    heading = "<MeshHeadingList><MeshHeading><DescriptorName>Status Asthmaticus</DescriptorName></MeshHeading></MeshHeadingList>"
    for pmid, title in enumerate(titles, start=1):
        corpus.add(
            f"<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article><ArticleTitle>{title}</ArticleTitle></Article>"
            f"{'' if title else heading}</MedlineCitation></PubmedArticle>".encode()
        )
    assert "".join(search(corpus, query).pmids) == expected


@pytest.mark.parametrize(
    ("query", "translation"),
    [
        ("Stomach Neoplasms/dt[mh]", '"Stomach Neoplasms/drug therapy"[MeSH Terms]'),
        ('"stomach cancer/dt"[majr:noexp]', '"stomach neoplasms/drug therapy"[MeSH Major Topic:noexp]'),
        ("humans/prevention & control[mh]", '"humans/prevention and control"[MeSH Terms]'),
        ("pc[sh]", '"prevention and control"[MeSH Subheading]'),
        ("prevention and control[sh:noexp]", '"prevention and control"[MeSH Subheading:noexp]'),
    ],
)
def test_a_subheading_is_translated(corpus, query, translation):
    result = search(corpus, query)
    assert (result.translation, result.quoted_phrases_not_found) == (translation, [])


@pytest.mark.parametrize(
    ("term", "told"),
    [
        ("neoplasms/wrong[mh]", '"neoplasms/wrong"[MeSH Terms]'), ('"neoplasms/dt/th"[majr]', '"neoplasms/dt/th"[majr]'),
        ("wrong/dt[mh]", '"wrong/dt"[MeSH Terms]'), ("zz[sh]", '"zz"[MeSH Subheading]'), ("ironn[nm]", '"ironn"[Supplementary Concept]'),
        ("caustics[pa]", '"caustics"[Pharmacological Action]'), ('"food preservatives"[pa]', '"food preservatives"[pa]'),
    ],
)  # fmt: skip
def test_what_is_in_no_vocabulary_is_told_and_left_out(corpus, term, told):
    alone, joined = search(corpus, term), search(corpus, f"gastric[ti] OR {term}")
    assert (alone.pmids, joined.pmids) == ([], ["1"])
    assert alone.quoted_phrases_not_found == joined.quoted_phrases_not_found == [told]
    assert joined.translation == '"gastric"[Title]'


def test_qualifiers_include_what_stands_below_them_at_their_own_place():
    assert set(qualifiers().narrower("adverse effects")) == {"adverse effects", "poisoning", "toxicity"}
    assert set(qualifiers().narrower("therapeutic use")) == {
        "therapeutic use", "administration dosage", "adverse effects", "poisoning", "contraindications"}  # fmt: skip
    assert {"pathology", "diagnostic imaging", "ultrasonography"} < set(qualifiers().narrower("diagnosis"))
    assert qualifiers().narrower("methods") == ["methods"]


def test_words_before_and_after_a_heading_are_looked_for_by_themselves(corpus):
    result = search(corpus, "gastric stomach cancer in norway")
    assert result.translations[0][0] == "stomach cancer"
    assert result.translation.startswith('"gastric"[All Fields] AND ("stomach neoplasms"[MeSH Terms] OR ')
    assert result.translation.endswith('[All Fields]) AND "norway"[All Fields]')
    assert result.phrases_ignored == ["in"]
    assert result.pmids == ["1"]


def test_too_few_letters_before_an_asterisk(corpus):
    result = search(corpus, "col*[tiab] OR cancer[ti]")
    assert (result.pmids, result.phrases_not_found) == (["2"], ["col*"])
    assert search(corpus, '"of life col*"[tiab]').phrases_not_found == []


def test_a_heading_of_mesh_that_no_article_has_is_a_plain_zero(corpus):
    result = search(corpus, '"Telerehabilitation"[Mesh]')
    assert (result.pmids, result.quoted_phrases_not_found, result.messages) == ([], [], ["No items found."])


def test_a_heading_that_is_nowhere_a_major_topic_is_a_plain_zero():
    corpus = Corpus()
    corpus.add(RECORDS.replace("Humans", "Made Up Heading").encode())
    result = search(corpus, '"Made Up Heading"[majr]')
    assert (result.pmids, result.quoted_phrases_not_found, result.messages) == ([], [], ["No items found."])


@pytest.mark.parametrize("width", [31, 32, 33, 64, 65, 1_100])
def test_a_wide_or_finds_what_its_parts_find(width):
    corpus = Corpus()
    one = "<PubmedArticle><MedlineCitation><PMID>{0}</PMID><Article><ArticleTitle>word{0}</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
    corpus.add(
        f"<PubmedArticleSet>{''.join(one.format(number) for number in range(1, 71))}</PubmedArticleSet>".encode()
    )
    some = [f"word{number}[ti]" for number in range(2, width + 2)]
    expected = [str(number) for number in range(min(70, width + 1), 1, -1)]
    assert search(corpus, " OR ".join(some)).pmids == expected
    assert search(corpus, f"({' OR '.join(some)}) AND 1:5[uid] NOT word3[ti]").pmids == ["5", "4", "2"]


def test_brackets_without_partner_keep_the_operator(corpus):
    result = search(corpus, "gastric[ti]) OR asthma[ti]")
    assert (result.pmids, result.messages) == (["3", "1"], ["Unmatched right parenthesis ignored."])


def test_long_and_deep_queries(corpus):
    assert search(corpus, " OR ".join(["absent[ti]"] * 3_000 + ["gastric[ti]"])).pmids == ["1"]
    alternating = "gastric[ti]" + " OR asthma[ti] AND gastric[ti]" * 300
    assert search(corpus, alternating).pmids == ["1"]
    assert search(corpus, "(" * 140 + "gastric[ti]" + " AND 1[uid])" * 140).pmids == ["1"]
    with pytest.raises(RefusedQueryError, match="nested too deeply"):
        search(corpus, "(" * 1_000 + "gastric[ti]" + ")" * 1_000)


def test_a_range_of_numbers_among_words(corpus):
    assert search(corpus, "(gastric[ti] OR 2:3[uid]) NOT 3[uid]").pmids == ["2", "1"]
    assert search(corpus, "( all[sb] ) AND 2:9[UID] AND 1:2[UID]").pmids == ["2"]
    assert search(corpus, "1:99999999999999999999[uid]").pmids == ["3", "2", "1"]
    assert search(corpus, "#1 NOT gastric[ti]", {"1": [1, 2, 77]}.get).pmids == ["2"]


def test_the_excerpt_explodes_at_every_depth():
    mesh = excerpt()
    assert set(mesh.narrower("lung diseases obstructive")) > {"asthma", "status asthmaticus", "pulmonary emphysema"}
    assert mesh.narrower("nothing") == ["nothing"]
    assert (mesh.heading("copd"), mesh.heading("asthma"), mesh.heading("nothing")) == (
        "pulmonary disease chronic obstructive", "asthma", "")  # fmt: skip


@pytest.mark.parametrize(
    ("broad", "narrow"),
    [
        ("vascular diseases", "embolism air"), ("diagnostic imaging", "tomography x ray computed"), ("mice", "mice knockout"),
        ("brain diseases", "intracranial embolism"), ("neoplasms", "carcinoma non small cell lung"), ("therapeutics", "hyperbaric oxygenation"),
        ("biopsy", "biopsy needle"), ("immunologic techniques", "immunohistochemistry"), ("antibodies", "antibodies monoclonal"),
        ("respiratory tract diseases", "pulmonary embolism"), ("virus diseases", "covid 19"), ("animals", "humans"),
    ],
)  # fmt: skip
def test_the_excerpt_has_the_headings_that_sample_records_carry_most(broad, narrow):
    assert narrow in excerpt().narrower(broad)
    assert broad not in excerpt().narrower(narrow)


def test_the_excerpt_knows_headings_that_have_no_place():
    assert [excerpt().narrower(name) for name in ("male", "female")] == [["male"], ["female"]]
    assert "male" in excerpt()


DESCRIPTORS = """<?xml version="1.0"?><DescriptorRecordSet>
<DescriptorRecord><DescriptorUI>D1</DescriptorUI><DescriptorName><String>Sounds</String></DescriptorName><TreeNumberList><TreeNumber>G01.1</TreeNumber></TreeNumberList></DescriptorRecord>
<DescriptorRecord><DescriptorUI>D2</DescriptorUI><DescriptorName><String>Wheezing</String></DescriptorName><TreeNumberList><TreeNumber>G01.1.2</TreeNumber><TreeNumber>C08.9</TreeNumber></TreeNumberList>
<ConceptList><Concept><TermList><Term><String>Wheezing</String></Term><Term><String>Whistling Breath</String></Term></TermList></Concept></ConceptList></DescriptorRecord>
<DescriptorRecord><DescriptorUI>D3</DescriptorUI><DescriptorName><String>Rattling</String></DescriptorName><TreeNumberList><TreeNumber>C08.9.5</TreeNumber></TreeNumberList></DescriptorRecord>
<DescriptorRecord><DescriptorUI>D4</DescriptorUI><DescriptorName><String>Other</String></DescriptorName><TreeNumberList><TreeNumber>G01.12</TreeNumber><TreeNumber>G01</TreeNumber></TreeNumberList></DescriptorRecord>
<DescriptorRecord><DescriptorUI>D5</DescriptorUI><DescriptorName><String>Nowhere</String></DescriptorName></DescriptorRecord>
</DescriptorRecordSet>"""


@pytest.mark.parametrize("name", ["desc.xml", "desc.xml.gz"])
def test_nlms_descriptor_file_takes_the_place_of_the_excerpt(tmp_path, name):
    file = tmp_path / name
    file.write_bytes(gzip.compress(DESCRIPTORS.encode()) if name.endswith("gz") else DESCRIPTORS.encode())
    mesh = read_descriptors(file)
    assert mesh.narrower("sounds") == ["sounds", "wheezing"]  # what is below wheezing elsewhere is not below sounds
    assert mesh.narrower("wheezing") == ["wheezing", "rattling"]
    assert set(mesh.narrower("other")) == {"other", "sounds", "wheezing"}
    assert (mesh.narrower("nowhere"), "nowhere" in mesh) == (["nowhere"], True)
    assert (mesh.heading("whistling breath"), mesh.heading("asthma")) == ("wheezing", "")
    assert Corpus(thesaurus=mesh).thesaurus is mesh
    file.write_bytes(b"<DescriptorRecordSet/>")
    with pytest.raises(InvalidFile):
        read_descriptors(file)


ACTIONS = """<?xml version="1.0"?><PharmacologicalActionSet>
<PharmacologicalAction><DescriptorReferredTo><DescriptorUI>D1</DescriptorUI><DescriptorName><String>Sounds</String></DescriptorName></DescriptorReferredTo>
<PharmacologicalActionSubstanceList><Substance><RecordUI>D9</RecordUI><RecordName><String>Neoplasms</String></RecordName></Substance></PharmacologicalActionSubstanceList></PharmacologicalAction>
<PharmacologicalAction><DescriptorReferredTo><DescriptorUI>D2</DescriptorUI><DescriptorName><String>Wheezing</String></DescriptorName></DescriptorReferredTo>
<PharmacologicalActionSubstanceList><Substance><RecordUI>C8</RecordUI><RecordName><String>Iron</String></RecordName></Substance></PharmacologicalActionSubstanceList></PharmacologicalAction>
</PharmacologicalActionSet>"""


@pytest.fixture
def acting(tmp_path):
    (tmp_path / "desc.xml").write_text(DESCRIPTORS)
    (tmp_path / "pa.xml.gz").write_bytes(gzip.compress(ACTIONS.encode()))
    corpus = Corpus(thesaurus=read_descriptors(tmp_path / "desc.xml"), actions=read_actions(tmp_path / "pa.xml.gz"))
    corpus.add(RECORDS.encode())
    return corpus


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sounds[pa]", "21"), ("wheezing[pa]", "1"), ("Whistling Breath[Pharmacological Action]", "1"), ("neoplasms[pa]", ""),
        ("sounds[pa] NOT wheezing[pa]", "2"), ("wheezing[mh]", ""), ("wheezing", "1"),
    ],
)  # fmt: skip
def test_a_pharmacological_action_finds_its_substances(acting, query, expected):
    assert "".join(search(acting, query).pmids) == expected


def test_words_that_name_a_pharmacological_action_are_mapped_to_it_too(acting):
    result = search(acting, "wheezing")
    assert result.translation == (
        '"wheezing"[MeSH Terms] OR "wheezing"[Pharmacological Action] OR "wheezing"[All Fields]'
    )
    assert search(acting, "wheezing[pa]").translation == '"wheezing"[Pharmacological Action]'
    assert search(acting, "neoplasms[pa]").quoted_phrases_not_found == ['"neoplasms"[Pharmacological Action]']


def test_headings_of_substances_are_not_exploded(tmp_path):
    (tmp_path / "pa.xml").write_text(ACTIONS.replace("Neoplasms", "Digestive System Neoplasms"))
    corpus = Corpus(actions=read_actions(tmp_path / "pa.xml"))
    corpus.add(RECORDS.encode())
    assert search(corpus, "sounds[pa]").pmids == []
    assert search(corpus, "Digestive System Neoplasms[mh]").pmids == ["1"]


@pytest.mark.parametrize("held", ["<PharmacologicalActionSet/>", "<PharmacologicalActionSet>", "", None])
def test_a_file_that_holds_no_actions_is_one_line(tmp_path, capsys, held):
    file = tmp_path / "pa.xml"
    if held is not None:
        file.write_text(held)
    (tmp_path / "records.xml").write_text(RECORDS)
    assert main(["--records", str(tmp_path / "records.xml"), "--pharmacological-actions", str(file)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.startswith("error: ")
    assert told.endswith(f"{file}, give NLM's paYYYY.xml\n")
