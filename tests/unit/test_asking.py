"""What is asked before a session, and what is refused, without a dialog."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import filelock
import pytest

from experiment import definitions, journal
from experiment.allocation import Allocation
from experiment.asking import Start, complete, memory, notes, noting, starting
from experiment.asking.answers import Answers
from experiment.asking.form import Form, taken
from experiment.asking.memory import remember, remembered
from experiment.asking.noting import keep_note
from experiment.asking.terminal import ask_in_terminal
from experiment.cli import expected_errors
from experiment.definitions.laboratory import Laboratory
from experiment.earlier import machine_mark
from experiment.firstlines import header
from experiment.runner import Finished, Request
from experiment.stage import StageError, qt
from experiment.stage.qt import Monitor
from experiment.study import Study, StudyError, Who

GOOD = Answers(protocol="classic", participant="P01", language="en")
TWO = (Monitor(0, 1920, 1080), Monitor(1, 1280, 1024, -1280, 0))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder for datasets, with the spool and what is remembered beside it."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    monkeypatch.setattr(memory, "memory_file", lambda: tmp_path / "state" / "last_start.json")
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def record(data: Path, code: str, outcome: str = "", *, session: str = "01", machine: str = "") -> Who:
    """Write the record of a session: ended where it has an outcome, in the dataset where from elsewhere."""
    study, who = Study(data, "classic"), Who(code, session)
    with journal.Journal(study.journal(who) if machine else study.local_journal(who)) as written:
        written.write("session", None, **header(definitions.resolve("classic"), study, who, 1))
        written.write("segment", 0.0, number=1, machine=machine or machine_mark())
        if outcome:
            written.write("end", 1.0, outcome=outcome)
    return who


class Typed:
    """A console at which lines are typed; what it was shown is kept."""

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)
        self.said: list[str] = []

    def say(self, line: str) -> None:
        """Keep a line."""
        self.said.append(line)

    def ask(self, prompt: str) -> str:
        """Return the next line."""
        self.said.append(prompt)
        if not self.lines:
            raise EOFError
        return self.lines.pop(0)


class Tty(io.StringIO):
    """A stream with a person at it."""

    def isatty(self) -> bool:
        """Say that it is a terminal."""
        return True


@pytest.fixture
def no_dialog(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no dialog be shown."""
    monkeypatch.setattr(starting, "why_no_dialog", lambda: "there is no display")
    monkeypatch.setattr(starting, "why_no_display", str)
    monkeypatch.setattr(starting, "monitors", tuple)


def sit_down(monkeypatch: pytest.MonkeyPatch, typed: str = "") -> Tty:
    """Let a person sit at a terminal and type; return what they are shown."""
    shown = Tty()
    monkeypatch.setattr(sys, "stdin", Tty(typed))
    monkeypatch.setattr(sys, "stderr", shown)
    return shown


def test_good_answers_have_no_problem(data: Path) -> None:
    """A new code, session 1, a shipped protocol: nothing is wrong, and it says where it is recorded."""
    checked = Form(data, TWO).check(GOOD)
    assert checked.problems == {}
    assert str(data / "classic") in checked.remarks["protocol"]


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        ({"participant": ""}, "participant", "a code is needed"),
        ({"participant": "P 1"}, "participant", "'P 1' is not allowed"),
        ({"participant": "ä"}, "participant", "'ä' is not allowed"),
        ({"participant": "P" * 17}, "participant", "1 to 16"),
        ({"session": ""}, "session", "a number is needed"),
        ({"session": "one"}, "session", "a number is needed"),
        ({"session": "²"}, "session", "a number is needed"),
        ({"session": "0"}, "session", "1 to 99"),
        ({"session": "100"}, "session", "1 to 99"),
        ({"protocol": ""}, "protocol", "choose a protocol"),
        ({"protocol": "clasic"}, "protocol", "did you mean 'classic'?"),
        ({"protocol": "nowhere.toml"}, "protocol", "nowhere.toml"),
        ({"language": "xx"}, "language", "has no 'xx'"),
        ({"experimenter": "Dr Smith"}, "experimenter", "'Dr Smith' is not allowed"),
        ({"screen": "2"}, "screen", "there is no screen 2; this computer has 0, 1"),
        ({"resume": True}, "session", "has no session 1 to resume"),
    ],
)
def test_each_mistake_is_said_at_its_field(data: Path, change: dict[str, str], name: str, words: str) -> None:
    """One wrong answer gives one problem, beside that answer."""
    answers = Answers(**{"protocol": "classic", "participant": "P01", "language": "en", **change})  # type: ignore[arg-type]
    problems = Form(data, TWO).check(answers).problems
    assert set(problems) == {name}
    assert words in problems[name]
    assert "\n" not in problems[name]


