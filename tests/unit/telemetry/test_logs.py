"""The log file: complete, structured, private, and never in anybody's way."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import os
import stat
import sys
import threading
import tracemalloc
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import EngineError
from jarvis_desktop.telemetry import logs
from jarvis_desktop.telemetry.lines import KEPT_FILES, RotatingLines

LOG = logging.getLogger("jarvis_desktop.tests")
CANARY = "my secret is a canary named Tweety"


@pytest.fixture
def config(tmp_path: Path) -> ConfigStore:
    return ConfigStore(tmp_path / "config.toml", {})


ALONE = "heard by the log alone"
alone = pytest.mark.parametrize("_listeners", [ALONE], indirect=True)


@pytest.fixture(autouse=True, params=[ALONE, "heard by others too"])
def _listeners(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the program, where nobody else listens, and as beside pytest's own handlers."""
    started = logs.started

    @contextlib.contextmanager
    def started_alone(*args: Any, **options: Any) -> Iterator[None]:
        root = logging.getLogger()
        others, root.handlers = root.handlers, []
        try:
            with started(*args, **options):
                yield
        finally:
            root.handlers = others

    if request.param == ALONE:
        monkeypatch.setattr(logs, "started", started_alone)


def lines(folder: Path) -> list[dict[str, Any]]:
    text = (folder / logs.FILE_NAME).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def messages(folder: Path) -> list[str]:
    return [line["message"] for line in lines(folder)]


def test_a_record_is_one_line_of_data(tmp_path: Path, config: ConfigStore) -> None:
    with logs.started(tmp_path, config):
        LOG.info("loaded %s in %.1f s\nwell", "a model", 1.25)
    (line,) = lines(tmp_path)
    assert line["message"] == "loaded a model in 1.2 s\nwell"
    assert (line["level"], line["logger"]) == ("info", "jarvis_desktop.tests")
    assert line["time"].endswith("Z")
    assert stat.S_IMODE((tmp_path / logs.FILE_NAME).stat().st_mode) == 0o600


def test_everything_logged_before_the_end_is_written(tmp_path: Path, config: ConfigStore) -> None:
    with logs.started(tmp_path, config):
        for number in range(5000):
            LOG.info("%d", number)
    assert messages(tmp_path) == [str(number) for number in range(5000)]


def test_a_record_tells_what_was_so_when_it_was_logged(tmp_path: Path, config: ConfigStore) -> None:
    parts = ["engine"]
    with logs.started(tmp_path, config):
        for _ in range(2):  # a logger's first record goes another way than the ones after it
            LOG.info("%s", parts)
            LOG.info("%(part)s of %(count)d", {"part": parts[0], "count": 2})
            parts[0] += "s"
    assert messages(tmp_path) == ["['engine']", "engine of 2", "['engines']", "engines of 2"]


