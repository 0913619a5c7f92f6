"""Lines, paragraphs and tables without rules, which keep their shape in a pipe, in a log and on paper."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

WIDTH = 100


def line(console: Console, text: str, style: str = "") -> None:
    """Print a line as it is."""
    console.print(Text(text, style=style), soft_wrap=True)


def paragraph(console: Console, text: str, bullet: str = "") -> None:
    """Print a paragraph, indented, its further lines a little more."""
    first, more = f"  {bullet}", "    "
    lines = textwrap.wrap(text, console.width, initial_indent=first, subsequent_indent=more)
    line(console, "\n".join(lines))


def heading(console: Console, text: str, beside: str = "") -> None:
    """Print a heading, and something plain beside it."""
    console.print()
    console.print(Text(text, style="bold").append(f"   {beside}" if beside else "", style="not bold"))


def table(columns: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]]) -> Padding:
    """Return a table without lines; `columns` are names and whether they hold numbers."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name, numeric in columns:
        # Names may fold where they are long; numbers never do.
        made.add_column(name, justify="right" if numeric else "left", no_wrap=numeric, overflow="fold")
    for row in rows:
        made.add_row(*(Text(text) for text in row))
    return Padding(made, (0, 0, 0, 2), expand=False)


def print_table(console: Console, made: Padding) -> None:
    """Print a table, `WIDTH` wide at most, without blanks at the ends of its lines.

    A narrower window breaks its lines; names folded letter by letter would be harder to read.
    """
    width, console.width = console.width, max(console.width, WIDTH)
    with console.capture() as captured:
        console.print(made)
    console.width = width
    for text in Text.from_ansi(captured.get()).split("\n"):
        text.rstrip()
        console.print(text, soft_wrap=True)
