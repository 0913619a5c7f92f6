"""The game drawn: ground, co-players, ball, the participant's hands, and what can be clicked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from experiment.scenes import PARTICIPANT, Court, CourtPlayer, Held
from experiment.stage import palette, widgets
from experiment.stage.ball import draw_ball, draw_ball_shadow
from experiment.stage.canvas import Canvas
from experiment.stage.easing import span
from experiment.stage.figure import Wardrobe, arms, contact_shadow, draw_arms, draw_legs, draw_upper_body
from experiment.stage.hands import draw_behind_ball, draw_thumbs
from experiment.stage.palette import packed
from experiment.stage.places import FIGURE_UNITS, REACH_UNITS, Floor, Seat, floor
from experiment.stage.poses import Poses, poses
from experiment.stage.view import Target, View

LIGHT_S = 0.12
COMPOSED_MAX = 64
TREES = (
    (0.055, 1.0),
    (0.085, 0.74),
    (0.385, 0.62),
    (0.41, 0.8),
    (0.635, 0.66),
    (0.9, 0.8),
    (0.935, 1.06),
    (0.965, 0.7),
)
"""Place across the screen and size of each far tree."""
TAG_BELOW = 33
CAP_BELOW = 74


def court_floor(scene: Court, view: View) -> Floor:
    """Return the places of a scene's players on the screen."""
    return floor(tuple(player.number for player in scene.players), view.width, view.height)


def court_targets(scene: Court, view: View) -> list[Target]:
    """Return each co-player's hit area: figure, name and key cap, up to the middle between neighbours."""
    ground = court_floor(scene, view)
    targets = []
    for seat in ground.seats:
        half = min(ground.spacing / 2 - 2, max(REACH_UNITS * seat.unit, view.px(70)))
        top = seat.y - (FIGURE_UNITS + 4) * seat.unit
        bottom = seat.y + view.px(CAP_BELOW + 24)
        targets.append(Target(f"player:{seat.number}", (seat.x - half, top, 2 * half, bottom - top)))
    return targets


