"""Imported games play as the file of origin says: compared with small players of each format written here."""

from __future__ import annotations

import json
from collections import Counter
from math import sqrt
from pathlib import Path
from statistics import fmean
from xml.etree import ElementTree as ET

import pytest

from tests.importing.playing import PARTICIPANT, SAMPLES, Played, converted, game_of, play

SEEDS = range(60)


def in_bags(received: list[int], bags: list[str]) -> bool:
    """Return whether receivers came out of bags: each emptied in any order, the last one again and again."""
    place = 0
    for number in range(len(received)):
        bag = bags[min(number, len(bags) - 1)]
        taken = received[place : place + len(bag)]
        if not Counter(map(str, taken)) <= Counter(bag) or (
            len(taken) == len(bag) and sorted(map(str, taken)) != sorted(bag)
        ):
            return False
        place += len(taken)
        if place >= len(received):
            return True
    return place == len(received)


def by_thrower(run: Played, thrower: int) -> list[int]:
    """Return whom a player threw to, in order."""
    return [receiver for who, receiver in run.throws if who == thrower]


@pytest.mark.parametrize(("name", "throws"), [("cb3_inclusion", 30), ("cb3_exclusion", 30), ("cb3_four", 40)])
def test_cyberball_3_rows_come_out_of_their_bags(name: str, throws: int) -> None:
    """Player 1 begins, so many throws follow, and every co-player's receivers are those of the row."""
    game = game_of(f"{name}.txt")
    rows = {
        int(row[0]): row[2:].split(",")
        for row in (SAMPLES / f"{name}.schedule").read_text(encoding="utf-8").split()
    }
    for seed in SEEDS:
        run = play(game, seed)
        assert (run.first, len(run.throws), run.ended) == (1, throws, "throws")
        for owner, bags in rows.items():
            assert in_bags(by_thrower(run, owner), bags), (seed, owner)


def test_the_order_within_a_bag_is_by_chance() -> None:
    """Of the first bag 23 of player 1, either comes first in about half of the runs."""
    game = game_of("cb3_inclusion.txt")
    first = [play(game, seed).throws[0][1] for seed in range(400)]
    assert abs(first.count(2) - 200) < 4 * sqrt(400 / 4)
    assert set(first) == {2, 3}


def test_cyberball_3_pauses_are_a_base_and_a_random_part() -> None:
    """2 s + uniform 0 to 3 s: within 2 and 5, 3.5 on average."""
    game = game_of("cb3_inclusion.txt")
    pauses = [p for seed in SEEDS for p in play(game, seed).pauses_s if p is not None]
    assert 2 <= min(pauses) < 2.05
    assert 4.95 < max(pauses) <= 5
    assert abs(fmean(pauses) - 3.5) < 4 * (3 / sqrt(12)) / sqrt(len(pauses))


PRESETS = {
    ("cb5_conditions.cbe", 0): ({1: ["23"] * 8, 3: ["12"] * 8}, 28),
    ("cb5_conditions.cbe", 1): ({1: ["3", "23", *["3"] * 12], 3: ["1"] * 14}, 28),
    ("cb5_exclusion.cbe", 0): ({1: ["3"] * 14, 3: ["1"] * 14}, 30),
    ("cb5_four_other.cbe", 0): ({1: ["234", *["23"] * 14], 3: ["12"] * 15, 4: ["123"] * 15}, 30),
}


@pytest.mark.parametrize(("name", "number"), list(PRESETS))
def test_cyberball_5_built_in_schedules(name: str, number: int) -> None:
    """Player 1 begins; rows are those of the public source; pauses are 2 to 5 whole seconds, flights 1 s."""
    game, (rows, throws) = game_of(name, number), PRESETS[name, number]
    pauses: Counter[float | None] = Counter()
    for seed in SEEDS:
        run = play(game, seed)
        assert (run.first, len(run.throws), run.ended) == (1, throws, "throws")
        assert all(in_bags(by_thrower(run, owner), bags) for owner, bags in rows.items())
        pauses.update(p for p in run.pauses_s if p is not None)
    assert set(pauses) == {2.0, 3.0, 4.0, 5.0}
    total = sum(pauses.values())
    assert all(abs(n - total / 4) < 4 * sqrt(total * 3 / 16) for n in pauses.values())


