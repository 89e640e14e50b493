"""`memdsl new`: a spec to start from."""

from __future__ import annotations

import re
from pathlib import Path

from ..diagnostics import Problems, Source
from ..syntax import parse
from .common import Outside, Usage
from .report import filled, whole

STARTERS = Path(__file__).parent.parent / "starters"
DEFAULT = "cnn"


def names() -> list[str]:
    """The starters, the one that is taken without being named in front."""
    return sorted((path.stem for path in STARTERS.glob("*.mem")), key=lambda name: (name != DEFAULT, name))


def run(name: str, starter: str) -> int:
    if not name:
        for each in names():
            print(f"{each:<10} {_title(each)}")
        return 0
    path = Path(name if name.endswith(".mem") else f"{name}.mem")
    if not re.fullmatch(r"[\w.-]+", path.name) or path.name.startswith("."):
        raise Usage(f"{path.name} is no name for a spec; letters, digits, `_` and `-` are")
    chosen = starter or (path.stem if path.stem in names() else DEFAULT)
    text = (STARTERS / f"{chosen}.mem").read_text(encoding="utf-8")
    if path.exists() or path.is_symlink():
        raise Usage(f"{path} exists already; name another")
    if not path.parent.is_dir():
        raise Outside(f"{path} cannot be written: there is no folder {path.parent}")
    whole(path, filled(text))
    print(f"{path}  {_title(chosen)}")
    print(f"  memdsl check {path}\n  memdsl report {path}")
    return 0


def _title(name: str) -> str:
    return parse(Source(name, (STARTERS / f"{name}.mem").read_text(encoding="utf-8")), Problems()).title
