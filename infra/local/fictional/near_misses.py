"""Papers that a search finds, or nearly finds, and a review leaves out: families of topics beside the question.

Every family has its exclusion reason (an id of the template), titles with slots, and an abstract in four parts. About
half of the papers mention what the search asks for in passing, as real ones do.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from infra.local.fictional.vocabulary import COUNTRIES


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of near miss."""

    reason: str
    papers: int
    journals: tuple[int, ...]
    mesh: tuple[str, ...]
    keywords: tuple[str, ...]
    titles: tuple[str, ...]
    topics: tuple[str, ...]
    background: tuple[str, ...]
    methods: tuple[str, ...]
    results: tuple[str, ...]
    conclusions: tuple[str, ...]


PLATFORMS = ("Twitter", "Facebook", "Instagram", "YouTube", "WhatsApp", "TikTok", "WeChat", "Reddit")
_GROUPS = ("adolescents", "university students", "parents of young children", "older adults", "nurses", "physicians", "adults with diabetes", "rural residents")  # fmt: skip
_PASSING = (
    "Implications for patient experience are discussed.",
    "Whether such use of social media can support quality improvement remains to be seen.",
    "The work was part of a wider quality improvement programme, in which social media had no role beyond recruitment.",
    "We discuss what social media teams and service design could learn from this.",
    "Patient feedback on social media was outside the scope of this study.",
    "An online community was informed of the results; service improvement was not an aim.",
)

