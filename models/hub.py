"""Downloading from a hub that speaks the protocol of huggingface.co. The only module that opens connections.

``huggingface_hub`` makes every request: it honours ``HTTP_PROXY``, ``HTTPS_PROXY`` and ``NO_PROXY``. ``HF_ENDPOINT``,
``HF_TOKEN`` and ``HF_HUB_OFFLINE`` are read here, at the time of asking. Nothing but that token goes out about the
user: no telemetry, no token of another program's login, no versions.

Its ``hf_hub_download`` is not used: it can neither be stopped while a socket is silent, nor bound what a server sends,
nor does it check SHA-256 of what came. Its session, addresses and model listing are.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from models.background import TICK, Put, in_background
from models.errors import DownloadSizeWrong, HubAnswerBroken, HubRefused, HubSwitchedOff, HubUnreachable
from models.events import ConnectionLost, Event, FileProgress, Work, WorkStopped
from models.pace import Pace
from models.part_file import PartFile, check_space, writing
from models.pull_plan import PullPlan, RemoteFile, checked_repository, make_plan
from models.stopping import Stop, never

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

DEFAULT_ENDPOINT = "https://huggingface.co"

WAITS = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds before each further attempt after a connection broke; counted anew whenever something arrived."""

WAITS_FOR_PLAN = 2
"""How many of them precede giving up where nothing was reached yet: most likely there is no network at all."""

BUSY = frozenset({408, 429, 500, 502, 503, 504})
"""Answers after which asking again helps, as in ``huggingface_hub.utils.http_backoff``."""

LONGEST_WAIT = 60.0
"""Seconds that a server's Retry-After may ask for."""

_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)")
_NUMBER = re.compile(r"[0-9]{1,18}")
_TRUE = {"1", "ON", "YES", "TRUE"}  # as huggingface_hub reads its switches

Piece: TypeAlias = tuple[int, bytes]
"""Where in the file bytes belong, and the bytes."""


class _Broken(Exception):
    """A connection broke or a server is busy: trying again may help."""

    def __init__(self, detail: str, *, retry_after: float = 0.0) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after


