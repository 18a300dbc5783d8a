"""The configuration in force: loaded, overridden, changed as a whole or not at all, taken up live."""

from __future__ import annotations

import queue
import stat
import threading
from pathlib import Path

import pytest

from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import ConfigError

Change = tuple[int, int]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "config.toml"


def written(file: Path, text: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def opened(file: Path, **environ: str) -> ConfigStore:
    store = ConfigStore(file, environ)
    store.load()
    return store


def threads_seen(store: ConfigStore) -> list[Change]:
    """Subscribe and collect (old, new) of `engine.threads`."""
    seen: list[Change] = []
    store.subscribe(lambda old, new: seen.append((old.engine.threads, new.engine.threads)))
    return seen


def refuse(old: Config, new: Config) -> None:
    raise ConfigError("engine.too_big", "It does not fit.")


def test_without_a_file_the_defaults_are_in_force_and_nothing_is_written(file: Path) -> None:
    store = opened(file)
    assert store.current == Config()
    assert store.problems == ()
    assert not file.parent.exists()


def test_a_patch_is_in_force_and_found_again_at_the_next_start(file: Path) -> None:
    store = opened(file)
    seen = threads_seen(store)
    returned = store.patch({"engine.threads": 2, "speech.muted": True})
    assert returned == store.current
    assert seen == [(0, 2)]
    again = opened(file)
    assert again.current == store.current
    assert (again.current.engine.threads, again.current.speech.muted) == (2, True)


def test_a_patch_keeps_comments_mode_and_link(file: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("# mine\n[engine]\nthreads = 1  # few\n")
    real.chmod(0o640)
    file.parent.mkdir()
    file.symlink_to(real)
    opened(file).patch({"engine.threads": 2})
    assert real.read_text() == "# mine\n[engine]\nthreads = 2  # few\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert file.is_symlink()


def test_a_new_file_is_private_and_leaves_nothing_beside_it(file: Path) -> None:
    opened(file).patch({"engine.threads": 2})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"engine.threads": 2, "engine.thread": 2}, "config.unknown_key"),
        ({"speech.muted": True, "engine.threads": 999}, "config.bad_value"),
        ({"engine": {}}, "config.unknown_key"),
        ({"schema_version": 1}, "config.unknown_key"),
    ],
)
def test_a_wrong_patch_changes_nothing(file: Path, changes: dict[str, object], code: str) -> None:
    store = opened(written(file, "[engine]\nthreads = 1\n"))
    seen = threads_seen(store)
    before = store.current
    with pytest.raises(ConfigError) as caught:
        store.patch(changes)
    assert caught.value.code == code
    assert store.current == before
    assert file.read_text() == "[engine]\nthreads = 1\n"
    assert seen == []


def test_a_refused_patch_is_taken_back_from_those_already_told(file: Path) -> None:
    store = opened(written(file, "[engine]\nthreads = 1\n"))
    first, second = threads_seen(store), threads_seen(store)
    store.subscribe(refuse)
    after = threads_seen(store)
    with pytest.raises(ConfigError, match="does not fit"):
        store.patch({"engine.threads": 2})
    assert first == second == [(1, 2), (2, 1)]
    assert after == []
    assert store.current.engine.threads == 1
    assert file.read_text() == "[engine]\nthreads = 1\n"
    assert list(file.parent.iterdir()) == [file]


def test_a_guard_refuses_a_patch_before_anybody_hears_of_it(file: Path) -> None:
    store = opened(written(file, "[engine]\nthreads = 1\n"))
    seen = threads_seen(store)
    leave = store.guard(refuse)
    with pytest.raises(ConfigError, match="does not fit"):
        store.patch({"engine.threads": 2})
    assert seen == []
    assert store.current.engine.threads == 1
    assert file.read_text() == "[engine]\nthreads = 1\n"
    leave()
    assert store.patch({"engine.threads": 2}).engine.threads == 2


