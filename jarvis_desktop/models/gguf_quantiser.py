"""Child process: llama.cpp's own quantiser from the package `cyllama`.

Runs as a script, isolated, and knows nothing of the rest of the program:
``python -I gguf_quantiser.py SOURCE TARGET TYPE [--dry-run]``, with TYPE a number of llama.h's `llama_ftype`.
Prints ``progress DONE TOTAL`` (tensors), ``before MIB BITS`` (for a weight) and ``after MIB``; ``trouble
TEXT`` with status 1 when it cannot be done. A dry run only tells the sizes.
"""

from __future__ import annotations

import argparse
import os
import re
import sys

_TENSOR = re.compile(r"\[\s*(\d+)/\s*(\d+)\]")
_BEFORE = re.compile(r"model size\s*=\s*([\d.]+) MiB \(([\d.]+) BPW\)")
_AFTER = re.compile(r"quant size\s*=\s*([\d.]+) MiB")
_ERROR = 4  # ggml.h, ggml_log_level
_ALL_CORES = 0


def main() -> None:
    """Write TARGET, or end with status 1; what is half written is the caller's to remove."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("type", type=int)
    parser.add_argument("--dry-run", action="store_true")
    arguments = parser.parse_args()
    from cyllama.llama import llama_cpp

    troubles = ["llama.cpp gives no reason"]

    def log(level: int, text: str) -> None:
        if level == _ERROR:
            troubles.append(text)
        elif tensor := _TENSOR.match(text):
            _tell(f"progress {tensor[1]} {tensor[2]}")
        elif size := _BEFORE.search(text):
            _tell(f"before {size[1]} {size[2]}")
        elif size := _AFTER.search(text):
            _tell(f"after {size[1]}")

    llama_cpp.set_log_callback(log)
    params = llama_cpp.LlamaModelQuantizeParams()
    params.ftype = arguments.type
    params.nthread = _ALL_CORES
    params.allow_requantize = True  # the caller has told what that costs
    params.dry_run = arguments.dry_run
    try:
        llama_cpp.model_quantize(arguments.source, arguments.target, params)
    except RuntimeError:
        reason = troubles[-1].rpartition("failed to quantize: ")[2]
        _tell(f"trouble {' '.join(reason.split())}")
        sys.exit(1)
    if not arguments.dry_run:
        with open(arguments.target, "rb+") as file:  # noqa: PTH123 - a plain script
            os.fsync(file.fileno())


def _tell(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main()
