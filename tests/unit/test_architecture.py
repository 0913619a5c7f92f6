"""The arrows of the design: who may import whom, and who may look at a clock."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for folder in ("experiment", "analysis")
    for file in sorted((ROOT / folder).rglob("*.py"))
}
PSYCHOPY = ("psychopy", "psychtoolbox", "pyglet")
CLOCKS = ("time", "datetime")
OUTSIDE_RULES = (
    "experiment.firstlines",
    "experiment.runner",
    "experiment.signing",
    "experiment.durability",
    "experiment.stage",
    "experiment.demo",
    "experiment.asking",
    "experiment.machine",
)
"""Where the wall clock or a real wait belongs: first lines, claims, threads, the window, dialogs, the check
of a computer."""

SESSION_SIDE = tuple(
    f"experiment.{name}"
    for name in (
        "session",
        "run",
        "booth",
        "questionnaire",
        "runner",
        "simulate",
        "simulated",
        "respondent",
        "stage",
        "schedule",
        "leaving",
        "speaking",
        "seating",
        "showing",
        "pressing",
        "recording",
        "past",
        "retracing",
        "verifying",
        "replaying",
        "joining",
        "guarding",
        "paging",
        "answering",
        "demo",
        "asking",
        "machine",
        "firstlines",
        "pain",
        "limits",
        "devices",
        "sensation",
    )
)


def imports(file: Path, *, typing_too: bool = False) -> Iterator[str]:
    """Yield every module that a file imports, wherever in it; those for types alone only when asked."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not typing_too:
            skipped |= set(ast.walk(node))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(module: str, packages: tuple[str, ...]) -> bool:
    """Return whether a module is one of these or lies in one of them."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def breaches(
    importing: tuple[str, ...], forbidden: tuple[str, ...], *, but: tuple[str, ...] = ()
) -> list[str]:
    """Return who of the first imports any of the second."""
    return [
        f"{name} imports {imported}"
        for name, file in MODULES.items()
        if within(name, importing) and not within(name, but)
        for imported in imports(file)
        if within(imported, forbidden)
    ]


def test_only_the_stage_imports_psychopy() -> None:
    """The window and the keyboard are behind ports."""
    assert not breaches(("experiment", "analysis"), PSYCHOPY, but=("experiment.stage",))
    assert breaches(("experiment.stage",), PSYCHOPY), "or this test looks at the wrong files"


def test_definitions_know_nothing_of_sessions() -> None:
    """They are values."""
    others = tuple(
        name
        for name in MODULES
        if name.startswith("experiment.") and not within(name, ("experiment.definitions",))
    )
    allowed = ("experiment.placing", "experiment.scenes")
    assert not breaches(("experiment.definitions",), tuple(name for name in others if name not in allowed))


def test_rules_know_nothing_of_what_is_around_them() -> None:
    """Neither of screens nor of files."""
    rules = (
        "experiment.game",
        "experiment.schedule",
        "experiment.leaving",
        "experiment.speaking",
        "experiment.placing",
        "experiment.randomness",
        "experiment.answering",
        "experiment.pain.rules",
        "experiment.permitting",
    )
    around = (
        "experiment.session",
        "experiment.run",
        "experiment.showing",
        "experiment.pressing",
        "experiment.recording",
        "experiment.journal",
        "experiment.stage",
        "experiment.simulated",
        "experiment.study",
    )
    assert not breaches(rules, around)


def test_what_the_court_shows_is_worked_out_without_a_booth() -> None:
    """Neither waiting nor writing decides what is seen."""
    outside = ("experiment.booth", "experiment.journal", "experiment.run", "experiment.session")
    assert not breaches(("experiment.showing", "experiment.seating"), outside)


def test_the_analysis_reads_files_and_never_the_programs_state() -> None:
    """Definitions, columns and the dataset's layout are all it shares with the experiment."""
    assert not breaches(("analysis",), SESSION_SIDE)


def test_tables_know_nothing_of_sessions() -> None:
    """They are derived from journals alone."""
    assert not breaches(
        (
            "experiment.bids",
            "experiment.rows",
            "experiment.pain_rows",
            "experiment.columns",
            "experiment.journal",
        ),
        SESSION_SIDE,
    )


def test_the_session_chooses_no_stage() -> None:
    """Only the command line, and what it starts, does."""
    choosing = (
        "experiment.cli",
        "experiment.commands",
        "experiment.demo",
        "experiment.asking",
        "experiment.checking",
        "experiment.stage",
    )
    assert not breaches(("experiment",), ("experiment.stage",), but=choosing)
    assert not breaches(
        ("experiment.session", "experiment.run", "experiment.runner", "experiment.questionnaire"),
        ("experiment.simulated",),
    )


def test_the_rules_never_look_at_a_clock() -> None:
    """Times come from events; a module that measures them is outside the rules."""
    assert not breaches(("experiment",), CLOCKS, but=OUTSIDE_RULES)


@pytest.mark.parametrize(
    "name",
    [f"experiment.{n}" for n in ("run", "session", "schedule", "booth", "showing", "pressing", "recording")],
)
def test_waiting_is_showing_frames(name: str) -> None:
    """Nothing sleeps beside the one loop."""
    assert "sleep" not in MODULES[name].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "modules",
    [
        pytest.param(
            "experiment.session, experiment.runner, experiment.simulate, experiment.publish", id="core"
        ),
        pytest.param("experiment.cli, experiment.stage, experiment.checking", id="cli"),
        pytest.param("analysis.summarize, analysis.dataset, analysis.compare", id="analysis"),
    ],
)
def test_importing_loads_no_psychopy(modules: str) -> None:
    """In a fresh interpreter: a check or a summary starts at once, also without a screen."""
    program = f"import sys, {modules}; print([m for m in sys.modules if m.split('.')[0] in {PSYCHOPY!r}])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_every_module_says_what_it_is() -> None:
    """In a docstring."""
    for name, file in MODULES.items():
        content = file.read_text(encoding="utf-8")
        assert not content.strip() or ast.get_docstring(ast.parse(content)), name
