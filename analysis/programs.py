"""The wide table for other programs: which reads which file, and what reads it.

- **R** reads ``wide.tsv`` by ``read_r.R``: missing is ``n/a`` there, as BIDS has it.
- **SPSS** and **JASP** would take a column with ``n/a`` in it for text, so they read ``wide.csv``: the same
  table with commas, where missing is an empty cell. ``read_spss.sps`` reads it into SPSS (or PSPP) with
  labels; JASP opens it as it is, and takes an empty cell for missing without being told.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pandas as pd

from analysis.naming import name, unique

DIGITS = 12
NAMES = ("wide.csv", "read_spss.sps", "read_r.R")
LONGEST_LABEL = 240
"""Characters of a label; SPSS takes 256 bytes, and ASCII has one for each."""


def files(table: pd.DataFrame, codebook: pd.DataFrame) -> dict[str, str]:
    """Return the files for other programs, by name.

    Parameters
    ----------
    table : DataFrame
        As `analysis.wide.wide` returns it.
    codebook : DataFrame
        As `analysis.codebook.codebook` returns it for `table`.
    """
    made = (as_csv(table), spss(table, codebook), r_script(codebook))
    return dict(zip(NAMES, made, strict=True))


def as_csv(table: pd.DataFrame) -> str:
    """Return a table with commas; missing is an empty cell, numbers have a point and 12 digits."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.columns)
    columns = [table[column].astype(object).tolist() for column in table.columns]
    writer.writerows([_cell(value) for value in row] for row in zip(*columns, strict=True))
    return stream.getvalue()


def _cell(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value).replace("\n", " ")


def spss(table: pd.DataFrame, codebook: pd.DataFrame) -> str:
    """Return a syntax file that reads ``wide.csv`` from the folder in which SPSS works.

    Texts with several values get a variable beside them, ``NAME_code``, with the values numbered in the order
    of the codebook and labelled: many procedures of SPSS group by numbers only.
    """
    rows = codebook.to_dict("records")
    formats = [f"  {row['variable']} {_format(row, table)}" for row in rows]
    # Name and label on two lines: SPSS reads no line of more than 256 bytes.
    labels = [f"  /{row['variable']}\n  {_quoted(str(row['label']))}" for row in rows]
    coded = [row for row in rows if len(_values(row)) > 1]
    codes = unique(
        [name(str(row["variable"]), "code") for row in coded], [str(row["variable"]) for row in rows]
    )
    lines = [
        "* Encoding: UTF-8.",
        "* Reads wide.csv; set the folder first, such as: CD 'C:/study/derivatives/spot'.",
        "* Empty cells become system-missing. codebook.tsv says more of each variable.",
        "SET DECIMAL=DOT.",
        "GET DATA",
        "  /TYPE=TXT",
        "  /FILE='wide.csv'",
        "  /ENCODING='UTF8'",
        "  /ARRANGEMENT=DELIMITED",
        "  /DELIMITERS=','",
        "  /QUALIFIER='\"'",
        "  /FIRSTCASE=2",
        "  /VARIABLES=",
        *_ended(formats),
        "",
        "VARIABLE LABELS",
        *_ended([labels[0].replace("/", "", 1), *labels[1:]]),
        "",
    ]
    for row, code in zip(coded, codes, strict=True):
        lines += [*_coded(row, code), ""]
    return "\n".join([*lines, "EXECUTE.", ""])


def _coded(row: dict[Any, Any], code: str) -> list[str]:
    """Return the lines that number the values of a text."""
    values = list(enumerate(_values(row), start=1))
    return [
        f"RECODE {row['variable']}",
        *(f"  ({_quoted(value)}={number})" for number, value in values),
        f"  INTO {code}.",
        f"VARIABLE LABELS {code}",
        f"  {_quoted(str(row['label']))}.",
        f"VALUE LABELS {code}",
        *_ended([f"  {number} {_quoted(value)}" for number, value in values]),
        f"FORMATS {code} (F4.0).",
    ]


def _ended(lines: list[str]) -> list[str]:
    """Return the lines of a command, with the point that ends it."""
    return [*lines[:-1], f"{lines[-1]}."]


def _format(row: dict[Any, Any], table: pd.DataFrame) -> str:
    if row["kind"] == "number":
        return "F12.4" if table[str(row["variable"])].dtype == float else "F8.0"
    texts = table[str(row["variable"])].dropna().astype(str)
    return f"A{max([len(text.encode()) for text in texts], default=1)}"


def _values(row: dict[Any, Any]) -> list[str]:
    told = row["values"]
    return told.split("; ") if isinstance(told, str) else []


def _quoted(text: str) -> str:
    """Quote a text for SPSS, where a quote within is doubled; cut where it is too long for a label."""
    return "'" + _plain(text)[:LONGEST_LABEL].replace("'", "''") + "'"


def _plain(text: str) -> str:
    """Return a text in ASCII and on one line, so that no encoding of a script can spoil it."""
    return " ".join(text.encode("ascii", "replace").decode().split())


def r_script(codebook: pd.DataFrame) -> str:
    """Return an R script that reads ``wide.tsv`` from the folder in which R works into ``d``."""
    rows = codebook.to_dict("records")
    numbers = [_in_r(str(row["variable"])) for row in rows if row["kind"] == "number"]
    factors = [
        f"d${row['variable']} <- factor(d${row['variable']}, levels = c({_listed(_values(row))}))"
        for row in rows
        if len(_values(row)) > 1
    ]
    labels = [f'attr(d${row["variable"]}, "label") <- {_in_r(_plain(str(row["label"])))}' for row in rows]
    return "\n".join(
        [
            '# Reads wide.tsv; set the folder first, such as: setwd("C:/study/derivatives/spot").',
            "# n/a becomes NA. codebook.tsv says more of each variable.",
            'd <- read.delim("wide.tsv", na.strings = "n/a", quote = "", comment.char = "",',
            '                check.names = FALSE, colClasses = "character", encoding = "UTF-8")',
            "numbers <- c(",
            *_wrapped(numbers),
            ")",
            "d[numbers] <- lapply(d[numbers], as.numeric)",
            "",
            "# Texts with several values, in the order of the design where there is one.",
            *factors,
            "",
            "# Labels, for packages that show them (haven, Hmisc, labelled).",
            *labels,
            "",
        ]
    )


def _wrapped(names: list[str]) -> list[str]:
    """Return the arguments of ``c(...)``, one to a line."""
    return [f"  {each}," for each in names[:-1]] + [f"  {each}" for each in names[-1:]]


def _listed(values: list[str]) -> str:
    return ", ".join(_in_r(value) for value in values)


def _in_r(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
