"""XML into a small tree that knows its lines; nothing is expanded, nothing is fetched."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from experiment.importing.found import ImportingError

DEEPEST = 20


@dataclass(slots=True)
class Element:
    """An element: its name, line, words, and what is in it."""

    name: str
    line: int
    nil: bool = False
    words: str = ""
    inner: list[Element] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        """Return the elements of this name that are directly inside."""
        return [element for element in self.inner if element.name == name]


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.parser = expat.ParserCreate("utf-8")
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._words
        self.open: list[Element] = []
        self.root: Element | None = None

    def _doctype(self, *_: object) -> None:
        raise self.problem("has a DOCTYPE, which Cyberball 5 never writes; take it out")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= DEEPEST:
            raise self.problem(f"is nested more than {DEEPEST} deep")
        element = Element(name, self.parser.CurrentLineNumber, attributes.get("xsi:nil") == "true")
        if self.open:
            self.open[-1].inner.append(element)
        else:
            self.root = element
        self.open.append(element)

    def _end(self, _: str) -> None:
        element = self.open.pop()
        element.words = element.words.strip()

    def _words(self, words: str) -> None:
        self.open[-1].words += words

    def problem(self, text: str) -> ImportingError:
        return ImportingError(f"{self.file}:{self.parser.CurrentLineNumber}: {text}")


def tree(text: str, file: str) -> Element:
    """Return the outermost element of an XML text.

    Raises
    ------
    ImportingError
        Where it is not well formed, or declares anything that would have to be expanded.
    """
    reader = _Reader(file)
    try:
        reader.parser.Parse(text.lstrip("\ufeff \t\n").encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        raise ImportingError(
            f"{file}:{error.lineno}: is not well-formed XML ({expat.ErrorString(error.code)})"
        ) from error
    if reader.root is None:
        raise ImportingError(f"{file}:1: has no element")
    return reader.root
