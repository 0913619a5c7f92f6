"""The documents say what is true: links, dictionary, commands and code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("document", ["README.md", "data/README.md"])
def test_the_code_in_a_document_runs(document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of Python in the README run on the example dataset."""
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        names: dict[str, object] = {}
        exec(compile(block, document, "exec"), names)
        assert len(names["s"]) > 0  # type: ignore[arg-type]
