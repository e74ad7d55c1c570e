"""Measuring a language model on this computer: how fast it loads, reads and writes, how long the first word takes, and
how near all of that comes to what the machine could do.

``run.measure`` is the generator of events; ``report`` holds what comes out. Nothing here is worded.
"""
