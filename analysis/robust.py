"""Regression whose standard errors hold where spread differs, and where people come several times."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.frames import Codes, Floats


@dataclass(frozen=True)
class Regression:
    """Coefficients, their covariance, and how many people and columns there are.

    ``covariance`` is NaN where somebody's scores decide a coefficient alone, or nothing is left over.
    """

    beta: Floats
    covariance: Floats
    n_people: int
    rank: int

    def estimate(self, weights: Floats) -> tuple[float, float]:
        """Return a contrast of the coefficients and its standard error."""
        variance = float(weights @ self.covariance @ weights)
        return float(weights @ self.beta), math.sqrt(variance) if variance > 0 else math.nan

    def wald(self, contrasts: Floats) -> tuple[float, float, float, float]:
        """Return F, df1, df2 (people less columns) and p of contrasts that are 0 together."""
        df1, df2 = float(len(contrasts)), float(self.n_people - self.rank)
        spread = contrasts @ self.covariance @ contrasts.T
        none = (math.nan,) * 4
        if df2 < 1 or not np.isfinite(spread).all() or np.linalg.matrix_rank(spread) < len(contrasts):
            return none
        apart = contrasts @ self.beta
        f = float(apart @ np.linalg.solve(spread, apart)) / df1
        return f, df1, df2, float(special.fdtrc(df1, df2, f))


def regress(y: Floats, x: Floats, people: Codes) -> Regression | None:
    r"""Fit by least squares; standard errors by leaving out each person in turn.

    .. math:: V = (X'X)^{-1} \Bigl(\sum_g X_g' \tilde e_g \tilde e_g' X_g\Bigr) (X'X)^{-1}, \quad
        \tilde e_g = (I - H_{gg})^{-1} e_g

    With one row for each person this is HC3 (MacKinnon & White 1985, J Econometrics 29:305; Long & Ervin
    2000, Am Stat 54:217), with several the same for clusters (CR3; Bell & McCaffrey 2002, Surv Methodol
    28:169; these two recalled, not verified).

    Parameters
    ----------
    y, x
        Scores and the columns of the model.
    people
        Whose row each is, as whole numbers.

    Returns
    -------
    Regression or None
        None where the rows are too few for the columns.
    """
    if not len(y) or np.linalg.matrix_rank(x) < x.shape[1]:
        return None
    bread: Floats = np.asarray(np.linalg.inv(x.T @ x), dtype=np.float64)
    beta = bread @ (x.T @ y)
    e = y - x @ beta
    numbers, counts = np.unique(people, return_counts=True)
    scale = float(np.abs(y).max(initial=0.0))
    if not float(np.abs(e).max()) > 1e-10 * max(scale, 1e-300):
        return Regression(beta, np.full((x.shape[1],) * 2, np.nan), len(numbers), x.shape[1])
    if counts.max() == 1:
        leverage = np.einsum("ij,jk,ik->i", x, bread, x)
        with np.errstate(divide="ignore", invalid="ignore"):
            left = np.where(leverage < 1 - 1e-9, e / (1 - leverage), np.nan)
        scores = x * left[:, None]
    else:
        scores = _by_person(x, e, bread, people, numbers)
    return Regression(beta, bread @ (scores.T @ scores) @ bread, len(numbers), x.shape[1])


def _by_person(x: Floats, e: Floats, bread: Floats, people: Codes, numbers: Codes) -> Floats:
    found = np.empty((len(numbers), x.shape[1]))
    order = np.argsort(people, kind="stable")
    ends = np.searchsorted(people[order], numbers, side="right")
    for place, rows in enumerate(np.split(order, ends[:-1])):
        own = x[rows]
        left = np.eye(len(rows)) - own @ bread @ own.T
        singular = np.linalg.eigvalsh(left)[0] < 1e-9
        found[place] = np.nan if singular else own.T @ np.linalg.solve(left, e[rows])
    return found