FAMILIES = (
    Family("no_change", 26, (5, 3), ("Social Media", "Public Health", "Health Behavior", "Humans"), ("campaign", "health promotion"),
           ("Reach of a {platform} campaign on {topic} among {group} in {country}", "{topic_c} on {platform}: evaluation of a national awareness campaign", "Did they click? Engagement with {platform} posts about {topic}", "A public health campaign about {topic} on {platform} and Facebook: one year of data"),
           ("sun protection", "smoking cessation", "salt reduction", "breast cancer screening", "safe driving", "sleep hygiene", "dental caries", "physical activity", "antibiotic use", "iodine deficiency", "heat waves", "organ donation"),
           ("Campaigns on {topic} increasingly rely on social media.", "Awareness of {topic} is low in {country}. Social media offers reach at little cost."),
           ("We analysed impressions, clicks and comments of {n} {platform} posts over {months} months.", "A survey of {n} {group} was held before and after the campaign."),
           ("Reach was {pct}% of the target population; engagement fell after week {small}.", "Recall of the message was {pct}%, and intention to change behaviour did not differ between groups."),
           ("Social media campaigns on {topic} reach many but change little.", "Repetition and local language may increase engagement.")),
    Family("not_health_service", 24, (10, 7), ("Social Media", "Humans", "Public Health"), ("pharmacovigilance", "text mining"),
           ("Mining {platform} for adverse reactions to {topic}: a machine learning study", "Pharmacovigilance from {platform} posts about {topic}", "Detecting signals for {topic} in social media: comparison with spontaneous reports", "Named entity recognition of {topic} side effects in {platform} posts"),
           ("statins", "isotretinoin", "antidepressants", "semaglutide", "oral contraceptives", "montelukast", "biologics", "levothyroxine", "methotrexate", "opioid patches", "beta blockers", "antihistamines"),
           ("Spontaneous reports capture a fraction of adverse drug reactions.", "Posts of patients may complement pharmacovigilance of {topic}."),
           ("We trained a classifier on {n} annotated {platform} posts.", "{n} posts about {topic} were mapped to a controlled vocabulary by two annotators."),
           ("The F<sub>1</sub> score was 0.{pct}; {small} signals had no counterpart in spontaneous reports.", "Precision was {pct}%, and fatigue was the reaction named most often."),
           ("Social media mining can supplement but not replace reporting systems.", "Annotation rules should be shared.")),
    Family("no_change", 28, (8, 3), ("Social Media", "Mental Health", "Adolescent", "Humans", "Cross-Sectional Studies"), ("well-being", "screen time"),
           ("{platform} use and {topic} in {group}: a cross-sectional study in {country}", "Longitudinal association of social media use with {topic} among {group}", "Problematic {platform} use, {topic} and sleep", "Does leaving {platform} for a week affect {topic}? A randomised trial in {group}"),
           ("depressive symptoms", "anxiety", "body image", "loneliness", "self-esteem", "fear of missing out", "cyberbullying", "sleep quality", "academic burnout", "eating behaviour", "life satisfaction"),
           ("The effects of social media on {topic} are debated.", "{group_c} are among the heaviest users of {platform}."),
           ("We surveyed {n} {group} with validated scales.", "{n} participants completed three waves of a questionnaire over {months} months."),
           ("Heavy use was associated with {topic} (<i>r</i> = 0.{pct}; <i>P</i> &lt; .001).", "The association was small and vanished after adjustment (β = 0.0{small})."),
           ("Causal claims about social media and {topic} are premature.", "Passive use deserves attention.")),
    Family("no_change", 22, (3, 5), ("Social Media", "COVID-19", "Vaccination", "Pandemics", "Humans"), ("misinformation", "vaccine hesitancy"),
           ("Misinformation about {topic} on {platform}: a content analysis", "Sentiment towards {topic} in {n} {platform} posts from {country}", "Rumours, doubt and trust: {topic} in {platform} comments", "Fact checking {topic} on {platform}"),
           ("COVID-19 vaccines", "measles vaccination", "5G and health", "ivermectin", "HPV vaccination", "face masks", "mpox", "fluoride", "influenza vaccination"),
           ("Misinformation spreads faster than corrections.", "Little is known about the debate on {topic} in {country}."),
           ("Two coders classified {n} {platform} posts.", "Topic models were fitted to {n} posts in two languages."),
           ("Of all posts, {pct}% held at least one false claim.", "Negative sentiment peaked in month {small} and then declined."),
           ("Authorities should correct early and often.", "Trust is built before a crisis.")),
    Family("no_change", 22, (9, 4), ("Social Media", "Physicians", "Attitude of Health Personnel", "Humans"), ("medical education", "e-learning"),
           ("{platform} as a teaching tool in {topic}: a survey of {group}", "Social media use by trainees in {topic}", "Effect of {platform} posts on knowledge of {topic} among medical students", "Podcasts, {platform} and textbooks: how residents learn {topic}"),
           ("emergency medicine", "dermatology", "anatomy", "radiology", "obstetrics", "psychiatry", "palliative care", "surgery", "pharmacology", "paediatrics"),
           ("Free open access education spreads through social media.", "Trainees in {topic} look for short formats."),
           ("An online questionnaire was answered by {n} trainees.", "We randomised {n} students to daily {platform} posts or reading."),
           ("Post-test scores differed by {small} points.", "Most ({pct}%) used {platform} for learning at least weekly."),
           ("Curricula should teach the appraisal of posts.", "Retention after six months was not studied.")),
    Family("not_health_service", 18, (11, 7), ("Social Media", "Surveys and Questionnaires", "Humans", "Adult"), ("recruitment", "clinical trials"),
           ("Recruiting {group} to a trial of {topic} through {platform}: costs and yield", "Facebook advertising to recruit participants with {topic}", "Representativeness of a {platform} sample in a study of {topic}"),
           ("migraine", "pelvic pain", "gestational diabetes", "alcohol use", "knee osteoarthritis", "insomnia", "long COVID", "hearing loss"),
           ("Trials of {topic} fail for lack of participants.", "Paid posts on social media may reach those whom clinics do not."),
           ("We compared {platform} advertisements with posters for {months} months.", "Costs per enrolled person were calculated for {n} responses."),
           ("The cost per participant was US ${pct}; retention was lower than with posters.", "Of {n} who clicked, {small}% enrolled."),
           ("Advertising on {platform} is feasible but draws a younger sample.", "Several channels should be combined.")),
    Family("no_change", 24, (7, 2), ("Social Media", "Internet", "Health Knowledge, Attitudes, Practice", "Humans"), ("information quality", "readability"),
           ("Quality and reliability of {platform} videos about {topic}", "{topic_c} on {platform}: are the most viewed videos the best?", "What do patients find? A DISCERN analysis of {platform} content on {topic}"),
           ("rotator cuff repair", "kidney stones", "endometriosis", "hypospadias", "tinnitus", "root canal treatment", "inhaler technique", "glaucoma", "lumbar puncture", "vasectomy", "hernia mesh"),
           ("Patients search {platform} before they ask a doctor.", "The quality of videos about {topic} is unknown."),
           ("The first {n} videos were rated by two physicians with DISCERN.", "We searched {platform} in private mode and scored {n} results."),
           ("The mean score was {small}.4 of 16; views did not correlate with quality.", "Only {pct}% named their sources."),
           ("Professional societies should publish videos of their own.", "Popularity is no sign of quality.")),
    Family("not_social_media", 26, (1, 6), ("Quality Improvement", "Quality of Health Care", "Humans"), ("PDSA", "audit"),
           ("Reducing {topic} on a medical ward: a quality improvement project", "Three plan-do-study-act cycles to improve {topic}", "Implementation of a bundle for {topic} in {country}: an interrupted time series", "A checklist to improve {topic} in the operating theatre"),
           ("falls", "catheter infections", "medication reconciliation", "hand hygiene", "discharge summaries", "pressure ulcers", "early mobilisation", "sepsis recognition", "handover", "door-to-needle time", "blood culture contamination", "theatre delays"),
           ("Baseline audit showed {topic} to be a problem.", "{topic_c} is a target of the hospital's quality improvement plan."),
           ("Run charts of {n} admissions were reviewed monthly.", "We tested changes in three cycles over {months} months with {n} patients."),
           ("The rate fell from {pct}% to {small}%.", "Special cause variation was seen from month {small}."),
           ("Simple measures improved {topic}.", "Sustaining the change needs ownership on the ward.")),
    Family("not_social_media", 20, (0, 2), ("Patient Participation", "Delivery of Health Care", "Patient-Centered Care", "Humans"), ("co-design", "participation"),
           ("Experience-based co-design of {topic} with {group}", "Involving {group} in the service design of {topic}: a qualitative study", "Workshops, maps and prototypes: co-design for {topic} in {country}"),
           ("a memory clinic", "outpatient parenteral therapy", "a hospice garden", "primary care access", "prison health", "a stroke pathway", "school nursing", "cardiac rehabilitation", "home dialysis"),
           ("Services are better when users design them.", "Co-design of {topic} is rarely reported in full."),
           ("We held {small} workshops with {n} participants.", "Interviews and filmed accounts of {n} people were used as triggers."),
           ("Touch points were waiting, parking and names.", "Participants agreed on {small} changes, of which most were made."),
           ("Face-to-face workshops build trust.", "Time and payment for participants are needed.")),
    Family("no_change", 14, (11, 3), ("Social Media", "Communication", "Humans"), ("marketing", "private practice"),
           ("{platform} marketing by {topic} practices in {country}", "What makes patients choose a {topic} practice? The role of {platform}", "Before and after: ethics of {topic} photographs on {platform}"),
           ("plastic surgery", "orthodontic", "fertility", "dermatology", "bariatric surgery", "dental implant"),
           ("Private practices advertise on social media.", "Rules for advertising of {topic} differ."),
           ("We reviewed {n} accounts.", "A questionnaire was filled in by {n} patients."),
           ("Followers were unrelated to qualification.", "Photographs without consent were found in {small}% of accounts."),
           ("Guidance on marketing is needed.", "Patients value reviews more than posts.")),
    Family("not_health_service", 16, (7, 5), ("Social Media", "Public Health", "Humans"), ("surveillance", "nowcasting"),
           ("Nowcasting {topic} in {country} from {platform} data", "Search and {platform} signals of {topic}: an infodemiology study", "Social media surveillance of {topic}: geographic bias"),
           ("influenza", "dengue", "heat stroke", "hay fever", "gastroenteritis", "Lyme disease", "overdose", "cholera"),
           ("Official reports of {topic} are delayed.", "Posts may show outbreaks of {topic} early."),
           ("Posts ({n}) were geocoded and compared with notifications.", "We fitted autoregressive models with and without {platform} data."),
           ("Models with posts reduced the error by {small}%.", "The correlation was 0.{pct}, but rural areas were missing."),
           ("Social media surveillance needs correction for bias.", "Access to data limits reproducibility.")),
    Family("no_change", 18, (8, 4), ("Social Media", "Humans", "Adult", "Qualitative Research"), ("peer support", "coping"),
           ("Support among strangers: {platform} groups of people with {topic}", "Informational and emotional support in an online community for {topic}", "Why people with {topic} leave {platform} groups"),
           ("endometriosis", "Parkinson disease", "inflammatory bowel disease", "alopecia", "type 1 diabetes", "fibromyalgia", "infertility", "dementia caregiving", "food allergy"),
           ("Peers give each other what clinics cannot.", "Online groups for {topic} grow."),
           ("Thematic analysis of {n} posts.", "We interviewed {small} members and read {n} posts."),
           ("Emotional support ({pct}%) was more frequent than information.", "Members left when they felt better or were not answered."),
           ("Groups help coping; their link to health services was not studied.", "Moderation shapes tone.")),
    Family("not_empirical", 16, (6, 11), ("Social Media", "Physicians", "Humans"), ("professionalism", "ethics"),
           ("Ten rules for {topic} on social media", "{topic_c} in the age of {platform}: a viewpoint", "Should clinicians be on {platform}? Thoughts on {topic}"),
           ("confidentiality", "professional boundaries", "crisis communication", "scholarly impact", "patient engagement", "reputation", "conference tweeting", "digital health equity"),
           ("Clinicians meet {topic} on social media every day.", "Guidance on {topic} lags behind practice."),
           ("This viewpoint draws on published guidance and our own practice.", "We discuss cases from {country}."),
           ("We propose {small} rules.", "Silence is also a message."),
           ("Institutions should support those who engage.", "Debate is welcome.")),
)  # fmt: skip


