"""Bytes of a file into text, and which program it is from."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from urllib.parse import unquote

from experiment.definitions.reading import MAX_BYTES
from experiment.importing.found import ImportingError

DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
CODECS = {
    "utf-8": "utf-8",
    "us-ascii": "utf-8",
    "iso-8859-1": "cp1252",
    "windows-1252": "cp1252",
}


def decoded(content: bytes, name: str) -> tuple[str, str]:
    """Return the text of a file, and a note where it was no Unicode text.

    Raises
    ------
    ImportingError
        Where it is too large, or no text.
    """
    if len(content) > MAX_BYTES:
        raise ImportingError(f"{name}: has more than {MAX_BYTES} bytes; settings files are far smaller")
    encoding, note = _encoding(content, name)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ImportingError(
            f"{name}: is not {encoding} text (byte {error.start}); save it as UTF-8"
        ) from error
    control = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        raise ImportingError(
            f"{name}:{line}: has a control character (U+{ord(control[0]):04X}); it is no text"
        )
    if not text.strip():
        raise ImportingError(f"{name}: is empty")
    return text.replace("\r\n", "\n").replace("\r", "\n"), note


def _encoding(content: bytes, name: str) -> tuple[str, str]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", ""
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", ""
    declared = DECLARED.match(content)
    if declared:
        told = declared[1].decode("ascii").lower()
        if told not in CODECS:
            raise ImportingError(f"{name}:1: encoding {told} is not read; save it as UTF-8")
        return CODECS[told], ""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252", f"{name}:1: is not UTF-8 and was read as Windows-1252 (check names with accents)"
    return "utf-8", ""


def kind_of(text: str) -> str:
    """Return which format a text has: ``cyberball3``, ``cyberball5``, ``cyberballos``, or what else it is."""
    begin = text.lstrip("\ufeff \t\n")
    if begin.startswith(("{", "[")) or _embedded(begin) is not None:
        return "cyberballos"
    if begin.startswith("<"):
        return "cyberball5"
    rows = [line.strip() for line in begin.splitlines() if line.strip()]
    if any(
        re.match(r"(total throws|game speed|name[1-4]|[a-z ]*players)\s*,", row.casefold()) for row in rows
    ):
        return "cyberball3"
    if rows and all(re.fullmatch(r"[1-9](\s*,\s*[0-9]+)+\s*,?", row) for row in rows):
        return "schedule"
    return "unknown"


def settings_text(text: str, name: str) -> str:
    """Return the JSON of CyberballOS settings: as it stands, or out of a link or of base64."""
    begin = text.lstrip("\ufeff \t\n")
    if begin.startswith(("{", "[")):
        return text.lstrip("\ufeff")
    packed = unquote(_embedded(begin) or "").replace(" ", "+")
    try:
        return base64.b64decode(packed, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ImportingError(
            f"{name}:1: the settings in the link cannot be decoded (no whole base64); copy the link again"
        ) from error


def _embedded(begin: str) -> str | None:
    """Return the base64 after ``settings=`` in a link or an embed code, or a text that is base64 alone."""
    found = re.search(r"settings=([A-Za-z0-9+/=%_-]+)", begin)
    if found and len(begin) < MAX_BYTES:
        return found[1]
    alone = "".join(begin.split())
    return alone if re.fullmatch(r"(ey|W3|ew)[A-Za-z0-9+/]{20,}={0,2}", alone) else None