@dataclass(slots=True)
class CourtPicture:
    """Draws courts; what does not move is composed once and pasted."""

    canvas: Canvas
    _still: dict[object, Canvas] = field(default_factory=dict)
    _stop: dict[object, list[Target]] = field(default_factory=dict)
    _wardrobes: dict[float, Wardrobe] = field(default_factory=dict)

    def forget(self) -> None:
        """Drop what was composed (lines of text have moved in the atlas)."""
        self._still.clear()
        self._stop.clear()

    def draw(self, scene: Court, view: View) -> list[Target]:
        """Draw a scene and return what can be clicked."""
        ground = court_floor(scene, view)
        state, looks = poses(scene, ground), {player.number: player for player in scene.players}
        self.canvas.begin(palette.FLOOR)
        self.canvas.paste(self._composed(("ground", ground), lambda canvas: draw_ground(canvas, ground)))
        if scene.turn:
            self._draw_light(scene, view, ground)
        labels = ("labels", scene.players, scene.turn, view)
        self.canvas.paste(self._composed(labels, lambda canvas: draw_labels(canvas, scene, view, ground)))
        self._draw_game(scene, ground, state, looks)
        over = ("over", looks[PARTICIPANT], scene.message, scene.stop_label, view)
        self.canvas.paste(
            self._composed(over, lambda canvas: self._stop.update({over: draw_over(canvas, scene, view)}))
        )
        return court_targets(scene, view) + self._stop[over]

    def _composed(self, key: object, draw: Callable[[Canvas], None]) -> Canvas:
        found = self._still.get(key)
        if found is None:
            if len(self._still) >= COMPOSED_MAX:
                self.forget()
            found, ink = (Canvas(self.canvas.atlas, self.canvas.width, self.canvas.height) for _ in range(2))
            found.ink = ink
            draw(found)
            found.paste(ink)
            self._still[key] = found
        return found

    def _wardrobe(self, unit: float) -> Wardrobe:
        found = self._wardrobes.get(unit)
        if found is None:
            found = self._wardrobes[unit] = Wardrobe(self.canvas, unit)
        return found

    def _draw_light(self, scene: Court, view: View, ground: Floor) -> None:
        """Light the floor under everyone who can be thrown to."""
        since = scene.ball.since if isinstance(scene.ball, Held) else scene.time_s
        strength = 0.45 + 0.55 * span(scene.time_s - since, -0.02, LIGHT_S)
        for seat in ground.seats:
            u, hover = seat.unit, view.hover == f"player:{seat.number}"
            wide = min(46 * u, 0.56 * ground.spacing)
            self.canvas.glow(seat.x, seat.y, wide * 1.25, 15 * u, packed("#fff3c4", 0.95 * strength))
            self.canvas.glow(
                seat.x, seat.y, wide * 0.9, 10 * u, packed(palette.WHITE, (1.0 if hover else 0.75) * strength)
            )

    def _draw_game(self, scene: Court, ground: Floor, state: Poses, looks: dict[int, CourtPlayer]) -> None:
        canvas, ball = self.canvas, state.ball
        wardrobe = self._wardrobe(largest_unit(ground))
        largest = max(ground.own_ball_px, ground.ball_units * wardrobe.unit) * scene.look.size
        canvas.paste(self._composed(("shadows", ground), lambda still: draw_contact_shadows(still, ground)))
        draw_ball_shadow(canvas, ball)
        canvas.paste(self._composed(("legs", ground), lambda still: draw_all_legs(still, ground)))
        for seat in ground.seats:
            draw_upper_body(wardrobe, seat, state.players[seat.number], looks[seat.number].colour)
        near = ball.holder is None or ball.holder == PARTICIPANT
        if not near:
            draw_ball(canvas, ball, scene.look.colour, largest)
        self._draw_all_arms(wardrobe, ground, state, looks)
        behind = ball.holder is None and not _towards_viewer(scene)
        if behind:
            draw_ball(canvas, ball, scene.look.colour, largest)
        draw_behind_ball(canvas, state.own, ground, looks[PARTICIPANT].colour)
        if near and not behind:
            draw_ball(canvas, ball, scene.look.colour, largest)
        draw_thumbs(canvas, state.own, ground)

    def _draw_all_arms(
        self, wardrobe: Wardrobe, ground: Floor, state: Poses, looks: dict[int, CourtPlayer]
    ) -> None:
        limbs = []
        for seat in ground.seats:
            limbs += [
                (seat, arm, looks[seat.number].colour) for arm in arms(seat, state.players[seat.number])
            ]
        draw_arms(wardrobe, limbs)


def largest_unit(ground: Floor) -> float:
    """Return the size of the largest figure: masks are drawn for it and shrunk for the others."""
    return max(seat.unit for seat in ground.seats)


def draw_contact_shadows(canvas: Canvas, ground: Floor) -> None:
    """Draw the shadows under everybody's feet."""
    for seat in ground.seats:
        contact_shadow(canvas, seat)


def draw_all_legs(canvas: Canvas, ground: Floor) -> None:
    """Draw what of the figures never moves."""
    wardrobe = Wardrobe(canvas, largest_unit(ground))
    for seat in ground.seats:
        draw_legs(wardrobe, seat)


def _towards_viewer(scene: Court) -> bool:
    ball = scene.ball
    return not isinstance(ball, Held) and PARTICIPANT in (ball.thrower, ball.receiver)


def draw_ground(canvas: Canvas, ground: Floor) -> None:
    """Draw sky, far hills, trees and the court's lines; like things together, for they cost one call."""
    w, h, horizon, s = ground.width, ground.height, ground.horizon, ground.scale
    canvas.box(0, 0, w, horizon, packed(palette.SKY_FAR), packed(palette.SKY_NEAR))
    canvas.box(0, horizon, w, 0.2 * h, packed(palette.FLOOR_FAR), packed(palette.FLOOR))
    x = np.linspace(0, w, 33)
    turn = x / w * np.pi * 2
    far = horizon - s * (46 + 20 * np.sin(turn * 0.9 + 0.6) + 11 * np.sin(turn * 2.3 + 2.0))
    near = horizon - s * (17 + 10 * np.sin(turn * 1.2 + 3.6) + 6 * np.sin(turn * 2.9 + 0.3))
    canvas.under(np.stack((x, far), axis=1), horizon, packed(palette.HILL_FAR))
    _draw_trees(canvas, ground)
    canvas.under(np.stack((x, near), axis=1), horizon, packed(palette.HILL_NEAR))
    _draw_lines(canvas, ground)


