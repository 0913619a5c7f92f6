"""Whether there is a display, whether Qt can use it, and its monitors; found out without Qt or PsychoPy.

Qt ends the whole interpreter, with no exception to catch, where a system library is missing or the display
refuses it. So both are tried beforehand, by the very file that Qt would load.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Monitor:
    """A monitor, by the number that PsychoPy's window knows it by."""

    number: int
    width_px: int
    height_px: int
    x_px: int = 0
    y_px: int = 0


def why_no_dialog() -> str:
    """Say why no dialog can be shown here, or return an empty string where one can."""
    if find_spec("PyQt6") is None:
        return "PyQt6 is not installed"
    if not sys.platform.startswith("linux"):
        return ""
    if os.environ.get("QT_QPA_PLATFORM", "xcb") != "xcb":
        return ""  # somebody has chosen how Qt is to show itself
    return _unset() or _missing_library() or _refused()


def why_no_display() -> str:
    """Say why no window whatever can be shown here, or nothing where one can or nobody knows."""
    if not sys.platform.startswith("linux"):
        return ""
    try:
        return _unset() or _refused()
    except OSError:
        return ""  # the library to ask the display with is missing


def _unset() -> str:
    if os.environ.get("DISPLAY"):
        return ""
    only = "; PsychoPy needs XWayland" if os.environ.get("WAYLAND_DISPLAY") else ""
    return f"there is no display (DISPLAY is not set{only})"


def use_checked_platform() -> None:
    """Make Qt use what was checked, also where a Wayland session would lead it elsewhere."""
    if sys.platform.startswith("linux"):
        os.environ.setdefault("QT_QPA_PLATFORM", "xcb")


def _missing_library(load: Callable[[str], object] = ctypes.CDLL) -> str:
    """Load Qt's part for X with all that it needs, and say what is not there."""
    spec = find_spec("PyQt6")
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec is not None else []
    plugins = [folder / "Qt6" / "plugins" / "platforms" / "libqxcb.so" for folder in folders]
    found = [plugin for plugin in plugins if plugin.is_file()]
    # Where Qt comes from the system's own packages, so do the libraries that it needs.
    for file in [*map(str, found), "libxcb.so.1"]:
        try:
            load(file)
        except OSError as error:
            library = str(error).split(":", maxsplit=1)[0]
            return (
                f"the dialog needs {library}, which is missing ('python lab.py setup' installs it on Debian)"
            )
    return ""


def _refused() -> str:
    """Connect to the display as Qt would, and say whether it refuses."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    refused = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return f"the display {os.environ.get('DISPLAY')} cannot be reached" if refused else ""


def monitors() -> tuple[Monitor, ...]:
    """Return the monitors in PsychoPy's order, which is not always Qt's; none where there is no display."""
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        return ()
    try:
        import pyglet  # noqa: PLC0415 - wants a display

        screens = pyglet.canvas.get_display().get_screens()
    except Exception:  # noqa: BLE001 - whatever the graphics libraries raise; the stage says it in words later
        return ()
    return tuple(Monitor(i, s.width, s.height, s.x, s.y) for i, s in enumerate(screens))


def label(monitor: Monitor, among: Sequence[Monitor]) -> str:
    """Name a monitor for a person: ``1: 1920 × 1080, right``."""
    size = f"{monitor.number}: {monitor.width_px} × {monitor.height_px}"
    order = sorted(other.x_px for other in among)
    if len(among) < 2:
        return size
    if len(set(order)) < len(among):
        return f"{size}, at {monitor.x_px}, {monitor.y_px}"
    place = order.index(monitor.x_px)
    ends = {0: "left", len(order) - 1: "right"}
    return f"{size}, {ends.get(place, 'middle' if len(order) == 3 else f'{place + 1} from the left')}"
