"""Linear mixed models of repeated scores, by restricted maximum likelihood.

`statsmodels` fits the same models, and the tests hold these numbers against it; but it gives no degrees of
freedom, so that its tests are too liberal in the small samples of a laboratory, and it takes a minute or more
for each model of 20,000 participants. Participants who have scores in the same cells share one covariance
matrix: their cross-products are summed once, and the fit goes on with the sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize, special

from analysis.frames import Floats

LARGEST_RATIO = 1e8
"""Greatest ratio of a random variance to the residual one; at the bound there is no residual left."""
STEP = 1e-3
"""Step of the numerical derivatives, in the logarithm of a variance."""


@dataclass(frozen=True)
class Alike:
    """Participants whose scores lie in the same cells.

    ``relations`` has for each random part a matrix of 1 where two scores share its effect; ``products`` the
    sums over participants of ``[X y]'[X y]``, taken apart by pairs of scores.
    """

    relations: Floats
    products: Floats
    n: int

    @classmethod
    def of(cls, x: Floats, y: Floats, relations: Sequence[Floats]) -> Alike:
        """Sum the cross-products; `x`: participants, scores, coefficients, `y`: participants, scores."""
        both = np.concatenate([x, y[:, :, None]], axis=2)
        products = np.einsum("iaj,ibk->abjk", both, both, optimize=True)
        return cls(np.array(relations).reshape(-1, y.shape[1], y.shape[1]), products, len(y))


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    ``variances`` has the residual variance first, then one for each random part: 0 where the estimate lies on
    the bound (a singular fit).
    """

    data: Sequence[Alike]
    beta: Floats
    variances: Floats
    converged: bool

    @cached_property
    def covariance(self) -> Floats:
        """Return the covariance of the coefficients."""
        return np.asarray(np.linalg.inv(_information(self.data, self.variances)))

    @cached_property
    def _changes(self) -> tuple[Floats, Floats]:
        """Return the covariance of the variances' logarithms, and how `covariance` changes with each."""
        parts = np.flatnonzero(self.variances > 0)
        logs = np.log(self.variances[parts])

        def variances(moved: Floats) -> Floats:
            found = self.variances.copy()
            found[parts] = np.exp(moved)
            return found

        def deviance(moved: Floats) -> float:
            return _deviance(self.data, variances(moved))

        steps = np.eye(parts.size) * STEP
        hessian = np.array(
            [
                [
                    deviance(logs + a + b)
                    - deviance(logs + a - b)
                    - deviance(logs - a + b)
                    + deviance(logs - a - b)
                    for b in steps
                ]
                for a in steps
            ]
        ) / (4 * STEP**2)
        change = np.array(
            [
                np.linalg.inv(_information(self.data, variances(logs + a)))
                - np.linalg.inv(_information(self.data, variances(logs - a)))
                for a in steps
            ]
        ) / (2 * STEP)
        return np.asarray(2 * np.linalg.inv(hessian)), change

    def df(self, contrast: Floats) -> float:
        """Return Satterthwaite's degrees of freedom of a contrast of the coefficients.

        ``2 v^2 / (g' A g)``: v the variance of the contrast, g its gradient over the variances, A the
        covariance of these (Giesbrecht & Burns 1985, Biometrics 41:477), as lmerTest of R computes it
        (Kuznetsova et al. 2017, J Stat Softw 82(13)). A variance of 0 is left out.
        """
        spread, change = self._changes
        variance = contrast @ self.covariance @ contrast
        gradient = np.einsum("j,cjk,k->c", contrast, change, contrast)
        return float(2 * variance**2 / (gradient @ spread @ gradient))

    def contrast(self, weights: Floats) -> tuple[float, float, float]:
        """Return estimate, standard error and df of a contrast."""
        se = float(np.sqrt(weights @ self.covariance @ weights))
        return float(weights @ self.beta), se, self.df(weights)

    def f(self, contrasts: Floats) -> tuple[float, float, float, float]:
        """Return F, df1, df2 and p of several contrasts together; df2 after Fai & Cornelius (1996).

        The contrasts are turned into independent ones, each with its own Satterthwaite df ``v``; with
        ``e = sum of v / (v - 2)``, ``df2 = 2 e / (e - df1)`` (J Stat Comput Simul 54:363).
        """
        values, vectors = np.linalg.eigh(contrasts @ self.covariance @ contrasts.T)
        turned = vectors.T @ contrasts
        f = float(np.mean((turned @ self.beta) ** 2 / values))
        dfs = np.array([self.df(row) for row in turned])
        df1 = float(len(contrasts))
        if df1 == 1 or np.ptp(dfs) < 1e-6 * dfs.mean():
            df2 = float(dfs.mean())
        elif (dfs <= 2).any():
            df2 = 2.0
        else:
            e = float((dfs / (dfs - 2)).sum())
            df2 = 2 * e / (e - df1)
        return f, df1, df2, float(special.fdtrc(df1, df2, f))