def test_a_guard_is_not_asked_about_a_file_that_others_changed(file: Path) -> None:
    store = opened(file)
    store.guard(refuse)
    written(file, "[engine]\nthreads = 3\n")
    assert store.load().engine.threads == 3
    assert store.problems == ()


def test_a_follower_hears_of_a_change_when_it_is_in_force_and_not_of_a_refused_one(file: Path) -> None:
    store, heard = opened(file), []
    unfollow = store.follow(lambda old, new: heard.append((old.engine.threads, store.current.engine.threads)))
    before = store.current.engine.threads
    store.patch({"engine.threads": before + 1})
    written(file, f"[engine]\nthreads = {before + 2}\n")
    store.load()
    assert heard == [(before, before + 1), (before + 1, before + 2)]
    leave = store.subscribe(refuse)
    with pytest.raises(ConfigError, match="does not fit"):
        store.patch({"engine.threads": before})
    leave()
    unfollow()
    store.patch({"engine.threads": before})
    assert len(heard) == 2


def test_who_unsubscribed_hears_no_more(file: Path) -> None:
    store = opened(file)
    unsubscribe = store.subscribe(refuse)
    unsubscribe()
    unsubscribe()
    assert store.patch({"engine.threads": 2}).engine.threads == 2


def test_a_patch_that_changes_nothing_disturbs_nobody(file: Path) -> None:
    store = opened(file)
    store.subscribe(refuse)
    store.patch({"engine.threads": store.current.engine.threads})


def test_a_patch_takes_up_what_was_edited_meanwhile(file: Path) -> None:
    store = opened(written(file, "[engine]\nthreads = 1\n"))
    written(file, "[engine]\nthreads = 1\n[look]\ntheme = 'dark'\n")
    store.patch({"engine.threads": 2})
    assert store.current.look.theme == "dark"
    assert opened(file).current == store.current


def test_a_change_by_another_program_during_a_patch_is_not_overwritten(file: Path) -> None:
    store = opened(written(file, "[engine]\nthreads = 1\n"))
    ours: list[str] = []

    def edit_once(old: Config, new: Config) -> None:
        if not ours:
            ours.append("edited")
            written(file, "[engine]\nthreads = 7\n")

    store.subscribe(edit_once)
    with pytest.raises(ConfigError) as caught:
        store.patch({"engine.threads": 2})
    assert caught.value.code == "config.conflict"
    assert file.read_text() == "[engine]\nthreads = 7\n"
    assert store.current.engine.threads == 1


def test_the_environment_wins_over_the_file_and_is_never_written(file: Path) -> None:
    store = opened(written(file, "[engine]\nthreads = 1\n"), JARVIS_ENGINE__THREADS="3")
    assert store.current.engine.threads == 3
    store.patch({"speech.muted": True})
    assert store.current.engine.threads == 3
    assert opened(file).current.engine.threads == 1


def test_a_setting_of_the_environment_cannot_be_patched(file: Path) -> None:
    store = opened(file, JARVIS_ENGINE__VLLM__MAX_NUM_SEQS="3")
    with pytest.raises(ConfigError) as caught:
        store.patch({"engine.vllm.max_num_seqs": 4})
    assert caught.value.code == "config.overridden"
    assert "JARVIS_ENGINE__VLLM__MAX_NUM_SEQS" in caught.value.message
    assert not file.exists()


def test_wrong_variables_are_named_and_ignored_alone(file: Path) -> None:
    store = opened(file, JARVIS_ENGINE__THREADS="many", JARVIS_ENGINE__TREADS="2", JARVIS_LOOK__THEME="dark")
    assert store.current.look.theme == "dark"
    assert store.current.engine.threads == 0
    told = {str(problem.params["variable"]): str(problem) for problem in store.problems}
    assert "from 0 to 64" in told["JARVIS_ENGINE__THREADS"]
    assert "Did you mean JARVIS_ENGINE__THREADS?" in told["JARVIS_ENGINE__TREADS"]
    assert set(told) == {"JARVIS_ENGINE__THREADS", "JARVIS_ENGINE__TREADS"}


