"""A hub on this computer: the protocol of huggingface.co over loopback, with faults on demand.

As there: ``/api/models/REPOSITORY/revision/REVISION`` lists files with sizes, git's blob ids and LFS SHA-256;
``/REPOSITORY/resolve/REVISION/FILE`` gives small files itself and redirects large ones to another address, the CDN,
which continues downloads (``Range``). Also serves as the HTTP proxy in front of itself.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LFS = (".safetensors", ".gguf", "tokenizer.json")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def git_sha1(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@dataclass
class Fault:
    """What goes wrong with one answer about a file."""

    status: int | None = None
    """Answer with this status instead."""
    headers: dict[str, str] = field(default_factory=dict)
    break_after: int | None = None
    """Close the connection after so many bytes of the body."""
    silent_after: int | None = None
    """Send so many bytes, then nothing, and keep the connection open."""
    content: bytes | None = None
    """Send this instead, as a body without a size."""
    no_ranges: bool = False
    """Send the whole file, whatever was asked."""
    wrong_range: bool = False
    """Answer another range than was asked for."""


@dataclass(frozen=True)
class Asked:
    """One request that came in."""

    method: str
    path: str
    headers: Mapping[str, str]


class Repository:
    """Files of one commit and what the listing says of them; ``listing`` may be bent by a test."""

    def __init__(self, files: Mapping[str, bytes], *, commit: str = COMMIT, licence: str | None = "apache-2.0") -> None:
        self.files = dict(files)
        self.commit = commit
        self.token: str | None = None
        """The key without which the repository is closed."""
        self.revisions = {"main", commit}
        self.info: dict[str, Any] = {
            "id": "x",
            "sha": commit,
            "gated": False,
            "cardData": {"license": licence} if licence else {},
            "siblings": [listed(name, content) for name, content in self.files.items()],
        }


def listed(name: str, content: bytes) -> dict[str, Any]:
    entry: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": git_sha1(content)}
    if name.endswith(LFS):
        entry["lfs"] = {"sha256": sha256(content), "size": len(content), "pointerSize": 134}
    return entry


class HubServer:
    """The hub and its CDN, each on a port of its own."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.asked: list[Asked] = []
        self.ending = threading.Event()
        self.silent = threading.Event()
        """Set when an answer has fallen silent."""
        self.hub = _Server(self)
        self.cdn = _Server(self)

    @property
    def endpoint(self) -> str:
        return self.hub.address

    def add(self, name: str, files: Mapping[str, bytes], **options: Any) -> Repository:
        self.repositories[name] = Repository(files, **options)
        return self.repositories[name]

    def fail(self, file: str, *faults: Fault) -> None:
        """Let the next answers about ``file`` (or, for the listing, a repository) go wrong, one fault each."""
        self.faults[file].extend(faults)

    def sent(self, file: str) -> list[str]:
        """Return the ranges in which a file's content was asked for: "" is all of it."""
        return [
            asked.headers.get("range", "")
            for asked in self.asked
            if asked.method == "GET" and self._content_path(asked.path, file)
        ]

    def _content_path(self, path: str, file: str) -> bool:
        content = next((r.files[file] for r in self.repositories.values() if file in r.files), b"")
        return path == f"/cdn/{sha256(content)}" or (
            "/resolve/" in path and path.endswith("/" + file) and not _large(file)
        )


