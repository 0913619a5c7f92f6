"""What is there of a session already, and whether a run may take it up: from the request to the tables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from experiment import definitions, journal
from experiment.allocation import Allocation, claim_file
from experiment.booth import Clock, Interruptions, Keys, Screen
from experiment.definitions import CONDITIONS, Resolved
from experiment.earlier import find_earlier, machine_mark
from experiment.firstlines import header
from experiment.placeholder import MARK, placeholder
from experiment.respondent import Respondent
from experiment.runner import Finished, Request, run_session
from experiment.simulated import virtual_booth
from experiment.study import Study, StudyError, Who
from tests.scripted import CONDITIONS as TINY_CONDITIONS
from tests.scripted import TINY

WHO = Who("P01", "01")


class Stage:
    """A stage without a window, at which a simulated participant sits."""

    def __init__(self, resolved: Resolved) -> None:
        booth = virtual_booth(Respondent(1, resolved.measures))
        self.screen: Screen = booth.screen
        self.keys: Keys = booth.keys
        self.clock: Clock = booth.clock

    def close(self) -> None:
        """Have nothing to close."""


@dataclass
class Lab:
    """A folder with definitions of its own, and what the experimenter is told."""

    folder: Path
    told: list[str] = field(default_factory=list)

    @property
    def protocol(self) -> str:
        """Return the protocol's file."""
        return str(self.folder / "conditions" / "protocols" / "tiny.toml")

    @property
    def study(self) -> Study:
        """Return the study."""
        return Study(self.folder / "data", definitions.resolve(self.protocol).protocol.study)

    def run(
        self, protocol: str = "", *, resume: bool = False, take_over: bool = False, session: str = "01"
    ) -> Finished:
        """Run the session."""
        who, data = Who(WHO.code, session), self.folder / "data"
        request = Request(protocol or self.protocol, who, data, seed=5, resume=resume, take_over=take_over)
        stage = Stage(definitions.resolve(request.protocol))

        def opened(_interruptions: Interruptions) -> Stage:
            return stage

        return run_session(request, opened, self.told.append)

    def claim(self, machine: str) -> None:
        """Take the code and die."""
        resolved = definitions.resolve(self.protocol)
        self.study.prepare(resolved)
        Allocation(self.study, resolved.protocol, sign=lambda: {"machine": machine}).claim_code(WHO)

    def begin(self, change: Callable[[dict[str, object]], None] = lambda _: None) -> None:
        """Begin a session and die after its first lines."""
        resolved = definitions.resolve(self.protocol)
        self.claim(machine_mark())
        first = header(resolved, self.study, WHO, 5)
        change(first)
        with journal.Journal(self.study.local_journal(WHO)) as record:
            record.write("session", None, **first)
            record.write("segment", 0.0, number=1, machine=machine_mark())

    def edit(self, place: str, old: str, new: str) -> None:
        """Change a file of the definitions."""
        file = self.folder / "conditions" / place
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return a lab with the smallest protocol."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    shutil.copytree(TINY_CONDITIONS, tmp_path / "conditions")
    return Lab(tmp_path)


def test_session_that_was_only_claimed_begins_anew(lab: Lab) -> None:
    """A crash before the first line of the record costs nobody their code, and it is said in words."""
    lab.claim(machine_mark())
    with pytest.raises(StudyError, match="has a session 1 already"):
        lab.run()
    assert lab.run(resume=True).outcome == "completed"
    assert "session 1 of 'P01' had no record yet; it begins anew" in lab.told
    recorded = journal.read(lab.study.journal(WHO))
    assert [event["number"] for event in recorded.all("segment")] == [1]


@pytest.mark.parametrize("left", [b"", b'{"n": 1, "event": "session", "t": nu'])
def test_first_line_that_broke_off_is_no_record(lab: Lab, left: bytes) -> None:
    """A torn file with no whole line is moved aside, the journal's and the private one."""
    lab.claim(machine_mark())
    files = [lab.study.local_journal(WHO), lab.study.local_private(WHO)]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(left)
    assert find_earlier(lab.study, WHO).state == "claimed"
    assert lab.run(resume=True).outcome == "completed"
    assert [file.with_name(f".{file.name}.torn").read_bytes() for file in files] == [left, left]


def test_session_that_another_computer_claimed_needs_a_word(lab: Lab) -> None:
    """It may have begun there, and its record be on its way."""
    lab.claim("deadbeef")
    with pytest.raises(StudyError, match="--take-over confirms that it is not"):
        lab.run(resume=True)
    assert lab.run(resume=True, take_over=True).outcome == "completed"


