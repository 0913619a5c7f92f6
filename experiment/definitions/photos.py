"""Photographs of co-players: whether a file is a picture that a screen can show."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path

from experiment.definitions.errors import DefinitionError, shown

MAX_PIXELS = 4000
"""Width and height of the largest photograph: more than any court shows of it."""

FORMATS = ("PNG", "JPEG")
NO_PICTURE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error)
"""What Pillow raises at a file that is damaged, or is something else."""


def check_photo(file: Path, game_file: Path, where: str) -> None:
    """Refuse a photograph that is not there, is no picture or is far too large.

    Raises
    ------
    DefinitionError
        Naming the game file and the key.
    """
    from PIL import Image  # noqa: PLC0415 - only where there are photographs

    if not file.is_file():
        raise DefinitionError(game_file, f"{where} = '{file.name}': {shown(file)} is not there")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of notes beside the picture, which nobody reads
            with Image.open(file, formats=FORMATS) as picture:
                wide, high = picture.size
                if max(wide, high) <= MAX_PIXELS:
                    picture.load()  # a file that was cut short is found out here
    except (*NO_PICTURE, Image.DecompressionBombError) as error:
        raise DefinitionError(game_file, f"{where} = '{file.name}': {shown(file)} is no picture") from error
    if max(wide, high) > MAX_PIXELS:
        problem = f"{shown(file)} is {wide} by {high} pixels; at most {MAX_PIXELS} either way"
        raise DefinitionError(game_file, f"{where} = '{file.name}': {problem}")
