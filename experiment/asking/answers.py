"""The questions before a session, the answers as they are typed, and what a check of them says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answers:
    """What has been typed and chosen so far, as typed; an empty language is the protocol's own."""

    protocol: str = ""
    participant: str = ""
    session: str = "1"
    language: str = ""
    experimenter: str = ""
    screen: str = "0"
    resume: bool = False
    take_over: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: which answer it fills, how it is called and what is allowed."""

    name: str
    label: str
    hint: str = ""


QUESTIONS = (
    Asked("protocol", "Protocol"),
    Asked("participant", "Participant code", "1 to 16 letters and digits; no names"),
    Asked("session", "Session", "1 for the first"),
    Asked("language", "Language"),
    Asked("experimenter", "Experimenter code", "may stay empty; letters and digits, no names"),
    Asked("screen", "Screen"),
)


@dataclass(frozen=True, slots=True)
class WayOn:
    """What can be done about a session that exists already: how to say it, and which answers it changes."""

    label: str
    changes: Mapping[str, str | bool]


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with a set of answers, by question; what else there is to say; the ways on."""

    problems: Mapping[str, str]
    remarks: Mapping[str, str]
    ways_on: tuple[WayOn, ...] = ()
