"""What goes over the wire, seen from outside: nothing by itself, and all else is in the list."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import soundfile

from jarvis_desktop.network.ledger import Ledger
from tests.conftest import ROOT, Recording
from tests.model_server import serving
from tests.namespaces import Namespace, captured, namespace, network
from tests.served import serving_program

MODEL = "smart-turn-v3.2"  # one file, from a hub


@pytest.fixture
def home(tmp_path: Path, models_home: Path) -> Path:
    """A fresh home with the fetched models but one."""
    models = tmp_path / "home" / "models"
    models.mkdir(parents=True)
    for folder in (models_home / "models").iterdir():
        if folder.name != MODEL:
            (models / folder.name).symlink_to(folder)
    return tmp_path / "home"


def jarvis(computer: Namespace, home: Path, *arguments: str, **environment: str) -> dict[str, Any]:
    """What a command on that computer tells last."""
    line = computer.command(sys.executable, "-m", "jarvis_desktop", "--home", str(home), "--json", *arguments)
    env = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()} | environment
    done = subprocess.run(line, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def recorded(recordings: Sequence[Recording], name: str) -> str:
    return str(next(recording.path for recording in recordings if recording.path.name == name))


def test_without_a_route_everything_but_downloads_works_and_nobody_is_looked_for(
    home: Path, recordings: list[Recording], tmp_path: Path
) -> None:
    """A spoken question gets a spoken answer, and that is remembered."""
    spoken = recorded(recordings, "cmd_what_time_is_it.flac")
    with namespace() as computer:
        with captured(computer) as capture:
            reply = tmp_path / "reply.wav"
            turn = jarvis(computer, home, "ask", "--audio", spoken, "--speak-to", str(reply))
        assert "time" in turn["transcript"]["text"].lower()
        assert turn["reply"]
        assert soundfile.info(reply).duration > 0.5
        assert capture.packets, "the engine was asked over loopback"
        assert not capture.leaving()
        assert Ledger(home / "data" / "connections.jsonl").read() == ()
        refused = jarvis(computer, home, "models", "get", MODEL)
        assert refused["error"]["code"] == "network.unreachable"


def test_what_goes_over_the_wire_is_what_the_list_tells(home: Path, models_home: Path) -> None:
    """With a route to everywhere whoever serves sends nothing; a download sends what the list says."""
    with network() as net:
        before = net.here.command()
        with (
            captured(net.here) as capture,
            serving_program(home, models_home / "models", {}, before=before) as served,
        ):
            answer = net.here.within(lambda: served.chat("What is the capital of France?"))
        assert "Paris" in answer.text
        assert not capture.leaving()

        with serving(net.address, net.there.within) as server, captured(net.here) as capture:
            server.content = next((models_home / "models" / MODEL).glob("*.onnx")).read_bytes()
            server.cut_after = [1_000_000]  # so that it connects twice
            fetched = jarvis(net.here, home, "models", "get", MODEL, HF_ENDPOINT=server.url)
    assert "error" not in fetched
    told = list(reversed(Ledger(home / "data" / "connections.jsonl").read()))
    opened = [packet for packet in capture.leaving() if packet.opens]
    assert len(opened) == len(server.requests) == 2
    assert [(each.host, each.port) for each in told] == [(each.host, each.port) for each in opened]
    assert all(0 <= seen.at - noted.at < 1 for noted, seen in zip(told, opened, strict=True))
    assert {(each.host, each.port) for each in capture.leaving()} == {(each.host, each.port) for each in told}
    assert all(each.who == "models" and each.allowed for each in told)
