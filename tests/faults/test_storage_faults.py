"""Crashes, damage and full disks under conversations and logs: nothing acknowledged is lost or destroyed."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import Category, StorageError
from jarvis_desktop.events import Message, Role
from jarvis_desktop.memory.conversation_store import MIGRATIONS
from jarvis_desktop.memory.database import Migrations, open_database
from jarvis_desktop.memory.history import SqliteHistory
from jarvis_desktop.memory.schema import MIGRATIONS as MEMORY_MIGRATIONS
from jarvis_desktop.telemetry import logs
from jarvis_desktop.telemetry.lines import RotatingLines
from tests.faults.lives import lives, needs_fork

ROUNDS = 30
TALK = "conversation"


def message(name: str, text: str = "hello") -> Message:
    return Message(name, TALK, "turn", Role.USER, text, 1000.0)


def stored(file: Path) -> dict[str, str]:
    """Text by id, as the next start of the program finds it."""

    async def read() -> dict[str, str]:
        history = SqliteHistory(file)
        try:
            assert await history.open() is None
            return {m.id: m.text for m in await history.messages(TALK)}
        finally:
            await history.close()

    return asyncio.run(read())


def fill(file: Path, count: int, text: str = "a line of talk " * 20) -> None:
    async def write() -> None:
        history = SqliteHistory(file)
        for number in range(count):
            await history.append(message(f"m{number}", text))
        await history.close()

    asyncio.run(write())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "jarvis.sqlite3"


WRITER = """
import asyncio
from pathlib import Path
from jarvis_desktop.events import Message, Role
from jarvis_desktop.memory.history import SqliteHistory

async def keep(file, life):
    history = SqliteHistory(Path(file))
    number = 0
    while True:
        number += 1
        name = f"{life}-{number}"
        reply = Message(name, "conversation", "turn", Role.ASSISTANT, "It", 1000.0)
        await history.append(reply)
        print(f"{name} It", flush=True)
        grown = Message(name, "conversation", "turn", Role.ASSISTANT, "It-grew" * 50, 1000.0)
        await history.replace(grown)
        print(f"{name} {grown.text}", flush=True)

def write(file, life):
    asyncio.run(keep(file, life))
"""


@needs_fork
def test_killed_while_writing_nothing_acknowledged_is_lost(file: Path) -> None:
    acknowledged: dict[str, str] = {}
    moments = range(1, 1 + ROUNDS)  # another one in each round
    for life, told in enumerate(lives(WRITER, file, moments)):
        acknowledged |= dict(line.split() for line in told)
        found = stored(file)
        for name, text in acknowledged.items():
            # The write under way at the kill may have arrived without having been acknowledged.
            assert len(found[name]) >= len(text)
        assert len(found) <= len(acknowledged) + life + 1
    assert len(acknowledged) >= ROUNDS


UPGRADE = """
import os, signal, sqlite3
from pathlib import Path
from jarvis_desktop.memory.database import open_database
from {schema} import MIGRATIONS

class Killing(sqlite3.Connection):
    left = 0

    def execute(self, *statement):
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        return super().execute(*statement)

def write(file, life):
    def connect(file):
        connection = sqlite3.connect(file, isolation_level=None, factory=Killing)
        connection.left = life
        return connection

    open_database(Path(file), MIGRATIONS, connect)
    print("done", flush=True)
    os._exit(0)
