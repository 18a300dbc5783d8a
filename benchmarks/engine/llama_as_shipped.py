"""llama.cpp's server with its makers' choices: ``python llama_as_shipped.py MODEL CONTEXT PLACES``.

A context of 0 tokens is the model's own. Prints ``listening URL``.
"""

from __future__ import annotations

import sys
import threading

import xllamacpp


def main(model: str, context: int, places: int) -> None:
    """Serve until killed."""
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = context
    params.n_parallel = places
    params.kv_unified = places > 1
    params.fit_params = False
    server = xllamacpp.Server(params)
    print(f"listening {server.listening_address}", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
