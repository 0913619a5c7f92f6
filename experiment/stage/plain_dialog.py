"""PsychoPy's own dialog in our look, shown so that signals end it and nothing of it stays behind.

Import this only where `experiment.stage.qt.why_no_dialog` finds nothing in the way.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from psychopy import gui, logging
from PyQt6 import QtCore, QtGui, QtWidgets

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


class Plain(gui.Dlg):  # type: ignore[misc]  # PsychoPy has no types
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

    def say(self, text: str, kind: str = "said", *, across: bool = False) -> QtWidgets.QLabel:
        """Add a line, quiet unless it is of another kind, below the field above or across the dialog."""
        label = QtWidgets.QLabel(text, parent=self)
        label.setProperty("kind", kind)
        label.setWordWrap(True)
        label.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        self.layout.addWidget(label, self.irow, 0 if across else 1, 1, 2 if across else 1)
        self.irow += 1
        return label

    def fit(self) -> None:
        """Be as large as all that is on it; Qt's own `adjustSize` stops at two thirds of the screen."""
        self.layout.activate()
        self.resize(self.layout.totalSizeHint())

    def first(self) -> QtWidgets.QWidget:
        """Return the field to begin with."""
        return self.okBtn  # type: ignore[no-any-return]  # PsychoPy has no types


@contextmanager
def shown(dialog: Plain) -> Iterator[None]:
    """Begin at the right field, let signals end the dialog, and leave nothing of it behind."""
    dialog.fit()
    QtCore.QTimer.singleShot(0, dialog.fit)  # PsychoPy adds the buttons only when it shows the dialog
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
