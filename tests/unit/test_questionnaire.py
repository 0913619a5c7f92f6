"""A form over a scripted booth: what is shown, what is written, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from experiment import definitions
from experiment.booth import Press
from experiment.definitions.measure import Number
from experiment.journal import Event
from experiment.questionnaire import MARK_SHOWN_S, Asking, Questionnaire
from experiment.retracing.forms import _allowed
from experiment.run import Ended
from experiment.scenes import Form, NumberScale, Scene, Value
from tests.scripted import PERIOD_S, Recorder, Scripted, click, key, tiny, typed

Answer = Callable[[Form, float], Iterable[Press]]
FRAME = PERIOD_S / 2 + 1e-6


def sensible(form: Form, flip: float) -> list[Press]:
    """Answer every item of the tiny protocol in a usual way, half a second after it came up."""
    at = flip + 0.5
    return {
        "age": [typed(at, "33"), key(at + 0.2, "return")],
        "gender": [click(at, "option:man")],
        "remark": [typed(at, "fine"), key(at + 0.2, "return")],
        "effort": [click(at, "line", 0.25), key(at + 0.2, "return")],
        "likes": [key(at, "6")],
    }.get(form.item, [key(at, "3")])


@dataclass
class Asked:
    """A form that was gone through."""

    folder: Path
    measure: str = "facts"
    answer: Answer = sensible
    answered: Mapping[str, Value | None] = field(default_factory=dict)
    after: Ended | None = None
    changes: Mapping[str, object] = field(default_factory=dict)
    seed: int = 1
    told: list[tuple[str, str, Value | None]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    lasts_s: float | None = None
    scripted: Scripted = field(default_factory=Scripted)
    on_journal: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Ask it."""
        self.recorder = Recorder(self.folder / f"{len(list(self.folder.iterdir()))}.jsonl")
        self.scripted.see = self._see
        with self.recorder.begin() as record:
            self.form(record).ask()

    def _see(self, scene: Scene, flip: float) -> Iterable[Press]:
        assert isinstance(scene, Form)
        self.on_journal.append((scene.item, len(self.recorder.events("answer"))))
        return self.answer(scene, flip)

    def form(self, record: object) -> Questionnaire:
        """Return the form itself."""
        resolved = tiny()
        measure: definitions.Measure = resolved.measures[self.measure].model_copy(update=dict(self.changes))
        return Questionnaire(
            self.scripted.booth(), record, measure, resolved.texts,  # type: ignore[arg-type]
            Asking("08-measure", self.measure, "end", self.after), self.seed,
            self._keep, lambda *told: self.told.append(told), self.answered, self.lasts_s,
        )  # fmt: skip

    def _keep(self, text: str) -> str:
        self.kept.append(text)
        return f"ref-{len(self.kept)}"

    @property
    def answers(self) -> list[Event]:
        """Return what was written."""
        return self.recorder.events("answer")

    @property
    def forms(self) -> list[Form]:
        """Return what was shown."""
        return [scene for _, scene in self.scripted.shown if isinstance(scene, Form)]

    @property
    def order(self) -> list[str]:
        """Return the items in the order in which they came up."""
        return [item for item, _ in self.on_journal]


def test_every_kind_of_scale_is_asked_and_written(tmp_path: Path) -> None:
    """Number, choice, text, line and steps, each with its own kind of value."""
    asked = Asked(tmp_path)
    values = {e["item"]: e["value"] for e in asked.answers}
    assert values == {"age": 33, "gender": "man", "remark": None, "effort": 25.0, "likes": 6}
    assert [e["order"] for e in asked.answers] == [1, 2, 3, 4, 5]
    assert {(e["measure"], e["stage"], e["step"]) for e in asked.answers} == {("facts", "end", "08-measure")}


def test_no_form_comes_up_with_an_answer(tmp_path: Path) -> None:
    """Neither a value nor typed text nor a message."""
    asked = Asked(tmp_path)
    seen: set[str] = set()
    for form in asked.forms:
        if form.item not in seen:
            assert (form.value, form.typed, form.message) == (None, "", "")
        seen.add(form.item)
    assert len(seen) == 5


