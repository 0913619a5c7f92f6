#!/usr/bin/env python3
"""Set this computer up, then run what you ask for.

    python lab.py                    open the lab: the dialog that starts a session
    python lab.py demo               play a short session by itself, simulate a small study, show its summary
    python lab.py run PROTOCOL …     one session; so any command of spot: check, simulate, summarize …
    python lab.py test [ARGS]        every test, window tests included; ARGS go to pytest
    python lab.py lint               formatting, lint and types
    python lab.py bench [ARGS]       the benchmarks
    python lab.py setup              only set up
    python lab.py lock [--upgrade]   write requirements.lock anew from pyproject.toml

The first start makes .venv beside this file from requirements.lock, with Python 3.11, and takes some minutes;
later starts find it ready. Nothing outside this folder is changed but the caches of uv and pip and, on Debian
where you are root, the system packages that PsychoPy needs. `python lab.py run --help` explains a command.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import hashlib
import importlib.util
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Callable, ContextManager, Dict, Iterator, List, Mapping, NoReturn, Optional, Sequence

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "lab-stamp"
PRIVATE = ROOT / ".lab"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"

WINDOWS = sys.platform == "win32"
PYTHON_VERSION = "3.11"
OLDEST_UV = (0, 5)
UV = "uv.exe" if WINDOWS else "uv"
BIN = "Scripts" if WINDOWS else "bin"
# Tables of pyproject.toml that change how the code is checked and nothing that is installed.
CHECKERS = ("tool.ruff", "tool.mypy", "tool.pytest", "tool.coverage")
BUILD_BACKENDS = ("setuptools", "wheel")
DISPLAY_TIMEOUT_S = 20

# What PsychoPy's window, keyboard and dialog need on a bare Debian, and the library that shows elsewhere
# whether it is there (without libjack, psychtoolbox loses the keyboard and says nothing).
SYSTEM_PACKAGES: Dict[str, Optional[str]] = {
    "fonts-dejavu-core": None,
    "libasound2": "asound",
    "libdbus-1-3": "dbus-1",
    "libegl1": "EGL",
    "libfontconfig1": "fontconfig",
    "libgl1": "GL",
    "libgl1-mesa-dri": None,
    "libglib2.0-0": "glib-2.0",
    "libglu1-mesa": "GLU",
    "libjack-jackd2-0": "jack",
    "libportaudio2": "portaudio",
    "libxcb-cursor0": "xcb-cursor",
    "libxcb-icccm4": "xcb-icccm",
    "libxcb-image0": "xcb-image",
    "libxcb-keysyms1": "xcb-keysyms",
    "libxcb-render-util0": "xcb-render-util",
    "libxcb-shape0": "xcb-shape",
    "libxcb-xinerama0": "xcb-xinerama",
    "libxi6": "Xi",
    "libxinerama1": "Xinerama",
    "libxkbcommon-x11-0": "xkbcommon-x11",
}
# A screen without a screen, which only the demonstration and the tests may use, and a browser for the report.
TEST_PACKAGES = ("xvfb", "xauth", "xdotool", "chromium")

Output = Callable[[Sequence[str]], str]


class LabError(Exception):
    """The lab cannot start; the message says in one line why and what to do."""


def output(command: Sequence[str]) -> str:
    """Return what a command prints, whatever its exit code; nothing where there is no such command."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return ""
    return done.stdout.decode(errors="replace")


def call(
    command: Sequence[str], failure: str, env: Optional[Mapping[str, str]] = None, close_fds: bool = False
) -> None:
    """Run a step of the set-up; where it fails, raise with `failure` as the way out.

    A step inherits the lock of the set-up, so that one whose parent was killed still holds it until it ends.
    """
    try:
        code = subprocess.call(command, cwd=str(ROOT), env=env, stdin=subprocess.DEVNULL, close_fds=close_fds)
    except OSError as error:
        raise LabError(f"{command[0]} cannot be run ({error}): {failure}") from error
    if code != 0:
        raise LabError(failure)


