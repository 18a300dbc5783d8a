"""Profiles lie over the settings, the environment over both; a wrong one costs nothing but itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_desktop.config import describe, document
from jarvis_desktop.config.profiles import MemoryScope, memory_scope
from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import ConfigError

TEXT = """\
# mine
[speech]
speed = 1.5  # quick

[conversation]
instructions = "Call me Ana."
profile = "Work"

[profiles.Work]
persona = "Be terse."  # very
speed = 1.2

[profiles."Bed time"]
voice = "piper-es-davefx"
model = "smollm2-135m"
memory = "own"

[profiles.Private]
memory = "none"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def opened(file: Path, **environ: str) -> ConfigStore:
    store = ConfigStore(file, environ)
    store.load()
    return store


def switched(store: ConfigStore, name: str) -> Config:
    return store.patch({"conversation.profile": name})


def test_a_profile_holds_instead_of_the_settings_and_leaves_the_rest(file: Path) -> None:
    store = opened(file)
    assert store.problems == ()
    assert store.current.conversation.instructions == "Be terse."
    assert store.current.speech.speed == pytest.approx(1.8)
    assert store.current.speech.voice == Config().speech.voice
    assert store.base.conversation.instructions == "Call me Ana."
    assert store.base.speech.speed == 1.5
    now = switched(store, "Bed time")
    assert (now.speech.voice, now.engine.model) == ("piper-es-davefx", "smollm2-135m")
    assert now.conversation.instructions == "Call me Ana."
    assert switched(store, "").conversation.instructions == "Call me Ana."


def test_the_speed_stays_within_what_a_voice_can_do(file: Path) -> None:
    store = opened(file)
    assert store.patch({"profiles.Work.speed": 2.0}).speech.speed == 2.0


def test_switching_changes_only_what_the_profiles_say(file: Path) -> None:
    store = opened(file)
    seen: list[set[str]] = []
    store.subscribe(lambda old, new: seen.append({s.key for s in describe.differences(old, new)}))
    switched(store, "Bed time")
    assert seen == [
        {
            "conversation.profile",
            "conversation.instructions",
            "speech.speed",
            "speech.voice",
            "engine.model",
        }
    ]


def test_the_environment_wins_over_a_profile(file: Path) -> None:
    store = opened(file, JARVIS_CONVERSATION__PROFILE="Bed time", JARVIS_ENGINE__MODEL="qwen3-4b")
    assert store.current.conversation.profile == "Bed time"
    assert store.current.engine.model == "qwen3-4b"
    assert store.current.speech.voice == "piper-es-davefx"


def test_memory_is_everybodys_a_profiles_own_or_nobodys(file: Path) -> None:
    store = opened(file)
    assert memory_scope(store.current) == MemoryScope("", stored=True)
    assert memory_scope(switched(store, "Bed time")) == MemoryScope("Bed time", stored=True)
    assert not memory_scope(switched(store, "Private")).stored
    assert memory_scope(switched(store, "")) == MemoryScope()


def test_a_profile_is_made_changed_and_removed_with_comments_kept(file: Path) -> None:
    store = opened(file)
    store.patch({"profiles.Mi café.persona": "Habla poco.", "profiles.Work.speed": 0.9})
    assert opened(file).base.profiles["Mi café"].persona == "Habla poco."
    store.patch({"profiles.Mi café": None, "profiles.Bed time": None, "profiles.Private": None})
    text = file.read_text(encoding="utf-8")
    assert list(opened(file).base.profiles) == ["Work"]
    for kept in ("# mine", "# quick", 'persona = "Be terse."  # very', "speed = 0.9"):
        assert kept in text


def test_settings_under_a_profile_can_still_be_changed(file: Path) -> None:
    store = opened(file)
    heard: list[str] = []
    store.subscribe(lambda old, new: heard.append(store.base.conversation.instructions))
    store.patch({"conversation.instructions": "Call me Eva."})
    assert store.current.conversation.instructions == "Be terse."
    assert store.base.conversation.instructions == "Call me Eva."
    assert heard == ["Call me Ana."]  # told, before it takes effect


def test_a_wrong_profile_is_named_and_everything_else_goes_on(file: Path) -> None:
    file.write_text(TEXT + '\n[profiles.Odd]\npersonna = "x"\nspeed = 9.0\n', encoding="utf-8")
    store = opened(file)
    assert "Odd" not in store.base.profiles
    assert store.current.conversation.instructions == "Be terse."
    by_code = {problem.code: problem for problem in store.problems}
    unknown = by_code["config.unknown_key"]
    assert "line 22" in unknown.message
    assert unknown.hint == "Did you mean profiles.Odd.persona?"
    assert by_code["config.bad_value"].hint == "It takes a number from 0.5 to 2."
    store.patch({"speech.muted": True})
    assert 'personna = "x"' in file.read_text(encoding="utf-8")
    assert len(store.problems) == 2


