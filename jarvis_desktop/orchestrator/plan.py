"""How much memory all models together will take, worked out before any of them is loaded.

Amounts are MiB. The constants were fitted to the starter models (docs/decisions/0012-memory-plan.md); what a
model was seen to take on this machine goes before what is computed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from jarvis_desktop.config.schema import Engine
from jarvis_desktop.events import Remark
from jarvis_desktop.orchestrator.headers import ModelShape

MIB = 1024 * 1024

Device = Literal["cpu", "gpu"]
DEVICES: tuple[Device, ...] = ("gpu", "cpu")

RESERVE_MIB: Mapping[Device, int] = {"cpu": 512, "gpu": 256}
"""Left to the system and the desktop on each device."""

_LLAMA_MIB = 33  # interpreter and library
_LLAMA_BYTES_PER_WORD = 154  # of the vocabulary, in the tokenizer
_LLAMA_STEP_TOKENS = 64  # for each it keeps the vocabulary's scores

_VLLM_MIB = 1420  # three interpreters with torch
_VLLM_BYTES_PER_WORD = 3300  # of the vocabulary, in the tokenizers
_VLLM_PACKING = 0.45  # of the weights: memory their rearrangement leaves unused, processors only
_VLLM_GPU_MIB = 900  # CUDA context and captured graphs
_VLLM_ACTIVATIONS = 3  # values of the widest layer held for each token of a step, 16 bits each

SHORTEST_CONTEXT = 1024
"""Tokens of context below which a smaller model is the better choice."""

_LOWEST_SHARE, _SHARE_STEP = 0.1, 0.01


@dataclass(frozen=True, slots=True)
class Memory:
    """Of main memory or a graphics card: what Jarvis may use now, and all there is."""

    free_mib: float
    total_mib: float


@dataclass(frozen=True, slots=True)
class Machine:
    """`free_mib` counts in what Jarvis' own models hold now: a plan takes their place.

    `gpu` is None where no graphics card can be read.
    """

    ram: Memory
    gpu: Memory | None = None
    gpu_name: str = ""


@dataclass(frozen=True, slots=True)
class PlanPart:
    """One model's share of the memory of `device`; `learned` says that it was measured here before."""

    name: str
    kind: str
    device: Device
    weights_mib: float
    kv_mib: float
    overhead_mib: float
    learned: bool = False

    @property
    def total_mib(self) -> float:
        return self.weights_mib + self.kv_mib + self.overhead_mib


@dataclass(frozen=True, slots=True)
class Plan:
    """What the whole stack will take. `engine` are the settings it starts with, fitted to the card in use.

    `startable` is False where the settings contradict each other, however much memory there is. `on_demand`
    are models that load when a question asks for them, and for which others leave memory where they must.
    """

    device: Device
    machine: Machine
    parts: tuple[PlanPart, ...]
    engine: Engine
    advice: tuple[Remark, ...]
    startable: bool = True
    on_demand: tuple[PlanPart, ...] = ()

    def memory(self, device: Device) -> Memory:
        """Of the device; nothing where there is none."""
        return self.machine.ram if device == "cpu" else self.machine.gpu or Memory(0.0, 0.0)

    def total_mib(self, device: Device) -> float:
        """What all parts on the device take."""
        return sum(part.total_mib for part in self.parts if part.device == device)

    def missing_mib(self, device: Device) -> float:
        """By how much the parts exceed what is free; 0 where they fit."""
        total = self.total_mib(device)
        return max(0.0, total + RESERVE_MIB[device] - self.memory(device).free_mib) if total else 0.0

    @property
    def fits(self) -> bool:
        return self.startable and not self.missing_mib("cpu") and not self.missing_mib("gpu")


def make_plan(
    engine: Engine,
    shape: ModelShape | None,
    others: Sequence[PlanPart],
    machine: Machine,
    *,
    learned_mib: Callable[[Engine], float | None] = lambda _: None,
    alternatives: Mapping[str, ModelShape] | None = None,
) -> Plan:
    """The plan for a language model of `shape` (None: on a server elsewhere) beside `others`.

    `learned_mib` gives what the engine was seen to take with these settings; `alternatives` are other models
    that could be advised, by name.
    """
    engine = fitted(engine, machine)
    device = engine_device(engine, machine)

    def planned(settings: Engine, model: ModelShape) -> Plan:
        part = engine_part(settings, model, machine, learned_mib(settings))
        startable = settings.kind != "vllm" or _has_room_for_one(settings, model, part, machine)
        return Plan(device, machine, (part, *others), settings, (), startable)

    if shape is None:
        return Plan(device, machine, tuple(others), engine, ())
    plan = planned(engine, shape)
    # What makes it fit comes first: it is also what a refused change is answered with.
    advice = [*_about_size(plan, shape, planned, alternatives or {}), *_about_settings(plan, shape)]
    return replace(plan, advice=tuple(advice))


