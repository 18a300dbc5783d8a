"""The assistant: runs the dialogue on real parts. This is the facade every user interface talks to."""

from jarvis_desktop.assistant.core import Assistant
from jarvis_desktop.assistant.parts import Parts

__all__ = ["Assistant", "Parts"]
