"""A protocol that says only in what it differs from another, and photographs as parts of a definition."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from experiment.definitions import DefinitionError, Resolved, check_file, resolve
from experiment.definitions.library import read_protocol
from experiment.definitions.photos import MAX_PIXELS
from experiment.definitions.protocol import Protocol
from experiment.definitions.steps import Ask, Rest

BASE = Path(__file__).parents[1] / "bad" / "base"


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A small lab that is in order."""
    shutil.copytree(BASE, tmp_path / "lab")
    return tmp_path / "lab"


def variant(lab: Path, *lines: str) -> Resolved:
    """Return what a variant of the lab's protocol becomes."""
    file = lab / "protocols" / "other.toml"
    told = ['extends = "session"', 'title = "Another"', 'study = "another"', *lines]
    file.write_text("\n".join(told) + "\n", encoding="utf-8")
    return resolve("other", root=lab)


def photographed(lab: Path, photo: str = "alex.png") -> Resolved:
    """Return the lab's protocol with a photograph of Alex in one of its games."""
    game = lab / "games" / "fair.toml"
    told = game.read_text(encoding="utf-8")
    game.write_text(told.replace('name = "Alex"', f'name = "Alex", photo = "{photo}"'), encoding="utf-8")
    return resolve("session", root=lab)


def test_a_variant_that_changes_nothing_is_its_base_under_another_name(lab: Path) -> None:
    """Only title and study are its own, and always its own."""
    changed, base = variant(lab).protocol, resolve("session", root=lab).protocol
    assert (changed.title, changed.study) == ("Another", "another")
    assert changed.model_copy(update={"title": base.title, "study": base.study}) == base


def test_what_a_variant_gives_replaces_what_its_base_says(lab: Path) -> None:
    """Contact, note, belief, language, ending and the whole design."""
    (lab / "texts" / "en.toml").rename(lab / "texts" / "xx.toml")
    texts = lab / "texts" / "xx.toml"
    texts.write_text(
        texts.read_text(encoding="utf-8").replace(
            "[lines]", '[pages.ending]\ntitle = "One more"\nbody = []\n\n[lines]'
        ),
        encoding="utf-8",
    )
    changed = variant(
        lab, 'contact = "us"', 'note = "why"', 'belief = "computer"', 'language = "xx"', 'ending = "fair"',
        "[design]", 'between = ["unfair", "fair"]', "block_repeats = [3]",
    )  # fmt: skip
    protocol = changed.protocol
    assert (protocol.contact, protocol.note, protocol.belief) == ("us", "why", "computer")
    assert (protocol.language, changed.language, protocol.ending) == ("xx", "xx", "fair")
    assert protocol.design.conditions == ("unfair", "fair")
    assert protocol.design.block_repeats == (3,)


def test_a_variant_shows_other_pages_wherever_its_base_shows_one(lab: Path) -> None:
    """By the page's name, not by the step."""
    base = read_protocol(lab / "protocols" / "session.toml")
    changed = variant(lab, "[pages]", 'text = "bare"').protocol
    pages = [getattr(step, "page", None) for _, step in base.placed_steps()]
    assert "text" in pages
    assert [getattr(step, "page", None) for _, step in changed.placed_steps()] == [
        "bare" if page == "text" else page for page in pages
    ]


@pytest.mark.parametrize("without", ["rest", "check", "doubts"])
def test_a_variant_leaves_out_steps_by_kind_or_measure(lab: Path, without: str) -> None:
    """Every step of that kind or with that measure, and no other."""
    base = read_protocol(lab / "protocols" / "session.toml")
    changed = variant(lab, f'without = ["{without}"]').protocol

    def left(protocol: Protocol) -> list[str]:
        return [repr(step) for step in protocol.steps]

    gone = [step for step in base.steps if repr(step) not in left(changed)]
    assert len(gone) == 1
    assert isinstance(gone[0], Rest) if without == "rest" else isinstance(gone[0], Ask)
    assert [step for step in left(base) if step != repr(gone[0])] == left(changed)


