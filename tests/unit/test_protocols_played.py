"""Every shipped protocol played from consent to debriefing, every shipped game from first throw to last."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from statistics import mean

import pytest

from experiment import definitions
from experiment.bids import derive
from experiment.booth import Booth
from experiment.definitions import CONDITIONS, Game, Resolved, names, resolve
from experiment.definitions.masking import read_early
from experiment.definitions.protocol import PlannedStep
from experiment.definitions.reading import read
from experiment.definitions.steps import Ask, Debriefing, Rest, ShowPage
from experiment.journal import Event
from experiment.recording import RunOf
from experiment.run import Run
from experiment.scenes import Court, Form, Held, Joining, Page, Scene
from experiment.simulated import VirtualClock, World
from tests.scripted import PERIOD_S, CollectingScreen, Directed, HoldingKeys, Recorder, Sitting

SHIPPED = {name: resolve(name) for name in names("protocols")}
CELLS = [(name, cell) for name, found in SHIPPED.items() for cell in range(found.protocol.design.n_cells())]
HUMAN = [name for name in SHIPPED if not name.endswith("_open")]
ENGLISH = SHIPPED["classic"].texts

Played = Callable[..., Sitting]

every_cell = pytest.mark.parametrize(("name", "cell"), CELLS)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Return how to have a simulated participant go through a session, each of them once for all tests."""

    @cache
    def once(name: str, cell: int = 0, seed: int = 1) -> Sitting:
        sitting = Sitting(tmp_path_factory.mktemp(name), SHIPPED[name], seed=seed, cell=cell)
        assert sitting.run() == "completed", sitting.events("fault")
        return sitting

    return once


def planned(sitting: Sitting) -> list[PlannedStep]:
    """Return the steps of a session, by its cell with the conditions as they were drawn."""
    (drawn,) = sitting.events("cell")
    design = sitting.resolved.protocol.design
    cell = next(c for c in design.cells() if c.name == drawn["cell"])
    found = definitions.Cell(cell.name, tuple(drawn["conditions"]), cell.levels)
    return list(sitting.resolved.protocol.planned(found))


def ends(sitting: Sitting) -> dict[str, Event]:
    """Return how each run ended, by its id."""
    return {end["run"]: end for end in sitting.events("run_end")}


def promised(file: Game) -> tuple[int, int]:
    """Return the least and the most receptions that a game may give."""
    low = high = 0
    for phase in file.phases:
        count = phase.exact_count()
        if count is not None:
            low, high = low + count, high + count
        elif phase.probability not in (0.0, (0.0,)):
            high += math.ceil((phase.throws or 1_000) / 2)
    return low, high


@every_cell
def test_a_protocol_is_played_from_consent_to_permission(name: str, cell: int, played: Played) -> None:
    """Each step once and in the order of the file, each item asked, each game with its receptions."""
    sitting = played(name, cell)
    steps = planned(sitting)
    for event in ("step", "step_end"):
        assert [e["id"] for e in sitting.events(event)] == [step.id for step in steps]
    for step in steps:
        if isinstance(step.step, Ask):
            asked = {e["item"] for e in sitting.events("answer") if e["step"] == step.id}
            assert asked == {item.id for item in sitting.resolved.measures[step.step.measure].items}
    runs, end = sitting.events("run"), ends(sitting)
    assert len(runs) == sum(step.step.kind in ("game", "practice") for step in steps)
    for run in runs:
        file = sitting.resolved.games[run["game"]]
        low, high = promised(file)
        assert low <= end[run["run"]]["receptions"] <= high
        assert end[run["run"]]["ended"] == ("throws" if file.throws else "time")
        assert file.throws in (None, end[run["run"]]["throws"])
    assert sitting.recorded.problem == ""
    derive(sitting.recorded)
    (permission,) = sitting.events("permission")
    assert permission["t"] > max(e["t"] for e in sitting.events("page") if "debriefing" in e["page"])