def test_broken_definition_is_said_in_words(tmp_path: Path, data: Path) -> None:
    """A mistake in a protocol's file stands beside the protocol."""
    file = tmp_path / "mine.toml"
    text = (definitions.CONDITIONS / "protocols" / "classic.toml").read_text(encoding="utf-8")
    file.write_text(text.replace("study =", "studdy ="), encoding="utf-8")
    problem = Form(data).check(replace(GOOD, protocol=str(file))).problems["protocol"]
    assert "unknown key 'studdy'; did you mean 'study'?" in problem


def test_code_that_only_case_tells_apart_is_refused(data: Path) -> None:
    """Two codes that a file system may take for one are never both used."""
    record(data, "p01", "completed")
    assert "differs from 'p01' only in case" in Form(data).check(GOOD).problems["participant"]
    assert "participant" not in Form(data).check(replace(GOOD, participant="p01")).problems


def test_code_that_was_claimed_in_another_case_is_refused(data: Path) -> None:
    """A claim holds also where no session was recorded."""
    study = Study(data, "classic")
    Allocation(study, definitions.resolve("classic").protocol).claim_code(Who("p01", "01"))
    for claim in (study.dataset / "sourcedata" / "allocation").glob("code-*"):
        claim.unlink()
    assert "differs from 'p01' only in case" in Form(data).check(GOOD).problems["participant"]


def test_session_that_ended_offers_the_next_number(data: Path) -> None:
    """The number offered is the first after all that exist, not just after this one."""
    record(data, "P01", "completed")
    record(data, "P01", "stopped_by_participant", session="02")
    form = Form(data)
    checked = form.check(GOOD)
    assert checked.problems["session"] == "participant 'P01' has a session 1 already (completed)"
    (way,) = checked.ways_on
    assert way.label == "Begin session 3"
    after = taken(form, GOOD, way)
    assert (after.session, after.resume) == ("3", False)
    assert form.check(after).problems == {}


def test_session_that_was_cut_off_can_be_resumed(data: Path) -> None:
    """Resuming is offered first, is said to happen, and is decided anew when the code changes."""
    record(data, "P01")
    form = Form(data)
    checked = form.check(GOOD)
    assert "was cut off" in checked.problems["session"]
    assert [way.label for way in checked.ways_on] == ["Resume session 1", "Begin session 2"]
    after = taken(form, GOOD, checked.ways_on[0])
    assert after.resume
    assert form.check(after).problems == {}
    assert "goes on" in form.check(after).remarks["session"]
    assert not form.settled(after, replace(after, participant="P02")).resume


@pytest.mark.parametrize("outcome", ["fault", "window_closed", "interrupted", "terminated"])
def test_session_that_broke_off_can_be_resumed(data: Path, outcome: str) -> None:
    """An end that nobody chose is no end."""
    record(data, "P01", outcome)
    assert Form(data).check(replace(GOOD, resume=True)).problems == {}


