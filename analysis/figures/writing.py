"""Figures as files, and as text to put into a page."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import matplotlib as mpl

from analysis.figures.figured import Figured
from analysis.figures.style import styled
from analysis.output import write_files

DPI = 300
IMAGE_DPI = 200
"""Of what is drawn as an image within a vector file: points of very many participants."""

FONTS = "'DejaVu Sans', Verdana, 'Segoe UI', Helvetica, Arial, sans-serif"
"""The first is the one that the layout is made with; the others stand in for it, the widest first."""

NOTES: dict[str, dict[str, None]] = {
    "svg": dict.fromkeys(("Creator", "Date", "Format", "Type")),
    "pdf": dict.fromkeys(("CreationDate", "Creator", "Producer")),
    "png": {"Software": None},
}
"""What a format would note about its making, left out so that the same figure gives the same bytes."""

ROUND = "stroke-linejoin:round;stroke-linecap:butt"


def as_svg(figured: Figured) -> str:
    """Return a figure as an ``<svg>`` element that can stand in a page beside others.

    Text is text. Every id begins with the figure's name and no rule of style reaches beyond the element;
    nothing is fetched from anywhere. Title and caption are there for those who cannot see it.
    """
    text = _rendered(figured, "svg").decode()
    # The declaration and its DTD belong to a file; comments tell nothing to a reader.
    text = text[text.index("<svg") :]
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    # Matplotlib's rule is for every element of the page: as attributes of the root it stays inside.
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", text, count=1, flags=re.DOTALL)
    text = text.replace("'DejaVu Sans'", FONTS)
    # A hundredth of a point is finer than any printer, and half the size.
    text = re.sub(r'="[^"]*"', lambda value: re.sub(r"(\.\d\d)\d+", r"\1", value[0]), text)
    own = figured.name.replace("_", "-")
    text = re.sub(r'\bid="', f'id="{own}-', text)
    text = re.sub(r'href="#', f'href="#{own}-', text)
    text = text.replace("url(#", f"url(#{own}-")
    end = text.index(">")
    opening = (
        f'{text[:end]} role="img" aria-labelledby="{own}-title {own}-desc" style="{ROUND}">\n'
        f' <title id="{own}-title">{_escaped(figured.title)}</title>\n'
        f' <desc id="{own}-desc">{_escaped(figured.caption)}</desc>'
    )
    lines = (opening + text[end + 1 :]).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def write(figured: Figured, folder: Path) -> list[Path]:
    """Write a figure as SVG, PDF and PNG (300 dpi); each file appears whole or not at all.

    The same figure gives the same bytes.

    Raises
    ------
    AnalysisError
        Where a file cannot be written.
    """
    contents = {
        "svg": f'<?xml version="1.0" encoding="utf-8"?>\n{as_svg(figured)}'.encode(),
        "pdf": _rendered(figured, "pdf"),
        "png": _rendered(figured, "png"),
    }
    return write_files(folder, {f"{figured.name}.{kind}": content for kind, content in contents.items()})


def _rendered(figured: Figured, kind: str) -> bytes:
    picture = BytesIO()
    with styled(), mpl.rc_context({"svg.hashsalt": figured.name}):
        figured.figure.savefig(
            picture, format=kind, dpi=DPI if kind == "png" else IMAGE_DPI, metadata=NOTES[kind]
        )
    return picture.getvalue()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
