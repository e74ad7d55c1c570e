"""The child process of ``kb.extraction``: reads and segments one document after another, or previews it.

Runs as ``python -m kb.extraction_worker``; a frozen application must do the same when started with these arguments.
Takes requests from standard input and answers on standard output, both as frames: four bytes of length (big-endian),
then JSON in UTF-8. Exits when its standard input ends, also in the middle of a document, so it never outlives its
parent. Untrusted files are opened here and nowhere else; libraries are imported when a document of their format
comes.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

HEADER = struct.Struct(">I")

ALIVE = {"alive": True}
"""Said between replies when a page has been recognised: slow, but at work. The time limit begins anew."""


def write_frame(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    """Write one message. Lone surrogates of undecodable paths travel as JSON escapes."""
    body = json.dumps(message).encode("ascii")
    stream.write(HEADER.pack(len(body)) + body)
    stream.flush()


def read_frame(stream: IO[bytes], *, longest: int) -> dict[str, Any] | None:
    """Read one message; ``None`` at the end of the stream, even in the middle of a frame.

    Raises:
        ValueError: the frame is longer than ``longest`` bytes or no JSON object.
    """
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    if length > longest:
        raise ValueError(f"a frame of {length} bytes")
    body = stream.read(length)
    if len(body) < length:
        return None
    message = json.loads(body)
    if not isinstance(message, dict):
        raise ValueError("not a JSON object")
    return message


def main() -> None:
    """Serve requests until standard input ends."""
    requests, replies = _take_streams()
    _limit_memory(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    waiting: SimpleQueue[dict[str, Any]] = SimpleQueue()
    threading.Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    while True:
        request = waiting.get()
        try:
            write_frame(replies, _answer(request, lambda: write_frame(replies, ALIVE)))
        except MemoryError:  # raised by the encoding of the reply, before any of it is written
            write_frame(replies, _hungry(request))


def _hungry(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the reply to a document that the memory limit stopped; a child so pressed asks to be replaced."""
    return {"error": "TooHungry", "facts": {"megabytes": request["megabytes"]}, "last": True}


def _take_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Keep the pipes for frames alone: whatever a library prints or reads goes to the null device."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):  # standard error stays: the parent reads last words there
        os.dup2(nothing, descriptor)
    os.close(nothing)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(requests.fileno(), os.O_BINARY)
        msvcrt.setmode(replies.fileno(), os.O_BINARY)
    return requests, replies


def _limit_memory(megabytes: int) -> None:
    """Set the limit on memory where the system has one (not on Windows)."""
    if not megabytes:
        return
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        limit = megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_processor(seconds: int) -> None:
    """Let the kernel end a document that hangs although the parent, being killed, cannot: after ``seconds`` more."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + seconds + 2, hard))


def _listen(requests: IO[bytes], waiting: SimpleQueue[dict[str, Any]]) -> None:
    """Pass requests on; when the parent is gone, end the process at once."""
    try:
        while (request := read_frame(requests, longest=1 << 20)) is not None:
            waiting.put(request)
    finally:
        os._exit(0)


def _answer(request: Mapping[str, Any], alive: Callable[[], None]) -> dict[str, Any]:
    """Read and segment (or preview) the document that a request names; errors become facts of the reply."""
    path = Path(request["path"])
    from kb.errors import ReadError

    _limit_processor(request["seconds"])
    try:
        if "preview" in request:
            from kb.preview.child import preview

            return preview(path, request, alive)
        return _extract(path, request, alive)
    except ReadError as error:
        return {"error": error.code, "facts": error.facts}
    except MemoryError:
        return _hungry(request)
    except Exception as error:
        return {"error": "ReaderCrashed", "facts": {"detail": f"{type(error).__name__}: {error}"[:300]}}


def _extract(path: Path, request: Mapping[str, Any], alive: Callable[[], None]) -> dict[str, Any]:
    from kb.errors import TooLarge
    from kb.places import place_to_json
    from kb.readers import read
    from kb.segmentation import segment

    document = read(path, ocr=request["ocr"], alive=alive)
    length = sum(len(block.text) for block in document.blocks)
    if length > request["characters"]:
        raise TooLarge(path, length, request["characters"])
    segments = [
        {
            "text": made.text,
            "heading": made.heading,
            "place": place_to_json(made.place),
            "sentences": [(span.start, span.end, place_to_json(span.place)) for span in made.sentences],
            "overlap": made.overlap,
        }
        for made in segment(document)
    ]
    return {
        "title": document.title,
        "format": document.format,
        "segments": segments,
        "unread_pages": document.unread_pages,
    }


if __name__ == "__main__":
    main()