def test_a_variant_changes_steps_inside_each_condition_too(lab: Path) -> None:
    """At whatever depth a page is shown or a step is to go."""
    session = lab / "protocols" / "session.toml"
    told = session.read_text(encoding="utf-8")
    told = told.replace('between = ["fair", "unfair"]', 'within = ["fair", "unfair"]\norder = "fixed"')
    inner = (
        '[[steps]]\nkind = "each_condition"\n\n[[steps.steps]]\nkind = "page"\npage = "text"\n\n'
        '[[steps.steps]]\nkind = "game"\n\n[[steps.steps]]\nkind = "rest"\npage = "text"\nduration_s = 5\n'
    )
    session.write_text(told.replace('[[steps]]\nkind = "game"\n', inner), encoding="utf-8")
    changed = variant(lab, 'without = ["rest"]', "[pages]", 'text = "bare"').protocol
    inside = [step for where, step in changed.placed_steps() if ".steps" in where]
    assert [(step.kind, getattr(step, "page", None)) for step in inside] == [("page", "bare"), ("game", None)]


def test_a_variant_keeps_both_files_and_has_a_digest_of_its_own(lab: Path) -> None:
    """A change of either is a change of the session."""
    base, changed = resolve("session", root=lab), variant(lab)
    assert set(changed.files) == set(base.files) | {"protocols/other.toml"}
    assert changed.files["protocols/session.toml"] == base.files["protocols/session.toml"]
    assert changed.digest != base.digest
    session = lab / "protocols" / "session.toml"
    session.write_text(session.read_text(encoding="utf-8") + "# a word\n", encoding="utf-8")
    assert variant(lab).digest != changed.digest


def test_the_file_of_a_variant_is_checked_like_any_other(lab: Path) -> None:
    """By the command that checks files, and read by itself."""
    file = lab / "protocols" / "shorter.toml"
    assert check_file(file) == "protocols"
    assert not any(isinstance(step, Rest) for step in read_protocol(file).steps)


def test_a_variant_of_what_is_broken_is_refused_in_the_file_that_is(lab: Path) -> None:
    """The researcher mends the file with the fault."""
    session = lab / "protocols" / "session.toml"
    session.write_text(session.read_text(encoding="utf-8").replace("contact", "kontact"), encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"session.toml: unknown key 'kontact'"):
        variant(lab)


def test_a_photograph_is_part_of_what_was_run(lab: Path) -> None:
    """Its hash stands beside the files; another picture under the name is another session."""
    before = resolve("session", root=lab)
    found = photographed(lab)
    file = lab / "photos" / "alex.png"
    assert found.photos == {"alex.png": file}
    assert found.files["photos/alex.png.sha256"] == sha256(file.read_bytes()).hexdigest() + "\n"
    assert found.digest != before.digest
    Image.new("RGB", (8, 8)).save(file)
    assert resolve("session", root=lab).digest != found.digest


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0" + b"x" * 50, b"GIF89a", b"II*\x00" + b"\xff" * 90],
)
def test_a_file_that_is_hardly_a_picture_is_refused(lab: Path, content: bytes) -> None:
    """Whatever the reader of pictures makes of it."""
    (lab / "photos" / "alex.png").write_bytes(content)
    with pytest.raises(DefinitionError, match=r"coplayers\[1\].photo = 'alex.png': .* is no picture"):
        photographed(lab)


def test_a_picture_that_no_screen_could_hold_is_refused(lab: Path) -> None:
    """As it came out of a camera, it would take seconds to show."""
    Image.new("1", (MAX_PIXELS + 1, 1)).save(lab / "photos" / "alex.png")
    with pytest.raises(DefinitionError, match=r"is 4001 by 1 pixels; at most 4000 either way"):
        photographed(lab)