def fit(data: Sequence[Alike], parts: int) -> Fit:
    """Fit a model with so many random parts; see `Fit`.

    The residual variance is profiled out; the ratios of the others to it are searched from 1, several again
    from where that ended, and each is 0 unless the likelihood is greater elsewhere.
    """
    if not parts:
        found, converged = np.empty(0), True
    else:
        found, converged = _search(data, np.ones(parts))
        if parts > 1:
            found, converged = _search(data, np.maximum(found, 1e-3))
        for part in np.flatnonzero(found < 1e-3):
            without = found.copy()
            without[part] = 0.0
            if _profiled(data, without) <= _profiled(data, found) + 1e-7:
                found = without
        converged = converged and bool((found < 0.99 * LARGEST_RATIO).all())
    beta, residual = _solved(data, found)
    return Fit(data, beta, np.array([residual, *(residual * found)]), converged)


def _search(data: Sequence[Alike], start: Floats) -> tuple[Floats, bool]:
    def deviance(ratios: Floats) -> float:
        return _profiled(data, ratios)

    result = optimize.minimize(
        deviance,
        start,
        method="Nelder-Mead",
        bounds=[(0.0, LARGEST_RATIO)] * start.size,
        options={"xatol": 1e-9, "fatol": 1e-9, "maxiter": 2000, "maxfev": 4000},
    )
    return np.asarray(result.x), bool(result.success)


def _weighted(data: Sequence[Alike], variances: Floats) -> tuple[Floats, float]:
    """Return ``[X y]' V^-1 [X y]`` and the logarithm of the determinant of V."""
    total: Floats = np.zeros(data[0].products.shape[2:])
    log_determinant = 0.0
    for alike in data:
        v = variances[0] * np.eye(alike.products.shape[0])
        v += np.tensordot(variances[1:], alike.relations, axes=1)
        total = total + np.einsum("ab,abjk->jk", np.linalg.inv(v), alike.products)
        log_determinant += alike.n * float(np.linalg.slogdet(v)[1])
    return total, log_determinant


def _information(data: Sequence[Alike], variances: Floats) -> Floats:
    return _weighted(data, variances)[0][:-1, :-1]


def _deviance(data: Sequence[Alike], variances: Floats) -> float:
    """Return minus twice the restricted log-likelihood, but for a constant (Harville 1977, JASA 72:320)."""
    weighted, log_determinant = _weighted(data, variances)
    x, xy, yy = weighted[:-1, :-1], weighted[:-1, -1], weighted[-1, -1]
    residual = float(yy - xy @ np.linalg.solve(x, xy))
    return log_determinant + float(np.linalg.slogdet(x)[1]) + residual


def _solved(data: Sequence[Alike], ratios: Floats) -> tuple[Floats, float]:
    """Return coefficients and residual variance, given the ratios of the other variances to it."""
    weighted, _ = _weighted(data, np.array([1.0, *ratios]))
    x, xy, yy = weighted[:-1, :-1], weighted[:-1, -1], weighted[-1, -1]
    beta: Floats = np.asarray(np.linalg.solve(x, xy), dtype=np.float64)
    return beta, float(yy - xy @ beta) / _df_residual(data)


def _df_residual(data: Sequence[Alike]) -> int:
    scores = sum(alike.n * int(alike.products.shape[0]) for alike in data)
    return scores - (int(data[0].products.shape[2]) - 1)


def _profiled(data: Sequence[Alike], ratios: Floats) -> float:
    """Return the deviance with the residual variance at its best."""
    weighted, log_determinant = _weighted(data, np.array([1.0, *ratios]))
    x, xy, yy = weighted[:-1, :-1], weighted[:-1, -1], weighted[-1, -1]
    residual = max(float(yy - xy @ np.linalg.solve(x, xy)), np.finfo(float).tiny)
    return log_determinant + float(np.linalg.slogdet(x)[1]) + _df_residual(data) * float(np.log(residual))
