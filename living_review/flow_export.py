"""Flow counts as JSON and as the CSV template of the PRISMA2020 R package.

Promise: the CSV has that package's columns, rows and keys and nothing that its reader would split or cut: it parts
several values at ``;`` and a name from its number at the first ``,``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from living_review.flow_counts import Counts, Flow, Via
from living_review.protocol import Stage

CSV_COLUMNS = ("data", "node", "box", "description", "boxtext", "tooltips", "url", "n")
"""Columns of the template, in its order."""


def to_json(counts: Counts) -> dict[str, Any]:
    """One flow as plain JSON values; a step that the protocol leaves out is null."""
    return {
        "label": counts.label,
        "runs": list(counts.runs),
        "stages": [str(stage) for stage in counts.stages],
        "previous": {"studies": counts.previous_studies, "reports": counts.previous_reports},
        **_flow(counts.total, counts.stages),
        "databases_and_registers": _flow(counts.databases, counts.stages),
        "other_methods": _flow(counts.others, counts.stages),
        "included": {
            "new_studies": counts.new_studies,
            "new_reports": counts.new_reports,
            "new_reports_of_previous_studies": counts.new_reports_of_previous_studies,
            "total_studies": counts.total_studies,
            "total_reports": counts.total_reports,
        },
    }


def to_csv(counts: Counts) -> bytes:
    """One flow in the PRISMA2020 R package's template, UTF-8, LF line ends.

    Pending records and reports have no row there. A step that the protocol leaves out is ``NA``.
    """
    return _csv([CSV_COLUMNS, *_rows(counts)])


def flows_to_csv(flows: Sequence[Counts]) -> bytes:
    """The flows of a variant below each other, as :func:`to_csv` has one, with the flow's label as a first column."""
    rows = ((counts.label, *row) for counts in flows for row in _rows(counts))
    return _csv([("flow", *CSV_COLUMNS), *rows])


