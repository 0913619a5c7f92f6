"""Definitions by name: finds files, reads them, and checks that they fit one another."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from experiment.definitions.errors import DefinitionError, shown
from experiment.definitions.exclusions import Exclusions
from experiment.definitions.fit import Parts, check_fit
from experiment.definitions.game import Game
from experiment.definitions.measure import Measure
from experiment.definitions.mentions import games_named, measures_named, pain_named
from experiment.definitions.pain import Pain
from experiment.definitions.photos import check_photo
from experiment.definitions.protocol import Protocol
from experiment.definitions.reading import Definition, checked, parse, read, table_of, text_of
from experiment.definitions.texts import MoreTexts, Texts
from experiment.definitions.variant import Variant
from experiment.definitions.wording import NAME, PATTERNS, instead

CONDITIONS = Path(__file__).resolve().parents[2] / "conditions"
"""The project's own definitions; found from the project's root, never from the working directory."""

KINDS: dict[str, type[Definition]] = {
    "games": Game,
    "measures": Measure,
    "protocols": Protocol,
    "texts": Texts,
    "exclusions": Exclusions,
    "pain": Pain,
}

_TEXTS = ("pages", "lines", "measures")
"""What a lab may add to a language."""

M = TypeVar("M", bound=Definition)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A protocol with all that it names.

    ``files`` maps the place below `conditions/` to the text of each file used, for a photograph to its
    SHA-256; ``digest`` is the SHA-256 over them, so that two sessions with the same digest were run with the
    same definitions. ``photos`` maps the names of photographs to their files,
    ``pain`` has the pain tasks. ``root`` is the folder in which all of it was found.
    """

    name: str
    protocol: Protocol
    games: dict[str, Game]
    measures: dict[str, Measure]
    texts: Texts
    language: str
    files: dict[str, str]
    photos: dict[str, Path] = field(default_factory=dict)
    pain: dict[str, Pain] = field(default_factory=dict)
    root: Path = CONDITIONS

    @property
    def digest(self) -> str:
        """Return the digest of the definitions (16 hexadecimal digits)."""
        whole = hashlib.sha256()
        for place, text in sorted(self.files.items()):
            whole.update(f"{place}\n{len(text)}\n{text}".encode())
        return whole.hexdigest()[:16]


def names(kind: str, root: Path = CONDITIONS) -> list[str]:
    """Return the names that a kind of definition has, sorted: ``names("protocols")``."""
    return [path.stem for path in _visible(root / kind)]


def find(kind: str, name: str, root: Path = CONDITIONS) -> Path:
    """Return the file of a definition that is named; suggests the nearest name when there is none."""
    file = root / kind / f"{name}.toml"
    if file.is_file() and name in names(kind, root):
        return file
    raise DefinitionError(root / kind, f"has no '{name}'; {instead(name, names(kind, root))}")


def resolve(protocol: str | Path, language: str | None = None, root: Path = CONDITIONS) -> Resolved:
    """Return a protocol, given by name or file, with its games, measures and texts, checked together.

    A protocol file elsewhere uses the `games`, `measures` and `texts` beside its folder where they exist
    (``study/protocols/x.toml`` with ``study/games/``), else the project's.

    Raises
    ------
    DefinitionError
        For the first thing that is wrong, in whichever file.
    """
    if isinstance(protocol, Path) or protocol.endswith(".toml"):
        file = Path(protocol)
        beside = file.resolve().parent.parent
        root = beside if (beside / "texts").is_dir() and (beside / "games").is_dir() else root
    else:
        file = find("protocols", protocol, root)
    return _Gathering(file, root).resolved(language)


def resolve_kept(folder: Path, protocol: str, language: str) -> Resolved:
    """Return a protocol as a dataset keeps it, without `conditions/`.

    Photographs are never kept with a dataset, only their hashes: one that is in the project's photos
    unchanged is found there, any other is missing from ``photos``.

    Raises
    ------
    DefinitionError
        Where a kept file is missing, damaged or does not fit the others.
    """
    return _Gathering(find("protocols", protocol, folder), folder, kept=True).resolved(language)


