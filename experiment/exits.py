"""What `spot` tells the shell: done, could not be done, wrong request, stopped on purpose, done in part."""

from __future__ import annotations

DONE, FAILED, WRONG, STOPPED, PARTLY = 0, 1, 2, 3, 4
