"""PsychoPy's own dialog before a session, what is wrong said below each field as it is typed; notes after it.

Import this only where `experiment.stage.qt.why_no_dialog` finds nothing in the way.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from types import FrameType
from typing import Any

from psychopy import gui, logging
from PyQt6 import QtCore, QtGui, QtWidgets

from experiment.asking import QUESTIONS, Answers, Asked, Checked, Form, WayOn, taken
from experiment.stage import palette

logging.console.setLevel(logging.ERROR)

TITLE = "Ball game"
WIDTH_PX = 400
MISTAKE = "#a3271b"
LOOK = f"""
QWidget {{ font-size: 11pt; }}
QDialog {{ background: {palette.PAPER}; }}
QLabel {{ color: {palette.INK}; }}
QLabel#title {{ font-size: 17pt; font-weight: 600; }}
QLabel[kind="said"] {{ color: {palette.QUIET}; font-size: 9.5pt; }}
QLabel[kind="wrong"] {{ color: {MISTAKE}; font-size: 9.5pt; }}
QLineEdit, QPlainTextEdit {{
    background: {palette.WHITE}; color: {palette.INK}; border: 1px solid {palette.FIELD};
    border-radius: 4px; padding: 5px 8px;
    selection-background-color: {palette.ACCENT};
}}
QLineEdit:focus, QPlainTextEdit:focus {{ border: 2px solid {palette.ACCENT}; padding: 4px 7px; }}
QLineEdit[wrong="true"] {{ border: 2px solid {MISTAKE}; padding: 4px 7px; }}
QComboBox {{ min-height: 28px; padding-left: 5px; color: {palette.INK}; }}
QComboBox:disabled {{ color: {palette.QUIET}; }}
QPushButton {{
    background: {palette.WHITE}; color: {palette.INK}; border: 1px solid {palette.FIELD};
    border-radius: 4px; padding: 6px 16px;
}}
QPushButton:hover {{ background: {palette.TINT}; }}
QPushButton:focus {{ border: 2px solid {palette.ACCENT}; padding: 5px 15px; }}
QPushButton[kind="way"] {{ padding: 3px 10px; font-size: 9.5pt; color: {palette.ACCENT_DEEP}; }}
QPushButton[kind="way"]:focus {{ padding: 2px 9px; }}
QPushButton#go {{
    background: {palette.ACCENT}; color: {palette.WHITE}; font-weight: 600;
    border-color: {palette.ACCENT_DEEP};
}}
QPushButton#go:focus {{ border: 2px solid {palette.INK}; }}
QPushButton#go:hover {{ background: {palette.ACCENT_DEEP}; }}
QPushButton#go:disabled {{
    background: {palette.HAIRLINE}; color: {palette.QUIET}; border-color: {palette.HAIRLINE};
}}
"""


def ask_start(form: Form, answers: Answers) -> Answers | None:
    """Show the dialog until its answers hold; None where it is cancelled. It is gone when this returns."""
    dialog = StartDialog(form, answers)
    with _shown(dialog):
        dialog.show()
        return dialog.answers if dialog.OK else None


def ask_notes(heading: str) -> str:
    """Ask for notes on a session; closing the dialog keeps what was typed, only its button discards it."""
    dialog = NotesDialog(heading)
    with _shown(dialog):
        dialog.show()
        return dialog.text()


@dataclass(slots=True)
class _Row:
    """A question on the dialog: its field, what is said below it, and what can be done about it."""

    question: Asked
    box: QtWidgets.QWidget
    said: QtWidgets.QLabel
    ways: QtWidgets.QHBoxLayout
    values: list[str]
    touched: bool


class _Plain(gui.Dlg):  # type: ignore[misc]  # PsychoPy has no types
    """PsychoPy's dialog, with our look and our words on its buttons."""

    def __init__(self, heading: str, go: str, leave: str) -> None:
        super().__init__(title=TITLE)
        hints = QtGui.QGuiApplication.styleHints()
        if hints is not None:
            hints.setColorScheme(QtCore.Qt.ColorScheme.Light)
        self.requiredMsg.hide()
        self.layout.setContentsMargins(28, 22, 28, 22)
        self.layout.setVerticalSpacing(3)
        self.layout.setHorizontalSpacing(18)
        self.layout.setColumnMinimumWidth(1, WIDTH_PX)
        self.okBtn.setText(go)
        self.okBtn.setObjectName("go")
        self.okBtn.setDefault(True)
        self.cancelBtn.setText(leave)
        self.cancelBtn.setAutoDefault(False)
        for button in (self.okBtn, self.cancelBtn):
            button.setIcon(QtGui.QIcon())
        self.buttonBox.setContentsMargins(0, 14, 0, 0)
        title = self.addText(heading)
        title.setObjectName("title")
        title.setContentsMargins(0, 0, 0, 12)
        self.setStyleSheet(LOOK)

    def say(self, text: str) -> QtWidgets.QLabel:
        """Add a quiet line under what was added last."""
        label = QtWidgets.QLabel(text, parent=self)
        label.setProperty("kind", "said")
        label.setWordWrap(True)
        label.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        self.layout.addWidget(label, self.irow, 1)
        self.irow += 1
        return label


