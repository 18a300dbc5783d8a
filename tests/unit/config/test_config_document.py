"""Text of the configuration file: what is found wrong with it, and that editing it harms nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jarvis_desktop.config import describe, document
from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import ConfigError
from jarvis_desktop.resources import resource

FILE = Path("config.toml")
CONFIG_FOLDER = resource("config")


def only_problem(text: str) -> ConfigError:
    reading = document.read(text, FILE)
    assert reading.config is None
    (problem,) = reading.problems
    return problem


def test_the_shipped_default_file_is_the_generated_one() -> None:
    shipped = (CONFIG_FOLDER / "default.toml").read_text(encoding="utf-8")
    assert shipped == document.default_toml(), (
        "config/default.toml is out of date; write jarvis_desktop.config.document.default_toml() to it"
    )
    assert document.read(shipped, FILE).config == Config()


@pytest.mark.parametrize("preset", sorted(CONFIG_FOLDER.glob("*.toml")), ids=lambda path: path.name)
def test_every_shipped_preset_is_valid_and_explained(preset: Path) -> None:
    text = preset.read_text(encoding="utf-8")
    assert document.read(text, preset).problems == ()
    assert text.startswith("#")


@pytest.mark.parametrize(
    ("text", "line", "nearest"),
    [
        ("[engine]\nthread = 2\n", 2, "engine.threads"),
        ("\n[engin]\nthreads = 2\n", 2, "engine"),
        ("# note\nengine.vllm.max_num_seq = 2\n", 2, "engine.vllm.max_num_seqs"),
        ("[engine]\n\n[engine.remote]\nmodel = 'a'\nbase_ur = ''\n", 5, "engine.remote.base_url"),
        ("[look]\n[engine]\nvllm = { max_num_seq = 1 }\n", 3, "engine.vllm.max_num_seqs"),
        ('[conversation]\ninstructions = """\n[engine]\nthread = 2\n"""\nhistory = 1\n', 6, "history_turns"),
    ],
)
def test_an_unknown_key_is_named_with_its_line_and_the_nearest(text: str, line: int, nearest: str) -> None:
    problem = only_problem(text)
    assert problem.code == "config.unknown_key"
    assert f"{FILE}, line {line}:" in problem.message
    assert nearest in problem.hint


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("[engine]\n# threads = 1\nthreads = 99\n", 3, "engine.threads"),
        ('[engine]\nthreads = "2"\n', 2, "engine.threads"),
        ("[engine]\nthreads = true\n", 2, "engine.threads"),
        ("[look]\nfont_scale = nan\n", 2, "look.font_scale"),
        ("[look]\r\ntheme = 'purple'\r\n", 2, "look.theme"),
        ("engine = 3\n", 1, "engine"),
        ("schema_version = 'one'\n", 1, "schema_version"),
        ("schema_version = 0\n", 1, "schema_version"),
    ],
)
def test_a_bad_value_is_named_with_its_line_and_what_is_allowed(text: str, line: int, key: str) -> None:
    problem = only_problem(text)
    assert problem.code == "config.bad_value"
    assert f"line {line}: {key} " in problem.message
    assert str(problem.params["allowed"]) in problem.hint


def test_every_problem_of_a_file_is_found_at_once() -> None:
    problems = document.read("[engine]\nthreads = 99\nthread = 1\n[look]\ntheme = 1\n", FILE).problems
    assert {(p.params["line"], p.code) for p in problems} == {
        (2, "config.bad_value"),
        (3, "config.unknown_key"),
        (5, "config.bad_value"),
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[engine\nthreads = 1\n", 1),
        ("[engine]\nthreads = \n", 2),
        ("a = 1\na = 2\n", 2),
        ("[look]\nx = '''\n", 3),
    ],
)
def test_broken_toml_is_named_with_its_line(text: str, line: int) -> None:
    problem = only_problem(text)
    assert problem.code == "config.syntax"
    assert f"line {line}, column " in problem.message


def test_a_file_of_a_newer_program_is_refused() -> None:
    problem = only_problem(f"schema_version = {document.SCHEMA_VERSION + 1}\n[unknown]\n")
    assert problem.code == "config.newer"


def test_an_edit_keeps_comments_order_and_spacing() -> None:
    text = "# mine\n[look]\n\n# why dark\ntheme   = 'dark'  # night\n[engine.vllm]\nmax_num_seqs=3\n"
    edited = document.edit(text, {"look.theme": "light", "engine.vllm.max_num_seqs": 4})
    assert edited == text.replace("'dark'", '"light"').replace("seqs=3", "seqs=4")


VALUES = {
    describe.Kind.SWITCH: lambda s: st.booleans(),
    describe.Kind.WHOLE: lambda s: st.integers(s.minimum, s.maximum),
    describe.Kind.NUMBER: lambda s: st.floats(s.minimum, s.maximum),
    describe.Kind.TEXT: lambda s: (
        st.text(max_size=40)
        if s.pattern is None
        else st.from_regex(s.pattern, fullmatch=True, alphabet=st.characters(codec="ascii", categories="LNP"))
    ),
    describe.Kind.CHOICE: lambda s: st.sampled_from(s.choices),
}
CHANGES = st.lists(st.sampled_from(describe.settings()), min_size=1, max_size=6, unique=True).flatmap(
    lambda chosen: st.fixed_dictionaries({s.key: VALUES[s.kind](s) for s in chosen})
)
LAYOUTS = st.sampled_from(
    [
        document.NEW_FILE,
        document.default_toml(),
        "[engine.vllm]\nmax_num_seqs=3\n[look]\ntheme='dark'\n[engine.remote]\nmodel='a'\n",
        "[engine.remote]\n[speech]\n[engine]\nthreads=1\n[look]\n[engine.vllm]\n",
        "engine = {threads = 1, vllm = {max_num_seqs = 2}}\n",
        "[engine]\nvllm.max_num_seqs=1\r\n[look]\r\n",
    ]
)


@settings(max_examples=150, deadline=None)
@given(text=LAYOUTS, changes=CHANGES)
def test_an_edit_changes_what_it_should_and_nothing_else(
    text: str, changes: dict[str, describe.Value]
) -> None:
    before = document.read(text, FILE).config
    after = document.read(document.edit(text, changes), FILE).config
    assert before is not None
    assert after is not None
    for setting in describe.settings():
        expected = changes.get(setting.key, describe.value_of(before, setting.key))
        assert describe.value_of(after, setting.key) == expected


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("[]=.\"'#\n \\engilookthreads12{},"), max_size=80))
def test_no_text_makes_reading_fail(text: str) -> None:
    reading = document.read(text, FILE)
    assert (reading.config is None) == bool(reading.problems)
    assert all(problem.message for problem in reading.problems)


@pytest.mark.parametrize("preset", sorted(CONFIG_FOLDER.glob("*.toml")), ids=lambda path: path.name)
def test_every_model_a_preset_names_can_be_fetched_and_run(preset: Path) -> None:
    catalogue = tomllib.loads(resource("models", "catalogue.toml").read_text(encoding="utf-8"))["models"]
    config = document.read(preset.read_text(encoding="utf-8"), preset).config
    assert config is not None
    assert config.engine.kind in catalogue[config.engine.model]["engines"]
    assert catalogue[config.transcription.model]["kind"] == "transcription"
    assert catalogue[config.speech.voice]["kind"] == "speech"
