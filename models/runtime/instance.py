"""One life of a model: its file is checked, a child is started, the model comes into memory, and one day it ends.

All that runs in a thread of its own, so that whoever waits for the model can turn away and come back without the
loading beginning anew. Instances are never repaired: after a death ``models.runtime.client`` makes another.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path

from models.errors import ModelChanged, ModelDied, ModelsError, ModelUnloaded
from models.runtime.child import Child
from models.runtime.deaths import Death
from models.runtime.events import Loading, ModelFacts
from models.runtime.messages import Failed, Happened, Load, Loaded
from models.runtime.options import LoadOptions
from models.runtime.verification import Checksums, check_headers

HASHING_SHARE = 0.5
"""Of the loading, as far as progress is concerned, when the file has to be hashed first."""


class Instance:
    """A model on its way into memory, in it, or gone."""

    def __init__(self, options: LoadOptions, checksums: Checksums) -> None:
        self._options = options
        self._checksums = checksums
        self._changed = threading.Condition()
        self._fraction = 0.0
        self._error: ModelsError | None = None
        self._facts: ModelFacts | None = None
        self._child: Child | None = None
        self._ended = False
        threading.Thread(target=self._begin, name="model loading", daemon=True).start()

    @property
    def fraction(self) -> float:
        """How far the loading is, from 0 to 1."""
        return self._fraction

    @property
    def facts(self) -> ModelFacts:
        """What is known of the model. Only after ``child`` returned one."""
        assert self._facts is not None
        return self._facts

    @property
    def over(self) -> bool:
        """Whether nothing can be asked of it any more."""
        return self._ended or self._error is not None or (self._child is not None and self._child.over)

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None and not self._child.over else None

    def child(self) -> Child | None:
        """Return the child as soon as its model is in memory, ``None`` before.

        Raises:
            ModelsError: what went wrong with it; ModelUnloaded when it was ended.
        """
        with self._changed:
            if self._error is not None:
                raise copy(self._error)  # several may raise it, each with a traceback of its own
            if self._ended:
                raise ModelUnloaded(self._options.path)
            return self._child if self._facts is not None else None

    def wait(self, seconds: float, *, beyond: float) -> None:
        """Wait until the loading is done, has failed, or is further than ``beyond``."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._facts is not None or self.over or self._fraction > beyond, timeout=seconds
            )

    def end(self) -> None:
        """Take the model out of memory now, or stop loading it. Whoever waits has ModelUnloaded."""
        with self._changed:
            self._ended = True
            child = self._child
            self._changed.notify_all()
        if child is not None:
            child.dismiss()
            child.wait(2.0)

    def _begin(self) -> None:
        try:
            self._load()
        except ModelsError as error:
            self._fail(error)
        except Exception as error:
            self._fail(ModelDied(self._options.path, Death.FAULT, (f"{type(error).__name__}: {error}",)))

    def _load(self) -> None:
        check_headers(self._options)
        options = self._identified()
        if options is None:
            return
        with self._changed:
            if self._ended:
                return
            self._child = child = Child.start(_files(options))
        replies = child.ask(Load(options))
        begun = self._fraction
        while True:
            reply = replies.get()
            match reply:
                case Happened(event=Loading(done=done)):
                    self._progress(begun + (1 - begun) * done)
                case Loaded(facts=facts):
                    with self._changed:
                        self._facts, self._fraction = facts, 1.0
                        self._changed.notify_all()
                    return
                case Failed(error=error):
                    raise error
                case None:
                    raise child.death or ModelUnloaded(self._options.path)

    def _identified(self) -> LoadOptions | None:
        """Return the options with the SHA-256 of the file, where somebody needs it; ``None`` when ended meanwhile."""
        options = self._options
        if options.sha256 is None and options.states is None:
            return options
        sha256 = self._checksums.of(
            options.path, progress=lambda done: self._progress(HASHING_SHARE * done), stop=lambda: self._ended
        )
        if sha256 is None:
            return None
        if options.sha256 is not None and options.sha256.lower() != sha256:
            raise ModelChanged(options.path.stem, options.path)
        return replace(options, sha256=sha256)

    def _progress(self, fraction: float) -> None:
        with self._changed:
            self._fraction = max(self._fraction, fraction)
            self._changed.notify_all()

    def _fail(self, error: ModelsError) -> None:
        with self._changed:
            self._error = error
            child = self._child
            self._changed.notify_all()
        if child is not None:
            child.dismiss()


def _files(options: LoadOptions) -> Sequence[Path]:
    return (options.path, *options.adapters)
