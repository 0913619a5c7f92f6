"""A participant and an experimenter at a real session: they follow its journal, and act on what it tells.

Nothing here waits for a time to pass. An action is done, and done again where the journal does not show that
it arrived: the screen may not have been there yet.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest

from experiment import definitions
from experiment.answering import Answering
from experiment.journal import Journal
from experiment.questionnaire import Asking, Questionnaire
from experiment.scenes import Button, Court, Held, Page, Scene, Value
from experiment.seating import players_of
from experiment.stage import palette
from experiment.stage.director import Director
from experiment.stage.gallery_games import BALL
from experiment.stage.palette import channels
from experiment.stage.view import View
from experiment.study import Study, Who

if TYPE_CHECKING:
    from experiment.booth import Booth
    from tests.window.conftest import Desk

SIZE = (1280, 720)
POLL_S = 0.01
ARRIVES_S = 1.0
"""An action that the journal does not show by then is done again."""

BESIDE = (3, SIZE[1] - 4)
"""A place (px) where no screen has anything."""

LEAST_COLOURS = 60
PATIENCE_S = 45.0
TRIES = 8

Event = dict[str, Any]


@lru_cache(maxsize=1)
def director() -> Director:
    """Return what lays scenes out, without a window."""
    return Director(*SIZE)


def place(scene: Scene, target: str, along: float = 0.5) -> tuple[float, float]:
    """Return where in a scene a target is to be clicked (px), on a line at `along` of its length."""
    found = next(t for t in director().compose(scene, View(*SIZE)) if t.name == target)
    left, top, width, height = found.rect
    if found.line is None:
        return left + width / 2, top + height / 2
    return found.line[0] + along * (found.line[1] - found.line[0]), top + height / 2


@dataclass(frozen=True, slots=True)
class Lab:
    """A researcher's folder: definitions, datasets and the local journals."""

    folder: Path
    protocol: Path

    @property
    def data(self) -> Path:
        """Return the folder of all datasets."""
        return self.folder / "data"

    @property
    def env(self) -> dict[str, str]:
        """Return the environment of a program that leaves nothing outside the folder."""
        state = {"SPOT_SPOOL": str(self.folder / "spool"), "XDG_STATE_HOME": str(self.folder / "state")}
        return {**os.environ, **state, "PYTHONUNBUFFERED": "1"}

    @property
    def resolved(self) -> definitions.Resolved:
        """Return the protocol with all that it names."""
        return definitions.resolve(self.protocol)

    @property
    def study(self) -> Study:
        """Return the study."""
        return Study(self.data, self.resolved.protocol.study)

    def local(self, who: Who) -> Path:
        """Return the journal of a session as it is written."""
        return self.folder / "spool" / self.study.spool.name / f"{who.stem}_journal.jsonl"

    def run_words(self, code: str, *more: str) -> list[str]:
        """Return the words of `spot run` for this protocol."""
        size = f"{SIZE[0]}x{SIZE[1]}"
        return [
            "run",
            str(self.protocol),
            "--participant",
            code,
            "--data",
            str(self.data),
            "--size",
            size,
            "--seed",
            "3",
            *more,
        ]

    def spot(self, *words: str, **env: str | None) -> subprocess.CompletedProcess[str]:
        """Run `spot` to its end; a variable given as None is taken out of the environment."""
        merged = {**self.env, **env}
        kept = {name: value for name, value in merged.items() if value is not None}
        command = [sys.executable, "-m", "experiment.cli", *words]
        return subprocess.run(
            command,
            env=kept,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )


@contextmanager
def open_desk() -> Iterator[Desk]:
    """Open a display for several tests together; what was started on it ends with it."""
    from tests.window.conftest import _end, _open_desk  # noqa: PLC0415 - only where a window is wanted

    server, desk = _open_desk(SIZE)
    try:
        yield desk
    finally:
        for program in desk.programs:
            _end(program)
        _end(server)


def table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