def test_session_is_resumed_as_it_was_begun(data: Path) -> None:
    """Another protocol of the same study would play other steps."""
    who = Who("P01", "01")
    study = Study(data, "classic")
    begun = header(definitions.resolve("classic"), study, who, 1)
    with journal.Journal(study.local_journal(who)) as written:
        written.write("session", None, **{**begun, "protocol": "older"})
    problem = Form(data).check(replace(GOOD, resume=True)).problems["session"]
    assert problem == (
        "session 1 of 'P01' was begun with protocol 'older', not 'classic'; resume it with 'older'"
    )


def test_session_of_another_computer_needs_a_word(data: Path) -> None:
    """Only the experimenter can say that the other computer is not running it."""
    record(data, "P01", machine="deadbeef")
    form = Form(data)
    answers = replace(GOOD, resume=True)
    checked = form.check(answers)
    assert "on another computer" in checked.problems["session"]
    assert form.check(taken(form, answers, checked.ways_on[0])).problems == {}


def claim(data: Path, text: str) -> None:
    """Claim session 1 of P01 with these words in the claim."""
    folder = data / "classic" / "sourcedata" / "allocation"
    folder.mkdir(parents=True)
    (folder / "code-P01_ses-01.json").write_text(text, encoding="utf-8")


def test_session_that_was_only_claimed_here_can_be_begun_anew(data: Path) -> None:
    """A crash between the claim and the first line of the record costs nobody their code."""
    claim(data, json.dumps({"code": "P01", "session": "01", "machine": machine_mark()}))
    form = Form(data)
    checked = form.check(GOOD)
    assert "nothing of it was recorded" in checked.problems["session"]
    assert [way.label for way in checked.ways_on] == ["Begin session 1 anew", "Begin session 2"]
    anew = form.check(taken(form, GOOD, checked.ways_on[0]))
    assert anew.problems == {}
    assert "begins anew" in anew.remarks["session"]


@pytest.mark.parametrize("text", ["", "{}", '{"machine": "deadbeef"}'])
def test_session_that_another_computer_claimed_needs_a_word(data: Path, text: str) -> None:
    """A code claimed a moment ago by another computer has no journal here yet."""
    claim(data, text)
    form = Form(data)
    asked = taken(form, GOOD, form.check(GOOD).ways_on[0])
    checked = form.check(asked)
    assert "begun on another computer" in checked.problems["session"]
    assert [way.label for way in checked.ways_on] == ["It is not running there", "Begin session 2"]
    assert form.check(taken(form, asked, checked.ways_on[0])).problems == {}


def test_unreadable_record_is_never_resumed(data: Path) -> None:
    """A journal that cannot be read is left alone."""
    file = Study(data, "classic").local_journal(Who("P01", "01"))
    file.parent.mkdir(parents=True)
    file.write_text("nonsense\n", encoding="utf-8")
    checked = Form(data).check(replace(GOOD, resume=True))
    assert "cannot be read" in checked.problems["session"]
    assert [way.label for way in checked.ways_on] == ["Begin session 2"]


def test_running_session_is_not_resumed(data: Path) -> None:
    """A session that a program holds is said to be running, and no way leads into it."""
    who = record(data, "P01")
    with filelock.FileLock(Study(data, "classic").spool / f".{who.stem}.lock"):
        checked = Form(data).check(replace(GOOD, resume=True))
    assert "is running in another program" in checked.problems["session"]
    assert Form(data).check(replace(GOOD, resume=True)).problems == {}


def test_language_follows_the_protocol(data: Path) -> None:
    """Choosing a protocol chooses its language, unless another was chosen."""
    form = Form(data)
    assert form.settled(Answers(), Answers(protocol="demo")).language == "en"
    chosen = Answers(protocol="classic", language="xx")
    assert form.settled(chosen, replace(chosen, protocol="demo")).language == "xx"


