"""A spec as a git revision has it: its text, and the files that it uses, read from the repository's objects alone.

Nothing that the revision or the repository configures is run: objects are read by `git cat-file`, which knows no
filters, no text conversion and no pager.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path, PurePosixPath

from ..diagnostics import Source
from ..resolve.loader import MAX_MODULES
from ..resolve.texts import MAX_BYTES
from .common import Outside, Usage, files_used

_SECONDS = 30


def is_revision(name: str) -> bool:
    """Whether a name is `REV:path` and no file that exists."""
    revision, colon, path = name.partition(":")
    return bool(colon and revision and path) and not Path(name).exists()


def committed(path: str) -> str | None:
    """A file of the working folder as the last commit has it, `HEAD:./path`; None where no commit has it."""
    name = f"HEAD:./{Path(path).as_posix()}"
    try:
        _git("cat-file", "-e", name)
    except Outside:
        return None
    return name


def write_revision(name: str, folder: Path) -> Path:
    """Writes `REV:path` and the files that it uses into a folder; the path of the spec there.

    The repository is that of the working folder, which `./` stands for. Raises Usage for a revision or a path that is
    not there, Outside where git itself fails.
    """
    revision, _, path = name.partition(":")
    if revision.startswith("-"):
        raise Usage(f"{revision} is not a revision")
    try:
        commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except Outside:
        raise Usage(f"git knows no revision {revision}, and there is no file {name}") from None
    prefix = _git("rev-parse", "--show-prefix").decode().strip() if path.startswith("./") else ""
    root = PurePosixPath(os.path.normpath(prefix + path))
    waiting, written = [root], set[PurePosixPath]()
    while waiting:
        file = waiting.pop()
        if file in written or not file.is_relative_to(root.parent) or ".." in file.parts:
            continue
        if len(written) > MAX_MODULES:
            raise Usage(f"{name} uses more than {MAX_MODULES} files")
        content = _blob(commit.decode().strip(), file)
        if content is None:
            if file == root:
                raise Usage(f"{revision} has no file {path}")
            continue  # the spec that uses it says so, with the line
        written.add(file)
        target = folder / file.relative_to(root.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        if file.suffix == ".mem":
            waiting += [
                PurePosixPath(os.path.normpath(file.parent / used))
                for used in files_used(Source("", content.decode("utf-8", "replace")))
            ]
    return folder / root.name


def _blob(commit: str, file: PurePosixPath) -> bytes | None:
    name = f"{commit}:{file}"
    try:
        size = int(_git("cat-file", "-s", name))
        if size > MAX_BYTES:
            raise Usage(f"{file} is larger than {MAX_BYTES // 1_000_000} MB, the limit for a spec")
        return _git("cat-file", "blob", name)
    except Outside:
        return None


def _git(*arguments: str) -> bytes:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", "--no-pager", "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except FileNotFoundError:
        raise Usage("comparing revisions needs git, which is not installed") from None
    except subprocess.TimeoutExpired:
        raise Outside(f"git did not answer in {_SECONDS} seconds") from None
    if done.returncode:
        raise Outside(done.stderr.decode("utf-8", "replace").strip() or "git failed")
    return done.stdout
