"""One answer: presses in, the value so far out."""

from __future__ import annotations

import pytest

from experiment.answering import HOLD_AFTER_S, HOLD_PER_S, Answering
from experiment.booth import Press
from experiment.scenes import ChoiceScale, LikertScale, LineScale, NumberScale, Scale, TextScale, Value
from tests.scripted import PERIOD_S, Scripted, click, key, tiny, typed

LIKERT = LikertScale(1, 5, ("not at all", "extremely"))
CHOICE = ChoiceScale((("woman", "Woman"), ("man", "Man"), ("other", "Other")))
LINE = LineScale("no pain", "worst")
NUMBER = NumberScale(18, 120, "years")
DECIMAL = NumberScale(0, 60.5, "°C", decimals=1)
TEXT = TextScale(10)
UI = tiny().texts.ui.model_copy(update={"decimal_needed": "A number from {low} to {high}, please."})
SCALES: list[Scale] = [LIKERT, CHOICE, LINE, NUMBER, DECIMAL, TEXT]


def begun(
    scale: Scale,
    *,
    required: bool = True,
    confirm: bool = False,
    back: bool = False,
    value: Value | None = None,
) -> Answering:
    """Return an item that is about to be answered."""
    confirm = confirm or not isinstance(scale, LikertScale | ChoiceScale)
    answering = Answering(scale, value=value, required=required, confirm=confirm)
    answering.begin(UI, back=back)
    return answering


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: type(scale).__name__)
def test_no_answer_is_preset(scale: Scale) -> None:
    """And going on without one says kindly what is missing."""
    answering = begun(scale)
    assert (answering.value, answering.typed, answering.message) == (None, "", "")
    assert answering.take(key(1.0, "return")) is None
    assert answering.value is None
    assert answering.message
    assert "{" not in answering.message


@pytest.mark.parametrize(
    ("scale", "press", "value"),
    [
        (LIKERT, key(1, "4"), 4),
        (LIKERT, click(1, "option:2"), 2),
        (LikertScale(0, 10, ("a", "b")), click(1, "option:10"), 10),
        (LikertScale(-2, 2, ("a", "b")), click(1, "option:-2"), -2),
        (CHOICE, key(1, "3"), "other"),
        (CHOICE, click(1, "option:man"), "man"),
    ],
)
def test_a_click_or_a_digit_chooses_at_once(scale: Scale, press: Press, value: Value) -> None:
    """Where nothing is to be confirmed, that is the answer."""
    answering = begun(scale)
    assert answering.take(press) == "chosen"
    assert answering.value == value
    assert answering.first_press == press


@pytest.mark.parametrize(
    "press", [key(1, "0"), key(1, "6"), key(1, "x"), click(1, "option:9"), click(1, ""), click(1, "line")]
)
def test_what_is_no_step_changes_nothing(press: Press) -> None:
    """Nothing is clamped to the nearest step."""
    for scale in (LIKERT, CHOICE):
        answering = begun(scale)
        assert answering.take(press) is None
        assert answering.value is None
        assert not answering.last_used


def test_arrows_mark_and_return_confirms() -> None:
    """From the end they come from, no further than the last step."""
    answering = begun(LIKERT)
    assert answering.take(key(1, "right")) is None
    assert answering.value == 1
    for _ in range(9):
        answering.take(key(2, "right"))
    assert answering.value == 5
    answering.take(key(3, "left"))
    assert answering.value == 4
    assert answering.take(key(4, "return")) == "next"
    assert answering.first_press == key(1, "right")


def test_arrows_begin_at_the_last_step_from_the_right() -> None:
    """Left on an untouched scale means its right end."""
    answering = begun(CHOICE)
    answering.take(key(1, "left"))
    assert answering.value == "other"


def test_where_an_answer_is_confirmed_a_choice_only_marks() -> None:
    """It can be moved until the participant goes on."""
    answering = begun(LIKERT, confirm=True)
    assert answering.take(key(1, "2")) is None
    assert answering.take(click(2, "option:5")) is None
    assert answering.take(click(3, "button:next")) == "next"
    assert answering.value == 5
    assert answering.first_press == key(1, "2")