def environment() -> Dict[str, str]:
    """Return this process's environment without what would lead another Python astray."""
    env = {**os.environ}
    for name in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__"):
        env.pop(name, None)
    # A Python that uv installed before, else one that the machine has, else a new one.
    env.setdefault("UV_PYTHON_PREFERENCE", "managed")
    return env


def say(message: str) -> None:
    """Tell the person at the terminal how the set-up goes on; stdout belongs to the command that follows."""
    print(message, file=sys.stderr, flush=True)


def locked(names: Sequence[str], lock: str) -> str:
    """Return the entries of these packages in the text of a lock, version and hashes, without comments."""
    entries = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    wanted = [entry for entry in entries if re.split(r"[=\s;\[]", entry, maxsplit=1)[0] in names]
    if len(wanted) < len(names):
        raise LabError(f"{LOCK.name} lacks one of {', '.join(names)}; run: python lab.py lock")
    lines = [line for entry in wanted for line in entry.splitlines() if not line.lstrip().startswith("#")]
    return "\n".join(lines) + "\n"


def is_usable_uv(path: str, ask: Output = output) -> bool:
    """Tell whether there is a uv at `path`, and whether it knows what is asked of it here."""
    version = re.match(r"uv (\d+)\.(\d+)", ask([path, "--version"]))
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST_UV


def find_uv() -> Optional[str]:
    """Return the first usable uv: our own, one on the PATH, or one where installers put it."""
    home = Path.home()
    places = [PRIVATE / "uv" / BIN, home / ".local" / "bin", home / ".cargo" / "bin"]
    places += [] if WINDOWS else [Path("/usr/local/bin"), Path("/opt/homebrew/bin")]
    candidates = [str(place / UV) for place in places if (place / UV).is_file()]
    on_path = shutil.which("uv")
    if on_path:
        candidates.insert(1 if candidates[:1] == [str(places[0] / UV)] else 0, on_path)
    return next((path for path in candidates if is_usable_uv(path)), None)


