"""The game drawn: ground, co-players, ball, the participant's hands, and what can be clicked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from experiment.scenes import PARTICIPANT, Court, CourtPlayer, Held, Said
from experiment.stage import palette, widgets
from experiment.stage.ball import draw_ball, draw_ball_shadow
from experiment.stage.bubbles import Bubble, draw_bubbles, opacity, place, surroundings
from experiment.stage.canvas import Canvas
from experiment.stage.easing import span
from experiment.stage.figure import contact_shadow, draw_melting
from experiment.stage.ground import draw_ground, draw_ring, tones
from experiment.stage.hands import draw_behind_ball, draw_thumbs
from experiment.stage.palette import packed
from experiment.stage.places import FIGURE_UNITS, REACH_UNITS, Floor, Placed, Seat, floor
from experiment.stage.poses import Poses, poses
from experiment.stage.troupe import find_troupe
from experiment.stage.view import Rect, Target, View
from experiment.stage.wardrobe import find_wardrobe

LIGHT_S = 0.12
GONE_S = 0.6
"""How long a player who leaves fades away."""
MESSAGE_PX = 62
COMPOSED_MAX = 512
TAG_BELOW = 33
CAP_BELOW = 74
TAG_LOWER, CAP_LOWER = 3, 8
"""How much lower name and key cap are where there is a portrait, which is taller than a name."""


Place = tuple[tuple[int, ...], int, int, Placed]
"""What `floor` takes: short to compare, where a floor is long."""


def _where(scene: Court, view: View) -> Place:
    placed = tuple((player.number, player.place) for player in scene.players if player.place is not None)
    return tuple(player.number for player in scene.players), view.width, view.height, placed


def court_floor(scene: Court, view: View) -> Floor:
    """Return the places of a scene's players on the screen."""
    return floor(*_where(scene, view))


def court_targets(scene: Court, view: View) -> list[Target]:
    """Return the hit area of each co-player who plays: figure, name and key cap, up to the neighbours'."""
    ground = court_floor(scene, view)
    playing = {player.number for player in scene.players if player.left_at is None} - {PARTICIPANT}
    targets = []
    for seat in sorted(ground.seats, key=lambda seat: seat.y) if ground.deep else ground.seats:
        if seat.number not in playing:
            continue
        half = min(seat.room / 2 - 2, max(REACH_UNITS * seat.unit, view.px(70)))
        top = seat.y - (FIGURE_UNITS + 4) * seat.unit
        bottom = seat.y + view.px(CAP_BELOW + 24)
        targets.append(Target(f"player:{seat.number}", (seat.x - half, top, 2 * half, bottom - top)))
    return targets


def fading(player: CourtPlayer, time_s: float) -> float:
    """Return how far (0-1) a player can still be seen: 1 while they play, then ever less."""
    return 1.0 if player.left_at is None else 1 - span(time_s - player.left_at, 0.0, GONE_S)