def test_a_profile_that_is_not_there_is_said_and_none_is_used(file: Path) -> None:
    file.write_text(TEXT.replace('profile = "Work"', 'profile = "wrok"'), encoding="utf-8")
    store = opened(file)
    assert [problem.code for problem in store.problems] == ["config.unknown_profile"]
    assert store.problems[0].hint == "Did you mean Work?"
    assert store.current.conversation.instructions == "Call me Ana."
    assert not memory_scope(store.current).stored  # it may have been a private one
    assert memory_scope(switched(store, "")) == MemoryScope()


def test_a_private_profile_with_a_wrong_value_still_keeps_nothing(file: Path) -> None:
    text = TEXT.replace('profile = "Work"', 'profile = "Private"')
    file.write_text(f"{text}speed = 9.0\n", encoding="utf-8")
    store = opened(file)
    assert [problem.code for problem in store.problems] == ["config.bad_value", "config.unknown_profile"]
    assert not memory_scope(store.current).stored
    store.patch({"speech.muted": True})
    assert not memory_scope(store.current).stored
    store.patch({"profiles.Private.speed": 1.0})  # put right
    assert store.problems == ()
    assert store.current.conversation.profile == "Private"


@pytest.mark.parametrize("wrong", ['memory = "nothing"', 'personna = "x"'])
def test_a_wrong_profile_is_not_written_over_by_a_new_one_of_its_name(file: Path, wrong: str) -> None:
    text = f"{TEXT}\n[profiles.Odd]\n{wrong}\npersona = 'Be odd.'\n"
    file.write_text(text, encoding="utf-8")
    store = opened(file)
    fresh = {each.key: each.default for each in describe.profile_settings("Odd")}
    for given in (fresh, {"profiles.Odd.speed": 1.0}):
        given.pop(f"profiles.Odd.{wrong.split()[0]}", None)
        with pytest.raises(ConfigError) as refused:
            store.patch(given)
        assert refused.value.params["key"] == f"profiles.Odd.{wrong.split()[0]}"
        assert "line 22" in refused.value.message
        assert file.read_text(encoding="utf-8") == text
    store.patch({"profiles.Odd": None})
    assert store.problems == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"conversation.profile": "Wrok"}, "config.unknown_profile"),
        ({"profiles.Work.speed": 0.1}, "config.bad_value"),
        ({"profiles.Work.memory": "mine"}, "config.bad_value"),
        ({"profiles.Work.vioce": "x"}, "config.unknown_key"),
        ({"profiles.a.b.voice": "x"}, "config.unknown_key"),
        ({"profiles. .voice": "x"}, "config.unknown_key"),
        ({"profiles.Work": "x"}, "config.unknown_key"),
        ({"engine.model": None}, "config.bad_value"),
    ],
)
def test_what_no_profile_can_be_is_refused_and_changes_nothing(
    file: Path, changes: dict[str, object], code: str
) -> None:
    store = opened(file)
    before = store.current
    with pytest.raises(ConfigError) as caught:
        store.patch({"speech.muted": True, **changes})
    assert caught.value.code == code
    assert caught.value.hint
    assert store.current == before
    assert file.read_text(encoding="utf-8") == TEXT


def test_a_name_that_would_part_a_key_is_no_name(tmp_path: Path) -> None:
    text = '[profiles."a.b"]\nvoice = "x"\n'
    reading = document.read(text, tmp_path / "config.toml")
    assert reading.config == Config()
    assert [problem.code for problem in reading.problems] == ["config.bad_profile_name"]


def test_what_would_be_in_force_can_be_asked_beforehand(file: Path) -> None:
    store = opened(file)
    wanted = store.preview({"conversation.profile": "Bed time", "engine.context_tokens": 2048})
    assert (wanted.engine.model, wanted.engine.context_tokens) == ("smollm2-135m", 2048)
    assert store.current.engine.context_tokens == Config().engine.context_tokens


def test_the_schema_explains_profiles_in_the_default_file() -> None:
    text = document.default_toml()
    for setting in describe.profile_settings(describe.ANY):
        assert f"\n# {setting.title}: " in text
        assert f"\n# {setting.name} = " in text
