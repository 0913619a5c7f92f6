"""An imported game as the text of a game file, each value with the line of the source it came from."""

from __future__ import annotations

import json
from typing import Any

from experiment.importing.found import ImportedGame, Table

WIDEST = 104


def game_text(game: ImportedGame, name: str) -> str:
    """Return the game file."""
    blocks = [_head(game), _coplayers(game), _timing(game), _phase(game), _lines(game, name)]
    return "\n".join(block for block in blocks if block)


def lines_text(game: ImportedGame, name: str) -> str:
    """Return the texts file with what is said in the game, or an empty string where nothing is."""
    if not game.lines:
        return ""
    rows = [
        f"{line_name(name, i)} = {quoted(line.words)} # {line.said}"
        for i, line in enumerate(game.lines, start=1)
    ]
    return "\n".join(
        [f"# What is said in games/{name}.toml. {_plain(game.source)}.", "", "[lines]", *rows, ""]
    )


def line_name(name: str, number: int) -> str:
    """Return the name under which a line stands in the texts."""
    return f"{name[:58]}_{number}"


def quoted(words: str) -> str:
    """Return words as a string of TOML."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(words: str) -> str:
    """Return words that can stand in a comment."""
    return "".join(c if c.isprintable() else " " for c in words)


def value(what: Any) -> str:
    """Return a value of TOML in one line."""
    if isinstance(what, str):
        return quoted(what)
    if isinstance(what, dict):
        return "{ " + ", ".join(f"{key} = {value(inner)}" for key, inner in what.items()) + " }"
    if isinstance(what, list | tuple):
        return "[" + ", ".join(value(inner) for inner in what) + "]"
    if isinstance(what, float) and what == int(what) and abs(what) < 1e9:
        return f"{what:.1f}"
    return repr(what)


def _set(key: str, what: Any, said: str = "") -> str:
    """Return a line ``key = value`` with where it came from beside it, or above it where that is too wide."""
    line = f"{key} = {value(what)}"
    if not said:
        return line
    comment = f"# {_plain(said)}"
    return f"{line} {comment}" if len(line) + len(comment) < WIDEST else f"{comment}\n{line}"


def _wrapped(table: Table) -> str:
    """Return a pause; one with many values in lines of its own."""
    if len(table.get("values_s", ())) <= 6:
        return value(table)
    return "{ kind = " + value(table["kind"]) + ", values_s = [\n" + _folded(table["values_s"]) + (
        "], weights = [\n" + _folded(table["weights"]) + "] }"
    )  # fmt: skip


def _folded(values: list[float]) -> str:
    rows = [values[i : i + 10] for i in range(0, len(values), 10)]
    return "".join("    " + ", ".join(value(v) for v in row) + ",\n" for row in rows)


def _pause(key: str, table: Table, said: str) -> str:
    return f"# {_plain(said)}\n{key} = {_wrapped(table)}"


def _head(game: ImportedGame) -> str:
    rows = [
        "# Written by 'spot import'; comments name the line of the source that a value came from.",
        "",
        _set("title", game.title),
        _set("source", game.source),
        "",
        _set("players", game.players, game.players_said),
    ]
    if game.throws is not None:
        rows.append(_set("throws", game.throws, game.ends_said))
    else:
        rows.append(_set("duration_s", game.duration_s, game.ends_said))
    rows.append(_set("starts", game.starts, game.starts_said))
    if game.may_leave:
        rows.append(_set("participant", {"may_leave": game.may_leave}, game.may_leave_said))
    return "\n".join([*rows, ""])


def _timing(game: ImportedGame) -> str:
    return "\n".join(
        [_pause("pause", game.pause, game.pause_said), _pause("flight", game.flight, game.flight_said), ""]
    )


def _coplayers(game: ImportedGame) -> str:
    """Return the co-players, as a list of tables that can stand before the plain keys that follow."""
    rows = ["coplayers = ["]
    for coplayer in game.coplayers:
        rows.append(f"    # {_plain(coplayer.said)}")
        parts = [f"name = {value(coplayer.name)}"]
        if coplayer.colour:
            parts.append(f"colour = {value(coplayer.colour)}")
        if coplayer.pause and coplayer.pause != game.pause:
            rows.append(f"    # pause: {_plain(coplayer.pause_said)}")
            parts.append(f"pause = {_wrapped(coplayer.pause)}")
        if coplayer.leaves:
            rows.append(f"    # leaves: {_plain(coplayer.leaves_said)}")
            parts.append(f"leaves = {value(coplayer.leaves)}")
        rows.append("    { " + ", ".join(parts) + " },")
    return "\n".join([*rows, "]", ""])


def _phase(game: ImportedGame) -> str:
    rows = ["[[phases]]", 'name = "whole"']
    if game.throws is not None:
        rows.append(_set("throws", game.throws))
    if game.policy == "sequence":
        rows += ["sequence = [", *(f"    {value(row)}, # {_plain(said)}" for row, said in game.rows), "]"]
    elif game.policy == "weights":
        rows.append("[phases.weights]")
        for (number, weights), said in game.rows:
            rows.append(_set(str(number), {str(to): weight for to, weight in weights.items()}, said))
    else:
        rows += ["[phases.order]", "receivers = ["]
        rows += [f"    {receiver}, # {_plain(said)}" for (receiver, _), said in game.rows]
        rows += ["]", "pauses_s = [", _folded([pause for (_, pause), _ in game.rows]).rstrip("\n"), "]"]
    return "\n".join([*rows, ""])


def _lines(game: ImportedGame, name: str) -> str:
    rows = []
    for i, line in enumerate(game.lines, start=1):
        rows += [f"# {_plain(line.said)}", "[[messages]]" if line.player is None else "[[chat]]"]
        if line.player is not None:
            rows.append(_set("player", line.player))
        rows += [_set("text", line_name(name, i)), _set("after_throw", line.after_throw)]
        rows += [_set("after_s", line.after_s)] if line.after_s else []
        rows += [_set("lasts_s", line.lasts_s), ""]
    return "\n".join(rows)
