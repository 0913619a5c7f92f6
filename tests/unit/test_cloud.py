"""Folders that a cloud service keeps in step are known; others are not taken for such."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from experiment.cloud import refuse_synced, synced_by
from experiment.study import StudyError


@pytest.mark.parametrize(
    ("place", "service"),
    [
        ("OneDrive/study", "OneDrive"),
        ("OneDrive - University of Somewhere/data", "OneDrive"),
        ("Dropbox/data", "Dropbox"),
        ("Dropbox (Lab)/data", "Dropbox"),
        ("Google Drive/data", "Google Drive"),
        ("GoogleDrive-me@example.org/data", "Google Drive"),
        ("My Drive/data", "Google Drive"),
        ("Library/Mobile Documents/data", "iCloud"),
        ("Library/Mobile Documents/com~apple~CloudDocs/data", "iCloud"),
        ("iCloudDrive/data", "iCloud"),
        ("Library/CloudStorage/Box-Box/data", "a cloud service"),
        ("Box/data", "Box"),
        ("Box Sync/data", "Box"),
        ("pCloudDrive/data", "pCloud"),
        ("Nextcloud/data", "Nextcloud"),
        ("ownCloud/data", "ownCloud"),
        ("MEGA/data", "MEGA"),
        ("MEGAsync/data", "MEGA"),
        ("Seafile/data", "Seafile"),
        ("SynologyDrive/data", "Synology Drive"),
        ("dropbox/data/deep/down", "Dropbox"),
    ],
)
def test_a_synced_folder_is_known_by_a_name_above_it(place: str, service: str, tmp_path: Path) -> None:
    """Whether or not the folder is there yet."""
    assert synced_by(tmp_path / place, {}, tmp_path).startswith(service)


@pytest.mark.parametrize(
    "place",
    [
        "data",
        "my dropbox-like data",
        "dropbox_study",
        "not OneDrive",
        "OneDriveless",
        "boxes/data",
        "a/Box/of/chocolates",
        "work/mega/data",
        "google drive study",
        "GoogleDrive-study",
        "nextcloud-export",
        "icloud study/data",
        "CloudStorage/data",
        "Library/data",
        "seafiles",
    ],
)
def test_a_name_that_only_holds_such_a_word_is_no_alarm(place: str, tmp_path: Path) -> None:
    """A name counts as a whole; words with another meaning count below the home alone."""
    assert synced_by(tmp_path / place, {}, tmp_path) == ""


@pytest.mark.parametrize(
    ("mark", "service"),
    [
        (".dropbox.cache", "Dropbox"),
        (".tmp.driveupload", "Google Drive"),
        (".sync_1a2b3c.db", "Nextcloud or ownCloud"),
        ("._sync_1a2b3c.db", "Nextcloud or ownCloud"),
        (".owncloudsync.log", "ownCloud"),
        (".stfolder", "Syncthing"),
        (".SynologyWorkingDirectory", "Synology Drive"),
        (".megaignore", "MEGA"),
    ],
)
def test_a_synced_folder_is_known_by_a_mark_above_it(mark: str, service: str, tmp_path: Path) -> None:
    """Whatever the folder is called."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / mark).touch()
    assert synced_by(tmp_path / "shared" / "lab" / "data", {}, tmp_path / "home") == service
    assert synced_by(tmp_path / "other" / "data", {}, tmp_path / "home") == ""


@pytest.mark.parametrize("name", ["OneDrive", "OneDriveCommercial", "OneDriveConsumer"])
def test_onedrive_says_itself_where_it_is(name: str, tmp_path: Path) -> None:
    """By the environment."""
    environment = {name: str(tmp_path / "somewhere")}
    assert synced_by(tmp_path / "somewhere" / "data", environment, tmp_path) == "OneDrive"
    assert synced_by(tmp_path / "somewhere else", environment, tmp_path) == ""
    assert synced_by(tmp_path / "somewhere", {name: ""}, tmp_path) == ""


def test_dropbox_says_itself_where_it_is(tmp_path: Path) -> None:
    """By its settings in the home, which are no mark of the home itself; unreadable ones say nothing."""
    home = tmp_path / "home"
    (home / ".dropbox").mkdir(parents=True)
    settings = home / ".dropbox" / "info.json"
    settings.write_text(json.dumps({"business": {"path": str(tmp_path / "Lab Dropbox")}}), encoding="utf-8")
    assert synced_by(tmp_path / "Lab Dropbox" / "data", {}, home) == "Dropbox"
    assert synced_by(home / "data", {}, home) == ""
    settings.write_text("[", encoding="utf-8")
    assert synced_by(tmp_path / "Lab Dropbox" / "data", {}, home) == ""


@pytest.mark.skipif(os.name == "nt", reason="links need a right that users of Windows lack")
def test_the_real_place_counts(tmp_path: Path) -> None:
    """A link into a synced folder is synced, one out of it is not."""
    (tmp_path / "Dropbox" / "lab").mkdir(parents=True)
    (tmp_path / "plain").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "Dropbox" / "lab")
    (tmp_path / "Dropbox" / "out").symlink_to(tmp_path / "plain")
    assert synced_by(tmp_path / "data" / "study", {}, tmp_path) == "Dropbox"
    assert synced_by(tmp_path / "Dropbox" / "out" / "study", {}, tmp_path) == ""


def test_the_refusal_says_why_and_what_to_do(tmp_path: Path) -> None:
    """In one line that names folder and service."""
    with pytest.raises(StudyError) as refused:
        refuse_synced(tmp_path / "Dropbox" / "study")
    words = str(refused.value)
    assert "\n" not in words
    for word in (str(tmp_path / "Dropbox" / "study"), "by Dropbox", "same slot", "--data", "network share"):
        assert word in words
    refuse_synced(tmp_path / "study")