@pytest.mark.parametrize(
    ("fraction", "value"), [(0.0, 0.0), (0.5, 50.0), (1.0, 100.0), (-0.2, 0.0), (1.3, 100.0), (0.12345, 12.3)]
)
def test_a_click_marks_the_line_where_it_hit(fraction: float, value: float) -> None:
    """A drag beyond an end marks the end; tenths of a point are kept."""
    answering = begun(LINE)
    assert answering.take(click(1, "line", fraction)) is None
    assert answering.value == value


def test_a_drag_moves_the_mark_and_the_first_press_stays() -> None:
    """The response time is that of the first touch."""
    answering = begun(LINE)
    answering.take(click(1, "line", 0.2))
    answering.take(Press(1.5, "mouse", target="line", fraction=0.7, drag=True))
    assert answering.value == 70.0
    assert answering.first_press is not None
    assert answering.first_press.at == 1


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [("right", 0.0, 1.0), ("left", 100.0, 99.0), ("up", 0.0, 10.0), ("down", 100.0, 90.0)],
)
def test_keys_put_a_mark_at_an_end_then_move_it(name: str, first: float, second: float) -> None:
    """No place of the line is nearer than another to somebody who uses keys."""
    answering = begun(LINE)
    answering.take(key(1, name))
    assert answering.value == first
    answering.take(key(2, name))
    assert answering.value == second


def test_holding_an_arrow_moves_the_mark_by_time() -> None:
    """Not by frames, and only after a while."""
    answering = begun(LINE, value=50.0)
    keys = Scripted(holds=[("right", 0.0, 9.0)])
    moved_s = 1.0
    while keys.time_s < HOLD_AFTER_S + moved_s:
        keys.time_s += PERIOD_S
        answering.hold(keys, keys.time_s)
    assert answering.value == pytest.approx(50 + HOLD_PER_S * moved_s, abs=3 * HOLD_PER_S * PERIOD_S)


def test_a_tap_on_an_arrow_is_one_step() -> None:
    """Released before the hold begins, it moves nothing more."""
    answering = begun(LINE, value=50.0)
    keys = Scripted(holds=[("right", 0.0, 0.2)])
    answering.take(key(0.0, "right"))
    while keys.time_s < 1.0:
        keys.time_s += PERIOD_S
        answering.hold(keys, keys.time_s)
    assert answering.value == 51.0


def test_a_held_arrow_sets_no_mark_where_there_is_none() -> None:
    """Only a press does."""
    answering = begun(LINE)
    keys = Scripted(holds=[("right", 0.0, 9.0)], time_s=5.0)
    answering.hold(keys, 5.0)
    assert answering.value is None


@pytest.mark.parametrize(("text", "value"), [("18", 18), ("120", 120), ("042", 42), ("4\b30", 30)])
def test_a_number_within_its_bounds_is_taken(text: str, value: int) -> None:
    """Backspace corrects."""
    answering = begun(NUMBER)
    answering.take(typed(1, text))
    assert answering.take(key(2, "return")) == "next"
    assert answering.value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("47", 47.0), ("47.5", 47.5), ("47,5", 47.5), (".5", 0.5), ("7.", 7.0), ("0", 0.0), ("60.5", 60.5),
        ("4.\b5.5", 45.5), ("٤٧,٥", 47.5),
    ],
)  # fmt: skip
def test_a_number_with_decimals_is_typed_with_a_point_or_a_comma(text: str, value: float) -> None:
    """Its value is a float, also where no decimal was typed."""
    answering = begun(DECIMAL)
    answering.take(typed(1, text))
    assert answering.take(key(2, "return")) == "next"
    assert answering.value == value
    assert isinstance(answering.value, float)


@pytest.mark.parametrize(
    ("text", "stands"), [("47.56", "47.5"), ("1.2.3", "1.2"), ("1,.2", "1,2"), ("475", "47"), ("4²7½5", "47")]
)
def test_no_more_decimals_are_taken_than_an_answer_may_have(text: str, stands: str) -> None:
    """Nor a second mark, nor more digits before the first than the highest answer has."""
    answering = begun(DECIMAL)
    answering.take(typed(1, text))
    assert answering.typed == stands


