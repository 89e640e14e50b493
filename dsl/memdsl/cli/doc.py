"""`memdsl doc`: the reference of the standard library, of a file of one's own, and of each diagnostic."""

from __future__ import annotations

import json
from difflib import get_close_matches
from pathlib import Path

from ..reference import (
    Found,
    Library,
    find,
    index_page,
    module_page,
    overview,
    read_file,
    read_library,
    to_json,
    to_markdown,
    to_text,
)
from ..reference.codes import Meaning, meaning_json, meaning_markdown, meaning_text, meanings
from ..reference.search import near
from .common import Usage, no_answer, say
from .report import filled, whole


def run(name: str, form: str, folder: Path | None) -> int:
    if folder is None and name in meanings():
        return _meaning(meanings()[name], form)
    if name.endswith(".mem"):
        library = read_file(Path(name))
        if not library.modules:
            say(library.faults)
            return no_answer(form, modules=[])
        asked = [Found(m, m.declarations) for m in library.modules]
    else:
        library = read_library()
        asked = find(library.modules, name) if name else [Found(m, m.declarations) for m in library.modules]
        if not asked:
            close = near(library.modules, name) or next(iter(get_close_matches(name, meanings(), 1)), "")
            said = f"did you mean `{close}`?" if close else "`memdsl doc` lists all names"
            raise Usage(f"the library has no `{name}`; {said}")
    if folder is not None:
        return _write(library, asked, form, folder)
    if form == "json":
        print(json.dumps({"modules": [to_json(f.module, f.declarations) for f in asked]}, indent=2))
    elif form == "markdown":
        print("\n".join(to_markdown(f.module, f.declarations) for f in asked), end="")
    elif form == "html":
        if len(asked) > 1:
            raise Usage("a page is one module: name it, or write all of them into a folder with -o DIR")
        print(module_page(asked[0].module, library.modules))
    elif name:
        print("\n".join(to_text(f.module, f.declarations) for f in asked), end="")
    else:
        print(overview(library.modules), end="")
    return 0


def _meaning(meaning: Meaning, form: str) -> int:
    """What a diagnostic means."""
    if form == "html":
        raise Usage("a diagnostic is shown as text, json or markdown")
    if form == "json":
        print(json.dumps(meaning_json(meaning), indent=2))
    else:
        print(meaning_markdown(meaning) if form == "markdown" else meaning_text(meaning), end="")
    return 0


def _write(library: Library, asked: list[Found], form: str, folder: Path) -> int:
    """A page a module, and for the web an index beside them."""
    pages: dict[str, str] = {}
    for found in asked:
        stem = found.module.name.removesuffix(".mem")
        if form == "html":
            pages[f"{stem}.html"] = module_page(found.module, library.modules)
        elif form == "markdown":
            pages[f"{stem}.md"] = to_markdown(found.module, found.module.declarations)
        else:
            raise Usage("-o writes pages: --format html or --format markdown")
    if form == "html":
        pages["index.html"] = index_page(library.modules)
    for name, page in pages.items():
        whole(folder / name, filled(page))
        print(folder / name)
    return 0
