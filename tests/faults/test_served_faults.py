"""The whole program under `jarvis serve`: its engine dies, it is killed itself, and what must not get out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import Recording
from tests.engine_parts import SMALL, gguf
from tests.served import Served, serving_program, wait

SECRETS = {
    "JARVIS_REMOTE_API_KEY": "canary-of-a-server-elsewhere",
    "OPENAI_API_KEY": "canary-of-another-program",
    "HF_TOKEN": "canary-of-the-hub",
    "AWS_SECRET_ACCESS_KEY": "canary-without-the-word-for-it",
    "MY_DIARY": "canary-in-a-name-nobody-foresees",
}
SAID = "xylophonecanary"
"""A word in whatever is asked, spoken, embedded; it must be in no file."""


@pytest.fixture(scope="module")
def served(models_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """All parts are loaded, and everything is logged that can be."""
    gguf(models_home)
    settings = {
        "JARVIS_ENGINE__MODEL": SMALL,
        "JARVIS_ENGINE__MAX_TOKENS": "48",
        "JARVIS_LOGGING__LEVEL": "debug",
    }
    home = tmp_path_factory.mktemp("served")
    with serving_program(home, models_home / "models", SECRETS | settings) as program:
        wait(lambda: set(program.ask("/ready").json()["parts"].values()) == {"ready"})
        yield program


def test_no_process_below_knows_a_secret_that_it_does_not_need(served: Served) -> None:
    program, *below = served.family()
    assert program.environ().items() >= SECRETS.items()
    assert len(below) >= 5  # guardian and engine, hearing, transcription, voice, memory
    for process in below:
        known = [name for name, value in process.environ().items() if value.startswith("canary-")]
        assert not known, f"{known} of {process.cmdline()}"
    assert not any("canary-" in word for process in served.family() for word in process.cmdline())


def test_every_port_it_opens_is_on_loopback(served: Served) -> None:
    listening = [
        (process.name(), each.laddr.ip)
        for process in served.family()
        for each in process.net_connections("inet")
        if each.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 2  # the engine's, and the one for other programs
    assert {ip for _, ip in listening} == {"127.0.0.1"}


def test_an_engine_that_is_killed_makes_it_unready_within_a_second_and_the_next_answer_works(
    served: Served,
) -> None:
    assert served.ask("/ready").status_code == 200
    served.engine().kill()
    killed_at = time.monotonic()
    while (ready := served.ask("/ready")).status_code == 200:
        assert time.monotonic() - killed_at < 1.0
    (reason,) = ready.json()["reasons"]
    assert reason["part"] == "engine"
    assert reason["hint"]
    assert served.ask("/health").json() == {"status": "ok"}
    assert served.chat("Say hello.").json()["choices"][0]["message"]["content"]
    wait(lambda: served.ask("/ready").status_code == 200)


def test_what_is_said_is_in_no_log_no_metric_and_no_file(served: Served, recordings: list[Recording]) -> None:
    answer = served.chat(f"Say {SAID}.", jarvis={"memory": True})
    assert answer.status_code == 200, answer.text
    assert served.chat(f"Say {SAID}.", stream=True).status_code == 200
    assert served.chat(f"Say {SAID}.", temperature=SAID).status_code == 400
    assert served.ask("/v1/embeddings", "POST", json={"input": SAID}).status_code == 200
    spoken = served.ask("/v1/audio/speech", "POST", json={"input": SAID, "response_format": "wav"})
    assert spoken.status_code == 200
    question = next(each for each in recordings if each.path.name == "cmd_what_time_is_it.flac")
    heard = served.ask(
        "/v1/audio/transcriptions",
        "POST",
        files={"file": (f"{SAID}.flac", question.path.read_bytes())},
        data={"response_format": "text"},
    )
    assert heard.status_code == 200
    assert "time" in heard.text
    served.engine().kill()  # what goes wrong is logged most
    served.chat(f"Say {SAID}.")
    assert SAID not in served.ask("/metrics").text
    assert "jarvis_" in served.ask("/metrics").text

    logs = [file for file in served.home.rglob("*") if file.is_file() and not file.is_symlink()]
    assert any(file.stat().st_size for file in (served.home / "logs").iterdir())
    telling = [
        file
        for file in logs
        if any(said.encode() in file.read_bytes() for said in (SAID, heard.text.strip()))
    ]
    assert telling == []


def test_killed_it_leaves_no_process_behind(served: Served) -> None:
    family = served.family()
    assert len(family) >= 6
    served.process.kill()
    served.process.wait()
    _, survivors = psutil.wait_procs(family, timeout=15)
    assert survivors == []
