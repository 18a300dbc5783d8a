"""The status panel of the real window, as a screen reader reads it, after real answers."""

from __future__ import annotations

import re

from tests.e2e.screen import Desktop, desktop, wait_for
from tests.e2e.screen_reader import screen_reader

__all__ = ["desktop"]  # a fixture


def test_after_answers_it_tells_memory_by_part_and_why_each_was_slow(desktop: Desktop) -> None:
    with screen_reader(desktop.env) as reader:
        desktop.env = dict(reader.env)
        desktop.start()
        assert desktop.process is not None
        pid = desktop.process.pid
        wait_for("the models", desktop.loaded)
        for asked, question in enumerate(("What is the capital of France?", "And of Italy?"), 1):
            desktop.ask(question)
            wait_for("the answer", lambda asked=asked: len(desktop.messages()) == 2 * asked)
            wait_for("the end of the turn", lambda: desktop.title() == "Jarvis")

        def told(pattern: str) -> re.Match[str] | None:
            return re.search(pattern, reader.read(pid), re.MULTILINE)

        for part in ("Language model", "Speech recognition", "Voice", "Memory"):
            wait_for(f"what the part {part} holds", lambda part=part: told(rf"^{part}: [\d.]+ (GB|MiB)$"))
        wait_for("the newest turn", lambda: told(r"^Turn 2 of 2, at .*: [\d.]+ s$"))
        wait_for("the stages", lambda: told(r"^Remember [\d.]+ s; .*First word [\d.]+ s"))
        assert told(r"took longest \([\d.]+ s\)")
        assert told(r"\d+ % of the prompt had been read before")
        assert told(r"Energy: (not measurable|.*\d J (graphics card|processor))")
        for _ in range(20):  # from the text field on, until the history has the keyboard
            desktop.xdotool("key", "--window", desktop.window, "Tab", "Home")
            if told(r"^Turn 1 of 2, at .*: [\d.]+ s$"):
                break
        assert told(r"^Turn 1 of 2, at .*: [\d.]+ s$")
        assert told(r"^Turn at ")