def test_session_is_claimed_with_this_computers_mark(lab: Lab) -> None:
    """So that only this computer may take its claim for its own."""
    lab.run()
    claim = json.loads(claim_file(lab.study, WHO).read_text(encoding="utf-8"))
    assert claim.items() >= {"code": "P01", "session": "01", "machine": machine_mark()}.items()


def test_nothing_to_resume_is_said(lab: Lab) -> None:
    """A code that nobody has used is misspelt."""
    with pytest.raises(StudyError, match="participant 'P01' has no session 1 to resume"):
        lab.run(resume=True)
    lab.run()
    with pytest.raises(StudyError, match="has ended"):
        lab.run(resume=True)


@pytest.mark.parametrize(("word", "other"), [("protocol", "older"), ("language", "de")])
def test_session_is_resumed_as_it_was_begun(lab: Lab, word: str, other: str) -> None:
    """The refusal names what it was begun with and what was asked for."""
    lab.begin(lambda first: first.update({word: other}))
    now = {"protocol": "tiny", "language": "en"}[word]
    with pytest.raises(StudyError) as refused:
        lab.run(resume=True)
    assert f"was begun with {word} '{other}', not '{now}'" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_session_is_finished_with_the_files_it_was_begun_with(lab: Lab) -> None:
    """A changed file is refused by name with both digests; the files kept in the dataset still finish it."""
    lab.begin()
    before = definitions.resolve(lab.protocol).digest
    lab.edit("games/fair.toml", "\n", "\n# longer\n")
    after = definitions.resolve(lab.protocol).digest
    with pytest.raises(StudyError) as refused:
        lab.run(resume=True)
    words = str(refused.value)
    assert f"definitions {before}, not {after}" in words
    assert "games/fair.toml changed since" in words
    kept = lab.study.dataset / "sourcedata" / "definitions" / before / "protocols" / "tiny.toml"
    assert str(kept) in words
    assert lab.run(str(kept), resume=True).outcome == "completed"


def test_photographs_are_asked_for_before_the_kept_files_are_used(lab: Lab) -> None:
    """Only their hashes are kept; one that did not change is not said to have changed."""
    photo = lab.folder / "conditions" / "photos" / "alex.png"
    photo.parent.mkdir()
    Image.new("RGB", (20, 20), "red").save(photo)
    lab.edit("games/fair.toml", 'name = "Alex"', 'name = "Alex", photo = "alex.png"')
    lab.begin()
    lab.edit("games/fair.toml", "\n", "\n# longer\n")
    with pytest.raises(StudyError) as refused:
        lab.run(resume=True)
    words = str(refused.value)
    assert "; games/fair.toml changed since" in words
    (kept,) = (lab.study.dataset / "sourcedata" / "definitions").iterdir()
    assert words.endswith(f"once alex.png as it was then is put into {kept / 'photos'}")
    shutil.copyfile(photo, kept / "photos" / "alex.png")
    Image.new("RGB", (20, 20), "blue").save(photo)
    with pytest.raises(StudyError, match=r"games/fair\.toml, photos/alex\.png changed since.*tiny\.toml$"):
        lab.run(resume=True)
    assert lab.run(str(kept / "protocols" / "tiny.toml"), resume=True).outcome == "completed"


def test_refused_protocol_leaves_nothing_behind(lab: Lab) -> None:
    """One with other blocks is refused before any window opens, and can be mended under its name."""
    lab.run()
    own = Path(lab.protocol).with_name("other.toml")
    text = Path(lab.protocol).read_text(encoding="utf-8")
    own.write_text(text.replace("[design]", "[design]\nblock_repeats = [3]"), encoding="utf-8")
    before = lab.study.known_digests()
    with pytest.raises(StudyError, match="or in other blocks"):
        lab.run(str(own), session="02")
    assert lab.study.known_digests() == before
    own.write_text(text, encoding="utf-8")
    assert lab.run(str(own), session="02").outcome == "completed"


def test_second_session_has_the_cell_as_its_own_protocol_says(lab: Lab) -> None:
    """The same cell may mean more rounds there than in the first session's protocol, and other factors."""
    mixed(lab)
    lab.edit("protocols/tiny.toml", 'order = "random"\nrepeats = 3\nmax_in_a_row = 2', 'order = "fixed"')
    lab.run()
    own = Path(lab.protocol).with_name("other.toml")
    text = Path(lab.protocol).read_text(encoding="utf-8")
    text = text.replace('order = "fixed"', 'order = "fixed"\nrepeats = 2').replace('"told"', '"heard"')
    own.write_text(text, encoding="utf-8")
    lab.run(str(own), session="02")
    (first,) = journal.read(lab.study.journal(WHO)).all("cell")
    (again,) = journal.read(lab.study.journal(Who("P01", "02"))).all("cell")
    assert (again["cell"], again["slot"]) == (first["cell"], first["slot"])
    assert first["conditions"] == ["fair", "unfair"]
    assert again["conditions"] == ["fair", "unfair"] * 2
    assert again["levels"] == {"heard": first["levels"]["told"]}