class StartDialog(_Plain):
    """The questions before a session; its button works only while all answers hold."""

    def __init__(self, form: Form, answers: Answers) -> None:
        super().__init__("Start a session", "Start session", "Cancel")
        self.form = form
        self.answers = answers
        self.rows: dict[str, _Row] = {}
        for question in QUESTIONS:
            self._add(question)
        self.validate()

    def _add(self, question: Asked) -> None:
        choices = self.form.choices(question.name, self.answers)
        now = getattr(self.answers, question.name)
        values = list(choices)
        box: Any = self.addField(
            question.name,
            now,
            choices=list(choices.values()) or None,
            label=question.label,
            tip=question.hint,
        )
        if values:
            box.setCurrentIndex(values.index(now) if now in values else 0)
            box.setEnabled(len(values) > 1)
            box.currentIndexChanged.connect(lambda _: self.validate())
        else:
            box.setMaxLength(200)
            box.setEnabled(question.name != "screen")
        said = self.say("")
        ways = QtWidgets.QHBoxLayout()
        ways.setContentsMargins(0, 0, 0, 8)
        ways.setSpacing(8)
        self.layout.addLayout(ways, self.irow, 1)
        self.irow += 1
        self.rows[question.name] = _Row(question, box, said, ways, values, touched=bool(now))

    def validate(self) -> None:
        """Read the fields, say what is wrong with them, and let the session start or not: at every change."""
        if not getattr(self, "rows", None) or len(self.rows) < len(QUESTIONS):
            return  # the fields are still being made
        try:
            self._read()
            self._judge(self.form.check(self.answers))
        except Exception as fault:  # noqa: BLE001 - Qt ends the interpreter at an exception in what it calls
            self._judge(Checked({"protocol": f"the study cannot be read ({fault})"}, {}))

    def _read(self) -> None:
        """Take over what the fields hold, and show what follows from it in other fields."""
        now = {name: _value(row) for name, row in self.rows.items()}
        for name, text in now.items():
            self.rows[name].touched |= text != getattr(self.answers, name)
        change: dict[str, Any] = {name: text for name, text in now.items() if text or self.rows[name].touched}
        self._take(self.form.settled(self.answers, replace(self.answers, **change)))

    def _take(self, answers: Answers) -> None:
        self.answers = answers
        for name, row in self.rows.items():
            if name == "language":
                _offer(row, self.form.choices(name, answers))
            _set(row, getattr(answers, name))

    def _judge(self, checked: Checked) -> None:
        for name, row in self.rows.items():
            problem = checked.problems.get(name, "")
            wrong = bool(problem) and row.touched
            text = problem if wrong else checked.remarks.get(name, row.question.hint)
            row.said.setText(text)
            row.said.setVisible(bool(text))
            _mark(row.said, "kind", "wrong" if wrong else "said")
            _mark(row.box, "wrong", "true" if wrong else "false")
            row.box.setAccessibleDescription(text)
        self._offer_ways(checked.ways_on)
        self.okBtn.setEnabled(not checked.problems)
        QtCore.QTimer.singleShot(0, self.adjustSize)

    def _offer_ways(self, ways_on: Sequence[WayOn]) -> None:
        ways = self.rows["session"].ways
        while ways.count():
            item = ways.takeAt(0)
            button = item.widget() if item is not None else None
            if button is not None:
                button.hide()
                button.deleteLater()
        for way in ways_on:
            button = QtWidgets.QPushButton(way.label, self)
            button.setAutoDefault(False)
            button.setProperty("kind", "way")
            button.clicked.connect(lambda _=False, way=way: self._go_on(way))
            ways.addWidget(button)
        if ways_on:
            ways.addStretch(1)
        _in_order(self)

    def _go_on(self, way: WayOn) -> None:
        self._take(taken(self.form, self.answers, way))
        self.validate()
        (self.okBtn if self.okBtn.isEnabled() else self.rows["session"].box).setFocus()

    def first(self) -> QtWidgets.QWidget:
        """Return the field to begin with: the participant's code, unless it is there already."""
        empty = [
            row.box
            for row in self.rows.values()
            if isinstance(row.box, QtWidgets.QLineEdit) and not row.box.text()
        ]
        return empty[0] if empty else self.rows["participant"].box


