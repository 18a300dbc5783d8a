"""A worker answers calls, passes errors on, and never outlives or takes down the program."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.errors import Category, JarvisError, SpeechError
from jarvis_desktop.processes import pipe
from jarvis_desktop.processes.worker import Worker, child_environment

ROOT = Path(__file__).parents[3]
MODULE = "tests.unit.processes.echo_worker"
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


def died() -> SpeechError:
    return SpeechError("speech.worker_died", "It stopped.", category=Category.TRANSIENT)


T = TypeVar("T")


def with_worker(work: Callable[[Worker], Awaitable[T]]) -> T:
    async def run() -> T:
        worker = Worker(MODULE, name="echo", died=died)
        await worker.start()
        try:
            return await work(worker)
        finally:
            await worker.stop()

    return asyncio.run(run())


def test_answers_with_values_and_bytes_unharmed_by_stray_prints() -> None:
    audio = os.urandom(640_000)  # ten seconds of float32 speech

    async def work(worker: Worker) -> None:
        reply = await worker.call("echo", audio, text="¿Qué tal?", number=1.5)
        assert reply.data == {"text": "¿Qué tal?", "number": 1.5}
        assert reply.payload == audio

    with_worker(work)


def test_takes_buffers_of_any_element_size() -> None:
    samples = np.arange(100_000, dtype=np.float32)

    async def work(worker: Worker) -> None:
        reply = await worker.call("echo", samples.data)
        assert np.array_equal(np.frombuffer(reply.payload, np.float32), samples)

    with_worker(work)


def test_matches_many_calls_at_once_to_their_answers() -> None:
    async def work(worker: Worker) -> None:
        replies = await asyncio.gather(*(worker.call("echo", bytes([n]) * n, n=n) for n in range(20)))
        assert [(reply.data["n"], len(reply.payload)) for reply in replies] == [(n, n) for n in range(20)]

    with_worker(work)


def test_passes_a_jarvis_error_on_whole() -> None:
    async def work(worker: Worker) -> JarvisError:
        with pytest.raises(SpeechError) as caught:
            await worker.call("refuse")
        return caught.value

    error = with_worker(work)
    assert (error.code, error.message, error.hint) == ("speech.refused", "It is refused.", "Try 3 times.")
    assert error.message_template == "{what} is refused."
    assert error.category is Category.DEGRADED


def test_a_fault_in_a_handler_answers_the_call_and_keeps_its_words_out_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)

    async def work(worker: Worker) -> None:
        with pytest.raises(JarvisError) as caught:
            await worker.call("blunder", secret="what the user said")
        assert caught.value.code == "worker.failed"
        assert "ValueError" in caught.value.message
        assert (await worker.call("echo", still="there")).data == {"still": "there"}

    with_worker(work)
    assert "blunder" in caplog.text  # where it happened
    assert "what the user said" not in caplog.text


@pytest.mark.parametrize("method", ["die", "garble"])
def test_death_fails_every_pending_and_later_call_and_a_new_start_heals(method: str) -> None:
    async def work(worker: Worker) -> None:
        first = worker.pid
        results = await asyncio.gather(
            worker.call(method), worker.call("echo"), worker.call("echo"), return_exceptions=True
        )
        assert [getattr(result, "code", result) for result in results] == ["speech.worker_died"] * 3
        with pytest.raises(SpeechError):
            await worker.call("echo")
        await worker.start()
        assert (await worker.call("echo", again=True)).data == {"again": True}
        assert worker.pid != first

    with_worker(work)


def test_a_cancelled_call_is_dropped_and_the_next_one_answered() -> None:
    async def work(worker: Worker) -> None:
        await worker.call("echo")  # it has started, however busy the machine is
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(worker.call("until_cancelled"), 0.5)
        assert (await worker.call("was_cancelled")).data == {"cancelled": True}

    with_worker(work)


def test_stop_ends_the_process_in_the_middle_of_native_work() -> None:
    async def work(worker: Worker) -> None:
        await worker.call("echo")
        call = asyncio.create_task(worker.call("compute", times=10_000))
        await asyncio.sleep(0.2)
        process = psutil.Process(worker.pid)
        await worker.stop()
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        with pytest.raises(SpeechError):
            await call
        await worker.stop()  # twice is fine
        assert worker.pid is None

    with_worker(work)


@posix
def test_a_process_that_does_not_listen_is_killed() -> None:
    async def work(worker: Worker) -> None:
        assert worker.pid is not None
        process = psutil.Process(worker.pid)
        os.kill(worker.pid, signal.SIGSTOP)
        await worker.stop()
        assert not process.is_running()

    with_worker(work)


def test_knows_no_secrets_and_imports_nothing_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JARVIS_REMOTE_API_KEY", "secret")
    monkeypatch.setenv("HF_TOKEN", "secret")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")

    async def work(worker: Worker) -> dict[str, list[str]]:
        return (await worker.call("environment")).data

    known = with_worker(work)
    assert "PATH" in known["names"]
    assert not [name for name in known["names"] if "KEY" in name or "TOKEN" in name]
    heavy = {"numpy", "PySide6", "pydantic", "httpx", "asyncio", "faster_whisper"}
    assert not heavy & set(known["modules"])


def test_the_environment_can_be_added_to() -> None:
    assert child_environment({"OMP_NUM_THREADS": "2"})["OMP_NUM_THREADS"] == "2"


@pytest.mark.parametrize(("option", "theirs"), [("-s", "1"), ("-B", "None")])
def test_a_program_without_the_users_own_packages_has_no_children_with_them(option: str, theirs: str) -> None:
    code = "from jarvis_desktop.processes import worker; "
    code += "print(worker.child_environment().get('PYTHONNOUSERSITE'))"
    answer = subprocess.run([sys.executable, option, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert answer.stdout.strip() == theirs


@posix
@pytest.mark.parametrize("how", ["idle", "computing"])
def test_a_parent_killed_with_minus_nine_leaves_no_child(how: str, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(f"""
        import asyncio
        from jarvis_desktop.errors import SpeechError
        from jarvis_desktop.processes.worker import Worker

        async def main():
            worker = Worker({MODULE!r}, name="echo", died=lambda: SpeechError("x", "x"))
            await worker.start()
            await worker.call("echo")
            if {how!r} == "computing":
                busy = asyncio.create_task(worker.call("compute", times=10_000))
            await asyncio.sleep(0.1)
            print(worker.pid, flush=True)
            await asyncio.sleep(600)

        asyncio.run(main())
        """),
        encoding="utf-8",
    )
    parent = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=child_environment(), text=True
    )
    assert parent.stdout is not None
    with parent, parent.stdout:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    gone, _ = psutil.wait_procs([child], timeout=10)
    assert gone == [child]


frames = st.tuples(
    st.dictionaries(st.text(), st.text() | st.integers() | st.booleans() | st.none()), st.binary()
)


@given(st.lists(frames))
def test_frames_come_back_as_they_were_packed(messages: list[tuple[dict[str, object], bytes]]) -> None:
    stream = BytesIO(b"".join(pipe.pack(message, payload) + payload for message, payload in messages))
    assert [pipe.read_frame(stream) for _ in messages] == messages
    assert pipe.read_frame(stream) is None


@given(st.binary(max_size=200))
def test_garbage_is_refused_and_never_trusted(garbage: bytes) -> None:
    try:
        frame = pipe.read_frame(BytesIO(garbage))
    except pipe.ProtocolError:
        return
    assert frame is None


def test_an_error_survives_the_crossing() -> None:
    error = SpeechError("speech.x", "{file} is bad.", "See {path}.", file="a.wav", path=Path("/tmp/a"))
    again = pipe.error_from_json(pipe.error_as_json(error))
    assert type(again) is SpeechError
    assert again.as_json() == error.as_json()


def test_a_worker_that_runs_onnx_reports_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime gives the machine a number, in a file, before it reports."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    code = "import onnxruntime; onnxruntime.get_available_providers()"
    subprocess.run([sys.executable, "-c", code], env=child_environment(), check=True)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []
