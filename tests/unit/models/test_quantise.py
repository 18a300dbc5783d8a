"""Quantising in steps: what is asked for wrongly, what is remembered, and what a stop leaves behind.

The quantiser is a stand-in, a real child process; the real one is in tests/e2e/test_quantise.py.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from jarvis_desktop.errors import ModelError, UsageError
from jarvis_desktop.models.quantise import HERE, MIB, Maker, Quantising, Sizes, folder_maker, gguf_maker
from jarvis_desktop.resources import resource
from tests.unit.orchestrator.model_files import CONFIG, write_folder

ENDLESS = """
import sys, time
open(sys.argv[2], "w").write("half of it")
print("progress 1 2", flush=True)
time.sleep(600)
"""
WHOLE = """
import sys
if "--dry-run" in sys.argv: print("before 100 16.0"); print("after 30")
else: print("progress 1 2"); open(sys.argv[2], "w").write("made as " + sys.argv[3]); print("progress 2 2")
"""
BROKEN = 'import sys; print("trouble the third tensor is cut off."); sys.exit(1)'
ABORTS = "import os; os.abort()"
SILENT = "pass"


def maker(code: str) -> Maker:
    return Maker((sys.executable, "-c", code), {"LARGE": "1", "Small_K": "2", "TINY": "3"}, ".gguf")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "original.gguf"
    path.write_bytes(b"GGUF" + bytes(5 * MIB))
    return path


@pytest.fixture
def job(source: Path, tmp_path: Path) -> Callable[..., Quantising]:
    """The same copy of the same source each time, made by another child."""

    def make(code: str = WHOLE, kind: str = "small_k", name: str = "") -> Quantising:
        return Quantising(source, maker(code), kind, tmp_path / "quantised", name)

    return make


def make(quantising: Quantising) -> list[tuple[int, int]]:
    """Runs it after the checks, as the command does; the progress that was shown."""
    told: list[tuple[int, int]] = []

    async def run() -> None:
        quantising.check(Sizes(100.0, 16.0, 30.0))
        await quantising.make(lambda done, total: told.append((done, total)))

    asyncio.run(run())
    return told


def left(folder: Path) -> set[str]:
    return {path.name for path in (folder / "quantised").iterdir()}


def test_a_type_is_known_in_any_case_and_names_the_copy(job: Callable[..., Quantising]) -> None:
    quantising = job(kind="sMALL_k")
    assert quantising.kind == "Small_K"
    assert quantising.target.name == "original-small_k.gguf"


def test_an_unknown_type_is_answered_with_those_that_fit(job: Callable[..., Quantising]) -> None:
    with pytest.raises(UsageError) as caught:
        job(kind="awq")
    assert caught.value.code == "usage.quantisation"
    assert "LARGE, Small_K, TINY" in caught.value.hint


@pytest.mark.parametrize("name", ["../elsewhere", "a/b", ".hidden", "two words", "-x"])
def test_a_name_stays_in_the_folder(job: Callable[..., Quantising], name: str) -> None:
    with pytest.raises(UsageError) as caught:
        job(name=name)
    assert caught.value.code == "usage.name"


def test_sizes_are_asked_of_the_quantiser(job: Callable[..., Quantising], tmp_path: Path) -> None:
    assert asyncio.run(job().sizes()) == Sizes(100.0, 16.0, 30.0)
    assert not (tmp_path / "quantised").exists()


def test_a_copy_that_is_not_smaller_is_refused_with_smaller_types(job: Callable[..., Quantising]) -> None:
    with pytest.raises(UsageError) as caught:
        job(kind="large").check(Sizes(100.0, 4.5, 100.0))
    assert caught.value.code == "usage.not_smaller"
    assert "Small_K, TINY" in caught.value.hint
    assert "LARGE" not in caught.value.hint


def test_room_on_the_disk_is_looked_for_first(job: Callable[..., Quantising], tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        job().check(Sizes(2e12, 16.0, 1e12))
    assert caught.value.code == "model.no_space"
    assert str(tmp_path) in caught.value.message


def test_the_copy_appears_whole_with_what_was_done(job: Callable[..., Quantising], tmp_path: Path) -> None:
    assert not job().made
    assert make(job()) == [(1, 2), (2, 2)]
    assert job().target.read_text() == "made as 2"
    assert job().made
    assert left(tmp_path) == {"original-small_k.gguf", "original-small_k.json"}


@pytest.mark.parametrize(
    ("code", "reason"),
    [(BROKEN, "the third tensor is cut off."), (ABORTS, "status -6"), (SILENT, "wrote nothing")],
)
def test_a_quantiser_that_fails_leaves_nothing(
    job: Callable[..., Quantising], tmp_path: Path, code: str, reason: str
) -> None:
    with pytest.raises(ModelError) as caught:
        make(job(code))
    assert reason in caught.value.message
    assert not job().made
    assert {name for name in left(tmp_path) if not name.endswith(".json")} == set()


def test_sizes_that_are_not_told_are_an_error(job: Callable[..., Quantising]) -> None:
    with pytest.raises(ModelError, match="does not tell"):
        asyncio.run(job(SILENT).sizes())


def test_a_stop_ends_the_child_and_drops_the_half(job: Callable[..., Quantising], tmp_path: Path) -> None:
    async def run() -> None:
        begun = asyncio.Event()
        making = asyncio.create_task(job(ENDLESS).make(lambda done, total: begun.set()))
        await begun.wait()
        children = psutil.Process().children(recursive=True)
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
        assert not [child for child in children if child.is_running()]

    job().check(Sizes(100.0, 16.0, 30.0))  # makes the folder
    asyncio.run(run())
    assert left(tmp_path) == set()


def test_a_half_that_a_crash_left_is_made_again(job: Callable[..., Quantising], tmp_path: Path) -> None:
    (tmp_path / "quantised").mkdir()
    (tmp_path / "quantised" / "original-small_k.gguf.part").write_text("half of another that is longer")
    make(job())
    assert job().target.read_text() == "made as 2"


def test_what_was_measured_is_kept(job: Callable[..., Quantising]) -> None:
    make(job())
    job().keep("before", {"size": 1})
    assert job().figures("before") == {"size": 1}
    assert job().figures("after") is None
    job().keep("after", {"size": 2})
    assert (job().figures("before"), job().figures("after")) == ({"size": 1}, {"size": 2})
    job().forget_figures()
    assert (job().figures("before"), job().figures("after")) == (None, None)
    assert job().made


@pytest.mark.parametrize("damage", ["", "[]", "nonsense"])
def test_a_damaged_note_protects_the_copy(
    job: Callable[..., Quantising], tmp_path: Path, damage: str
) -> None:
    make(job())
    (tmp_path / "quantised" / "original-small_k.json").write_text(damage)
    with pytest.raises(ModelError) as caught:
        _ = job().made
    assert caught.value.code == "model.exists"
    assert job().target.read_text() == "made as 2"


def test_another_type_or_source_is_not_taken_for_the_same(
    job: Callable[..., Quantising], source: Path
) -> None:
    make(job(name="mine"))
    with pytest.raises(ModelError, match="made of something else"):
        _ = job(kind="tiny", name="mine").made
    source.write_bytes(b"GGUF and another model")
    with pytest.raises(ModelError, match="made of something else"):
        _ = job(name="mine").made


def test_two_do_not_make_the_same_at_once(job: Callable[..., Quantising], tmp_path: Path) -> None:
    with job().alone(tmp_path / "locks"):
        with pytest.raises(ModelError) as caught, job().alone(tmp_path / "locks"):
            pass
        assert caught.value.code == "model.in_the_making"
        with job(kind="tiny").alone(tmp_path / "locks"):
            pass


def test_what_cannot_quantise_says_how_to_install_it(source: Path, tmp_path: Path) -> None:
    absent = folder_maker(tmp_path, tmp_path / "text.txt")
    with pytest.raises(ModelError) as caught:
        asyncio.run(Quantising(source, absent, "fp8", tmp_path).sizes())
    assert caught.value.code == "model.no_compressor"
    environment = tmp_path / ".venv-quantise"
    assert f"-m venv {environment} && " in caught.value.hint
    assert f"--require-hashes -r {resource('requirements', 'quantise.lock')}" in caught.value.hint


def test_a_folder_is_not_quantised_to_a_type_of_llama(source: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        Quantising(source, folder_maker(tmp_path, tmp_path / "text.txt"), "Q4_K_M", tmp_path)
    assert "fp8, int8, gptq, awq" in caught.value.hint


def folder_sizes(folder: Path, kind: str) -> Sizes:
    """What the real child says of a folder in a dry run, which needs only the standard library."""
    child = sys.executable, "-I", str(HERE / "folder_quantiser.py"), "no-text-is-read"
    maker = Maker(child, {kind: kind}, "")
    return asyncio.run(Quantising(folder, maker, kind, folder.parent / "quantised").sizes())


def test_the_size_of_a_folder_is_foretold_from_its_headers(tmp_path: Path) -> None:
    tensors = {
        "model.embed_tokens.weight": ("F32", [1024, 256]),  # 1 MiB, stored in 16 bits afterwards
        "model.layers.0.mlp.up_proj.weight": ("F32", [2048, 1024]),  # 8 MiB
        "model.layers.0.input_layernorm.weight": ("F32", [256]),
    }
    folder = write_folder(tmp_path / "model", CONFIG, tensors)
    eight, four = folder_sizes(folder, "fp8"), folder_sizes(folder, "gptq")
    assert eight.before_mib == pytest.approx(9, abs=0.01)
    assert eight.before_bits == 32.0
    assert eight.after_mib == pytest.approx(0.5 + 2, abs=0.01)
    assert four.after_mib == pytest.approx(0.5 + 1 + 20 / 32 / 4, abs=0.01)  # groups of 32, at worst


def test_a_folder_that_is_quantised_is_refused(tmp_path: Path) -> None:
    tensors = {"model.layers.0.mlp.up_proj.weight": ("F8_E4M3", [64, 64])}
    config = {**CONFIG, "quantization_config": {"quant_method": "compressed-tensors"}}
    with pytest.raises(ModelError, match="quantised already"):
        folder_sizes(write_folder(tmp_path / "model", config, tensors), "fp8")


def test_the_progress_of_layers_is_read(job: Callable[..., Quantising]) -> None:
    code = "import sys; print('(3/31): Calibrating:  10%|#'); open(sys.argv[2], 'w').write('x')"
    assert make(job(code)) == [(3, 31)]


def test_llamas_types_come_from_large_to_small() -> None:
    types = gguf_maker().types
    order = ["F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0", "Q2_K"]
    assert [kind for kind in types if kind in order] == order
