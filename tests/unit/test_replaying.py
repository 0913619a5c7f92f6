"""A recorded session shown again without a window: what was seen, at its moment, as fast as is asked for."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from experiment import definitions, journal
from experiment.booth import Press
from experiment.exits import DONE, FAILED, STOPPED
from experiment.playback import Pace, Playback, Wish, unchanging
from experiment.replaying import check_run, replay
from experiment.scenes import (
    Court,
    Flying,
    Form,
    Held,
    Joining,
    LineScale,
    NumberScale,
    Page,
    Scene,
    TextScale,
)
from experiment.study import StudyError
from tests.rechained import rechain
from tests.scripted import PERIOD_S, Sitting, click, tiny

Seen = tuple[float, float, Scene]
"""When in the session, when in the projector's time, and what."""


@dataclass(slots=True)
class Wall:
    """A projector in virtual time that keeps what it shows.

    `asks` gives wishes by the session's time from which on they are made, each once.
    """

    asks: list[tuple[float, Wish]] = field(default_factory=list)
    real_s: float = 0.0
    shown: list[Seen] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    moment_s: Callable[[], float] = float

    def next_flip(self) -> float:
        """Return when the next frame is due."""
        return self.real_s + PERIOD_S

    def show(self, scene: Scene, caption: str) -> float:
        """Keep the scene and go on by a frame."""
        self.real_s += PERIOD_S
        self.shown.append((self.moment_s(), self.real_s, scene))
        self.captions.append(caption)
        return self.real_s

    def wishes(self) -> Sequence[Wish]:
        """Return the wishes whose time has come."""
        due = [wish for at, wish in self.asks if at <= self.moment_s()]
        self.asks = [(at, wish) for at, wish in self.asks if at > self.moment_s()]
        return due


@dataclass(slots=True)
class Replayed:
    """What came of a replay."""

    code: int
    wall: Wall
    told: list[str]
    complaints: list[str]

    @property
    def seen(self) -> list[tuple[float, Scene]]:
        """Return the scenes with their moments of the session."""
        return [(moment, scene) for moment, _, scene in self.wall.shown]

    def between(self, start_s: float, end_s: float) -> list[Seen]:
        """Return what was shown of a stretch of the session."""
        return [seen for seen in self.wall.shown if start_s <= seen[0] <= end_s]


def shown_again(
    recorded: journal.Recorded, resolved: definitions.Resolved, *asks: tuple[float, Wish], **how: Any
) -> Replayed:
    """Replay a session on a wall."""
    told: list[str] = []
    complaints: list[str] = []
    wall = Wall(list(asks))
    pace = Pace(how.pop("speed", 1.0))
    playback = Playback(wall, "sub-001 ses-01", pace, tell=told.append, **how)
    wall.moment_s = lambda: playback.position_s
    code = replay(recorded, resolved, playback, complaints.append)
    return Replayed(code, wall, told, complaints)


@pytest.fixture(scope="module")
def sitting(tmp_path_factory: pytest.TempPathFactory) -> Sitting:
    """Return a session that was gone through, with all that its screen showed."""
    sitting = Sitting(tmp_path_factory.mktemp("sitting"), tiny(), every_frame=True)
    assert sitting.run() == "completed"
    return sitting


@pytest.fixture(scope="module")
def whole(sitting: Sitting) -> Replayed:
    """Return that session shown again as fast as it was."""
    return shown_again(sitting.recorded, sitting.resolved)


def drawn(scene: Scene) -> Scene:
    """Return a scene as it looks, but for what is not on record: how a text or a line came to be answered."""
    if not isinstance(scene, Form):
        return scene
    if isinstance(scene.scale, TextScale):
        return replace(scene, value=None, typed="")
    return replace(scene, value=None) if isinstance(scene.scale, NumberScale) else scene


def test_all_that_was_seen_is_seen_again_at_its_moment(sitting: Sitting, whole: Replayed) -> None:
    """At every flip at which something came up, and at every one after which a press was looked at."""
    flips = {
        event["t"] for event in sitting.events("shown", "item", "run", "release", "catch", "line", "offer")
    }
    flips |= {event["seen"] for event in sitting.events("press")}
    again: dict[float, list[Scene]] = {}
    for moment, scene in whole.seen:
        again.setdefault(moment, []).append(drawn(scene))
    then = [(flip, drawn(scene)) for flip, scene in sitting.shown if flip in flips]
    missing = [(flip, scene) for flip, scene in then if scene not in again.get(flip, [])]
    assert len(then) > 60
    assert not missing
    assert whole.code == DONE


