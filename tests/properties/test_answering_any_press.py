"""Whatever is pressed, an answer is one that the scale allows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from experiment.answering import Answering
from experiment.booth import Press
from experiment.scenes import ChoiceScale, LikertScale, LineScale, NumberScale, Scale, TextScale
from tests.scripted import tiny

UI = tiny().texts.ui
KEYS = st.sampled_from([*"0123456789", "left", "right", "up", "down", "return", "space", "q", "escape"])
TARGETS = st.sampled_from(
    [
        "option:1",
        "option:3",
        "option:7",
        "option:a",
        "option:",
        "line",
        "button:next",
        "button:skip",
        "button:back",
        "",
        "stop",
    ]
)


@st.composite
def presses(draw: st.DrawFn) -> Press:
    """Return any press that a keyboard, mouse or text field may give."""
    at = draw(st.floats(0, 100))
    match draw(st.sampled_from(["keyboard", "mouse", "text"])):
        case "keyboard":
            return Press(at, "keyboard", key=draw(KEYS))
        case "mouse":
            fraction = draw(st.none() | st.floats(-1, 2))
            return Press(at, "mouse", target=draw(TARGETS), fraction=fraction, drag=draw(st.booleans()))
        case _:
            return Press(
                at,
                "text",
                text=draw(st.text(max_size=6) | st.sampled_from(["\b", "\b\b", "12", "٣", "1.5", ","])),
            )


SCALES = st.sampled_from(
    [
        LikertScale(1, 5, ("a", "b")),
        LikertScale(-3, 3, ("a", "b")),
        ChoiceScale((("a", "A"), ("b", "B"), ("c", "C"))),
        LineScale("a", "b"),
        NumberScale(18, 120, ""),
        NumberScale(0.25, 47.5, "", decimals=2, hidden=True),
        TextScale(5),
    ]
)


def allowed(scale: Scale, answering: Answering) -> bool:
    """Return whether the value is one that the scale allows."""
    value = answering.value
    match scale:
        case NumberScale(low=low, high=high, decimals=int(decimals)) if decimals:
            return type(value) is float and low <= value <= high and round(value, decimals) == value
        case LikertScale(low=low, high=high) | NumberScale(low=low, high=high):
            return type(value) is int and low <= value <= high
        case ChoiceScale(options=options):
            return value in [option for option, _ in options]
        case LineScale():
            return type(value) is float and 0 <= value <= 100
        case TextScale(max_chars=most):
            return isinstance(value, str) and 0 < len(value) <= most and value == value.strip()


@given(scale=SCALES, required=st.booleans(), confirm=st.booleans(), pressed=st.lists(presses(), max_size=25))
def test_only_an_allowed_answer_ends_an_item(
    scale: Scale, required: bool, confirm: bool, pressed: list[Press]
) -> None:
    """Or none, where the item is optional; the first press that gave it is one of those made."""
    confirm = confirm or not isinstance(scale, LikertScale | ChoiceScale)
    answering = Answering(scale, required=required, confirm=confirm)
    answering.begin(UI, back=False)
    for press in pressed:
        command = answering.take(press)
        if command is None:
            assert (
                isinstance(scale, NumberScale | TextScale)
                or answering.value is None
                or allowed(scale, answering)
            )
            continue
        assert command != "back"
        assert command == "next" or not confirm
        assert allowed(scale, answering) or (not required and answering.value is None)
        if answering.value is not None:
            assert answering.first_press in pressed
        return


@given(scale=SCALES, pressed=st.lists(presses(), max_size=15))
def test_the_same_presses_give_the_same_answer(scale: Scale, pressed: list[Press]) -> None:
    """There is no clock in an answer."""
    outcomes = []
    for _ in range(2):
        answering = Answering(scale, confirm=True)
        answering.begin(UI, back=True)
        outcomes.append(
            (
                [answering.take(press) for press in pressed],
                answering.value,
                answering.typed,
                answering.message,
            )
        )
    assert outcomes[0] == outcomes[1]
