"""Rules that leave participants out, as sensitivity analyses beside the primary one, which keeps everyone.

A rule that looks at what happened after the treatment (a check, suspicion, attention, an unfinished session)
may leave out other people under one condition than under another; then the groups are no longer those that
chance made (Montgomery, Nyhan & Torres 2018, Am J Polit Sci 62:760; recalled). So the primary analysis is of
everyone allocated who permits the use of their data, and each file of rules gives a second one beside it.

One value that meets a rule leaves the participant out of that file's analysis altogether: within participants
also from the conditions under which they met none, and with all of their sessions. A missing value leaves
nobody out, unless the rule says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import WrongRequestError
from analysis.frames import SCORE, among, without_noise
from analysis.rule_values import AppliesToNobody, Seen, values
from experiment.definitions import DefinitionError, names
from experiment.definitions.exclusions import AnyRule, Exclusions, bound, looks_at
from experiment.definitions.library import find
from experiment.definitions.reading import read

EVERYONE = "everyone"
"""What the primary analysis is called where files of rules stand beside it."""

COLUMNS = (
    "participant_id", "session", "condition", "file", "rule", "reason", "looks_at", "criterion", "found",
    "n_values", "first",
)  # fmt: skip
COMPARED = {
    "distress": ("index",),
    "need_satisfaction": ("index",),
    "mood": ("index",),
    "hurt": ("index",),
    "manipulation_check": None,
}
"""By role the scores that are compared again under each file of rules; None stands for all of them."""

WITHIN = (
    "Rules look at each condition by itself; where participants go through several, whoever meets a rule "
    "under one of them is left out of that file's analysis as a whole."
)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file of rules and the name under which its analysis stands."""

    name: str
    definition: Exclusions


@dataclass(frozen=True)
class LeftOut:
    """Whom the files of rules leave out; ``notes`` say which rules could apply to nobody, and why."""

    files: tuple[RuleFile, ...]
    excluded: pd.DataFrame
    notes: tuple[str, ...]

    def of(self, file: RuleFile) -> pd.DataFrame:
        """Return the rows of `excluded` that belong to one file."""
        return self.excluded[self.excluded["file"] == file.name]


def rule_files(given: Sequence[str]) -> tuple[RuleFile, ...]:
    """Return files of rules, each given by the name that it has in `conditions/exclusions` or as a file.

    Raises
    ------
    WrongRequestError
        Where there is no such file, where it is wrong, or where two have the same name.
    """
    found: dict[str, RuleFile] = {}
    for what in dict.fromkeys(given):
        try:
            file = Path(what) if what.endswith(".toml") or Path(what).is_file() else find("exclusions", what)
            definition = read(file, Exclusions)
        except DefinitionError as error:
            raise WrongRequestError(f"--exclusions {what}: {error}") from error
        if file.stem in found or file.stem == EVERYONE:
            shipped = ", ".join(names("exclusions"))
            taken = "is given twice" if file.stem in found else "means the primary analysis"
            raise WrongRequestError(
                f"--exclusions {what}: the name '{file.stem}' {taken}; name the file otherwise "
                f"(shipped: {shipped})"
            )
        found[file.stem] = RuleFile(file.stem, definition)
    return tuple(found.values())


def leave_out(files: Sequence[RuleFile], look: Callable[[], Seen]) -> LeftOut:
    """Apply files of rules.

    Parameters
    ----------
    files
        The files, in the order in which they were given.
    look
        Gives what their rules look at, asked only where there are any: everyone allocated who permits the
        use of their data.

    Returns
    -------
    LeftOut
        ``excluded`` has a row per participant and rule that they meet: participant_id, session and condition
        (of the first value that meets it; condition missing where the value belongs to none, or to several),
        file, rule (its number in the file), reason, looks_at, criterion, found (the value as text;
        missing where it is missing), n_values (how many values meet it) and first (bool: the first rule of
        the file that the participant meets).

    Raises
    ------
    WrongRequestError
        Where a rule holds an answer against something that it can never be.
    """
    if not files:
        return LeftOut((), _nobody(), ())
    seen = look()
    parts, notes = [], []
    for file in files:
        notes.append(f"Rules {file.name}: {file.definition.title}. Source: {file.definition.source}.")
        for number, rule in enumerate(file.definition.rules, start=1):
            where = f"{file.name}, rule {number} ('{rule.reason}')"
            try:
                found = values(rule, seen)
            except AppliesToNobody as nobody:
                notes.append(f"WARNING: {where} applies to nobody: {nobody}.")
                continue
            except WrongRequestError as error:
                raise WrongRequestError(f"{file.name}: rules[{number}].{error}") from error
            notes += _partly(where, rule, seen)
            parts.append(_met(found[_meets(rule, found["value"])], file, number, rule))
    rows = [part for part in parts if len(part)]
    excluded = pd.concat(rows, ignore_index=True) if rows else _nobody()
    several = seen.sessions["conditions"].astype(str).str.contains(",").any()
    notes += [WITHIN] if several else []
    return LeftOut(tuple(files), _with_first(excluded), tuple(notes))


