from __future__ import annotations

import ast
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import lab

ROOT = Path(__file__).parents[2]
ON_LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Xvfb and dpkg are of Linux")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a lock, a project file and a finished set-up, all made up."""
    monkeypatch.setattr(lab, "ROOT", tmp_path)
    monkeypatch.setattr(lab, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(lab, "STAMP", tmp_path / ".venv" / "lab-stamp")
    monkeypatch.setattr(lab, "PRIVATE", tmp_path / ".lab")
    monkeypatch.setattr(lab, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(lab, "PROJECT", tmp_path / "pyproject.toml")
    lab.LOCK.write_text("numpy==2.3.5 \\\n    --hash=sha256:00\n")
    lab.PROJECT.write_text("[project]\n")
    lab.venv_program("python").parent.mkdir(parents=True)
    lab.venv_program("python").touch()
    lab.write_stamp()
    return tmp_path


def answering(answers: dict[str, str]) -> tuple[Callable[[Sequence[str]], str], list[Sequence[str]]]:
    """Return a stand-in for the system that answers by a command's first word, and what it was asked."""
    asked: list[Sequence[str]] = []

    def ask(command: Sequence[str]) -> str:
        asked.append(command)
        return answers.get(command[0], "")

    return ask, asked


# The file itself


def test_a_python_as_old_as_3_8_can_read_it() -> None:
    """Whoever starts the lab brings the Python they happen to have."""
    source = (ROOT / "lab.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 8))


def test_it_imports_the_standard_library_and_nothing_else() -> None:
    """Nothing is installed yet when it starts."""
    tree = ast.parse((ROOT / "lab.py").read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_help_explains_without_setting_up(capsys: pytest.CaptureFixture[str], checkout: Path) -> None:
    """Help answers at once, also on a machine with no network."""
    lab.STAMP.unlink()
    assert lab.start(["--help"]) == 0
    assert "python lab.py demo" in capsys.readouterr().out
    assert not lab.PRIVATE.exists()


# The committed lock


def test_the_lock_names_no_registry_and_no_path() -> None:
    """Every line is a pinned version, a hash or a comment."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if not line.lstrip().startswith("#")]
    assert not [line for line in entries if line.startswith("-") or "://" in line or " @ " in line]
    assert all(line.startswith("    --hash=sha256:") or "==" in line for line in entries)
    assert "python lab.py lock" in lines[1]


def test_the_lock_holds_what_set_up_itself_needs() -> None:
    """The bootstrap and the build backends are pinned and hashed like all else."""
    text = lab.locked(["uv", *lab.BUILD_BACKENDS], (ROOT / "requirements.lock").read_text(encoding="utf-8"))
    names = [line.partition("==")[0] for line in text.splitlines() if "==" in line]
    assert sorted(names) == sorted(["uv", *lab.BUILD_BACKENDS])
    assert text.count("--hash=sha256:") >= len(names)


def test_an_entry_is_taken_whole_and_its_namesakes_are_left() -> None:
    """`uv` is not `uvloop`; both variants of a package by marker are kept; comments are dropped."""
    lock = (
        "# header\nuv==1 ; sys_platform == 'win32' \\\n    --hash=sha256:aa\n    # via x\n"
        "uv==2 ; sys_platform != 'win32' \\\n    --hash=sha256:bb\nuvloop==3 \\\n    --hash=sha256:cc\n"
    )
    assert lab.locked(["uv"], lock).splitlines() == [
        "uv==1 ; sys_platform == 'win32' \\",
        "    --hash=sha256:aa",
        "uv==2 ; sys_platform != 'win32' \\",
        "    --hash=sha256:bb",
    ]


def test_a_lock_without_what_is_needed_is_refused_with_the_way_out() -> None:
    """The message names the command that mends it."""
    with pytest.raises(lab.LabError, match=r"python lab\.py lock$"):
        lab.locked(["uv"], "numpy==2 \\\n    --hash=sha256:aa\n")


# When a set-up is due


def test_a_finished_set_up_is_not_repeated(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second start does nothing, and does not even take the lock."""
    monkeypatch.setattr(lab, "build_environment", lambda: pytest.fail("set up again"))
    lab.set_up()
    assert not lab.PRIVATE.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda: lab.LOCK.write_text("numpy==2.3.6 \\\n    --hash=sha256:01\n"),
        lambda: lab.PROJECT.write_text("[project]\nname = 'x'\n"),
        lambda: lab.STAMP.unlink(missing_ok=False),
        lambda: lab.STAMP.write_text(lab.stamp_here()[:20]),
        lambda: lab.venv_program("python").unlink(),
    ],
    ids=["lock", "project", "interrupted", "stamp cut off", "python gone"],
)
def test_a_set_up_is_due_after(
    change: Callable[[], object], checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the environment depends on makes it stale."""
    change()
    built: list[bool] = []
    monkeypatch.setattr(lab, "build_environment", lambda: built.append(True))
    lab.set_up()
    assert built == [True]


def test_a_setting_of_a_checker_makes_nothing_stale(checkout: Path) -> None:
    """A lint rule changes nothing that is installed."""
    with lab.PROJECT.open("a") as file:
        file.write("[tool.ruff]\nline-length = 100\n[[tool.mypy.overrides]]\nmodule = 'x'\n")
    assert lab.is_ready()
    with lab.PROJECT.open("a") as file:
        file.write("[tool.setuptools]\npackages = []\n")
    assert not lab.is_ready()


def test_a_moved_checkout_is_set_up_anew(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of an environment hold its path."""
    monkeypatch.setattr(lab, "ROOT", checkout / "elsewhere")
    assert not lab.is_ready()


def test_the_stamp_is_the_last_thing_written(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set-up that fails half-way leaves no stamp, so the next start begins it again."""

    def fail(*_: object, **__: object) -> None:
        raise lab.LabError("no network")

    lab.PROJECT.write_text("[project]\nversion = '2'\n")
    lab.PRIVATE.mkdir()
    monkeypatch.setattr(lab, "find_uv", lambda: "uv")
    monkeypatch.setattr(lab, "prepare_system", lambda needs_uv: None)
    monkeypatch.setattr(lab, "python_version", lambda: lab.PYTHON_VERSION)
    monkeypatch.setattr(lab, "call", fail)
    with pytest.raises(lab.LabError):
        lab.set_up()
    assert not lab.STAMP.exists()
    assert not lab.is_ready()


def test_a_fault_is_one_line_and_exit_code_1(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody who starts an experiment is shown a traceback."""

    def fail() -> None:
        raise lab.LabError("no network; check the cable")

    monkeypatch.setattr(lab, "set_up", fail)
    monkeypatch.setattr(sys, "argv", ["lab.py", "check"])
    assert lab.main() == 1
    assert capsys.readouterr().err == "lab: no network; check the cable\n"


# One set-up at a time

HOLDER = """
import pathlib, sys, time
import lab
with lab.alone(pathlib.Path(sys.argv[1])):
    print(1, flush=True)
    time.sleep(60)
"""


def test_a_second_start_waits_and_a_dead_one_holds_nobody_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lock ends with its process, however that ended."""
    path = tmp_path / ".lab" / "setup.lock"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], env=env, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    with holder, holder.stdout:
        assert holder.stdout.readline() == b"1\n"
        with path.open("a+b") as file:
            assert not lab.try_lock(file.fileno())
        holder.kill()
        holder.wait()
    with lab.alone(path):
        pass
    assert path.exists()


@ON_LINUX
def test_a_step_that_outlives_its_set_up_still_holds_the_next_one_up(tmp_path: Path) -> None:
    """An orphaned installer would otherwise write into the environment that the next start makes."""
    path = tmp_path / "setup.lock"
    with lab.alone(path):
        step = subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False)
    with path.open("a+b") as file:
        assert not lab.try_lock(file.fileno())
        step.communicate()
        assert lab.try_lock(file.fileno())


# uv


@pytest.mark.parametrize(
    ("answer", "usable"),
    [("uv 0.13.9 (x86_64)\n", True), ("uv 1.0.0\n", True), ("uv 0.4.30 (abc)\n", False), ("", False)],
)
def test_a_uv_is_used_when_it_runs_and_is_new_enough(answer: str, usable: bool) -> None:
    """A shim that only prints an error is no uv."""
    ask, _ = answering({"uv": answer})
    assert lab.is_usable_uv("uv", ask) is usable


def test_the_environment_of_another_python_does_not_leak_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PYTHONPATH set for another program would be searched before the locked packages."""
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    assert not {"PYTHONPATH", "VIRTUAL_ENV"} & lab.environment().keys()


# System packages


@pytest.mark.parametrize(
    ("text", "debian"),
    [
        ("ID=debian\nVERSION_ID=12\n", True),
        ("ID=linuxmint\nID_LIKE='ubuntu debian'\n", True),
        ("ID=fedora\nNAME='not debian'\n", False),
    ],
)
def test_debian_and_its_descendants_are_recognised(text: str, debian: bool, tmp_path: Path) -> None:
    """By the fields that say so, not by any mention."""
    (tmp_path / "os-release").write_text(text)
    assert lab.is_debian(tmp_path / "os-release") is debian


def test_a_system_without_a_release_file_is_not_debian(tmp_path: Path) -> None:
    """Nor does asking fail."""
    assert not lab.is_debian(tmp_path / "none")


def test_a_package_counts_when_installed_under_its_old_or_new_name() -> None:
    """Removed packages of which the settings remain do not count."""
    ask, asked = answering(
        {"dpkg-query": "installed xvfb\ninstalled libasound2t64\nconfig-files libgl1\nnot-installed xauth\n"}
    )
    assert lab.missing_packages(["xvfb", "libasound2", "libgl1", "xauth", "xdotool"], ask) == [
        "libgl1",
        "xauth",
        "xdotool",
    ]
    assert len(asked) == 1


def test_packages_are_asked_for_by_the_name_of_this_release() -> None:
    """A virtual package with two providers cannot be installed by its old name."""
    ask, _ = answering({"apt-cache": "libasound2t64 - shared library for ALSA applications\n"})
    assert lab.names_here(["libasound2", "xvfb"], ask) == ["libasound2t64", "xvfb"]


@pytest.fixture
def without_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Debian where we are nobody in particular."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(lab, "names_here", list)


def test_without_rights_a_missing_library_stops_with_the_line_to_run(
    without_rights: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything missing is in that one line, what the tests need as well."""
    monkeypatch.setattr(lab, "missing_packages", lambda names: ["libjack-jackd2-0", "xvfb"])
    with pytest.raises(lab.LabError, match=r"sudo apt-get install libjack-jackd2-0 xvfb$"):
        lab.prepare_debian(needs_uv=False)


def test_without_rights_what_only_tests_need_stops_nobody(
    without_rights: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A laboratory computer has a screen and runs no tests."""
    monkeypatch.setattr(lab, "missing_packages", lambda names: ["xvfb", "xdotool"])
    lab.prepare_debian(needs_uv=False)
    assert "sudo apt-get install xvfb xdotool" in capsys.readouterr().err


def test_a_python_without_pip_is_completed_only_where_no_uv_is_found(
    without_rights: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian's own Python comes without the part that makes environments with pip."""
    monkeypatch.setattr(lab, "can_install_uv", lambda: False)
    monkeypatch.setattr(lab, "missing_packages", lambda names: [n for n in names if n == "python3-venv"])
    lab.prepare_debian(needs_uv=False)
    with pytest.raises(lab.LabError, match="python3-venv"):
        lab.prepare_debian(needs_uv=True)


def test_elsewhere_the_libraries_themselves_are_looked_for() -> None:
    """Other systems name their packages differently, but not the libraries."""
    assert lab.missing_libraries(lambda name: None if name == "jack" else f"lib{name}.so.1") == ["jack"]


# Screens, signals and exit codes


@pytest.mark.parametrize(
    ("words", "env", "platform", "due"),
    [
        (["demo"], {}, "linux", True),
        (["demo", "--quick"], {"DISPLAY": ""}, "linux", True),
        (["demo"], {"DISPLAY": ":0"}, "linux", False),
        (["demo"], {}, "darwin", False),
        (["run", "demo"], {}, "linux", False),
        ([], {}, "linux", False),
    ],
)
def test_only_a_demonstration_may_play_on_a_screen_that_is_not_there(
    words: list[str], env: dict[str, str], platform: str, due: bool
) -> None:
    """A real run without a screen has to be refused, not hidden."""
    assert lab.needs_virtual_screen(words, env, platform) is due


@pytest.mark.parametrize("code", [0, 1, 3, 4])
def test_the_exit_code_of_a_program_is_passed_on(code: int) -> None:
    """Scripts tell by it whether data were kept."""
    assert lab.wait_for([sys.executable, "-c", f"raise SystemExit({code})"], os.environ) == code


@ON_LINUX
def test_a_program_that_died_of_a_signal_is_told_as_shells_do() -> None:
    """128 and the number of the signal."""
    program = "import os; os.kill(os.getpid(), 9)"
    assert lab.wait_for([sys.executable, "-c", program], os.environ) == 128 + signal.SIGKILL


DEMO = """
import os, pathlib, signal, sys
import lab
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background of a shell ignore it
lab.venv_program = lambda name: pathlib.Path(sys.executable)
os.environ.pop("DISPLAY", None)
demo = "import os, time; print(os.environ['DISPLAY'], os.getppid(), flush=True); time.sleep(60)"
lab.needs_virtual_screen = lambda words, env: True
sys.exit(lab.spot(["-c", demo]))
"""


@ON_LINUX
@pytest.mark.window
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_stand_in_screen_goes_when_the_demonstration_is_told_to_end(number: int) -> None:
    """No server stays behind, and the program had its turn to end first."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", DEMO],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as started:
        assert started.stdout is not None
        display = started.stdout.readline().split()[0].decode()
        socket = Path("/tmp/.X11-unix/X" + display.lstrip(":"))
        assert socket.exists()
        started.send_signal(number)
        assert started.wait(20) == (128 + number if number != signal.SIGINT else 130)
    assert not socket.exists()


@ON_LINUX
def test_a_missing_xvfb_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, what to install."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(lab.LabError, match="apt-get install xvfb"), lab.virtual_screen():
        pass


@pytest.mark.skipif(not lab.is_ready(), reason="this environment was not made by lab.py, or is stale")
def test_a_later_start_costs_under_a_second() -> None:
    """From the word to the moment spot itself would begin; the best of three on a busy machine."""
    took_s = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run([sys.executable, str(ROOT / "lab.py"), "setup"], check=True)
        took_s.append(time.perf_counter() - began)
    assert min(took_s) < 1
