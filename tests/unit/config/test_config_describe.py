"""What the dialog, the command line and the guide are told about each setting."""

from __future__ import annotations

import pytest

from jarvis_desktop.config import describe
from jarvis_desktop.config.describe import Kind, Setting
from jarvis_desktop.config.schema import Config, Restarts
from jarvis_desktop.errors import ConfigError

EVERY = pytest.mark.parametrize("setting", describe.settings(), ids=lambda setting: setting.key)


@EVERY
def test_a_person_can_understand_each_setting(setting: Setting) -> None:
    assert setting.title
    assert setting.help.endswith(".")
    assert setting.allowed
    assert setting.page in {page.key for page in describe.pages()}


@EVERY
def test_each_default_is_the_schemas_and_is_allowed(setting: Setting) -> None:
    assert describe.value_of(Config(), setting.key) == setting.default
    assert describe.check(setting, setting.default) == setting.default


@EVERY
def test_what_is_shown_can_be_typed_back(setting: Setting) -> None:
    text = str(setting.default)
    assert describe.parse_value(setting, text) == setting.default


@EVERY
def test_bounds_are_allowed_and_what_lies_beyond_is_not(setting: Setting) -> None:
    for bound, beyond in ((setting.minimum, -1), (setting.maximum, 1)):
        if bound is None:
            continue
        step = int if setting.kind is Kind.WHOLE else float
        assert describe.check(setting, step(bound)) == bound
        with pytest.raises(ConfigError) as caught:
            describe.check(setting, step(bound + beyond))
        assert setting.allowed in caught.value.hint


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("engine.threads", "two"),
        ("engine.threads", "2.5"),
        ("engine.threads", ""),
        ("engine.temperature", "nan"),
        ("engine.temperature", "inf"),
        ("look.theme", "purple"),
        ("speech.muted", "perhaps"),
        ("engine.remote.base_url", "ftp://example.org"),
        ("conversation.instructions", "x" * 4001),
    ],
)
def test_a_bad_text_is_refused_with_what_is_allowed(key: str, text: str) -> None:
    setting = describe.find(key)
    with pytest.raises(ConfigError) as caught:
        describe.parse_value(setting, text)
    assert caught.value.code == "config.bad_value"
    assert key in caught.value.message
    assert setting.allowed in caught.value.hint


@pytest.mark.parametrize(("text", "value"), [("on", True), ("Yes", True), ("false", False), ("0", False)])
def test_switches_take_everyday_words(text: str, value: bool) -> None:
    assert describe.parse_value(describe.find("speech.muted"), text) is value


@pytest.mark.parametrize("value", ["2", True, 2.0, None])
def test_values_of_another_type_are_refused(value: object) -> None:
    with pytest.raises(ConfigError):
        describe.check(describe.find("engine.threads"), value)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("engine.thread", "engine.threads"), ("threads", "engine.threads"), ("engin", "engine")],
)
def test_a_misspelt_key_gets_the_nearest(wrong: str, right: str) -> None:
    with pytest.raises(ConfigError) as caught:
        describe.find(wrong)
    assert caught.value.code == "config.unknown_key"
    assert right in caught.value.hint


def test_a_key_like_nothing_points_to_the_list() -> None:
    with pytest.raises(ConfigError) as caught:
        describe.find("zzzz")
    assert "jarvis config schema" in caught.value.hint


def test_the_file_version_is_not_a_setting() -> None:
    assert "schema_version" not in {setting.key for setting in describe.settings()}


def test_an_entry_of_the_schema_as_json_leaves_out_what_does_not_apply() -> None:
    threads = describe.find("engine.threads")
    entry = threads.as_json()
    assert entry["key"] == "engine.threads"
    assert entry["restarts"] == Restarts.ENGINE.value
    assert "choices" not in entry
    assert describe.find("look.theme").as_json()["choices"] == ["auto", "light", "dark"]


def test_values_are_put_into_a_copy_and_the_differences_found_again() -> None:
    before = Config()
    after = describe.with_values(before, {"speech.muted": True, "engine.vllm.max_num_seqs": 8})
    assert before == Config()
    assert (after.speech.muted, after.engine.vllm.max_num_seqs) == (True, 8)
    changed = [setting.key for setting in describe.differences(before, after)]
    assert changed == ["speech.muted", "engine.vllm.max_num_seqs"]
    assert describe.differences(before, before) == ()


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ({}, 0),
        ({"server.concurrent": 7}, 0),
        ({"server.enabled": True, "server.concurrent": 7}, 8),
        ({"server.enabled": True, "engine.places": 2}, 2),
        ({"server.enabled": True, "engine.kind": "vllm"}, 0),
    ],
)
def test_the_engine_has_a_place_for_the_user_and_for_each_that_is_let_in(
    values: dict[str, object], places: int
) -> None:
    assert describe.with_values(Config(), values).placed_engine.places == places


@pytest.mark.parametrize(("key", "value"), [("engine.thread", 2), ("engine", 2), ("engine.threads", "two")])
def test_what_no_setting_takes_is_not_put_in(key: str, value: object) -> None:
    with pytest.raises(ConfigError):
        describe.with_values(Config(), {key: value})