def test_records_of_all_kinds_keep_their_order_and_thread(tmp_path: Path, config: ConfigStore) -> None:
    def talk() -> None:
        for number in range(300):
            LOG.info("%d", number) if number % 3 else LOG.info("%s", [number])

    with logs.started(tmp_path, config):
        threads = [threading.Thread(target=talk, name=name) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for name in ("one", "two"):
        told = [line["message"].strip("[]") for line in lines(tmp_path) if line["thread"] == name]
        assert told == [str(number) for number in range(300)]


@alone
def test_arguments_that_do_not_fit_cost_no_other_record_and_are_not_told(
    tmp_path: Path, config: ConfigStore
) -> None:
    with logs.started(tmp_path, config):
        LOG.info("loaded")
        LOG.info("%d tokens", CANARY)
        LOG.info("%d tokens", [CANARY])
        LOG.info("done")
    assert [message.split(" (")[0] for message in messages(tmp_path)] == [
        "loaded",
        *["%d tokens"] * 2,
        "done",
    ]
    assert "canary" not in (tmp_path / logs.FILE_NAME).read_text()


def test_the_level_follows_the_settings_at_once(tmp_path: Path, config: ConfigStore) -> None:
    with logs.started(tmp_path, config):
        LOG.debug("before")
        config.patch({"logging.level": "debug"})
        LOG.debug("detail")
        config.patch({"logging.level": "error"})
        LOG.warning("after")
    assert messages(tmp_path) == ["detail"]


def test_other_packages_are_heard_from_warnings_on(tmp_path: Path, config: ConfigStore) -> None:
    config.patch({"logging.level": "debug"})
    with logs.started(tmp_path, config):
        logging.getLogger("somelibrary").info(CANARY)
        logging.getLogger("somelibrary").warning("trouble")
    assert messages(tmp_path) == ["trouble"]


def test_context_belongs_to_its_task(tmp_path: Path, config: ConfigStore) -> None:
    async def turn(name: str) -> None:
        with logs.bound(turn_id=name), logs.bound(part="engine"):
            await asyncio.sleep(0)
            LOG.info("inside")
        LOG.info("outside")

    async def turns() -> None:
        await asyncio.gather(turn("one"), turn("two"))

    with logs.started(tmp_path, config):
        asyncio.run(turns())
    found = lines(tmp_path)
    inside = [(line["turn_id"], line["part"]) for line in found if line["message"] == "inside"]
    assert sorted(inside) == [("one", "engine"), ("two", "engine")]
    assert not any("turn_id" in line or "part" in line for line in found if line["message"] == "outside")


@pytest.mark.expects_error_logs
def test_an_exception_is_written_with_its_place_and_without_its_words(
    tmp_path: Path, config: ConfigStore
) -> None:
    def fail() -> None:
        heard = CANARY
        try:
            int(heard)
        except ValueError as error:
            raise EngineError("engine.died", "It died of {text}.", text=heard) from error

    with logs.started(tmp_path, config):
        try:
            fail()
        except EngineError:
            LOG.exception("a turn failed")
    (line,) = lines(tmp_path)
    assert line["error"]["code"] == "engine.died"
    assert line["error"]["trace"][-1].split()[-1].endswith("fail")
    assert Path(__file__).name in line["error"]["trace"][-1]
    assert line["error"]["cause"]["type"] == "builtins.ValueError"
    assert "canary" not in (tmp_path / logs.FILE_NAME).read_text()


@pytest.mark.expects_error_logs
def test_what_nobody_caught_is_written_wherever_it_happened(tmp_path: Path, config: ConfigStore) -> None:
    def fail(where: str) -> None:
        raise RuntimeError(f"{where}: {CANARY}")

    async def program() -> None:
        with logs.started(tmp_path, config):
            asyncio.get_running_loop().call_soon(fail, "loop")
            await asyncio.sleep(0)
            sys.excepthook(*caught())
            fail("program")

    def caught() -> tuple[type[BaseException], BaseException, Any]:
        try:
            fail("slot")
        except RuntimeError as error:
            return type(error), error, error.__traceback__
        raise AssertionError

    with pytest.raises(RuntimeError):
        asyncio.run(program())
    found = lines(tmp_path)
    assert [line["level"] for line in found] == ["error", "critical", "critical"]
    assert {line["error"]["type"] for line in found} == {"builtins.RuntimeError"}
    assert CANARY not in json.dumps(found)


@pytest.mark.expects_error_logs
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_is_written(tmp_path: Path, config: ConfigStore) -> None:
    with logs.started(tmp_path, config):
        thread = threading.Thread(target=lambda: 1 / 0, name="stt")
        thread.start()
        thread.join()
    (line,) = lines(tmp_path)
    assert "stt" in line["message"]
    assert line["error"]["type"] == "builtins.ZeroDivisionError"


def test_warnings_are_written(tmp_path: Path, config: ConfigStore) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        with logs.started(tmp_path, config):
            warnings.warn("old call", DeprecationWarning, stacklevel=1)
    (line,) = lines(tmp_path)
    assert (line["level"], line["logger"]) == ("warning", "py.warnings")
    assert "old call" in line["message"]


def test_stderr_is_only_for_those_who_ask(
    tmp_path: Path, config: ConfigStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for verbose, shown in ((False, False), (True, True)):
        terminal = io.StringIO()
        monkeypatch.setattr(sys, "stderr", terminal)
        with logs.started(tmp_path, config, verbose=verbose), logs.bound(part="engine"):
            LOG.info("loaded")
        assert ("jarvis_desktop.tests: loaded" in terminal.getvalue()) is shown


def test_afterwards_everything_is_as_before(tmp_path: Path, config: ConfigStore) -> None:
    def state() -> tuple[object, ...]:
        root, own = logging.getLogger(), logging.getLogger("jarvis_desktop")
        hooks = sys.excepthook, threading.excepthook
        threads = threading.active_count()
        return root.level, own.level, tuple(root.handlers), hooks, warnings.showwarning, threads

    before = state()
    with logs.started(tmp_path, config):
        assert state() != before
    assert state() == before
    config.patch({"logging.level": "debug"})
    assert state() == before


@pytest.fixture
def blocked_terminal() -> Iterator[tuple[io.TextIOWrapper, int]]:
    """A terminal that takes nothing more (a full pipe), and the end that would drain it."""
    drain, fill = os.pipe()
    os.set_blocking(fill, False)
    try:
        while True:
            os.write(fill, bytes(4096))
    except BlockingIOError:
        os.set_blocking(fill, True)
    with os.fdopen(fill, "w", encoding="utf-8") as terminal:
        yield terminal, drain
    os.close(drain)


def test_while_the_writer_hangs_callers_go_on_and_what_is_dropped_is_told(
    tmp_path: Path,
    config: ConfigStore,
    monkeypatch: pytest.MonkeyPatch,
    blocked_terminal: tuple[io.TextIOWrapper, int],
) -> None:
    terminal, drain = blocked_terminal
    monkeypatch.setattr(sys, "stderr", terminal)
    total = logs.QUEUE_RECORDS + 500
    with logs.started(tmp_path, config, verbose=True):
        for number in range(total):  # would never end if a caller had to wait for the terminal
            LOG.info("%d", number)
        drainer = threading.Thread(target=lambda: [None for _ in iter(lambda: os.read(drain, 65536), b"")])
        drainer.start()
    terminal.close()
    drainer.join()
    *kept, notice = messages(tmp_path)
    dropped = int(notice.split()[0])
    assert "dropped" in notice
    assert dropped > 0
    assert len(kept) + dropped == total


@pytest.fixture
def hung_disk(tmp_path: Path) -> Path:
    """A folder whose log file takes nothing until somebody opens it for reading."""
    os.mkfifo(tmp_path / logs.FILE_NAME)
    return tmp_path


@alone
def test_while_the_disk_hangs_memory_is_bounded(hung_disk: Path, config: ConfigStore) -> None:
    drained: list[bytes] = []

    def log(count: int) -> int:
        for number in range(count):
            LOG.info("%s took %.1f ms", f"part {number}", number / 7)
        return tracemalloc.get_traced_memory()[0]

    drainer = threading.Thread(target=lambda: drained.append((hung_disk / logs.FILE_NAME).read_bytes()))
    with logs.started(hung_disk, config):
        tracemalloc.start()
        try:
            full = log(logs.QUEUE_RECORDS)
            assert log(3 * logs.QUEUE_RECORDS) < 1.05 * full
            assert full < 1000 * logs.QUEUE_RECORDS
        finally:
            tracemalloc.stop()
            drainer.start()
    drainer.join()
    assert b"records were dropped" in drained[0].splitlines()[-1]


def test_old_lines_rotate_out_and_the_disk_they_take_is_bounded(tmp_path: Path) -> None:
    limit = 2000
    outlet = RotatingLines(tmp_path / "log", max_bytes=limit)
    for number in range(1000):
        outlet.write({"message": f"{number}"})
    outlet.close()
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["log", *(f"log.{n}" for n in range(1, KEPT_FILES + 1))]
    assert all(path.stat().st_size <= limit for path in files)
    newest_first = [line for path in files for line in reversed(path.read_text().splitlines())]
    numbers = [int(json.loads(line)["message"]) for line in newest_first]
    assert numbers == list(range(999, 999 - len(numbers), -1))


def test_two_programs_write_one_file_line_by_line(tmp_path: Path) -> None:
    outlets = [RotatingLines(tmp_path / "log") for _ in range(2)]
    for number in range(100):
        outlets[number % 2].write({"message": f"{number}"})
    for outlet in outlets:
        outlet.close()
    found = [json.loads(line)["message"] for line in (tmp_path / "log").read_text().splitlines()]
    assert found == [str(number) for number in range(100)]


def test_where_files_cannot_be_rotated_no_line_is_lost(tmp_path: Path) -> None:
    in_the_way = tmp_path / f"log.{KEPT_FILES}"  # a folder: renaming a file to its name fails
    in_the_way.mkdir()
    outlet = RotatingLines(tmp_path / "log", max_bytes=500)
    for number in range(100):
        outlet.write({"message": f"{number}"})
    outlet.close()
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    found = [json.loads(line)["message"] for path in files for line in path.read_text().splitlines()]
    assert sorted(found, key=int) == [str(number) for number in range(100)]
