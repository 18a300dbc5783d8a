"""Child process: llama.cpp's own HTTP server from the package `xllamacpp`, on the loopback interface.

Runs as a script, isolated, and knows nothing of the rest of the program:
``python -I llama_server.py --model FILE --context TOKENS --port PORT --places N
[--threads N --prompt-threads N]``. It generates N answers side by side, each with a context of its own.
Without threads it computes as llama.cpp's own server program would, to compare with, where the places share
the context; a context of 0 tokens is the model's own. The key that every
request has to carry comes in the variable `JARVIS_ENGINE_KEY`, never as an argument, which all can read.
Prints ``listening URL`` once the model is loaded; ends with status 1 when it cannot be.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from typing import Any

KEY_VARIABLE = "JARVIS_ENGINE_KEY"
_PROMPT_CACHE_MIB = 512
"""Prompts of other conversations kept in memory; llama.cpp's own 8192 is too much for a desktop."""

_OWN_PLACES = 4  # what llama.cpp's server program chooses

_STEP_TOKENS = 64
"""Tokens of a prompt per step on the processor.

An abort takes effect between two steps: with llama.cpp's own 2048 the next question waited 27 s for an
aborted one. 64 costs 4 % of the speed there; graphics cards keep llama.cpp's own.
"""


def serve(arguments: argparse.Namespace, key: str) -> None:
    """Load the model and answer until the process is killed."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = arguments.model
    params.hostnames = ["127.0.0.1"]
    params.port = arguments.port
    params.api_keys = [key]
    params.n_ctx = arguments.context
    params.n_parallel = arguments.places
    if not arguments.threads:
        params.kv_unified = arguments.places > 1
    else:
        kinds = {device["type"] for device in xllamacpp.get_device_info()}
        on_cpu = kinds == {xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_CPU}
        _tune(params, arguments.threads, arguments.prompt_threads, on_cpu)
    params.fit_params = False  # the context is what the settings say, or loading fails
    params.ui = False
    params.offline = True
    params.cors_origins = ""  # pages in a browser have no business here
    params.cors_credentials = False
    params.endpoint_slots = True
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as error:
        sys.exit(f"error: {error}")
    # The server installs handlers that only end its own loop; this process has nothing to tidy up.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _tell(f"listening {server.listening_address}")
    threading.Event().wait()


def _tune(params: Any, threads: int, prompt_threads: int, on_cpu: bool) -> None:
    """What makes answers faster here, or keeps them from slowing other programs down."""
    params.n_ctx *= params.n_parallel  # llama.cpp divides it
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    if on_cpu:
        params.n_batch = params.n_ubatch = _STEP_TOKENS
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = prompt_threads
    # Waiting threads sleep instead of spinning; see docs/decisions/0004-engines-over-http.md.
    params.cpuparams.poll = params.cpuparams_batch.poll = 0


def main() -> None:
    """Parse the arguments, take the key out of the environment, serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--context", type=int, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--places", type=int, default=_OWN_PLACES)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--prompt-threads", type=int, default=0)
    serve(parser.parse_args(), os.environ.pop(KEY_VARIABLE))


def _tell(line: str) -> None:
    """One write that begins with a line end: log lines of other threads come in between at any point."""
    os.write(1, f"\n{line}\n".encode())


if __name__ == "__main__":
    main()
