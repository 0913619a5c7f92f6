"""The dialogs at the end: why a session was not run, or the experimenter's notes after it.

Import this only where `experiment.stage.qt.why_no_dialog` finds nothing in the way.
"""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6 import QtGui, QtWidgets

from experiment.stage.plain_dialog import WIDTH_PX, Plain, shown


def ask_notes(heading: str, problems: Sequence[str] = ()) -> str:
    """Ask for notes on a session; closing the dialog keeps what was typed, only its button discards it."""
    dialog = NotesDialog(heading, problems)
    with shown(dialog):
        dialog.show()
        return dialog.text()


def show_refusal(problem: str) -> None:
    """Say why a session was not run, until the experimenter has read it."""
    dialog = RefusalDialog(problem)
    with shown(dialog):
        dialog.show()


class NotesDialog(Plain):
    """The experimenter's notes after a session."""

    def __init__(self, heading: str, problems: Sequence[str] = ()) -> None:
        super().__init__("Session ended", "Keep note", "No note")
        self.addText(heading).setContentsMargins(0, 0, 0, 6)
        for problem in problems:
            self.say(problem, across=True).setContentsMargins(0, 0, 0, 6)
        self.addText("Anything that went otherwise than planned?").setContentsMargins(0, 0, 0, 4)
        self.edit = QtWidgets.QPlainTextEdit(self)
        self.edit.setTabChangesFocus(True)
        self.edit.setMinimumSize(WIDTH_PX + 80, 130)
        self.edit.setAccessibleName("Notes")
        self.edit.textChanged.connect(lambda: self.okBtn.setEnabled(bool(self.edit.toPlainText().strip())))
        self.layout.addWidget(self.edit, self.irow, 0, 1, 2)
        self.irow += 1
        kept = self.say("Kept apart from the data, and never shared with it. No names.", across=True)
        kept.setContentsMargins(0, 0, 0, 10)
        self.okBtn.setEnabled(False)
        self._discarded = False
        self.cancelBtn.clicked.connect(self._discard)
        send = QtGui.QShortcut(QtGui.QKeySequence("Ctrl+Return"), self)
        send.activated.connect(self.okBtn.click)

    def _discard(self) -> None:
        self._discarded = True

    def text(self) -> str:
        """Return what was typed, unless the button said to keep nothing."""
        return "" if self._discarded and not self.OK else self.edit.toPlainText().strip()

    def validate(self) -> None:
        """Do nothing: a note may say anything."""

    def first(self) -> QtWidgets.QWidget:
        """Return the field to begin with."""
        return self.edit


class RefusalDialog(Plain):
    """Why a session was not run."""

    def __init__(self, problem: str) -> None:
        super().__init__("No session was run", "Close", "")
        self.cancelBtn.hide()
        self.say(problem, "plain", across=True).setMinimumWidth(WIDTH_PX)

    def validate(self) -> None:
        """Do nothing: there is nothing to fill in."""
