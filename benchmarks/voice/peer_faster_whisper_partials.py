"""The chain of `peer_faster_whisper`, decoding the utterance under way anew every second to show it."""

from __future__ import annotations

from harness import main
from peer_faster_whisper import FasterWhisper


class FasterWhisperPartials(FasterWhisper):
    """The whole utterance again, greedy, each second in which the last decode is done."""

    name = "faster-whisper+partials"
    partial_every = 1.0


if __name__ == "__main__":
    main(FasterWhisperPartials)