def _large(file: str) -> bool:
    return file.endswith(LFS)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, owner: HubServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        owner = self.server.owner
        address = urlsplit(self.path)  # a proxy is asked for whole addresses
        path = unquote(address.path)
        owner.asked.append(Asked(self.command, path, {key.lower(): value for key, value in self.headers.items()}))
        if listing := re.fullmatch(r"/api/models/(.+?)/revision/(.+)", path):
            self._list(listing[1], listing[2], parse_qs(address.query))
        elif file := re.fullmatch(r"/(.+?)/resolve/([^/]+)/(.+)", path):
            self._resolve(file[1], file[2], file[3])
        elif path.startswith("/cdn/") and self.server is owner.cdn:
            self._from_cdn(path.removeprefix("/cdn/"))
        else:
            self._answer(404, b"Not Found")

    def _list(self, name: str, revision: str, query: Mapping[str, list[str]]) -> None:
        repository = self._open(name, revision, name)
        if repository is None:
            return
        info = dict(repository.info)
        if revision != "main":
            info["sha"] = revision
        if "blobs" not in query:
            info["siblings"] = [{"rfilename": entry["rfilename"]} for entry in info["siblings"]]
        self._answer(200, json.dumps(info).encode(), {"Content-Type": "application/json"})

    def _resolve(self, name: str, revision: str, file: str) -> None:
        repository = self._open(name, revision, None)
        if repository is None:
            return
        if file not in repository.files:
            self._answer(404, b"Entry not found", {"X-Error-Code": "EntryNotFound"})
            return
        content = repository.files[file]
        headers = {"X-Repo-Commit": repository.commit, "Accept-Ranges": "bytes"}
        if _large(file):
            location = f"{self.server.owner.cdn.address}/cdn/{sha256(content)}"
            linked = {"X-Linked-Etag": f'"{sha256(content)}"', "X-Linked-Size": str(len(content)), "Location": location}
            self._answer(302, b"Found", headers | linked)
        else:
            self._content(file, content, headers | {"ETag": f'"{git_sha1(content)}"'})

    def _from_cdn(self, digest: str) -> None:
        for repository in self.server.owner.repositories.values():
            for file, content in repository.files.items():
                if sha256(content) == digest:
                    self._content(file, content, {"ETag": f'"{digest}"', "Accept-Ranges": "bytes"})
                    return
        self._answer(404, b"Not Found")

    def _open(self, name: str, revision: str, faulty: str | None) -> Repository | None:
        """Return a repository that may be read, or answer why not, as the hub does."""
        repository = self.server.owner.repositories.get(name)
        fault = self._fault(faulty) if faulty else None
        if fault is not None:
            self._answer(fault.status or 200, fault.content or b"", fault.headers)
        elif repository is None:
            self._answer(401, b'{"error":"Invalid username or password."}', {"X-Error-Code": "RepoNotFound"})
        elif repository.token and self.headers.get("authorization") != f"Bearer {repository.token}":
            self._answer(403, b'{"error":"Access is restricted."}', {"X-Error-Code": "GatedRepo"})
        elif revision not in repository.revisions:
            self._answer(404, b'{"error":"Invalid rev id"}', {"X-Error-Code": "RevisionNotFound"})
        else:
            return repository
        return None

    def _fault(self, name: str) -> Fault | None:
        waiting = self.server.owner.faults[name]
        return waiting.popleft() if waiting and self.command == "GET" else None

    def _content(self, file: str, content: bytes, headers: Mapping[str, str]) -> None:
        fault = self._fault(file) or Fault()
        if fault.status is not None:
            self._answer(fault.status, b"{}", fault.headers)
            return
        if fault.content is not None:
            self._answer(200, fault.content, headers, chunked=True)
            return
        status, start = 200, 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        if asked and not fault.no_ranges:
            status, start = 206, int(asked[1])
            shown = start + 1 if fault.wrong_range else start
            headers = {**headers, "Content-Range": f"bytes {shown}-{len(content) - 1}/{len(content)}"}
        self._answer(status, content[start:], headers, fault=fault)

    def _answer(
        self,
        status: int,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        chunked: bool = False,
        fault: Fault | None = None,
    ) -> None:
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        if chunked:
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        fault = fault or Fault()
        if fault.break_after is not None:
            self.wfile.write(body[: fault.break_after])
            self.close_connection = True
        elif fault.silent_after is not None:
            self.wfile.write(body[: fault.silent_after])
            self.wfile.flush()
            self.server.owner.silent.set()
            self.server.owner.ending.wait()
            self.close_connection = True
        else:
            self.wfile.write(body)


@contextmanager
def serving() -> Iterator[HubServer]:
    """Run a hub for a while."""
    owner = HubServer()
    threads = [
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
        for server in (owner.hub, owner.cdn)
    ]
    for thread in threads:
        thread.start()
    try:
        yield owner
    finally:
        owner.ending.set()
        for server, thread in zip((owner.hub, owner.cdn), threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()