def with_on_demand(plan: Plan, parts: Sequence[PlanPart]) -> Plan:
    """`plan` with models that load when a question asks for them, and what to expect of each."""
    return replace(
        plan, on_demand=tuple(parts), advice=(*plan.advice, *(_told(plan, part) for part in parts))
    )


def _told(plan: Plan, part: PlanPart) -> Remark:
    params = {"model": part.name, "mib": round(part.total_mib), "other": plan.parts[0].name}
    free = plan.memory(part.device).free_mib - RESERVE_MIB[part.device]
    if part.total_mib > free:
        return Remark("{model} takes {mib} MiB, more than is free: {other} answers in its place.", params)
    if plan.total_mib(part.device) + part.total_mib > free:
        return Remark(
            "{model} takes {mib} MiB once a question asks for it: other models leave memory for it then.",
            params,
        )
    return Remark("{model} takes {mib} MiB more once a question asks for it.", params)


def engine_device(engine: Engine, machine: Machine) -> Device:
    """Where the language model will lie; llama.cpp's usual builds are for processors."""
    return "gpu" if engine.kind == "vllm" and machine.gpu is not None else "cpu"


def fitted(engine: Engine, machine: Machine) -> Engine:
    """`engine` with a share of the card that is free: vLLM does not start when others have taken it."""
    if engine.kind != "vllm" or machine.gpu is None:
        return engine
    free = (machine.gpu.free_mib - RESERVE_MIB["gpu"]) / machine.gpu.total_mib
    share = min(engine.vllm.gpu_memory_utilization, math.floor(free / _SHARE_STEP) * _SHARE_STEP)
    share = round(max(_LOWEST_SHARE, share), 2)
    return engine.model_copy(
        update={"vllm": engine.vllm.model_copy(update={"gpu_memory_utilization": share})}
    )


def engine_part(
    engine: Engine, shape: ModelShape, machine: Machine, learned_mib: float | None = None
) -> PlanPart:
    """The language model's part; a learned total corrects the overhead."""
    device = engine_device(engine, machine)
    weights = shape.weights_bytes / MIB
    if engine.kind == "vllm":
        kv, overhead = _vllm(engine, shape, machine, device)
    else:
        # llama.cpp keeps the context asked for, also where the model was trained for less.
        kv = shape.kv_bytes(engine.context_tokens) / MIB * max(1, engine.places)
        overhead = llama_overhead(shape)
    if learned_mib is not None:
        overhead = max(0.0, learned_mib - weights - kv)
    name = Path(engine.model).name  # a model of the user's own is set by its path
    return PlanPart(name, "chat", device, weights, kv, overhead, learned_mib is not None)


def llama_overhead(shape: ModelShape) -> float:
    """MiB that llama.cpp takes beside weights and cache."""
    scores = _LLAMA_STEP_TOKENS * shape.vocabulary * 4
    words = _LLAMA_BYTES_PER_WORD * shape.vocabulary
    return _LLAMA_MIB + (words + scores + shape.repacked_bytes) / MIB


def _vllm(engine: Engine, shape: ModelShape, machine: Machine, device: Device) -> tuple[float, float]:
    """Cache and overhead. On a card vLLM takes its share as a whole: the cache is what the rest leaves."""
    vllm, weights = engine.vllm, shape.weights_bytes / MIB
    widest = max(shape.feed_forward, shape.embedding)
    activations = vllm.max_num_batched_tokens * widest * _VLLM_ACTIVATIONS * 2 / MIB
    if device == "cpu":
        words = _VLLM_BYTES_PER_WORD * shape.vocabulary / MIB
        base = _VLLM_MIB + words + _VLLM_PACKING * weights
        return vllm.cpu_kv_cache_gb * 1024, base + activations
    assert machine.gpu is not None
    overhead = _VLLM_GPU_MIB + activations + vllm.max_num_seqs * shape.vocabulary * 4 / MIB
    rest = vllm.gpu_memory_utilization * machine.gpu.total_mib - weights - overhead
    return max(rest, _one_conversation(engine, shape)), overhead


