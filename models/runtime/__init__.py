"""Running a language model: llama.cpp in a child process, its answers as a stream of events.

The application comes through ``Model`` (``models.runtime.client``). This module imports nothing, so that naming a
model costs nothing.
"""
