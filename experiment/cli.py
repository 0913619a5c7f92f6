"""`spot`, the command line: parses a request, calls what does it, turns the outcome into an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiment.cli_records import register
from experiment.exits import DONE, FAILED, PARTLY, STOPPED, WRONG
from experiment.usage import in_words

if TYPE_CHECKING:
    from experiment.runner import OpenStage
    from experiment.stage import Corner

app = typer.Typer(
    name="spot",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Folder of all datasets (default: data/).")
]
Language = Annotated[
    str | None, typer.Option(metavar="L", help="Language of the texts (default: the protocol's).")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        from experiment.columns import VERSION

        typer.echo(f"spot {VERSION}")
        raise typer.Exit(DONE)


@app.callback(
    invoke_without_command=True,
    epilog="Without a command, spot opens the dialog that starts a session. "
    "'spot run --help' explains a command.",
)
def start(
    context: typer.Context,
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Social Pain Overlap: a ball game with inclusion and exclusion, from protocol to summary."""
    del version
    if context.invoked_subcommand is None:
        raise typer.Exit(_run_asking({}, Wishes()))


class Wishes:
    """How the window of a session is opened."""

    def __init__(
        self, size: str | None = None, *, frames: int | None = None, photodiode: str | None = None
    ) -> None:
        self.screen = 0
        self.size_px = parse_size(size) if size else None
        self.emulate_hz = frames
        self.photodiode = parse_corner(photodiode) if photodiode else None


def parse_size(text: str) -> tuple[int, int]:
    """Return the size in pixels that ``1280x720`` means."""
    width, mark, height = text.lower().partition("x")
    if not (mark and width.isdecimal() and height.isdecimal() and int(width) >= 640 and int(height) >= 480):
        raise typer.TyperException(f"--size {text} is not allowed: such as 1280x720, at least 640x480 pixels")
    return int(width), int(height)


def parse_corner(text: str) -> Corner:
    """Return the corner of the screen that a word such as ``top-left`` means."""
    from experiment.stage import CORNERS

    for corner in CORNERS:
        if text == corner:
            return corner
    raise typer.TyperException(f"--photodiode {text} is not allowed: {', '.join(CORNERS)}")


