"""What the window shows of voices, as a screen reader reads it, on the virtual sound card."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from tests.conftest import Recording
from tests.e2e.screen import Desktop, desktop, wait_for
from tests.e2e.screen_reader import screen_reader
from tests.e2e.sound import SoundCard, place, sound_card
from tests.e2e.test_window import question_file, words

__all__ = ["desktop", "sound_card"]  # fixtures

RATE = 16_000


def test_a_spoken_question_shows_live_words_its_answer_is_captioned_and_it_is_played_again(
    desktop: Desktop, sound_card: SoundCard, recordings: list[Recording], tmp_path: Path
) -> None:
    """Captioned, because another chat is on show; played again in its own chat, as it was spoken.

    The microphone is open then, and hears the loudspeaker.
    """
    question = question_file(recordings, tmp_path)
    with screen_reader(desktop.env) as reader:
        desktop.env = dict(reader.env)
        desktop.start()
        wait_for("the models", desktop.loaded)
        assert desktop.process is not None
        pid = desktop.process.pid

        desktop.xdotool("keydown", "--window", desktop.window, "space")
        wait_for("the microphone to open", lambda: desktop.title().startswith("Listening"))
        assert sound_card.speak(question).wait(30) == 0
        wait_for("live words", lambda: desktop.title().startswith("Hearing you"))
        desktop.xdotool("keyup", "--window", desktop.window, "space")

        wait_for("the voice", lambda: desktop.title().startswith("Speaking"))
        desktop.xdotool("key", "--window", desktop.window, "ctrl+n")
        caption = wait_for(
            "a caption",
            lambda: next((line for line in reader.read(pid).splitlines() if line.startswith("Jarvis: ")), ""),
        )
        wait_for("the end of the turn", lambda: desktop.title() == "Jarvis")
        (_, asked, _), (_, answer, _) = desktop.messages()
        assert {"what", "time"} <= set(words(asked))
        assert set(words(caption.removeprefix("Jarvis: "))) <= set(words(answer))
        wait_for("its end", lambda: caption not in reader.read(pid))

        desktop.open_first_chat()
        desktop.click_microphone()
        wait_for("the microphone to open", lambda: desktop.title().startswith("Listening, hands-free"))
        wait_for(
            "the button",
            lambda: (desktop.click_question(), "Play what Jarvis heard" in reader.read(pid))[1],
        )
        with sound_card.leak(-3), sound_card.recording(RATE) as played:
            assert reader.press(pid, "Play what Jarvis heard")
            wait_for("the sound", lambda: "Stop playing" in reader.read(pid))
            wait_for("its end", lambda: "Stop playing" not in reader.read(pid))
        assert desktop.title().startswith("Listening")  # and has not heard a question
    spoken, rate = soundfile.read(question, dtype="float32")
    assert rate == RATE
    at = place(spoken, played.samples)
    heard = played.samples[at : at + len(spoken)]
    assert np.corrcoef(spoken, heard)[0, 1] > 0.9
    assert len(desktop.messages()) == 2  # it was not asked again