class _Gathering:
    """Reads each file once and keeps its text; with `kept`, photographs may be missing."""

    def __init__(self, file: Path, root: Path, *, kept: bool = False) -> None:
        self.file = file
        self.root = root
        self.kept = kept
        self.files: dict[str, str] = {}
        self.extends = ""

    def take(self, kind: str, name: str, model: type[M], where: str) -> M:
        try:
            file = find(kind, name, self.root)
        except DefinitionError as error:
            raise DefinitionError(
                self.file, f"{where} = '{name}': {shown(self.root / kind)} {error.problem}"
            ) from error
        return self.keep(f"{kind}/{file.stem}.toml", file, model)

    def take_all(self, kind: str, named: Iterable[tuple[str, str]], model: type[M]) -> dict[str, M]:
        """Return each definition that is named, by name; the first place is told where one is wrong."""
        found: dict[str, M] = {}
        for place, name in named:
            if name not in found:
                found[name] = self.take(kind, name, model, place)
        return found

    def keep(self, place: str, file: Path, model: type[M]) -> M:
        text = text_of(file).replace("\r\n", "\n")
        self.files[place] = text
        return parse(text, model, file)

    def protocol(self) -> Protocol:
        """Return the protocol of the file, or the one that it extends, changed as it says."""
        place = f"protocols/{self.file.stem}.toml"
        text = self.files[place] = text_of(self.file).replace("\r\n", "\n")
        if "extends" not in table_of(text, self.file):
            return parse(text, Protocol, self.file)
        variant = parse(text, Variant, self.file)
        if variant.extends == self.file.stem:
            raise DefinitionError(
                self.file, f"extends = '{variant.extends}': a protocol cannot extend itself"
            )
        base_file = find_beside(self.file, variant.extends, self.root)
        if "extends" in table_of(text_of(base_file), base_file):
            raise DefinitionError(
                self.file,
                f"extends = '{variant.extends}': that extends another itself; name a protocol that does not",
            )
        self.extends = variant.extends
        base = self.keep(f"protocols/{base_file.stem}.toml", base_file, Protocol)
        try:
            return checked(variant.applied_to(base), Protocol, self.file)
        except ValueError as error:
            raise DefinitionError(self.file, str(error)) from error
        except DefinitionError as error:
            raise self.changed(error, variant.extends) from error

    def changed(self, error: DefinitionError, extends: str) -> DefinitionError:
        """Return `error` with a word on where to look: what is wrong may stand in the other file."""
        return DefinitionError(self.file, f"{error.problem} (in '{extends}', changed as this file says)")

    def take_photos(self, games: dict[str, Game]) -> dict[str, Path]:
        """Return the photographs that games name, each known to be a picture, and keep their hashes."""
        found: dict[str, Path] = {}
        for name, game in games.items():
            for i, coplayer in enumerate(game.coplayers, start=1):
                if coplayer.photo is not None and self.kept:
                    self.take_kept_photo(coplayer.photo, found)
                elif coplayer.photo is not None:
                    file = self.root / "photos" / coplayer.photo
                    check_photo(file, self.root / "games" / f"{name}.toml", f"coplayers[{i}].photo")
                    found[coplayer.photo] = file
                    digest = hashlib.sha256(file.read_bytes()).hexdigest()
                    self.files[f"photos/{coplayer.photo}.sha256"] = f"{digest}\n"
        return found

    def take_kept_photo(self, name: str, found: dict[str, Path]) -> None:
        """Keep the hash of a photograph as it was kept; find the picture where it is still the same."""
        place = f"photos/{name}.sha256"
        self.files[place] = text_of(self.root / place)
        picture = CONDITIONS / "photos" / name
        if (
            picture.is_file()
            and hashlib.sha256(picture.read_bytes()).hexdigest() == self.files[place].strip()
        ):
            found[name] = picture

    def resolved(self, language: str | None) -> Resolved:
        protocol = self.protocol()
        where = "--language" if language else "language"
        language = language or protocol.language
        games = self.take_all("games", games_named(protocol), Game)
        pain = self.take_all("pain", pain_named(protocol), Pain)
        measures = self.take_all("measures", measures_named(protocol, pain), Measure)
        texts = self.take("texts", language, Texts, where)
        texts_file = find("texts", language, self.root)
        written_in: dict[str, Path] = {}
        for more in _visible(self.root / "texts" / language):
            own = self.keep(f"texts/{language}/{more.name}", more, MoreTexts)
            texts = _added(texts, own, more)
            written_in |= {f"{kind}.{name}": more for kind in _TEXTS for name in getattr(own, kind)}
        try:
            check_fit(Parts(protocol, games, measures, texts, self.file, texts_file, pain))
        except DefinitionError as error:
            key = re.match(r"\w+\.\w+", error.problem)
            if error.file == texts_file and key and key[0] in written_in:
                raise DefinitionError(written_in[key[0]], error.problem) from error
            if self.extends and error.file == self.file:
                raise self.changed(error, self.extends) from error
            raise
        photos = self.take_photos(games)
        return Resolved(
            self.file.stem, protocol, games, measures, texts, language, self.files, photos, pain,
            self.root,
        )  # fmt: skip


