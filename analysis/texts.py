"""The text of a table as a file holds it: unpacked, in UTF-8, with plain line ends, or the reason why not."""

from __future__ import annotations

import codecs
import gzip
import os
import zlib
from pathlib import Path

PACKED = b"\x1f\x8b"
MOST = 1 << 20
"""Bytes to ask for at once where a file has more than its size said."""

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UnreadableError(Exception):
    """A file that holds no table; the message says why, without naming the file."""


def text_of(path: str) -> tuple[bytes, str]:
    """Return the text of a file and, where it is not stored as BIDS asks, what is strange about it.

    Gzip and UTF-16 with a byte order mark are read, as they say what they are. Any other encoding would have
    to be guessed, so it is refused.

    Raises
    ------
    UnreadableError
        For what cannot be opened or unpacked, and for what is no UTF-8 text.
    """
    content = _bytes(path)
    told = ""
    if content.startswith(PACKED):
        content, told = _unpacked(content), "is compressed"
    if content.startswith(codecs.BOM_UTF8):
        content = content[len(codecs.BOM_UTF8) :]
    elif content.startswith(UTF_16):
        content, told = _from_utf_16(content), "is UTF-16 text; BIDS asks for UTF-8"
    if b"\0" in content:
        raise UnreadableError(_with_nul(content))
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return content, told


BINARY = getattr(os, "O_BINARY", 0)


def _bytes(path: str) -> bytes:
    """Return what a file holds, in as few calls as the system allows: there are tens of thousands of them."""
    try:
        file = os.open(path, os.O_RDONLY | BINARY)
        try:
            size = os.fstat(file).st_size
            content = os.read(file, size + 1)
            if len(content) != size:  # it grew, or the system gave less than there is
                while more := os.read(file, MOST):
                    content += more
            return content
        finally:
            os.close(file)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and Path(path).is_symlink():
            raise UnreadableError(
                "is a link to a file that is not here ('datalad get' fetches such files)"
            ) from error
        raise UnreadableError(f"cannot be read ({error.strerror or error})") from error


def _unpacked(content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError("is a compressed file that is cut short or damaged") from error


def _from_utf_16(content: bytes) -> bytes:
    try:
        return content.decode("utf-16").encode()
    except UnicodeError as error:
        raise UnreadableError("is UTF-16 text that is cut short or damaged") from error


def _with_nul(content: bytes) -> str:
    if content.count(b"\0") >= len(content) // 3:
        return "is not UTF-8 text (UTF-16 without a byte order mark?)"
    line = content.count(b"\n", 0, content.index(b"\0")) + 1
    return f"is not UTF-8 text: line {line} has a NUL byte"


def not_utf_8(body: bytes) -> int | None:
    """Return the number of the line (the header is 1) that is not UTF-8 text, None where all are."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return body.count(b"\n", 0, error.start) + 2
    return None