def test_variables_that_are_no_settings_are_left_alone(file: Path) -> None:
    names = ("JARVIS_HOME", "JARVIS_REMOTE_API_KEY", "JARVIS_TEST_HOME", "OTHER__THING")
    store = opened(file, **dict.fromkeys(names, "x"))
    assert store.problems == ()
    assert store.current == Config()


def polled(store: ConfigStore) -> bool:
    """Two polls: one to notice, one to see that the file rests."""
    return [store.poll(), store.poll()][-1]


def test_an_edit_is_taken_up_once(file: Path) -> None:
    store = opened(written(file, "[engine]\nthreads = 1\n"))
    seen = threads_seen(store)
    assert not polled(store)
    written(file, "[engine]\nthreads = 12\n")
    assert polled(store)
    assert not polled(store)
    assert seen == [(1, 12)]


def test_a_file_still_being_saved_is_not_read(file: Path) -> None:
    store = opened(written(file, "[engine]\nthreads = 1\n"))
    seen = threads_seen(store)
    written(file, "")
    store.poll()
    written(file, "[engine]\nthreads = 12\n")
    assert polled(store)
    assert seen == [(1, 12)]


def test_our_own_patch_is_not_taken_for_an_edit(file: Path) -> None:
    store = opened(file)
    store.patch({"engine.threads": 2})
    assert not polled(store)


def test_a_deleted_file_means_the_defaults(file: Path) -> None:
    store = opened(written(file, "[engine]\nthreads = 1\n"))
    file.unlink()
    assert polled(store)
    assert store.current == Config()


def test_an_edit_a_subscriber_refuses_stays_out_of_force_and_is_reported(file: Path) -> None:
    store = opened(written(file, "[engine]\nthreads = 1\n"))
    store.subscribe(refuse)
    written(file, "[engine]\nthreads = 2\n")
    polled(store)
    assert store.current.engine.threads == 1
    assert [problem.code for problem in store.problems] == ["engine.too_big"]


def test_the_watcher_takes_up_a_folder_that_appears_later_and_stops_when_told(file: Path) -> None:
    store = opened(file)
    reports: queue.Queue[tuple[ConfigError, ...]] = queue.Queue()
    stop = store.watch(reports.put, interval=0.01)
    try:
        written(file, "[engine]\nthreads = 2\n")
        assert reports.get(timeout=30) == ()
        assert store.current.engine.threads == 2
        written(file, "[engine]\nthreads = 222\n")
        assert [problem.code for problem in reports.get(timeout=30)] == ["config.bad_value"]
        assert store.current.engine.threads == 2
    finally:
        stop()
    assert "config-watch" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.expects_error_logs
def test_the_watcher_outlives_a_broken_subscriber(file: Path) -> None:
    store = opened(file)
    changed = threading.Event()

    def broken(old: Config, new: Config) -> None:
        changed.set()
        raise RuntimeError("a bug")

    unsubscribe = store.subscribe(broken)
    reports: queue.Queue[tuple[ConfigError, ...]] = queue.Queue()
    stop = store.watch(reports.put, interval=0.01)
    try:
        written(file, "[engine]\nthreads = 2\n")
        assert changed.wait(30)
        unsubscribe()
        written(file, "[engine]\nthreads = 33\n")
        assert reports.get(timeout=30) == ()
        assert store.current.engine.threads == 33
    finally:
        stop()


def test_patches_from_many_threads_all_arrive(file: Path) -> None:
    store = opened(file)
    keys = ["engine.threads", "transcription.threads", "engine.max_tokens", "listening.start_ms"]
    workers = [threading.Thread(target=store.patch, args=({key: 60},)) for key in keys]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    config = opened(file).current
    assert config == store.current
    assert (config.engine.threads, config.transcription.threads) == (60, 60)
    assert (config.engine.max_tokens, config.listening.start_ms) == (60, 60)