@every_cell
def test_people_play_the_games_of_their_cell_and_read_the_pages_of_their_level(
    name: str, cell: int, played: Played
) -> None:
    """What was played is what the cell says; whoever was told of a computer is debriefed for that."""
    sitting = played(name, cell)
    design = sitting.resolved.protocol.design
    drawn, (debriefing,) = (
        design.cells()[cell],
        [s for s in planned(sitting) if isinstance(s.step, Debriefing)],
    )
    games = [run["condition"] for run in sitting.events("run") if run["kind"] == "game"]
    assert sorted(games) == sorted([*drawn.conditions, *_ending(sitting.resolved)])
    if design.order != "random":
        assert games == [*drawn.conditions, *_ending(sitting.resolved)]
    (told,) = sitting.events("cell")
    assert told["belief"] == sitting.resolved.protocol.belief_of(drawn)
    assert told["levels"] == dict(drawn.levels)
    shown = [e["page"] for e in sitting.events("page")]
    assert shown[-1] == debriefing.step.page  # type: ignore[union-attr]
    read = [s for _, s in sitting.resolved.protocol.placed_steps() if isinstance(s, ShowPage | Debriefing)]
    pages = [step.by for step in read]
    for factor, level in drawn.levels:
        assert sum(page.endswith(f"_{level}") for page in shown) >= pages.count(factor)
    given = [event["stage"] for event in sitting.events("pain")]
    if "order" in dict(drawn.levels):
        assert given == [{"pain_first": "before_game", "game_first": "after_game"}[drawn.level("order")]]


def _ending(found: Resolved) -> list[str]:
    return [found.protocol.ending] if found.protocol.ending else []


@pytest.mark.parametrize("name", [n for n, found in SHIPPED.items() if found.protocol.ending])
def test_the_ending_is_played_before_the_debriefing_and_after_the_last_question(
    name: str, played: Played
) -> None:
    """With a page of its own; the same co-players throw to the participant again and again."""
    sitting = played(name, 1)
    ending = sitting.resolved.protocol.ending
    (run,) = [run for run in sitting.events("run") if run["game"] == ending]
    (page,) = [e for e in sitting.events("page") if e["page"] == "ending"]
    debriefed = next(e for e in sitting.events("page") if "debriefing" in e["page"])
    assert max(e["onset"] for e in sitting.events("answer")) < page["t"] < run["t"] < debriefed["t"]
    assert ends(sitting)[run["run"]]["receptions"] == 7
    own, other = sitting.resolved.games["reinclusion"], sitting.resolved.games["exclusion"]
    assert own.coplayers == other.coplayers


@pytest.mark.parametrize("name", [n for n in HUMAN if n not in ("demo", "change_of_heart")])
def test_the_ending_fits_every_protocol_in_one_line(name: str, tmp_path: Path) -> None:
    """With that line more, the file is in order and ends with the same co-players in a friendly game."""
    root = tmp_path / "conditions"
    (root / "protocols").mkdir(parents=True)
    for kind in ("games", "measures", "pain", "texts"):
        (root / kind).symlink_to(CONDITIONS / kind)
    players = {SHIPPED[name].games[c].players for c in SHIPPED[name].protocol.design.conditions}
    ending = "reinclusion" if players == {3} else "reinclusion_4"
    text = (CONDITIONS / "protocols" / f"{name}.toml").read_text(encoding="utf-8")
    file = root / "protocols" / f"{name}.toml"
    text = text.replace("\n[design]\n", f'\nending = "{ending}"\n\n[design]\n', 1)
    file.write_text(text, encoding="utf-8")
    sitting = Sitting(tmp_path / "data", resolve(file))
    assert sitting.run() == "completed"
    *_, before, last = [sitting.resolved.games[run["game"]] for run in sitting.events("run")]
    assert last == sitting.resolved.games[ending]
    assert last.coplayers == before.coplayers


