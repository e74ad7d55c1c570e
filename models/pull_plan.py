"""What would be downloaded from a repository: which files, how large, with which checksums. Nothing here is networked.

Everything a server names is distrusted: a plan holds only files that were asked for, under names that are safe on every
file system, with sizes and checksums that what arrives is held against.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

from models.errors import HubAnswerBroken

CHECKPOINT = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer.model",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "chat_template.json",
    "chat_template.jinja",
    "README.md",
    "model.safetensors.index.json",
    "model*.safetensors",  # not consolidated.safetensors or an adapter that lies beside
)
"""What the converter reads of a Hugging Face checkpoint, as patterns of names."""

WEIGHTS = ".safetensors"

LONGEST_NAME = 200
"""Characters of a file name: what is added to a part stays below the 255 bytes that file systems allow."""

LONGEST_CHECKED_FILE = 64 * 2**20
"""Bytes that a file without SHA-256 may have: the hub stores larger ones in LFS, which has it (limit 10 MB there)."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)  # devices of Windows
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)
_PART = re.compile(r"(?P<stem>.+)-(?P<number>[0-9]{5})-of-(?P<count>[0-9]{5})\.gguf", re.IGNORECASE)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a repository: its name there, bytes, and the SHA-256 (LFS) or git blob SHA-1 of its content."""

    name: str
    size: int
    sha256: str | None = None
    git_sha1: str | None = None

    @property
    def local_name(self) -> str:
        """The name on this computer: without the folders of the repository."""
        return self.name.rpartition("/")[2]

    @property
    def checksum(self) -> str:
        """The checksum that what arrives must have."""
        return self.sha256 or self.git_sha1 or ""


@dataclass(frozen=True, slots=True)
class PullPlan:
    """Files of one commit of a repository. ``licence`` is what the model card says, if it does."""

    repository: str
    revision: str
    files: tuple[RemoteFile, ...]
    licence: str | None = None
    gated: bool = False

    @property
    def total(self) -> int:
        """The size of all files in bytes."""
        return sum(file.size for file in self.files)

    @property
    def weights(self) -> tuple[RemoteFile, ...]:
        """The shards of a checkpoint, in the order of their names."""
        return tuple(file for file in self.files if file.name.endswith(WEIGHTS))

    @property
    def small_files(self) -> tuple[RemoteFile, ...]:
        """Everything of a checkpoint but its weights."""
        return tuple(file for file in self.files if not file.name.endswith(WEIGHTS))

    def same_files(self, other: PullPlan) -> bool:
        """Whether both are about the same content, whatever the card says meanwhile."""
        return (self.repository, self.revision, self.files) == (other.repository, other.revision, other.files)

    def to_json(self) -> str:
        """Return the plan as text that ``from_json`` reads."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> PullPlan:
        """Read a plan that was kept.

        Raises:
            HubAnswerBroken: it is not one, or was tampered with.
        """
        try:
            facts = json.loads(text)
            repository = checked_repository(facts["repository"])
            files = [_checked_file(repository, entry["name"], entry) for entry in facts["files"]]
            return _plan(repository, facts["revision"], files, licence=facts["licence"], gated=bool(facts["gated"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise HubAnswerBroken("", "the plan that was kept is damaged") from error


def make_plan(
    repository: str,
    revision: object,
    listing: Iterable[Mapping[str, Any]],
    *,
    patterns: Sequence[str],
    licence: object = None,
    gated: bool = False,
) -> PullPlan:
    """Choose from a repository's listing what ``patterns`` ask for, in the order of names.

    A pattern without a slash is for the top folder. A pattern without a wildcard names a file that may be absent: the
    caller knows which ones it cannot do without (see ``require``).

    Args:
        listing: of every file ``name``, ``size`` and either ``sha256`` or ``git_sha1``.

    Raises:
        HubAnswerBroken: no commit, nothing that was asked for, or a file with an unsafe name, no size or no checksum.
    """
    files = []
    for entry in listing:
        name = entry["name"]
        if isinstance(name, str) and any(_matches(name, pattern) for pattern in patterns):
            files.append(_checked_file(repository, name, entry))
    return _plan(repository, revision, files, licence=licence, gated=gated)


def _plan(repository: str, revision: object, files: list[RemoteFile], *, licence: object, gated: bool) -> PullPlan:
    if not isinstance(revision, str) or not _COMMIT.fullmatch(revision):
        raise HubAnswerBroken(repository, "no commit is named")
    if not files:
        raise HubAnswerBroken(repository, "the files that are needed are not there")
    local = [file.local_name.casefold() for file in files]  # file systems of Windows and macOS ignore case
    for file in files:
        if local.count(file.local_name.casefold()) > 1:
            raise HubAnswerBroken(repository, "a file is listed twice", file.name)
    files.sort(key=lambda file: file.name)
    text = licence if isinstance(licence, str) and licence.strip() else None
    return PullPlan(repository, revision, tuple(files), text, gated)


def require(plan: PullPlan, names: Iterable[str]) -> None:
    """Demand that the plan has files of these names.

    Raises:
        HubAnswerBroken: one is missing.
    """
    present = {file.name for file in plan.files}
    for name in names:
        if name not in present:
            raise HubAnswerBroken(plan.repository, "the files that are needed are not there", name)


def check_parts(plan: PullPlan, *, sha256: str | None = None) -> None:
    """Demand that the files of a plan are one GGUF, or all parts of one; ``sha256`` is what is known of a single one.

    Raises:
        HubAnswerBroken: they are several models, not all of one, or another than the one that is known.
    """
    first, *rest = plan.files
    if not rest and not _PART.fullmatch(first.name):
        if sha256 is not None and first.sha256 != sha256:
            raise HubAnswerBroken(plan.repository, "a file is not the one that is known", first.name)
        return
    parts = [_PART.fullmatch(file.name) for file in plan.files]
    told = {(part["stem"], part["count"]) for part in parts if part}
    if None in parts or len(told) != 1:
        raise HubAnswerBroken(plan.repository, "more than one model fits", rest[0].name if rest else first.name)
    count = int(told.pop()[1])
    if [int(part["number"]) for part in parts if part] != list(range(1, count + 1)):
        raise HubAnswerBroken(plan.repository, "the files that are needed are not there", f"{len(parts)}/{count}")


def checked_repository(name: object) -> str:
    """Return the name of a repository if it can be one.

    Raises:
        HubAnswerBroken: it cannot.
    """
    if not isinstance(name, str) or not _REPOSITORY.fullmatch(name) or ".." in name or "--" in name:
        raise HubAnswerBroken(str(name), "not the name of a repository")
    return name


def is_safe(name: str) -> bool:
    """Tell whether a name from a server may become a path here.

    Relative, of plain Latin letters, no part that starts with a dot or is a device of Windows.
    """
    return len(name) <= LONGEST_NAME and all(
        _NAME.fullmatch(part) and not part.endswith(".") and not _RESERVED.fullmatch(part) for part in name.split("/")
    )


def _matches(name: str, pattern: str) -> bool:
    # fnmatch lets * reach across slashes; a backslash is a slash to Windows.
    depth = name.replace("\\", "/").count("/")
    return fnmatchcase(name, pattern) and (depth == pattern.count("/") or not is_safe(name))


def _checked_file(repository: str, name: object, entry: Mapping[str, Any]) -> RemoteFile:
    if not isinstance(name, str) or not is_safe(name):
        raise HubAnswerBroken(repository, "a file has an unsafe name", str(name))
    size, sha256, git_sha1 = entry["size"], entry["sha256"], entry["git_sha1"]
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise HubAnswerBroken(repository, "a file has no size", name)
    if isinstance(sha256, str) and _SHA256.fullmatch(sha256):
        return RemoteFile(name, size, sha256=sha256)
    if sha256 is None and isinstance(git_sha1, str) and _COMMIT.fullmatch(git_sha1) and size <= LONGEST_CHECKED_FILE:
        return RemoteFile(name, size, git_sha1=git_sha1)
    raise HubAnswerBroken(repository, "a file has no checksum", name)