class NotesDialog(_Plain):
    """The experimenter's notes after a session."""

    def __init__(self, heading: str) -> None:
        super().__init__("Session ended", "Keep note", "No note")
        self.addText(heading).setContentsMargins(0, 0, 0, 6)
        self.addText("Anything that went otherwise than planned?").setContentsMargins(0, 0, 0, 4)
        self.edit = QtWidgets.QPlainTextEdit(self)
        self.edit.setTabChangesFocus(True)
        self.edit.setMinimumSize(WIDTH_PX + 80, 130)
        self.edit.setAccessibleName("Notes")
        self.edit.textChanged.connect(lambda: self.okBtn.setEnabled(bool(self.edit.toPlainText().strip())))
        self.layout.addWidget(self.edit, self.irow, 0, 1, 2)
        self.irow += 1
        said = QtWidgets.QLabel("Kept apart from the data, and never shared with it. No names.", parent=self)
        said.setProperty("kind", "said")
        said.setContentsMargins(0, 0, 0, 10)
        self.layout.addWidget(said, self.irow, 0, 1, 2)
        self.irow += 1
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


def _value(row: _Row) -> str:
    if isinstance(row.box, QtWidgets.QComboBox):
        index = row.box.currentIndex()
        return row.values[index] if 0 <= index < len(row.values) else ""
    return row.box.text().strip() if isinstance(row.box, QtWidgets.QLineEdit) else ""


def _set(row: _Row, text: str) -> None:
    """Show an answer without telling anybody that it changed; what is being typed stays as it is."""
    if _value(row) == text:
        return
    with _silently(row.box):
        if isinstance(row.box, QtWidgets.QComboBox) and text in row.values:
            row.box.setCurrentIndex(row.values.index(text))
        elif isinstance(row.box, QtWidgets.QLineEdit):
            row.box.setText(text)


def _offer(row: _Row, choices: Mapping[str, str]) -> None:
    """Change what a combo box offers."""
    values = list(choices)
    if values == row.values or not isinstance(row.box, QtWidgets.QComboBox):
        return
    with _silently(row.box):
        row.box.clear()
        for shown in choices.values():
            row.box.addItem(shown, (shown,))
        row.values = values
        row.box.setEnabled(len(values) > 1)


@contextmanager
def _silently(box: QtWidgets.QWidget) -> Iterator[None]:
    before = box.blockSignals(True)
    try:
        yield
    finally:
        box.blockSignals(before)


def _mark(widget: QtWidgets.QWidget, name: str, value: str) -> None:
    """Set a property that the look depends on."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)


def _in_order(dialog: StartDialog) -> None:
    """Let the Tab key go down the fields, over the ways on where they stand, to the buttons."""
    order: list[QtWidgets.QWidget] = []
    for row in dialog.rows.values():
        order.append(row.box)
        items = [row.ways.itemAt(i) for i in range(row.ways.count())]
        widgets = [item.widget() for item in items if item is not None]
        order += [widget for widget in widgets if widget is not None]
    order += [dialog.okBtn, dialog.cancelBtn]
    for one, next_one in pairwise(order):
        QtWidgets.QWidget.setTabOrder(one, next_one)


@contextmanager
def _shown(dialog: StartDialog | NotesDialog) -> Iterator[None]:
    """Begin at the right field, let signals end the dialog, and leave nothing of it behind."""
    dialog.adjustSize()
    QtCore.QTimer.singleShot(0, lambda: dialog.first().setFocus())
    beat = QtCore.QTimer(dialog)
    beat.timeout.connect(lambda: None)  # lets Python see a signal while Qt waits
    beat.start(200)

    def end(_number: int, _frame: FrameType | None) -> None:
        dialog.reject()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        beat.stop()
        dialog.hide()
        dialog.deleteLater()
        application = QtWidgets.QApplication.instance()
        if application is not None:
            application.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
            application.processEvents()
