"""What a copy to be shared says of itself: written anew, so that nothing typed by hand gets into it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from experiment import bids
from experiment.columns import SOFTWARE, VERSION
from experiment.definitions.measure import Measure
from experiment.shareable import COLUMNS, WITHHELD
from experiment.study import Study

PUBLIC = (
    "Name", "BIDSVersion", "HEDVersion", "License", "Authors", "Keywords", "Acknowledgements",
    "HowToAcknowledge", "Funding", "EthicsApprovals", "ReferencesAndLinks",
)  # fmt: skip
"""What the description of a dataset says to be read by anybody."""


def descriptions(
    study: Study, tasks: Iterable[tuple[str, str, str]], measures: Mapping[str, Measure]
) -> Iterator[tuple[str, str]]:
    """Yield name and text of each file above the participants, for the tables that there are.

    `tasks` has the task of a table, the end of its name and its kind.
    """
    yield "participants.json", sidecar("participants")
    by_task = {bids.task_label(name): measure for name, measure in measures.items()}
    for task, suffix, kind in sorted(tasks):
        about: dict[str, object] = {"TaskName": task}
        if kind == "beh":
            about["MeasurementToolMetadata"] = bids.tool(by_task[task].model_dump())
        yield f"task-{task}_{suffix}.json", sidecar(kind, **about)
    described = _description(study)
    yield "dataset_description.json", json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    yield "README.md", _readme(study, str(described["Name"]))


def sidecar(kind: str, **more: object) -> str:
    """Describe the columns of a table, and say of which the values are withheld."""
    described = json.loads(bids.sidecar(COLUMNS[kind], **more))
    for name, reason in WITHHELD[kind].items():
        described[name]["Description"] += f". Withheld from this copy: {reason}"
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def _description(study: Study) -> dict[str, object]:
    found = json.loads((study.dataset / "dataset_description.json").read_text(encoding="utf-8"))
    source = {"SourceDatasets": [{"DOI": found["DatasetDOI"]}]} if "DatasetDOI" in found else {}
    what = "Copy of what may be shared"
    return {
        **{key: found[key] for key in PUBLIC if key in found},
        "DatasetType": "raw",
        "Simulated": study.simulated,
        "GeneratedBy": [
            {"Name": SOFTWARE, "Version": VERSION},
            {"Name": "spot share", "Version": VERSION, "Description": what},
        ],
        **source,
    }


def _readme(study: Study, name: str) -> str:
    kind = "Simulated participants" if study.simulated else "Participants"
    withheld = [f"- `{each}`: {why}" for table in WITHHELD.values() for each, why in table.items()]
    return (
        f"# {name}\n\n{kind} of a ball game with inclusion and exclusion, and their ratings.\n\n"
        "This is a copy for sharing. It holds the sessions whose participants let their data be used:\n"
        "throws and ratings (`beh/`), how each session went (`sub-*_sessions.tsv`), and the definitions by\n"
        "which scores are computed (`sourcedata/definitions/`). Every column is described in the `.json`\n"
        "file beside or above its table. No table holds a free text. Missing throughout, and why:\n\n"
        + "\n".join(withheld)
        + "\n"
    )


def definitions(study: Study, digests: Iterable[str]) -> Iterator[tuple[Path, bytes]]:
    """Yield place and bytes of the files that sessions were run with; no photograph, nor its hash."""
    for digest in sorted(digests):
        place = Path("sourcedata", "definitions", digest)
        for file in sorted((study.dataset / place).rglob("[!.]*.toml")):
            yield place / file.relative_to(study.dataset / place), file.read_bytes()
