"""A figure with all that is said of it."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Figured:
    """A figure, ready to be written or put into a page.

    Attributes
    ----------
    name
        Stem of its files: lower case, words joined by underscores.
    title
        What it is of, in a few words.
    caption
        Full sentences: what is shown, of how many, what bars and bands mean, and whether the participants
        were simulated.
    figure
        The drawing; its layout is fixed, so that it comes out the same each time.
    """

    name: str
    title: str
    caption: str
    figure: Figure
