"""A PsychoPy window and keyboard behind the ports of the booth."""

# ruff: noqa: PLC0415 - psychopy and pyglet are slow to import and want a display
from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from PIL import Image

from experiment.booth import Frames, Interruptions
from experiment.scenes import Court, Scene
from experiment.stage import StageError, StageSettings, palette
from experiment.stage.clocks import DriverTime, StageClock
from experiment.stage.director import Director
from experiment.stage.drivers import open_keyboards, open_pointers
from experiment.stage.hovering import Hovering
from experiment.stage.pacing import FrameCount, Grid, display_period, is_software, is_virtual
from experiment.stage.photodiode import Patch, fill
from experiment.stage.view import Target, View

EMULATED_HZ = 60.0
SWAP_CONTROL = ("GLX_EXT_swap_control", "GLX_MESA_swap_control", "GLX_SGI_swap_control")
WARM_UP_FLIPS = 5
MEASURED_FLIPS = 40


@dataclass(slots=True)
class StageScreen:
    """`experiment.booth.Screen`: draws scenes and flips."""

    window: Any
    clock: StageClock
    director: Director
    count: FrameCount
    grid: Grid | None
    facts: Mapping[str, object]
    painter: Any
    keys: Any
    patch: Patch | None = None
    hovering: Hovering = field(default_factory=Hovering)
    _closed: bool = False
    _pointer_shown: bool = True
    _last: tuple[Scene, View] | None = None

    @property
    def period_s(self) -> float:
        """Duration of one frame (s)."""
        return self.count.period_s

    def begin(self) -> None:
        """Show the empty screen, the patch black."""
        self.painter.draw(self.director.canvas)
        self.flip()

    def next_flip(self) -> float:
        """Return when the frame that is drawn now will be seen (s, session clock)."""
        return self.count.next_flip(self.clock.now())

    def draw(self, scene: Scene) -> list[Target]:
        """Draw a scene, to be seen after `flip`; return what can be clicked in it."""
        events = self.keys.events
        lit, held = self.hovering.follow(scene, events.pointer, self.keys.all_held())
        view = View(self.director.width, self.director.height, events.hover() if lit else "", held)
        targets = self.director.compose(scene, view)
        self.painter.draw(self.director.canvas)
        self._last = (scene, view)
        return targets

    def flip(self) -> None:
        """Show what was drawn."""
        self._present()
        self.window.flip(clearBuffer=False)  # the painter clears, in the colour of what comes

    def _present(self) -> None:
        """Bring what was drawn into the back buffer, and the patch above all of it."""
        self.painter.present()
        if self.patch is not None:
            fill(self.patch.rect, self.patch.grey, self.director.height)

    def show(self, scene: Scene, *, idle_until: float | None = None) -> float:  # noqa: ARG002 - shows all
        """Draw `scene`, flip, and return the time of the flip (s, session clock)."""
        if self.patch is not None:
            self.patch.follow(scene)
        targets = self.draw(scene)
        if bool(targets) != self._pointer_shown:
            self._pointer_shown = bool(targets)
            self.window.mouseVisible = self._pointer_shown
        if self.grid is not None:
            _begin_filling()
            self.grid.wait()
        self.flip()
        flip = self.clock.now()
        self.keys.events.asked()  # a flip makes the window tell what it knows
        self.keys.events.shown(flip, targets if self.patch is None else [*targets, self.patch.cover()])
        self.count.add(flip)
        return flip

    def prepare(self, scenes: Sequence[Scene]) -> None:
        """Draw scenes once out of sight, so that no first draw delays a frame later.

        Before a game rubbish is collected, and what is left is taken out of the collector's sight: a search
        through all that PsychoPy has loaded takes as long as five frames.
        """
        view = View(self.director.width, self.director.height)
        for scene in scenes:
            self.director.compose(scene, view)
            self.painter.draw(self.director.canvas)
        if any(isinstance(scene, Court) for scene in scenes):
            gc.collect()
            gc.freeze()
        self.count.part()

    def account(self) -> Frames:
        """Return the frames since the last call."""
        return self.count.account()

    def describe(self) -> Mapping[str, object]:
        """Return size, refresh rate, pacing, graphics driver and versions."""
        return self.facts

    def image(self) -> Image.Image:
        """Return what is on the screen now."""
        size = self.director.width, self.director.height
        if self._last is None:
            return Image.new("RGB", size, palette.PAPER)
        self.director.compose(*self._last)
        self.painter.draw(self.director.canvas)
        self._present()
        pixels = self.painter.grab(*size)
        return Image.frombytes("RGB", size, pixels).transpose(Image.Transpose.FLIP_TOP_BOTTOM)

    def close(self) -> None:
        """Close the window and give the screen back."""
        if not self._closed:
            self._closed = True
            self.window.close()


