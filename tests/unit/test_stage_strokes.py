"""Characters that the window tells late stay before the key that followed them."""

from __future__ import annotations

from experiment.booth import Press
from experiment.stage.strokes import Mark, in_order


def key(name: str, at: float) -> Press:
    """Return a key that the driver stamped."""
    return Press(at, "keyboard", key=name)


def text(letters: str, at: float) -> Press:
    """Return characters that the window told."""
    return Press(at, "text", text=letters)


def said(presses: list[Press]) -> list[str]:
    """Return what was pressed, in order."""
    return [press.text or press.key or press.target for press in presses]


def test_a_word_and_its_return_in_one_frame_keep_their_order() -> None:
    """The stamps of a late frame alone would lose the word."""
    keys = [key("a", 1.00), key("b", 1.05), key("return", 1.10)]
    told: list[Press | Mark] = [text("a", 1.30), text("b", 1.30), Mark("return")]
    taken = in_order(keys, told)
    assert said(taken) == ["a", "b", "a", "b", "return"]
    assert [press.source for press in taken] == ["keyboard", "keyboard", "text", "text", "keyboard"]
    assert [press.at for press in taken] == sorted(press.at for press in taken)


def test_what_is_typed_after_return_comes_after_it() -> None:
    """Two words, each ended by its own Return; what follows belongs to neither."""
    keys = [key("return", 1.1), key("return", 1.2)]
    told: list[Press | Mark] = [
        text("a", 1.5),
        Mark("return"),
        text("b", 1.5),
        Mark("return"),
        text("c", 1.5),
    ]
    assert said(in_order(keys, told)) == ["a", "return", "b", "return", "c"]


def test_rubbing_out_and_shift_do_not_disturb() -> None:
    """Keys that make a character are marks too; keys that the driver has not told yet mark nothing."""
    keys = [key("x", 1.0), key("backspace", 1.1), key("lshift", 1.2), key("q", 1.25), key("return", 1.3)]
    told: list[Press | Mark] = [
        text("x", 1.5), Mark("backspace"), text("\b", 1.5), Mark("lshift"), text("Q", 1.5), Mark("return"),
        Mark("f5"), text("y", 1.5),
    ]  # fmt: skip
    letters = [press for press in in_order(keys, told) if press.text or press.key == "return"]
    assert said(letters) == ["x", "\b", "Q", "return", "y"]


def test_letters_of_another_layout_are_no_marks() -> None:
    """The driver may call Z what the window calls Y; the word still comes before Return."""
    keys = [key("y", 1.0), key("return", 1.1), key("z", 1.2)]
    told: list[Press | Mark] = [Mark("z"), text("z", 1.5), Mark("return"), Mark("y"), text("y", 1.5)]
    taken = [press for press in in_order(keys, told) if press.text or press.key == "return"]
    assert said(taken) == ["z", "return", "y"]


def test_stamps_in_time_stay_as_they_are() -> None:
    """Where nothing came late, nothing is moved, and clicks never are."""
    click = Press(1.4, "mouse", target="stop")
    taken = in_order([key("a", 1.0), key("return", 1.2)], [text("a", 1.01), click, Mark("return")])
    assert [press.at for press in taken] == [1.0, 1.01, 1.2, 1.4]
