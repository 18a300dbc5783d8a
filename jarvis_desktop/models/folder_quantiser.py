"""Program of its own in the environment of llm-compressor: quantises a folder of safetensors for vLLM.

Runs as a script, isolated, and knows nothing of the rest of the program:
``python -I folder_quantiser.py CALIBRATION SOURCE TARGET TYPE [--dry-run]``, with CALIBRATION a text file.
Prints what `gguf_quantiser` prints; llm-compressor itself prints ``(DONE/TOTAL): ...`` for layers. A dry run
reads headers only and needs nothing but the standard library.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from pathlib import Path
from typing import Any

BITS = {"fp8": 8, "int8": 8, "gptq": 4, "awq": 4}
_CALIBRATED = ("int8", "gptq", "awq")
_KEPT = ("embed", "lm_head", "norm")
"""In the names of weights that stay as they are: they are small, or matter most."""

_SAMPLES, _SAMPLE_TOKENS = 32, 256
"""Of the calibration text: as much of it as models of this program's size need, in minutes on a processor."""

_GROUPS = (128, 64, 32)
"""Weights that share a scale, the usual number first; every row has to hold a whole number of groups."""

_GROUPED, _GROUP_BITS = 4, 20  # what has groups, and a scale of 16 bits and a zero point of 4 for each


def main() -> None:
    """Write the folder TARGET, or end with status 1; what is half written is the caller's to remove."""
    parser = argparse.ArgumentParser()
    parser.add_argument("calibration", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("type", choices=BITS)
    parser.add_argument("--dry-run", action="store_true")
    arguments = parser.parse_args()
    try:
        _tell_sizes(arguments.source, BITS[arguments.type])
        if not arguments.dry_run:
            _make(arguments.source, arguments.target, arguments.type, arguments.calibration)
    except Exception as error:  # of any library: the last line tells it, whatever it is
        _tell(f"trouble {' '.join(f'{type(error).__name__}: {error}'.split())[:300]}")
        sys.exit(1)


def _tell_sizes(source: Path, bits: int) -> None:
    """From the headers; see https://github.com/huggingface/safetensors#format."""
    if "quantization_config" in json.loads((source / "config.json").read_text(encoding="utf-8")):
        raise ValueError("it is quantised already; begin with the model as its makers published it")
    before = after = weights = 0
    stored = bits + _GROUP_BITS / min(_GROUPS) if bits == _GROUPED else bits
    for path in sorted(source.glob("*.safetensors")):
        with path.open("rb") as file:
            header: dict[str, Any] = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            count = math.prod(entry["shape"])
            stays = len(entry["shape"]) < 2 or any(part in name for part in _KEPT)
            weights += count
            before += end - begin
            after += min(end - begin, 2 * count) if stays else round(count * stored / 8)
    _tell(f"before {before / 2**20:.2f} {8 * before / max(1, weights):.2f}")
    _tell(f"after {after / 2**20:.2f}")


def _make(source: Path, target: Path, kind: str, calibration: Path) -> None:
    os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
    import torch
    from llmcompressor import oneshot
    from transformers import AutoModelForCausalLM, AutoTokenizer

    # in 32 bits where errors are weighed against each other; what is left is stored in 16, as vLLM computes
    dtype = torch.float32 if kind in _CALIBRATED else torch.bfloat16
    tokenizer = AutoTokenizer.from_pretrained(source)
    model = AutoModelForCausalLM.from_pretrained(source, dtype=dtype)
    samples = _samples(tokenizer, calibration) if kind in _CALIBRATED else {}
    if not torch.accelerator.is_available():
        _pin_nothing()
    oneshot(model=model, recipe=_recipe(model, kind), **samples)
    model.to(torch.bfloat16)
    model.save_pretrained(target, save_compressed=True)
    tokenizer.save_pretrained(target)
    for file in target.iterdir():
        with file.open("rb+") as written:
            os.fsync(written.fileno())


def _recipe(model: Any, kind: str) -> Any:
    from llmcompressor.modifiers.awq import AWQModifier
    from llmcompressor.modifiers.quantization import GPTQModifier, QuantizationModifier

    kept = ["lm_head"]
    if kind == "fp8":
        return QuantizationModifier(targets="Linear", scheme="FP8_DYNAMIC", ignore=kept)
    if kind == "int8":
        return GPTQModifier(targets="Linear", scheme="W8A8", ignore=kept)
    four_bits = AWQModifier if kind == "awq" else GPTQModifier
    return four_bits(config_groups={"group_0": _four_bits(model)}, ignore=kept)


def _four_bits(model: Any) -> Any:
    from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme
    from torch.nn import Linear

    columns = [
        module.in_features
        for name, module in model.named_modules()
        if isinstance(module, Linear) and "lm_head" not in name
    ]
    group = next((size for size in _GROUPS if all(count % size == 0 for count in columns)), None)
    if group is None:
        raise ValueError("its layers cannot be divided into groups for 4 bits; take fp8 or int8")
    weights = QuantizationArgs(num_bits=4, type="int", symmetric=False, strategy="group", group_size=group)
    return QuantizationScheme(targets=["Linear"], weights=weights)


def _samples(tokenizer: Any, calibration: Path) -> dict[str, Any]:
    from datasets import Dataset

    ids = tokenizer(calibration.read_text(encoding="utf-8"))["input_ids"]
    starts = range(0, min(len(ids), _SAMPLES * _SAMPLE_TOKENS) - _SAMPLE_TOKENS + 1, _SAMPLE_TOKENS)
    rows = [ids[start : start + _SAMPLE_TOKENS] for start in starts]
    data = Dataset.from_dict({"input_ids": rows, "attention_mask": [[1] * _SAMPLE_TOKENS] * len(rows)})
    return {"dataset": data, "num_calibration_samples": len(rows), "max_seq_length": _SAMPLE_TOKENS}


def _pin_nothing() -> None:
    """llm-compressor 0.14.0.1 pins memory for AWQ without asking whether there is an accelerator."""
    from llmcompressor.pipelines.cache import IntermediatesCache

    IntermediatesCache.pin_memory = lambda self, *arguments, **options: None


def _tell(line: str) -> None:
    os.write(1, f"\n{line}\n".encode())


if __name__ == "__main__":
    main()
