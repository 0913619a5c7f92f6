"""Games of other programs as game files: Cyberball 3 and 4, Cyberball 5, CyberballOS."""

from experiment.importing.found import ImportingError

__all__ = ["ImportingError"]
