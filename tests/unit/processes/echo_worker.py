"""A child process for the tests of `Worker`: answers, fails, hangs and dies when told to."""

import os
import subprocess
import sys
import threading
import time
import zlib

from jarvis_desktop.errors import Category, SpeechError
from jarvis_desktop.processes.pipe import Reply
from jarvis_desktop.processes.serve import Call, serve


def echo(call: Call) -> Reply:
    os.write(1, b"a stray print\n")
    subprocess.run([sys.executable, "-c", "print('a stray print of a grandchild')"], check=True)
    return Reply(dict(call.args), call.payload)


def environment(call: Call) -> Reply:
    return Reply({"names": sorted(os.environ), "modules": sorted(sys.modules)})


def refuse(call: Call) -> Reply:
    raise SpeechError(
        "speech.refused", "{what} is refused.", "Try {n} times.", Category.DEGRADED, what="It", n=3
    )


def blunder(call: Call) -> Reply:
    raise ValueError(call.args["secret"])


def die(call: Call) -> Reply:
    os._exit(3)


def garble(call: Call) -> Reply:
    os.write(protocol, b"this is no frame, " * 10)
    return Reply({})


def compute(call: Call) -> Reply:
    """Native work of a second or so that looks at nothing."""
    data = os.urandom(1 << 20) * 40
    for _ in range(int(call.args.get("times", 1))):
        zlib.compress(data, 9)
    return Reply({})


protocol = os.dup(1)  # before `serve` hides it
waiting = threading.Event()


def until_cancelled(call: Call) -> Reply:
    begun = time.monotonic()
    cancelled = call.cancelled.wait(60)
    waiting.set()
    return Reply({"cancelled": cancelled, "seconds": time.monotonic() - begun})


def was_cancelled(call: Call) -> Reply:
    return Reply({"cancelled": waiting.is_set()})


if __name__ == "__main__":
    serve(
        {
            f.__name__: f
            for f in (
                echo, environment, refuse, blunder, die, garble, compute, until_cancelled, was_cancelled,
            )
        }
    )  # fmt: skip