def test_moments_follow_each_other_frame_by_frame(whole: Replayed) -> None:
    """Never back, and nowhere a hole: the court moves as it did."""
    moments = [moment for moment, _ in whole.seen]
    assert all(a <= b for a, b in pairwise(moments))
    assert max(b - a for a, b in pairwise(moments)) < 3 * PERIOD_S
    courts = [scene for _, scene in whole.seen if isinstance(scene, Court)]
    assert all(a.time_s <= b.time_s + 1e-9 for a, b in pairwise(courts))
    flights = [c for c in courts if isinstance(c.ball, Flying) and c.ball.start < c.time_s]
    assert len(flights) > 200


def test_screens_that_move_by_themselves_move(whole: Replayed) -> None:
    """Players arrive at their times, and the bar of a rest fills."""
    arrived = [
        sum(joiner.state == "joined" for joiner in scene.joiners)
        for _, scene in whole.seen
        if isinstance(scene, Joining)
    ]
    assert sorted(set(arrived)) == [1, 2, 3]
    assert arrived == sorted(arrived)
    bars = [scene.progress for _, scene in whole.seen if isinstance(scene, Page) and scene.progress]
    assert bars == sorted(bars)
    assert (bars[0] < 0.05, bars[-1] > 0.95) == (True, True)


def test_answers_appear_when_they_were_given(sitting: Sitting, whole: Replayed) -> None:
    """Not before; a choice stays marked until the next item, a free text is never told."""
    for answer in sitting.events("answer"):
        forms = [
            (moment, scene)
            for moment, scene in whole.seen
            if isinstance(scene, Form) and (scene.stage, scene.item) == (answer["stage"], answer["item"])
        ]
        told = "…" if answer["text_ref"] else answer["value"]
        is_typed = isinstance(forms[0][1].scale, NumberScale | TextScale)
        marked = [moment for moment, scene in forms if (scene.typed if is_typed else scene.value is not None)]
        seen = {scene.typed if is_typed else scene.value for _, scene in forms} - {None, ""}
        if told is None:
            assert not seen
            continue
        assert seen == {str(told) if is_typed else told}
        assert 0 <= min(marked) - answer["t"] < 3 * PERIOD_S
        assert min(moment for moment, _ in forms) == answer["onset"]
        assert max(marked) == max(moment for moment, _ in forms)


def test_typed_words_are_an_ellipsis(tmp_path: Path) -> None:
    """A free text lies apart and stays there; that something was typed is seen."""

    def write(scene: Scene, flip: float) -> list[Press] | None:
        if isinstance(scene, Form) and isinstance(scene.scale, TextScale):
            return [Press(flip + 1, "text", text="my secret"), click(flip + 2, "button:next")]
        return None

    sitting = Sitting(tmp_path, tiny(), instead=write)
    assert sitting.run() == "completed"
    assert sitting.texts == ["my secret"]
    again = shown_again(sitting.recorded, sitting.resolved)
    texts = [
        scene for _, scene in again.seen if isinstance(scene, Form) and isinstance(scene.scale, TextScale)
    ]
    assert [texts[0].typed, texts[-1].typed] == ["", "…"]
    assert "secret" not in str(again.seen)


def test_steps_marked_one_after_the_other_are_seen_so(tmp_path: Path) -> None:
    """Arrows that move the mark, and a way back to an item that is answered anew."""

    def hesitate(scene: Scene, flip: float) -> list[Press] | None:
        if isinstance(scene, Form) and (scene.stage, scene.position, scene.value) == ("baseline", 1, None):
            keys = ["right", "right", "right", "left", "return"]
            return [Press(flip + 1 + i / 2, "simulated", key=key) for i, key in enumerate(keys)]
        return None

    sitting = Sitting(tmp_path, tiny(), instead=hesitate)
    assert sitting.run() == "completed"
    again = shown_again(sitting.recorded, sitting.resolved)
    forms = [scene for _, scene in again.seen if isinstance(scene, Form)]
    first = [form.value for form in forms if (form.stage, form.position) == ("baseline", 1)]
    assert list(dict.fromkeys(first)) == [None, 1, 2, 3]
    assert first[-1] == 2