@dataclass(slots=True)
class CourtPicture:
    """Draws courts; what does not move is composed once and pasted."""

    canvas: Canvas
    _still: dict[object, Canvas] = field(default_factory=dict)
    _ways_out: dict[object, list[Target]] = field(default_factory=dict)
    _bubbles: dict[tuple[Place, Said], Bubble] = field(default_factory=dict)

    def forget(self) -> None:
        """Drop what was composed (lines of text have moved in the atlas)."""
        self._still.clear()
        self._ways_out.clear()

    def draw(self, scene: Court, view: View) -> list[Target]:
        """Draw a scene and return what can be clicked."""
        where = _where(scene, view)
        cast = Cast(where, floor(*where), {player.number: player for player in scene.players}, scene.time_s)
        state = poses(scene, cast.ground)
        self.canvas.begin(
            palette.FLOOR, self._kept(("ground", where), lambda canvas: draw_ground(canvas, cast.ground))
        )
        if scene.turn:
            self._draw_light(scene, view, cast)
        self._draw_figures(scene, cast, state)
        labels = ("labels", scene.players, scene.turn, view)
        self._paste(labels, lambda canvas: draw_labels(canvas, scene, view, cast))
        self._draw_leaving(scene, view, cast, state)
        self._draw_bubbles(scene, view, cast)
        self._paste(
            ("message", scene.message, view.width, view.height),
            lambda canvas: widgets.draw_message(canvas, view, scene.message, view.px(MESSAGE_PX), warm=False),
        )
        self._draw_ball_and_hands(scene, cast, state)
        over = ("over", cast.looks[PARTICIPANT], scene.stop_label, scene.leave_label, view)
        self._paste(
            over, lambda canvas: self._ways_out.update({over: draw_over(canvas, scene, view, cast.ground)})
        )
        return court_targets(scene, view) + self._ways_out[over]

    def _paste(self, key: object, draw: Callable[[Canvas], object]) -> None:
        """Add what `draw` draws; see `_kept`."""
        self.canvas.paste(self._kept(key, draw))

    def _kept(self, key: object, draw: Callable[[Canvas], object]) -> Canvas:
        """Return what `draw` draws; it is asked once for each key."""
        found = self._still.get(key)
        if found is None:
            if len(self._still) >= COMPOSED_MAX:
                self.forget()
            width, height = self.canvas.width, self.canvas.height
            found, prints, ink = (Canvas(self.canvas.atlas, width, height) for _ in range(3))
            found.prints, found.ink = prints, ink
            draw(found)
            found.paste(prints)
            found.paste(ink)
            self._still[key] = found
        return found

    def _draw_light(self, scene: Court, view: View, cast: Cast) -> None:
        """Light the floor under everyone who can be thrown to, and ring the participant's figure."""
        since = scene.ball.since if isinstance(scene.ball, Held) else scene.time_s
        strength = 0.45 + 0.55 * span(scene.time_s - since, -0.02, LIGHT_S)
        for seat in cast.ground.seats:
            u, hover = seat.unit, view.hover == f"player:{seat.number}"
            if not cast.plays(seat):
                continue
            if seat.number == PARTICIPANT:
                first, colour = self.canvas.vertices, cast.looks[PARTICIPANT].colour
                self._paste(("ring", cast.where, colour), partial(draw_ring, seat=seat, colour=colour))
                self.canvas.fade(first, strength)
                continue
            wide = min(46 * u, 0.56 * seat.room)
            self.canvas.glow(seat.x, seat.y, wide * 1.25, 15 * u, packed("#fff3c4", 0.95 * strength))
            self.canvas.glow(
                seat.x, seat.y, wide * 0.9, 10 * u, packed(palette.WHITE, (1.0 if hover else 0.75) * strength)
            )

    def _draw_figures(self, scene: Court, cast: Cast, state: Poses) -> None:
        """Draw everybody who plays, from far to near, and the ball that a figure holds."""
        canvas, ball = self.canvas, state.ball
        wardrobe = find_wardrobe(canvas, largest_unit(cast.ground))
        here = cast.playing
        self._paste(("shadows", cast.where, here), lambda still: draw_contact_shadows(still, cast))
        draw_ball_shadow(canvas, ball)
        for layer in cast.ground.layers:
            seats = [seat for seat in layer if seat.number in here]
            if not seats:
                continue
            troupe = find_troupe(wardrobe, tuple((seat, cast.looks[seat.number].colour) for seat in seats))
            troupe.draw_bodies(canvas, state.players)
            if any(seat.number == ball.holder for seat in seats):
                draw_ball(canvas, ball, scene.look.colour, cast.largest_ball_px(scene))
            troupe.draw_arms(canvas, state.players)

    def _draw_leaving(self, scene: Court, view: View, cast: Cast, state: Poses) -> None:
        """Draw players who have just left, with their names, ever fainter."""
        canvas, wardrobe = self.canvas, find_wardrobe(self.canvas, largest_unit(cast.ground))
        for seat in cast.ground.seats:
            player = cast.looks[seat.number]
            left = 0.0 if player.left_at is None else fading(player, scene.time_s)
            if left <= 0:
                continue
            first = canvas.vertices
            contact_shadow(canvas, seat)
            draw_melting(wardrobe, seat, state.players[seat.number], player.colour)
            self._paste(
                ("tag", player, view.width, view.height),
                partial(_draw_tag_of, view=view, seat=seat, player=player, lit=False),
            )
            canvas.melt(first, 1 - left, *tones(cast.ground))
            canvas.fade(first, min(1.0, 2.5 * left))

    def _draw_bubbles(self, scene: Court, view: View, cast: Cast) -> None:
        """Draw what is said; a bubble stays where it came up."""
        said = [line for line in scene.said if cast.ground.find(line.player) is not None]
        up: list[tuple[Bubble, str]] = []
        coming: list[tuple[tuple[Bubble, str], float]] = []
        kept = {(cast.where, line) for line in said}
        self._bubbles = {key: bubble for key, bubble in self._bubbles.items() if key in kept}
        for line in sorted(said, key=lambda line: line.since):
            found = self._bubbles.get((cast.where, line))
            if found is None:
                others = [bubble.rect for bubble in self._bubbles.values()]
                speaker = cast.ground.seat(line.player)
                around = surroundings(cast.ground, view, speaker, taken(scene, view), others)
                found = self._bubbles[cast.where, line] = place(line.words, around, view)
            drawn, shown = (found, cast.looks[line.player].colour), opacity(line, scene.time_s)
            if shown < 1:
                coming.append((drawn, shown))
            else:
                up.append(drawn)
        self._paste(("bubbles", *up), partial(draw_bubbles, view=view, bubbles=up))
        for drawn, shown in coming:
            first = self.canvas.vertices
            self._paste(("bubbles", drawn), partial(draw_bubbles, view=view, bubbles=[drawn]))
            self.canvas.fade(first, shown)

    def _draw_ball_and_hands(self, scene: Court, cast: Cast, state: Poses) -> None:
        """Draw the ball in the air over everything else, and the own hands that send or await it."""
        canvas, ball, colour = self.canvas, state.ball, scene.look.colour
        if cast.ground.own_figure:
            if ball.holder is None:
                draw_ball(canvas, ball, colour, cast.largest_ball_px(scene))
            return
        near = ball.holder is None or ball.holder == PARTICIPANT
        behind = ball.holder is None and not _towards_viewer(scene)
        if behind:
            draw_ball(canvas, ball, colour, cast.largest_ball_px(scene))
        draw_behind_ball(canvas, state.own, cast.ground, cast.looks[PARTICIPANT].colour)
        if near and not behind:
            draw_ball(canvas, ball, colour, cast.largest_ball_px(scene))
        draw_thumbs(canvas, state.own, cast.ground)


