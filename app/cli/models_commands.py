"""``offlite models``: the group of commands about language models. Each verb says of itself what it takes."""

from __future__ import annotations

import argparse

from app.cli import arguments, models_files, models_fit, models_list, models_pull
from app.wording import Wording


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the group and its verbs."""
    parser = arguments.command(subparsers, "models", wording, key="models")
    verbs: argparse._SubParsersAction[argparse.ArgumentParser] = parser.add_subparsers(
        title=wording.say("help.commands"), metavar=wording.say("metavar.command"), required=True
    )
    for module in (models_list, models_fit, models_files, models_pull):
        module.add_to(verbs, wording)