@dataclass(slots=True)
class Sitting:
    """One program that runs a session on a display, its journal, and the hands at its keys and mouse."""

    desk: Desk
    lab: Lab
    who: Who
    program: subprocess.Popen[str]
    said: Path
    events: list[Event] = field(default_factory=list)
    shots: list[str] = field(default_factory=list)
    _offset: int = 0
    _read: int = 0
    """How many events the driver has gone past; `wait` looks from here on."""

    @classmethod
    def start(cls, desk: Desk, lab: Lab, code: str, *more: str) -> Sitting:
        """Start a session in a window; an earlier part of its journal is passed over."""
        said = lab.folder / f"said-{code}-{len(desk.programs)}.txt"
        command = [sys.executable, "-m", "experiment.cli", *lab.run_words(code, *more)]
        env = {**lab.env, "DISPLAY": desk.name}
        who = Who(code, "01")
        before = lab.local(who).stat().st_size if lab.local(who).is_file() else 0
        with said.open("w", encoding="utf-8") as out:
            program = subprocess.Popen(
                command, env=env, text=True, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )
        desk.programs.append(program)
        desk.point(*BESIDE)
        return cls(desk, lab, who, program, said, _offset=before)

    # Following

    def more(self) -> bool:
        """Read what the journal has gained; return whether there was anything."""
        path = self.lab.local(self.who)
        if not path.is_file():
            return False
        with path.open("rb") as file:
            file.seek(self._offset)
            whole = file.read().rpartition(b"\n")
        if not whole[1]:
            return False
        self._offset += len(whole[0]) + 1
        self.events += [json.loads(line) for line in whole[0].splitlines()]
        return True

    def stream(self, timeout_s: float = PATIENCE_S) -> Iterator[Event]:
        """Yield events from where the driver is, waiting for each."""
        end = time.monotonic() + timeout_s
        while True:
            while self._read < len(self.events):
                self._read += 1
                yield self.events[self._read - 1]
            if not self.more():
                if self.program.poll() is not None and not self.more():
                    self.fail(f"the program ended with {self.program.returncode}")
                if time.monotonic() > end:
                    self.fail(f"nothing came within {timeout_s:g} s")
                time.sleep(POLL_S)

    def wait(self, kind: str, /, timeout_s: float = PATIENCE_S, **wanted: object) -> Event:
        """Go on to the next event of a kind with these values."""
        for event in self.stream(timeout_s):
            if event["event"] == kind and wanted.items() <= event.items():
                return event
        raise AssertionError

    def heard(self, words: str, timeout_s: float = PATIENCE_S) -> None:
        """Wait until the experimenter has been told something."""
        end = time.monotonic() + timeout_s
        while words not in self.said.read_text(encoding="utf-8"):
            if self.program.poll() is not None or time.monotonic() > end:
                self.fail(f"the experimenter was not told '{words}'")
            time.sleep(POLL_S)

    def fail(self, what: str) -> NoReturn:
        """Fail with all there is to know."""
        last = "\n".join(json.dumps(event)[:300] for event in self.events[-12:])
        pytest.fail(f"{what}\n--- said\n{self.said.read_text(encoding='utf-8')[-2000:]}\n--- journal\n{last}")

    def finish(self) -> int:
        """Wait for the end of the program and return its exit code."""
        code = self.program.wait(PATIENCE_S)
        self.more()
        return code

    # Acting

    def act(self, do: Callable[[], None], *uses: str, **wanted: object) -> Event:
        """Do something until the journal shows the press it led to, put to one of `uses`."""
        for _ in range(TRIES):
            do()
            end = time.monotonic() + ARRIVES_S
            while time.monotonic() < end:
                ended = self.program.poll() is not None  # before the last look at what it wrote
                self.more()
                found = self._pressed(wanted)
                if found is not None and found["use"] in (uses or ("answer", "throw")):
                    return found
                if found is not None:
                    break  # it came too early
                if ended:
                    self.fail(f"the program ended before {wanted}")
                time.sleep(POLL_S)
        return self.fail(f"no {wanted} in the journal after {TRIES} tries")

    def _pressed(self, wanted: dict[str, object]) -> Event | None:
        for number in range(self._read, len(self.events)):
            event = self.events[number]
            if event["event"] == "press" and wanted.items() <= event.items():
                self._read = number + 1
                return event
        return None

    def tap(self, name: str, *uses: str) -> Event:
        """Press a key until it is in the journal."""
        return self.act(lambda: self.desk.tap(name), *uses, key=name.lower())

    def click(self, scene: Scene, target: str, along: float = 0.5) -> Event:
        """Click something in a scene until it is in the journal."""
        return self.act(lambda: self.desk.click(*place(scene, target, along)), target=target)

    def sees(self) -> None:
        """Make sure that what comes next is on the screen: a click beside everything arrives."""
        self.act(lambda: self.desk.click(*BESIDE), "ignored", source="mouse", target=None)

    def write(self, text: str) -> None:
        """Type characters into the field that is on the screen, and see that all have arrived."""
        self.sees()
        self.desk.write(text)
        self.sees()

    def picture(self, name: str) -> None:
        """Take a picture of the screen, and keep it where `SPOT_SHOTS` says; it must show something."""
        end = time.monotonic() + ARRIVES_S
        while (
            len((seen := self.desk.picture()).getcolors(1 << 20) or []) <= LEAST_COLOURS
            and time.monotonic() < end
        ):
            self.more()
        folder = os.environ.get("SPOT_SHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            seen.save(Path(folder) / f"{name}.png")
        colours = seen.getcolors(1 << 20) or []
        commonest = max((count for count, _ in colours), default=0)
        assert len(colours) > LEAST_COLOURS, f"{name}: only {len(colours)} colours"
        assert commonest < 0.995 * SIZE[0] * SIZE[1], f"{name}: nothing but ground"
        self.shots.append(name)

    def see_calm_page(self) -> None:
        """Wait for a page that has words on its card and nothing else: no button, no way out, no court."""
        card, paper = channels("#fffdf9"), channels(palette.PAPER)
        end = time.monotonic() + PATIENCE_S
        while self.program.poll() is None and time.monotonic() < end:
            seen = self.desk.picture()
            margins = seen.crop((0, 600, *SIZE)), seen.crop((1150, 0, SIZE[0], 100))
            plain = all(
                [colour for _, colour in part.getcolors(1 << 20) or []] == [paper] for part in margins
            )
            colours = {colour: count for count, colour in seen.getcolors(1 << 20) or []}
            if plain and colours.get(card, 0) > 20_000:
                return
        self.fail("the participant saw no calm page")

    # Screens

    def page(self, name: str, *buttons: Button, stop: bool = True) -> Page:
        """Return a page of the session as it is shown."""
        resolved = self.lab.resolved
        words = resolved.texts.pages[name]
        body = tuple(paragraph.replace("{contact}", resolved.protocol.contact) for paragraph in words.body)
        return Page(words.title, body, buttons, stop_label=resolved.texts.ui.stop if stop else "")

    def consent_page(self) -> Page:
        """Return the page on which the participant consents."""
        ui = self.lab.resolved.texts.ui
        buttons = Button("button:disagree", ui.disagree), Button("button:agree", ui.agree, main=True)
        return self.page("consent", *buttons, stop=False)

    def permission_page(self) -> Page:
        """Return the page that asks for permission."""
        ui = self.lab.resolved.texts.ui
        return self.page(
            "permission", Button("button:refused", ui.no), Button("button:granted", ui.yes), stop=False
        )

    def stop_page(self) -> Page:
        """Return the page that asks whether the participant means to stop."""
        ui = self.lab.resolved.texts.ui
        buttons = Button("button:cancel", ui.stop_cancel, main=True), Button("button:stop", ui.stop_confirm)
        return Page(ui.stop_title, ui.stop_body, buttons)

    def court(self, game: str) -> Court:
        """Return the court of a game while it is the participant's turn."""
        resolved = self.lab.resolved
        players = players_of(resolved.games[game], resolved.texts.ui.you)
        return Court(
            players, Held(2, 0.0, came_from=1), BALL, 1.0, turn=True, stop_label=resolved.texts.ui.stop
        )

    def form(self, measure: str, stage: str, item: str, value: Value | None = None) -> Scene:
        """Return an item as it is shown, with an answer marked or none."""
        resolved = self.lab.resolved
        of = Asking("", measure, stage, None)
        nowhere = cast("Booth", None), cast("Journal", None)
        asked = Questionnaire(
            *nowhere,
            resolved.measures[measure],
            resolved.texts,
            of,
            3,
            lambda _text: "",
            lambda *_answer: None,
        )
        items = asked.order()
        index = next(i for i, each in enumerate(items) if each.id == item)
        answering = Answering(asked._scale(items[index]), value=value, confirm=asked._confirm(items[index]))
        return asked._form(items, index, answering)

    # What people do

    def agree(self) -> None:
        """Read the consent page and agree."""
        self.wait("step", kind="consent")
        self.click(self.consent_page(), "button:agree")
        self.wait("consent", answer="agree")

    def read_on(self, name: str) -> None:
        """Read a page and go on with the key."""
        self.tap("Return")
        self.wait("page", page=name)

    def permit(self) -> None:
        """Read the debriefing and let the data be used."""
        self.wait("step", kind="debriefing")
        self.read_on("debriefing")
        self.wait("step", kind="permission")
        self.click(self.permission_page(), "button:granted")
        self.wait("permission", answer="granted")

    def press_stop(self, button: str, *, by_key: bool = False) -> None:
        """Use the way out that every screen has, and answer the question that follows."""
        pill = place(self.court("game_a"), "stop")
        answer = place(self.stop_page(), button)
        if by_key:
            self.sees()  # a key that comes before the page is lost, and the click would meet the page

        def both() -> None:
            if by_key:
                self.desk.tap("F10")
            else:
                self.desk.click(*pill)
            self.desk.click(*answer)

        self.act(both, target=button)

    def pause(self) -> None:
        """Hold escape until the experimenter's pause is there."""
        before = self.said.read_text(encoding="utf-8").count("paused:")
        self.desk.xdotool("keydown", "Escape")
        try:
            end = time.monotonic() + PATIENCE_S
            while self.said.read_text(encoding="utf-8").count("paused:") == before:
                if time.monotonic() > end or self.program.poll() is not None:
                    self.fail("escape was held, but no pause came")
                time.sleep(POLL_S)
        finally:
            self.desk.xdotool("keyup", "Escape")
