"""A program that dies while it erases: nothing comes back, and the next one finishes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from experiment import erasing
from experiment.allocation.claims import folder_of, tombstone
from experiment.recovering import recover
from experiment.withdrawing import withdraw
from tests.scripted import CONDITIONS
from tests.unit.test_roster import Lab

ROOT = Path(__file__).parents[2]
DYING = """
import os, sys
from pathlib import Path
from experiment import erasing
from experiment.study import study_at
from experiment.withdrawing import withdraw

plain, left = erasing.unlink, int(sys.argv[2])

def unlink(file):
    global left
    left -= 1
    if left < 0:
        os._exit(9)
    plain(file)

erasing.unlink = unlink
withdraw(study_at(Path(sys.argv[1])), "002")
"""


def left_of(lab: Lab) -> list[Path]:
    """Return what names the participant, or is named after them, other than the claims of the allocation."""
    named, said = erasing.named_after("002"), erasing.mention_of("002")
    files = (path for part in ("data", "spool") for path in (lab.folder / part).rglob("*") if path.is_file())
    kept = (path for path in files if folder_of(lab.study) not in path.parents and path.suffix != ".lock")
    return [
        path
        for path in kept
        if any(named.match(part) for part in path.parts) or said.search(path.read_bytes())
    ]


@pytest.mark.parametrize("finished_by", [withdraw, recover])
def test_killed_at_any_file_it_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finished_by: object
) -> None:
    """Locks of the dead hold nobody up; the tombstone stands from the first file on."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    shutil.copytree(CONDITIONS, tmp_path / "conditions")
    lab = Lab(tmp_path, tmp_path / "conditions" / "protocols" / "tiny.toml")
    for code in ("001", "002", "003"):
        lab.run(code)
    for part in ("data", "spool"):
        shutil.copytree(tmp_path / part, tmp_path / "kept" / part)
    total = len(left_of(lab))
    for erased in (0, 1, 4, total // 2):
        for part in ("data", "spool"):
            shutil.rmtree(tmp_path / part)
            shutil.copytree(tmp_path / "kept" / part, tmp_path / part)
        died = subprocess.run(
            [sys.executable, "-c", DYING, lab.study.dataset, str(erased)],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
        )  # fmt: skip
        assert died.returncode == 9
        assert tombstone(lab.study, "002").is_file()
        assert len(left_of(lab)) >= total - erased - 1 > 0
        if finished_by is withdraw:
            withdraw(lab.study, "002")
        else:
            assert not recover(lab.study).partly
        assert left_of(lab) == []
        assert sorted(path.name for path in lab.study.dataset.glob("sub-*")) == ["sub-001", "sub-003"]
