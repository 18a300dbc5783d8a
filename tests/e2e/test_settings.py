"""The settings dialog in the real window, by keys and as a screen reader reads it."""

from __future__ import annotations

import re

from tests.e2e.screen import Desktop, desktop, wait_for
from tests.e2e.screen_reader import screen_reader
from tests.e2e.sound import sound_card

__all__ = ["desktop", "sound_card"]  # fixtures

PLAN = re.compile(r"(?:These settings take|This does not fit: it takes) ([\d.,]+)")


def keys(desktop: Desktop, *names: str) -> None:
    """To the window that has the keyboard."""
    desktop.xdotool("key", "--delay", "60", *names)


def test_a_setting_is_found_changed_with_its_plan_reset_and_followed_from_outside(desktop: Desktop) -> None:
    with screen_reader(desktop.env) as reader:
        desktop.env = dict(reader.env)
        desktop.start()
        assert desktop.process is not None
        pid = desktop.process.pid

        def plan(but: str = "") -> str:
            """What the settings on show take, as long as that is another number."""
            found = PLAN.search(reader.read(pid))
            return found[1] if found and found[1] != but else ""

        wait_for("the models", desktop.loaded)
        keys(desktop, "ctrl+comma")
        dialog = desktop.xdotool("search", "--onlyvisible", "--sync", "--name", "^Settings$").split()[0]
        desktop.activate(dialog)
        keys(desktop, "ctrl+f")
        desktop.xdotool("type", "--delay", "15", "contexto modelo ve")  # the window is English
        wait_for("the setting", lambda: "4,096" in reader.value(pid, "Context"))
        before = wait_for("the plan", plan)
        keys(desktop, "Return", "ctrl+a")
        desktop.xdotool("type", "--delay", "15", "16384")
        more = wait_for("another plan", lambda: plan(but=before))
        words = reader.read(pid).replace(",", "")
        assert "Default: 4096 tokens" in words
        assert "Restarts the engine" in words
        assert reader.press(pid, "Use the default: Context")
        wait_for("the default", lambda: "4,096" in reader.value(pid, "Context"))
        less = wait_for("its plan", lambda: plan(but=more))

        file = desktop.home / "config" / "config.toml"
        file.parent.mkdir(exist_ok=True)
        known = file.read_text() if file.exists() else "schema_version = 1\n"
        file.write_text(known + "\n[engine]\ncontext_tokens = 8192\n")
        wait_for("the new value", lambda: "8,192" in reader.value(pid, "Context"))
        wait_for("its plan", lambda: plan(but=less))