def _draw_trees(canvas: Canvas, ground: Floor) -> None:
    leaf = packed(palette.mix(palette.HILL_NEAR, palette.HILL_FAR, 0.35))
    foot = ground.horizon - 14 * ground.scale
    share, size = np.array(TREES).T
    s = size * ground.scale
    x = share * ground.width
    trunks = np.stack((np.stack((x, foot - 26 * s), axis=1), np.stack((x, foot + 8 * s), axis=1)), axis=1)
    canvas.ribbons(trunks, np.tile(4.4 * s[:, None], (1, 2)), np.full(len(TREES), leaf, np.uint32))
    for place, tall in zip(x.tolist(), s.tolist(), strict=True):
        canvas.ellipse(place, foot - 40 * tall, 23 * tall, 28 * tall, leaf)


def _draw_lines(canvas: Canvas, ground: Floor) -> None:
    """Draw the rounded court as lines on the floor, thinner where it is far."""
    w, h, s = ground.width, ground.height, ground.scale
    rx, ry, middle = min(0.46 * w, 0.86 * h), 0.345 * h, 0.80 * h
    hidden = np.arcsin(min(1.0, (h - middle) / ry + 0.03))
    arc = np.linspace(np.pi - hidden, 2 * np.pi + hidden, 57)
    turn = np.linspace(0, 2 * np.pi, 57)
    rim = np.stack((w / 2 + rx * np.cos(arc), middle + ry * np.sin(arc)), axis=1)
    inner = np.stack((w / 2 + 0.2 * rx * np.cos(turn), 0.665 * h + 0.062 * h * np.sin(turn)), axis=1)
    depth = (rim[:, 1] - ground.horizon) / (h - ground.horizon)
    widths = s * np.stack((2.0 + 5.5 * depth, np.full_like(depth, 3.0)))
    canvas.ribbons(
        np.stack((rim, inner)),
        widths,
        np.array([packed(palette.LINE, 0.95), packed(palette.LINE, 0.7)], np.uint32),
    )


def draw_labels(canvas: Canvas, scene: Court, view: View, ground: Floor) -> None:
    """Draw names and, when it is the participant's turn, the keys that throw."""
    looks = {player.number: player for player in scene.players}
    for seat in ground.seats:
        player = looks[seat.number]
        lit = scene.turn and view.hover == f"player:{player.number}"
        _draw_tag_of(canvas, view, seat, player, ground.spacing, lit=lit)
        if player.key and scene.turn:
            widgets.draw_cap(canvas, view, seat.x, seat.y + view.px(CAP_BELOW), player.key, 34)


def _draw_tag_of(
    canvas: Canvas, view: View, seat: Seat, player: CourtPlayer, spacing: float, *, lit: bool
) -> None:
    y = seat.y + view.px(TAG_BELOW)
    limit = min(spacing - view.px(10), view.px(240))
    widgets.draw_tag(canvas, view, seat.x, y, player.name, player.colour, limit, lit=lit)


def draw_over(canvas: Canvas, scene: Court, view: View) -> list[Target]:
    """Draw what lies over the game: own name, a prompt, the way out; return the last one's place."""
    own = next(player for player in scene.players if player.number == PARTICIPANT)
    widgets.draw_tag(
        canvas, view, view.width / 2, view.height - view.px(28), own.name, own.colour, view.px(150)
    )
    widgets.draw_message(canvas, view, scene.message, view.px(62), warm=False)
    return widgets.draw_stop(canvas, view, scene.stop_label)
