"""The form behind the dialog and the terminal: what can be chosen, what is wrong, what ways on there are.

It knows nothing of either, and reads definitions and datasets without changing them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from experiment import definitions
from experiment.asking.answers import Answers, Checked, WayOn
from experiment.asking.sessions import (
    check_experimenter,
    check_participant,
    check_session,
    check_session_number,
    resuming_remark,
)
from experiment.definitions import CONDITIONS, DefinitionError, Resolved
from experiment.definitions.errors import shown
from experiment.definitions.laboratory import read_laboratory
from experiment.pain.preflight import check_ceilings
from experiment.placeholder import placeholder
from experiment.stage.qt import Monitor, label
from experiment.study import Study


@dataclass(slots=True)
class Form:
    """The questions before a session; reads definitions and datasets and changes neither."""

    data: Path
    monitors: tuple[Monitor, ...] = ()
    root: Path = CONDITIONS
    _resolved: dict[tuple[str, str], Resolved | str] = field(default_factory=dict)

    def choices(self, name: str, answers: Answers) -> dict[str, str]:
        """Return what can be chosen, value and label; nothing where the answer is typed."""
        match name:
            case "protocol":
                names = definitions.names("protocols", self.root)
                names += [answers.protocol] if answers.protocol and answers.protocol not in names else []
                return {name: name for name in names}
            case "language":
                codes = definitions.names("texts", self._root_of(answers.protocol))
                codes += [answers.language] if answers.language and answers.language not in codes else []
                return {code: self._language_name(answers.protocol, code) for code in codes}
            case "screen":
                return {str(monitor.number): label(monitor, self.monitors) for monitor in self.monitors}
        return {}

    def settled(self, before: Answers, after: Answers) -> Answers:
        """Return answers after a change, with what follows: the protocol's language, resuming asked anew."""
        if after.protocol != before.protocol and before.language in ("", self._own_language(before.protocol)):
            after = replace(after, language="")
        if not after.language:
            after = replace(after, language=self._own_language(after.protocol))
        if (after.protocol, after.participant, after.session) != (
            before.protocol,
            before.participant,
            before.session,
        ):
            after = replace(after, resume=False, take_over=False)
        return after

    def check(self, answers: Answers) -> Checked:
        """Say all that is wrong with a set of answers."""
        resolved = self._resolve(answers.protocol, answers.language)
        study = Study(self.data, resolved.protocol.study) if isinstance(resolved, Resolved) else None
        remarks: dict[str, str] = {}
        ways_on: tuple[WayOn, ...] = ()
        problems = {
            "protocol": self.check_protocol(answers),
            "language": self.check_language(answers),
            "participant": check_participant(answers, study),
            "session": check_session_number(answers),
            "experimenter": check_experimenter(answers.experimenter),
            "screen": self.check_screen(answers),
        }
        if isinstance(resolved, Resolved) and study is not None:
            said = (f"recorded in {shown(study.dataset)}", placeholder(resolved.protocol))
            remarks["protocol"] = "\n".join(line for line in said if line)
            if not problems["participant"] and not problems["session"]:
                problems["session"], ways_on = check_session(answers, study, resolved)
            if answers.resume and not problems["session"]:
                remarks["session"] = resuming_remark(answers, study)
        return Checked({name: problem for name, problem in problems.items() if problem}, remarks, ways_on)

    def check_protocol(self, answers: Answers) -> str:
        """Say what is wrong with the protocol, whatever the language."""
        if not answers.protocol:
            return "choose a protocol"
        resolved = self._resolve(answers.protocol, "")
        if isinstance(resolved, str):
            return resolved
        try:  # read anew each time: somebody may be typing the ceilings in
            check_ceilings(resolved, read_laboratory() if resolved.pain else None)
        except DefinitionError as error:
            return str(error)
        return ""

    def check_language(self, answers: Answers) -> str:
        """Say whether the protocol cannot be run in the language."""
        if self.check_protocol(answers):
            return ""
        resolved = self._resolve(answers.protocol, answers.language)
        return resolved if isinstance(resolved, str) else ""

    def check_screen(self, answers: Answers) -> str:
        """Say whether there is no such monitor; where none is known, the stage will."""
        numbers = [str(monitor.number) for monitor in self.monitors]
        if not numbers or answers.screen in numbers:
            return ""
        return f"there is no screen {answers.screen}; this computer has {', '.join(numbers)}"

    def _language_name(self, protocol: str, code: str) -> str:
        resolved = self._resolve(protocol, code)
        return f"{resolved.texts.language} ({code})" if isinstance(resolved, Resolved) else code

    def _own_language(self, protocol: str) -> str:
        resolved = self._resolve(protocol, "") if protocol else ""
        return resolved.language if isinstance(resolved, Resolved) else ""

    def _root_of(self, protocol: str) -> Path:
        """Return the folder of definitions that a protocol uses, as `definitions.resolve` finds it."""
        beside = Path(protocol).resolve().parent.parent
        own = protocol.endswith(".toml") and (beside / "texts").is_dir() and (beside / "games").is_dir()
        return beside if own else self.root

    def _resolve(self, protocol: str, language: str) -> Resolved | str:
        """Return the protocol in a language (empty: its own), or what is wrong with it in words."""
        key = (protocol, language)
        if key not in self._resolved:
            try:
                self._resolved[key] = definitions.resolve(protocol, language or None, self.root)
            except (DefinitionError, OSError) as error:
                self._resolved[key] = str(error).replace("--language =", "language =")
        return self._resolved[key]


def taken(form: Form, answers: Answers, way_on: WayOn) -> Answers:
    """Return the answers after a way on was taken."""
    changes: dict[str, Any] = dict(way_on.changes)
    settled = form.settled(answers, replace(answers, **changes))
    return replace(settled, **changes)
