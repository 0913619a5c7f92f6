"""A researcher's folder with three protocols: `whole` has every kind of step and form.

`short` has the least, `twice` has two games, of which one that is cut off is skipped.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from experiment.definitions import CONDITIONS

THROWS = 10
RECEPTIONS = 3

GAME = """
title = "A small game"
source = "made for a test"
players = 3
throws = {throws}
coplayers = [{{ name = "Alex" }}, {{ name = "Sam" }}]
pause = {{ kind = "fixed", value_s = {pause} }}
flight = {{ kind = "fixed", value_s = 0.6 }}
"""

TWO_PHASES = """
[[phases]]
name = "opening"
throws = 4
receptions = 1

[[phases]]
name = "rest_of_it"
throws = 6
receptions = 2
"""

MEASURES = {
    "lines": """
title = "Two lines"
citation = "made for a test"
role = "other"
scale = { kind = "vas" }
items = [{ id = "calm" }, { id = "awake" }]
""",
    "hurting": """
title = "One line with an alert"
citation = "made for a test"
role = "hurt"
scale = { kind = "vas" }
items = [{ id = "hurt" }]
scores = [{ name = "index", mean_of_items = "all", high_means = "more hurt" }]
""",
    "small_needs": """
title = "Steps, with a way back"
citation = "made for a test"
role = "need_satisfaction"
back = true
scale = { kind = "likert", low = 1, high = 7 }
items = [
    { id = "belonged", subscale = "belonging" },
    { id = "apart", subscale = "belonging", reverse = true },
    { id = "seen", subscale = "meaningful_existence" },
]
scores = [{ name = "index", mean_of_items = "all", high_means = "need satisfied" }]
""",
    "about_you": """
title = "Facts"
citation = "made for a test"
role = "demographics"
items = [
    { id = "age", scale = { kind = "number", low = 18, high = 99 } },
    { id = "gender", scale = { kind = "choice", options = ["woman", "man", "other"] } },
    { id = "handedness", scale = { kind = "choice", options = ["right", "left", "both"] } },
    { id = "anything", required = false, scale = { kind = "text", max_chars = 40 } },
]
""",
    "doubts": """
title = "Doubts"
citation = "made for a test"
role = "suspicion"
items = [
    { id = "odd", scale = { kind = "text", max_chars = 200 } },
    { id = "sure", scale = { kind = "choice", options = ["yes", "no"] } },
]
""",
}

WORDS = """
[measures.lines]
instruction = "Two short questions about this moment."
labels = ["not at all", "completely"]
items = { calm = "How calm are you?", awake = "How awake are you?" }

[measures.hurting]
items = { hurt = { words = "How much does something hurt?", labels = ["not at all", "very much"] } }

[measures.small_needs]
instruction = "Think of the game that you have just played."
stem = "During the game I felt"
labels = ["not at all", "extremely"]
items = { belonged = "that I belonged.", apart = "apart from the others.", seen = "that I was seen." }

[measures.about_you]
instruction = "A few facts."
[measures.about_you.items]
age = { words = "How old are you?", unit = "years" }
anything = "Is there anything else?"
[measures.about_you.items.gender]
words = "What is your gender?"
options = { woman = "Woman", man = "Man", other = "Something else" }
[measures.about_you.items.handedness]
words = "Which hand do you write with?"
options = { right = "Right", left = "Left", both = "Either" }

[measures.doubts]
instruction = "Now about this study."
[measures.doubts.items]
odd = "Was anything odd?"
sure = { words = "Are you sure?", options = { yes = "Yes", no = "No" } }
"""

WHOLE = """
title = "Every kind of step and form"
study = "whole"
contact = "the team"

[design]
between = ["game_a", "game_b"]

[[alerts]]
measure = "hurting"
item = "hurt"
at_least = 90

[[steps]]
kind = "consent"
page = "consent"

[[steps]]
kind = "page"
page = "questions"

[[steps]]
kind = "measure"
measure = "lines"
stage = "baseline"

[[steps]]
kind = "connecting"
page = "connecting"
longest_s = 2.0

[[steps]]
kind = "practice"
game = "warm_up"
page = "practice"

[[steps]]
kind = "page"
page = "game"

[[steps]]
kind = "game"

[[steps]]
kind = "measure"
measure = "small_needs"
stage = "reflexive"

[[steps]]
kind = "measure"
measure = "hurting"
stage = "reflexive"

[[steps]]
kind = "rest"
page = "rest"
duration_s = 1.5

[[steps]]
kind = "measure"
measure = "about_you"
stage = "end"

[[steps]]
kind = "measure"
measure = "doubts"
stage = "end"

[[steps]]
kind = "debriefing"
page = "debriefing"

[[steps]]
kind = "permission"
page = "permission"
"""

SHORT = """
title = "The least that a session can be"
study = "short"
contact = "the team"

[design]
between = ["game_a", "game_b"]

[[steps]]
kind = "consent"
page = "consent"

[[steps]]
kind = "game"

[[steps]]
kind = "measure"
measure = "small_needs"
stage = "reflexive"

[[steps]]
kind = "debriefing"
page = "debriefing"

[[steps]]
kind = "permission"
page = "permission"
"""


TWICE = """
title = "Two games, rated each"
study = "twice"
contact = "the team"
interrupted_game = "skip"

[design]
within = ["game_a", "game_b"]
order = "counterbalanced"

[[steps]]
kind = "consent"
page = "consent"

[[steps]]
kind = "each_condition"

  [[steps.steps]]
  kind = "game"

  [[steps.steps]]
  kind = "measure"
  measure = "small_needs"
  stage = "reflexive"

[[steps]]
kind = "debriefing"
page = "debriefing"

[[steps]]
kind = "permission"
page = "permission"
"""


def write_conditions(folder: Path) -> Path:
    """Write the definitions below `folder` and return the folder of the protocols.

    The pages and the program's own words are the shipped ones, so that what is driven is what people see.
    """
    root = folder / "conditions"
    for kind in ("games", "measures", "protocols", "texts/en"):
        (root / kind).mkdir(parents=True, exist_ok=True)
    for name in ("game_a", "game_b"):
        (root / "games" / f"{name}.toml").write_text(
            GAME.format(throws=THROWS, pause=0.3) + TWO_PHASES, encoding="utf-8"
        )
    warm_up = (
        GAME.format(throws=4, pause=0.3)
        + '\n[[phases]]\nname = "warm_up"\nthrows = 4\nreceptions = 1\nmax_wait = 3\n'
    )
    (root / "games" / "warm_up.toml").write_text(warm_up, encoding="utf-8")
    for name, text in MEASURES.items():
        (root / "measures" / f"{name}.toml").write_text(text, encoding="utf-8")
    (root / "protocols" / "whole.toml").write_text(WHOLE, encoding="utf-8")
    (root / "protocols" / "short.toml").write_text(SHORT, encoding="utf-8")
    (root / "protocols" / "twice.toml").write_text(TWICE, encoding="utf-8")
    shutil.copyfile(CONDITIONS / "texts" / "en.toml", root / "texts" / "en.toml")
    (root / "texts" / "en" / "own.toml").write_text(WORDS, encoding="utf-8")
    return root / "protocols"
