"""Dictation into another program: by its keys, through the microphone, onto that program's keyboard."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from jarvis_desktop.bench.words import normalised, word_errors
from tests.conftest import ROOT, Recording
from tests.e2e.screen import Desktop, desktop, elsewhere, virtual_screen, wait_for
from tests.e2e.sound import SoundCard, sound_card

__all__ = ["desktop", "sound_card"]  # fixtures

SETTINGS = """
schema_version = 1
[desktop]
dictation_shortcut = "Ctrl+Alt+D"
"""


class Speaker:
    """Somebody who dictates recordings."""

    def __init__(self, desktop: Desktop, card: SoundCard, recordings: list[Recording], folder: Path) -> None:
        self._desktop, self._card, self._folder = desktop, card, folder
        self._recordings = {recording.path.name: recording for recording in recordings}

    def hold(self) -> None:
        self._desktop.xdotool("keydown", "ctrl", "keydown", "alt", "keydown", "d")
        wait_for("the microphone to open", lambda: self._desktop.title().startswith("Dictating"))

    def say(self, name: str) -> Recording:
        samples, rate = soundfile.read(self._recordings[name].path)
        soundfile.write(self._folder / "said.wav", samples, rate)
        assert self._card.speak(self._folder / "said.wav").wait(30) == 0
        return self._recordings[name]

    def let_go(self) -> None:
        self._desktop.xdotool("keyup", "d", "keyup", "alt", "keyup", "ctrl")
        wait_for("the end of the dictation", lambda: self._desktop.title() == "Jarvis")


def error_rate(said: Recording, typed: str) -> float:
    reference = normalised(said.text, said.lang)
    return word_errors(reference, normalised(typed, said.lang)) / len(reference)


def test_what_is_dictated_is_typed_into_the_program_with_the_keyboard_and_kept_nowhere(
    desktop: Desktop, sound_card: SoundCard, recordings: list[Recording], tmp_path: Path
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(SETTINGS)
    desktop.start()
    wait_for("the models", desktop.loaded)
    speaker = Speaker(desktop, sound_card, recordings, tmp_path)
    with elsewhere(desktop) as other:

        def text() -> str:
            return desktop.xdotool("getwindowname", other).strip()

        def typed_until(end: str, before: str) -> str:
            """What stands there, with a key pressed behind the words that came after those of `before`."""
            wait_for("the words", lambda: text() != before)
            return marked(end)

        def marked(end: str) -> str:
            desktop.xdotool("type", end)
            return wait_for("the key", lambda: text() if text().endswith(end) else "")

        empty = text()
        speaker.hold()
        english = speaker.say("libri_3080_5032_0000.flac")
        speaker.let_go()
        first = typed_until("#", empty)
        assert error_rate(english, first) <= 0.2, first

        speaker.hold()
        spanish = speaker.say("fleurs_es_006.flac")
        speaker.let_go()
        both = typed_until("@", first)
        assert both.startswith(f"{first} ")
        second = both.removeprefix(f"{first} ")
        assert error_rate(spanish, second) <= 0.2, second
        assert {"compañeros", "también"} <= set(normalised(second, "es"))

        speaker.hold()
        speaker.say("libri_3080_5032_0000.flac")
        desktop.xdotool("key", "Escape")
        speaker.let_go()
        assert marked("!") == f"{both}!"
    assert desktop.messages() == []


TYPE = """
import sys
from PySide6.QtCore import QCoreApplication
from jarvis_desktop.ui.x11_typist import X11Typist
app = QCoreApplication([])
typist = X11Typist()
typist.type(sys.argv[1])
sys.stdin.read()
typist.close()
"""


@pytest.mark.parametrize("layout", ["us", "es"])
def test_every_character_arrives_whatever_the_layout_has_and_no_key_stays_changed(
    tmp_path: Path, layout: str
) -> None:
    text = "¿Qué año? ¡40 € ÁÉÍÓÚ Ñandú «pingüino» a_b@c.es {x} — 😀"
    if shutil.which("setxkbmap") is None:
        pytest.skip("needs setxkbmap")
    with virtual_screen() as env:

        def keyboard() -> bytes:
            return subprocess.check_output(["xkbcomp", env["DISPLAY"], "-"], stderr=subprocess.DEVNULL)

        desktop = Desktop(tmp_path, env)
        subprocess.run(["setxkbmap", layout], env=env, check=True)
        before = keyboard()
        with elsewhere(desktop) as other:
            desktop.xdotool("key", "Caps_Lock")
            command = [sys.executable, "-c", TYPE, text]
            with subprocess.Popen(command, env=env, cwd=ROOT, stdin=subprocess.PIPE) as typist:
                wait_for("the text", lambda: desktop.xdotool("getwindowname", other).strip() == text)
                assert typist.stdin is not None
                typist.stdin.close()
        assert keyboard() == before
