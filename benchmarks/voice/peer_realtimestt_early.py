"""RealtimeSTT beginning its final decode at 0.2 s of silence, in case the 0.6 s that end an utterance follow.

Its documentation offers this for sooner final texts at the cost of decodes that are thrown away.
"""

from __future__ import annotations

from harness import main
from peer_realtimestt import RealtimeStt


class RealtimeSttEarly(RealtimeStt):
    """`early_transcription_on_silence` switched on."""

    name = "RealtimeSTT+early"
    early_ms = 200


if __name__ == "__main__":
    main(RealtimeSttEarly)
