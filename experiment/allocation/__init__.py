"""Cells to people: permuted blocks from the study's seed, concealed, each code and slot claimed once."""

from __future__ import annotations

from experiment.allocation.allocating import Allocated, Allocation, check_allocation
from experiment.allocation.claims import claim_file, withdrawn
from experiment.allocation.sequence import Sequence

__all__ = ["Allocated", "Allocation", "Sequence", "check_allocation", "claim_file", "withdrawn"]