def test_placeholder_is_told_before_the_session(lab: Lab) -> None:
    """A lab that forgot its own contact line learns it; one that wrote it hears nothing."""
    text = Path(lab.protocol).read_text(encoding="utf-8")
    contact = next(line for line in text.splitlines() if line.startswith("contact"))
    lab.edit("protocols/tiny.toml", contact, f'contact = "us ({MARK})"')
    lab.begin()
    lab.run(resume=True)
    (line,) = [line for line in lab.told if "contact" in line]
    assert line.startswith("protocols/tiny.toml: contact is still a placeholder")
    assert not placeholder(definitions.resolve(TINY).protocol)


@pytest.mark.parametrize("name", definitions.names("protocols", CONDITIONS))
def test_every_shipped_protocol_is_open_about_its_contact(name: str) -> None:
    """The words by which a placeholder is known stand in every protocol that comes with the program."""
    assert placeholder(definitions.resolve(name).protocol)


# Resuming keeps what was drawn


def mixed(lab: Lab) -> None:
    """Give the lab's protocol six games in an order drawn for each person, a factor and strata."""
    lab.edit("protocols/tiny.toml", 'between = ["fair", "unfair"]\n', MIXED)
    lab.edit("protocols/tiny.toml", '[[steps]]\nkind = "game"', '[[steps]]\nkind = "each_condition"\n'
             '[[steps.steps]]\nkind = "game"')  # fmt: skip
    lab.edit(
        "protocols/tiny.toml",
        'measure = "feelings"\nstage = "baseline"',
        'measure = "facts"\nstage = "baseline"',
    )


MIXED = """within = ["fair", "unfair"]
order = "random"
repeats = 3
max_in_a_row = 2
factors = [{ name = "told", levels = ["little", "much"] }]
strata = [{ measure = "facts", item = "gender" }]
"""


def cut_off(lab: Lab, after: str, times: int) -> journal.Recorded:
    """Leave of a session what was there after some event, here and in the dataset."""
    whole = lab.study.local_journal(WHO).read_bytes().splitlines(keepends=True)
    mark = f'"event": "{after}"'.encode()
    ends = [number for number, line in enumerate(whole, start=1) if mark in line]
    left = b"".join(whole[: ends[times - 1]])
    for file in (lab.study.local_journal(WHO), lab.study.journal(WHO)):
        file.write_bytes(left)
    return journal.read(lab.study.local_journal(WHO))


@pytest.mark.parametrize(("after", "times"), [("cell", 1), ("step_end", 8)])
def test_resumed_session_keeps_what_was_drawn(after: str, times: int, lab: Lab) -> None:
    """Cell, order, levels, slot, block and stratum, of a mixed design in a random order within strata."""
    mixed(lab)
    lab.run()
    before = cut_off(lab, after, times)
    assert lab.run(resume=True).outcome == "completed"
    recorded = journal.read(lab.study.journal(WHO))
    first, second = recorded.all("cell")
    for name in ("cell", "conditions", "levels", "belief", "slot", "block", "stratum"):
        assert first[name] == second[name]
    assert set(first["levels"]) == {"told"}
    assert first["stratum"] in ("woman", "man", "other")
    ended = {e["run"] for e in recorded.all("run_end")}
    games = [e["condition"] for e in recorded.all("run") if e["kind"] == "game" and e["run"] in ended]
    assert games == [*first["conditions"]]
    done = len([e for e in before.all("run_end") if e["run"].startswith("game")])
    assert done < len(games)
    assert len(list((lab.study.dataset / "sourcedata" / "allocation").glob("slot-*"))) == 1


def test_what_another_computer_went_on_with_is_the_newer_record(lab: Lab) -> None:
    """The longer one counts, wherever it lies."""
    lab.run()
    local = lab.study.local_journal(WHO)
    local.write_bytes(b"".join(local.read_bytes().splitlines(keepends=True)[:20]))
    assert find_earlier(lab.study, WHO).state == "ended"
    lab.study.journal(WHO).unlink()
    assert find_earlier(lab.study, WHO).state == "cut off"


