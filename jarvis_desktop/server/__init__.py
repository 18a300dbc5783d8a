"""Jarvis for other programs on this machine, by OpenAI's protocol. Runs in a thread and loop of its own."""
