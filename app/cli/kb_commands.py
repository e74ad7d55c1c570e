"""``offlite kb``: the group of commands about a knowledge base. Each verb says of itself what it takes."""

from __future__ import annotations

import argparse

from app.cli import arguments, kb_add, kb_check, kb_documents, kb_embed, kb_search, kb_transfer, kb_upkeep
from app.wording import Wording


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the group and its verbs."""
    parser = arguments.command(subparsers, "kb", wording, key="kb")
    verbs: argparse._SubParsersAction[argparse.ArgumentParser] = parser.add_subparsers(
        title=wording.say("help.commands"), metavar=wording.say("metavar.command"), required=True
    )
    for module in (kb_add, kb_search, kb_documents, kb_upkeep, kb_check, kb_transfer, kb_embed):
        module.add_to(verbs, wording)