@pytest.mark.parametrize("speed", [0.5, 2.0, 20.0])
def test_speed_is_how_fast_time_passes(sitting: Sitting, whole: Replayed, speed: float) -> None:
    """Half as fast takes twice as long; fast loses frames between, never what happened."""
    again = shown_again(sitting.recorded, sitting.resolved, speed=speed)
    lasted = whole.wall.real_s
    assert again.wall.real_s == pytest.approx(lasted / speed, rel=0.02 if speed < 10 else 0.35)
    changes = list(dict.fromkeys(unchanging(s) for _, s in whole.seen if isinstance(s, Page)))
    assert list(dict.fromkeys(unchanging(s) for _, s in again.seen if isinstance(s, Page))) == changes
    flights = {s.ball for _, s in again.seen if isinstance(s, Court) and isinstance(s.ball, Flying)}
    assert len(flights) >= len(sitting.events("release"))


def test_as_fast_as_it_was_is_as_long_as_it_was(sitting: Sitting, whole: Replayed) -> None:
    """From the first frame to the last event that is seen."""
    first, last = sitting.events("shown")[0]["t"], sitting.events("press")[-1]["seen"]
    assert whole.wall.real_s == pytest.approx(last - first, abs=0.5)


def test_long_waits_are_cut(sitting: Sitting, whole: Replayed) -> None:
    """A page that is read for seconds is seen for one; a ball in the air is never hurried."""
    again = shown_again(sitting.recorded, sitting.resolved, skip_s=1.0)
    assert again.code == DONE
    assert again.wall.real_s < 0.8 * whole.wall.real_s
    cut = 0
    for answer in sitting.events("answer"):
        onset, at = answer["onset"], answer["t"]
        disturbed = any(onset < press["seen"] < at for press in sitting.events("press"))
        if at - onset > 1.5 and not disturbed:
            cut += 1
            wait = again.between(onset, at)
            assert wait[-1][1] - wait[0][1] == pytest.approx(1.0, abs=0.2)
    assert cut > 3
    for release in sitting.events("release"):
        flight = again.between(release["t"], release["t"] + 0.45)
        assert flight[-1][1] - flight[0][1] == pytest.approx(0.45, abs=0.05)


def names(scenes: Iterable[Scene]) -> list[object]:
    """Return the titles and items that were seen, each once, in order."""
    return list(
        dict.fromkeys(
            (scene.stage, scene.item) if isinstance(scene, Form) else scene.title
            for scene in scenes
            if not isinstance(scene, Court)
        )
    )


def test_a_replay_can_begin_with_a_run(sitting: Sitting, whole: Replayed) -> None:
    """Nothing before it is seen, everything from its first court on."""
    begins = next(event["t"] for event in sitting.events("run") if event["kind"] == "game")
    again = shown_again(sitting.recorded, sitting.resolved, from_run=1)
    moment, scene = again.seen[0]
    assert isinstance(scene, Court)
    assert moment == begins
    assert names(scene for _, scene in again.seen) == names(s for moment, s in whole.seen if moment >= begins)
    assert again.told[0].endswith("run 1 of the game")
    with pytest.raises(StudyError, match="has no run 7 of the game; its last is 1"):
        check_run(sitting.recorded, 7)


def test_space_holds_and_goes_on(sitting: Sitting, whole: Replayed) -> None:
    """The picture stands still for as long as whoever watches wants."""
    release = sitting.events("release")[2]["t"]
    middle = release + 0.25
    wall = Wall([(middle, "hold")])
    playback = Playback(wall, "x", Pace(1.0))
    wall.moment_s = lambda: playback.position_s
    patience = iter(range(10**6))
    real_wishes = wall.wishes

    def wishes() -> Sequence[Wish]:
        if playback.pace.held:
            return ["hold"] if next(patience) == 120 else []
        return real_wishes()

    patched = _Patched(wall, wishes)
    playback.projector = patched
    assert replay(sitting.recorded, sitting.resolved, playback, lambda _line: None) == DONE
    still = [(moment, scene) for moment, _, scene in wall.shown if abs(moment - middle) < PERIOD_S]
    assert len(still) > 110
    assert len({scene for _, scene in still}) <= 3
    assert wall.real_s == pytest.approx(whole.wall.real_s + 2.0, abs=0.1)
    assert any(caption.endswith(", held") for caption in wall.captions)