def test_an_answer_is_in_the_file_before_the_next_item_is_shown(tmp_path: Path) -> None:
    """Whatever the program's end after that, it is there."""
    asked = Asked(tmp_path)
    assert [written for _, written in asked.on_journal] == [0, 1, 2, 3, 4]


def test_an_answer_is_in_the_file_while_its_mark_is_shown(tmp_path: Path) -> None:
    """A stop in that moment does not lose it."""
    recorder = Recorder(tmp_path / "journal.jsonl")
    written: list[int] = []

    class Looking(Scripted):
        def show(self, scene: Scene, *, idle_until: float | None = None) -> float:
            if isinstance(scene, Form) and scene.value is not None:
                written.append(len(recorder.events("answer")))
            return Scripted.show(self, scene, idle_until=idle_until)

    def see(scene: Scene, flip: float) -> Iterable[Press]:
        return [key(flip + 0.5, "3")]

    resolved = tiny()
    with recorder.begin() as record:
        Questionnaire(
            Looking(see=see).booth(), record, resolved.measures["feelings"], resolved.texts,
            Asking("02-measure", "feelings", "baseline", None), 1, str, lambda *_: None,
        ).ask()  # fmt: skip
    assert len(written) >= 3 * int(MARK_SHOWN_S * 60 - 1)
    assert sorted(set(written)) == [1, 2, 3]


def test_response_times_are_first_press_minus_onset(tmp_path: Path) -> None:
    """The onset is the flip that showed the item first."""
    asked = Asked(tmp_path)
    for event in asked.answers:
        onset = next(f for f, s in asked.scripted.shown if isinstance(s, Form) and s.item == event["item"])
        assert event["onset"] == pytest.approx(onset, abs=1e-6)
        assert event["response_time"] == pytest.approx(0.5, abs=1e-6)
    assert [e["response_source"] for e in asked.answers] == ["text", "mouse", "text", "mouse", "keyboard"]


def test_a_press_from_before_the_item_is_no_answer(tmp_path: Path) -> None:
    """It is written as anticipatory, and the item waits."""

    def answer(form: Form, flip: float) -> Iterable[Press]:
        early = [key(flip - 0.001, "1")] if form.item == "likes" else []
        return [*early, *sensible(form, flip)]

    asked = Asked(tmp_path, answer=answer)
    assert asked.answers[-1]["value"] == 6
    uses = [e["use"] for e in asked.recorder.events("press")]
    assert uses.count("anticipatory") == 1


def test_free_text_goes_to_the_private_files_and_a_reference_into_the_journal(tmp_path: Path) -> None:
    """Not a character of it elsewhere, nor a typed key."""

    def spelt(form: Form, flip: float) -> Iterable[Press]:
        keys = [key(flip + 0.1 + n / 100, letter) for n, letter in enumerate("fine")]
        return [*(keys if form.item == "remark" else []), *sensible(form, flip)]

    asked = Asked(tmp_path, answer=spelt)
    assert not {e["key"] for e in asked.recorder.events("press")} & set("fine")
    remark = next(e for e in asked.answers if e["item"] == "remark")
    assert asked.kept == ["fine"]
    assert (remark["value"], remark["text_ref"]) == (None, "ref-1")
    assert "fine" not in asked.recorder.path.read_text(encoding="utf-8")


def test_the_keys_that_spell_a_text_are_not_in_the_journal(tmp_path: Path) -> None:
    """A keyboard gives each letter twice, as character and as key; the journal is shared, the text is not."""

    def answer(form: Form, flip: float) -> Iterable[Press]:
        keys = [key(flip + 0.1 * i, letter) for i, letter in enumerate("fine", start=1)]
        return [*keys, *sensible(form, flip)] if form.item == "remark" else sensible(form, flip)

    asked = Asked(tmp_path, answer=answer)
    pressed = {e["key"] for e in asked.recorder.events("press")}
    assert pressed & set("fine") == set()
    assert "return" in pressed


def test_an_optional_item_that_is_skipped_has_a_row_without_an_answer(tmp_path: Path) -> None:
    """With the time of the skip."""

    def answer(form: Form, flip: float) -> Iterable[Press]:
        return [click(flip + 1, "button:skip")] if form.item == "remark" else sensible(form, flip)

    asked = Asked(tmp_path, answer=answer)
    remark = next(e for e in asked.answers if e["item"] == "remark")
    assert (remark["value"], remark["text_ref"]) == (None, None)
    assert remark["response_time"] == pytest.approx(1.0)
    assert [b.target for f in asked.forms if f.item == "age" for b in f.buttons].count("button:skip") == 0