def test_choices_name_protocols_languages_and_screens(data: Path) -> None:
    """What can be chosen is what is there; a protocol given as a file stands among them."""
    form = Form(data, TWO)
    assert list(form.choices("protocol", GOOD)) == definitions.names("protocols")
    assert "my.toml" in form.choices("protocol", Answers(protocol="my.toml"))
    assert form.choices("language", GOOD) == {"en": "English (en)"}
    assert form.choices("screen", GOOD) == {"0": "0: 1920 × 1080, right", "1": "1: 1280 × 1024, left"}
    assert form.choices("participant", GOOD) == {}


def test_everything_given_asks_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Protocol and participant are enough: session 1, the protocol's language, the first screen."""
    monkeypatch.setattr(starting, "why_no_dialog", lambda: pytest.fail("looked for a dialog"))
    monkeypatch.setattr(sys, "stdin", Tty())
    found = complete({"protocol": "classic", "participant": "P01", "data": data, "seed": 0, "screen": 1})
    assert found == Start("classic", Who("P01", "01"), data, seed=0, screen=1)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"participant": "P 1"}, "'P 1' is not allowed"),
        ({"session": 0}, "1 to 99"),
        ({"experimenter": "Dr Smith"}, "'Dr Smith' is not allowed"),
    ],
)
def test_everything_given_but_not_allowed_is_refused(given: dict[str, object], words: str) -> None:
    """The form of codes and numbers is checked before anything is opened."""
    with pytest.raises(StudyError, match=words):
        complete({"protocol": "classic", "participant": "P01", **given})


@pytest.mark.usefixtures("no_dialog")
def test_nobody_to_ask_is_a_wrong_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without display and terminal the missing options are named, in one line, with exit code 2."""
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(StudyError) as refused:
        complete({"protocol": "classic"})
    assert str(refused.value).startswith("--participant CODE missing")
    assert "there is no display" in str(refused.value)
    assert expected_errors()[StudyError] == 2
    with pytest.raises(StudyError, match="PROTOCOL and --participant CODE missing"):
        complete({})


def test_without_a_display_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer could make a session run here: one line at once, exit code 1, also where a person is."""
    monkeypatch.setattr(starting, "why_no_display", lambda: "there is no display")
    shown = sit_down(monkeypatch, "classic\n")
    with pytest.raises(StageError, match="there is no display, and a session needs one"):
        complete({"protocol": "classic"})
    assert shown.getvalue() == ""
    assert expected_errors()[StageError] == 1


def test_taking_over_is_for_a_session_that_is_resumed() -> None:
    """Alone it would be passed over in silence."""
    with pytest.raises(StudyError, match="add --resume"):
        complete({"protocol": "classic", "participant": "P01", "take_over": True})


def test_placeholder_is_said_below_the_protocol(tmp_path: Path, data: Path) -> None:
    """The experimenter learns in the dialog, too, that participants would read a placeholder."""
    assert "contact is still a placeholder" in Form(data).check(GOOD).remarks["protocol"]


