"""What was probably meant by a line that is no TOML: the slips of the pen that come most often."""

from __future__ import annotations

import re

_WORDS = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'')
"""Words in quotes, in which anything may stand."""

_SLIPS = (
    (r"[\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019\u201a]", 'quotes are straight: "…"'),
    (r'"', "a quote is not closed in its line"),
    (r"[=\[,]\s*-?\d+/\d", 'a share stands in quotes: "1/3"'),
    (r"=\s*-?\d+,\s*\d", "decimals have a point: 2.5"),
    (r"[=\[,]\s*-?\.\d", "decimals begin with a digit: 0.5"),
    (r"[=\[,]\s*(True|TRUE|False|FALSE)\b", "true and false are in small letters"),
    (r"=[^\[\]]*\{[^}]*$", "what is between { and } stands in one line"),
    (r"[=\[,]\s*(?!(?:true|false|inf|nan)\b)[^\W\d_]", "words stand in quotes"),
)


def hint(text: str, problem: str) -> str:
    """Return what would put right the line that `problem` names, after a semicolon, or nothing."""
    place = re.search(r"at line (\d+)", problem)
    lines = text.replace("\r\n", "\n").split("\n")
    if place is None or int(place[1]) > len(lines):
        return ""
    line = lines[int(place[1]) - 1]
    header = re.match(r"\s*\[\s*([a-z_.]+)\s*\]", line)
    if header and "twice" in problem:
        return f"; what comes several times has two brackets each time: [[{header[1]}]]"
    bare = re.sub(r"#[^\"]*$", "", _WORDS.sub("''", line))
    if "\\" in line and ("hex" in problem or "escape" in problem):
        return r"; within quotes, \ is written \\"
    return next((f"; {meant}" for slip, meant in _SLIPS if re.search(slip, bare)), "")
