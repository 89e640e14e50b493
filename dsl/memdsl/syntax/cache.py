"""Parsed modules and the parser itself, kept between runs as Python keeps `.pyc`: a hit imports no lark.

The folder is `memdsl` in the user's cache folder and readable by the user alone. What is wrong with it is ignored: the
text is parsed then. `MEMDSL_NO_CACHE=1` switches it off.
"""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Final, TypeVar

MAX_ENTRIES: Final = 200

Made = TypeVar("Made")


_typing = False


def keep_no_texts() -> None:
    """From now on this process keeps no text: in an editor each lives until the next key."""
    global _typing
    _typing = True


def kept(kind: str, text: str, make: Callable[[], tuple[Made, bool]]) -> Made:
    """What `make` makes of this text, now or in an earlier run. It also says whether its result may be kept."""
    name = entry_name(kind, text) if not _typing else ""
    data = read(name)
    if data is not None:
        import pickle

        with suppress(Exception):  # a damaged entry may raise anything
            kept_text, kept_before = pickle.loads(data)
            if kept_text == text:  # a checksum alone may be that of another text
                found: Made = kept_before
                return found
    made, good = make()
    if good and name:
        import pickle

        with suppress(RecursionError):  # a formula deeper than pickle goes is made each time
            write(name, pickle.dumps((text, made), pickle.HIGHEST_PROTOCOL))
    return made


def read(name: str) -> bytes | None:
    if not name:
        return None
    path = os.path.join(_folder(), name)
    try:
        with open(path, "rb") as file:
            data = file.read()
        os.utime(path)
        return data
    except OSError:
        return None


def write(name: str, data: bytes) -> None:
    """Keeps an entry, whole or not at all, and drops the oldest ones beyond `MAX_ENTRIES`."""
    if not name:
        return
    folder = _folder()
    path = os.path.join(folder, name)
    temporary = f"{path}.{os.getpid()}.{os.urandom(4).hex()}.new"
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        os.replace(temporary, path)
        _drop_oldest(folder)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)


def _drop_oldest(folder: str) -> None:
    entries = list(os.scandir(folder))
    if len(entries) > MAX_ENTRIES:
        entries.sort(key=lambda entry: entry.stat().st_mtime)
        for entry in entries[: len(entries) - MAX_ENTRIES]:
            os.unlink(entry.path)


def entry_name(kind: str, text: str) -> str:
    """The name of the entry for a text; empty when nothing is kept."""
    if os.environ.get("MEMDSL_NO_CACHE", "") not in ("", "0") or not _folder():
        return ""
    version = _version()
    if not version:
        return ""
    sum_ = zlib.crc32(text.encode("utf-8", "surrogatepass"), zlib.crc32(version.encode()))
    return f"{sum_:08x}-{len(text)}.{kind}"


@lru_cache(maxsize=1)
def _version() -> str:
    """Changes whenever this package or Python does."""
    try:
        files = [(entry.name, entry.stat()) for entry in os.scandir(os.path.dirname(__file__)) if entry.is_file()]
    except OSError:
        return ""
    return repr((sys.hexversion, sorted((name, state.st_mtime_ns, state.st_size) for name, state in files)))


def _folder() -> str:
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return _private(os.path.join(base, "memdsl"))


@lru_cache(maxsize=4)
def _private(folder: str) -> str:
    """The folder, made if need be; empty when others could write to it: unpickling what they wrote would run it."""
    if not os.path.isabs(folder):
        return ""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        state = os.stat(folder)
    except OSError:
        return ""
    if hasattr(os, "getuid") and (state.st_uid != os.getuid() or state.st_mode & 0o022):
        return ""
    return folder
