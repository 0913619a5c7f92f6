"""The dialog that starts a session, on a real display, with a person's keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.window.conftest import Desk

pytestmark = pytest.mark.window

# Asks for a session as `spot` does, tells what the dialog shows whenever that changes, then opens PsychoPy's
# window in the same process, and at last asks for notes.
PROGRAM = """
import json, sys
from pathlib import Path

folder = Path(sys.argv[1])
given = json.loads(sys.argv[2])

def tell(**row):
    with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(row) + "\\n")

from experiment import asking
from experiment.runner import Finished
from experiment.stage.qt import use_checked_platform
from experiment.study import Study
use_checked_platform()
from PyQt6 import QtCore, QtWidgets
from experiment.stage import end_dialogs, start_dialog

class Told(start_dialog.StartDialog):
    def _judge(self, checked):
        super()._judge(checked)
        wrong = {n: r.said.text() for n, r in self.rows.items() if r.said.property("kind") == "wrong"}
        ways = [r.ways.itemAt(i).widget() for r in self.rows.values() for i in range(r.ways.count())]
        tell(event="shown", wrong=wrong, ok=self.okBtn.isEnabled(), ways=[w.text() for w in ways if w],
             values={n: start_dialog._value(r) for n, r in self.rows.items()})

def when_focused(event):
    QtWidgets.QApplication.processEvents()
    box = QtWidgets.QApplication.focusWidget()
    if box is None:
        QtCore.QTimer.singleShot(20, lambda: when_focused(event))
    else:
        tell(event=event, box=type(box).__name__)

def told(kind, event):
    class Ready(kind):
        def first(self):
            QtCore.QTimer.singleShot(20, lambda: when_focused(event))
            return super().first()
    return Ready

start_dialog.StartDialog = told(Told, "asking")
end_dialogs.NotesDialog = told(end_dialogs.NotesDialog, "asking_notes")
end_dialogs.RefusalDialog = told(end_dialogs.RefusalDialog, "refusing")
request = asking.complete({**given, "data": folder / "data"})
tell(event="request", request=repr(request))
if request is not None:
    from psychopy import visual
    window = visual.Window((400, 300), pos=(0, 0), color="#e2543c", units="pix", checkTiming=False)
    window.flip()
    tell(event="window")
    while not (folder / "close").exists():
        window.flip()
        window.winHandle.dispatch_events()
    window.close()
    if (folder / "refuse").exists():
        reason = "the window cannot be opened (no matching mode found); check the graphics driver"
        asking.tell_refusal(request, reason)
        tell(event="refused")
        sys.exit(1)
    study = Study(request.data, "classic")
    request.data.mkdir(exist_ok=True)  # as the session would have; a folder that has gone is not begun anew
    finished = Finished("completed", study.dataset, study.journal(request.who), ())
    asking.notes(request, finished, request.asked_in)
    tell(event="end")
