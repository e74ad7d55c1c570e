"""What a preview costs to make, in the child process: the request says what is wanted, the reply is JSON.

Called by ``kb.extraction_worker``; imports what a kind of preview needs when the first one comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kb.places import Cell, place_from_json
from kb.preview import facts


def preview(path: Path, request: Mapping[str, Any], alive: Callable[[], None]) -> dict[str, Any]:
    """Return what ``request`` asks for.

    Raises:
        ReadError: one of its subclasses.
    """
    place = place_from_json(request["place"]) if request["place"] else None
    quotation = str(request["quotation"])
    match request["preview"]:
        case "page":
            from kb.preview.pages import page_image

            page, first = int(request["page"]), request["first"]
            width = int(request["width"])
            return facts.page_to_json(page_image(path, page, quotation, width=width, first=first))
        case "grid":
            from kb.preview.grids import grid

            cell = place if isinstance(place, Cell) else None
            return facts.grid_to_json(grid(path, cell, quotation, sheet=str(request["sheet"]), at=request["at"]))
        case _:
            from kb.preview.texts import excerpt

            made = excerpt(path, place, quotation, at=request["at"], ocr=bool(request["ocr"]), alive=alive)
            return facts.excerpt_to_json(made)