def test_cell_drawn_out_of_reach_holds_for_later_sessions(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """It took no slot, which the audit says; a second session draws none either."""

    def unreachable(*_: object, **__: object) -> None:
        raise OSError(5, "the share is gone")

    with monkeypatch.context() as patch:
        patch.setattr(Allocation, "draw", unreachable)
        lab.run()
    (drawn,) = journal.read(lab.study.journal(WHO)).all("cell")
    assert (drawn["slot"], drawn["block"]) == (0, 0)
    assert any("outside the blocks" in line for line in lab.told)
    audit = (lab.study.dataset / "sourcedata" / "allocation" / "audit.tsv").read_text(encoding="utf-8")
    assert [line.split("\t")[1:4] for line in audit.splitlines()[1:]] == [
        ["code_claimed", "P01", "01"],
        ["drawn_outside", "P01", "01"],
    ]
    lab.run(session="02")
    (again,) = journal.read(lab.study.journal(Who("P01", "02"))).all("cell")
    assert (again["cell"], again["slot"]) == (drawn["cell"], 0)


def test_synced_folder_is_refused_before_anything_is_claimed(lab: Lab) -> None:
    """The data would lie in Dropbox: nothing is written there, and no window opens."""
    request = Request(lab.protocol, WHO, lab.folder / "Dropbox" / "data")

    def opened(_interruptions: Interruptions) -> Stage:
        raise AssertionError

    with pytest.raises(StudyError, match="synchronised by Dropbox"):
        run_session(request, opened, lab.told.append)
    assert not (lab.folder / "Dropbox").exists()


# What the experimenter is told, and texts that are kept apart


@pytest.mark.parametrize(
    ("after", "times", "words"),
    [
        ("segment", 1, "at step 01-consent"),
        ("answer", 1, "at step 02-measure (its first unanswered item)"),
        ("step_end", 2, "at step 03-page"),
        ("catch", 9, "at step 06-game (attempt 2; the interrupted game is repeated)"),
        ("run_end", 2, "at step 06-game (the game is over)"),
        ("step_end", 11, "after its last step"),
    ],
)
def test_where_a_session_goes_on_is_told(after: str, times: int, words: str, lab: Lab) -> None:
    """In the terminal, once, before the window opens."""
    lab.run()
    cut_off(lab, after, times)
    lab.told.clear()
    assert lab.run(resume=True).outcome == "completed"
    assert lab.told[0] == f"resuming session 1 of 'P01' {words}"
    assert sum("resuming" in line for line in lab.told) == 1


def private_texts(lab: Lab) -> dict[str, str]:
    """Return the free texts that are kept, by their reference; no reference stands for two."""
    found = [(e["ref"], e["text"]) for e in journal.read(lab.study.local_private(WHO)).all("text")]
    assert len(dict(found)) == len(found)
    return dict(found)


def references(lab: Lab) -> list[str]:
    """Return the references in the record, in order."""
    answers = journal.read(lab.study.journal(WHO)).all("answer")
    return [answer["text_ref"] for answer in answers if answer["text_ref"]]


def test_text_whose_answer_was_not_written_is_asked_again(lab: Lab) -> None:
    """The first stays in the private file, where nothing refers to it; the second has another reference."""
    lab.run()
    (first,) = references(lab)
    answers = list(journal.read(lab.study.journal(WHO)).all("answer"))
    place = next(i for i, answer in enumerate(answers) if answer["text_ref"])
    cut_off(lab, "answer", place)
    assert lab.run(resume=True).outcome == "completed"
    (second,) = references(lab)
    assert second != first
    assert set(private_texts(lab)) == {first, second}


def test_reference_whose_text_is_not_here_is_not_given_again(lab: Lab) -> None:
    """As on another computer before the private copy has come: two answers are never one text."""
    more = "".join(
        f'[[steps]]\nkind = "measure"\nmeasure = "facts"\nstage = "{stage}"\n\n'
        for stage in ("later", "latest")
    )
    lab.edit("protocols/tiny.toml", '[[steps]]\nkind = "debriefing"', f'{more}[[steps]]\nkind = "debriefing"')
    lab.run()
    before = references(lab)[:2]
    answers = list(journal.read(lab.study.journal(WHO)).all("answer"))
    places = [place for place, answer in enumerate(answers, start=1) if answer["text_ref"]]
    cut_off(lab, "answer", places[1])
    for file in (lab.study.local_private(WHO), lab.study.private_journal(WHO)):
        file.write_bytes(file.read_bytes().splitlines(keepends=True)[0])
    assert lab.run(resume=True).outcome == "completed"
    assert references(lab)[:2] == before
    assert len(set(references(lab))) == 3
    assert set(private_texts(lab)) == set(references(lab)) - set(before)