@dataclass(slots=True)
class Stage:
    """An open window with its keyboard and clock; a context manager that gives the screen back."""

    settings: StageSettings
    interruptions: Interruptions
    tell: Callable[[str], None] = lambda _message: None
    screen: StageScreen = field(init=False)
    keys: Any = field(init=False)
    clock: StageClock = field(init=False)

    def __post_init__(self) -> None:
        _check_display()
        window = _open_window(self.settings)
        try:
            self._equip(window)
        except BaseException:
            window.close()
            raise

    def _equip(self, window: Any) -> None:
        """Put clock, keyboard and screen round an open window."""
        from psychtoolbox import GetSecs

        from experiment.stage.events import WindowEvents
        from experiment.stage.handover import hand_over_parts
        from experiment.stage.kept import keep_picture
        from experiment.stage.paint import Painter
        from experiment.stage.presses import StageKeys

        self.clock = StageClock(time.perf_counter(), time.perf_counter, GetSecs)
        driver_time = partial(DriverTime, self.clock.now, GetSecs)
        keyboards = open_keyboards(driver_time(), required=self.settings.require_keyboard)
        width, height = (int(side) for side in window.frameBufferSize)
        period, emulated = _measure(window, self.settings.emulate_hz)
        handle = window.winHandle

        def to_canvas(x: float, y: float) -> tuple[float, float]:
            return x * width / handle.width, height - y * height / handle.height

        events = WindowEvents(self.clock.now, to_canvas, self.interruptions)
        handle.push_handlers(events)
        handle.set_caption(self.settings.title)
        pointers = open_pointers(driver_time())
        self.keys = StageKeys(events, handle.dispatch_events, keyboards, pointers, self.tell)
        director = Director(width, height)
        # A graphics card fills a picture faster than anybody finds what changed in it.
        kept = keep_picture(width, height) if is_software(_renderer()) else None
        corner = self.settings.photodiode
        patch = Patch.at(corner, View(width, height)) if corner is not None else None
        # The patch lies above the picture that is kept, straight in the back buffer.
        in_parts = kept is not None and patch is None
        self.screen = StageScreen(
            window=window,
            clock=self.clock,
            director=director,
            count=FrameCount(period),
            grid=Grid(period, time.perf_counter) if emulated else None,
            facts=_facts(window, self.settings, period, emulated=emulated)
            | {"photodiode": patch.describe() if patch else None, "drawing": "changes" if kept else "whole"},
            painter=Painter(director.atlas, kept, hand_over_parts(handle, height) if in_parts else None),
            keys=self.keys,
            patch=patch,
        )
        self.screen.begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def screenshot(self, path: Path) -> None:
        """Save what is on the screen now as a PNG."""
        self.screen.image().save(path, format="PNG")

    def close(self) -> None:
        """Close the window; a second call does nothing."""
        self.screen.close()


def _check_display() -> None:
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        raise StageError(
            "no display: DISPLAY is not set; start this from a desktop, or under a virtual display (Xvfb)"
        )


def _open_window(settings: StageSettings) -> Any:
    try:
        import pyglet

        pyglet.options["debug_gl"] = (
            False  # asks the driver for errors after every call; read when pyglet.gl loads
        )
        from psychopy import logging, visual

        logging.console.setLevel(logging.ERROR)

        screens = len(pyglet.canvas.get_display().get_screens())
    except Exception as fault:
        raise StageError(
            f"the display cannot be used ({fault}); check the screen and the graphics driver"
        ) from fault
    if not 0 <= settings.screen < screens:
        raise StageError(f"no screen {settings.screen}: this computer has {screens}, numbered from 0")
    try:
        return visual.Window(
            size=settings.size_px or (1280, 720),
            fullscr=settings.size_px is None,
            screen=settings.screen,
            units="pix",
            color=palette.PAPER,
            allowGUI=settings.size_px is not None,
            checkTiming=False,
            waitBlanking=True,
            autoLog=False,
            title=settings.title,
        )
    except Exception as fault:
        raise StageError(f"the window cannot be opened ({fault}); check the graphics driver") from fault


def _measure(window: Any, emulate_hz: float | None) -> tuple[float, bool]:
    """Return the period of a frame (s) and whether frames have to be paced by the program."""
    if emulate_hz is not None:
        return 1 / emulate_hz, True
    if is_virtual(_renderer(), can_wait=_can_wait()):
        return 1 / EMULATED_HZ, True
    for _ in range(WARM_UP_FLIPS):
        window.flip()
    flips = []
    for _ in range(MEASURED_FLIPS):
        window.flip()
        flips.append(time.perf_counter())
    period = display_period(flips)
    return (1 / EMULATED_HZ, True) if period is None else (period, False)


def _begin_filling() -> None:
    """Let the driver fill pixels while the program waits for the time to flip."""
    from pyglet import gl

    gl.glFlush()


def _renderer() -> str:
    from pyglet import gl

    return str(gl.gl_info.get_renderer())


def _can_wait() -> bool:
    """Return whether the display system has a way to make flips wait for the refresh."""
    if not sys.platform.startswith("linux"):
        return True
    from pyglet.gl import glx_info

    return any(glx_info.have_extension(name) for name in SWAP_CONTROL)


def _facts(window: Any, settings: StageSettings, period: float, *, emulated: bool) -> dict[str, object]:
    from pyglet import gl

    return {
        "refresh_hz": round(1 / period, 3),
        "pacing": "emulated" if emulated else "display",
        "size_px": [int(side) for side in window.frameBufferSize],
        "screen": settings.screen,
        "fullscreen": settings.size_px is None,
        "renderer": _renderer(),
        "opengl": gl.gl_info.get_version(),
        "psychopy": version("psychopy"),
        "pyglet": version("pyglet"),
        "system": sys.platform,
    }
