"""The files of a version that follow from its state and its summary: list and parts of studies, flows, history, citation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from living_review.citing import citation_bib, citation_cff, citation_ris
from living_review.flow_export import flows_to_csv, to_csv, to_json
from living_review.flow_svg import draw
from living_review.history import history_json
from living_review.publication_state import PublicationState
from living_review.records import canonical_json
from living_review.store_layout import CSV_TYPE, JSON_TYPE, RIS_TYPE, SVG_TYPE, File
from living_review.study_list import list_json, study_parts

CFF_TYPE = "application/yaml; charset=utf-8"
BIB_TYPE = "application/x-bibtex; charset=utf-8"


def content_files(
    state: PublicationState, told: Mapping[str, Any], studies: Sequence[Mapping[str, Any]]
) -> dict[str, File]:
    """``list.json``, ``studies/``, ``prisma.*``, ``prisma/``, ``history.json`` and ``citation.*`` by name.

    Args:
        state: What is published.
        told: Its ``summary.json``, whole.
        studies: Those of its ``studies.json``.

    Raises:
        LivingReviewError: If the numbers of a flow do not add up.
    """
    plain = {
        "list.json": list_json(state, told),
        **study_parts(studies, state.synthesis["quotes"]),
        "prisma.json": {
            "schema": "prisma-1",
            "review": state.protocol.id,
            "version": state.version,
            "variants": {name: [to_json(flow) for flow in flows] for name, flows in state.flows.items()},
        },
        "history.json": history_json(told, state.history),
    }
    files = {name: File(canonical_json(value), JSON_TYPE) for name, value in plain.items()}
    title = f"Flow of records: {state.protocol.title}"
    for name, flows in state.flows.items():
        files[f"prisma/{name}.svg"] = File(draw(flows, title), SVG_TYPE)
        files[f"prisma/{name}.csv"] = File(flows_to_csv(flows), CSV_TYPE)
    return {
        **files,
        "prisma.svg": files["prisma/together.svg"],
        "prisma.csv": File(to_csv(state.flows["together"][0]), CSV_TYPE),
        "citation.cff": File(citation_cff(told), CFF_TYPE),
        "citation.ris": File(citation_ris(told), RIS_TYPE),
        "citation.bib": File(citation_bib(told), BIB_TYPE),
    }
