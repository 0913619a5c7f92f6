"""Where a study lives: its dataset, its private files, and the local folder where journals are written."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs

from experiment.columns import SOFTWARE, VERSION
from experiment.definitions import Resolved
from experiment.files import write_whole

DATA = Path(__file__).resolve().parents[1] / "data"
"""The default place of all datasets; found from the project's root, never from the working directory."""

SIMULATED_SUFFIX = "_simulated"


class StudyError(Exception):
    """A request that this study cannot meet, in one line."""


@dataclass(frozen=True, slots=True)
class Who:
    """A participant's session: code and session label, both alphanumeric."""

    code: str
    session: str

    @property
    def stem(self) -> str:
        """Return the beginning of every file name of this session."""
        return f"sub-{self.code}_ses-{self.session}"

    @property
    def folder(self) -> Path:
        """Return the session's folder within a dataset."""
        return Path(f"sub-{self.code}") / f"ses-{self.session}"


def check_code(code: str, called: str = "participant code") -> str:
    """Return a code, or refuse it.

    Raises
    ------
    StudyError
        When it is not 1 to 16 letters and digits of the English alphabet.
    """
    if not re.fullmatch(r"[A-Za-z0-9]{1,16}", code):
        raise StudyError(f"{called} '{code}' is not allowed: 1 to 16 letters (a-z) and digits")
    return code


def session_label(number: int) -> str:
    """Return the label of a session: ``01``."""
    if not 1 <= number <= 99:
        raise StudyError(f"session {number} is not allowed: 1 to 99")
    return f"{number:02d}"


@dataclass(frozen=True, slots=True)
class Study:
    """The folders of one study.

    Parameters
    ----------
    data
        Folder of all datasets.
    name
        Name of the study, which names its dataset.
    simulated
        Whether its participants are simulated; such a dataset has a name of its own.
    folder
        Name of the dataset's folder, where it is not the study's.
    """

    data: Path
    name: str
    simulated: bool = False
    folder: str = ""

    @property
    def dataset(self) -> Path:
        """Return the dataset's folder."""
        return self.data / (self.folder or self.name + (SIMULATED_SUFFIX if self.simulated else ""))

    @property
    def private(self) -> Path:
        """Return the folder of what is never shared: free text, notes."""
        return self.data / "private" / self.dataset.name

    @property
    def spool(self) -> Path:
        """Return the local folder where this dataset's journals are written first."""
        return spool_root() / f"{self.dataset.name}-{_mark(self.dataset.absolute())}"

    @property
    def second_spool(self) -> Path:
        """Return where they are written too while the spool takes nothing: in the temporary folder."""
        mark = hashlib.sha256(str(self.spool).encode()).hexdigest()[:8]
        return Path(tempfile.gettempdir()) / f"social-pain-overlap-{self.dataset.name}-{mark}"

    def journal(self, who: Who) -> Path:
        """Return where the dataset keeps the journal of a session."""
        return self.dataset / "sourcedata" / who.folder / f"{who.stem}_journal.jsonl"

    def local_journal(self, who: Who) -> Path:
        """Return where the journal of a session is written: in the spool, or in place when simulated."""
        return self.journal(who) if self.simulated else self.spool / f"{who.stem}_journal.jsonl"

    def private_journal(self, who: Who) -> Path:
        """Return where free texts and notes of a session are kept."""
        return self.private / f"{who.stem}_private.jsonl"

    def local_private(self, who: Who) -> Path:
        """Return where they are written first."""
        return self.private_journal(who) if self.simulated else self.spool / f"{who.stem}_private.jsonl"

    def journals(self) -> list[Path]:
        """Return the journals that the dataset holds, sorted by name."""
        return sorted((self.dataset / "sourcedata").glob("sub-*/ses-*/sub-*_journal.jsonl"))

    def check_run_here(self) -> None:
        """Refuse a dataset of ratings that were collected elsewhere: none of its sessions was run here.

        Raises
        ------
        StudyError
            Where the dataset was imported from a table and has no record.
        """
        mapped = (self.dataset / "sourcedata" / "definitions").glob("*/mapping.toml")
        if any(mapped) and not self.journals():
            raise StudyError(
                f"{self.dataset}: was imported from a table; no session was run here, and there is no record"
            )

    def known_digests(self) -> dict[str, Path]:
        """Return the snapshots of definitions in the dataset, by digest."""
        snapshots = self.dataset / "sourcedata" / "definitions"
        return {folder.name: folder for folder in sorted(snapshots.glob("*/"))}

    def check(self, resolved: Resolved) -> None:
        """Refuse definitions with which this study cannot go on; nothing is written.

        Raises
        ------
        StudyError
            When the dataset belongs to people and this is a simulation, or the other way round, or when a
            definition has changed under the same name since an earlier session.
        """
        self._check_kind()
        self._check_definitions(resolved)

    def prepare(self, resolved: Resolved) -> None:
        """Make the dataset ready for a session with these definitions, and keep a snapshot of them.

        Raises
        ------
        StudyError
            As `check` does.
        """
        self.check(resolved)
        folder = self.dataset / "sourcedata" / "definitions" / resolved.digest
        for place, text in sorted(resolved.files.items()):
            file = folder / place
            if not file.is_file():
                write_whole(file, text)
        describe_dataset(self)

    def _check_kind(self) -> None:
        marker = self.dataset / "dataset_description.json"
        if not marker.is_file():
            return
        try:
            found = _says_simulated(marker)
        except ValueError as error:
            raise StudyError(f"{marker}: is not readable; restore it from a copy of the dataset") from error
        if found != self.simulated:
            has = "simulated participants" if found else "people"
            raise StudyError(f"{self.dataset}: holds {has}; simulated and real are never mixed")

    def _check_definitions(self, resolved: Resolved) -> None:
        for folder in self.known_digests().values():
            if folder.name == resolved.digest:
                continue
            for place, text in resolved.files.items():
                earlier = folder / place
                if earlier.is_file() and earlier.read_text(encoding="utf-8") != text:
                    raise StudyError(
                        f"conditions/{place}: has changed since an earlier session of study '{self.name}'; "
                        "give the changed file another name, or the protocol another 'study'"
                    )