@dataclass(slots=True)
class _Patched:
    """A wall that is asked by other means."""

    wall: Wall
    wishes: Callable[[], Sequence[Wish]]

    def next_flip(self) -> float:
        """As the wall."""
        return self.wall.next_flip()

    def show(self, scene: Scene, caption: str) -> float:
        """As the wall."""
        return self.wall.show(scene, caption)


def test_the_arrow_passes_to_the_next_step(sitting: Sitting) -> None:
    """What is left of the step is not seen; what follows is, from its first frame."""
    steps = sitting.events("step")
    game, after = next((a, b) for a, b in pairwise(steps) if a["kind"] == "game")
    again = shown_again(sitting.recorded, sitting.resolved, (game["t"] + 1.0, "jump"))
    hole = again.between(game["t"] + 1.1, after["t"])
    assert hole == []
    item = next(event["t"] for event in sitting.events("item") if event["t"] > after["t"])
    assert item in [moment for moment, _ in again.seen]
    assert again.told[-1] == "the record ends here: completed"


def test_speed_can_be_changed_on_the_way(sitting: Sitting, whole: Replayed) -> None:
    """Plus doubles, minus halves, at the ends nothing; the caption tells."""
    asks: list[tuple[float, Wish]] = [(10.0, "faster"), (30.0, "slower"), (30.0, "slower"), (40.0, "faster")]
    again = shown_again(sitting.recorded, sitting.resolved, *asks)
    assert {caption.rpartition(" ")[2] for caption in again.wall.captions} == {"1×", "2×", "0.5×"}
    assert again.wall.captions[0] == "Replay of sub-001 ses-01 · 00:00 · 1×"
    end = whole.wall.real_s
    assert again.wall.real_s == pytest.approx(end - 10.0 + 10.0, abs=0.5)
    asks = [*asks[:1] * 12, (50.0, "end")]
    fast = shown_again(sitting.recorded, sitting.resolved, *asks)
    assert fast.wall.captions[-1].endswith("64×")


def test_escape_ends(sitting: Sitting) -> None:
    """At once, with a code of its own."""
    again = shown_again(sitting.recorded, sitting.resolved, (25.0, "end"))
    assert again.code == STOPPED
    assert again.seen[-1][0] < 25.1
    assert again.complaints == []


def test_the_condition_is_told_only_where_it_is_asked_for(sitting: Sitting, whole: Replayed) -> None:
    """Step, run and time on the terminal, never what the participant was given."""
    conditions = {event["condition"] for event in sitting.events("run") if event["kind"] == "game"}
    words = " ".join(whole.told) + " ".join(whole.wall.captions)
    assert conditions == {"fair"}
    assert "fair" not in words
    assert "step 06-game" in words
    told = shown_again(sitting.recorded, sitting.resolved, unblind=True, speed=50.0).told
    assert any(line.endswith("run 1 of the game, condition fair") for line in told)


