"""A big dataset read, scored and summarised, beside its bytes and a plain loop of ``pandas.read_csv``.

``python lab.py bench analysis [--sessions N]``; 100, 1,000 and 10,000 sessions by default.

The dataset is made of 40 simulated `classic` sessions, copied under new codes into a temporary folder: the
work lies in the number of files. Of each session five tables are kept (its line in sessions.tsv, the game and
three forms). Every size is measured in fresh processes; the bytes are read by a plain loop in the same one as
the parts of a run, before and after, and the plain loop of pandas reads every tenth file and is scaled. A run
is what `spot summarize` does before it writes: the first one reads, scores and summarises, and keeps what it
made; the second one, in another process, finds nothing changed. Runs are cold only where the system's page
cache may be dropped (Linux, as root): all files and folders come from the disk then, in the second run too.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import psutil  # type: ignore[import-untyped]

from analysis import cache
from analysis.dataset import load
from analysis.remembered import summary_of
from analysis.results import all_scores, summary
from analysis.runs import played
from analysis.stamps import SETTLED_S
from bench.measuring import load as load_of_machine
from bench.measuring import machine
from experiment.simulate import Simulation, simulate

SIMULATED = 40
SIZES = (100, 1000, 10_000)
KEPT = (
    "task-cyberball_run-01_events",
    "task-needs_acq-reflexive_run-01_beh",
    "task-mood_acq-reflexive_run-01_beh",
    "task-hurt_acq-reflexive_run-01_beh",
)
DROPPING = Path("/proc/sys/vm/drop_caches")


def make(folder: Path, sessions: int) -> dict[int, Path]:
    """Write datasets of the sizes in `SIZES` up to `sessions`, and one of `sessions`; return their folders.

    Beside them lies a small one, ``classic_warm``, to begin with.
    """
    simulate(Simulation("classic", SIMULATED, 1, folder / "seed"))
    seed = next(path.parent for path in (folder / "seed").rglob("dataset_description.json"))
    people = sorted(path.name for path in seed.glob("sub-*"))
    texts = [_texts(seed, person) for person in people]
    made = {
        size: folder / f"classic_{size}" for size in sorted({n for n in SIZES if n < sessions} | {sessions})
    }
    for size, root in [(SIMULATED, folder / "classic_warm"), *made.items()]:
        shutil.copytree(seed / "sourcedata" / "definitions", root / "sourcedata" / "definitions")
        shutil.copy(seed / "dataset_description.json", root)
        for sidecar in seed.glob("task-*.json"):
            shutil.copy(sidecar, root)
        _copies(root, people, texts, size, (seed / "participants.tsv").read_text(encoding="utf-8"))
    return made


def _texts(seed: Path, person: str) -> dict[str, str]:
    """Return the tables of a simulated participant by the path that they have without the code."""
    tables = {"_sessions": f"{person}/{person}_sessions.tsv"}
    tables |= {f"_ses-01_{name}": f"{person}/ses-01/beh/{person}_ses-01_{name}.tsv" for name in KEPT}
    read = {name: (seed / place) for name, place in tables.items()}
    return {name: file.read_text(encoding="utf-8") for name, file in read.items() if file.exists()}


def _copies(root: Path, people: list[str], texts: list[dict[str, str]], size: int, listed: str) -> None:
    head, *lines = listed.splitlines()
    rows = [head]
    for number in range(size):
        person = f"sub-{number:06d}"
        folder = root / person / "ses-01" / "beh"
        folder.mkdir(parents=True)
        (root / "sourcedata" / person / "ses-01").mkdir(parents=True)
        rows.append(lines[number % len(lines)].replace(people[number % len(people)], person, 1))
        for name, text in texts[number % len(texts)].items():
            above = root / person if name == "_sessions" else folder
            (above / f"{person}{name}.tsv").write_text(text, encoding="utf-8", newline="\n")
    (root / "participants.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8", newline="\n")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long `work` took (s), and what it returned."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def tables(root: Path) -> list[str]:
    """Return the paths of all tables of a dataset."""
    return sorted(
        str(Path(at, name)) for at, _, names in os.walk(root) for name in names if name.endswith(".tsv")
    )


def bytes_of(files: list[str]) -> int:
    """Read all files, one after the other; return how many bytes they hold."""
    total = 0
    for file in files:
        with open(file, "rb", buffering=0) as stream:  # noqa: PTH123 - the plainest loop there is
            total += len(stream.read())
    return total


def plain_loop(files: list[str]) -> int:
    """Read every tenth table as anybody would; return how many rows they hold."""
    return len(pd.concat([pd.read_csv(file, sep="\t", na_values="n/a") for file in files[::10]]))


def measure(root: Path) -> dict[str, float]:
    """Measure a first run in this process, whole and by its parts, the files in the page cache."""
    begin(root)
    files = tables(root)
    found: dict[str, float] = {"files": len(files), "megabytes": bytes_of(files) / 1e6}
    before, _ = timed(lambda: bytes_of(files))
    found |= by_parts(root)
    found["bytes"] = (before + timed(lambda: bytes_of(files))[0]) / 2
    cache.forget(root)
    found["first"], _ = timed(lambda: summary_of(root))
    found["peak"] = peak()
    found["loop"] = 10 * timed(lambda: plain_loop(files))[0]
    return found


def by_parts(root: Path) -> dict[str, float]:
    """Measure what a run is made of, and a second load."""
    cache.forget(root)
    found = {}
    found["load"], data = timed(lambda: load(root))
    runs = played(data.throws, data.phases, data.sessions, data.protocols)
    found["scores"], _ = timed(lambda: all_scores(data, data.ratings, runs))
    found["again"], _ = timed(lambda: load(root))
    found["summary"], _ = timed(lambda: summary(data))
    return found | {"throws": len(data.throws)}


def measure_second(root: Path) -> dict[str, float]:
    """Measure a run for which all was kept."""
    begin(root)
    return {"second": timed(lambda: summary_of(root))[0]}


def measure_cold(root: Path) -> dict[str, float]:
    """Measure the bytes, a load and a first run, the page cache dropped before each."""
    begin(root)
    files = tables(root)
    cache.forget(root)
    drop()
    found = {"bytes_cold": timed(lambda: bytes_of(files))[0]}
    drop()
    found["load_cold"] = timed(lambda: load(root))[0]
    cache.forget(root)
    drop()
    return found | {"first_cold": timed(lambda: summary_of(root))[0]}


def measure_second_cold(root: Path) -> dict[str, float]:
    """Measure a run for which all was kept, after the page cache was dropped."""
    begin(root)
    drop()
    return {"second_cold": timed(lambda: summary_of(root))[0]}


MEASURES = {
    "first": measure,
    "second": measure_second,
    "cold": measure_cold,
    "second_cold": measure_second_cold,
}


def begin(root: Path) -> None:
    """Summarise a small dataset: what is imported late is no part of what is measured."""
    summary(load(root.parent / "classic_warm"))


def peak() -> float:
    """Return the most memory that this process has held (GB), or where that is not told what it holds now."""
    seen = psutil.Process().memory_info()
    if hasattr(seen, "peak_wset"):
        return float(seen.peak_wset / 1e9)
    import resource  # noqa: PLC0415 - Windows has none

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def drop() -> None:
    """Empty the system's page cache."""
    os.sync()
    DROPPING.write_text("3", encoding="ascii")


