"""Names, places and journals that do not exist, and real MeSH headings with their real identifiers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """A country (real) with people, a town and affiliations (made up)."""

    code: str
    name: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    affiliations: tuple[str, ...]


def _country(code: str, name: str, given: str, family: str, *affiliations: str) -> Country:
    return Country(code, name, tuple(given.split(",")), tuple(family.split(",")), affiliations)


COUNTRIES = {
    country.code: country
    for country in (
        _country("AU", "Australia", "Maeve,Callum,Tess,Jarrah,Imogen,Lachlan B,Priya", "Wattleby,Harrowfield,Quillan,Dunmarra,Ashgrove,Merrin",
                 "Fictional School of Rural Health, Port Ellery, Victoria, Australia.", "Imaginary Health Service, Lake Merrin, Australia."),
        _country("GB", "United Kingdom", "Rhian,Alasdair,Niamh,Tobias J,Farida,Edmund", "Thistlewaite,Penhallow,Okonjo-Reed,Larkspur,Braithe,Fenwold",
                 "Made-up NHS Foundation Trust, Fenwold, United Kingdom.", "Department of Imaginary Care, University of Larkspur, UK."),
        _country("US", "United States", "Delia,Marcus T,Yolanda,Hank,Renée,Travis", "Cottonwell,Brashear-Lim,Oakhurstson,Delmare,Vanterpol,Quimby-Ross",
                 "Fictional Children's Hospital, Cedar Hollow, OH, USA.", "School of Invented Medicine, Port Quimby, WA, USA."),
        _country("CA", "Canada", "Élodie,Gordon,Aanya,Luc,Sorrel,Wes", "Tremblette,Saskwood,Beaulac-Roy,Northmere,Ipperwash-Dey,Cartwell",
                 "Institut fictif de santé publique, Beaulac, Québec, Canada.", "Invented Health Authority, Northmere, BC, Canada."),
        _country("NZ", "New Zealand", "Aroha,Wiremu,Kirsty,Tane,Hollis", "Kauriwai,Pukehina-Lee,Southmarsh,Te Rangihau,Fernley",
                 "Fictional Māori Health Research Unit, Southmarsh, New Zealand."),
        _country("NL", "Netherlands", "Sanne,Joost,Fleur,Daan,Marijke", "van der Waterlinde,Hoogduin,Terschuur,de Molenaer,Grasveld",
                 "Verzonnen Universitair Centrum, Waterlinde, The Netherlands."),
        _country("DE", "Germany", "Annelie,Jörg,Frieda,Matthias,Ülkü", "Birkenweiler,Großmühl,Sternhagen,Lüdersfeld,Kaltenborn",
                 "Erfundenes Universitätsklinikum, Birkenweiler, Germany."),
        _country("FR", "France", "Maëlle,Théo,Clémence,Hugo,Inès", "Boisvallon,Lacharme,Desrivets,Montfleury,Aubrac-Nil",
                 "Hôpital imaginaire de Montfleury, France."),
        _country("ES", "Spain", "Nuria,Íñigo,Rocío,Pau,Lucía", "Valdecumbre,Roblenar,Sierramar,Peñafina,Castroverde",
                 "Hospital Ficticio de Valdecumbre, España."),
        _country("BR", "Brazil", "Thaís,João Vitor,Larissa,Caetano,Dandara", "Serranova,Ipêroxo,Campolargo,Jatobal,Ribeirinha",
                 "Hospital Universitário Fictício, Serranova, Brasil."),
        _country("SE", "Sweden", "Saga,Elof,Tuva,Måns,Ylva", "Björkvattnet,Lingonmark,Stensjödal,Ahlgrensson,Fjällbo",
                 "Påhittade universitetet, Björkvattnet, Sweden."),
        _country("JP", "Japan", "Haruka,Souta,Mio,Kenjiro,Aoi", "Hoshikawara,Yamanobeya,Tsukinosawa,Mizukaze,Arakibayashi",
                 "架空大学附属病院 看護部, 星河原市, 日本.", "Fictional University Hospital, Hoshikawara, Japan."),
        _country("CN", "China", "Xinyue,Haoran,Meiling,Zichen,Yutong", "Ouyangze,Linhe,Baiyunshan,Qiuming,Fanghai",
                 "虚构市人民医院护理部, 中国.", "Imaginary Municipal Hospital, Baiyun New Town, China."),
        _country("KR", "South Korea", "Seo-yeon,Min-jae,Ha-eun,Do-yun", "Haneulbyeol,Namgoongsa,Dalbit,Soraemun",
                 "가상대학교병원, 하늘별시, 대한민국."),
        _country("IN", "India", "Ananya,Rohan,Kavitha,Imran,Deepika", "Nadipuram,Chandravati,Malhotkar,Samudrala,Vellanad",
                 "Fictional Institute of Medical Sciences, Nadipuram, India."),
        _country("NG", "Nigeria", "Adaeze,Tunde,Ngozi,Yusuf,Folake", "Okorimba,Adebanwi-Cole,Umukoro-Dan,Sambisala,Eketunde",
                 "Invented Teaching Hospital, Okorimba, Nigeria."),
        _country("ZA", "South Africa", "Lindiwe,Pieter,Nomsa,Zanele,Riaan", "Blouvlei,Mthandazi,Kwanokuhle,van Doringveld",
                 "Fictional School of Public Health, Blouvlei, South Africa."),
        _country("SA", "Saudi Arabia", "Reem,Faisal,Lama,Turki", "Al-Nakhlawi,Al-Wadiyan,Bin Rimal,Al-Zahrawani",
                 "مستشفى خيالي التعليمي، مدينة النخيل، السعودية.", "Imaginary Teaching Hospital, Nakhla City, Saudi Arabia."),
        _country("UA", "Ukraine", "Олена,Тарас,Solomiia,Danylo", "Вигаданко,Яворівський,Lypovets,Stepanchuk-Mriya",
                 "Вигаданий медичний університет, м. Яворове, Україна."),
        _country("GR", "Greece", "Eleni,Stavros,Ioanna,Petros", "Fantasiadis,Neromylou,Kastellidis,Thalassinou",
                 "Φανταστικό Γενικό Νοσοκομείο, Νερόμυλος, Ελλάδα."),
        _country("NO", "Norway", "Ingvild,Sondre,Marte,Eirik", "Fossheimdal,Granskogen,Lyngøy,Bjørnvik",
                 "Det oppdiktede universitetssykehuset, Lyngøy, Norway."),
        _country("IE", "Ireland", "Aoife,Cormac,Sinéad,Oisín", "Glenmorris,Ballyfen,Kilshane-Daly,Corrigmore",
                 "Fictional Department of General Practice, Glenmorris, Ireland."),
        _country("KE", "Kenya", "Wanjiru,Otieno,Amina,Kiprono", "Mawinguni,Nyotashare,Kiberoka,Lakeside-Omondi",
                 "Imaginary Referral Hospital, Mawingu, Kenya."),
        _country("SG", "Singapore", "Wei Ling,Arjun,Siti,Jun Hao", "Pulaukayu,Ong-Meriah,Tan-Seladang,Rajavelu",
                 "Fictional Polyclinics Group, Singapore."),
    )
}  # fmt: skip

JOURNALS = (
    ("Fictional Journal of Digital Health Services", "Fict J Digit Health Serv"),
    ("Imaginary Quality in Care", "Imag Qual Care"),
    ("The Made-up Review of Patient Experience", "Made-up Rev Patient Exp"),
    ("Invented Annals of Health Communication", "Invent Ann Health Commun"),
    ("Fictional Nursing Inquiry Letters", "Fict Nurs Inq Lett"),
    ("Imaginary Archives of Public Health Practice", "Imag Arch Public Health Pract"),
    ("Journal of Hypothetical Hospital Management", "J Hypothet Hosp Manag"),
    ("Pretend Medical Informatics", "Pretend Med Inform"),
    ("Fictional Mental Health and Society", "Fict Ment Health Soc"),
    ("Invented Journal of Medical Education", "Invent J Med Educ"),
    ("Imaginary Drug Safety Reports", "Imag Drug Saf Rep"),
    ("Made-up Open Health", "Made-up Open Health"),
    ("Fictional Preprints in Health", "Fict Prepr Health"),
)
"""Titles and abbreviations; the last one is a preprint server."""
PREPRINTS = len(JOURNALS) - 1

MESH = {
    "Social Media": "D061108", "Quality Improvement": "D058996", "Humans": "D006801", "Female": "D005260",
    "Male": "D008297", "Adult": "D000328", "Middle Aged": "D008875", "Adolescent": "D000293",
    "Young Adult": "D055815", "Aged": "D000368", "Delivery of Health Care": "D003695",
    "Patient Participation": "D010358", "Patient Satisfaction": "D017060", "Communication": "D003142",
    "Internet": "D020407", "Focus Groups": "D017144", "Surveys and Questionnaires": "D011795",
    "Qualitative Research": "D036301", "Cross-Sectional Studies": "D003430", "Telemedicine": "D017216",
    "COVID-19": "D000086382", "Pandemics": "D058873", "Vaccination": "D014611", "Public Health": "D011634",
    "Mental Health": "D008603", "Health Knowledge, Attitudes, Practice": "D007722", "Quality of Health Care": "D011787",
    "Emergency Service, Hospital": "D004636", "Attitude of Health Personnel": "D001291",
    "Health Behavior": "D015438", "Physicians": "D010820", "Interviews as Topic": "D007407",
    "Diabetes Mellitus, Type 2": "D003924", "Patient-Centered Care": "D018802", "Health Services Accessibility": "D006297",
}  # fmt: skip

TYPES = {
    "Journal Article": "D016428", "Review": "D016454", "Letter": "D016422", "Editorial": "D016421",
    "Preprint": "D000076942", "Published Erratum": "D016425", "Retracted Publication": "D016441",
    "Retraction Notice": "D016440", "English Abstract": "D004740",
}  # fmt: skip
