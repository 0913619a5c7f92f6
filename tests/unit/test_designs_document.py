"""docs/designs.md says of every design what it gives, and its examples are files that work."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from experiment.definitions import CONDITIONS, Game, names, resolve
from experiment.definitions.reading import parse, read
from experiment.dose import dose
from experiment.dosetable import DoseTable

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "designs.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
ROWS = {
    found[1]: [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in TEXT.splitlines()
    if (found := re.match(r"\| \[`(\w+)`\]\(\.\./conditions/games/\w+\.toml\)", line))
}
GAME, VARIANT = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


def figures(table: DoseTable) -> list[str]:
    """Return throws, receptions and share as the document writes them."""
    whole = table.whole
    played, received = whole.played, whole.receptions
    throws = f"{whole.throws}" if whole.throws is not None else f"{played.low:.0f} to {played.high:.0f}"
    exact = None if whole.exact is None else f"{whole.exact}"
    return [
        throws,
        exact or f"{received.mean:.0f} ({received.low:.0f} to {received.high:.0f})",
        f"{100 * whole.share:.0f} %",
    ]


def test_every_game_has_its_row_and_its_picture() -> None:
    """No game is shipped that the document does not show, and none is shown that is not shipped."""
    assert set(ROWS) == set(names("games"))
    for name, cells in ROWS.items():
        assert f'src="designs/{name}.svg"' in cells[-1]
    pictures = {file.stem for file in (DOCUMENT.parent / "designs").glob("*.svg")}
    assert pictures == set(names("games"))


@pytest.mark.parametrize("name", names("games"))
def test_the_figures_of_a_game_are_those_of_its_file(name: str) -> None:
    """Throws, receptions and share stand in the row as `spot check` gives them."""
    assert ROWS[name][2:5] == figures(dose(read(CONDITIONS / "games" / f"{name}.toml", Game)))


def test_every_protocol_is_listed_and_has_its_twin_without_deception() -> None:
    """A name in the table stands for two files."""
    listed = set(re.findall(r"^\| `(\w+)` \| ", TEXT, re.MULTILINE))
    assert listed == {name for name in names("protocols") if not name.endswith("_open")}
    assert {f"{name}_open" for name in listed} <= set(names("protocols"))


def test_the_design_made_in_ten_minutes_works(tmp_path: Path) -> None:
    """The two files of the example, copied as they stand, make a protocol that resolves."""
    lab = shutil.copytree(CONDITIONS, tmp_path / "conditions")
    (lab / "games" / "fading_out.toml").write_text(GAME, encoding="utf-8")
    (lab / "protocols" / "fading.toml").write_text(VARIANT, encoding="utf-8")
    found = resolve("fading", root=lab)
    assert [cell.name for cell in found.protocol.design.cells()] == ["inclusion", "fading_out"]
    assert found.protocol.ending == "reinclusion"
    assert sum(phase.exact_count() or 0 for phase in parse(GAME, Game, None).phases) == 5