@dataclass(slots=True)
class Cast:
    """The players of a scene and where they are."""

    where: Place
    ground: Floor
    looks: dict[int, CourtPlayer]
    time_s: float
    playing: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        self.playing = frozenset(n for n, player in self.looks.items() if player.left_at is None)

    def plays(self, seat: Seat) -> bool:
        """Return whether the player of a seat is still in the game."""
        return seat.number in self.playing

    def largest_ball_px(self, scene: Court) -> float:
        """Return the greatest radius that the ball will have."""
        ground = self.ground
        return max(ground.own_ball_px, ground.ball_units * largest_unit(ground)) * scene.look.size


def taken(scene: Court, view: View) -> list[Rect]:
    """Return where something stands over the court that no bubble may cover."""
    rects = []
    if scene.message:
        rects.append(widgets.message(view, scene.message, view.px(MESSAGE_PX)).rect)
    if scene.stop_label:
        rects.append(widgets.stop_rect(view, scene.stop_label))
    if scene.leave_label:
        rects.append(widgets.leave_rect(view, scene.leave_label))
    return rects


def largest_unit(ground: Floor) -> float:
    """Return the size of the largest figure: masks are drawn for it and shrunk for the others."""
    return max(seat.unit for seat in ground.seats)


def draw_contact_shadows(canvas: Canvas, cast: Cast) -> None:
    """Draw the shadows under the feet of everybody who plays."""
    for seat in cast.ground.seats:
        if cast.plays(seat):
            contact_shadow(canvas, seat)


def _towards_viewer(scene: Court) -> bool:
    ball = scene.ball
    return not isinstance(ball, Held) and PARTICIPANT in (ball.thrower, ball.receiver)


def draw_labels(canvas: Canvas, scene: Court, view: View, cast: Cast) -> None:
    """Draw names and, when it is the participant's turn, the keys that throw."""
    for layer in cast.ground.layers:
        for seat in layer:
            if not cast.plays(seat):
                continue
            player = cast.looks[seat.number]
            own = player.number == PARTICIPANT
            lit = scene.turn and (own or view.hover == f"player:{player.number}")
            _draw_tag_of(canvas, view, seat, player, lit=lit)
            if player.key and scene.turn and not own:
                y = seat.y + view.px(CAP_BELOW + (CAP_LOWER if player.photo else 0))
                widgets.draw_cap(canvas, view, seat.x, y, player.key, 34)


def _draw_tag_of(canvas: Canvas, view: View, seat: Seat, player: CourtPlayer, *, lit: bool) -> None:
    y = seat.y + view.px(TAG_BELOW + (TAG_LOWER if player.photo else 0))
    limit = min(seat.room - view.px(10), view.px(240))
    widgets.draw_tag(canvas, view, seat.x, y, player.name, player.colour, limit, lit=lit, photo=player.photo)


def draw_over(canvas: Canvas, scene: Court, view: View, ground: Floor) -> list[Target]:
    """Draw what lies over the game: the name at the own hands, the ways out; return the places of these."""
    if not ground.own_figure:
        own = next(player for player in scene.players if player.number == PARTICIPANT)
        middle, y = view.width / 2, view.height - view.px(28)
        widgets.draw_tag(canvas, view, middle, y, own.name, own.colour, view.px(150), photo=own.photo)
    return widgets.draw_leave(canvas, view, scene.leave_label) + widgets.draw_stop(
        canvas, view, scene.stop_label
    )
