"""What stops an analysis, in one line."""

from __future__ import annotations


class AnalysisError(Exception):
    """An analysis that cannot be done; the message names what is wrong and what is allowed."""

    exit_code = 1


class NoDatasetError(AnalysisError):
    """The path that was asked for is no dataset."""

    exit_code = 2


class WrongRequestError(AnalysisError):
    """What was asked for is not allowed."""

    exit_code = 2


def listing(found: list[str], at_most: int = 5) -> str:
    """Return the first of `found`, joined by semicolons, and how many more there are."""
    more = f"; and {len(found) - at_most} more" if len(found) > at_most else ""
    return "; ".join(found[:at_most]) + more
