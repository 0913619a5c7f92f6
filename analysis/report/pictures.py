"""The figures of the analysis, each put into the page where what it shows is told."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from analysis.report.parts import Picture


class Pictures:
    """Figures that are not yet in the page.

    Parameters
    ----------
    drawn
        Name, caption and drawing (an ``svg`` element) of each, in order.
    """

    def __init__(self, drawn: Iterable[tuple[str, str, str]]) -> None:
        self._waiting = {name: Picture(caption, Markup(svg)) for name, caption, svg in drawn}

    def take(self, *words: str) -> list[Picture]:
        """Return the figures whose names have all these words, one beside the other; each is taken once.

        ``take("needs", "reflexive")`` takes ``raincloud_needs_reflexive``, and leaves
        ``raincloud_needs_12_reflexive``.
        """
        wanted = "_" + "_".join(words) + "_"
        found = [name for name in self._waiting if wanted in f"_{name}_"]
        return [self._waiting.pop(name) for name in found]

    def rest(self) -> list[Picture]:
        """Return those that nothing took."""
        found = list(self._waiting.values())
        self._waiting.clear()
        return found
