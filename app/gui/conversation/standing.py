"""What stands in the way of a good answer, in one sentence with one thing to do about it. Knows no widget."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.gui.desk_states import BaseState, ModelState, Readiness
from app.wording import Wording


class Remedy(StrEnum):
    """What the button beside the sentence does."""

    NONE = ""
    UNLOCK = "gui.conversation.base_unlock"
    BASES = "gui.conversation.base_another"
    MODELS = "gui.conversation.model_choose"


@dataclass(frozen=True, slots=True)
class Standing:
    """``warning`` is False for what will be over soon by itself."""

    text: str
    remedy: Remedy = Remedy.NONE
    warning: bool = True


def standing(base: BaseState, model: ModelState, wording: Wording) -> Standing | None:
    """Return what is to be said, the base before the model; None where all is well."""
    say = wording.say
    if base.passphrase_wanted:
        return Standing(say("gui.conversation.base_locked", name=base.name), Remedy.UNLOCK, warning=False)
    if base.error:
        return Standing(say("gui.conversation.base_failed", name=base.name, error=base.error), Remedy.BASES)
    if base.opening and base.demo:
        files = wording.count("file_of", base.to_prepare)
        text = say("gui.conversation.base_preparing", done=base.prepared, files=files)
        return Standing(
            text if base.to_prepare else say("gui.conversation.base_opening", name=base.name), warning=False
        )
    if model.state is Readiness.FAILED:
        return Standing(_model_failed(model, wording), Remedy.MODELS)
    return None


def _model_failed(model: ModelState, wording: Wording) -> str:
    if not model.name:
        return wording.say("gui.conversation.model_failed_any", error=model.error)
    return wording.say("gui.conversation.model_failed", name=model.name, error=model.error)