def find_beside(file: Path, name: str, root: Path) -> Path:
    """Return the protocol that another file extends."""
    try:
        return find("protocols", name, root)
    except DefinitionError as error:
        raise DefinitionError(
            file, f"extends = '{name}': {shown(root / 'protocols')} {error.problem}"
        ) from error


def read_protocol(file: Path) -> Protocol:
    """Return a protocol file, which may extend another, checked by itself."""
    beside = file.resolve().parent.parent
    root = beside if (beside / "protocols").is_dir() else CONDITIONS
    return _Gathering(file, root).protocol()


def _visible(folder: Path) -> list[Path]:
    """Return the definition files of a folder, without those that systems hide (``._en.toml``)."""
    return sorted(path for path in folder.glob("*.toml") if not path.name.startswith("."))


def _added(texts: Texts, more: MoreTexts, file: Path) -> Texts:
    """Return `texts` with a lab's own pages and measures, none of which may be there already."""
    for kind in _TEXTS:
        old, new = getattr(texts, kind), getattr(more, kind)
        twice = sorted(set(old) & set(new))
        if twice:
            raise DefinitionError(
                file, f"{kind}.{twice[0]} is there already, in another file of the language"
            )
    return texts.model_copy(update={kind: {**getattr(texts, kind), **getattr(more, kind)} for kind in _TEXTS})


def check_file(file: Path) -> str:
    """Read one definition file of any kind, by the folder it lies in, and return its kind.

    A protocol is resolved whole, so that what it names is checked too.
    """
    folder = file.resolve().parent
    kind = folder.name
    if file.suffix != ".toml":
        raise DefinitionError(file, "the name of a definition ends in .toml")
    if folder.parent.name == "texts":
        _check_more_texts(file)
        return "texts"
    if kind not in KINDS:
        raise DefinitionError(file, f"lies in folder '{kind}'; definitions lie in {', '.join(KINDS)}")
    if kind != "texts" and not re.fullmatch(NAME, file.stem):
        raise DefinitionError(file, f"'{file.stem}', which names it, must be {PATTERNS[NAME]}")
    _check_folder(file, kind)
    if kind == "protocols":
        resolve(file)
    else:
        read(file, KINDS[kind])
    return kind


def _check_more_texts(file: Path) -> None:
    """Check a lab's own texts, alone and beside those of the language where these are at hand."""
    more = read(file, MoreTexts)
    language = file.resolve().parent.with_suffix(".toml")
    if language.is_file():
        _added(read(language, Texts), more, file)


def _check_folder(file: Path, kind: str) -> None:
    """Refuse a definition that is plainly of another kind than its folder."""
    table = table_of(text_of(file), file)
    if kind == "texts" and not {"language", "ui"} & set(table) and set(_TEXTS) & set(table):
        raise DefinitionError(
            file, "has no ui, so it is no whole language; texts of your own lie in texts/en/ or its like"
        )
    of_kind = {"games": "phases", "measures": "items", "protocols": "steps", "texts": "ui"}
    of_kind |= {"exclusions": "rules", "pain": "task"}
    others = [other for other, key in of_kind.items() if key in table]
    if "extends" in table:
        others.append("protocols")
    if others and kind not in others:
        raise DefinitionError(file, f"lies in {kind}/, but is written like the files in {others[0]}/")