@cache
def _mark(dataset: Path) -> str:
    """Return what tells datasets of one name apart; asked once, as a share that hangs would not say it."""
    return hashlib.sha256(str(dataset.resolve()).encode()).hexdigest()[:8]


def study_at(dataset: Path) -> Study:
    """Return the study whose dataset lies in a folder.

    Raises
    ------
    StudyError
        When the folder is no dataset of this program.
    """
    folder = dataset.resolve()
    marker = folder / "dataset_description.json"
    try:
        simulated = _says_simulated(marker)
    except (OSError, ValueError) as error:
        raise StudyError(f"{dataset}: is no dataset (it has no readable dataset_description.json)") from error
    name = folder.name.removesuffix(SIMULATED_SUFFIX) if simulated else folder.name
    return Study(folder.parent, name, simulated, folder.name)


def _says_simulated(marker: Path) -> bool:
    """Return what a dataset says of itself; a ValueError is raised where it cannot be read."""
    found = json.loads(marker.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{marker}: is no description")  # noqa: TRY004 - as for what is no JSON at all
    return bool(found.get("Simulated", False))


def spool_root() -> Path:
    """Return the local folder for journals: the environment's ``SPOT_SPOOL``, or the user's state folder."""
    chosen = os.environ.get("SPOT_SPOOL")
    return Path(chosen) if chosen else Path(platformdirs.user_state_path("social-pain-overlap")) / "journals"


def describe_dataset(study: Study) -> None:
    """Write the dataset's description and README where they are missing."""
    kind = "Simulated participants" if study.simulated else "Participants"
    description = {
        "Name": f"{study.name}{' (simulated participants)' if study.simulated else ''}",
        "BIDSVersion": "1.10.0",
        "HEDVersion": "8.4.0",
        "DatasetType": "raw",
        "Simulated": study.simulated,
        "GeneratedBy": [{"Name": SOFTWARE, "Version": VERSION}],
    }
    readme = (
        f"# {study.name}\n\n{kind} of a ball game with inclusion and exclusion, and their ratings.\n\n"
        "Tables (`beh/`) are derived from the journals under `sourcedata/`, which are the record.\n"
        "Scores are computed by the definitions under `sourcedata/definitions/`.\n"
        "Every column is described in the `.json` file beside or above its table.\n"
    )
    described = json.dumps(description, indent=2) + "\n"
    for name, text in (("dataset_description.json", described), ("README.md", readme)):
        if not (study.dataset / name).is_file():
            write_whole(study.dataset / name, text)
