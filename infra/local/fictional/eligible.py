"""The studies that meet the template's criteria: how somebody used social media to change a health service.

Each row is one study with its charted answers; its abstract is written around them, so that a reader can chart the
same from the text.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from infra.local.fictional.paper import Charting
from infra.local.fictional.vocabulary import COUNTRIES


@dataclass(frozen=True, slots=True)
class Study:
    """One row: title, where, how, and the one finding that the coding rests on."""

    title: str
    country: str
    design: str
    people: int
    communication: str
    population: str
    activity: str
    platform: str
    stage: str
    model: str
    setting: str
    finding: str


def _rows() -> tuple[Study, ...]:
    one, two, multi = "one_way", "two_way", "multi_way"
    return (
        Study("Tweeting the ward round: a co-design study of young people's mental health services", "AU", "qualitative", 34, multi, "young_people", "codesign feedback", "Twitter", "plan do", "M4", "a youth mental health service", "Young people used replies and polls to rewrite the intake form line by line"),
        Study("Listening to patients on Facebook: unsolicited patient feedback and changes in an emergency department", "GB", "mixed methods", 412, two, "public clinical_providers", "feedback monitoring", "Facebook", "study", "M2", "an emergency department", "One in five comments described waiting without information, and the department changed its displays within a month"),
        Study("A hospital's Instagram takeover by nurses: who listens and what changes?", "US", "quantitative", 1260, one, "clinical_providers public", "dissemination", "Instagram", "do", "M1", "a children's hospital", "Stories told by nurses reached four times as many families as those of the press office"),
        Study("Closed Facebook groups as a virtual advisory panel for dialysis services", "CA", "qualitative", 27, multi, "chronic_illness", "codesign peer_support", "Facebook", "plan study", "M4", "a network of dialysis units", "Members of the group proposed evening sessions, which two units introduced"),
        Study("#ShorterWaits: how a patient campaign on Twitter moved a regional waiting list", "GB", "case report", 58, multi, "chronic_illness public", "advocacy", "Twitter", "act", "M7", "a regional orthopaedic service", "After nine weeks of posts the trust published its waiting times for the first time"),
        Study("Yarning online: First Nations parents and the design of a maternity service", "AU", "qualitative", 19, two, "first_nations", "codesign advocacy", "Facebook", "plan", "M4", "a regional maternity service", "Parents asked for a birthing room with space for family, and the plans were redrawn"),
        Study("WhatsApp huddles for quality improvement in rural district hospitals", "KE", "mixed methods", 86, multi, "clinical_providers", "education monitoring", "WhatsApp", "do study", "M5", "four rural district hospitals", "Photographs of completed checklists rose from 31% to 88% of shifts"),
        Study("Does a hospital's Facebook rating reflect patient experience surveys?", "US", "quantitative", 2140, one, "organisations public", "monitoring", "Facebook", "study", "M8", "136 acute care hospitals", "Star ratings followed the survey score for communication but not that for cleanliness"),
        Study("Asking before building: Instagram polls in the service design of a sexual health clinic", "NL", "quantitative", 918, two, "young_people", "feedback codesign", "Instagram", "plan", "M3", "a municipal sexual health clinic", "Opening hours chosen in the poll raised attendance of people under 25 by a third"),
        Study("YouTube diaries of people with cystic fibrosis as a source for service improvement", "IE", "qualitative", 12, one, "chronic_illness young_people", "feedback", "YouTube", "study", "M2", "a national cystic fibrosis centre", "Diaries showed the pharmacy queue, which no survey had asked about, to be the hardest part of the day"),
        Study("A WeChat group for discharged stroke patients and the redesign of follow-up care", "CN", "mixed methods", 203, multi, "chronic_illness clinical_providers", "peer_support feedback", "WeChat", "do act", "M6", "a municipal stroke unit", "Questions in the group led to a telephone call on the third day after discharge"),
        Study("Blogging from the waiting room: narratives of disability and an outpatient access audit", "AU", "qualitative", 15, one, "chronic_illness", "advocacy feedback", "blog", "study act", "M7", "an outpatient clinic", "Each of the seven barriers named in the blogs was confirmed by the audit"),
        Study("Tweet chats as a quality improvement network for paediatric sepsis", "US", "mixed methods", 341, multi, "clinical_providers organisations", "education dissemination", "Twitter", "do", "M5", "a collaborative of 42 hospitals", "Teams that joined at least three chats adopted the bundle six weeks earlier"),
        Study("Real-time social media monitoring in a health service: signal or noise?", "AU", "quantitative", 7812, one, "organisations", "monitoring", "Twitter Facebook", "study", "M8", "a metropolitan health service", "Only 4% of posts named something that could be changed, but half of those had not been known"),
        Study("From complaint to conversation: answering patient feedback in public", "GB", "qualitative", 41, two, "organisations public", "feedback", "Twitter Facebook forum", "act", "M3", "three community trusts", "Replies that named a change, rather than an apology, were followed by new suggestions"),
        Study("Young carers on Instagram and the service design of respite care", "IE", "qualitative", 22, two, "young_people", "codesign", "Instagram", "plan", "M4", "a respite care service", "Young carers chose anonymous question stickers over meetings because they could answer at night"),
        Study("Facebook live sessions between midwives and expectant parents: an evaluation of patient experience", "NO", "mixed methods", 508, two, "clinical_providers public", "education feedback", "Facebook", "do study", "M3", "an antenatal clinic", "Questions asked live became the agenda of the antenatal visit"),
        Study("An online community for rare disease as a partner in co-design of a transition clinic", "FR", "qualitative", 31, multi, "chronic_illness young_people", "codesign peer_support", "forum", "plan do", "M6", "a transition clinic", "The community wrote the letter of introduction that the clinic now sends"),
        Study("Twitter journal clubs and changes in anaesthetic practice: a quality improvement report", "CA", "case report", 64, multi, "clinical_providers", "education", "Twitter", "act", "M5", "a department of anaesthesia", "Two protocols were changed after discussions that included the papers' authors"),
        Study("Learning from TikTok: adolescents' patient experience of scoliosis surgery", "US", "qualitative", 96, one, "young_people", "feedback", "other", "study", "M2", "a paediatric spine service", "Scars, not pain, were what adolescents wished they had been told about"),
        Study("WhatsApp in community health worker supervision: effects on quality improvement", "ZA", "quantitative", 144, multi, "non_clinical_providers clinical_providers", "education monitoring", "WhatsApp", "do study", "M5", "a district health service", "Referral letters that were complete rose from 52% to 79% in twelve months"),
        Study("Social media and the redesign of a diabetes foot service: a participatory case", "BR", "case report", 73, two, "chronic_illness clinical_providers", "codesign", "WhatsApp Facebook", "plan do study act", "M4", "a diabetes foot service", "Patients sent photographs from home, and triage moved from the clinic to the telephone"),
        Study("Petition and response: a Facebook movement for home birth services", "ES", "qualitative", 29, multi, "public", "advocacy", "Facebook", "act", "M7", "a regional maternity programme", "The programme opened a home birth pathway two months after the group met its director"),
        Study("Hospital cleaners on a private Facebook group: unseen experts in infection control", "SE", "qualitative", 17, multi, "non_clinical_providers", "peer_support feedback", "Facebook", "study", "M6", "a university hospital", "Cleaners reported that rooms were released on paper before they were clean"),
        Study("A Twitter campaign for nutrition labels in a hospital canteen", "DE", "case report", 39, multi, "non_clinical_providers public", "advocacy", "Twitter", "act", "M7", "a hospital canteen", "Labels were introduced in the third week and kept after the study"),
        Study("Patient experience of telehealth as told on public forums: implications for service improvement", "IN", "qualitative", 264, one, "public chronic_illness", "feedback monitoring", "forum", "study", "M2", "public telehealth services", "Dropped calls were forgiven; not being told that the doctor was late was not"),
        Study("Crowdsourcing priorities for kidney care on Facebook and Twitter", "AU", "mixed methods", 687, two, "chronic_illness clinical_providers", "feedback advocacy", "Facebook Twitter", "plan", "M3", "a kidney care network", "Fatigue was ranked first by patients and eleventh by clinicians"),
        Study("A social media newsroom for a rural hospital: an evaluation with the local public", "NO", "quantitative", 433, one, "organisations public", "dissemination", "Facebook YouTube", "do", "M1", "a rural hospital", "Knowledge of the new opening hours rose from 23% to 71%"),
        Study("Peer moderators in an eating disorder service: codesign through a private Instagram account", "GB", "qualitative", 24, multi, "young_people chronic_illness", "peer_support codesign", "Instagram", "do", "M6", "an eating disorder service", "Moderators removed the weigh-in from the first appointment"),
        Study("KakaoTalk open chat in the improvement of outpatient chemotherapy", "KR", "mixed methods", 118, two, "chronic_illness clinical_providers", "feedback peer_support", "other", "study act", "M3", "an outpatient chemotherapy unit; social media supported its quality improvement team", "Waiting for laboratory results was cut by 40 minutes"),
        Study("Using YouTube comments to improve a hospital's pre-operative videos", "NL", "quantitative", 1503, two, "public organisations", "feedback education", "YouTube", "study act", "M3", "a surgical day unit with a patient experience team", "Videos recut after comments were watched to the end twice as often"),
        Study("Māori health providers on Facebook: advocacy for a mobile clinic", "NZ", "qualitative", 21, multi, "first_nations organisations", "advocacy codesign", "Facebook", "plan act", "M7", "a mobile clinic; service design was led by the community", "The route of the bus was drawn from comments under one post"),
        Study("Quality improvement by hashtag: hand hygiene videos of nurses", "SA", "quantitative", 276, one, "clinical_providers", "education dissemination", "Twitter YouTube", "do", "M1", "three teaching hospitals", "Observed compliance rose by eleven percentage points where wards made their own video"),
        Study("What do families post about neonatal intensive care? Facebook and patient feedback", "BR", "qualitative", 188, one, "public", "feedback", "Facebook", "study", "M2", "a neonatal intensive care unit", "Families praised persons and criticised doors: being kept outside was the commonest complaint"),
        Study("An Instagram ambassador scheme for blood services: two years of service improvement", "SG", "mixed methods", 352, two, "young_people organisations", "codesign dissemination", "Instagram", "do study", "M1", "a national blood service", "Ambassadors moved the booking page to a single screen"),
        Study("Online patient communities as early warning of device problems in insulin pump services", "DE", "quantitative", 2960, one, "chronic_illness", "monitoring", "forum Facebook", "study", "M8", "an insulin pump service; social media posts were compared with its quality improvement log", "Posts preceded the service's own reports by a median of 16 days"),
        Study("Ask the pharmacist: a WeChat account and the quality improvement of dispensing", "CN", "quantitative", 5240, two, "clinical_providers public", "education feedback", "WeChat", "do study", "M3", "a hospital pharmacy using social media", "The ten most frequent questions were printed on the label, and calls fell by half"),
        Study("Building a burns service with its survivors: co-design over three social media platforms", "IN", "mixed methods", 66, multi, "chronic_illness clinical_providers", "codesign peer_support", "Facebook WhatsApp YouTube", "plan do", "M4", "a burns service", "Survivors asked to see the theatre before the day of surgery"),
        Study("Who speaks for the ward? Hospital leaders on Twitter and staff suggestions for improvement", "GB", "quantitative", 129, two, "organisations clinical_providers non_clinical_providers", "feedback advocacy", "Twitter", "plan study", "M2", "an acute trust with a quality improvement office", "Staff who had been answered once were five times as likely to suggest again"),
        Study("A Facebook group of ambulance volunteers as a learning health system", "CA", "mixed methods", 97, multi, "non_clinical_providers", "education peer_support", "Facebook", "study act", "M5", "a rural ambulance service", "Near misses told in the group changed the order of bags in the vehicle"),
        Study("Signing on screen: Deaf users, YouTube and the service design of emergency calls", "SE", "qualitative", 26, two, "chronic_illness", "codesign advocacy", "YouTube", "plan", "M7", "an emergency call centre", "Signed comments led to a video line that answers in fourteen seconds"),
        Study("Antenatal care in lockdown: patient experience posts and a rapid change of visiting rules", "GR", "quantitative", 844, one, "public", "feedback advocacy", "Twitter Facebook", "act", "M8", "a maternity hospital", "Visiting rules were changed eleven days after the peak of posts"),
        Study("Student nurses, Twitter and a quality improvement curriculum: learning with patients", "IE", "mixed methods", 152, multi, "clinical_providers chronic_illness", "education", "Twitter", "do", "M5", "a school of nursing and its hospital", "Students named patients' posts as the reason for 18 of 31 projects"),
        Study("Feedback in a war-time clinic: a messaging channel for displaced patients", "UA", "case report", 310, two, "public clinical_providers", "feedback", "other", "do act", "M3", "a clinic for displaced persons; the social media channel fed its service improvement log", "Vaccination moved to the station because that was where people asked for it"),
        # Not in the baseline of PubMed: other databases and the week after.
        Study("Residents' families on Facebook and the service improvement of aged care homes", "AU", "qualitative", 37, two, "public non_clinical_providers", "feedback codesign", "Facebook", "plan study", "M3", "six aged care homes", "Families asked for the menu before they asked for visits"),
        Study("Co-design of a cancer survivorship clinic with an online community of young adults", "US", "qualitative", 28, multi, "young_people chronic_illness", "codesign peer_support", "forum Instagram", "plan", "M4", "a survivorship clinic", "Fertility was raised in the first hour and became the first appointment"),
        Study("WhatsApp reminders written by patients: a quality improvement cycle in tuberculosis care", "NG", "quantitative", 226, two, "chronic_illness non_clinical_providers", "codesign education", "WhatsApp", "do study", "M4", "a tuberculosis clinic using social media", "Messages in patients' own words halved missed visits"),
        Study("A Twitter list of complaints: mining patient feedback for hospital transport", "FR", "quantitative", 1988, one, "public organisations", "monitoring feedback", "Twitter", "study", "M8", "a hospital transport service", "Nine of ten late journeys were posted before they were logged"),
        Study("Community midwives' Facebook pages in service design after a flood", "KE", "case report", 45, multi, "clinical_providers public", "advocacy dissemination", "Facebook", "plan act", "M7", "a community midwifery service", "A boat was added to the service within a week of the first post"),
        # A week later.
        Study("Discord servers as a partner of adolescent oncology: a co-design study on social media", "CA", "qualitative", 18, multi, "young_people chronic_illness", "codesign peer_support", "other", "plan do", "M4", "an adolescent oncology unit", "Patients asked for a quiet channel, and the unit made a quiet room"),
        Study("Social media listening for service improvement in rural pharmacies", "NZ", "mixed methods", 61, two, "clinical_providers public", "feedback monitoring", "Facebook", "study", "M2", "rural pharmacies", "Sunday opening was asked for in every third post"),
        Study("An Instagram audit of wheelchair access: quality improvement led by patients", "NL", "quantitative", 409, multi, "chronic_illness", "advocacy monitoring", "Instagram", "study act", "M7", "a rehabilitation centre", "Forty photographs led to thirty-one repairs"),
    )  # fmt: skip


STUDIES = _rows()
IN_BASELINE = 44
"""How many of the first rows PubMed has at the baseline."""

_PLATFORMS = {"forum": "a public forum", "blog": "personal blogs", "other": "a messaging platform"}
_NAMED = ("TikTok", "KakaoTalk", "Discord")
"""Platforms that the form counts as other."""
_COMMUNICATION = {
    "one_way": "Communication was one-way",
    "two_way": "Communication was two-way, between users and the service",
    "multi_way": "Communication was multi-way, among users as well as with the service",
}
_POPULATION = {
    "organisations": "health service organisations", "clinical_providers": "clinicians",
    "non_clinical_providers": "non-clinical staff", "young_people": "young people",
    "chronic_illness": "people with chronic illness or disability", "first_nations": "First Nations people",
    "public": "members of the public",
}  # fmt: skip
_ACTIVITY = {
    "feedback": "gathering feedback", "codesign": "co-design", "education": "education and training",
    "advocacy": "advocacy", "peer_support": "peer support", "monitoring": "monitoring of quality",
    "dissemination": "dissemination",
}  # fmt: skip
_DESIGN = {
    "qualitative": ("a qualitative study with semi-structured interviews and analysis of posts", "a qualitative descriptive study"),
    "quantitative": ("a retrospective quantitative analysis", "a cross-sectional quantitative study", "a quantitative interrupted time series"),
    "mixed methods": ("a mixed methods study", "a convergent mixed methods evaluation"),
    "case report": ("a case report of one programme", "a descriptive case report"),
}  # fmt: skip
_BACKGROUND = (
    "Social media is part of the daily life of many who use or provide care, but how it contributes to {goal} in {setting} is not well known.",
    "Health services are asked to involve those they serve. Whether social media can carry such involvement into {goal} has rarely been studied in {setting}.",
    "Few accounts describe what happens after a post has been read by those who can change a service. We followed posts into {goal} in {setting}.",
    "In {setting}, conventional methods reached few people. Social media was therefore tried as a way to support {goal}.",
)  # fmt: skip
_SECOND = {
    "codesign": "Participants valued seeing their words return in drafts.",
    "feedback": "Most suggestions could be acted on without further cost.",
    "education": "Participants described the exchange as short, frequent and close to practice.",
    "advocacy": "Local press took up the matter, which participants held to be decisive.",
    "peer_support": "Members answered each other faster than staff could.",
    "monitoring": "Signals differed between weekdays and weekends.",
    "dissemination": "Reach declined when posts were not answered.",
}
_LAST = (
    "Social media served the {stage} of the improvement cycle; ownership, moderation and time for replies need to be planned.",
    "The approach is feasible for the {stage} of a quality improvement cycle. Those without internet access must be reached by other means.",
    "Services that listen must be ready to answer. The use was most fruitful for the {stage} of the cycle.",
)


def charting_of(study: Study) -> Charting:
    """The answers of the template's form for ``study``."""
    return Charting(
        country=study.country,
        aim=_aim(study),
        design=study.design,
        sample_size=study.people,
        communication_model=study.communication,
        population=tuple(study.population.split()),
        qi_activity=tuple(study.activity.split()),
        platform=tuple(study.platform.split()),
        qi_stage=tuple(study.stage.split()),
        model=(study.model,),
        key_finding=f"{study.finding}.",
    )


