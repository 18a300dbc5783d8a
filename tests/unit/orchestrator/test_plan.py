"""The plan says before loading whether everything fits, and its advice is worth following."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.config.schema import Config, Engine, Routing, Server, VllmSettings
from jarvis_desktop.errors import ModelError
from jarvis_desktop.events import Part, ResourcesSampled
from jarvis_desktop.orchestrator.headers import ModelShape, read_shape
from jarvis_desktop.orchestrator.learned import Learned, Shapes
from jarvis_desktop.orchestrator.plan import (
    RESERVE_MIB,
    Machine,
    Memory,
    Plan,
    PlanPart,
    engine_part,
    make_plan,
)
from jarvis_desktop.orchestrator.planner import ModelSize, Planner, machine_from
from tests.unit.orchestrator.model_files import CONFIG, LLAMA, write_folder, write_gguf

GIB = 1024
WHISPER = PlanPart("whisper-base", "transcription", "cpu", 143, 0, 247)


def seven_billion(weights_gib: float = 4.4) -> ModelShape:
    """About the sizes of Qwen2.5-7B with four bits a weight."""
    return ModelShape(
        weights_bytes=round(weights_gib * 2**30),
        kv_values=28 * 4 * 128 * 2,
        vocabulary=152_064,
        embedding=3584,
        feed_forward=18_944,
        layers=28,
        trained_context=32_768,
    )


def computer(free_gib: float) -> Machine:
    return Machine(Memory(free_gib * GIB, 24 * GIB))


def card(free_gib: float, total_gib: float = 16) -> Machine:
    return Machine(Memory(30 * GIB, 32 * GIB), Memory(free_gib * GIB, total_gib * GIB), "RTX 4080")


def plan(engine: Engine, machine: Machine, shape: ModelShape | None = None) -> Plan:
    return make_plan(engine, shape or seven_billion(), [WHISPER], machine)


def vllm(share: float = 0.92, context: int = 8192, **settings: float) -> Engine:
    return Engine(
        kind="vllm",
        model="seven",
        context_tokens=context,
        vllm=VllmSettings(gpu_memory_utilization=share, **settings),  # type: ignore[arg-type]
    )


# --- sizes ------------------------------------------------------------------------------------------------


def test_everything_is_counted_together() -> None:
    found = plan(Engine(model="seven", context_tokens=8192), computer(8))
    engine, whisper = found.parts
    assert engine.kv_mib == 448  # 56 KiB a token
    assert engine.weights_mib == pytest.approx(4.4 * GIB, abs=1)
    assert found.total_mib("cpu") == engine.total_mib + whisper.total_mib
    assert (found.device, found.fits, found.advice) == ("cpu", True, ())


@given(free=st.floats(0, 64), context=st.sampled_from([1024, 4096, 16384, 32768]), weights=st.floats(0.1, 40))
def test_a_plan_that_fits_never_takes_what_is_not_free(free: float, context: int, weights: float) -> None:
    found = plan(
        Engine(model="seven", context_tokens=context),
        Machine(Memory(free * GIB, 64 * GIB)),
        seven_billion(weights),
    )
    assert found.fits == (found.total_mib("cpu") <= free * GIB - 512)
    assert found.fits or found.advice


def test_a_server_elsewhere_takes_nothing_here() -> None:
    found = make_plan(Engine(kind="remote"), None, [WHISPER], computer(4))
    assert found.parts == (WHISPER,)
    assert found.fits


# --- advice -----------------------------------------------------------------------------------------------


def test_the_context_it_advises_fits() -> None:
    machine, engine = computer(6.5), Engine(model="seven", context_tokens=32768)
    found = plan(engine, machine)
    assert not found.fits
    lower = re.search(r"context_tokens to (\d+): that saves (\d+) MiB", str(found.advice[0]))
    assert lower is not None
    followed = plan(engine.model_copy(update={"context_tokens": int(lower[1])}), machine)
    assert followed.fits
    saved = found.total_mib("cpu") - followed.total_mib("cpu")
    assert saved == pytest.approx(int(lower[2]), abs=1)


def test_it_advises_the_largest_model_that_fits() -> None:
    others = {"half": seven_billion(0.5), "one": seven_billion(1), "huge": seven_billion(20)}
    found = make_plan(
        Engine(model="seven", context_tokens=4096),
        seven_billion(),
        [WHISPER],
        computer(3),
        alternatives=others,
    )
    assert [line.params["model"] for line in found.advice if "model" in line.params] == ["one"]


def test_it_says_how_much_is_missing() -> None:
    found = plan(Engine(model="seven", context_tokens=1024), computer(4))
    (only,) = found.advice
    missing = only.params["mib"]
    assert isinstance(missing, int)
    freed = plan(Engine(model="seven", context_tokens=1024), computer(4 + missing / GIB))
    assert freed.fits


def test_more_context_than_the_model_knows_is_pointed_out() -> None:
    found = plan(Engine(model="seven", context_tokens=65536), computer(60))
    assert found.fits
    assert "trained for 32768 tokens" in str(found.advice[0])


# --- vLLM -------------------------------------------------------------------------------------------------


def test_vllm_takes_no_larger_share_than_is_free() -> None:
    found = plan(vllm(), card(free_gib=11))
    assert found.engine.vllm.gpu_memory_utilization == 0.67
    assert found.total_mib("gpu") <= 11 * GIB
    assert found.fits
    assert plan(vllm(), card(free_gib=15.8)).engine.vllm.gpu_memory_utilization == 0.92


def test_the_share_the_user_allows_is_never_exceeded() -> None:
    found = plan(vllm(share=0.5), card(free_gib=15.8))
    assert found.engine.vllm.gpu_memory_utilization == 0.5
    assert found.total_mib("gpu") == pytest.approx(8 * GIB)


def test_a_share_too_small_for_one_conversation_is_refused_with_what_would_do() -> None:
    found = plan(vllm(share=0.4), card(free_gib=15.8))
    assert not found.fits
    share = float(str(found.advice[0].params["share"]))
    assert plan(vllm(share=share), card(free_gib=15.8)).fits


def test_a_card_in_use_by_others_leaves_no_room() -> None:
    found = plan(vllm(), card(free_gib=5))
    assert not found.fits
    assert any("graphics card" in str(line) for line in found.advice)


def test_on_a_processor_its_cache_must_hold_one_conversation() -> None:
    found = plan(vllm(cpu_kv_cache_gb=0.25, context=16384), computer(20))
    assert not found.fits
    gib = float(str(found.advice[0].params["gib"]))
    assert plan(vllm(cpu_kv_cache_gb=gib, context=16384), computer(20)).fits


def test_more_tokens_a_step_take_more() -> None:
    def total(tokens: int) -> float:
        settings = vllm(max_num_batched_tokens=tokens)
        return engine_part(settings, seven_billion(), computer(20)).overhead_mib

    assert total(16384) > total(8192) > total(2048)


# --- learning ---------------------------------------------------------------------------------------------


def test_what_was_measured_goes_before_what_is_computed(tmp_path: Path) -> None:
    engine, file = Engine(model="seven", context_tokens=4096), tmp_path / "cache" / "memory.json"
    Learned(file).put(engine, 5000)
    again = Learned(file)
    part = engine_part(engine, seven_billion(), computer(8), again.get(engine))
    assert part.learned
    assert part.total_mib == pytest.approx(5000)
    for other in ({"context_tokens": 8192}, {"places": 5}):
        assert again.get(engine.model_copy(update=other)) is None


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b'{"a": "b"}', b"\xff\xfe", b'{"a": -1, "b": 1e300}'])
def test_a_damaged_file_of_measurements_costs_only_them(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "memory.json"
    file.write_bytes(content)
    assert Learned(file).get(Engine()) is None
    Learned(file).put(Engine(), 700)
    assert Learned(file).get(Engine()) == 700


def test_a_header_is_read_once_until_its_file_changes(tmp_path: Path) -> None:
    model, kept = tmp_path / "model.gguf", tmp_path / "shapes.json"
    write_gguf(model, LLAMA)
    shape = Shapes(kept).read(model)
    assert shape == read_shape(model)
    stat = model.stat()
    model.write_bytes(bytes(stat.st_size))  # can no longer be read
    os.utime(model, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert Shapes(kept).read(model) == shape
    os.utime(model)
    with pytest.raises(ModelError):
        Shapes(kept).read(model)


@pytest.mark.parametrize("found", ["-1", "null", '"no number"'])
def test_a_kept_header_that_somebody_changed_is_read_again(tmp_path: Path, found: str) -> None:
    model, kept = tmp_path / "model.gguf", tmp_path / "shapes.json"
    write_gguf(model, LLAMA)
    shape = Shapes(kept).read(model)
    kept.write_text(re.sub(r'"weights_bytes": \d+', f'"weights_bytes": {found}', kept.read_text()))
    assert Shapes(kept).read(model) == shape


# --- the machine and the catalogue ------------------------------------------------------------------------


def test_what_jarvis_holds_itself_counts_as_free() -> None:
    sampled = ResourcesSampled(
        ram_used_mib=10_000,
        ram_total_mib=16_000,
        own_ram_mib=1500,
        gpu_name="RTX 4080",
        vram_used_mib=9000,
        vram_total_mib=16_000,
        parts_mib=((Part.ENGINE, 1000.0), (Part.SPEECH, 200.0)),
        own_vram_mib=6000,
    )
    machine = machine_from(sampled)
    assert machine.ram == Memory(7200, 16_000)
    assert machine.gpu == Memory(13_000, 16_000)


def test_without_a_card_there_is_none_to_plan_for() -> None:
    assert machine_from(ResourcesSampled(1000, 8000, 100)).gpu is None


SIZES = {
    "tiny": ModelSize("chat", 100, 300),
    "whisper-base": ModelSize("transcription", 143, 390),
    "piper-en-joe": ModelSize("speech", 60, 240),
}


def planner(folder: Path) -> Planner:
    def model_path(engine: Engine) -> Path:
        if not (folder / engine.model).exists():
            raise ModelError("model.missing", "not here")
        return folder / engine.model

    return Planner(
        model_path=model_path,
        size_of=SIZES.get,
        chat_models=lambda: [path.name for path in folder.glob("*.gguf")],
        learned=Learned(folder / "learned.json"),
        shapes=Shapes(folder / "shapes.json"),
    )


def settings_for(model: str, **engine: object) -> Config:
    return Config().model_copy(update={"engine": Engine(model=model, **engine)})  # type: ignore[arg-type]


def test_the_whole_stack_is_planned_from_the_settings(tmp_path: Path) -> None:
    write_gguf(tmp_path / "small.gguf", LLAMA)
    found = planner(tmp_path).plan(settings_for("small.gguf"), computer(8))
    assert [part.name for part in found.parts] == ["small.gguf", "whisper-base", "piper-en-joe"]
    assert found.parts[1].total_mib == 390


def test_each_program_that_is_let_in_takes_a_context_of_its_own(tmp_path: Path) -> None:
    write_gguf(tmp_path / "small.gguf", LLAMA)
    alone = settings_for("small.gguf")
    served = alone.model_copy(update={"server": Server(enabled=True, concurrent=3)})
    one, four = (planner(tmp_path).plan(settings, computer(8)).parts[0] for settings in (alone, served))
    assert four.kv_mib == 4 * one.kv_mib
    assert four.total_mib - one.total_mib == 3 * one.kv_mib


def test_where_programs_that_are_let_in_take_too_much_fewer_at_once_are_advised() -> None:
    engine = Engine(model="seven", context_tokens=4096, places=9)
    found = plan(engine, computer(6))
    assert not found.fits
    assert str(found.advice[0]) == "Allow fewer answers at once in server.concurrent: each takes 224 MiB."
    assert plan(engine.model_copy(update={"places": 1}), computer(6)).fits


def with_tiers(model: str, technical: str, reasoning: str) -> Config:
    routing = Routing(technical_model=technical, reasoning_model=reasoning)
    return settings_for(model).model_copy(update={"routing": routing})


def test_models_for_kinds_of_question_are_told_and_never_make_the_rest_unfit(tmp_path: Path) -> None:
    for name in ("small.gguf", "other.gguf"):
        write_gguf(tmp_path / name, LLAMA)
    settings = with_tiers("small.gguf", "other.gguf", "other.gguf")
    plain = planner(tmp_path).plan(settings_for("small.gguf"), computer(8))
    found = planner(tmp_path).plan(settings, computer(8))
    (other,) = found.on_demand  # one that serves two kinds is one model
    assert other.name == "other.gguf"
    assert found.total_mib("cpu") == plain.total_mib("cpu")
    assert [str(line) for line in found.advice] == [
        f"other.gguf takes {round(other.total_mib)} MiB more once a question asks for it."
    ]
    just = (plain.total_mib("cpu") + RESERVE_MIB["cpu"] + 1) / 1024
    tight = planner(tmp_path).plan(settings, computer(just))
    assert tight.fits
    assert "other models leave memory for it then" in str(tight.advice[-1])


def test_a_model_for_a_kind_of_question_that_is_too_large_is_told_so(tmp_path: Path) -> None:
    write_gguf(tmp_path / "small.gguf", LLAMA)
    with write_gguf(tmp_path / "large.gguf", LLAMA).open("r+b") as file:
        file.truncate(20 << 30)  # a file with a hole takes no disk
    found = planner(tmp_path).plan(with_tiers("small.gguf", "large.gguf", "unheard-of"), computer(8))
    assert found.fits
    assert [part.name for part in found.on_demand] == ["large.gguf"]  # the other is left to whoever loads it
    assert str(found.advice[-1]).endswith("more than is free: small.gguf answers in its place.")


def test_the_engines_own_model_is_planned_once(tmp_path: Path) -> None:
    write_gguf(tmp_path / "small.gguf", LLAMA)
    assert not planner(tmp_path).plan(with_tiers("small.gguf", "small.gguf", ""), computer(8)).on_demand


def test_a_folder_for_vllm_is_planned_as_well(tmp_path: Path) -> None:
    write_folder(tmp_path / "seven", CONFIG, {"embed": ("BF16", [512, 1024])})
    found = planner(tmp_path).plan(settings_for("seven", kind="vllm"), computer(8))
    assert found.parts[0].weights_mib == 1
    assert found.parts[0].kv_mib == GIB  # engine.vllm.cpu_kv_cache_gb


def test_a_model_is_planned_before_it_is_downloaded(tmp_path: Path) -> None:
    found = planner(tmp_path).plan(settings_for("tiny"), computer(8))
    assert found.parts[0].weights_mib == 100
    assert found.parts[0].total_mib == pytest.approx(300, rel=0.5)
    with pytest.raises(ModelError):
        planner(tmp_path).plan(settings_for("unheard-of"), computer(8))


def test_transcription_lies_on_the_card_where_there_is_one(tmp_path: Path) -> None:
    write_gguf(tmp_path / "small.gguf", LLAMA)
    found = planner(tmp_path).plan(settings_for("small.gguf"), card(8))
    assert {part.name: part.device for part in found.parts}["whisper-base"] == "gpu"
