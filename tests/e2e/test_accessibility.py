"""The whole program without a look at it: by keyboard, by ear, and by what a screen reader is told."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Recording
from tests.e2e.screen import Desktop, desktop, wait_for
from tests.e2e.screen_reader import Control, ScreenReader, Walk, screen_reader
from tests.e2e.sound import SoundCard, sound_card
from tests.e2e.test_window import question_file, words
from tests.e2e.transcripts import transcribe

__all__ = ["desktop", "sound_card"]  # fixtures


@pytest.fixture
def reader(desktop: Desktop) -> Iterator[ScreenReader]:
    """A screen reader beside the program, which is not started yet."""
    with screen_reader(desktop.env) as reader:
        desktop.env = dict(reader.env)
        yield reader


def check(walk: Walk, *, among: str) -> None:
    """Everything in a window has a name of its own, and Tab comes to it."""
    assert len(walk.reached) > 1, among
    reached = {called(each) for each in walk.reached}
    waiting = [each for each in walk.controls if each.usable and each.focusable]
    names = [(each.role, called(each)) for each in waiting]
    wrong = {
        "nameless": [each for each in walk.controls if not called(each).strip()],
        "twice": [each for each in waiting if names.count((each.role, called(each))) > 1],
        "not reached": [each for each in waiting if called(each) not in reached],
        "markup": [each for each in walk.controls if "<qt>" in each.name + each.label],
    }
    assert not {what: those for what, those in wrong.items() if those}, among


def called(control: Control) -> str:
    """Its name; that of a box to choose from is what is chosen, and what it is stands beside it."""
    return control.label if control.role == "combo box" else control.name


def found(desktop: Desktop, *search: str) -> str:
    """The first window that xdotool finds; "" where there is none."""
    try:
        return desktop.xdotool(*search).split()[0]
    except subprocess.CalledProcessError:
        return ""


def test_everything_has_a_name_and_the_keyboard_comes_to_it(desktop: Desktop, reader: ScreenReader) -> None:
    """Tab goes through guide, main window, an answer, memory, models, doctor, privacy, settings, about."""
    del desktop.env["JARVIS_LOOK__GUIDE"]
    desktop.start(guided=True)
    assert desktop.process is not None
    pid = desktop.process.pid

    def opened(title: str) -> None:
        search = ("search", "--all", "--onlyvisible", "--pid", str(pid), "--name", f"^{title}$")
        window = wait_for(title, lambda: found(desktop, *search))
        desktop.activate(window)

    def go_through(title: str) -> None:
        check(reader.walk(pid, title), among=title)

    wait_for("what the machine is", lambda: "processor cores" in reader.read(pid))
    opened("Welcome to Jarvis")
    for step, button in enumerate(("Next", "Next", "Next", "Start"), start=1):
        wait_for("the page", lambda step=step: f"Step {step} of 4" in reader.read(pid))
        go_through("Welcome to Jarvis")
        assert reader.press(pid, button)
    opened("Jarvis")
    go_through("Jarvis")
    wait_for("the models", desktop.loaded)
    desktop.xdotool("key", "ctrl+n")
    desktop.ask("Write hello world in Python.")
    wait_for("the answer", lambda: len(desktop.messages()) == 2)
    wait_for("the end of the turn", lambda: desktop.title() == "Jarvis")
    for keys in ("Tab", "shift+Tab"):
        through = reader.walk(pid, "Jarvis", keys)
        check(through, among=f"an answer, by {keys}")
        names = {each.name for each in through.reached}
        assert names >= {"You", "Jarvis", "Copy", "Read aloud", "Answer again", "Change the question"}
    for keys, title in (
        ("ctrl+m", "Memory – Jarvis"),
        ("ctrl+shift+m", "Models – Jarvis"),
        ("ctrl+d", "Audio doctor"),
        ("ctrl+shift+p", "Privacy – Jarvis"),
    ):
        desktop.xdotool("key", keys)
        opened(title)
        go_through(title)
        desktop.xdotool("key", "alt+F4")
        opened("Jarvis")
    desktop.xdotool("key", "ctrl+comma")
    opened("Settings")
    desktop.xdotool("key", "Tab")
    pages = reader.walk(pid, "Settings", "Down").reached
    assert {each.name for each in pages} >= {"Desktop", "Engine", "Tools", "Profiles"}
    assert reader.press(pid, "About Jarvis")  # on the last page, which the keyboard has come to
    opened("About Jarvis")
    go_through("About Jarvis")
    desktop.xdotool("key", "alt+F4")
    opened("Settings")
    for _ in pages:
        go_through("Settings")
        desktop.xdotool("key", "shift+Tab", "Up")


def test_a_spoken_turn_with_the_screen_off(
    desktop: Desktop,
    reader: ScreenReader,
    sound_card: SoundCard,
    recordings: list[Recording],
    tmp_path: Path,
) -> None:
    """Hold Space, speak, let go: a screen reader is told what goes on and what was said; it is answered."""
    desktop.start()
    wait_for("the models", desktop.loaded)
    assert desktop.process is not None
    pid = desktop.process.pid
    with (
        reader.listening(pid, tmp_path / "announced") as announced,
        sound_card.recording(rate=16_000) as played,
    ):
        desktop.xdotool("keydown", "space")
        wait_for("the microphone", lambda: "Microphone: Listening" in reader.read(pid))
        assert sound_card.speak(question_file(recordings, tmp_path)).wait(30) == 0
        desktop.xdotool("keyup", "space")
        wait_for("the voice", lambda: "Microphone: Speaking" in reader.read(pid))
        wait_for("the end of the turn", lambda: "Microphone: Ready" in reader.read(pid))
        (_, question, _), (_, answer, _) = desktop.messages()
        assert {"what", "time"} <= set(words(question))
        wait_for("the turn to be told", lambda: any(question in each or answer in each for each in announced))
    on_screen = words(reader.read(pid))
    assert set(words(question) + words(answer)) <= set(on_screen)
    heard = words(transcribe(desktop.home, played.samples))
    expected = {word for word in words(answer) if word.isalpha()}
    assert len(expected & set(heard)) >= 0.5 * len(expected), (answer, heard)
