"""The whole way on real parts: the window, the microphone, the models, the loudspeaker."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import soundfile

from tests.conftest import Recording
from tests.e2e.screen import Desktop, desktop, wait_for
from tests.e2e.sound import SoundCard, sound_card
from tests.e2e.transcripts import transcribe

__all__ = ["desktop", "sound_card"]  # fixtures


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def question_file(recordings: list[Recording], tmp_path: Path) -> Path:
    """A spoken question as a WAV file that paplay reads."""
    recording = next(r for r in recordings if r.path.name == "cmd_what_time_is_it.flac")
    samples, rate = soundfile.read(recording.path)
    path = tmp_path / "question.wav"
    soundfile.write(path, samples, rate)
    return path


def end(desktop: Desktop, how: signal.Signals) -> None:
    """End the program, with all its parts in memory; none of its processes may be left."""
    family = desktop.family()
    assert len(family) >= 4  # window, guardian and engine, transcription, voice
    os.kill(family[0].pid, how)
    assert desktop.process is not None
    desktop.process.wait(20)
    _, survivors = psutil.wait_procs(family, timeout=15)
    assert not survivors


def test_spoken_turn_through_the_window_and_nothing_left_when_it_is_asked_to_end(
    desktop: Desktop, sound_card: SoundCard, recordings: list[Recording], tmp_path: Path
) -> None:
    """Hold Space, speak into the virtual microphone, let go: the answer is written, stored and heard."""
    desktop.start()
    wait_for("the models", desktop.loaded)
    with sound_card.recording(rate=16_000) as played:
        desktop.xdotool("keydown", "--window", desktop.window, "space")
        wait_for("the microphone to open", lambda: desktop.title().startswith("Listening"))
        assert sound_card.speak(question_file(recordings, tmp_path)).wait(30) == 0
        desktop.xdotool("keyup", "--window", desktop.window, "space")
        wait_for("the answer", lambda: len(desktop.messages()) == 2)
        wait_for("the voice", lambda: desktop.title().startswith("Speaking"))
        wait_for("the end of the turn", lambda: desktop.title() == "Jarvis")
    (asker, question, _), (answerer, answer, error) = desktop.messages()
    assert (asker, answerer, error) == ("user", "assistant", "")
    assert {"what", "time"} <= set(words(question))
    heard = words(transcribe(desktop.home, played.samples))
    expected = [word for word in words(answer) if word.isalpha()]
    assert expected
    # Figures are spoken as words, so only the words are compared.
    assert len(set(expected) & set(heard)) >= 0.5 * len(set(expected)), (answer, heard)
    end(desktop, signal.SIGTERM)


def test_hands_free_turn_listens_again_after_the_answer_and_nothing_outlives_the_program(
    desktop: Desktop, sound_card: SoundCard, recordings: list[Recording], tmp_path: Path
) -> None:
    """Click the microphone once, speak, fall silent: answered aloud, and Jarvis listens again."""
    desktop.start()
    wait_for("the models", desktop.loaded)
    desktop.click_microphone()
    wait_for("the microphone to open", lambda: desktop.title().startswith("Listening"))
    question = question_file(recordings, tmp_path)
    for asked in (1, 2):
        assert sound_card.speak(question).wait(30) == 0
        wait_for("the answer", lambda asked=asked: len(desktop.messages()) == 2 * asked)
        wait_for("the ear to open again", lambda: desktop.title().startswith("Listening"))
    assert all("time" in text.lower() for role, text, _ in desktop.messages() if role == "user")
    desktop.click_microphone()
    wait_for("the microphone to close", lambda: desktop.title() == "Jarvis")
    end(desktop, signal.SIGKILL)


def test_typed_turns_engine_death_stop_key_and_second_start(desktop: Desktop) -> None:
    """Typed while models load; the engine is killed mid-answer; the next question is answered.

    Then Escape cuts an answer, of which the part is kept, and a second start raises the minimised window.
    """
    desktop.start()
    desktop.ask("What is the capital of France?")
    wait_for("the first answer", lambda: len(desktop.messages()) == 2)
    wait_for("the end of the turn", lambda: desktop.title() == "Jarvis")
    assert "Paris" in desktop.messages()[1][1]

    desktop.ask("Write a very long story about the sea, with at least three hundred words.")
    partial = wait_for(
        "the answer to grow", lambda: len(desktop.messages()) == 4 and desktop.messages()[3][1]
    )
    desktop.engine().send_signal(signal.SIGKILL)
    wait_for("the failure", lambda: desktop.messages()[3][2] == "engine.died")
    assert desktop.messages()[3][1].startswith(partial)
    wait_for("the end of the turn", lambda: desktop.title() == "Jarvis")

    desktop.ask("What is the capital of Spain?")
    wait_for("the next answer", lambda: len(desktop.messages()) == 6 and desktop.messages()[5][1])
    wait_for("the end of the turn", lambda: desktop.title() == "Jarvis")
    assert "Madrid" in desktop.messages()[5][1]

    desktop.ask("Write a very long story about the sea, with at least three hundred words.")
    wait_for("the answer to grow", lambda: len(desktop.messages()) == 8 and desktop.messages()[7][1])
    desktop.xdotool("key", "--window", desktop.window, "Escape")
    wait_for("the end of the turn", lambda: desktop.title() == "Jarvis", seconds=10)
    stored = desktop.messages()[7][1]
    assert stored
    assert len(words(stored)) < 300

    desktop.xdotool("windowminimize", "--sync", desktop.window)
    done = subprocess.run(
        [sys.executable, "-m", "jarvis_desktop", "--home", str(desktop.home), "run"],
        env=desktop.env,
        timeout=60,
    )
    assert done.returncode == 0
    visible = wait_for(
        "the window to come back",
        lambda: desktop.xdotool("search", "--onlyvisible", "--name", "Jarvis").split(),
    )
    assert desktop.window in visible