def _nobody() -> pd.DataFrame:
    kinds = {"rule": int, "n_values": int, "first": bool}
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "str")) for name in COLUMNS})


def _partly(where: str, rule: AnyRule, seen: Seen) -> list[str]:
    """Say which of a rule's conditions the dataset does not have; at least one is there."""
    lacking = [name for name in rule.conditions or () if name not in seen.conditions]
    return [f"{where}: nobody was under {', '.join(lacking)}."] if lacking else []


def _meets(rule: AnyRule, value: pd.Series) -> npt.NDArray[np.bool_]:
    """Return which values meet a rule; a missing one does only where the rule says so."""
    tests = rule.tests() or {"equals": True}
    ((test, limit),) = tests.items()
    gone = value.isna().to_numpy(bool)
    if isinstance(limit, int | float) and not isinstance(limit, bool):
        # The rounding is of nothing but arithmetic: an index of 3 may come out as 2.9999999999999996.
        numbers = without_noise(pd.to_numeric(value, errors="coerce").to_numpy(float))
        compare: dict[str, Callable[[], object]] = {
            "at_least": lambda: numbers >= limit,
            "at_most": lambda: numbers <= limit,
            "below": lambda: numbers < limit,
            "above": lambda: numbers > limit,
            "equals": lambda: numbers == limit,
            "other_than": lambda: numbers != limit,
        }
        met = np.asarray(compare[test](), dtype=bool)
    else:
        wanted = limit if isinstance(limit, tuple) else (limit,)
        met = value.isin(wanted).to_numpy(bool)
        met = ~met if test == "other_than" else met
    return (met & ~gone) | (gone & (getattr(rule, "missing", "keep") == "exclude"))


def _met(found: pd.DataFrame, file: RuleFile, number: int, rule: AnyRule) -> pd.DataFrame:
    """Return a row for each participant with a value that meets a rule, in the table's columns."""
    times = found.groupby("participant_id")["value"].transform("size")
    firsts = found.assign(n_values=times.astype(int)).drop_duplicates("participant_id")
    shown = [None if pd.isna(v) else f"{v:.12g}" if isinstance(v, float) else str(v) for v in firsts["value"]]
    return firsts.assign(
        file=file.name,
        rule=number,
        reason=rule.reason,
        looks_at=looks_at(rule),
        criterion=bound(rule),
        found=pd.Series(shown, index=firsts.index, dtype="str"),
        first=False,
    )[list(COLUMNS)]


def _with_first(excluded: pd.DataFrame) -> pd.DataFrame:
    """Mark for each participant and file the first rule that they meet."""
    first = ~excluded.duplicated(["file", "participant_id"])
    return excluded.assign(first=first.astype(bool))


def sensitivity(
    tested: pd.DataFrame,
    primary: pd.DataFrame,
    left: LeftOut,
    compare: Callable[[pd.DataFrame], pd.DataFrame],
) -> pd.DataFrame:
    """Compare again without those whom each file leaves out.

    Parameters
    ----------
    tested : DataFrame
        The scores of the primary analysis: participant_id, role, measure, stage, subscale, condition, score.
    primary : DataFrame
        What `compare` made of all of them.
    left
        Whom the files leave out.
    compare
        Makes comparisons of scores, as `analysis.compare.comparisons` does.

    Returns
    -------
    DataFrame
        A column ``file``, then those of `primary`: first its rows with file ``everyone``, then as many for
        each file. Only distress, the indexes of needs, mood and hurt feelings, and the manipulation check. A
        pair that a file leaves nobody to compare of keeps its row, without numbers.
    """
    if primary.empty:
        return pd.DataFrame(columns=["file", *primary.columns])
    pair = [*SCORE, "a", "b"]
    chosen = tested[_compared(tested)]
    everyone = primary[among(primary, chosen, SCORE)]
    parts = [everyone.assign(file=EVERYONE)]
    for file in left.files:
        gone = set(left.of(file)["participant_id"])
        again = compare(chosen[~chosen["participant_id"].isin(gone)])
        rows = everyone[[*pair, "design"]]
        if len(again):
            merged = rows.merge(again, on=pair, how="left", suffixes=("_primary", ""))
            rows = merged.assign(design=merged["design"].fillna(merged["design_primary"]))
        parts.append(rows.reindex(columns=everyone.columns).assign(file=file.name))
    whole = pd.concat([part.astype(object) for part in parts], ignore_index=True).infer_objects()
    counts = [name for name in whole.columns if name == "n" or name.startswith("n_")]
    whole = whole.astype(dict.fromkeys(counts, "Int64"))
    return whole[["file", *primary.columns]]


def _compared(tested: pd.DataFrame) -> pd.Series:
    """Return which scores are compared under each file of rules."""
    found = pd.Series(False, index=tested.index)
    for role, parts in COMPARED.items():
        mine = tested["role"] == role
        found |= mine if parts is None else mine & tested["subscale"].isin(parts)
    return found
