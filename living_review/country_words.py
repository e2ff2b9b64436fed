"""What people write for a country -> its ISO 3166-1 alpha-2 code.

Charted rows keep the alpha-2 code: one spelling for counting, and the key of every map. People may write the code, the
alpha-3 code, the usual English name, the official short name or another common name; case, accents, full stops, ``the``
and ``&`` make no difference. Names that fit two countries (``Korea``, ``Congo``, ``Virgin Islands``) are not resolved.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from functools import cache

from living_review.countries import country_names

ALPHA_3 = """
AD AND AE ARE AF AFG AG ATG AI AIA AL ALB AM ARM AO AGO AQ ATA AR ARG AS ASM AT AUT AU AUS AW ABW AX ALA AZ AZE
BA BIH BB BRB BD BGD BE BEL BF BFA BG BGR BH BHR BI BDI BJ BEN BL BLM BM BMU BN BRN BO BOL BQ BES BR BRA BS BHS BT BTN
BV BVT BW BWA BY BLR BZ BLZ CA CAN CC CCK CD COD CF CAF CG COG CH CHE CI CIV CK COK CL CHL CM CMR CN CHN CO COL CR CRI
CU CUB CV CPV CW CUW CX CXR CY CYP CZ CZE DE DEU DJ DJI DK DNK DM DMA DO DOM DZ DZA EC ECU EE EST EG EGY EH ESH ER ERI
ES ESP ET ETH FI FIN FJ FJI FK FLK FM FSM FO FRO FR FRA GA GAB GB GBR GD GRD GE GEO GF GUF GG GGY GH GHA GI GIB GL GRL
GM GMB GN GIN GP GLP GQ GNQ GR GRC GS SGS GT GTM GU GUM GW GNB GY GUY HK HKG HM HMD HN HND HR HRV HT HTI HU HUN ID IDN
IE IRL IL ISR IM IMN IN IND IO IOT IQ IRQ IR IRN IS ISL IT ITA JE JEY JM JAM JO JOR JP JPN KE KEN KG KGZ KH KHM KI KIR
KM COM KN KNA KP PRK KR KOR KW KWT KY CYM KZ KAZ LA LAO LB LBN LC LCA LI LIE LK LKA LR LBR LS LSO LT LTU LU LUX LV LVA
LY LBY MA MAR MC MCO MD MDA ME MNE MF MAF MG MDG MH MHL MK MKD ML MLI MM MMR MN MNG MO MAC MP MNP MQ MTQ MR MRT MS MSR
MT MLT MU MUS MV MDV MW MWI MX MEX MY MYS MZ MOZ NA NAM NC NCL NE NER NF NFK NG NGA NI NIC NL NLD NO NOR NP NPL NR NRU
NU NIU NZ NZL OM OMN PA PAN PE PER PF PYF PG PNG PH PHL PK PAK PL POL PM SPM PN PCN PR PRI PS PSE PT PRT PW PLW PY PRY
QA QAT RE REU RO ROU RS SRB RU RUS RW RWA SA SAU SB SLB SC SYC SD SDN SE SWE SG SGP SH SHN SI SVN SJ SJM SK SVK SL SLE
SM SMR SN SEN SO SOM SR SUR SS SSD ST STP SV SLV SX SXM SY SYR SZ SWZ TC TCA TD TCD TF ATF TG TGO TH THA TJ TJK TK TKL
TL TLS TM TKM TN TUN TO TON TR TUR TT TTO TV TUV TW TWN TZ TZA UA UKR UG UGA UM UMI US USA UY URY UZ UZB VA VAT VC VCT
VE VEN VG VGB VI VIR VN VNM VU VUT WF WLF WS WSM YE YEM YT MYT ZA ZAF ZM ZMB ZW ZWE
"""
"""Pairs of alpha-2 and alpha-3 codes of ISO 3166-1."""

OTHER_NAMES = """
AE UAE|Emirates
AG Antigua
AS American Samoa
AZ Azerbaidjan
BA Bosnia|Bosnia-Herzegovina
BL Saint Barthélemy
BN Brunei Darussalam
BO Bolivia (Plurinational State of)|Plurinational State of Bolivia
BQ Bonaire, Sint Eustatius and Saba|Caribbean Netherlands
CD Congo (the Democratic Republic of the)|Democratic Republic of the Congo|DR Congo|DRC|Congo-Kinshasa|Congo, Dem. Rep.
CF Central African Republic
CG Congo (the)|Republic of the Congo|Congo-Brazzaville|Congo, Rep.
CI Ivory Coast
CN People's Republic of China|PR China|PRC|Mainland China
CV Cabo Verde
CZ Czechia
DE Federal Republic of Germany
FK Falkland Islands (Malvinas)
FM Micronesia (Federated States of)|Federated States of Micronesia
GB United Kingdom of Great Britain and Northern Ireland|United Kingdom|UK|Great Britain|Britain|England|Scotland|Wales|Northern Ireland
GM The Gambia
HK Hong Kong SAR|Hong Kong, China
IE Republic of Ireland|Eire
IR Iran (Islamic Republic of)|Islamic Republic of Iran
KN Saint Kitts and Nevis
KP Korea (the Democratic People's Republic of)|Democratic People's Republic of Korea|North Korea|DPRK
KR Korea (the Republic of)|Republic of Korea|South Korea
LA Lao People's Democratic Republic|Lao PDR
LC Saint Lucia
MD Moldova (the Republic of)|Republic of Moldova
MF Saint Martin (French part)
MK Macedonia|Republic of North Macedonia
MM Myanmar|Burma
MO Macao|Macao SAR
NL The Netherlands|Holland
PM Saint Pierre and Miquelon
PS Palestine, State of|State of Palestine|Palestinian Territories
RU Russian Federation
SH Saint Helena, Ascension and Tristan da Cunha
ST São Tomé and Príncipe
SX Sint Maarten (Dutch part)
SY Syrian Arab Republic
SZ Eswatini|Swaziland
TC Turks and Caicos Islands
TF French Southern Territories
TL Timor-Leste
TR Türkiye
TW Taiwan (Province of China)|Taiwan, Province of China|Chinese Taipei
TZ Tanzania, the United Republic of|United Republic of Tanzania
UM United States Minor Outlying Islands
US United States of America|USA|America
VA Holy See
VC Saint Vincent and the Grenadines
VE Venezuela (Bolivarian Republic of)|Bolivarian Republic of Venezuela
VG Virgin Islands (British)|British Virgin Islands
VI Virgin Islands (U.S.)|US Virgin Islands|United States Virgin Islands
VN Viet Nam
WS Samoa
"""
"""Official short names where they differ from the usual ones, and other names in common use."""


def country_code(text: str) -> str | None:
    """The alpha-2 code of the country that ``text`` names, or None; codes must be in capital letters."""
    plain = text.strip()
    return plain if plain in country_names() else _codes().get(plain) or _names().get(_folded(plain))


def like(text: str) -> str | None:
    """The usual name of the country whose name is nearest to ``text``, if any is near."""
    near = difflib.get_close_matches(_folded(text), list(_names()), n=1, cutoff=0.75)
    return country_names()[_names()[near[0]]] if near else None


@cache
def _codes() -> dict[str, str]:
    words = ALPHA_3.split()
    return dict(zip(words[1::2], words[::2], strict=True))


@cache
def _names() -> dict[str, str]:
    names = {_folded(name): code for code, name in country_names().items()}
    for line in OTHER_NAMES.strip().splitlines():
        code, _, listed = line.partition(" ")
        names |= {_folded(name): code for name in listed.split("|")}
    return names


def _folded(text: str) -> str:
    bare = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    words = re.findall(r"[a-z0-9]+", bare.casefold().replace("&", " and ").replace(".", "").replace("’", "'"))
    return " ".join("saint" if word == "st" else word for word in words if word != "the")