def test_a_pause_is_seen_as_it_was(tmp_path: Path) -> None:
    """The experimenter's page in the midst of a flight; then the flight goes on where it was."""
    paused: list[float] = []

    def down(scene: Scene) -> bool:
        return isinstance(scene, Court) and not paused

    def go_on(scene: Scene, flip: float) -> list[Press] | None:
        if isinstance(scene, Page) and scene.title == tiny().texts.ui.paused_title:
            paused.append(flip)
            return [Press(flip + 3.0, "simulated", key="c")]
        return None

    sitting = Sitting(tmp_path, tiny(), down=down, instead=go_on, every_frame=True)
    sitting.run()
    pauses = sitting.events("pause")
    assert pauses
    again = shown_again(sitting.recorded, sitting.resolved)
    assert (again.code, again.complaints) == (DONE, [])
    for pause in pauses:
        pages = again.between(pause["t"], pause["until"])
        assert {type(scene) for _, _, scene in pages} == {Page}
        assert pages[-1][1] - pages[0][1] == pytest.approx(3.0, abs=0.1)
    aside, pause = sitting.events("aside")[0], pauses[0]
    moved = next(e["t"] for e in sitting.events("release", "catch") if e["t"] > pause["over"])
    after = again.between(pause["over"] + PERIOD_S, moved - PERIOD_S)
    stood_still = {round(moment - scene.time_s, 6) for moment, _, scene in after if isinstance(scene, Court)}
    assert list(stood_still) == [pytest.approx(pause["over"] - aside["t"], abs=1e-5)]
    courts = {flip: scene for flip, scene in sitting.shown if isinstance(scene, Court)}
    then = {moment: scene for moment, scene in again.seen if isinstance(scene, Court)}
    balls = [(courts[flip], then[flip]) for flip in courts.keys() & then.keys()]
    assert len(balls) > 20
    assert all(one == other for one, other in balls)


def test_segments_are_shown_one_after_the_other(tmp_path: Path) -> None:
    """With a word in between; a clock that begins anew takes nothing away."""

    class Cut(BaseException):
        pass

    def before(scene: Scene, now: float) -> None:
        if isinstance(scene, Form) and scene.stage == "reflexive" and now > 0 and not cut:
            cut.append(True)
            raise Cut

    cut: list[bool] = []
    sitting = Sitting(tmp_path, tiny(), before=before)
    with pytest.raises(Cut):
        sitting.run()
    only = shown_again(sitting.recorded, sitting.resolved, speed=10.0)
    assert (only.code, only.told[-1]) == (DONE, "the record was cut off here")
    sitting.run(resume=True)
    again = shown_again(sitting.recorded, sitting.resolved, speed=10.0)
    assert again.code == DONE
    between = again.told.index("the record was cut off here; resumed later")
    assert 0 < between < len(again.told) - 2
    assert any(isinstance(scene, Form) and scene.stage == "reflexive" for _, scene in again.seen)


def test_what_differs_is_said_after_what_came_before(sitting: Sitting, tmp_path: Path) -> None:
    """One line with the way to a full check; exit code 1."""
    file = Path(shutil.copy(sitting.path, tmp_path / "changed.jsonl"))

    def change(events: list[dict[str, Any]]) -> None:
        next(event for event in events if event["event"] == "plan" and event["throw"] == 4)["pause"] += 0.1

    rechain(file, change)
    again = shown_again(journal.read(file), sitting.resolved, speed=10.0)
    assert again.code == FAILED
    assert len(again.complaints) == 1
    assert "differs: line" in again.complaints[0]
    assert f"see 'spot verify {file}'" in again.complaints[0]
    assert any(isinstance(scene, Court) and isinstance(scene.ball, Held) for _, scene in again.seen)


def test_a_torn_record_is_shown_to_its_end(sitting: Sitting, tmp_path: Path) -> None:
    """A last line without its end is no difference; a broken line in the middle is."""
    content = sitting.path.read_bytes()
    torn = tmp_path / "torn.jsonl"
    torn.write_bytes(content[: len(content) // 2])
    again = shown_again(journal.read(torn), sitting.resolved, speed=10.0)
    assert (again.code, again.told[-1]) == (DONE, "the record was cut off here")
    broken = tmp_path / "broken.jsonl"
    lines = content.splitlines(keepends=True)
    broken.write_bytes(b"".join([*lines[:40], b"{}\n", *lines[41:]]))
    again = shown_again(journal.read(broken), sitting.resolved, speed=10.0)
    assert again.code == FAILED
    assert "line 41" in again.complaints[0]


def test_lines_are_marked_where_they_were_left(sitting: Sitting, whole: Replayed) -> None:
    """One mark, at the place that is on record."""
    marks = {
        scene.value
        for _, scene in whole.seen
        if isinstance(scene, Form) and isinstance(scene.scale, LineScale)
    }
    recorded = {event["value"] for event in sitting.events("answer") if event["item"] == "effort"}
    assert marks == {None, *recorded}