def droppable() -> bool:
    """Return whether the page cache may be emptied."""
    return os.access(DROPPING, os.W_OK)


def in_its_own_process(root: Path, what: str, folder: Path) -> dict[str, float]:
    """Measure a dataset in a fresh process, with a cache of its own."""
    environment = os.environ | {"SPOT_CACHE": str(folder / "cache")}
    words = [sys.executable, "-m", "bench.analysis", "--measure", what, str(root)]
    done = subprocess.run(words, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return {str(name): float(value) for name, value in json.loads(done.stdout).items()}


def report(size: int, found: dict[str, float]) -> None:
    """Print what was measured of a dataset."""
    whole = found["load"] + found["summary"]
    print(
        f"\n{size} sessions: {found['files']:.0f} files, {found['megabytes']:.0f} MB, "
        f"{found['throws']:.0f} throws; load {load_of_machine()}\n"
        f"  bytes alone {found['bytes']:.2f} s, plain loop of pandas.read_csv {found['loop']:.1f} s\n"
        f"  load {found['load']:.2f} s ({found['load'] / found['bytes']:.1f} of the bytes, "
        f"the loop is {found['loop'] / found['load']:.1f} of it), scores {found['scores']:.2f} s\n"
        f"  summary with the scores {found['summary']:.2f} s; load and summary {whole:.2f} s "
        f"({whole / found['bytes']:.1f} of the bytes, the loop is {found['loop'] / whole:.1f} of it)\n"
        f"  load again, from the cache {found['again']:.2f} s ({found['again'] / found['load']:.2f}); "
        f"peak {found['peak']:.2f} GB\n"
        f"  the first run (load + scores + summary, all of it kept) {found['first']:.2f} s\n"
        f"  the second run (load + scores + summary), from the cache {found['second']:.2f} s "
        f"({found['second'] / found['first']:.2f} of the first)"
    )
    if "load_cold" in found:
        first, second, alone = found["first_cold"], found["second_cold"], found["bytes_cold"]
        print(
            f"  cold: bytes {alone:.2f} s, load {found['load_cold']:.2f} s; the first run {first:.2f} s "
            f"({first / alone:.1f} of the bytes), the second {second:.2f} s "
            f"({second / first:.2f} of the first)"
        )
    else:
        print("  cold: not measured, the system's page cache may not be dropped here")


def main() -> int:
    """Measure the sizes up to the one asked for, or one dataset in this process."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sessions", type=int, default=SIZES[-1])
    asked.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.measure:
        what, root = given.measure
        print(json.dumps(MEASURES[what](Path(root))))
        return 0
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = make(folder, given.sessions)
        time.sleep(SETTLED_S + 1)
        for size, root in made.items():
            found: dict[str, float] = {}
            for what in MEASURES:
                if droppable() or not what.endswith("cold"):
                    found |= in_its_own_process(root, what, folder)
            report(size, found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
