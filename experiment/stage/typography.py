"""Type: the bundled font, measuring, wrapping, and masks of a line of words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

REGULAR = "Inter-Regular.otf"
STRONG = "Inter-SemiBold.otf"
FONTS = Path(__file__).parent / "fonts"
NO_GLYPH = "\U0010fffe"
FALLBACK_FAMILIES = (
    "Noto Sans",
    "Segoe UI",
    "Arial Unicode MS",
    "Hiragino",
    "PingFang",
    "Yu Gothic",
    "DejaVu Sans",
)


@lru_cache(maxsize=256)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def _font_file(face: str) -> str:
    return str(FONTS / face)


@lru_cache(maxsize=8192)
def _has(path: str, character: str) -> bool:
    if character.isspace():
        return True
    font = _font(path, 24)
    mask, missing = font.getmask(character), font.getmask(NO_GLYPH)
    return mask.size != missing.size or bytes(mask) != bytes(missing)


@lru_cache(maxsize=1)
def _system_fonts() -> tuple[str, ...]:
    """Return font files of this machine, those that cover many scripts first."""
    try:
        from matplotlib import font_manager  # noqa: PLC0415 - slow to import, only foreign scripts need it
    except ImportError:
        return ()

    def rank(entry: font_manager.FontEntry) -> tuple[int, str]:
        places = [i for i, family in enumerate(FALLBACK_FAMILIES) if entry.name.startswith(family)]
        return (places[0] if places else len(FALLBACK_FAMILIES), entry.fname)

    upright = [entry for entry in font_manager.fontManager.ttflist if entry.style == "normal"]
    return tuple(entry.fname for entry in sorted(upright, key=rank))


@lru_cache(maxsize=4096)
def _face_for(word: str, face: str) -> str:
    """Return the font file that has every letter of `word`, the bundled one where it can."""
    bundled = _font_file(face)
    if all(_has(bundled, letter) for letter in word):
        return bundled
    for path in _system_fonts():
        if all(_has(path, letter) for letter in word):
            return path
    return bundled


def _runs(text: str, face: str) -> list[tuple[str, str]]:
    """Split `text` into stretches of one font each: ``(font file, words)``."""
    runs: list[tuple[str, str]] = []
    for i, word in enumerate(text.split(" ")):
        piece, path = (" " if i else "") + word, _face_for(word, face)
        if runs and runs[-1][0] == path:
            runs[-1] = (path, runs[-1][1] + piece)
        else:
            runs.append((path, piece))
    return runs


@lru_cache(maxsize=8192)
def width(text: str, size: int, face: str = REGULAR) -> float:
    """Return how wide a line of `text` is (px)."""
    return sum(_font(path, size).getlength(words) for path, words in _runs(text, face))


def line_height(size: int) -> float:
    """Return the distance of baselines (px) of running text."""
    return size * 1.45


@dataclass(frozen=True, slots=True)
class LineMask:
    """A drawn line; ``left`` and ``top`` lead from its pen point (on the baseline) to the image's corner."""

    image: Image.Image
    left: int
    top: int


def line_mask(text: str, size: int, face: str = REGULAR) -> LineMask:
    """Draw a line of text as a coverage mask."""
    pad = size // 3 + 2
    image = Image.new("L", (int(width(text, size, face)) + 2 * pad + 1, round(size * 1.7) + 2), 0)
    baseline = round(size * 1.2)
    pen = ImageDraw.Draw(image)
    at = float(pad)
    for path, words in _runs(text, face):
        font = _font(path, size)
        pen.text((at, baseline), words, font=font, fill=255, anchor="ls")
        at += font.getlength(words)
    box = image.getbbox() or (0, 0, 1, 1)
    return LineMask(image.crop(box), box[0] - pad, box[1] - baseline)


def _broken(word: str, size: int, face: str, limit: float) -> list[str]:
    """Cut a word that is wider than a whole line into pieces that are not."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and width(pieces[-1] + letter, size, face) > limit:
            pieces.append("")
        pieces[-1] += letter
    return pieces


@lru_cache(maxsize=1024)
def wrapped(text: str, size: int, limit: float, face: str = REGULAR) -> tuple[str, ...]:
    """Break `text` into lines of at most `limit` px; line breaks of its own are kept."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if width(longer, size, face) <= limit:
                line = longer
                continue
            if line:
                lines.append(line)
            *full, line = _broken(word, size, face, limit)
            lines.extend(full)
        lines.append(line)
    return tuple(lines)


def fitting(text: str, size: int, smallest: int, limit: float, face: str = REGULAR) -> tuple[str, int]:
    """Return `text` and the largest size at which it fits `limit` px; at the smallest it is shortened."""
    for candidate in range(size, smallest - 1, -1):
        if width(text, candidate, face) <= limit:
            return text, candidate
    kept = text
    while kept and width(kept + "…", smallest, face) > limit:
        kept = kept[:-1]
    return kept.rstrip() + "…", smallest
