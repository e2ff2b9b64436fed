"""Made-up reviews of any size for charts: many values, long and foreign labels, retracted and new studies."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

from living_review.chart_parts import Chart
from living_review.charts import charts
from living_review.countries import country_names
from living_review.protocol import Protocol
from living_review.publication import build
from living_review.publication_state import Pending, PublicationState, SearchLogEntry, StudyView
from living_review.svg import width
from living_review.time_lines import timelines
from tests.unit.publication_states import NONE_FOUND, RETRACTED, protocol, record, search, state, view

SVG = "{http://www.w3.org/2000/svg}"
PLATFORMS = ["Twitter", "Facebook", "YouTube", "Blogs", "Forums"]
AIMS = {
    "feedback": "Collecting feedback from patients and their families about the care they were given",
    "design": "Co-design",
    "teach": "教育と研修のためのソーシャルメディアの利用に関する調査",
    "advocacy": "المناصرة وتغيير السياسات الصحية",
    "monitor": "Monitoring",
    "other": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "letter": "Writing letters",
}
CODES = sorted(country_names())
FIRST = json.loads(build(state())["summary.json"].body)


def plan(**changes: Any) -> Protocol:
    """A protocol with a map of two fields, one of many values and one of three fields."""
    fields = [
        {"name": "country", "type": "country"},
        {"name": "platform", "type": "multi_choice", "options": PLATFORMS, "label": "Platform"},
        {
            "name": "aim",
            "type": "choice",
            "options": [{"value": k, "label": v} for k, v in AIMS.items()],
            "label": "Aim",
        },
        {
            "name": "design",
            "type": "choice",
            "options": ["qualitative", "quantitative", "mixed methods"],
            "label": "Design",
        },
        {"name": "people", "type": "integer", "unit": "people", "label": "People in the study"},
        {"name": "model", "type": "multi_choice", "label": "Model of use"},
    ]
    crosstabs = [["aim", "platform"], ["platform", "aim", "design"], ["country", "aim"], ["country", "platform", "aim"]]
    parts = {
        "title": "Social media in health services",
        "charting": {"fields": fields},
        "typology": {
            "field": "model",
            "models": [{"id": "M1", "name": "One-way broadcast"}, {"id": "M2", "name": "Dialogue"}, {"id": "M3"}],
        },
        "summary": {"crosstabs": crosstabs, "tables": ["country", "platform", "aim", "people"]},
    }
    return protocol(**{**parts, **changes})


def made_up(size: int, countries: int = 6) -> tuple[StudyView, ...]:
    """``size`` charted studies, one in 15 retracted, one in 20 without a year."""
    chance = random.Random(5)
    made = []
    for number in range(size):
        year = None if number % 20 == 19 else min(2026, 2008 + int(chance.triangular(0, 18, 15)))
        made.append(
            StudyView(
                study_id=f"S{number + 1:06d}",
                reports=(
                    view(f"R{number}", record(str(number), year=year), RETRACTED if number % 15 == 7 else NONE_FOUND),
                ),
                values={
                    "country": chance.choices(CODES[:countries], weights=range(countries, 0, -1))[0],
                    "platform": chance.sample(PLATFORMS[:4], k=chance.randrange(1, 3)),
                    "aim": None if number % 9 == 8 else chance.choice(list(AIMS)[:6]),
                    "design": chance.choice(["qualitative", "quantitative"]),
                    "people": int(chance.lognormvariate(4, 1)),
                    "model": chance.sample(["M1", "M2"], k=1),
                },
                form_version="1",
                included_on="2026-01-09",
            )
        )
    return tuple(made)


def weekly(weeks: int, sources: tuple[str, ...] = ("PubMed",)) -> tuple[SearchLogEntry, ...]:
    """A search a week of each source; each 17th failed, each 11th had warnings."""
    chance = random.Random(7)
    start = datetime(2025, 1, 6, 6, tzinfo=UTC)
    runs = []
    for number, (week, source) in enumerate((week, source) for week in range(weeks) for source in sources):
        new = 2950 if not week else chance.choice([0, 0, 3, 8, 21])
        failed = number % 17 == 16
        runs.append(
            search(
                number=number + 1,
                source=source,
                searched_at=start + timedelta(weeks=week),
                state="failed" if failed else "complete_with_warnings" if number % 11 == 10 else "complete",
                delivered=0 if failed else 2950 + 9 * week,
                promised=2950 + 9 * week,
                new=0 if failed else new,
            )
        )
    return tuple(runs)


def review(studies: tuple[StudyView, ...], known: int | None = None, **more: Any) -> PublicationState:
    """A state of these studies; the version before, if there was one, had the first ``known``."""
    previous = None
    if known is not None:
        before = [{"study_id": one.study_id, "first_version": 1} for one in studies[:known]]
        previous = {**FIRST, "studies": before}
    values = {
        "protocol": plan(),
        "version": 1 if previous is None else 2,
        "previous": previous,
        "pending": Pending(),
        **more,
    }
    return state(studies, **values)


def charts_of(made: PublicationState) -> dict[str, Chart]:
    """The charts of a state by their ids."""
    return {chart.id: chart for chart in charts(made, timelines(made))}


def picture(chart: Chart) -> etree._Element:
    return etree.fromstring(chart.svg)


def texts(chart: Chart) -> list[str]:
    return [element.text or "" for element in picture(chart).iter(f"{SVG}text")]


def description(chart: Chart) -> str:
    return picture(chart).findtext(f"{SVG}desc") or ""


def values_in(chart: Chart) -> list[dict[str, Any]]:
    """The data in the Vega-Lite specification."""
    values: list[dict[str, Any]] = json.loads(chart.files()[f"charts/{chart.id}.vl.json"].body)["data"]["values"]
    return values


def assert_apart(chart: Chart) -> None:
    """No text lies on another or outside of the picture, by the widths that the picture reckons with."""
    root = picture(chart)
    wide, high = (float(root.get(name) or 0) for name in ("width", "height"))
    placed = sorted(_boxes(root), key=lambda box: box[2])
    for place, (left, right, top, bottom, text) in enumerate(placed):
        assert left >= 0 and top >= 0 and right <= wide and bottom <= high, text
        for other in placed[place + 1 :]:
            if other[2] >= bottom:
                break
            assert right <= other[0] or other[1] <= left, (text, other[4])


def _boxes(root: etree._Element) -> Iterator[tuple[float, float, float, float, str]]:
    """Left, right, top, bottom and words of each text."""
    for item in root.iter(f"{SVG}text"):
        text = item.text or ""
        x, y, size = (float(item.get(name) or 0) for name in ("x", "y", "font-size"))
        long, up, down = width(text, size), 0.8 * size, 0.22 * size
        if item.get("transform"):
            assert item.get("transform") == f"rotate(-90 {item.get('x')} {item.get('y')})"
            yield x - up, x + down, y - long, y, text
        else:
            left = x - {"end": long, "middle": long / 2}.get(item.get("text-anchor") or "", 0.0)
            yield left, left + long, y - up, y + down, text
