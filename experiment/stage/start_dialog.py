"""The dialog before a session: what is wrong is said below each field as it is typed.

Import this only where `experiment.stage.qt.why_no_dialog` finds nothing in the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from PyQt6 import QtCore, QtWidgets

from experiment.asking.answers import QUESTIONS, Answers, Asked, Checked, WayOn
from experiment.asking.form import Form, taken
from experiment.stage.plain_dialog import Plain, shown


def ask_start(form: Form, answers: Answers) -> Answers | None:
    """Show the dialog until its answers hold; None where it is cancelled. It is gone when this returns."""
    dialog = StartDialog(form, answers)
    with shown(dialog):
        dialog.show()
        return dialog.answers if dialog.OK else None


@dataclass(slots=True)
class _Row:
    """A question on the dialog: its field, what is said below it, and what can be done about it."""

    question: Asked
    box: QtWidgets.QWidget
    said: QtWidgets.QLabel
    ways: QtWidgets.QHBoxLayout
    values: list[str]
    touched: bool


class StartDialog(Plain):
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
        QtCore.QTimer.singleShot(0, self.fit)

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
        for text in choices.values():
            row.box.addItem(text, (text,))
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