def test_an_answer_out_of_bounds_keeps_the_item_with_a_message(tmp_path: Path) -> None:
    """Until it fits."""

    def answer(form: Form, flip: float) -> Iterable[Press]:
        if form.item != "age":
            return sensible(form, flip)
        wrong = [typed(flip + 0.5, "7"), key(flip + 0.6, "return")]
        return [*wrong, typed(flip + 1, "\b70"), key(flip + 1.1, "return")]

    asked = Asked(tmp_path, answer=answer)
    assert asked.answers[0]["value"] == 70
    assert asked.answers[0]["response_time"] == pytest.approx(0.5)
    messages = {form.message for form in asked.forms if form.item == "age"}
    assert any("18" in message and "120" in message for message in messages)


def once_back(at_item: str, again: Answer) -> Answer:
    """Return a participant who goes back once from an item, and answers the one before it by `again`."""
    gone: list[str] = []

    def answer(form: Form, flip: float) -> Iterable[Press]:
        if form.item == at_item and not gone:
            gone.append(form.item)
            return [click(flip + 0.3, "button:back")]
        if gone and form.value is not None:
            return again(form, flip)
        return sensible(form, flip)

    return answer


def test_an_item_answered_again_is_written_again_at_its_place(tmp_path: Path) -> None:
    """The last answer counts; nothing of the first is lost."""
    asked = Asked(
        tmp_path, answer=once_back("remark", lambda form, flip: [click(flip + 0.4, "option:other")])
    )
    genders = [e for e in asked.answers if e["item"] == "gender"]
    assert [e["value"] for e in genders] == ["man", "other"]
    assert [e["order"] for e in genders] == [2, 2]
    assert asked.order == ["age", "gender", "remark", "gender", "remark", "effort", "likes"]
    assert asked.told.count(("facts", "gender", "other")) == 1


def test_an_item_that_is_only_passed_again_keeps_its_answer_and_its_time(tmp_path: Path) -> None:
    """No second row without a response time, and nobody is told twice."""
    asked = Asked(tmp_path, answer=once_back("remark", lambda form, flip: [key(flip + 0.4, "return")]))
    genders = [e for e in asked.answers if e["item"] == "gender"]
    assert [(e["value"], e["response_time"]) for e in genders] == [("man", pytest.approx(0.5))]
    assert [told for told in asked.told if told[1] == "gender"] == [("facts", "gender", "man")]


def test_text_that_was_only_shortened_counts_as_answered_again(tmp_path: Path) -> None:
    """Backspace alone changes an answer too."""
    asked = Asked(
        tmp_path,
        answer=once_back("effort", lambda form, flip: [typed(flip + 0.4, "\b"), key(flip + 0.5, "return")]),
    )
    assert asked.kept == ["fine", "fin"]
    assert [e["text_ref"] for e in asked.answers if e["item"] == "remark"] == ["ref-1", "ref-2"]


def test_back_is_offered_from_the_second_item_and_only_where_the_measure_says_so(tmp_path: Path) -> None:
    """Nobody goes back to before the form."""
    asked = Asked(tmp_path)
    offered = {f.item for f in asked.forms if any(b.target == "button:back" for b in f.buttons)}
    assert offered == {"gender", "remark", "effort", "likes"}
    closed = Asked(
        tmp_path,
        changes={"back": False},
        answer=lambda f, t: [click(t + 0.1, "button:back"), *sensible(f, t)],
    )
    assert not any(b.target == "button:back" for f in closed.forms for b in f.buttons)
    assert closed.order == ["age", "gender", "remark", "effort", "likes"]


def test_where_a_measure_asks_for_confirmation_a_choice_can_be_changed(tmp_path: Path) -> None:
    """Until the participant goes on."""

    def answer(form: Form, flip: float) -> Iterable[Press]:
        return [key(flip + 0.5, "1"), key(flip + 0.8, "4"), click(flip + 1, "button:next")]

    asked = Asked(tmp_path, "feelings", answer=answer, changes={"confirm": True})
    assert {e["value"] for e in asked.answers} == {4}
    assert all(any(b.target == "button:next" for b in f.buttons) for f in asked.forms)