class Hub:
    """A hub at one address."""

    def __init__(
        self,
        endpoint: str | None = None,
        *,
        token: str | None = None,
        environment: Mapping[str, str] = os.environ,
        waits: Sequence[float] = WAITS,
        timeout: float | None = None,
    ) -> None:
        """Nothing is contacted yet.

        Args:
            endpoint: address; else ``HF_ENDPOINT``, else huggingface.co.
            token: key of the user; else ``HF_TOKEN``, else none. A login that ``huggingface_hub`` keeps is left alone.
            waits: seconds before each further attempt.
            timeout: seconds of silence after which a connection counts as broken; else as ``huggingface_hub`` has it.
        """
        self.endpoint = (endpoint or environment.get("HF_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/")
        self._token = token or environment.get("HF_TOKEN", "").strip() or False
        self._environment = environment
        self._waits = tuple(waits)
        self._timeout = timeout

    def check_allowed(self) -> None:
        """Refuse where a connection must not or cannot be opened.

        Raises:
            HubSwitchedOff: ``HF_HUB_OFFLINE`` or ``TRANSFORMERS_OFFLINE`` is set.
            HubUnreachable: the address is none.
        """
        for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
            if self._environment.get(variable, "").upper() in _TRUE:
                raise HubSwitchedOff(variable)
        try:
            address = urlsplit(self.endpoint)
            usable = address.scheme in ("http", "https") and bool(address.hostname) and (address.port or 1) > 0
        except ValueError:
            usable = False
        if not usable:
            raise HubUnreachable(self.endpoint, "not an address of a server")

    def plan(
        self, repository: str, *, patterns: Sequence[str], revision: str = "main", stop: Stop = never
    ) -> PullPlan | WorkStopped:
        """Ask what of a repository would be downloaded, pinned to the commit that ``revision`` names now.

        Args:
            patterns: names of files, with ``*`` and ``?``; see ``make_plan``.

        Raises:
            HubSwitchedOff, HubUnreachable, HubRefused: nothing was answered.
            HubAnswerBroken: something unusable was.
        """
        checked_repository(repository)
        self.check_allowed()
        failures = 0
        while True:
            try:
                with closing(in_background(partial(self._ask, repository, revision))) as answers:
                    for info in answers:
                        if stop():
                            return WorkStopped(repository)
                        if info is not None:
                            return _plan_of(repository, info, patterns)
            except _Broken as broken:
                waits = self._waits[:WAITS_FOR_PLAN]
                if failures >= len(waits):
                    raise HubUnreachable(self.endpoint, broken.detail) from broken
                if not _pause(max(waits[failures], broken.retry_after), stop):
                    return WorkStopped(repository)
                failures += 1

    def download(self, plan: PullPlan, file: RemoteFile, folder: Path, *, stop: Stop = never) -> Iterator[Event]:
        """Download one file of a plan into ``folder``, going on where an earlier run left off.

        Gives ``FileProgress``, ``ConnectionLost`` before each further attempt, and at last ``FileDone`` or, asked to
        stop, ``WorkStopped``. A file that is there already and has the right checksum is not downloaded again.

        Raises:
            HubSwitchedOff, HubUnreachable, HubRefused: what arrived is kept.
            DownloadCorrupt, DownloadSizeWrong: what arrived is removed.
            ModelSpaceShort, ModelStoreUnwritable: what arrived is kept.
        """
        self.check_allowed()
        with writing(folder, needed=file.size):
            folder.mkdir(parents=True, exist_ok=True)
        with PartFile(folder, file) as part:
            yield from part.reread(stop)
            if part.missing and not stop():
                check_space(folder, part.missing)
                yield from self._fill(plan, part, stop)
            if part.missing or stop():
                yield WorkStopped(file.name)
                return
            yield part.finish()

    def _fill(self, plan: PullPlan, part: PartFile, stop: Stop) -> Iterator[Event]:
        """Download until the part is complete or ``stop``, over as many connections as it takes."""
        pace = Pace(Work.DOWNLOADING, part.file.name, part.file.size, done=part.size)
        failures = -1
        while part.missing and not stop():
            before = part.size
            try:
                yield from self._one_connection(plan, part, pace, stop)
                continue
            except _Broken as broken:
                if not part.missing:
                    return
                failures = 0 if part.size > before else failures + 1
                if failures >= len(self._waits):
                    raise HubUnreachable(self.endpoint, broken.detail) from broken
                seconds = max(self._waits[failures], broken.retry_after)
                yield ConnectionLost(part.file.name, broken.detail, seconds)
            if not _pause(seconds, stop):
                return

    def _one_connection(self, plan: PullPlan, part: PartFile, pace: Pace, stop: Stop) -> Iterator[FileProgress]:
        with closing(in_background(partial(self._get, plan, part.file, part.size))) as pieces:
            for piece in pieces:
                if piece is not None:
                    part.write(*piece)
                event = pace.at(part.size)
                if event is not None:
                    yield event
                if stop():
                    return
            if not part.missing:
                return
        raise _Broken("the connection broke off")

    def _ask(self, repository: str, revision: str, put: Put[ModelInfo]) -> None:
        """Get the listing of a repository. Runs in its own thread."""
        client = self._session()
        api = client.HfApi(endpoint=self.endpoint, token=self._token, headers=_HEADERS)
        try:
            put(api.model_info(repository, revision=revision, timeout=self._patience(), files_metadata=True))
        except client.errors.HfHubHTTPError as error:
            raise _refusal(repository, error.response.status_code, error.response.headers) from error
        except client.errors.OfflineModeIsEnabled as error:
            raise HubSwitchedOff("HF_HUB_OFFLINE") from error
        except client.errors.HTTPError as error:
            raise _Broken(_reason(error)) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:  # JSON of another kind, or none
            raise HubAnswerBroken(repository, "not the answer of a hub") from error

    def _get(self, plan: PullPlan, file: RemoteFile, start: int, put: Put[Piece]) -> None:
        """Get a file from ``start`` on. Runs in its own thread."""
        client = self._session()
        url = client.hf_hub_url(plan.repository, file.name, revision=plan.revision, endpoint=self.endpoint)
        headers = client.utils.build_hf_headers(token=self._token, headers=_HEADERS)
        if start:
            headers["Range"] = f"bytes={start}-"
        try:
            with client.get_session().stream("GET", url, headers=headers, timeout=self._patience()) as response:
                if response.status_code not in (200, 206):
                    raise _refusal(plan.repository, response.status_code, response.headers)
                at = _beginning(file, response.status_code, response.headers, start)
                for piece in response.iter_bytes():
                    put((at, piece))
                    at += len(piece)
        except client.errors.OfflineModeIsEnabled as error:
            raise HubSwitchedOff("HF_HUB_OFFLINE") from error
        except client.errors.HTTPError as error:
            raise _Broken(_reason(error)) from error

    def _session(self) -> Any:
        """Return ``huggingface_hub`` with its HTTP session made, which is when the proxies' addresses are read."""
        client = _client()
        try:
            client.get_session()
        except Exception as error:  # ValueError, ImportError for SOCKS, or a class of the HTTP client in use
            raise HubUnreachable(self.endpoint, "the address of the proxy is not usable") from error
        return client

    def _patience(self) -> float:
        return self._timeout or float(_client().constants.HF_HUB_DOWNLOAD_TIMEOUT)


_HEADERS = {
    "user-agent": "offlite",
    "accept-encoding": "identity",  # sizes and ranges are those of the file
}


def _client() -> Any:
    """Return ``huggingface_hub``, which takes half a second to import, with everything unasked-for switched off."""
    import huggingface_hub
    import huggingface_hub.constants
    import huggingface_hub.errors
    import huggingface_hub.utils

    # With telemetry on, making a user agent alone downloads a list of programs to look for on this computer.
    huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY = True
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its warnings would be English lines on stderr
    return huggingface_hub


def _plan_of(repository: str, info: ModelInfo, patterns: Sequence[str]) -> PullPlan:
    try:
        listing = [
            {
                "name": file.rfilename,
                "size": file.lfs.size if file.lfs else file.size,
                "sha256": file.lfs.sha256 if file.lfs else None,
                "git_sha1": None if file.lfs else file.blob_id,
            }
            for file in info.siblings or ()
        ]
    except (AttributeError, TypeError) as error:
        raise HubAnswerBroken(repository, "not the answer of a hub") from error
    licence = getattr(info.card_data, "license", None)
    if licence == "other":
        licence = getattr(info.card_data, "license_name", None) or licence
    return make_plan(repository, info.sha, listing, patterns=patterns, licence=licence, gated=bool(info.gated))


def _beginning(file: RemoteFile, status: int, headers: Mapping[str, str], start: int) -> int:
    """Return where in the file the answer begins, having held its size against the announced one."""
    total: str | int = "*"
    begin = 0
    if status == 206:
        answered = _RANGE.fullmatch(headers.get("content-range", "").strip())
        if answered is None or int(answered[1]) not in (start, 0):
            raise _Broken("the server does not continue downloads")
        begin, total = int(answered[1]), answered[2]
    elif _NUMBER.fullmatch(headers.get("content-length", "")) and "content-encoding" not in headers:
        total = headers["content-length"]
    if total != "*" and int(total) != file.size:
        raise DownloadSizeWrong(file.name, file.size, int(total))
    return begin


def _refusal(repository: str, status: int, headers: Mapping[str, str]) -> Exception:
    if status in BUSY:
        asked = headers.get("retry-after", "").strip()
        seconds = min(float(asked), LONGEST_WAIT) if _NUMBER.fullmatch(asked) else 0.0
        return _Broken("the server is busy", retry_after=seconds)
    return HubRefused(repository, status)


def _reason(error: BaseException) -> str:
    """Return why a connection failed: a phrase of ours, or the operating system's words behind the client's."""
    name = type(error).__name__
    if "Timeout" in name:
        return "no answer in time"
    if "Proxy" in name:
        return "the proxy refuses"
    cause: BaseException | None = error
    while cause is not None:
        if "certificate" in str(cause).lower():
            return "the certificate of the server is not trusted"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return "the connection broke off"


def _pause(seconds: float, stop: Stop, *, clock: Callable[[], float] = time.monotonic) -> bool:
    """Wait; return False if asked to stop meanwhile."""
    end = clock() + seconds
    while (left := end - clock()) > 0:
        if stop():
            return False
        time.sleep(min(left, TICK))
    return not stop()
