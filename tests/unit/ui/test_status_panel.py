"""The status panel: memory by part, the graphics card, why a turn was slow, and the turns before it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from jarvis_desktop.events import (
    CachesMeasured,
    Citation,
    Energy,
    Part,
    PartChanged,
    PartState,
    Phase,
    PhaseChanged,
    ResourcesSampled,
    Route,
    Timings,
    ToolUse,
    TurnFinished,
    Usage,
    WatchMachine,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.turn_words import slowest_sentence, usual

from .driving import finished, play, texts
from .fake_core import FakeCore


def lines(desktop: Desktop) -> list[str]:
    return texts(desktop.window.panel).splitlines()


def memory(desktop: Desktop) -> dict[str, str]:
    """What holds memory, and how much."""
    told = texts(desktop.window.panel.memory).splitlines()
    return dict(pairwise(told))


def waited(desktop: Desktop) -> str:
    """How long the turn on show had the user wait."""
    return desktop.window.panel.turn._time.text()


def turn(number: int, first_token: float) -> TurnFinished:
    return finished(f"t{number}", "Yes.", recall=10, first_token=first_token, total=first_token + 100)


def test_each_part_is_told_with_its_main_memory_where_there_is_no_card(
    ready: Desktop, core: FakeCore
) -> None:
    parts = ((Part.ENGINE, 1024.0), (Part.MEMORY, 512.0))
    play(core, ResourcesSampled(8192, 16384, 2048, parts_mib=parts))
    assert memory(ready)["Language model"] == "1.0 GB"
    assert memory(ready)["Memory"] == "0.50 GB"
    assert memory(ready)["The rest of Jarvis"] == "0.50 GB"
    assert memory(ready)["Other programs"] == "6.0 GB"
    assert "Graphics memory: none found" in lines(ready)
    play(core, ResourcesSampled(8192, 16384, 1024, parts_mib=parts[:1]))  # the memory's process has ended
    assert not {"Memory", "The rest of Jarvis"} & set(memory(ready))


def test_a_device_without_a_name_is_the_one_of_the_system(ready: Desktop, core: FakeCore) -> None:
    headset, nameless = "USB headset", "default"  # as PortAudio tells them
    play(core, PartChanged(Part.MICROPHONE, PartState.READY, nameless))
    play(core, PartChanged(Part.LOUDSPEAKER, PartState.READY, headset))
    assert "System default" in lines(ready)
    assert headset in lines(ready)
    assert nameless not in lines(ready)


def test_a_card_is_told_with_its_parts_and_what_it_does_as_far_as_it_tells(
    ready: Desktop, core: FakeCore
) -> None:
    card = ResourcesSampled(
        8192,
        16384,
        2048,
        "Card X",
        6144,
        8192,
        parts_mib=((Part.ENGINE, 900.0), (Part.SPEECH, 100.0)),
        own_vram_mib=5120,
        parts_vram_mib=((Part.ENGINE, 5120.0),),
        gpu_use=0.43,
        gpu_celsius=61,
        gpu_watts=120.4,
    )
    play(core, card)
    assert "43 % busy · 61 °C · 120 W" in lines(ready)
    assert memory(ready)["Language model"] == "5.0 GB"
    assert memory(ready)["Other programs"] == "1.0 GB"
    assert "Voice" not in memory(ready)  # it is not on the card
    play(core, replace(card, gpu_use=None, gpu_watts=None))
    assert "61 °C" in lines(ready)


SLOW = {
    "turn_end": "Waiting until you had surely finished",
    "transcript": "Understanding your speech",
    "recall": "Looking into the memory",
    "loaded": "had to be loaded first",
    "first_token": "The language model's first word",
    "first_sentence": "Writing the first sentence",
    "first_audio": "Making the voice",
}


@pytest.mark.parametrize("slow", SLOW)
def test_what_made_a_turn_slow_is_said_of_each_stage(ready: Desktop, core: FakeCore, slow: str) -> None:
    marks, at = {}, 0.0
    for stage in SLOW:
        at += 2000 if stage == slow else 100
        marks[stage] = at
    play(core, finished("t1", "Yes.", capture=9000, **marks))
    (told,) = [line for line in lines(ready) if "2.00 s" in line and SLOW[slow] in line]
    assert not [other for other in SLOW.values() if other in told and other != SLOW[slow]]
    assert "You spoke 9.00 s" in ready.window.panel.turn.waterfall.accessibleName()


def test_a_first_word_that_waited_for_something_else_is_not_the_models_fault() -> None:
    slow = turn(1, 3000)
    tool = replace(slow, tools=(ToolUse("clock", "Clock", "", "{}", allowed=True),))
    assert slowest_sentence(tool, {}) == "The first word had to wait for a tool (2.99 s)."
    again = replace(slow, route=Route(reused=True))
    assert slowest_sentence(again, {}) == "Finding the answer given before took longest (2.99 s)."


def test_what_is_usual_is_of_turns_asked_in_the_same_way() -> None:
    typed = [turn(number, wait) for number, wait in enumerate((500, 600, 9000))]
    spoken = finished("s", "Yes.", transcript=100, first_token=4000, first_audio=5000)
    assert usual(turn(9, 800), [*typed, spoken])["wait"] == 600
    assert usual(spoken, [*typed, spoken]) == {}


def test_a_slow_turn_is_compared_with_what_is_usual(ready: Desktop, core: FakeCore) -> None:
    play(core, *(turn(number, 510) for number in range(3)), turn(4, 2010))
    assert "1.50 s slower than usual (0.51 s)" in lines(ready)
    assert any("(2.00 s, usually 0.50 s)" in line for line in lines(ready))
    play(core, turn(5, 500))
    assert "As quick as usual (0.51 s)" in lines(ready)


def test_earlier_turns_are_chosen_by_keyboard_and_told_to_a_screen_reader(
    ready: Desktop, core: FakeCore
) -> None:
    view = ready.window.panel.turn
    play(core, turn(1, 1000))
    assert not view.history.isVisible()
    play(core, turn(2, 2000), turn(3, 3000))
    view.history.setFocus()
    assert waited(ready) == "3.00 s"
    QTest.keyClick(view.history, Qt.Key.Key_Left)
    assert waited(ready) == "2.00 s"
    assert view.history.accessibleName().startswith("Turn 2 of 3, at ")
    assert view.history.accessibleName().endswith("2.00 s")
    assert "Last turn" not in lines(ready)
    play(core, turn(4, 4000))
    assert waited(ready) == "2.00 s"  # who looks at an earlier turn is not interrupted
    QTest.keyClick(view.history, Qt.Key.Key_Home)
    assert waited(ready) == "1.00 s"
    QTest.keyClick(view.history, Qt.Key.Key_End)
    assert waited(ready) == "4.00 s"
    play(core, turn(5, 5000))
    assert waited(ready) == "5.00 s"
    assert "Last turn" in lines(ready)


def test_a_click_on_a_bar_chooses_its_turn(ready: Desktop, core: FakeCore) -> None:
    history = ready.window.panel.turn.history
    play(core, *(turn(number, 1000 * number) for number in range(1, 6)))
    newest = QPoint(history.width() - 8, history.height() // 2)
    QTest.mouseClick(history, Qt.MouseButton.LeftButton, pos=newest - QPoint(16, 0))
    assert waited(ready) == "3.00 s"
    QTest.mouseClick(history, Qt.MouseButton.LeftButton, pos=newest)
    assert waited(ready) == "5.00 s"
    QTest.mouseClick(history, Qt.MouseButton.LeftButton, pos=QPoint(1, 5))  # left of the oldest one
    assert waited(ready) == "1.00 s"


def test_the_history_ends_somewhere_and_holds_no_words(ready: Desktop, core: FakeCore) -> None:
    told = replace(turn(1, 100), citations=(Citation("i", "diary.txt", "a secret"),), reply="secret")
    play(core, *(replace(told, turn_id=str(number)) for number in range(40)))
    view = ready.window.panel.turn
    assert view.history.maximum() == 30
    assert "secret" not in repr(view._past)
    assert "diary" not in repr(view._past)
    assert "From memory: 1" in lines(ready)


def test_energy_is_told_of_what_was_measured_and_never_guessed(ready: Desktop, core: FakeCore) -> None:
    play(core, replace(turn(1, 100), energy=Energy(45.2, 3.14)))
    assert "Energy: 45 J graphics card, 3.1 J processor" in lines(ready)
    play(core, replace(turn(2, 100), energy=Energy(None, 12.0)))
    assert "Energy: 12 J processor" in lines(ready)
    play(core, turn(3, 100))
    assert "Energy: not measurable on this computer" in lines(ready)


def test_what_had_been_worked_out_before_is_told(ready: Desktop, core: FakeCore) -> None:
    play(core, CachesMeasured(0, 0))
    before = lines(ready)
    play(core, replace(turn(1, 100), usage=Usage(200, 20, 42.0, 150)), CachesMeasured(2, 9, 3, 4))
    assert "75 % of the prompt had been read before" in lines(ready)
    assert any("2 of 9" in line for line in lines(ready))
    assert any(line.startswith("75 % of what the memory") for line in lines(ready))
    assert not any("memory read" in line or "questions" in line for line in before)


def test_the_machine_is_watched_only_while_the_window_is_seen(ready: Desktop, core: FakeCore) -> None:
    play(core, PhaseChanged(Phase.IDLE))
    assert core.posted == []
    ready.window.hide()
    assert core.posted == [WatchMachine(False)]
    ready.window.show()
    assert core.posted == [WatchMachine(False), WatchMachine(True)]


def test_a_turn_without_an_answer_is_part_of_the_history(ready: Desktop, core: FakeCore) -> None:
    stopped = TurnFinished("t2", "", "tiny", "llama.cpp", Timings(total=50), Usage(), interrupted=True)
    play(core, turn(1, 1000), stopped)
    assert ready.window.panel.turn.history.accessibleName().endswith("no answer")
    assert waited(ready) == ""
    assert not any("Energy" in line for line in lines(ready))