def origin_of_cyberball_5(file: Path) -> list[tuple[int, float]]:
    """Return what the program of origin keeps of its list: not the entry after a throw to the participant."""
    root = ET.fromstring(file.read_text(encoding="utf-8"))
    kept, to_participant, shown = [], False, 0.0
    for throw in root.iter("CBThrow"):
        if throw.findtext("isChatMessage") == "true":
            shown += (
                float(throw.findtext("msg/duration") or 0) if throw.findtext("msg/sender") == "0" else 0.0
            )
            continue
        told = throw.findtext("ThrowTo") or ""
        if not to_participant:
            kept.append((int(told.split()[1]), float(throw.findtext("Delay") or 0) + shown))
            shown = 0.0
        to_participant = told.startswith("Player 2")
    return kept


@pytest.mark.parametrize("name", ["cb5_own_order.cbe", "cb5_chat.cbe"])
def test_cyberball_5_orders_pass_over_who_has_the_ball(name: str) -> None:
    """The list is taken entry by entry, whoever throws; an entry that has the ball is passed over."""
    game, kept = game_of(name), origin_of_cyberball_5(SAMPLES / name)
    passed_over = used_up = 0
    for seed in SEEDS:
        run, left, last = play(game, seed), list(kept), kept[-1][1]
        assert (run.first, len(run.throws)) == (1, game.throws)
        for (thrower, receiver), pause in zip(run.throws, run.pauses_s, strict=True):
            if thrower == PARTICIPANT:
                continue
            expected_pause, expected = last, None
            if left:
                expected, expected_pause = left.pop(0)
                if expected == thrower:
                    passed_over += 1
                    expected = left.pop(0)[0] if left else None
            assert pause == expected_pause
            if expected is not None:
                assert receiver == expected
            else:
                used_up += 1
    assert passed_over
    assert used_up or name == "cb5_chat.cbe"


def test_what_is_said_comes_at_its_throw() -> None:
    """A line of a co-player before the first throw; an instruction, then a line after it has been read."""
    game, texts = game_of("cb5_chat.cbe"), converted("cb5_chat.cbe")[0].lines
    assert [(c.player, c.after_throw, c.after_s, c.lasts_s) for c in game.chat] == [
        (1, 0, 0, 2),
        (3, 2, 4, 1.5),
    ]
    assert [(m.after_throw, m.after_s, m.lasts_s) for m in game.messages] == [(2, 0, 4)]
    assert '"Hi all"' in texts
    assert '"Please pay attention now"' in texts


WEIGHTED = {
    "cbos_inclusion.txt": {1: {2: 0.5, 3: 0.5}, 3: {2: 0.5, 1: 0.5}},
    "cbos_link.txt": {1: {2: 0.5, 3: 0.5}, 3: {2: 0.2, 1: 0.8}},
    "cbos_slow_four.json": {
        1: {2: 0.4, 3: 0.3, 4: 0.3},
        3: {2: 0.1, 1: 0.45, 4: 0.45},
        4: {2: 0.25, 1: 0.25, 3: 0.5},
    },
}


@pytest.mark.parametrize("name", list(WEIGHTED))
def test_cyberballos_preferences_are_chances(name: str) -> None:
    """The participant begins; each co-player throws to each other with the chance that is preferred."""
    game, counted = game_of(name), {n: Counter[int]() for n in WEIGHTED[name]}
    for seed in range(150):
        run = play(game, seed)
        assert (run.first, len(run.throws), run.ended) == (PARTICIPANT, game.throws, "throws")
        for thrower, receiver in run.throws:
            if thrower != PARTICIPANT:
                counted[thrower][receiver] += 1
    for thrower, chances in WEIGHTED[name].items():
        total = sum(counted[thrower].values())
        for receiver, chance in chances.items():
            assert abs(counted[thrower][receiver] - total * chance) < 4 * sqrt(total * chance * (1 - chance))
        assert set(counted[thrower]) == set(chances)


