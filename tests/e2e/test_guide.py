"""The very first start in the real window: the guide is there, stands in nobody's way, and comes once."""

from __future__ import annotations

from tests.e2e.screen import Desktop, desktop, wait_for
from tests.e2e.screen_reader import screen_reader
from tests.e2e.sound import sound_card

__all__ = ["desktop", "sound_card"]  # fixtures


def test_the_first_start_is_guided_and_the_second_is_not(desktop: Desktop) -> None:
    """Step through to the models, type a question meanwhile, skip the rest; the next start has no guide."""
    del desktop.env["JARVIS_LOOK__GUIDE"]
    with screen_reader(desktop.env) as reader:
        desktop.env = dict(reader.env)
        desktop.start(guided=True)
        assert desktop.process is not None
        pid = desktop.process.pid
        wait_for("what the machine is", lambda: "processor cores" in reader.read(pid))
        assert reader.press(pid, "Next")
        wait_for("the models", lambda: "Everything is here." in reader.read(pid))
        desktop.activate()
        desktop.ask("What is the capital of France?")
        wait_for("the answer", lambda: len(desktop.messages()) == 2)
        assert reader.press(pid, "Skip the guide")
        wait_for("the guide to go", lambda: "Step 2 of 4" not in reader.read(pid))
        desktop.quit()
        desktop.start()
        pid = desktop.process.pid
        wait_for("the window", lambda: "Your question" in reader.read(pid))
        assert "Step 1 of 4" not in reader.read(pid)
