"""The window as a witness of the keyboard's driver, which can die without a word.

The window tells of each key that it gets, later and less exactly than the driver. A key of which the driver
keeps silent is taken from the window after a while, with the uncertainty that goes with it; should the
driver tell of it later still, that is the same press and is dropped.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from experiment.booth import Press
from experiment.stage.strokes import Mark

PATIENCE_S = 0.25
"""So long the driver may keep silent about a key before the window's word is taken."""

APART_S = 0.25
"""Driver and window tell of one press with stamps no further apart, beyond the window's uncertainty."""

BEHIND_S = 2.0
"""The window may tell so much later of a key that both call the same, as through an input method."""

KEPT_S = 5.0
SAME_EVERYWHERE = frozenset({
    "left", "right", "up", "down", "return", "escape", "backspace", "tab", "space", "home", "end",
    "pageup", "pagedown", "insert", "delete", *(f"f{number}" for number in range(1, 13)),
})  # fmt: skip
"""Keys with one name on every layout. Of the others, the driver may know the place and the window the sign:
there any of one stands for any of the other, for a live driver tells of each."""

KEYPAD = dict(zip(
    "0123456789",
    ("insert", "end", "down", "pagedown", "left", "clear", "right", "home", "up", "pageup"),
    strict=True,
))  # fmt: skip
"""What windows call the keypad's digits while Num Lock is off; the driver knows the key alone."""


def _alike(told: str, stamped: str) -> bool:
    return told in (stamped, KEYPAD.get(stamped)) or not {told, stamped} & SAME_EVERYWHERE


def _one_press(mark: Mark, press: Press) -> bool:
    earliest = mark.at - mark.uncertainty_s - (BEHIND_S if mark.key == press.key else APART_S)
    return _alike(mark.key, press.key) and earliest <= press.at <= mark.at + APART_S


def _without(marks: list[Mark], presses: Sequence[Press]) -> list[Press]:
    """Return the presses that have no mark; the others take theirs off the list, by name where possible."""
    left = list(presses)
    for exactly in (True, False):
        for press in list(left):
            found = (m for m in marks if _one_press(m, press) and (m.key == press.key or not exactly))
            mark = next(found, None)
            if mark is not None:
                marks.remove(mark)
                left.remove(press)
    return left


@dataclass(slots=True)
class Witness:
    """Holds what the window told of keys against what their driver told.

    Attributes
    ----------
    names
        Where a key was told of alone by both, the driver's name for it by the window's.
    down
        Keys that were taken from the window, and when they went down (s, session clock).
    """

    names: dict[str, str] = field(default_factory=dict)
    down: dict[str, float] = field(default_factory=dict)
    _open: list[Mark] = field(default_factory=list)
    _taken: list[Mark] = field(default_factory=list)
    _unseen: list[Press] = field(default_factory=list)

    def hold(
        self, pressed: Sequence[Press], told: Sequence[Mark], now: float
    ) -> tuple[list[Press], list[Press]]:
        """Compare what both told since the last call.

        Returns
        -------
        tuple
            What the driver told without what was taken from the window before; and what is taken from the
            window now.
        """
        self._learn(pressed, told)
        fresh = _without(self._taken, pressed)
        self._open += told
        recent = [press for press in self._unseen if now - press.at < KEPT_S]
        self._unseen = _without(self._open, [*recent, *fresh])
        self._open = [mark for mark in self._open if not mark.again]  # a repeat that is no press of its own
        silent = [mark for mark in self._open if now - mark.at >= PATIENCE_S]
        self._open = [mark for mark in self._open if now - mark.at < PATIENCE_S]
        self._taken = [mark for mark in self._taken if now - mark.at < KEPT_S] + silent
        return fresh, [self._from_window(mark) for mark in silent]

    def astray(self, pressed: Sequence[Press]) -> list[Press]:
        """Return presses of a moment without focus: stray are those of which the window has told nothing."""
        told = [replace(press, stray=press in self._unseen) for press in pressed]
        self._unseen = [press for press in self._unseen if press not in pressed]
        return told

    def held(self, down: Collection[str]) -> dict[str, float]:
        """Return the keys taken from the window that are still down there, and since when."""
        self.down = {key: at for key, at in self.down.items() if key in down}
        return {self.names.get(key, key): at for key, at in self.down.items()}

    def forget(self) -> None:
        """Take nothing from the window of what it has told so far."""
        self._taken += self._open
        self._open = []

    def _learn(self, pressed: Sequence[Press], told: Sequence[Mark]) -> None:
        alone = len(pressed) == len(told) == 1 and not self._open
        if alone and len(pressed[0].key) == 1 and _one_press(told[0], pressed[0]):
            self.names[told[0].key] = pressed[0].key

    def _from_window(self, mark: Mark) -> Press:
        name = self.names.get(mark.key, mark.key)
        self.down[mark.key] = mark.at
        return Press(mark.at, "keyboard", key=name, uncertainty_s=mark.uncertainty_s)
