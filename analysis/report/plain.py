"""A table of rows as they are: each column by its name, as the columns of that name are shown everywhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from markupsafe import Markup

from analysis.report import numbers
from analysis.report.parts import Block, Column, Html, table
from analysis.report.rows import Row, in_words

Show = Callable[[Row, str], Html]
COUNTS = ("n", "k", "sessions", "lost", "events_a", "events_b")
ON_SCALE = ("difference", "mean", "sd", "estimate", "se", "median", "mean_a", "mean_b", "slope")
DEGREES = ("df", "df1", "df2", "ddf1", "ddf2")


def plain(
    rows: Sequence[Row],
    caption: Html,
    columns: Sequence[str] = (),
    *,
    note: Html = "",
    headings: dict[str, Html] | None = None,
    but: Collection[str] = (),
) -> Block:
    """Return a table of rows, all columns unless some are named; those without any value are left out.

    Limits stand together: ``ci_low`` takes ``ci_high`` with it.
    """
    names = columns or [str(name) for name in rows[0].values]
    given = [name for name in names if name not in but and any(row.has(name) for row in rows)]
    listed = [name for name in given if not (name.endswith("_high") and f"{name[:-4]}low" in given)]
    return table(caption, [_column(name, rows, headings or {}) for name in listed], rows, note)


def _column(name: str, rows: Sequence[Row], headings: dict[str, Html]) -> Column:
    heading = headings.get(name, _heading(name))
    if name.endswith("_low") and f"{name[:-3]}high" in rows[0].values:
        high = f"{name[:-3]}high"
        digits = None if name in ("ci_low", "gh_low") else 2
        return Column(heading, lambda row: numbers.interval(row, name, high, digits))
    values = [row.values[name] for row in rows if row.has(name)]
    if all(isinstance(value, str) for value in values):
        return Column(heading, lambda row: in_words(row.text(name)), numeric=False)
    if all(isinstance(value, bool) for value in values):
        return Column(
            heading, lambda row: {"True": "yes", "False": "no"}.get(row.text(name), "–"), numeric=False
        )
    show = _shown_as(name)
    return Column(heading, lambda row: show(row, name))


def _shown_as(name: str) -> Show:
    """Return how numbers of a column are shown."""
    kinds: list[tuple[bool, Show]] = [
        (name == "p" or name.startswith("p_") or name.endswith("_p"), numbers.p),
        (name in DEGREES, numbers.df),
        (name in COUNTS or name.startswith("n_"), numbers.count),
        (name == "bf10", numbers.bayes),
        (name in ON_SCALE, numbers.scaled),
        (name.startswith("share"), numbers.percent),
        (name in numbers.BOUNDED, numbers.proportion),
    ]
    return next((show for fits, show in kinds if fits), numbers.number)


def _heading(name: str) -> Html:
    """Return the heading of a column: statistics in italics, all else in words."""
    if name.endswith("_low"):
        return "95% CI"
    if name.startswith("share"):
        return Markup("{} (%)").format(in_words(name))
    letters = {
        "n": "<i>n</i>", "p": "<i>p</i>", "t": "<i>t</i>", "f": "<i>F</i>", "df": "<i>df</i>",
        "df1": "<i>df</i><sub>1</sub>", "df2": "<i>df</i><sub>2</sub>", "g": "<i>g</i>", "k": "<i>k</i>",
        "d_z": "<i>d</i><sub>z</sub>", "d_av": "<i>d</i><sub>av</sub>", "bf10": "BF<sub>10</sub>",
        "p_holm": "<i>p</i><sub>Holm</sub>", "mean": "<i>M</i>", "sd": "<i>SD</i>", "se": "<i>SE</i>",
        "median": "<i>Mdn</i>", "subscale": "Score", "tost_p": "<i>p</i><sub>TOST</sub>", "q": "<i>q</i>",
        "z": "<i>z</i>", "alpha": "α", "omega": "ω", "r": "<i>r</i>", "a": "<i>a</i>", "b": "<i>b</i>",
    }  # fmt: skip
    return Markup(letters[name]) if name in letters else in_words(name)
