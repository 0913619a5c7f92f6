"""Scenes of pain tasks, as they come up in simulated sessions of what is shipped."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from experiment import definitions
from experiment.allocation import Allocated
from experiment.definitions.texts import Interface
from experiment.journal import Journal
from experiment.limits import Limited
from experiment.respondent import Respondent, identity
from experiment.scenes import Court, Form, Page, Scene
from experiment.session import Session
from experiment.simulated import VirtualScreen, virtual_booth

WANTED: Mapping[str, Callable[[Scene, Interface], bool]] = {
    "pain_rest": lambda scene, ui: isinstance(scene, Page) and scene.title == ui.pain_rest,
    "pain_ready": lambda scene, ui: isinstance(scene, Page) and scene.title == ui.pain_ready,
    "pain_stimulus": lambda scene, ui: isinstance(scene, Page) and scene.title == ui.pain_now,
    "pain_give": lambda scene, ui: isinstance(scene, Page) and scene.title == ui.operator_title,
    "pain_level": lambda scene, _ui: isinstance(scene, Form) and scene.measure == "stimulus_level",
    "pain_threshold": lambda scene, _ui: isinstance(scene, Form) and scene.measure.startswith("threshold"),
    "pain_water": lambda scene, ui: isinstance(scene, Page) and scene.title == ui.cold_first,
    "pain_water_rating": lambda scene, _ui: isinstance(scene, Form) and scene.measure == "pain_nrs",
    "pain_cap": lambda scene, ui: isinstance(scene, Page) and scene.title == ui.cold_cap,
    "pain_probe_rating": lambda scene, _ui: isinstance(scene, Form) and scene.stage == "probe_1",
}
"""What to keep of all that is shown, by the name of its picture."""


def shown(protocol: str, cell: int, seed: int) -> Iterator[Scene]:
    """Yield each scene of a simulated session that is new to whoever looks at it."""
    resolved = definitions.resolve(protocol)
    seen: list[Scene] = []

    class Collecting(VirtualScreen):
        def show(self, scene: Scene, *, idle_until: float | None = None) -> float:
            if not seen or identity(scene) != identity(seen[-1]) or isinstance(scene, Form):
                seen.append(scene)
            return VirtualScreen.show(self, scene, idle_until=idle_until)

    person = Respondent(seed, resolved.measures)
    booth = virtual_booth(person)
    booth.screen = Collecting(booth.screen.world)  # type: ignore[attr-defined]
    drawn = Allocated(resolved.protocol.design.cells()[cell], 1, 1, "")
    with (
        tempfile.TemporaryDirectory() as folder,
        Journal(Path(folder) / "forgotten.jsonl", durable=False) as record,
    ):
        limited = Limited(None, felt=person.feel, simulated=True)
        Session(
            booth, record, resolved, seed, lambda _stratum: drawn, lambda _text: "", person.hear,
            limited=limited,
        ).run()  # fmt: skip
    yield from seen


def tasks() -> dict[str, Scene]:
    """Return the screens of a task by a device, of one by hand, and of cold water."""
    found: dict[str, Scene] = {}
    for protocol, cell in (("pain_sensitivity", 2), ("pain_treatment", 0), ("exclusion_cold_pressor", 1)):
        ui = definitions.resolve(protocol).texts.ui
        for seed in (1, 2, 3):
            for scene in shown(protocol, cell, seed):
                if isinstance(scene, Court):
                    continue
                for name, fits in WANTED.items():
                    answered = isinstance(scene, Form) and (scene.value is not None or bool(scene.typed))
                    better = name not in found or answered
                    if better and fits(scene, ui):
                        found[name] = scene
    return found
