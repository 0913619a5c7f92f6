"""What stops an import of ratings, in one line."""

from __future__ import annotations


class RatingsError(Exception):
    """A table or a mapping that cannot be used; the message says where, what, and what is allowed."""