def abstract_of(study: Study, dice: random.Random) -> tuple[tuple[str, str], ...]:
    """A structured abstract from which every charted answer can be read."""
    goal = dice.choice(("service design", "quality improvement", "service improvement"))
    place = study.setting.split(";")[0]
    extra = study.setting.partition(";")[2].strip()
    other = next((name for name in _NAMED if name in study.title), _PLATFORMS["other"])
    platforms = _listed([other if name == "other" else _PLATFORMS.get(name, name) for name in study.platform.split()])
    people = _listed([_POPULATION[name] for name in study.population.split()])
    activities = _listed([_ACTIVITY[name] for name in study.activity.split()])
    number = f"{study.people:,}".replace(",", "\u2009") if dice.random() < 0.5 else f"{study.people}"
    methods = (
        f"We conducted {dice.choice(_DESIGN[study.design])} in {place} in {_in_text(study.country)}. "
        f"{platforms[0].upper() + platforms[1:]} {'were' if ' and ' in platforms else 'was'} used for {activities} by {people}. "
        f"{_COMMUNICATION[study.communication]}."
    )
    if extra:
        methods += f" {extra[0].upper() + extra[1:]}."
    noun = "posts and participants" if study.people > 1000 else "participants"
    results = f"We included {number} {noun}. {study.finding}. {_SECOND[study.activity.split()[0]]}"
    stages = _listed([f"'{name}'" for name in study.stage.split()]) + (" stages" if " " in study.stage else " stage")
    return (
        ("BACKGROUND", f"{dice.choice(_BACKGROUND).format(goal=goal, setting=place)} {_aim(study)}"),
        ("METHODS", methods),
        ("RESULTS", results),
        ("CONCLUSIONS", dice.choice(_LAST).format(stage=stages)),
    )


def _in_text(code: str) -> str:
    name = COUNTRIES[code].name
    return f"the {name}" if name.startswith(("United", "Netherlands")) else name


def _aim(study: Study) -> str:
    activities = _listed([_ACTIVITY[name] for name in study.activity.split()])
    people = _listed([_POPULATION[name] for name in study.population.split()])
    return f"We aimed to describe how {people} used social media for {activities}, and what changed."


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