"""


@needs_fork
@pytest.mark.parametrize(
    ("schema", "migrations", "lines"),
    [
        pytest.param(
            "jarvis_desktop.memory.conversation_store",
            MIGRATIONS,
            """
            INSERT INTO conversations (id, title, updated_at) VALUES ('c', 'Talk', 1.0);
            INSERT INTO messages
                (id, conversation_id, turn_id, role, text, created_at, interrupted, error_code)
                SELECT 'm' || value, 'c', 't', 'user', 'line ' || value, 1.0, 0, ''
                FROM generate_series;
            """,
            id="conversations",
        ),
        pytest.param(
            "jarvis_desktop.memory.schema",
            MEMORY_MIGRATIONS,
            """
            INSERT INTO receipts VALUES ('r', 1.0, '', 1, 1);
            INSERT INTO tombstones (id, receipt) SELECT 'i' || value, 'r' FROM generate_series;
            """,
            id="memory",
        ),
    ],
)
def test_killed_in_a_migration_the_schema_is_old_or_new_and_the_data_whole(
    file: Path, schema: str, migrations: Migrations, lines: str
) -> None:
    new, _ = opened_as(file.with_name("new"), migrations)
    with closing(open_database(file, migrations[:1]).connection) as connection:
        connection.execute("CREATE TEMP TABLE generate_series (value)")
        connection.executemany("INSERT INTO generate_series VALUES (?)", [(n,) for n in range(500)])
        connection.executescript(lines)
    old, rows = opened_as(file, migrations[:1])
    assert sum(rows.values()) > 500
    found = []
    for told in lives(UPGRADE.format(schema=schema), file, [2] * 100):
        found.append(looked_into(file))
        if told:
            break
    statements = sum(len(step) for step in migrations[1:])
    assert len(found) > statements  # it was killed before each of them
    assert all(seen in ((old, rows), (new, rows)) for seen in found)
    assert found[-1] == (new, rows)


def opened_as(file: Path, migrations: Migrations) -> tuple[list[str], dict[str, int]]:
    open_database(file, migrations).connection.close()
    return looked_into(file)


def looked_into(file: Path) -> tuple[list[str], dict[str, int]]:
    """Version and all definitions; how many rows each table has that is not empty."""
    with closing(sqlite3.connect(file)) as connection:
        version, *_ = connection.execute("PRAGMA user_version").fetchone()
        made = connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()
        counts = {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for kind, name, _ in made
            if kind == "table" and not name.startswith("words")
        }
        definitions = [str(version), *(str(each[2]) for each in made)]
        return definitions, {name: count for name, count in counts.items() if count}


def test_a_newer_schema_is_refused_and_left_as_it_is(file: Path) -> None:
    fill(file, 3)
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = file.read_bytes()

    async def use() -> None:
        history = SqliteHistory(file)
        for call in (history.open, history.conversations, lambda: history.append(message("m"))):
            with pytest.raises(StorageError) as caught:
                await call()
            assert caught.value.code == "storage.newer"
        await history.close()

    asyncio.run(use())
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def overwrite_pages(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    file.write_bytes(data)


def overwrite_header(file: Path) -> None:
    file.write_bytes(os.urandom(100) + file.read_bytes()[100:])


def cut_in_half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def replace_by_text(file: Path) -> None:
    file.write_bytes(b"this was never a database" * 100)


DAMAGE = pytest.mark.parametrize(
    "damage", [overwrite_pages, overwrite_header, cut_in_half, replace_by_text], ids=lambda f: f.__name__
)


@DAMAGE
def test_a_damaged_file_is_put_aside_and_a_fresh_one_begun(
    file: Path, damage: Callable[[Path], None]
) -> None:
    fill(file, 100)
    damage(file)
    damaged = file.read_bytes()

    async def use() -> None:
        history = SqliteHistory(file)
        aside = await history.open()
        assert aside is not None
        assert aside.name.startswith(f"{file.name}.corrupt.")
        assert aside.read_bytes() == damaged
        assert history.recovered == aside
        assert await history.conversations() == ()
        await history.append(message("new"))
        await history.close()

    asyncio.run(use())
    assert stored(file) == {"new": "hello"}


def test_damage_that_comes_while_running_is_told_once_and_talk_goes_on(file: Path) -> None:
    fill(file, 300, "x" * 20_000)  # more than SQLite keeps in memory (2 MB), so that it has to read again
    size = file.stat().st_size

    async def use() -> None:
        history = SqliteHistory(file)
        assert await history.open() is None
        with file.open("r+b") as raw:
            raw.seek(4096)
            raw.write(os.urandom(size - 4096))
        with pytest.raises(StorageError) as caught:
            await history.messages(TALK)
        assert caught.value.code == "storage.corrupt"
        assert caught.value.category is Category.DEGRADED
        assert history.recovered is not None
        await history.append(message("new"))
        assert [m.id for m in await history.messages(TALK)] == ["new"]
        await history.close()

    asyncio.run(use())
    assert stored(file) == {"new": "hello"}


def test_two_damaged_files_are_both_kept(file: Path) -> None:
    for _ in range(2):
        fill(file, 1)
        replace_by_text(file)
    fill(file, 1)
    assert len(list(file.parent.glob("*.corrupt.*"))) == 2


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "data"
    blocked.write_text("a file where the folder should be")

    async def use() -> None:
        history = SqliteHistory(blocked / "jarvis.sqlite3")
        with pytest.raises(StorageError) as caught:
            await history.new_conversation()
        assert caught.value.code == "storage.failed"
        blocked.unlink()
        await history.append(message("new"))
        await history.close()

    asyncio.run(use())
    assert stored(blocked / "jarvis.sqlite3") == {"new": "hello"}


def test_on_a_full_disk_what_was_acknowledged_stays_and_writing_resumes(small_disk: Path) -> None:
    file = small_disk / "jarvis.sqlite3"
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(200_000))
    acknowledged: list[str] = []

    async def write_until_refused(history: SqliteHistory) -> None:
        for number in range(10_000):
            await history.append(message(f"m{number}", "x" * 5000))
            acknowledged.append(f"m{number}")

    async def use() -> None:
        history = SqliteHistory(file)
        with pytest.raises(StorageError) as caught:
            await write_until_refused(history)
        assert caught.value.code == "storage.disk_full"
        assert caught.value.category is Category.DEGRADED
        assert [m.id for m in await history.messages(TALK)] == acknowledged
        ballast.unlink()
        await history.append(message("after"))
        await history.close()

    asyncio.run(use())
    assert acknowledged
    assert list(stored(file)) == [*acknowledged, "after"]


def test_a_disk_that_is_full_from_the_start_is_told(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space"):
        ballast.write_bytes(bytes(2_000_000))
    assert shutil.disk_usage(small_disk).free == 0

    async def use() -> None:
        history = SqliteHistory(small_disk / "jarvis.sqlite3")
        with pytest.raises(StorageError) as caught:
            await history.new_conversation()
        assert caught.value.code == "storage.disk_full"
        ballast.unlink()
        await history.append(message("after"))
        await history.close()

    asyncio.run(use())
    assert stored(small_disk / "jarvis.sqlite3") == {"after": "hello"}


def test_a_log_on_a_full_disk_counts_what_it_lost_and_goes_on(tmp_path: Path, small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1024 * 1024 - 16 * 1024))
    config = ConfigStore(tmp_path / "config.toml", {})
    log = logging.getLogger("jarvis_desktop.tests")
    with logs.started(small_disk, config):
        for number in range(500):
            log.info("%d", number)
    ballast.unlink()
    with logs.started(small_disk, config):
        log.info("after")
    lines = [json.loads(line) for line in (small_disk / logs.FILE_NAME).read_text().splitlines()]
    *numbers, after = [line["message"] for line in lines]
    assert numbers == [str(number) for number in range(len(numbers))]
    assert 0 < len(numbers) < 500
    assert after == "after"


def test_a_log_tells_how_much_a_full_disk_swallowed_once_there_is_room(small_disk: Path) -> None:
    outlet = RotatingLines(small_disk / "log")
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1024 * 1024 - 16 * 1024))
    for number in range(500):
        outlet.write({"message": str(number), "padding": "x" * 100})
    kept = len((small_disk / "log").read_text().splitlines())
    ballast.unlink()
    outlet.write({"message": "500"})
    outlet.close()
    *_, notice, last = [json.loads(line)["message"] for line in (small_disk / "log").read_text().splitlines()]
    assert notice.startswith(f"{500 - kept} records")
    assert last == "500"