@app.command(short_help="Run one session; what is missing is asked for.")
def run(
    protocol: Annotated[
        str | None, typer.Argument(metavar="PROTOCOL", help="Name of a protocol, or its file.")
    ] = None,
    *,
    participant: Annotated[
        str | None, typer.Option(metavar="CODE", help="Participant's code: 1 to 16 letters and digits.")
    ] = None,
    session: Annotated[
        int | None, typer.Option(metavar="N", help="Number of the session (default: 1).")
    ] = None,
    data: Data = None,
    language: Language = None,
    screen: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Which monitor (default: 0, the first).")
    ] = None,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Size of the window in pixels (default: full screen).")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Seed of the session (default: drawn).")
    ] = None,
    experimenter: Annotated[
        str, typer.Option(metavar="CODE", help="Experimenter's code: letters and digits.")
    ] = "",
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on with a session that was cut off, or begin anew one without a record."
        ),
    ] = False,
    take_over: Annotated[
        bool,
        typer.Option(
            "--take-over", help="With --resume: confirm that it is not running on another computer."
        ),
    ] = False,
    photodiode: Annotated[
        str | None,
        typer.Option(
            metavar="CORNER",
            help="Patch for a photodiode, which changes with each onset: top-left, top-right, bottom-left or "
            "bottom-right.",
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Run one session.

    What is missing is asked for: in a dialog, or in the terminal where no dialog can be shown. At the end the
    experimenter can leave notes, where the session was asked for; a session given whole, with PROTOCOL and
    --participant, asks for notes only at a terminal, so a script never waits.
    """
    del debug
    given: dict[str, object] = {
        "protocol": protocol, "participant": participant, "session": session,
        "language": language, "data": data,
        "experimenter": experimenter, "seed": seed, "resume": resume, "take_over": take_over,
        "screen": screen,
    }  # fmt: skip
    raise typer.Exit(_run_asking(given, Wishes(size, photodiode=photodiode)))


def _run_asking(given: dict[str, object], wishes: Wishes) -> int:
    """Ask for what is missing, run the session, and say how it went."""
    from experiment.asking import complete, notes, tell_refusal
    from experiment.runner import run_session, to_terminal

    request = complete(given)
    if request is None:
        to_terminal("nothing was started")
        return STOPPED
    wishes.screen = request.screen
    try:
        finished = run_session(request, _stage_opener(wishes), to_terminal)
    except Exception as error:
        tell_refusal(request, told(error)[0])
        raise
    notes(request, finished, request.asked_in)
    for problem in finished.problems:
        to_terminal(problem)
    to_terminal(f"session {finished.outcome.replace('_', ' ')}; record: {finished.journal}")
    code = {"completed": DONE, "fault": FAILED}.get(finished.outcome, STOPPED)
    return PARTLY if finished.problems and code == DONE else code


def _stage_opener(wishes: Wishes) -> OpenStage:
    from experiment.runner import to_terminal
    from experiment.stage import StageSettings, open_stage

    settings = StageSettings(
        screen=wishes.screen,
        size_px=wishes.size_px,
        emulate_hz=wishes.emulate_hz,
        photodiode=wishes.photodiode,
    )
    return lambda interruptions: open_stage(settings, interruptions, to_terminal)


@app.command(short_help="Simulate participants, marked so in every file.")
def simulate(
    protocol: Annotated[str, typer.Argument(metavar="PROTOCOL", help="Name of a protocol, or its file.")],
    *,
    participants: Annotated[int, typer.Option("-n", metavar="N", min=1, max=100_000, help="How many.")],
    seed: Annotated[int, typer.Option(metavar="S", min=0, help="Seed; the same gives the same bytes.")] = 1,
    data: Data = None,
    jobs: Annotated[
        int,
        typer.Option(metavar="J", min=1, help="Processes (default: one for each core).", show_default=False),
    ] = os.cpu_count() or 1,
    language: Language = None,
    effect: Annotated[
        float,
        typer.Option(
            metavar="K", min=0, max=3, help="How strongly exclusion works on them; 1: as published."
        ),
    ] = 1.0,
    debug: Debug = False,
) -> None:
    """Simulate participants through the same session code, marked as simulated in every file."""
    del debug
    from experiment.progress import bar
    from experiment.simulate import Simulation
    from experiment.simulate import simulate as simulate_study
    from experiment.study import DATA

    simulation = Simulation(protocol, participants, seed, data or DATA, language, effect)
    with bar("simulating", participants) as advance:
        study = simulate_study(simulation, jobs=jobs, progress=advance)
    typer.echo(study.dataset)


@app.command(short_help="Check definitions; say what each game gives a participant.")
def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="Definition files, or names (default: all in conditions/)."),
    ] = None,
    *,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw what the one game given gives (.png, .svg, .pdf)."),
    ] = None,
    machine: Annotated[
        bool, typer.Option("--machine", help="Check this computer instead: frames, keys, clocks, disks.")
    ] = False,
    auto: Annotated[
        bool, typer.Option("--auto", help="With --machine: ask nobody to press anything.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DATASET", help="With --machine: keep the result in this dataset."),
    ] = None,
    screen: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="With --machine: which monitor (default: 0).")
    ] = None,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="With --machine: size of the window (default: full).")
    ] = None,
    seconds: Annotated[
        int | None,
        typer.Option(metavar="S", min=1, max=600, help="With --machine: how long to watch (default: 20)."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Check definitions, and say for each game what a participant will get whatever they do.

    With --machine, check this computer before it is used in a study: docs/machine.md says what is looked at.
    """
    del debug
    how = {"--auto": auto or None, "--data": data, "--screen": screen, "--size": size, "--seconds": seconds}
    if machine:
        if files or plot:
            raise typer.TyperException("--machine checks this computer, and takes neither FILE nor --plot")
        raise typer.Exit(_check_machine(screen or 0, size, seconds or 20, data, auto=auto))
    for name, given in how.items():
        if given is not None:
            raise typer.TyperException(f"{name} says how to check this computer: it needs --machine")
    from experiment.checking import check_all

    raise typer.Exit(check_all(files or [], typer.echo, lambda line: typer.echo(line, err=True), plot))


def _check_machine(screen: int, size: str | None, seconds: int, dataset: Path | None, *, auto: bool) -> int:
    from experiment.machine.checkup import Wanted, Window, check_machine
    from experiment.stage import StageError, StageSettings, open_stage
    from experiment.stage.trying import told_by_system

    size_px = parse_size(size) if size else None
    settings = StageSettings(screen, size_px, title="Check of this computer", require_keyboard=False)
    window = Window(
        lambda interruptions: open_stage(settings, interruptions), lambda: told_by_system(screen), StageError
    )
    return check_machine(window, Wanted(seconds, auto, dataset), typer.echo)


@app.command(short_help="Show who is done, running, cut off and next, never the cells.")
def roster(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of a dataset.")],
    *,
    unblind: Annotated[
        bool, typer.Option("--unblind", help="Show the cells too; that goes on record (needs --by).")
    ] = False,
    replace: Annotated[
        str,
        typer.Option(
            metavar="CODE",
            help="Give this dropout's slot to the next new participant (needs --reason and --by).",
        ),
    ] = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the audit; no names.")] = "",
    by: Annotated[str, typer.Option(metavar="EXPERIMENTER", help="Experimenter's code, for the audit.")] = "",
    debug: Debug = False,
) -> None:
    """Show who is done, running, cut off and next, without the cells.

    Whoever is replaced keeps their cell and their data. Every claim, replacement and look at the cells stands
    in sourcedata/allocation/audit.tsv.
    """
    del debug
    from experiment.roster import Wish
    from experiment.roster import roster as show_roster
    from experiment.study import study_at

    wish = Wish(unblind=unblind, replace=replace, by=by, reason=reason)
    complain = lambda line: typer.echo(f"spot: {line}", err=True)  # noqa: E731 - as `say`, to the other stream
    if not show_roster(study_at(dataset), wish, typer.echo, complain):
        raise typer.Exit(PARTLY)


@app.command(short_help="Print every score by condition, and write the tables.")
def summarize(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of a dataset.")],
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where tables go (default: derivatives/spot).")
    ] = None,
    debug: Debug = False,
) -> None:
    """Print distress and every other score by condition, and write the tables."""
    del debug
    from analysis.summarize import main as summarize_main

    raise typer.Exit(summarize_main([str(dataset), *(["--out", str(out)] if out else [])]))


@app.command(name="import", short_help="Turn settings of Cyberball 3 to 5 or CyberballOS into game files.")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Settings (.txt), an experiment (.cbe), or a link (.txt).")
    ],
    *,
    schedule: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Schedule file of Cyberball 3 or 4 (default: found beside FILE)."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the game files (default: conditions/games).")
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the game file (default: FILE's name).")
    ] = None,
    language: Annotated[str, typer.Option(metavar="L", help="Language of what is said in the game.")] = "en",
    debug: Debug = False,
) -> None:
    """Turn a file of another program into game files that play the same.

    What has no counterpart is told line by line. Where anything would play differently, or cannot be read,
    nothing is written. docs/imports.md says what is read, and how.
    """
    del debug
    from experiment.definitions.library import CONDITIONS
    from experiment.importing import ImportingError
    from experiment.importing.writing import Target, import_file

    try:
        import_file(file, schedule, Target(out or CONDITIONS / "games", name, language), typer.echo)
    except ImportingError as error:
        for line in error.lines:
            typer.echo(f"spot: {line}", err=True)
        raise typer.Exit(WRONG) from error