@pytest.mark.usefixtures("no_dialog")
def test_terminal_asks_for_what_is_missing(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the terminal a wrong answer is told and asked again; what leaves no choice is not asked."""
    shown = sit_down(monkeypatch, "clasic\ndemo\nP 1\nP01\n\nAB\n")
    found = complete({"data": data})
    assert found == Start(
        "demo", Who("P01", "01"), data, language="en", experimenter="AB", asked_in="terminal"
    )
    assert capsys.readouterr().out == ""
    said = shown.getvalue()
    assert "did you mean 'classic'?" in said
    assert "'P 1' is not allowed" in said
    assert "[P 1]" not in said
    assert "Language" not in said
    assert "Screen" not in said
    assert remembered() == {"protocol": "demo", "screen": "0"}


@pytest.mark.usefixtures("no_dialog")
def test_last_protocol_is_offered_again(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Return alone keeps what was chosen last time; one that is gone is not offered."""
    remember(replace(GOOD, protocol="within_gradual"))
    sit_down(monkeypatch, "\nP01\n\n\n")
    found = complete({"data": data})
    assert found is not None
    assert found.protocol == "within_gradual"
    remember(replace(GOOD, protocol="gone"))
    sit_down(monkeypatch, "\nP02\n\n\n")
    found = complete({"data": data})
    assert found is not None
    assert found.protocol == "classic"


@pytest.mark.parametrize("left", ["", "nonsense", "[]", '{"protocol": 3}'])
def test_memory_that_cannot_be_read_is_no_memory(data: Path, left: str) -> None:
    """Whatever lies there, a session can start."""
    memory.memory_file().parent.mkdir()
    memory.memory_file().write_text(left, encoding="utf-8")
    assert remembered() == {}


@pytest.mark.usefixtures("no_dialog")
def test_end_of_input_starts_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-D at any question is no answer."""
    sit_down(monkeypatch, "classic\n")
    assert complete({"data": data}) is None


def test_terminal_offers_the_ways_on(data: Path) -> None:
    """An existing session is resumed by the letter before that way."""
    record(data, "P01")
    console = Typed("P01", "", "a", "")
    found = ask_in_terminal(Form(data), replace(GOOD, participant=""), {"protocol": "classic"}, console)
    assert found == replace(GOOD, resume=True)
    assert "  a  Resume session 1" in console.said
    assert "  b  Begin session 2" in console.said


def test_terminal_asks_again_for_what_was_given_wrong(data: Path) -> None:
    """A wrong option is told and asked for; a right one is not asked."""
    console = Typed("P01", "2", "", "1")
    given = {"protocol": "classic", "session": 0, "screen": 7}
    found = ask_in_terminal(
        Form(data, TWO), Answers("classic", session="0", language="en", screen="7"), given, console
    )
    assert found == replace(GOOD, session="2", screen="1")
    assert not any(said.startswith("Protocol") for said in console.said)
    assert any("session 0 is not allowed" in said for said in console.said)


def finished(data: Path, outcome: str = "completed") -> Finished:
    """Return how a session of P01 went."""
    study = Study(data, "classic")
    return Finished(outcome, study.dataset, study.journal(Who("P01", "01")), ())


def notes_kept(data: Path) -> list[str]:
    """Return the notes in the private record of P01."""
    file = Study(data, "classic").private_journal(Who("P01", "01"))
    return [event["text"] for event in journal.read(file).all("note")] if file.is_file() else []


REQUEST_KEYS = ("classic", Who("P01", "01"))


def test_notes_are_kept_in_the_private_record(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines typed until an empty one are one note, outside the dataset."""
    sit_down(monkeypatch, "phone rang\nin run 1\n\n")
    notes(Request(*REQUEST_KEYS, data), finished(data))
    assert notes_kept(data) == ["phone rang\nin run 1"]
    assert not (data / "classic").exists()


def test_notes_go_on_in_a_record_that_is_there(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second part of a session adds to the notes of the first."""
    for text in ("first", "second"):
        sit_down(monkeypatch, f"{text}\n\n")
        notes(Request(*REQUEST_KEYS, data), finished(data))
    assert notes_kept(data) == ["first", "second"]


@pytest.mark.parametrize(
    ("stdin", "stderr", "outcome"),
    [
        (io.StringIO("unasked\n"), Tty(), "completed"),
        (Tty("unasked\n"), io.StringIO(), "completed"),
        (Tty("\n"), Tty(), "completed"),
        (Tty("late\n"), Tty(), "terminated"),
    ],
)
def test_no_note_leaves_no_file(
    data: Path, monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO, stderr: io.StringIO, outcome: str
) -> None:
    """In a script, with nothing to say, or when the system ends the program, no note is waited for."""
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(sys, "stderr", stderr)
    notes(Request(*REQUEST_KEYS, data), finished(data, outcome))
    assert notes_kept(data) == []
    assert (stdin.tell() > 0) == (stdin.getvalue() == "\n")


def test_note_that_cannot_be_kept_is_shown(data: Path) -> None:
    """A full disk does not lose what was typed."""
    Study(data, "classic").spool.parent.write_text("in the way", encoding="utf-8")
    told: list[str] = []
    keep_note(Request(*REQUEST_KEYS, data), finished(data), "phone rang", told.append)
    assert len(told) == 1
    assert "phone rang" in told[0]


def test_note_is_shown_where_its_folder_hangs(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a session whose share has stopped answering, the program still ends."""
    answers = threading.Event()
    monkeypatch.setattr(noting, "KEPT_S", 0.2, raising=False)
    monkeypatch.setattr(noting, "Private", lambda *_: answers.wait(5))
    told: list[str] = []
    began = time.monotonic()
    keep_note(Request(*REQUEST_KEYS, data), finished(data), "phone rang", told.append)
    answers.set()
    assert time.monotonic() - began < 3
    assert len(told) == 1
    assert "has not answered" in told[0]
    assert "phone rang" in told[0]


def test_no_display_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a display the reason names the variable, and what only Wayland lacks."""
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert "DISPLAY is not set" in qt.why_no_dialog()
    assert qt.monitors() == ()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert "XWayland" in qt.why_no_dialog()


def test_display_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A display that nobody serves would end the interpreter once Qt tried it."""
    if not sys.platform.startswith("linux"):
        pytest.skip("only X refuses so")
    monkeypatch.setenv("DISPLAY", ":987")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    assert qt.why_no_dialog() in (
        "the display :987 cannot be reached",
        "the dialog needs libxcb.so.1, which is missing ('python lab.py setup' installs it on Debian)",
    )


def test_missing_library_is_named() -> None:
    """The first library that Qt's part for X lacks is said by its name."""

    def load(_file: str) -> object:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file or directory")

    assert "libxcb-cursor.so.0" in qt._missing_library(load)
    assert qt._missing_library(lambda _file: None) == ""


@pytest.mark.parametrize(
    ("xs", "labels"),
    [
        ((0,), ["0: 8 × 6"]),
        ((0, 8, -8), ["0: 8 × 6, middle", "1: 8 × 6, right", "2: 8 × 6, left"]),
        ((0, 0), ["0: 8 × 6, at 0, 0", "1: 8 × 6, at 0, 0"]),
        (
            (0, 8, 16, 24),
            ["0: 8 × 6, left", "1: 8 × 6, 2 from the left", "2: 8 × 6, 3 from the left", "3: 8 × 6, right"],
        ),
    ],
)
def test_monitors_are_named_by_where_they_stand(xs: tuple[int, ...], labels: list[str]) -> None:
    """Numbers alone do not tell an experimenter which monitor is meant."""
    among = [Monitor(i, 8, 6, x, 0) for i, x in enumerate(xs)]
    assert [qt.label(monitor, among) for monitor in among] == labels


def test_asking_loads_no_psychopy() -> None:
    """A run that needs no dialog, and a terminal without a screen, never wait for PsychoPy or Qt."""
    code = "import sys, experiment.asking; print({'psychopy', 'PyQt6', 'pyglet'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"


def test_a_protocol_with_pain_waits_for_the_ceilings(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dialog says so at the protocol, and takes it as soon as they are typed in."""
    answers = replace(GOOD, protocol="exclusion_cold_pressor")
    monkeypatch.setattr("experiment.asking.form.read_laboratory", lambda: None)
    form = Form(data)
    assert "laboratory has typed in its ceilings" in form.check(answers).problems["protocol"]
    agreed = {"level": 4.0, "unit": "°C", "duration_s": 180.0, "number": 1, "agreed": "the tests"}
    found = Laboratory.of_record({"ceilings": {"cold": agreed}})
    monkeypatch.setattr("experiment.asking.form.read_laboratory", lambda: found)
    assert form.check(answers).problems == {}