def title_and_abstract(
    family: Family, number: int, dice: random.Random
) -> tuple[str, tuple[tuple[str, str], ...], str]:
    """A title, a structured abstract and the country's code of the ``number``-th paper of ``family``."""
    # Every pair of topic and title comes once before any comes twice.
    turn, at = divmod(number, len(family.topics))
    topic = family.topics[at]
    group = dice.choice(_GROUPS)
    country = dice.choice(sorted(COUNTRIES))
    words = {
        "topic": topic,
        "topic_c": topic[0].upper() + topic[1:],
        "platform": dice.choice(PLATFORMS),
        "group": group,
        "group_c": group[0].upper() + group[1:],
        "country": COUNTRIES[country].name,
        "n": f"{dice.randint(40, 3000)}",
        "pct": f"{dice.randint(11, 79)}",
        "small": f"{dice.randint(3, 9)}",
        "months": f"{dice.choice((6, 9, 12, 18, 24))}",
    }
    title = family.titles[(turn + at) % len(family.titles)].format(**words)
    parts = [
        (label, dice.choice(choices).format(**words))
        for label, choices in (
            ("BACKGROUND", family.background),
            ("METHODS", family.methods),
            ("RESULTS", family.results),
            ("CONCLUSIONS", family.conclusions),
        )
    ]
    if dice.random() < 0.55:
        label, text = parts[-1]
        parts[-1] = (label, f"{text} {dice.choice(_PASSING)}")
    return title, tuple(parts), country