@app.command(short_help="Show a session, a small study and its summary, all simulated.")
def demo(
    *,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="Where (default: out/demo).")
    ] = None,
    size: Annotated[str, typer.Option(metavar="WxH", help="Size of the window.")] = "1280x720",
    participants: Annotated[int, typer.Option("-n", metavar="N", min=4, help="Simulated participants.")] = 60,
    debug: Debug = False,
) -> None:
    """Play a short session by itself in a real window, simulate a small study, and summarise it."""
    del debug
    from experiment.demo import show

    raise typer.Exit(show(data, parse_size(size), participants, typer.echo))


register(app)


def expected_errors() -> dict[type[Exception], int]:
    """Return the errors that are told in one line, with their exit codes."""
    from experiment.definitions.errors import DefinitionError
    from experiment.importing import ImportingError
    from experiment.journal import JournalError
    from experiment.publish import Busy
    from experiment.stage import StageError
    from experiment.study import StudyError

    return {
        DefinitionError: WRONG,
        ImportingError: WRONG,
        StudyError: WRONG,
        StageError: FAILED,
        JournalError: FAILED,
        Busy: FAILED,
        OSError: FAILED,
    }


def told(error: Exception) -> tuple[str, int]:
    """Return an error in one line, and the exit code it leads to."""
    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        return in_words(error.format_message(), context.command_path if context else ""), WRONG
    code = next((code for kind, code in expected_errors().items() if isinstance(error, kind)), None)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}", FAILED
    if code is not None:
        return str(error), code
    return f"{type(error).__name__}: {error} (a fault of the program; --debug shows where)", FAILED


def main() -> None:
    """Run the command line."""
    try:
        code = app(standalone_mode=False, prog_name="spot")
    except typer.Abort:
        code = STOPPED
    except Exception as error:  # noqa: BLE001 - told in one line, with its own exit code
        if "--debug" in sys.argv:
            traceback.print_exc()
        line, code = told(error)
        typer.echo(f"spot: {' '.join(line.split())}", err=True)
    sys.exit(code or DONE)


if __name__ == "__main__":
    main()
