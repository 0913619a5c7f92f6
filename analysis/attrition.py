"""Who was allocated and did not finish, and whose permission is missing: counted by condition, and tested.

Counted is everyone whose cell was drawn, whatever they permit: these are counts, no data. Whether attrition
differs between conditions is tested, since unequal attrition may itself make groups differ.

Two conditions are compared by Fisher's exact test; more by Pearson's chi-square or, where a cell is expected
to hold fewer than 5, by the same statistic over `RESAMPLES` tables drawn with these margins. Each pair has
the difference of the two risks, `a` minus `b`, with Newcombe's hybrid score interval (Newcombe 1998, Stat Med
17:873, method 10). No correction is made: here a false alarm costs less than attrition that nobody saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from analysis.frames import distinct, require
from experiment.columns import OUTCOMES, PERMISSIONS

RESAMPLES = 9999
SEED = 1
"""Of the tables that are drawn, so that the same counts give the same p."""

TESTS = (
    "what", "a", "b", "test", "n", "allocated_a", "allocated_b", "events_a", "events_b", "statistic",
    "chi_square_df", "p", "risk_difference", "ci_low", "ci_high",
)  # fmt: skip
SEVERAL = "several"
"""Stands for the condition of those who were to go through several."""


def allocated(sessions: pd.DataFrame) -> pd.DataFrame:
    """Return everyone whose cell was drawn, once each.

    Parameters
    ----------
    sessions : DataFrame
        participant_id, cell, conditions, outcome, permission; a row per session.

    Returns
    -------
    DataFrame
        participant_id; condition (``several`` for those who were to go through several, in one session or in
        more); outcome (``completed`` where every session was, else that of the first that was not);
        permission (``granted`` where it is for any session, else the answer given last); in the order of
        their first session.
    """
    require(sessions, ["participant_id", "cell", "conditions", "outcome", "permission"], "sessions")
    drawn = sessions[sessions["cell"].notna()]
    people = drawn["participant_id"].drop_duplicates()
    return pd.DataFrame(
        {
            "participant_id": people.to_numpy(),
            "condition": people.map(_conditions(drawn)).to_numpy(),
            "outcome": people.map(_outcomes(drawn)).to_numpy(),
            "permission": people.map(_permissions(drawn)).to_numpy(),
        },
        dtype="str",
    )


def _conditions(drawn: pd.DataFrame) -> pd.Series:
    """Return the condition of each participant, `SEVERAL` where there is more than one."""
    one = drawn[["participant_id", "conditions"]].dropna().drop_duplicates()
    one = one.assign(conditions=one["conditions"].str.split(",")).explode("conditions").drop_duplicates()
    several = one["participant_id"].duplicated(keep=False)
    return one.assign(conditions=one["conditions"].mask(several, SEVERAL)).drop_duplicates().pipe(_by_person)


def _outcomes(drawn: pd.DataFrame) -> pd.Series:
    """Return how it ended for each participant: the first end that was none of the protocol's, if any."""
    own = drawn[["participant_id", "outcome"]]
    unfinished = own[own["outcome"] != "completed"]
    return _by_person(pd.concat([unfinished, own]).drop_duplicates("participant_id"))


def _permissions(drawn: pd.DataFrame) -> pd.Series:
    """Return the permission of each participant: granted where any session has it, else the last answer."""
    own = drawn[["participant_id", "permission"]]
    granted = own[own["permission"] == "granted"]
    return _by_person(pd.concat([granted, own.iloc[::-1]]).drop_duplicates("participant_id"))


def _by_person(pairs: pd.DataFrame) -> pd.Series:
    """Return the second column of a frame by its first."""
    return pd.Series(pairs.iloc[:, 1].to_numpy(), index=pairs.iloc[:, 0].to_numpy())