"""


class Person:
    """Starts the program on a desk and reads what it tells."""

    def __init__(self, desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch, **given: object) -> None:
        monkeypatch.setenv("SPOT_SPOOL", str(folder / "spool"))
        monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        self.desk = desk
        self.folder = folder
        self.program = desk.start("-c", PROGRAM, folder, json.dumps(given))

    def sees(self, event: str, **expected: Any) -> dict[str, Any]:
        """Wait until the last row of a kind has these values."""

        def look() -> dict[str, Any] | None:
            rows = [row for row in self.desk.rows(self.folder / "log.jsonl") if row["event"] == event]
            last = rows[-1] if rows else None
            return last if last and all(last[name] == value for name, value in expected.items()) else None

        return self.desk.wait_for(look, f"{event} {expected}")

    def retypes(self, text: str) -> None:
        """Write over what the field holds."""
        self.desk.tap("ctrl+a")
        self.desk.write(text)


def test_wrong_code_holds_the_session_back_until_it_is_right(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is typed is checked at once, Return starts; a window and the notes follow in the same program."""
    person = Person(desk, tmp_path, monkeypatch)
    person.sees("asking", box="QLineEdit")
    person.sees("shown", wrong={}, ok=False)

    desk.write("P 1")
    refused = person.sees("shown", ok=False, values={**BLANK, "participant": "P 1"})
    assert "'P 1' is not allowed" in refused["wrong"]["participant"]
    desk.tap("Return")
    picture = desk.picture()
    assert _share(picture, (163, 39, 27)) > 1e-4, "the problem is not shown in its colour"
    picture.save(tmp_path / "refused.png")

    person.retypes("P07")
    person.sees("shown", wrong={}, ok=True, values={**BLANK, "participant": "P07"})
    assert not [row for row in desk.rows(tmp_path / "log.jsonl") if row["event"] == "request"]
    desk.picture().save(tmp_path / "accepted.png")
    desk.tap("Tab")
    person.retypes("2")
    person.sees("shown", wrong={}, ok=True, values={**BLANK, "participant": "P07", "session": "2"})
    desk.tap("Return")
    request = person.sees("request")["request"]
    assert "Who(code='P07', session='02')" in request
    assert "language='en'" in request
    assert "screen=0" in request
    assert "asked_in='dialog'" in request

    person.sees("window")
    desk.wait_for(lambda: desk.picture().getpixel((200, 150)) == (226, 84, 60), "the window's colour")
    assert _share(desk.picture(), (246, 243, 237)) == 0, "the dialog is still there"
    (tmp_path / "close").touch()

    person.sees("asking_notes", box="QPlainTextEdit")
    desk.write("phone rang")
    desk.picture().save(tmp_path / "notes.png")
    desk.tap("ctrl+Return")
    person.sees("end")
    assert person.program.wait(15) == 0
    (private,) = (tmp_path / "data" / "private" / "classic").glob("*.jsonl")
    assert [row["text"] for row in desk.rows(private) if row["event"] == "note"] == ["phone rang"]


def test_existing_session_is_refused_with_a_way_on(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The button below the session leads to the next number, by the keyboard alone."""
    claimed = tmp_path / "data" / "classic" / "sourcedata" / "allocation"
    claimed.mkdir(parents=True)
    (claimed / "code-P07_ses-01.json").write_text("{}", encoding="utf-8")
    person = Person(desk, tmp_path, monkeypatch)
    person.sees("asking", box="QLineEdit")
    desk.write("P07")
    shown = person.sees("shown", ok=False, ways=["Begin session 1 anew", "Begin session 2"])
    assert set(shown["wrong"]) == {"session"}
    desk.picture().save(tmp_path / "exists.png")
    desk.tap("Tab", "Tab", "Tab", "space")
    person.sees("shown", ok=True, ways=[], values={**BLANK, "participant": "P07", "session": "2"})
    desk.tap("Return")
    assert "session='02'" in person.sees("request")["request"]


def test_late_refusal_is_shown_where_the_session_was_asked_for(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who started with a double click sees no terminal; Return closes what they are told."""
    person = Person(desk, tmp_path, monkeypatch, participant="P07")
    person.sees("shown", ok=True)
    person.sees("asking")
    desk.tap("Return")
    person.sees("window")
    (tmp_path / "refuse").touch()
    (tmp_path / "close").touch()
    person.sees("refusing")
    desk.picture().save(tmp_path / "refusal.png")
    desk.tap("Return")
    desk.wait_for(lambda: desk.rows(tmp_path / "log.jsonl")[-1]["event"] == "refused", "the end")


@pytest.mark.parametrize("how", ["Escape", "close", "interrupt"])
def test_leaving_the_dialog_starts_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Escape, the close button and Ctrl-C in the terminal leave no trace."""
    person = Person(desk, tmp_path, monkeypatch, participant="P07")
    person.sees("asking")
    match how:
        case "Escape":
            desk.tap("Escape")
        case "close":
            desk.close_window("Ball game")
        case _:
            person.program.send_signal(2)
    assert person.sees("request")["request"] == "None"
    assert person.program.wait(15) == 0
    assert not (tmp_path / "data").exists()


BLANK = {
    "protocol": "classic", "participant": "", "session": "1",
    "language": "en", "experimenter": "", "screen": "0",
}  # fmt: skip


def _share(picture: Any, colour: tuple[int, int, int]) -> float:
    """Return which share of a picture has a colour."""
    counted = {found: count for count, found in picture.getcolors(1 << 24)}
    return float(counted.get(colour, 0) / (picture.width * picture.height))
