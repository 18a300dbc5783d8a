"""The configuration of the connection to PulseAudio."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from jarvis_desktop.audio.pulse import spare_shared_memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="PulseAudio is Linux' own")


def test_what_the_user_configured_stays_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "pulse" / "client.conf"
    extra = tmp_path / "pulse" / "client.conf.d" / "10-server.conf"
    extra.parent.mkdir(parents=True)
    own.write_text("autospawn = no\n")
    extra.write_text("default-server = unix:/somewhere\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PULSE_CLIENTCONFIG", "")
    monkeypatch.delenv("PULSE_CLIENTCONFIG")
    spare_shared_memory()
    lines = Path(os.environ["PULSE_CLIENTCONFIG"]).read_text().splitlines()
    assert lines == [f".include {own}", f".include {extra}", "enable-shm = no"]


def test_a_configuration_chosen_by_the_environment_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_CLIENTCONFIG", "/chosen")
    spare_shared_memory()
    assert os.environ["PULSE_CLIENTCONFIG"] == "/chosen"