def test_cyberballos_pauses_are_the_catch_and_the_throw() -> None:
    """Two uniform parts added: 500 +- 200 and 500 +- 200 ms, so 0.6 to 1.4 s with an SD of 0.163 s."""
    game = game_of("cbos_inclusion.txt")
    pauses = [p for seed in range(150) for p in play(game, seed).pauses_s if p is not None]
    spread = sqrt(2 * 0.4**2 / 12)
    assert abs(fmean(pauses) - 1.0) < 4 * spread / sqrt(len(pauses))
    assert 0.6 <= min(pauses) < 0.65
    assert 1.35 < max(pauses) <= 1.4
    found = sqrt(fmean([(p - 1.0) ** 2 for p in pauses]))
    assert found == pytest.approx(spread, rel=0.05)


def test_a_slow_player_is_slow_each_time() -> None:
    """16 s + 0.5 s without variance, for the first co-player alone."""
    run = play(game_of("cbos_slow_four.json"), 1)
    slow = {p for (who, _), p in zip(run.throws, run.pauses_s, strict=True) if who == 1}
    quick = [p for (who, _), p in zip(run.throws, run.pauses_s, strict=True) if who in (3, 4)]
    assert slow == {16.5}
    assert max(p for p in quick if p is not None) <= 1.4


def test_cyberballos_schedules_count_the_participant_as_one() -> None:
    """There 1 is the participant and 2 the first co-player; rows come out of their bags as here."""
    game = game_of("cbos_exclusion.txt")
    told = json.loads((SAMPLES / "cbos_exclusion.txt").read_text(encoding="utf-8"))["scheduleText"]
    ours = str.maketrans("12", "21")
    rows = {1: told["Player 2"].translate(ours).split(","), 3: told["Player 3"].translate(ours).split(",")}
    for seed in SEEDS:
        run = play(game, seed)
        assert (run.first, len(run.throws)) == (PARTICIPANT, 30)
        assert all(in_bags(by_thrower(run, owner), bags) for owner, bags in rows.items())
        received = [number for number, (_, to) in enumerate(run.throws, start=1) if to == PARTICIPANT]
        assert len(received) <= 2


def test_a_time_limit_ends_the_game() -> None:
    """90 000 ms are 90 s; how many throws fit in is not said."""
    game = game_of("cbos_timed.json")
    assert (game.duration_s, game.throws) == (90.0, None)
    assert play(game, 1).ended == "time"


def test_players_leave_when_the_settings_say() -> None:
    """Jo after 9 to 15 throws, not with the ball; Max once somebody has left; the participant after time."""
    game = game_of("cbos_leaving.json")
    times = Counter[int]()
    for seed in SEEDS:
        left = play(game, seed).left
        assert set(left) == {3, 4}
        assert left[3] >= 9
        times[left[3]] += 1
    assert times[min(times)]
    assert len(times) >= 5
    leave = game.participant.may_leave
    assert leave is not None
    assert (leave.after_s, leave.spread_s) == (60.0, 10.0)


def test_conditions_and_presets_become_a_file_each() -> None:
    """Two conditions of one file have two names, and each its own schedule."""
    assert [c.name for c in converted("cb5_conditions.cbe")] == [
        "cb5_conditions_condition_1", "cb5_conditions_condition_2",
    ]  # fmt: skip
    assert [c.name for c in converted("cbos_presets.json")] == ["cbos_presets_fair", "cbos_presets_left_out"]
    assert converted("cb5_conditions.cbe")[0].game != converted("cb5_conditions.cbe")[1].game


def test_a_link_and_its_embed_code_are_the_same_game() -> None:
    """The settings are packed into both in the same way."""
    link, embed = converted("cbos_link.txt")[0].game, converted("cbos_embed.txt")[0].game
    assert link.replace("cbos_link", "cbos_embed") == embed