@pytest.mark.parametrize("text", ["", ".", ",", "60.6", "99"])
def test_what_is_no_number_within_the_bounds_is_asked_for_again_with_decimals(text: str) -> None:
    """The bounds stand in the message as in the file."""
    answering = begun(DECIMAL)
    answering.take(typed(1, text))
    assert answering.take(key(2, "return")) is None
    assert answering.value is None
    assert answering.message == "A number from 0 to 60.5, please."


def test_a_whole_number_takes_no_decimal_mark() -> None:
    """Where the file allows no decimals."""
    answering = begun(NUMBER)
    answering.take(typed(1, "4.2"))
    assert answering.typed == "42"


@pytest.mark.parametrize("text", ["17", "121", "0", "999", "-5", "abc"])
def test_a_number_beyond_its_bounds_is_asked_for_again(text: str) -> None:
    """With the bounds in words; nothing is clamped."""
    answering = begun(NUMBER)
    answering.take(typed(1, text))
    assert answering.take(click(2, "button:next")) is None
    assert answering.value is None
    assert "18" in answering.message
    assert "120" in answering.message


def test_typing_again_takes_the_message_away() -> None:
    """And the number can be corrected."""
    answering = begun(NUMBER)
    answering.take(typed(1, "17"))
    answering.take(key(2, "return"))
    answering.take(typed(3, "\b9"))
    assert answering.message == ""
    assert answering.take(key(4, "return")) == "next"
    assert answering.value == 19
    assert answering.first_press == typed(1, "17")


def test_a_number_takes_digits_alone_and_no_more_than_its_bounds_have() -> None:
    """Letters leave no trace."""
    answering = begun(NUMBER)
    answering.take(typed(1, "a1b2c34567"))
    assert answering.typed == "123"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("grün", "grün"),
        ("日本語 ok", "日本語 ok"),
        ("ab\b\b\bxy", "xy"),
        ("  spaces ", "spaces"),
        ("e\u0301", "e\u0301"),
        ("0123456789abc", "0123456789"),
    ],
)
def test_text_keeps_what_people_type(text: str, value: str) -> None:
    """Any script, backspace, no more than its length, no blanks around it."""
    answering = begun(TEXT)
    answering.take(typed(1, text))
    assert answering.take(key(2, "return")) == "next"
    assert answering.value == value


def test_text_keeps_no_control_characters() -> None:
    """What cannot be printed is left out."""
    answering = begun(TEXT)
    answering.take(typed(1, "a\x00\x1b\tb"))
    assert answering.typed == "ab"


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: type(scale).__name__)
def test_an_optional_item_can_be_skipped_and_a_required_one_cannot(scale: Scale) -> None:
    """Skipping leaves no answer, whatever was marked before."""
    optional = begun(scale, required=False, confirm=True)
    optional.take(typed(1, "20"))
    optional.take(key(1, "up"))
    assert optional.take(click(2, "button:skip")) == "next"
    assert (optional.value, optional.typed) == (None, "")
    required = begun(scale)
    assert required.take(click(2, "button:skip")) is None


@pytest.mark.parametrize("text", ["", "   "])
def test_an_optional_text_may_stay_empty(text: str) -> None:
    """Blanks are nothing."""
    answering = begun(TEXT, required=False)
    answering.take(typed(1, text))
    assert answering.take(key(2, "return")) == "next"
    assert answering.value is None


def test_back_is_a_command_only_where_it_is_allowed() -> None:
    """Elsewhere the press means nothing."""
    assert begun(LIKERT, back=True).take(click(1, "button:back")) == "back"
    assert begun(LIKERT).take(click(1, "button:back")) is None


@pytest.mark.parametrize(
    ("scale", "value", "shown"), [(NUMBER, 42, "42"), (DECIMAL, 47.5, "47.5"), (TEXT, "hm", "hm")]
)
def test_an_item_that_is_asked_again_shows_what_was_typed(scale: Scale, value: Value, shown: str) -> None:
    """So that it can be corrected."""
    answering = begun(scale, value=value)
    assert answering.typed == shown
    assert answering.take(key(1, "return")) == "next"
    assert answering.value == value
    assert answering.first_press is None