def _csv(rows: Iterable[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def _rows(counts: Counts) -> Iterator[tuple[Any, ...]]:
    numbers = _numbers(counts)
    for data, node, box, text, url in _ROWS:
        tooltip = text if node not in {"NA", ""} else "NA"
        yield (data, node, box, text, _BOX_TEXT.get(data, text), tooltip, url, numbers.get(data, 0))


def _numbers(counts: Counts) -> dict[str, int | str]:
    databases, others = counts.databases, counts.others
    screening = Stage.TITLE_ABSTRACT in counts.stages
    full_text = Stage.FULL_TEXT in counts.stages
    via = {kind: [(source.source, source.n) for source in counts.total.sources if source.via is kind] for kind in Via}
    totals = {kind: sum(n for _, n in named) for kind, named in via.items()}
    numbers: dict[str, int | str] = {
        "previous_studies": counts.previous_studies,
        "previous_reports": counts.previous_reports,
        "database_results": totals[Via.DATABASE],
        "database_specific_results": _named(via[Via.DATABASE]),
        "register_results": totals[Via.REGISTER],
        "register_specific_results": _named(via[Via.REGISTER]),
        "website_results": totals[Via.WEBSITE],
        "organisation_results": totals[Via.ORGANISATION],
        "citations_results": totals[Via.CITATION],
        "duplicates": databases.duplicates,
        "excluded_other": databases.removed,
        "records_screened": databases.screened if screening else "NA",
        "records_excluded": databases.excluded_screening if screening else "NA",
        "new_studies": counts.new_studies,
        "new_reports": counts.new_reports,
        "total_studies": counts.total_studies,
        "total_reports": counts.total_reports,
        "total_studies_ma": "NA",
        "total_reports_ma": "NA",
    }
    for arm, flow in (("dbr", databases), ("other", others)):
        numbers |= {
            f"{arm}_sought_reports": flow.sought if full_text else "NA",
            f"{arm}_notretrieved_reports": flow.not_retrieved if full_text else "NA",
            f"{arm}_assessed": flow.assessed if full_text else "NA",
            f"{arm}_excluded": _named((reason.text, reason.n) for reason in flow.excluded_full_text_reasons)
            if full_text
            else "NA",
        }
    return numbers


def _named(parts: Iterable[tuple[str, int]]) -> str:
    return "; ".join(f"{_name(name)}, {n}" for name, n in parts) or "0"


def _name(text: str) -> str:
    # The package's reader parts at ; and , and puts names in single quotes of a drawing language.
    plain = re.sub(r"[\s\x00-\x1f\x7f]+", " ", text.replace("'", "’").replace("\\", "/"))
    plain = re.sub(r"\s*[;,]\s*", " / ", plain).strip(" /")
    return plain.lstrip("=+-@").strip() or "(no name)"


def _flow(flow: Flow, stages: tuple[Stage, ...]) -> dict[str, Any]:
    screening, full_text = Stage.TITLE_ABSTRACT in stages, Stage.FULL_TEXT in stages
    return {
        "identified": {
            "n": flow.identified,
            "sources": [{"source": item.source, "via": str(item.via), "n": item.n} for item in flow.sources],
        },
        "duplicates": flow.duplicates,
        "removed": {"n": flow.removed, "reasons": _reasons(flow, "removed_reasons")},
        "screened": flow.screened if screening else None,
        "excluded_screening": {
            "n": flow.excluded_screening,
            "reasons": _reasons(flow, "excluded_screening_reasons"),
        }
        if screening
        else None,
        "sought": flow.sought if full_text else None,
        "not_retrieved": flow.not_retrieved if full_text else None,
        "assessed": flow.assessed if full_text else None,
        "excluded_full_text": {
            "n": flow.excluded_full_text,
            "reasons": _reasons(flow, "excluded_full_text_reasons"),
        }
        if full_text
        else None,
        "included_reports": flow.included_reports,
        "pending": {
            "dedupe": flow.awaiting_dedupe,
            "screening": flow.awaiting_screening,
            "conflicts_screening": flow.conflicts_screening,
            "retrieval": flow.awaiting_retrieval,
            "full_text": flow.awaiting_full_text,
            "conflicts_full_text": flow.conflicts_full_text,
        },
    }


def _reasons(flow: Flow, name: str) -> list[dict[str, Any]]:
    return [{"reason": item.reason, "text": item.text, "n": item.n} for item in getattr(flow, name)]


# Keys, nodes, boxes and addresses are the template's; the texts are labels of ours.
_ROWS = (
    ("NA", "node4", "prevstud", "Previous studies", "prevstud.html"),
    ("previous_studies", "node5", "box1", "Studies in the previous version", "previous_studies.html"),
    ("previous_reports", "NA", "box1", "Reports of studies in the previous version", "previous_reports.html"),
    ("NA", "node6", "newstud", "New studies via databases and registers", "newstud.html"),
    ("database_results", "node7", "box2", "Records from databases", "database_results.html"),
    ("database_specific_results", "NA", "box2", "Records from each database", "database_results.html"),
    ("register_results", "NA", "box2", "Records from registers", "NA"),
    ("register_specific_results", "NA", "box2", "Records from each register", "database_results.html"),
    ("NA", "node16", "othstud", "New studies via other methods", "othstud.html"),
    ("website_results", "node17", "box11", "Records from websites", "website_results.html"),
    ("organisation_results", "", "box11", "Records from organisations", "NA"),
    ("citations_results", "NA", "box11", "Records from citation searching", "NA"),
    ("duplicates", "node8", "box3", "Duplicate records", "duplicates.html"),
    ("excluded_automatic", "NA", "box3", "Records marked ineligible by automation tools", "NA"),
    ("excluded_other", "NA", "box3", "Records removed for other reasons", "NA"),
    ("records_screened", "node9", "box4", "Records screened", "records_screened.html"),
    ("records_excluded", "node10", "box5", "Records excluded", "records_excluded.html"),
    ("dbr_sought_reports", "node11", "box6", "Reports sought for retrieval", "dbr_sought_reports.html"),
    ("dbr_notretrieved_reports", "node12", "box7", "Reports not retrieved", "dbr_notretrieved_reports.html"),
    ("other_sought_reports", "node18", "box12", "Reports sought for retrieval", "other_sought_reports.html"),
    (
        "other_notretrieved_reports",
        "node19",
        "box13",
        "Reports not retrieved",
        "other_notretrieved_reports.html",
    ),
    ("dbr_assessed", "node13", "box8", "Reports assessed for eligibility", "dbr_assessed.html"),
    ("dbr_excluded", "node14", "box9", "Reports excluded", "dbrexcludedrecords.html"),
    ("other_assessed", "node20", "box14", "Reports assessed for eligibility", "other_assessed.html"),
    ("other_excluded", "node21", "box15", "Reports excluded", "other_excluded.html"),
    ("new_studies", "node15", "box10", "New studies included", "new_studies.html"),
    ("new_reports", "NA", "box10", "Reports of new included studies", "NA"),
    ("total_studies", "node22", "box16", "Studies included in total", "total_studies.html"),
    ("total_reports", "NA", "box16", "Reports of studies included in total", "NA"),
    ("identification", "node1", "identification", "Identification", "identification.html"),
    ("screening", "node2", "screening", "Screening", "screening.html"),
    ("included", "node3", "included", "Included", "included.html"),
    (
        "total_studies_ma",
        "node23",
        "box17",
        "Studies included in meta-analysis",
        "total_studies_meta_analysis.html",
    ),
    ("total_reports_ma", "NA", "box17", "Reports of studies included in meta-analysis", "NA"),
)
_BOX_TEXT = {
    "database_results": "Databases",
    "database_specific_results": "Databases",
    "register_results": "Registers",
    "register_specific_results": "Registers",
    "website_results": "Websites",
    "organisation_results": "Organisations",
    "citations_results": "Citation searching",
}
