"""Write the golden session anew (``python -m tests.golden.regenerate``); read the difference."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from experiment.simulate import Simulation, simulate

HERE = Path(__file__).parent
EXPECTED = HERE / "expected"
PROTOCOL = HERE / "conditions" / "protocols" / "tiny.toml"
SEED = 2


def golden_files() -> dict[str, bytes]:
    """Simulate one session of the tiny protocol and return its journals and tables."""
    with tempfile.TemporaryDirectory() as folder:
        simulate(Simulation(str(PROTOCOL), 1, SEED, Path(folder)))
        files = (f for f in sorted(Path(folder).rglob("*")) if f.suffix in (".jsonl", ".tsv"))
        return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def main() -> None:
    """Replace what is expected."""
    shutil.rmtree(EXPECTED, ignore_errors=True)
    for place, content in golden_files().items():
        file = EXPECTED / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


if __name__ == "__main__":
    main()