def test_a_form_goes_on_at_the_first_item_without_an_answer(tmp_path: Path) -> None:
    """Also after an optional one that was skipped."""
    asked = Asked(tmp_path, answered={"age": 33, "gender": "man", "remark": None})
    assert asked.order == ["effort", "likes"]
    assert [e["order"] for e in asked.answers] == [4, 5]
    assert (
        Asked(tmp_path, answered=dict.fromkeys(("age", "gender", "remark", "effort", "likes"), 1)).order == []
    )


def test_a_random_order_is_the_participants_own_and_the_same_when_resumed(tmp_path: Path) -> None:
    """Drawn from its own stream: by seed, whatever was answered."""
    orders = {seed: tuple(Asked(tmp_path, "feelings", seed=seed).order) for seed in range(8)}
    assert len(set(orders.values())) > 2
    first = orders[3]
    assert tuple(Asked(tmp_path, "feelings", seed=3, answered={first[0]: 2}).order) == first[1:]
    assert Asked(tmp_path, "feelings", seed=3).answers[0]["order"] == 1


def test_an_answer_tells_which_run_it_follows_and_how_long_after(tmp_path: Path) -> None:
    """Run, condition, and the delay from the run's end to the item's onset."""
    asked = Asked(tmp_path, "feelings", after=Ended(2, "fair", -10.0))
    for event in asked.answers:
        assert (event["run"], event["condition"]) == (2, "fair")
        assert event["delay"] == pytest.approx(event["onset"] + 10.0)
    before = Asked(tmp_path, "feelings")
    assert {(e["run"], e["condition"], e["delay"]) for e in before.answers} == {(None, None, None)}
    resumed = Asked(tmp_path, "feelings", after=Ended(2, "fair", None))
    assert {(e["run"], e["delay"]) for e in resumed.answers} == {(2, None)}


def test_presses_left_over_from_one_item_do_not_answer_the_next(tmp_path: Path) -> None:
    """A double click is one answer."""

    def answer(form: Form, flip: float) -> Iterable[Press]:
        return [key(flip + 0.5, "3"), key(flip + 0.55, "3")]

    asked = Asked(tmp_path, "feelings", answer=answer)
    assert [e["response_time"] for e in asked.answers] == pytest.approx([0.5] * 3)


def test_the_form_to_prepare_is_the_first_that_is_shown(tmp_path: Path) -> None:
    """With the scale of that item, whatever the order."""
    asked = Asked(tmp_path, "feelings", seed=3)
    (prepared,) = asked.form(None).scenes()
    assert prepared == asked.forms[0]


# Items that stay for a time


def shown_s(asked: Asked, item: str) -> float:
    """Return how long an item was on the screen: to the first flip of the next one, or its last frame."""
    flips = [flip for flip, s in asked.scripted.shown if isinstance(s, Form) and s.item == item]
    return flips[-1] + PERIOD_S - flips[0]


@pytest.mark.parametrize("lasts_s", [0.75, 2.0, 4.517])
def test_a_timed_item_stays_exactly_its_time(lasts_s: float, tmp_path: Path) -> None:
    """Answered at once, late or never."""
    presses = {"good": [0.1], "bad": [0.6], "calm": []}

    def answer(form: Form, flip: float) -> Iterable[Press]:
        return [key(flip + after, "4") for after in presses[form.item]]

    asked = Asked(tmp_path, "feelings", answer=answer, lasts_s=lasts_s)
    for item in presses:
        assert shown_s(asked, item) == pytest.approx(lasts_s, abs=PERIOD_S / 2 + 1e-6)
    assert {e["item"]: e["value"] for e in asked.answers} == {"good": 4, "bad": 4, "calm": None}
    assert [e["order"] for e in asked.answers] == [1, 2, 3]