def install_uv() -> str:
    """Install the locked uv, hashes checked, into an environment of its own, and return its path."""
    place = PRIVATE / "uv"
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(str(place))
    try:
        venv.create(str(place), with_pip=True)
    except subprocess.CalledProcessError as error:
        raise LabError(
            "this Python came without pip; install uv, or Python's own venv, and start again"
        ) from error
    wanted = PRIVATE / "uv.txt"
    wanted.write_text(locked(["uv"], LOCK.read_text(encoding="utf-8")), encoding="utf-8")
    pip = [str(place / BIN / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    call(
        [*pip, "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(wanted)],
        "uv could not be installed; check the network and start again, or install uv yourself",
    )
    return str(place / BIN / UV)


def can_install_uv() -> bool:
    """Tell whether this Python can make an environment with pip: Debian ships that part separately."""
    return importlib.util.find_spec("ensurepip") is not None


def is_debian(os_release: Path = Path("/etc/os-release")) -> bool:
    """Tell whether this is Debian or one of its descendants."""
    try:
        text = os_release.read_text(encoding="utf-8")
    except OSError:
        return False
    return re.search(r"^ID(_LIKE)?=.*\bdebian\b", text, flags=re.MULTILINE) is not None


def missing_packages(names: Sequence[str], ask: Output = output) -> List[str]:
    """Return the Debian packages that are not installed, be it under a newer release's name (…t64)."""
    both = [*names, *(name + "t64" for name in names)]
    listed = ask(["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *both])
    installed = {line.split()[1] for line in listed.splitlines() if line.startswith("installed ")}
    return [name for name in names if not installed & {name, name + "t64"}]


def names_here(names: Sequence[str], ask: Output = output) -> List[str]:
    """Return what this release calls the packages: `libasound2` became `libasound2t64`, for one."""
    pattern = "^(" + "|".join(re.escape(name) for name in names) + ")t64$"
    renamed = {
        line.split()[0] for line in ask(["apt-cache", "--names-only", "search", pattern]).splitlines() if line
    }
    return [name + "t64" if name + "t64" in renamed else name for name in names]


def missing_libraries(find: Callable[[str], Optional[str]] = ctypes.util.find_library) -> List[str]:
    """Return the libraries that PsychoPy's window, keyboard and dialog need and this system does not have."""
    return [library for library in SYSTEM_PACKAGES.values() if library and not find(library)]


def prepare_debian(needs_uv: bool) -> None:
    """Install the system packages that are missing, or say how; those for tests hold nobody up."""
    bootstrap = ["python3-venv"] if needs_uv and not can_install_uv() else []
    required = [*SYSTEM_PACKAGES, *bootstrap]
    missing = missing_packages([*required, *TEST_PACKAGES])
    if not missing:
        return
    if os.geteuid() == 0:
        install_debian(missing)
        return
    line = "sudo apt-get install " + " ".join(names_here(missing))
    if set(missing) & set(required):
        raise LabError(f"PsychoPy needs system packages that are missing; run this, then start again: {line}")
    say(f"Only the tests need what is missing here; to run them: {line}")


def install_debian(names: Sequence[str]) -> None:
    """Install system packages as root, from lists just refreshed."""
    say(f"      installing {len(names)} system packages: {' '.join(names)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # Services that a package may start must not inherit the lock: they outlive the set-up.
    call(
        ["apt-get", "update", "-qq"], "the package lists could not be refreshed; check the network", env, True
    )
    call(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names_here(names)],
        f"apt-get could not install: {' '.join(names)}",
        env,
        True,
    )


def prepare_system(needs_uv: bool) -> None:
    """See to what PsychoPy needs from the system; Windows and macOS bring it along."""
    if not sys.platform.startswith("linux"):
        return
    if is_debian() and shutil.which("dpkg-query"):
        prepare_debian(needs_uv)
        return
    missing = missing_libraries()
    if missing:
        say(f"      not found: {', '.join(missing)}; install them if the window, the keys or the dialog fail")


def digest() -> str:
    """Return what identifies the environment that this checkout needs."""
    tables = re.split(r"^(?=\[)", PROJECT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    installed = [table for table in tables if not table.lstrip("[").startswith(CHECKERS)]
    parts = [PYTHON_VERSION, *SYSTEM_PACKAGES, *TEST_PACKAGES, *installed, LOCK.read_text(encoding="utf-8")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def stamp_here() -> str:
    """Return the stamp of a finished set-up: an environment cannot be moved, so its place belongs to it."""
    return f"{digest()}\n{ROOT}\n"


def read_stamp() -> str:
    """Return the stamp that the last set-up left when it was done; nothing if it was not."""
    try:
        return STAMP.read_text(encoding="utf-8")
    except OSError:
        return ""


def write_stamp() -> None:
    """Leave the stamp, whole or not at all."""
    temporary = STAMP.with_name(STAMP.name + ".new")
    temporary.write_text(stamp_here(), encoding="utf-8")
    temporary.replace(STAMP)


def is_ready() -> bool:
    """Tell whether the environment is there as this checkout wants it. Every start asks, so this is quick."""
    return read_stamp() == stamp_here() and venv_program("python").exists()


def venv_program(name: str) -> Path:
    """Return the path of a program of the environment."""
    return VENV / BIN / (name + ".exe" if WINDOWS else name)


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the set-up for this process and its steps; a second start waits.

    The system itself lets go when they have ended, however they did.
    """
    path.parent.mkdir(exist_ok=True)
    with path.open("a+b") as file:
        told = False
        while not try_lock(file.fileno()):
            if not told:
                say("Another start is setting up; waiting for it …")
                told = True
            time.sleep(0.2)
        os.set_inheritable(file.fileno(), True)
        yield


def try_lock(descriptor: int) -> bool:
    """Lock a file for as long as it stays open; tell whether that succeeded."""
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def set_up() -> None:
    """Bring the environment to what this checkout wants; an interrupted set-up begins anew."""
    if is_ready():
        return
    with alone(PRIVATE / "setup.lock"):
        if not is_ready():
            build_environment()


def build_environment() -> None:
    """Make or renew `.venv`, step by step, and leave the stamp at the very end."""
    began = time.monotonic()
    uv = find_uv()
    say("Setting up the lab. The first time this takes some minutes; later starts are immediate.")
    say("[1/4] system packages")
    prepare_system(needs_uv=uv is None)
    say("[2/4] Python " + PYTHON_VERSION)
    uv = uv or install_uv()
    make_venv(uv)
    say("[3/4] PsychoPy and what belongs to it (about 1 GB)")
    install_packages(uv)
    say("[4/4] this checkout")
    install_project(uv)
    write_stamp()
    say(f"Ready after {time.monotonic() - began:.0f} s.")


def make_venv(uv: str) -> None:
    """Keep a finished environment of this place, to be renewed; make anything else anew."""
    reusable = read_stamp().splitlines()[1:] == [str(ROOT)] and python_version() == PYTHON_VERSION
    with contextlib.suppress(FileNotFoundError):
        STAMP.unlink()
    if reusable:
        return
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(str(VENV))
    way_out = (
        f"Python {PYTHON_VERSION} was not found and could not be fetched; install it, or check the network"
    )
    call([uv, "venv", "--quiet", "--python", PYTHON_VERSION, str(VENV)], way_out, environment())


def python_version() -> str:
    """Return the version of the environment's Python, nothing where it does not run."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    return output([str(venv_program("python")), "-c", program]).strip()


def pip(uv: str, *words: str) -> None:
    """Install something into the environment, with uv's own progress where a person watches."""
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    command = [uv, "pip", *words, "--python", str(venv_program("python")), *quiet]
    call(
        command, "the packages could not be installed; check network and disk, and start again", environment()
    )


def install_packages(uv: str) -> None:
    """Install what the lock names, and nothing else; what comes as source is built with locked tools."""
    backends = PRIVATE / "build.txt"
    backends.write_text(locked(BUILD_BACKENDS, LOCK.read_text(encoding="utf-8")), encoding="utf-8")
    pip(uv, "install", "--no-deps", "--require-hashes", "-r", str(backends))
    # Compiled now, because the first import of pandas and pingouin would otherwise take ten seconds.
    pip(uv, "sync", "--require-hashes", "--no-build-isolation", "--compile-bytecode", str(LOCK))


def install_project(uv: str) -> None:
    """Put this checkout on the environment's path, as it is, so that an edit needs no installation."""
    pip(uv, "install", "--no-deps", "--no-build-isolation", "-C", "editable_mode=compat", "-e", str(ROOT))


def lock_requirements(arguments: Sequence[str]) -> int:
    """Write the lock anew, for all systems, without a registry's address or a path of this machine."""
    command = [find_uv() or install_uv(), "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    command += [
        "--python-version",
        PYTHON_VERSION,
        "--group",
        "dev",
        "--no-emit-index-url",
        "--no-emit-find-links",
    ]
    command += ["--custom-compile-command", "python lab.py lock", PROJECT.name, "-o", LOCK.name, *arguments]
    return subprocess.call(command, cwd=str(ROOT), env=environment())


@contextlib.contextmanager
def virtual_screen() -> Iterator[str]:
    """Start Xvfb on a free display, yield the display's name, and stop it in every case."""
    program = shutil.which("Xvfb")
    if program is None:
        raise LabError("there is no screen and no Xvfb to stand in for one; run: sudo apt-get install xvfb")
    reading, writing = os.pipe()
    command = [
        program,
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        "1920x1080x24",
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    # In a session of its own, so that Ctrl-C reaches the program first and it can still close its window.
    server = subprocess.Popen(
        command,
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(writing)
    try:
        yield ":" + display_number(reading)
    finally:
        os.close(reading)
        server.terminate()
        server.wait()


def display_number(descriptor: int) -> str:
    """Return the number that Xvfb writes once it is ready."""
    if not select.select([descriptor], [], [], DISPLAY_TIMEOUT_S)[0]:
        raise LabError(f"Xvfb did not answer within {DISPLAY_TIMEOUT_S} s; start it by hand to see why")
    number = os.read(descriptor, 16).decode().strip()
    if not number:
        raise LabError("Xvfb ended at once; start it by hand to see why")
    return number


def needs_virtual_screen(words: Sequence[str], env: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Tell whether a stand-in for a screen is due: only for the demonstration; tests start their own."""
    has_screen = bool(env.get("DISPLAY"))
    return platform.startswith("linux") and list(words[:1]) == ["demo"] and not has_screen


def run(command: Sequence[str], env: Dict[str, str], cwd: Optional[Path] = None) -> NoReturn:
    """Become the program, signals, exit code and all; Windows can only wait for it."""
    if WINDOWS:
        sys.exit(wait_for(command, env, cwd))
    if cwd is not None:
        os.chdir(str(cwd))
    os.execve(command[0], list(command), env)


def wait_for(command: Sequence[str], env: Mapping[str, str], cwd: Optional[Path] = None) -> int:
    """Run a program to its end, pass on signals that ask it to stop, and return its exit code."""
    child = subprocess.Popen(list(command), env=dict(env), cwd=cwd)
    with passing_signals_to(child):
        code = child.wait()
    return code if code >= 0 else 128 - code


@contextlib.contextmanager
def handling(handler: Callable[[int, object], None], *names: str) -> Iterator[None]:
    """Handle these signals, as far as the system knows them, for a while."""
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def ending_in_order() -> ContextManager[None]:
    """Let a signal to end unwind what is open, such as the virtual screen, before this process ends."""

    def end(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    return handling(end, "SIGTERM", "SIGHUP")


def passing_signals_to(child: subprocess.Popen[bytes]) -> ContextManager[None]:
    """Leave it to the child what a signal means; Ctrl-C in a terminal reaches it without us."""

    def pass_on(number: int, _frame: object) -> None:
        at_terminal = number == signal.SIGINT and (WINDOWS or sys.stdin.isatty())
        if not at_terminal:
            child.send_signal(number)

    return handling(pass_on, "SIGINT", "SIGTERM", "SIGHUP")


def lint() -> int:
    """Check format, lint and types, all three even if the first one fails."""
    python = str(venv_program("python"))
    checks = (["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy"])
    codes = [subprocess.call([python, "-m", *check], cwd=str(ROOT), env=environment()) for check in checks]
    return max(codes)


def spot(words: Sequence[str]) -> int:
    """Run a command of spot where the caller stands, on a stand-in screen if it is due."""
    env = environment()
    command = [str(venv_program("spot")), *words]
    if not needs_virtual_screen(words, env):
        run(command, env)
    with ending_in_order(), virtual_screen() as display:
        env.pop("WAYLAND_DISPLAY", None)
        return wait_for(command, {**env, "DISPLAY": display})


def start(words: Sequence[str]) -> int:
    """Do what the words of the command line ask for, and return the exit code."""
    first, rest = (words[0] if words else ""), list(words[1:])
    if first in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    if first == "lock":
        return lock_requirements(rest)
    set_up()
    if first == "setup":
        return 0
    if first == "lint":
        return lint()
    python = str(venv_program("python"))
    if first == "test":
        run([python, "-m", "tests", *rest], environment(), ROOT)
    if first == "bench":
        run([python, "-m", "bench", *rest], environment(), ROOT)
    return spot(words)


def main() -> int:
    """Run the command line; a fault is one line that says what to do."""
    try:
        return start(sys.argv[1:])
    except (LabError, OSError) as error:
        say(f"lab: {error}")
        return 1
    except KeyboardInterrupt:
        say("lab: interrupted; the next start takes it up again")
        return 130


if __name__ == "__main__":
    sys.exit(main())
