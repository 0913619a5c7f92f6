"""Whether a folder is kept in step with copies elsewhere by a cloud service, as far as a folder tells.

In such a folder a file that must not exist can be created on two computers before the copies meet, so that
two people would be given one slot. A network share has only one file.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from experiment.study import StudyError

NAMES: tuple[tuple[str, str], ...] = (
    (r"onedrive( - .+)?", "OneDrive"),
    (r"dropbox( \(.+\))?", "Dropbox"),
    (r"google ?drive|googledrive-.+@.+|my drive|\.shortcut-targets-by-id", "Google Drive"),
    (r"mobile documents|com~apple~clouddocs|icloud ?drive", "iCloud"),
    (r"box sync", "Box"),
    (r"pcloud ?(drive|sync)", "pCloud"),
    (r"nextcloud", "Nextcloud"),
    (r"owncloud", "ownCloud"),
    (r"megasync", "MEGA"),
    (r"seafile|seadrive", "Seafile"),
    (r"synology ?drive|cloudstation", "Synology Drive"),
)
"""Whole names of folders, whatever their case; a longer name that holds such a word means nothing."""

HOME_NAMES = {"box": "Box", "mega": "MEGA", "pcloud": "pCloud"}
"""Words that mean something else too: they count directly below the user's own folder."""

MARKS: tuple[tuple[str, str], ...] = (
    (".dropbox", "Dropbox"),
    (".dropbox.cache", "Dropbox"),
    (".tmp.driveupload", "Google Drive"),
    (".tmp.drivedownload", "Google Drive"),
    (".sync_*.db", "Nextcloud or ownCloud"),
    ("._sync_*.db", "Nextcloud or ownCloud"),
    (".owncloudsync.log", "ownCloud"),
    (".nextcloudsync.log", "Nextcloud"),
    (".megaignore", "MEGA"),
    (".stfolder", "Syncthing"),
    (".SynologyWorkingDirectory", "Synology Drive"),
)
"""Files by which a service marks the folder that it keeps in step, and so all that lies below."""

ONEDRIVE = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")


def refuse_synced(folder: Path) -> None:
    """Refuse a folder on which two computers could take the same slot.

    Raises
    ------
    StudyError
        When a cloud service keeps it in step; the message names the service.
    """
    service = synced_by(folder)
    if service:
        raise StudyError(
            f"{folder}: is synchronised by {service}, where two computers could take the same slot before "
            "their copies meet; use a folder on this computer or a network share (--data DIR)"
        )


def synced_by(folder: Path, environment: Mapping[str, str] = os.environ, home: Path | None = None) -> str:
    """Return the service that keeps a folder in step with copies elsewhere; nothing where none is known."""
    home = (home or Path.home()).resolve()
    real = folder.resolve()
    return _by_name(real, home) or _by_settings(real, environment, home) or _by_mark(real, home)


def _by_name(folder: Path, home: Path) -> str:
    parts = [part.casefold() for part in folder.parts]
    for above, part in zip(["", *parts], parts, strict=False):
        if (above, part) == ("library", "cloudstorage"):
            return "a cloud service (Library/CloudStorage)"
        for pattern, service in NAMES:
            if re.fullmatch(pattern, part):
                return service
    if folder.is_relative_to(home) and folder != home:
        return HOME_NAMES.get(folder.relative_to(home).parts[0].casefold(), "")
    return ""


def _by_settings(folder: Path, environment: Mapping[str, str], home: Path) -> str:
    """Find it among the folders that the services themselves say they keep, wherever those lie."""
    onedrive = (environment[name] for name in ONEDRIVE if environment.get(name))
    if any(folder.is_relative_to(Path(path).resolve()) for path in onedrive):
        return "OneDrive"
    own = [home / ".dropbox"]
    own += [
        Path(environment[name]) / "Dropbox" for name in ("APPDATA", "LOCALAPPDATA") if environment.get(name)
    ]
    for file in (place / "info.json" for place in own):
        if any(folder.is_relative_to(path) for path in _dropbox_folders(file)):
            return "Dropbox"
    return ""


def _dropbox_folders(file: Path) -> Iterator[Path]:
    try:
        accounts = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    for account in accounts.values() if isinstance(accounts, dict) else ():
        if isinstance(account, dict) and isinstance(account.get("path"), str):
            yield Path(account["path"]).resolve()


def _by_mark(folder: Path, home: Path) -> str:
    """Look for a mark in the folder and those above; the program's own settings in the home are none."""
    for place in (folder, *folder.parents):
        for pattern, service in MARKS:
            if place == home and pattern == ".dropbox":
                continue
            try:
                if next(place.glob(pattern), None) is not None:
                    return service
            except OSError:  # not to be looked into
                break
    return ""