def test_the_last_mark_of_a_timed_item_counts(tmp_path: Path) -> None:
    """The response time is that of the first; nobody is told of an answer before its time is up."""

    def answer(form: Form, flip: float) -> Iterable[Press]:
        return [key(flip + 0.5, "2"), key(flip + 0.9, "5"), click(flip + 1.2, "option:3")]

    asked = Asked(tmp_path, "feelings", answer=answer, lasts_s=2.0)
    assert [e["value"] for e in asked.answers] == [3, 3, 3]
    assert [e["response_time"] for e in asked.answers] == pytest.approx([0.5] * 3)
    assert [e["use"] for e in asked.recorder.events("press")] == ["answer"] * 9


def test_no_press_leads_on_from_a_timed_item_nor_back(tmp_path: Path) -> None:
    """No button is offered; return and clicks where buttons would be are ignored, and written so."""

    def answer(form: Form, flip: float) -> Iterable[Press]:
        ways = [
            key(flip + 0.7, "return"),
            *(click(flip + 0.8, f"button:{w}") for w in ("next", "back", "skip")),
        ]
        return [key(flip + 0.5, "2"), *ways]

    asked = Asked(tmp_path, "feelings", answer=answer, changes={"back": True}, lasts_s=1.5)
    assert all(form.buttons == () for form in asked.forms)
    assert [e["value"] for e in asked.answers] == [2, 2, 2]
    assert [shown_s(asked, e["item"]) for e in asked.answers] == pytest.approx([1.5] * 3, abs=FRAME)
    uses = [(e["key"] or e["target"], e["use"]) for e in asked.recorder.events("press")][:5]
    assert uses == [
        ("2", "answer"), ("return", "ignored"), ("button:next", "ignored"), ("button:back", "ignored"),
        ("button:skip", "ignored"),
    ]  # fmt: skip


def test_a_timed_line_takes_its_last_place(tmp_path: Path) -> None:
    """Also an item that must be answered has a row where nothing was marked."""
    resolved = tiny()
    effort = resolved.measures["facts"].item("effort")
    marks = [click(0.5, "line", 0.2), click(0.9, "line", 0.8)]
    asked = Asked(tmp_path, answer=lambda _form, _flip: marks, changes={"items": (effort,)}, lasts_s=1.0)
    assert [e["value"] for e in asked.answers] == [80.0]
    missed = Asked(tmp_path, answer=lambda _form, _flip: (), changes={"items": (effort,)}, lasts_s=1.0)
    assert [(e["value"], e["response_time"]) for e in missed.answers] == [(None, None)]


def test_a_timed_form_goes_on_at_its_first_unasked_item(tmp_path: Path) -> None:
    """Also after one whose time ran out without an answer."""
    order = Asked(tmp_path, "feelings", seed=3, lasts_s=1.0).order
    asked = Asked(tmp_path, "feelings", seed=3, answered={order[0]: None}, lasts_s=1.0)
    assert asked.order == order[1:]


def test_a_number_with_decimals_is_asked_and_written_as_one(tmp_path: Path) -> None:
    """The screen is told how many and whether they are hidden; the journal has the number, not the text."""
    scale = Number(kind="number", low=0, high=100, decimals=1, hidden=True)
    age = tiny().measures["facts"].item("age").model_copy(update={"scale": scale})

    def answer(_form: Form, flip: float) -> Iterable[Press]:
        return [typed(flip + 0.5, "46,5"), key(flip + 0.7, "return")]

    asked = Asked(tmp_path, answer=answer, changes={"items": (age,)})
    assert asked.forms[0].scale == NumberScale(0, 100, "years", 1, hidden=True)
    assert [e["value"] for e in asked.answers] == [46.5]


@pytest.mark.parametrize(
    ("value", "decimals", "is_one"),
    [
        (46.5, 1, True), (46.0, 1, True), (46.55, 1, False), (46, 1, False), (100.1, 1, False),
        (46, 0, True), (46.0, 0, False), ("46", 1, False), (0.125, 3, True),
    ],
)  # fmt: skip
def test_a_session_gone_through_again_has_only_answers_that_can_be_typed(
    value: Value, decimals: int, is_one: bool
) -> None:
    """A whole number is an int, one with decimals a float with no more of them than the file allows."""
    scale = Number(kind="number", low=0, high=100, decimals=decimals)
    measure = tiny().measures["facts"]
    age = measure.item("age").model_copy(update={"scale": scale})
    assert _allowed(value, age, measure) is is_one
