"""Turns a GGUF file into a model folder that vLLM can read. Runs in vLLM's own environment:

.venv-vllm/bin/python tests/e2e/vllm_model.py MODEL.gguf FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path


def unpack(gguf: Path, folder: Path) -> None:
    """Write `gguf` as float32 safetensors with tokenizer and chat template into `folder`, all or nothing."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    partial = folder.with_name(folder.name + ".part")
    partial.mkdir(parents=True, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    if not tokenizer.chat_template:
        raise SystemExit(f"{gguf} carries no chat template")
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent,
        gguf_file=gguf.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.float32,
    )
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    partial.rename(folder)


if __name__ == "__main__":
    unpack(Path(sys.argv[1]), Path(sys.argv[2]))
