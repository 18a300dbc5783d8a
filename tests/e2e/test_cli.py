"""The command line on real models: what it prints, what it leaves with, and what it says about bad input."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

from tests.conftest import ROOT, Recording
from tests.e2e.transcripts import transcribe
from tests.engine_parts import VLLM_CACHE, VLLM_PYTHON, vllm_folder

TIMINGS = ("transcript", "first_token", "first_sentence", "first_audio", "total")


@pytest.fixture
def home(tmp_path: Path, models_home: Path) -> Path:
    """A fresh home that shares the fetched models."""
    (tmp_path / "models").symlink_to(models_home / "models")
    return tmp_path


def jarvis(home: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("JARVIS_")}
    return subprocess.run(
        [sys.executable, "-m", "jarvis_desktop", "--home", str(home), "--json", *arguments],
        cwd=ROOT,
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=170,
    )


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def error_of(done: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    """Exit status and code; the error must say what happened and what to do."""
    error = lines(done)[-1]["error"]
    assert error["message"]
    assert error["hint"]
    assert error["category"]
    return done.returncode, error["code"]


def recording(recordings: list[Recording], name: str) -> Recording:
    return next(r for r in recordings if r.path.name == name)


def set_value(home: Path, key: str, value: str) -> None:
    assert jarvis(home, "config", "set", key, value).returncode == 0


# --- whole turns ------------------------------------------------------------------------------------------


def check_spoken_turn(
    home: Path, done: subprocess.CompletedProcess[str], engine: str, about: str
) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr + done.stdout
    (answer,) = lines(done)
    assert about in answer["transcript"]["text"].lower()
    assert answer["transcript"]["language"] == "en"
    assert answer["reply"].strip()
    assert answer["engine"] == engine
    reached = [answer["timings_ms"][stage] for stage in TIMINGS]
    assert reached == sorted(reached)  # each stage after the one before
    assert answer["usage"]["completion_tokens"] > 0
    samples, rate = soundfile.read(home / "out.wav", dtype="float32")
    assert len(samples) > rate / 2
    assert np.abs(samples).max() > 0.05  # audible
    return answer


def test_spoken_question_gets_a_spoken_answer(home: Path, recordings: list[Recording]) -> None:
    # Answered in words: a time of day may be written in digits alone.
    question = recording(recordings, "cmd_whats_the_weather_like_in_new_york.flac").path
    done = jarvis(home, "ask", "--audio", str(question), "--speak-to", str(home / "out.wav"))
    answer = check_spoken_turn(home, done, "llama.cpp", "weather")
    samples, rate = soundfile.read(home / "out.wav", dtype="float32")
    heard = transcribe(home, soxr.resample(samples, rate, 16_000)).lower()
    said = [word for word in answer["reply"].lower().replace(".", "").split() if word.isalpha()]
    assert said
    assert sum(word in heard for word in said) >= len(said) / 2


@pytest.mark.alone
def test_the_same_turn_with_vllm(home: Path, models_home: Path, recordings: list[Recording]) -> None:
    VLLM_CACHE.mkdir(parents=True, exist_ok=True)
    (home / "cache").mkdir()
    (home / "cache" / "vllm").symlink_to(VLLM_CACHE)
    set_value(home, "engine.model", str(vllm_folder(models_home)))
    set_value(home, "engine.kind", "vllm")
    set_value(home, "engine.vllm.python", str(VLLM_PYTHON))
    set_value(home, "engine.vllm.max_num_seqs", "4")
    set_value(home, "engine.context_tokens", "1024")
    set_value(home, "engine.max_tokens", "40")
    set_value(home, "engine.vllm.cpu_kv_cache_gb", "0.5")
    question = recording(recordings, "cmd_what_time_is_it.flac").path
    done = jarvis(home, "ask", "--audio", str(question), "--speak-to", str(home / "out.wav"))
    check_spoken_turn(home, done, "vllm", "time")


def test_voice_that_cannot_be_written_is_an_error(home: Path) -> None:
    done = jarvis(home, "ask", "Say hello.", "--speak-to", str(home / "nowhere" / "out.wav"))
    assert done.returncode == 6
    assert "nowhere" in lines(done)[-1]["error"]["message"]


def test_conversation_is_stored_unless_asked_not_to_and_never_logged(home: Path) -> None:
    assert jarvis(home, "ask", "Say xylophonecanary.", "--no-memory").returncode == 0
    assert jarvis(home, "ask", stdin="What is the capital of France?\n").returncode == 0
    connection = sqlite3.connect(home / "data" / "jarvis.sqlite3")
    texts = [text for (text,) in connection.execute("SELECT text FROM messages ORDER BY number")]
    connection.close()
    assert texts[0] == "What is the capital of France?"
    assert "Paris" in texts[1]
    assert len(texts) == 2
    logs = [path.read_text(encoding="utf-8") for path in (home / "logs").rglob("*")]
    assert logs
    for said in ("xylophonecanary", *texts):
        assert not any(said in log for log in logs)


def test_a_question_of_general_knowledge_is_answered_once(home: Path) -> None:
    (first,) = lines(jarvis(home, "ask", "What is the capital of France?", "--no-memory"))
    (again,) = lines(jarvis(home, "ask", "what is the capital of france", "--no-memory"))
    assert (first["route"]["reused"], again["route"]["reused"]) == (False, True)
    assert again["reply"] == first["reply"]
    assert again["usage"]["completion_tokens"] == 0
    assert jarvis(home, "config", "set", "conversation.reuse_answers", "false").returncode == 0
    (anew,) = lines(jarvis(home, "ask", "What is the capital of France?", "--no-memory"))
    assert not anew["route"]["reused"]


@pytest.mark.alone
def test_the_plan_learns_and_a_hard_question_is_told_from_small_talk(home: Path) -> None:
    """What a model took when it first answered is in the next plan."""
    (guess,) = lines(jarvis(home, "models", "plan"))
    tiers = []
    for question in ("Good morning, how are you?", "How does a hash table resolve collisions?"):
        (answer,) = lines(jarvis(home, "ask", question, "--no-memory"))
        tiers.append(answer["route"]["tier"])
    assert tiers == ["chat", "technical"]
    (known,) = lines(jarvis(home, "models", "plan"))
    assert (guess["parts"][0]["learned"], known["parts"][0]["learned"]) == (False, True)
    assert known["total_mib"] == pytest.approx(guess["total_mib"], rel=0.1)


@pytest.mark.alone
def test_listening_to_a_file_gives_events_in_order(home: Path, recordings: list[Recording]) -> None:
    source = recording(recordings, "jfk.flac").path
    done = jarvis(home, "listen", "--from", str(source), "--pace", "realtime")
    assert done.returncode == 0
    events = lines(done)
    names = [event["event"] for event in events]
    assert names[0] == "speech_started"
    assert names.index("turn_ended") < names.index("final")
    partials = [event for event in events if event["event"] == "partial"]
    assert len(partials) >= 3
    for earlier, later in itertools.pairwise(partials):
        assert later["stable"].startswith(earlier["stable"])  # what is stable is never taken back
    assert "country" in next(event for event in events if event["event"] == "final")["text"]
    assert all(event["wall_time"] >= 0 for event in events)


def test_listening_with_reply_answers_the_file(
    home: Path, recordings: list[Recording], sound_card: object
) -> None:
    source = recording(recordings, "cmd_what_time_is_it.flac").path
    done = jarvis(
        home, "listen", "--from", str(source), "--pace", "none", "--mode", "push-to-talk", "--reply"
    )
    assert done.returncode == 0, done.stderr
    names = [event["event"] for event in lines(done)]
    order = ["final", "turn_started", "reply_token", "playback_started", "playback_ended", "turn_finished"]
    assert [names.index(name) for name in order] == sorted(names.index(name) for name in order)


def test_say_writes_what_it_was_told(home: Path) -> None:
    done = jarvis(home, "say", "The quick brown fox jumps over the lazy dog.", "--to", str(home / "fox.wav"))
    assert done.returncode == 0
    samples, rate = soundfile.read(home / "fox.wav", dtype="float32")
    assert "brown fox" in transcribe(home, soxr.resample(samples, rate, 16_000)).lower()


# --- bad input --------------------------------------------------------------------------------------------


def test_bad_audio_files_are_named_and_the_good_ones_still_done(
    home: Path, recordings: list[Recording]
) -> None:
    (home / "empty.wav").write_bytes(b"")
    (home / "noise.wav").write_bytes(np.random.default_rng(0).bytes(2000))
    good = recording(recordings, "cmd_what_time_is_it.flac").path
    missing = home / "missing.wav"
    done = jarvis(
        home, "transcribe", str(missing), str(home / "empty.wav"), str(home / "noise.wav"), str(good)
    )
    assert done.returncode == 6
    *errors, last = lines(done)
    codes = [error["error"]["code"] for error in errors]
    assert codes == ["audio.file_missing", "audio.file_empty", "audio.file_unreadable"]
    assert "time" in last["text"].lower()


def test_unknown_model_names_the_nearest(home: Path) -> None:
    done = jarvis(home, "models", "get", "whisper-bose")
    assert error_of(done) == (4, "model.unknown")
    assert "whisper-base" in done.stdout
    set_value(home, "engine.model", "qwen-of-nowhere")
    assert error_of(jarvis(home, "ask", "hi")) == (4, "model.unknown")


def test_the_plan_tells_what_a_model_takes_and_what_to_change(home: Path) -> None:
    (found,) = lines(jarvis(home, "models", "plan", "smollm2-135m"))
    amounts = ("weights_mib", "kv_mib", "overhead_mib")
    assert found["device"] in ("cpu", "gpu")
    assert found["parts"][0]["name"] == "smollm2-135m"
    assert {"transcription", "speech"} <= {part["kind"] for part in found["parts"]}
    on_cpu = [part for part in found["parts"] if part["device"] == "cpu"]
    total = sum(part[amount] for part in on_cpu for amount in amounts)
    assert found["ram_total_mib"] == pytest.approx(total, abs=1)
    assert (found["fits"], found["advice"]) == (True, [])

    assert jarvis(home, "config", "set", "engine.context_tokens", "131072").returncode == 0
    (found,) = lines(jarvis(home, "models", "plan", "smollm2-135m"))
    assert any("8192 tokens" in line for line in found["advice"])


def test_a_plan_for_what_is_no_choice_is_usage(home: Path) -> None:
    assert error_of(jarvis(home, "models", "plan", "smart-turn-v3.2")) == (2, "usage.not_chosen")


def test_damaged_model_is_refused_by_its_hash(tmp_path: Path, models_home: Path) -> None:
    shutil.copytree(models_home / "models" / "smollm2-135m", tmp_path / "models" / "smollm2-135m")
    set_value(tmp_path, "engine.model", "smollm2-135m")
    (weights,) = (tmp_path / "models" / "smollm2-135m").glob("*.gguf")
    with weights.open("r+b") as file:
        file.seek(50_000_000)
        byte = file.read(1)
        file.seek(50_000_000)
        file.write(bytes([byte[0] ^ 1]))
    assert error_of(jarvis(tmp_path, "ask", "hi")) == (4, "model.damaged")
    assert error_of(jarvis(tmp_path, "models", "verify", "smollm2-135m")) == (4, "model.damaged")


def test_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    done = jarvis(tmp_path, "ask", "hi")
    assert error_of(done) == (4, "model.missing")
    assert "jarvis models get" in done.stdout


def test_wrong_configuration_names_file_line_and_key(home: Path) -> None:
    (home / "config").mkdir()
    file = home / "config" / "config.toml"
    file.write_text("[engine]\nthread = 2\n", encoding="utf-8")
    done = jarvis(home, "config", "check")
    assert error_of(done)[0] == 3
    message = lines(done)[-1]["error"]
    told = message["message"] + message["hint"]
    assert str(file) in told
    assert "line 2" in told
    assert "engine.threads" in told
    assert file.read_text(encoding="utf-8") == "[engine]\nthread = 2\n"
    assert jarvis(home, "config", "get", "engine.threads").returncode == 0  # the defaults stay in force
    assert error_of(jarvis(home, "config", "set", "engine.threads", "many")) == (3, "config.bad_value")


def test_taken_engine_port_is_said(home: Path) -> None:
    set_value(home, "engine.model", "smollm2-135m")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        set_value(home, "engine.port", str(taken.getsockname()[1]))
        assert error_of(jarvis(home, "ask", "hi")) == (5, "engine.port_taken")


def test_no_microphone_is_an_audio_error(home: Path) -> None:
    nowhere = home / "silence"  # where no sound daemon listens
    nowhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "jarvis_desktop", "--home", str(home), "--json", "listen"],
        cwd=ROOT,
        env={**os.environ, "PULSE_SERVER": f"unix:{nowhere}/none", "XDG_RUNTIME_DIR": str(nowhere)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 6
    failed = next(event for event in lines(done) if event.get("event") == "failed")
    assert failed["code"] == "audio.no_input"
    assert failed["hint"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be without a screen")
def test_window_without_a_screen_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    assert error_of(jarvis(home, "run")) == (2, "usage.no_display")


@pytest.mark.parametrize(
    "arguments",
    [("bogus",), ("ask", "--audio"), ("models", "get"), ("say", "  "), ("listen", "--mode", "mind-reading")],
)
def test_wrong_usage_exits_with_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert error_of(jarvis(tmp_path, *arguments))[0] == 2


def test_doctor_examines_everything(home: Path) -> None:
    done = jarvis(home, "doctor")
    assert done.returncode == 0
    (report,) = lines(done)
    names = {check["name"] for check in report["checks"]}
    assert {"system", "memory", "long-term memory", "disk", "configuration", "engine"} <= names
    assert {"microphone", "loudspeaker"} <= names
    broken = [check for check in report["checks"] if not check["ok"]]
    assert all(check["hint"] for check in broken)
