"""Files: read inside a folder and only where they are files, written whole or not at all.

Whoever reads one that is written finds the old content or the new, whatever happens meanwhile.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_RUNS = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = 100
"""So many characters of a name a draft carries: names of files end at 255 bytes."""


def resolved(path: Path) -> Path | None:
    """Where a path leads; None where it leads nowhere (its links go in a circle, or no file can have its name)."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # RuntimeError: the circle, before Python 3.13
        return None


def leading(path: Path) -> Path:
    """Where a path leads, or the path itself where it leads nowhere."""
    return resolved(path) or path


def inside(folder: Path, path: Path) -> Path | None:
    """Where a path leads, when that is inside a folder, links followed; None elsewhere."""
    found, home = resolved(path), resolved(folder)
    return found if found is not None and home is not None and found.is_relative_to(home) else None


def read_regular(path: Path, most: int) -> bytes:
    """The first `most` bytes of an ordinary file. Raises OSError, for a pipe or a device before it would wait."""
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no ordinary file", str(path))
        return file.read(most)


def write_whole(target: Path, write: Callable[[Path], None], mode: int | None = None) -> None:
    """A new file: a draft is written beside its target and moved into place. A link at its place is replaced.

    `mode` are its permissions, those of any new file without it. Raises OSError; `target` is then as it was.
    """
    _refuse_special(target)
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target))
    _clear(target)
    import tempfile  # what only reads a spec does not wait for it

    handle, name = tempfile.mkstemp(prefix=_prefix(target) + f"{os.getpid()}-", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    draft = Path(name)
    try:
        write(draft)
        draft.chmod(0o666 & ~_umask() if mode is None else mode)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def rewrite_whole(path: Path, content: bytes) -> None:
    """A person's own file with other content: its permissions stay, and a link goes on leading to it.

    Raises OSError; the file is then as it was.
    """
    real = path.resolve(strict=True)
    write_whole(real, lambda draft: _put(draft, content), stat.S_IMODE(real.stat().st_mode))


def _put(draft: Path, content: bytes) -> None:
    draft.write_bytes(content)


def fill(draft: Path, text: str) -> None:
    """Writes a text as it is: in UTF-8, its line ends kept."""
    draft.write_bytes(text.encode("utf-8"))


def inert(value: T) -> T | str:
    """What a CSV file holds for a value: a text that would run as a formula has an apostrophe in front."""
    if not isinstance(value, str) or not value.startswith(_RUNS):
        return value
    with suppress(ValueError):
        float(value)
        return value
    return f"'{value}"


def _refuse_special(target: Path) -> None:
    """A device or a pipe is not replaced by a file."""
    with suppress(FileNotFoundError):
        mode = target.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode)):
            raise OSError(errno.EINVAL, "it is no ordinary file", str(target))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _prefix(real: Path) -> str:
    return f".{real.stem[:_LONGEST]}.draft-"


def _clear(real: Path) -> None:
    """Takes away the drafts of runs that were ended before they could."""
    prefix = _prefix(real)
    draft = re.compile(re.escape(prefix) + r"(\d+)-\w+" + re.escape(real.suffix))
    for name in os.listdir(real.parent):
        found = draft.fullmatch(name) if name.startswith(prefix) else None
        if found is not None and not _runs(int(found[1])):
            (real.parent / name).unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