INTERRUPTED = {
    **dict.fromkeys(
        ("classic", "change_of_heart", "dose_response", "partial_exclusion", "within_gradual"), "end"
    ),
    **dict.fromkeys(("pain_sensitivity", "exclusion_cold_pressor", "pain_treatment"), "end"),
    **dict.fromkeys(("dose_response_within", "parametric_blocks", "alternating_blocks"), "skip"),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_an_interrupted_game_becomes_what_the_protocol_says(
    name: str, played: Played, tmp_path: Path
) -> None:
    """And the same without deception: repeated, unless its dose or its place among many forbids that."""
    rule = INTERRUPTED.get(name.removesuffix("_open"), "repeat")
    whole = played(name, 0)
    sitting = Sitting(tmp_path, SHIPPED[name])
    lines = whole.path.read_bytes().splitlines(keepends=True)
    throws = [e for e in whole.events("release") if e["run"] == "game-01"]
    sitting.path.parent.mkdir(parents=True)
    sitting.path.write_bytes(b"".join(lines[: throws[len(throws) // 2]["n"]]))
    outcome = sitting.run(resume=True)
    assert outcome == ("ended_after_cut" if rule == "end" else "completed"), sitting.events("fault")
    assert bool(sitting.events("skipped")) == (rule == "skip")
    runs, before = sitting.events("run"), whole.events("run")
    assert len(runs) - len(before) == {"repeat": 1, "skip": 0}.get(rule, len(runs) - len(before))
    assert derive(sitting.recorded).session["incomplete"] == "01"


@pytest.mark.parametrize(
    "name", [n for n, f in SHIPPED.items() if "reflective" in {a.stage for a in f.protocol.measures()}]
)
def test_the_delay_of_reflective_forms_is_logged(name: str, played: Played) -> None:
    """Seconds since the last ball of the run that they follow, longer than those of the reflexive forms."""
    sitting = played(name, 0)
    runs = {(run["kind"], run["number"]): run["run"] for run in sitting.events("run")}
    last = {run: max(c["t"] for c in sitting.events("catch") if c["run"] == run) for run in runs.values()}
    delays: dict[str, list[float]] = {"reflexive": [], "reflective": []}
    for answer in sitting.events("answer"):
        if answer["stage"] in delays:
            since = answer["onset"] - last[runs["game", answer["run"]]]
            assert answer["delay"] == pytest.approx(since, abs=1e-5)
            delays[answer["stage"]].append(answer["delay"])
    assert 0 <= min(delays["reflexive"]) < 5
    assert min(delays["reflective"]) > 60
    if "filler" in sitting.resolved.measures:
        filler = [e["onset"] for e in sitting.events("answer") if e["stage"] == "between"]
        reflective = [e["onset"] for e in sitting.events("answer") if e["stage"] == "reflective"]
        assert len(filler) == len(sitting.resolved.measures["filler"].items)
        assert max(filler) < min(reflective)


BLOCKS = {
    "parametric_blocks": (4, "block_100", None),
    "alternating_blocks": (5, None, 3),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_orders_of_blocks_keep_to_the_file(name: str, played: Played) -> None:
    """Each kind as often as the other, the first as published, no long rows, and another order for others."""
    repeats, first, longest = BLOCKS[name]
    orders = []
    for seed in range(6):
        sitting = played(name, 0, seed)
        order = [run["condition"] for run in sitting.events("run") if run["kind"] == "game"]
        (drawn,) = sitting.events("cell")
        assert order == list(drawn["conditions"])
        conditions = sitting.resolved.protocol.design.conditions
        assert {condition: order.count(condition) for condition in conditions} == dict.fromkeys(
            conditions, repeats
        )
        assert first in (None, order[0])
        assert longest is None or max(len(list(row)) for _, row in groupby(order)) <= longest
        orders.append(tuple(order))
    assert len(set(orders)) == len(orders)


@pytest.mark.parametrize("name", BLOCKS)
def test_question_and_cross_after_a_block_take_their_time(name: str, played: Played) -> None:
    """Whatever the participant does, so that blocks keep the scanner's rhythm; the cross says nothing."""
    sitting = played(name, 0)
    inner = [step.step for step in planned(sitting) if step.condition and step.id.count(".") == 2]
    (asked_s,) = {step.lasts_s for step in inner if isinstance(step, Ask)}
    (rest_s,) = {step.duration_s for step in inner if isinstance(step, Rest)}
    assert asked_s is not None
    crosses = sitting.events("rest")
    questions = [e for e in sitting.events("answer") if e["measure"] == "mood_1"]
    assert len(crosses) == len(questions) == len([s for s in inner if isinstance(s, Rest)])
    for question, cross in zip(questions, crosses, strict=True):
        assert cross["page"] == "fixation"
        assert cross["t"] - question["onset"] == pytest.approx(asked_s, abs=0.05)
    starts = [run["t"] for run in sitting.events("run") if run["kind"] == "game"]
    for cross, start in zip(crosses, starts[1:], strict=False):
        assert start - cross["t"] == pytest.approx(rest_s, abs=0.05)
    assert {s.body for _, s in sitting.shown if isinstance(s, Page) and s.title == "+"} == {()}


def test_parametric_blocks_keep_their_length(played: Played) -> None:
    """About 24.3 s each (nine events of 2.7 s), and no kind of block much longer than another."""
    lengths: dict[str, list[float]] = {}
    for seed in range(4):
        sitting = played("parametric_blocks", 0, seed)
        end = ends(sitting)
        for run in sitting.events("run"):
            if run["kind"] == "game":
                lengths.setdefault(run["condition"], []).append(end[run["run"]]["t"] - run["t"])
    means = {condition: mean(values) for condition, values in lengths.items()}
    assert mean(means.values()) == pytest.approx(24.3, abs=0.6)
    assert max(means.values()) - min(means.values()) < 1.5


def test_alternating_blocks_last_thirty_seconds(played: Played) -> None:
    """And what is in flight then is caught; inclusion is about a third of the throws, exclusion none."""
    throws, receptions = 0, 0
    for seed in range(6):
        sitting = played("alternating_blocks", 0, seed)
        end = ends(sitting)
        for run in sitting.events("run"):
            if run["kind"] == "game":
                assert 30.0 <= end[run["run"]]["t"] - run["t"] <= 32.0
                assert run["condition"] == "alternating_inclusion" or not end[run["run"]]["receptions"]
                if run["condition"] == "alternating_inclusion":
                    throws += end[run["run"]]["throws"]
                    receptions += end[run["run"]]["receptions"]
    assert receptions / throws == pytest.approx(1 / 3, abs=0.05)


def test_who_watches_is_told_why_and_never_has_the_ball(played: Played) -> None:
    """The page before the run and the line on the court say that the link is not up; then it is."""
    sitting = played("three_runs", 0)
    shown = [e["page"] for e in sitting.events("page") if e["page"].startswith("next_game")]
    assert shown == ["next_game_observe", "next_game_inclusion", "next_game_exclusion"]
    runs = {run["run"]: run for run in sitting.events("run")}
    first, second, third = runs
    assert [line["run"] for line in sitting.events("line") if line["text"] == "link_pending"] == [first]
    assert [ends(sitting)[run]["receptions"] for run in (first, second, third)] == [0, 10, 2]
    courts = [s for f, s in sitting.shown if isinstance(s, Court) and f < runs[second]["t"] - PERIOD_S / 2]
    assert {court.message for court in courts} == {ENGLISH.lines["link_pending"]}
    assert not any(court.turn for court in courts)
    assert not any(isinstance(s, Joining) for _, s in sitting.shown)


def test_the_stratum_is_the_answer_given_before(played: Played) -> None:
    """Gender is asked before the cell is drawn, and stands beside it."""
    sitting = played("classic_stratified", 0)
    (drawn,) = sitting.events("cell")
    (gender,) = [e for e in sitting.events("answer") if e["item"] == "gender"]
    assert gender["n"] < drawn["n"]


def words_of(scene: Scene) -> Iterator[str]:
    """Yield everything that is to be read on a screen."""
    yield scene.stop_label
    match scene:
        case Page():
            yield from (scene.title, *scene.body, scene.note, *(button.label for button in scene.buttons))
        case Joining():
            yield from (scene.title, scene.note, scene.joined_label, scene.waiting_label)
            yield from (joiner.name for joiner in scene.joiners)
        case Form():
            yield from (scene.instruction, scene.stem, scene.words, scene.hint, scene.message)
            yield from (button.label for button in scene.buttons)
            yield from getattr(scene.scale, "labels", ())
            yield from (label for _, label in getattr(scene.scale, "options", ()))
            yield from (getattr(scene.scale, "low_label", ""), getattr(scene.scale, "high_label", ""))
        case Court():
            yield from (scene.message, scene.leave_label, *(said.words for said in scene.said))
            yield from (player.name for player in scene.players)


def seen_early(sitting: Sitting) -> Iterator[tuple[bool, str]]:
    """Yield what was read before the debriefing, and whether it is an item after a game, which may tell."""
    debriefed = next(e["t"] for e in sitting.events("page") if "debriefing" in e["page"])
    measured = False
    for flip, scene in sitting.shown:
        if flip >= debriefed - PERIOD_S / 2:
            return
        measured = measured or isinstance(scene, Court)
        for words in words_of(scene):
            yield measured and isinstance(scene, Form), words


@every_cell
def test_nothing_on_any_screen_before_the_debriefing_tells_what_is_varied(
    name: str, cell: int, played: Played
) -> None:
    """Neither a game nor a masked word, but for items after a game; the cover story where it is to hold."""
    sitting = played(name, cell)
    texts, protocol, games = sitting.resolved.texts, sitting.resolved.protocol, sitting.resolved.games
    own = {word for game in games for word in (game, game.replace("_", " "), games[game].title)}
    own -= {"practice", "Practice"}
    masked = list(texts.masked)
    if protocol.belief_of(protocol.design.cells()[cell]) == "human":
        masked += texts.masked_cover
    read = set(seen_early(sitting))
    assert len(read) > 40
    for item, words in read:
        forbidden = own if item else {*own, *masked}
        told = [word for word in forbidden if re.search(rf"\b{re.escape(word)}", words, re.IGNORECASE)]
        assert not told, words


def test_masking_has_something_to_find() -> None:
    """Every page of a debriefing would be found out on a screen before it."""
    for name, found in SHIPPED.items():
        body = " ".join(found.texts.pages[page_of_debriefing(name)].body).casefold()
        assert [w for w in (*found.texts.masked, *found.texts.masked_cover) if w in body]
        assert list(read_early(found.protocol, found.games, found.measures, found.texts))


def page_of_debriefing(name: str) -> str:
    """Return the page that people of the first cell read at the end."""
    protocol = SHIPPED[name].protocol
    steps = protocol.planned(protocol.design.cells()[0])
    return next(step.step.page for step in steps if isinstance(step.step, Debriefing))


# Games


def game(name: str) -> Game:
    """Return a shipped game."""
    return read(CONDITIONS / "games" / f"{name}.toml", Game)


def run_of(name: str, folder: Path, seed: int = 1) -> tuple[list[Event], list[tuple[float, Scene]]]:
    """Return the events and the scenes of one run of a shipped game."""
    file = game(name)
    world = World()
    screen = CollectingScreen(world)
    booth = Booth(screen, HoldingKeys(world, Directed(seed, {})), VirtualClock(world))
    recorder = Recorder(folder / f"{name}-{seed}.jsonl")
    with recorder.begin() as record:
        Run(booth, record, file, ENGLISH, RunOf(1, "game", name, name), seed).play()
    return recorder.events("run", "release", "left", "line", "run_end"), screen.shown


def of_kind(events: list[Event], kind: str) -> list[Event]:
    """Return the events of one kind."""
    return [event for event in events if event["event"] == kind]


@pytest.mark.parametrize("name", names("games"))
def test_every_game_is_played_to_its_end_and_gives_what_it_promises(name: str, tmp_path: Path) -> None:
    """Ended by throws or by time as the file says; receptions exact, or between the bounds of chance."""
    file = game(name)
    events, _ = run_of(name, tmp_path)
    (end,) = of_kind(events, "run_end")
    low, high = promised(file)
    assert end["ended"] == ("throws" if file.throws else "time")
    assert file.throws in (None, end["throws"])
    if name != "leaving_players":  # there a co-player who is alone has nobody else to throw to
        assert low <= end["receptions"] <= high


def test_a_slow_player_holds_the_ball_for_sixteen_seconds(tmp_path: Path) -> None:
    """Each time; the other is as quick as ever."""
    events, _ = run_of("slow_player", tmp_path)
    pauses = {
        player: {e["pause_planned"] for e in of_kind(events, "release") if e["thrower"] == player}
        for player in (1, 3)
    }
    assert pauses[3] == {16.0}
    assert max(pauses[1]) <= 5.0


def test_another_is_left_out_by_the_others_and_by_nobody_else(tmp_path: Path) -> None:
    """After the opening no co-player throws to player 4; the participant can."""
    events, _ = run_of("other_excluded", tmp_path)
    after = [e for e in of_kind(events, "release") if e["throw"] > 12]
    assert not [e for e in after if e["receiver"] == 4 and e["thrower"] != 2]
    assert [e for e in of_kind(events, "release") if e["receiver"] == 4 and e["thrower"] not in (2, 4)]
    assert [e for e in after if e["thrower"] == 2 and e["receiver"] == 4]


@pytest.mark.parametrize(("name", "never"), [("one_excludes", {4}), ("two_exclude", {3, 4})])
def test_some_leave_the_participant_out_and_some_do_not(name: str, never: set[int], tmp_path: Path) -> None:
    """After the opening, over several runs."""
    throwers = set()
    for seed in range(6):
        events, _ = run_of(name, tmp_path, seed)
        throwers |= {
            e["thrower"] for e in of_kind(events, "release") if e["throw"] > 8 and e["receiver"] == 2
        }
    assert throwers == {1, 3, 4} - never


def test_about_half_of_the_throws_are_overruled_and_only_late(tmp_path: Path) -> None:
    """What was chosen and what became of it are both written down."""
    own = []
    for seed in range(8):
        events, _ = run_of("overruled", tmp_path, seed)
        own += [e for e in of_kind(events, "release") if e["thrower"] == 2]
    assert not [e for e in own if e["overruled"] and e["throw"] <= 30]
    late = [e for e in own if e["throw"] > 31]
    assert 0.3 < mean(e["overruled"] for e in late) < 0.7
    assert all((e["receiver"] != e["chosen"]) == e["overruled"] for e in own)


def test_the_participant_stands_high_or_low(tmp_path: Path) -> None:
    """A figure in the middle, over the others or under them."""
    for name, over in (("high_place", True), ("low_place", False)):
        _, shown = run_of(name, tmp_path)
        court = next(scene for _, scene in shown if isinstance(scene, Court))
        places = {player.number: player.place for player in court.players}
        assert places[2] is not None
        for other in (places[1], places[3]):
            assert other is not None
            assert (places[2][1] > other[1]) == over


def test_players_leave_one_after_the_other_with_a_word(tmp_path: Path) -> None:
    """Robin first, then Sam, each after what they said; from then on the participant might leave too."""
    for seed in range(4):
        events, shown = run_of("leaving_players", tmp_path, seed)
        left = of_kind(events, "left")
        assert [e["player"] for e in left] == [4, 3]
        assert 23 <= left[0]["throw"] <= 30
        assert 33 <= left[1]["throw"] <= 40
        lines = {line["text"]: line["throw"] for line in of_kind(events, "line")}
        assert lines["free_to_leave"] < lines["off_soon"] < left[0]["throw"]
        assert lines["had_enough"] < left[1]["throw"]
        assert any(isinstance(scene, Court) and scene.leave_label for _, scene in shown)


def test_a_ramp_goes_down(tmp_path: Path) -> None:
    """More in each third than in the next, over several runs."""
    thirds = [0, 0, 0]
    for seed in range(5):
        events, _ = run_of("ramp_exclusion", tmp_path, seed)
        for e in of_kind(events, "release"):
            thirds[(e["throw"] - 1) // 20] += e["receiver"] == 2
    assert all(before > after for before, after in pairwise(thirds))
    assert sum(thirds) == 50


def test_the_chance_recovers(tmp_path: Path) -> None:
    """After the fair throws nobody waits for more than ten throws; the ball comes seldom, but comes."""
    shares = []
    for seed in range(5):
        events, _ = run_of("gradual_recovering", tmp_path, seed)
        passing, longest, received = 0, 0, 0
        for e in of_kind(events, "release")[30:]:
            came = e["receiver"] == 2
            received += came
            passing = 0 if came else passing + (e["thrower"] != 2)
            longest = max(longest, passing)
        assert longest <= 10
        shares.append(received / 120)
    assert mean(shares) == pytest.approx(1 / 6, abs=0.03)


def test_three_minutes_are_three_minutes(tmp_path: Path) -> None:
    """However many throws fit into them; the ball comes twice."""
    events, _ = run_of("exclusion_timed", tmp_path)
    (run,), (end,) = of_kind(events, "run"), of_kind(events, "run_end")
    assert end["t"] - run["t"] == pytest.approx(180, abs=2)
    assert end["receptions"] == 2


def test_a_kinder_game_can_be_told_from_a_cruel_one(tmp_path: Path) -> None:
    """Who is taken back holds the ball in the last thirty throws, and not in the 24 before."""
    events, shown = run_of("change_of_heart", tmp_path)
    got = [e["throw"] for e in of_kind(events, "release") if e["receiver"] == 2]
    assert not [throw for throw in got if 6 < throw <= 30]
    assert sum(throw > 30 for throw in got) == 10
    assert any(isinstance(s, Court) and isinstance(s.ball, Held) and s.turn for _, s in shown)
