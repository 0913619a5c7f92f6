"""A simulated participant: looks at scenes, presses at plausible times, answers by a stated model.

The model. What the participant saw in the last run gives a degree of exclusion e = 1 - share / fair, within
0-1, where share is receptions by throws and fair is 1 / players. Each construct has a mean at e = 0 and at
e = 0.8 (two balls in thirty throws of three players) and an SD, in percent of maximum possible; the mean is
linear in e. An answer deviates by the person (`SHARED`: all constructs, all runs), by the construct in this
run (`WITHIN`: its items at every stage that follows the run), and for the rest by the item alone.

Sources. Needs: Gonsalkorale & Williams (2007), in-group cell, ostracism and inclusion, from 1-5 to percent.
Mood: the inclusion mean of the same cell; its difference is set to d = 1.5, between the meta-analytic mean of
more than 1.4 (Hartgerink et al., 2015) and 1.6 in published data sets. Checks: the same cell. Hurt feelings,
the share of recovery at later stages, and all response times: our choice. Physical pain does not depend on
the condition, as in published data sets without a stimulus (about 0). What stimuli feel like is said in
`experiment.sensation`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from experiment.booth import Press
from experiment.definitions.measure import Item, Measure
from experiment.randomness import stream
from experiment.scenes import (
    PARTICIPANT,
    ChoiceScale,
    Court,
    Flying,
    Form,
    Held,
    LikertScale,
    LineScale,
    NumberScale,
    Page,
    Scene,
    TextScale,
)
from experiment.sensation import Sensation
from experiment.stimulator import Stimulus

SHARED = 0.3
WITHIN = 0.25
"""Shares of the variance of an item: five items then have an alpha of about .86 (published: .73 to .93)."""

SPREAD = 1.25
"""SD of an item relative to that of the mean of five such items, which is what is published."""

FULL = 0.8
"""The degree of exclusion at which the published means of ostracism were found."""

RECOVERED = 0.5
"""How much of the effect has gone by any stage but the reflexive one (our choice)."""


@dataclass(frozen=True, slots=True)
class Construct:
    """Mean when included and when ostracised, and SD (percent of maximum possible)."""

    included: float
    ostracised: float
    sd: float


CONSTRUCTS: Mapping[str, Construct] = {
    "belonging": Construct(74.5, 39.8, 25.6),
    "self_esteem": Construct(49.3, 41.8, 22.9),
    "control": Construct(38.5, 14.3, 15.4),
    "meaningful_existence": Construct(75.5, 40.3, 25.6),
    "mood": Construct(73.5, 43.5, 20.0),
    "hurt": Construct(8.0, 40.0, 20.0),
    "manipulation_check": Construct(23.3, 78.8, 20.0),
    "distress_rating": Construct(15.0, 50.0, 20.0),
    "pain": Construct(10.0, 10.0, 9.0),
    "other": Construct(50.0, 50.0, 20.0),
}

PERCENT_SD = 8.0
"""SD of the estimated percentage of throws around the true one (between 5.6 and 9.9 in the same source)."""


@dataclass(slots=True)
class Respondent:
    """One simulated participant.

    Parameters
    ----------
    seed
        Seed of this participant; the same seed and the same scenes give the same presses.
    measures
        The measures of the protocol, for their keying.
    effect
        How strongly exclusion works on them; 1 as published, 0 not at all.
    waits
        How long they take for everything, relative to a person; a demonstration hurries.
    overlap
        How far what makes somebody suffer from exclusion makes them sensitive to pain too (see `Sensation`).
    """

    seed: int
    measures: Mapping[str, Measure]
    effect: float = 1.0
    waits: float = 1.0
    overlap: float = 0.0
    sensation: Sensation = field(init=False)
    _seen: tuple[object, ...] = ()
    _throws: int = 0
    _receptions: int = 0
    _players: int = 3
    _runs: int = 0
    _deviations: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let the same person feel pain who feels left out."""
        self.sensation = Sensation(self.overlap, self._normal("person"), self._normal)

    def feel(self, stimulus: Stimulus) -> None:
        """Feel a stimulus that has begun."""
        self.sensation.felt = stimulus

    def hear(self, message: str) -> None:
        """Read what the experimenter is told: the simulated experimenter sets the device to that level."""
        self.sensation.hear(message)

    def see(self, scene: Scene, flip: float) -> list[Press]:
        """Return the presses that this scene leads to; none when nothing new has come up."""
        seen = identity(scene)
        if seen == self._seen:
            return []
        before, self._seen = self._seen, seen
        match scene:
            case Court():
                return self._court(scene, flip, fresh=not before or before[0] != "court")
            case Form():
                return self._form(scene, flip)
            case Page():
                return self._page(scene, flip)
            case _:
                return []

    def _page(self, page: Page, flip: float) -> list[Press]:
        presses = self.sensation.presses(page, flip, self.waits)
        if presses is not None:
            return presses
        main = [button for button in page.buttons if button.main] or list(page.buttons[-1:])
        if not main:
            return []
        words = sum(len(paragraph.split()) for paragraph in page.body)
        at = flip + self.waits * (0.8 + words / 4.5 * self._speed("reading"))
        return [Press(at, "simulated", target=main[0].target)]

    def _court(self, court: Court, flip: float, *, fresh: bool) -> list[Press]:
        if fresh:
            self._throws = self._receptions = 0
            self._runs += 1
            self._players = len(court.players)
        if isinstance(court.ball, Flying):
            self._throws += 1
            self._receptions += court.ball.receiver == PARTICIPANT
            return []
        if not court.turn:
            return []
        rng = stream(self.seed, f"throw/{self._throws}/{flip:.3f}")
        others = [p for p in court.players if p.number != PARTICIPANT and p.left_at is None]
        chosen = others[int(rng.integers(len(others)))]
        wait = 0.25 + float(rng.lognormal(math.log(0.65), 0.4))
        return [Press(flip + wait, "simulated", target=f"player:{chosen.number}")]

    def _form(self, form: Form, flip: float) -> list[Press]:
        rng = stream(self.seed, f"answer/{form.measure}/{form.stage}/{form.item}/{flip:.3f}")
        at = flip + self.waits * (0.7 + float(rng.lognormal(math.log(1.6), 0.45)))
        go_on = Press(at + 0.6 * self.waits, "simulated", target="button:next")
        match form.scale:
            case LikertScale(low=low, high=high):
                step = round(low + (high - low) * self._percent(form) / 100)
                step = self._expected(form, step, low, high)
                return [Press(at, "simulated", target=f"option:{step}"), go_on]
            case LineScale():
                return [Press(at, "simulated", target="line", fraction=self._percent(form) / 100), go_on]
            case NumberScale(low=low, high=high):
                typed = f"{min(max(self._number(form), low), high):.{form.scale.decimals}f}"
                return [Press(at, "simulated", text=typed), go_on]
            case ChoiceScale(options=options):
                ids = [option for option, _ in options]
                expected = self._item(form).expect
                chosen = expected if expected in ids else ids[int(rng.integers(len(ids)))]
                return [Press(at, "simulated", target=f"option:{chosen}"), go_on]
            case TextScale():
                return [Press(at, "simulated", text="Simulated answer."), go_on]

    def _expected(self, form: Form, step: int, low: int, high: int) -> int:
        expected = self._item(form).expect
        return expected if isinstance(expected, int) and low <= expected <= high else step

    def _item(self, form: Form) -> Item:
        return self.measures[form.measure].item(form.item)

    def _number(self, form: Form) -> float:
        """Return what is typed: a level, the age, or the percentage of throws, seen with some error."""
        if self.measures[form.measure].role == "operator":
            return self.sensation.told
        if self.measures[form.measure].role == "demographics":
            return 18 + abs(self._normal("age")) * 6
        share = 100 * self._receptions / max(self._throws, 1)
        return min(max(share + PERCENT_SD * self._normal(self._of_run(form, form.item)), 0.0), 100.0)

    def exclusion(self) -> float:
        """Return how excluded the participant has been in the last run, 0-1."""
        if self._throws == 0:
            return 0.0
        share = self._receptions / self._throws
        return min(max(1 - share * self._players, 0.0), 1.0)

    def _percent(self, form: Form) -> float:
        """Return the answer in percent of the scale, as marked on it."""
        item, role = self._item(form), self.measures[form.measure].role
        felt_pain = self.sensation.percent(form, role)
        if felt_pain is not None:
            return felt_pain
        name = item.subscale if item.subscale in CONSTRUCTS else role if role in CONSTRUCTS else "other"
        construct = CONSTRUCTS[name or "other"]
        felt = 0.0 if form.stage == "baseline" else self.exclusion() / FULL * self.effect
        if form.stage not in ("reflexive", "baseline"):
            felt *= 1 - RECOVERED
        mean = construct.included + (construct.ostracised - construct.included) * felt
        sign = 1 if construct.ostracised <= construct.included else -1
        own = math.sqrt(1 - SHARED - WITHIN) * self._normal(self._of_run(form, form.item))
        person = sign * math.sqrt(SHARED) * self._normal("person")
        state = math.sqrt(WITHIN) * self._normal(f"construct/{name}/{self._runs}")
        percent = min(max(mean + construct.sd * SPREAD * (person + state + own), 0.0), 100.0)
        return 100 - percent if item.reverse else percent

    def _of_run(self, form: Form, what: str) -> str:
        return f"{form.measure}/{what}/{form.stage}/{self._runs}"

    def _normal(self, purpose: str) -> float:
        if purpose not in self._deviations:
            self._deviations[purpose] = float(stream(self.seed, purpose).normal())
        return self._deviations[purpose]

    def _speed(self, purpose: str) -> float:
        return math.exp(0.25 * self._normal(purpose))


def identity(scene: Scene) -> tuple[object, ...]:
    """Return what makes a scene new to somebody who looks at it: not its time, nor marks they have set."""
    match scene:
        case Court(ball=Held(player=player, came_from=came_from), turn=turn):
            return ("court", "held", player, came_from, turn)
        case Court(ball=Flying(thrower=thrower, receiver=receiver)):
            return ("court", "flying", thrower, receiver)
        case Form(measure=measure, stage=stage, item=item):
            return ("form", measure, stage, item)
        case Page(title=title, body=body, buttons=buttons):
            return ("page", title, body, buttons)
        case _:
            return ("joining",)