def groups_of(people: pd.DataFrame, order: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
    """Return those under each condition, in order, and last everyone under ``all``."""
    known = distinct(people["condition"])
    listed = [name for name in order if name in known]
    listed += sorted(known - set(listed))
    return [*((name, people[people["condition"] == name]) for name in listed), ("all", people)]


def attrition(sessions: pd.DataFrame, order: Sequence[str] = ()) -> pd.DataFrame:
    """Count by condition who was allocated, how it ended, and whose permission is missing.

    Parameters
    ----------
    sessions : DataFrame
        As `allocated` takes them; all of them, not only those with permission.
    order
        The conditions in the order of the design.

    Returns
    -------
    DataFrame
        condition (last ``all``), n_allocated, n_not_completed, n_not_permitted, a column per outcome and one
        per answer to the permission question; participants, not sessions. Whose end is not on record, as in
        ratings from elsewhere, is in no column of outcomes and not in n_not_completed.
    """
    rows = [
        {
            "condition": name,
            "n_allocated": len(own),
            "n_not_completed": int((own["outcome"].notna() & (own["outcome"] != "completed")).sum()),
            "n_not_permitted": int((own["permission"] != "granted").sum()),
        }
        | {outcome: int((own["outcome"] == outcome).sum()) for outcome in OUTCOMES}
        | {answer: int((own["permission"] == answer).sum()) for answer in PERMISSIONS}
        for name, own in groups_of(allocated(sessions), order)
    ]
    return pd.DataFrame(rows)


def attrition_tests(counts: pd.DataFrame) -> pd.DataFrame:
    """Test whether conditions differ in who did not finish, and in whose permission is missing.

    Parameters
    ----------
    counts : DataFrame
        condition, n_allocated, n_not_completed, n_not_permitted, as `attrition` returns them.

    Returns
    -------
    DataFrame
        what (``not_completed`` or ``not_permitted``), a, b (missing in the row over three or more
        conditions), test (``fisher``, ``chi_square``, ``chi_square_simulated``), n, allocated_a, allocated_b,
        events_a, events_b, statistic (odds ratio of the sample, or chi-square), chi_square_df, p (two-sided),
        risk_difference (risk under a minus risk under b) with ci_low and ci_high (95 %). NaN where nobody, or
        everybody, is counted: there is nothing to test.
    """
    by = counts[~counts["condition"].isin(["all", SEVERAL])].set_index("condition")
    rows: list[dict[str, object]] = []
    for what in ("not_completed", "not_permitted"):
        events, n = by[f"n_{what}"], by["n_allocated"]
        if len(by) > 2:
            rows.append({"what": what} | _overall(events.to_numpy(int), n.to_numpy(int)))
        for b, a in combinations(by.index, 2):
            rows.append({"what": what, "a": a, "b": b} | _pair(events[a], n[a], events[b], n[b]))
    whole = pd.DataFrame(rows, columns=list(TESTS))
    counted = ["n", "allocated_a", "allocated_b", "events_a", "events_b"]
    return whole.astype(dict.fromkeys(counted, "Int64") | dict.fromkeys(TESTS[9:], float))


def _overall(events: npt.NDArray[np.int_], n: npt.NDArray[np.int_]) -> dict[str, object]:
    row: dict[str, object] = {"n": int(n.sum()), "test": "chi_square", "chi_square_df": float(len(n) - 1)}
    if not 0 < events.sum() < n.sum():
        return row
    table = np.column_stack([events, n - events])
    whole = stats.chi2_contingency(table, correction=False)
    row |= {"statistic": whole.statistic, "p": whole.pvalue}
    if whole.expected_freq.min() < 5:
        method = stats.MonteCarloMethod(n_resamples=RESAMPLES, rng=np.random.default_rng(SEED))
        drawn = stats.chi2_contingency(table, correction=False, method=method)
        row |= {"test": "chi_square_simulated", "chi_square_df": np.nan, "p": drawn.pvalue}
    return row


def _pair(events_a: int, n_a: int, events_b: int, n_b: int) -> dict[str, object]:
    from statsmodels.stats.proportion import confint_proportions_2indep  # noqa: PLC0415 - slow to import

    row: dict[str, object] = {
        "test": "fisher", "n": n_a + n_b, "allocated_a": n_a, "allocated_b": n_b, "events_a": events_a,
        "events_b": events_b, "risk_difference": events_a / n_a - events_b / n_b,
    }  # fmt: skip
    low, high = confint_proportions_2indep(events_a, n_a, events_b, n_b, method="newcomb", compare="diff")
    row |= {"ci_low": low, "ci_high": high}
    if 0 < events_a + events_b < n_a + n_b:
        found = stats.fisher_exact(np.array([[events_a, n_a - events_a], [events_b, n_b - events_b]]))
        row |= {"statistic": found.statistic, "p": found.pvalue}
    return row
