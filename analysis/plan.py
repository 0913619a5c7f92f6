"""What the analyst chooses before looking at the data; every output states it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from analysis.errors import WrongRequestError
from analysis.exclusions import RuleFile, rule_files

EQUIVALENCE = 0.5
"""Differences within this many standard deviations count as equivalent, unless another bound is stated."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The choices of an analysis.

    Attributes
    ----------
    equivalence
        Bound of the tests of equivalence, in standard deviations (d between, d_z within participants).
    covariates
        Names of what the mixed models are adjusted for: answers such as ``age``, or ``baseline``.
    exclusions
        Files of exclusion rules, each a sensitivity analysis beside the primary one.
    """

    equivalence: float = EQUIVALENCE
    covariates: tuple[str, ...] = ()
    exclusions: tuple[RuleFile, ...] = ()


def add_equivalence(parser: argparse.ArgumentParser, of: str) -> None:
    """Let a program be asked for the bound of something."""
    parser.add_argument(
        "--equivalence",
        metavar="D",
        default=str(EQUIVALENCE),
        help=f"bound {of}, in standard deviations (default: {EQUIVALENCE})",
    )


def add_covariate(parser: argparse.ArgumentParser, does: str) -> None:
    """Let a program be asked to adjust for more."""
    parser.add_argument(
        "--covariate", metavar="NAME", action="append", default=[], help=f"{does}; may be repeated"
    )


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let a program be asked for a plan."""
    add_equivalence(parser, "of the tests of equivalence")
    add_covariate(parser, "adjust the mixed models for this answer (such as age), or for baseline")
    parser.add_argument(
        "--exclusions",
        metavar="NAME|FILE",
        action="append",
        default=[],
        help="compare again without those whom these exclusion rules leave out; may be repeated",
    )


def plan_from(given: argparse.Namespace) -> Plan:
    """Return the plan that was asked for.

    Raises
    ------
    WrongRequestError
        For a bound that is no number above 0, or a file of rules that cannot be used.
    """
    try:
        bound = float(given.equivalence)
    except ValueError:
        bound = 0.0
    if not 0 < bound < float("inf"):
        raise WrongRequestError(f"--equivalence {given.equivalence}: a number above 0 is needed")
    return Plan(bound, tuple(dict.fromkeys(given.covariate)), rule_files(given.exclusions))
