"""`spot`, the command line: parses a request, calls what does it, turns the outcome into an exit code."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING, Annotated

import typer

from experiment.commands import analysing, custody, planning, preparing, records, studies
from experiment.commands.options import Data, Debug, Language, parse_corner, parse_size
from experiment.exits import DONE, FAILED, PARTLY, STOPPED, WRONG
from experiment.usage import in_words

if TYPE_CHECKING:
    from experiment.runner import OpenStage

app = typer.Typer(
    name="spot",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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


app.command(short_help="Show who is done, running, cut off and next, never the cells.")(studies.roster)
app.command()(studies.recover)
app.command(short_help="Check definitions, or this computer (--machine).")(preparing.check)
app.command(short_help="Simulate participants, marked so in every file.")(preparing.simulate)
app.command(name="import", short_help="Turn settings of Cyberball 3 to 5 or CyberballOS into game files.")(
    preparing.import_
)
app.command(name="import-ratings", short_help="Turn a table of answers from elsewhere into a dataset.")(
    preparing.import_ratings
)
app.command(short_help="Say how many participants a test takes.")(planning.power)
app.command(short_help="Print every score by condition, and write the tables.")(analysing.summarize)
app.command(short_help="Lay pain beside distress, and say what n can carry.")(analysing.overlap)
app.command(short_help="Write one HTML page that reads like a results section.")(analysing.report)
app.command(short_help="Write a validated copy of what may be shared.")(custody.share)
app.command(short_help="Erase a participant everywhere, for good.")(custody.withdraw)
app.command(short_help="Recompute sessions and compare: schedule, journal and tables.")(records.verify)
app.command(short_help="Show a recorded session again in the window.")(records.replay)
app.command(short_help="Show a session, a small study and its summary, all simulated.")(preparing.demo)


def expected_errors() -> dict[type[Exception], int]:
    """Return the errors that are told in one line, with their exit codes."""
    from experiment.definitions.errors import DefinitionError
    from experiment.importing import ImportingError
    from experiment.journal import JournalError
    from experiment.publish import Busy
    from experiment.shareable import SharingError
    from experiment.stage import StageError
    from experiment.study import StudyError

    return {
        DefinitionError: WRONG,
        ImportingError: WRONG,
        StudyError: WRONG,
        StageError: FAILED,
        JournalError: FAILED,
        SharingError: FAILED,
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
