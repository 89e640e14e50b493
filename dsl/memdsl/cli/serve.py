"""`memdsl serve`: the live page of a spec in the browser of this machine, until Ctrl-C."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

from ..server import Desk, serve
from .common import Chosen, Outside, Usage
from .report import command_line, look_of
from .watch import SECONDS, Files


def run(spec: str, chosen: Chosen, port: int, template: Path | None = None) -> int:
    path = Path(spec)
    if spec == "-" or not path.is_file():
        raise Usage(f"serve needs a file, and {'standard input' if spec == '-' else spec} is none")
    look = look_of(template)
    desk = Desk(path, chosen.settings, chosen.scenario, command_line(spec, chosen, look), look)
    try:
        server = serve(desk, port)
    except OSError as error:
        raise Outside(f"port {port} is not free: {error.strerror}; choose another by --port") from None
    threading.Thread(target=follow, args=(desk, Files(path, template), threading.Event()), daemon=True).start()
    print(f"{spec} at {server.url}; Ctrl-C ends", flush=True)
    with suppress(KeyboardInterrupt):
        server.serve_forever()
    server.server_close()
    print("\nstopped", flush=True)
    return 0


def follow(desk: Desk, files: Files, ended: threading.Event) -> None:
    """Has the spec read again when it, a file that it uses, or one of the template is saved, until `ended`."""
    state = files.state()
    while not ended.wait(SECONDS):
        if files.state() != state:
            time.sleep(SECONDS / 5)
            state = files.state()
            # Beside this thread, which sees the next save: the desk then ends its work on this one.
            threading.Thread(target=desk.reread, daemon=True).start()
