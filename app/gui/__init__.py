"""The window: a presenter of ``app.assistant``'s events and of the three libraries, with no logic of theirs.

The one package that knows Qt. ``start.py`` tells how it comes up; ``job.py`` is the only way in which anything slow is
done; ``words.py`` and ``theme/`` are what every view speaks and looks like; each area has a folder with small views and
a presenter that can be tested without a screen.
"""