def _one_conversation(engine: Engine, shape: ModelShape) -> float:
    """Keys and values of a conversation as long as vLLM allows, which is what the model was trained for."""
    return shape.kv_bytes(min(engine.context_tokens, shape.trained_context or engine.context_tokens)) / MIB


# --- advice -----------------------------------------------------------------------------------------------


def _about_settings(plan: Plan, shape: ModelShape) -> Sequence[Remark]:
    """Settings that cannot work, or gain nothing, whatever the memory."""
    engine, found = plan.engine, []
    context = engine.context_tokens
    if shape.trained_context and context > shape.trained_context:
        found.append(
            Remark(
                "{model} was trained for {tokens} tokens of context: more takes memory and gains nothing.",
                {"model": plan.parts[0].name, "tokens": shape.trained_context},
            )
        )
    if not plan.startable and plan.device == "cpu":
        found.append(
            Remark(
                "One conversation of full length needs {gib} GiB: raise engine.vllm.cpu_kv_cache_gb, or "
                "lower engine.context_tokens.",
                {"gib": math.ceil(_one_conversation(engine, shape) / 256) / 4},
            )
        )
    elif not plan.startable and not plan.missing_mib("gpu"):
        share = plan.parts[0].total_mib / plan.memory("gpu").total_mib
        found.append(
            Remark(
                "Raise engine.vllm.gpu_memory_utilization to {share}, or lower engine.context_tokens.",
                {"share": math.ceil(share / _SHARE_STEP) * _SHARE_STEP},
            )
        )
    return found


def _has_room_for_one(engine: Engine, shape: ModelShape, part: PlanPart, machine: Machine) -> bool:
    """Whether vLLM's cache holds one conversation of full length; else it does not start."""
    if part.device == "cpu" or machine.gpu is None:
        return _one_conversation(engine, shape) <= part.kv_mib
    return part.total_mib <= engine.vllm.gpu_memory_utilization * machine.gpu.total_mib + 1


def _about_size(
    plan: Plan,
    shape: ModelShape,
    planned: Callable[[Engine, ModelShape], Plan],
    alternatives: Mapping[str, ModelShape],
) -> Sequence[Remark]:
    """What would make the plan fit, the smallest sacrifice first; nothing where it fits."""
    if not plan.missing_mib("cpu") and not plan.missing_mib("gpu"):
        return ()
    found, engine = [], plan.engine
    if engine.places > 1:
        each = plan.parts[0].kv_mib / engine.places
        found.append(
            Remark(
                "Allow fewer answers at once in server.concurrent: each takes {mib} MiB.",
                {"mib": round(each)},
            )
        )
    if (context := _context_that_fits(plan, shape, planned)) is not None:
        found.append(
            Remark(
                "Lower engine.context_tokens to {tokens}: that saves {mib} MiB.",
                {
                    "tokens": context.engine.context_tokens,
                    "mib": round(plan.parts[0].total_mib - context.parts[0].total_mib),
                },
            )
        )
    smaller = {
        name: planned(engine.model_copy(update={"model": name}), model)
        for name, model in alternatives.items()
        if model.weights_bytes < shape.weights_bytes
    }
    fitting = [name for name, other in smaller.items() if other.fits]
    if fitting:
        best = max(fitting, key=lambda name: alternatives[name].weights_bytes)
        mib = round(smaller[best].parts[0].total_mib)
        found.append(Remark("Choose the model {model}: it takes {mib} MiB.", {"model": best, "mib": mib}))
    device: Device = "cpu" if plan.missing_mib("cpu") else "gpu"
    missing = math.ceil(plan.missing_mib(device))
    if device == "gpu":
        found.append(
            Remark("Close programs that use the graphics card: {mib} MiB are missing.", {"mib": missing})
        )
    else:
        found.append(Remark("Close other programs: {mib} MiB of memory are missing.", {"mib": missing}))
    return found


def _context_that_fits(
    plan: Plan, shape: ModelShape, planned: Callable[[Engine, ModelShape], Plan]
) -> Plan | None:
    """With the longest context, halved from the one wanted, that fits."""
    tokens = min(plan.engine.context_tokens, shape.trained_context or plan.engine.context_tokens) // 2
    while tokens >= SHORTEST_CONTEXT:
        shorter = planned(plan.engine.model_copy(update={"context_tokens": tokens}), shape)
        if shorter.fits:
            return shorter
        tokens //= 2
    return None
