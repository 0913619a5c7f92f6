"""The documents say what is true: links, dictionary, commands and code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_type_hints

import pandas as pd
import pytest

from analysis.results import Summary
from experiment.cli import app
from experiment.dictionary import dictionary

ROOT = Path(__file__).resolve().parents[2]
READMES = [ROOT / "data" / "README.md", ROOT / "conditions" / "README.md"]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *READMES])
LAB = {"demo", "test", "lint", "bench", "setup", "lock"}
"""Commands of `lab.py` that are none of `spot`."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_and_picture_is_there(document: Path) -> None:
    """A relative link in a document names a file of the project."""
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert missing == []


def test_the_dictionary_is_the_one_that_the_columns_give() -> None:
    """`data/README.md` ends with the dictionary made from the columns."""
    assert (ROOT / "data" / "README.md").read_text(encoding="utf-8").endswith(dictionary().rstrip() + "\n")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_in_a_document_exists(document: Path) -> None:
    """What a document tells to type, `lab.py` or `spot` knows."""
    known = {
        command.name or (command.callback and command.callback.__name__)
        for command in app.registered_commands
    }
    said = re.findall(r"(?:lab\.py|`spot) ([a-z]+)", document.read_text(encoding="utf-8"))
    assert set(said) - known - LAB == set()


def test_the_design_names_every_part_of_the_program() -> None:
    """Each module and each folder of modules has its place in `docs/design.md`."""
    said = set(re.findall(r"[a-z_]+(?:\.py|/)", (ROOT / "docs" / "design.md").read_text(encoding="utf-8")))
    parts = {
        part.name if part.is_file() else f"{part.name}/"
        for folder in ("experiment", "analysis")
        for part in (ROOT / folder).iterdir()
        if not part.name.startswith("_") and (part.suffix == ".py" or (part / "__init__.py").exists())
    }
    assert parts - said == set()


def test_the_page_for_analysts_names_every_table() -> None:
    """What `spot summarize` writes, `docs/analysis.md` explains."""
    text = (ROOT / "docs" / "analysis.md").read_text(encoding="utf-8")
    tables = [name for name, kind in get_type_hints(Summary).items() if kind is pd.DataFrame]
    assert len(tables) > 30, "or this test looks at the wrong class"
    assert [name for name in (*tables, "left_out", "warnings") if f"`{name}`" not in text] == []


@pytest.mark.parametrize("document", ["README.md", "data/README.md", "docs/analysis.md"])
def test_the_code_in_a_document_runs(document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of Python in a document run on the example dataset."""
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        names: dict[str, object] = {}
        exec(compile(block, document, "exec"), names)
        assert len(names["s"]) > 0  # type: ignore[arg-type]
