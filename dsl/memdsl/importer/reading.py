"""One door for every kind of network file: the content or the name says which reader it goes to."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path

from ..records import record
from .faults import ImportFault
from .result import Imported, Options
from .wire import Buffer

HEAD = 4096
"""Bytes by which a file is recognised."""


@record
class Reader:
    """A kind of file: how it is recognised by its path and first bytes, and how it is read."""

    form: str
    matches: Callable[[Path, bytes], bool]
    read: Callable[[Path, Buffer, Options], Imported]


def _onnx(path: Path, data: Buffer, options: Options) -> Imported:
    from .network import imported
    from .onnx_file import read_onnx

    return imported(read_onnx(data), path, options)


def _looks_like_onnx(path: Path, head: bytes) -> bool:
    if path.suffix.lower() in (".onnx", ".ort"):
        return True
    # ir_version comes first, a small number; then the producer or the opset
    return len(head) > 4 and head[0] == 0x08 and 1 <= head[1] <= 20 and head[2] in (0x12, 0x1A, 0x22, 0x3A, 0x42)


def _config(path: Path, data: Buffer, options: Options) -> Imported:
    from .hugging_face import read_config

    return read_config(path, data, options)


def _looks_like_config(path: Path, head: bytes) -> bool:
    return path.suffix.lower() == ".json" and head.lstrip()[:1] == b"{"


def _safetensors(path: Path, data: Buffer, options: Options) -> Imported:
    from .safetensors import read_safetensors

    return read_safetensors(path, data, options)


def _looks_like_safetensors(path: Path, head: bytes) -> bool:
    return len(head) > 9 and head[8:9] == b"{" and path.suffix.lower() == ".safetensors"


def _gguf(path: Path, data: Buffer, options: Options) -> Imported:
    from .gguf import read_gguf

    return read_gguf(path, data, options)


def _darknet(path: Path, data: Buffer, options: Options) -> Imported:
    from .darknet import read_darknet
    from .network import imported

    return imported(read_darknet(data), path, options)


def _looks_like_darknet(path: Path, head: bytes) -> bool:
    text = head.decode("utf-8", "replace").lower()
    return path.suffix.lower() in (".cfg", ".txt", "") and any(name in text for name in ("[net]", "[network]"))


def _tflite(path: Path, data: Buffer, options: Options) -> Imported:
    from .network import imported
    from .tflite_file import read_tflite

    return imported(read_tflite(data), path, options)


def _looks_like_tflite(path: Path, head: bytes) -> bool:
    return head[4:8] == b"TFL3" or path.suffix.lower() == ".tflite"


READERS: tuple[Reader, ...] = (
    Reader("TensorFlow Lite", _looks_like_tflite, _tflite),
    Reader("ONNX", _looks_like_onnx, _onnx),
    Reader("config.json", _looks_like_config, _config),
    Reader("safetensors", _looks_like_safetensors, _safetensors),
    Reader("GGUF", lambda path, head: head[:4] == b"GGUF", _gguf),
    Reader("Darknet .cfg", _looks_like_darknet, _darknet),
)
"""The kinds of file, the first that matches is taken."""


def reader_of(path: Path) -> Reader | None:
    """The reader for a file, None for one that is none of a network. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    return next((reader for reader in READERS if reader.matches(path, head)), None)


def is_network_file(path: Path) -> bool:
    """Whether a path names a network file and no spec."""
    try:
        return path.suffix.lower() != ".mem" and path.is_file() and reader_of(path) is not None
    except OSError:
        return False


def read(path: Path, options: Options | None = None) -> Imported:
    """The spec of a network file. Raises ImportFault where it cannot be imported, OSError where it cannot be read."""
    options = options or Options()
    if not path.is_file():
        raise ImportFault("it is a directory" if path.is_dir() else "there is no such file")
    reader = reader_of(path)
    if reader is None:
        known = ", ".join(reader.form for reader in READERS)
        raise ImportFault(f"it is none of the network files that are known: {known}")
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            raise ImportFault("the file is empty")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return reader.read(path, data, options)
            except RecursionError:
                raise ImportFault("the file is nested too deeply") from None
            except MemoryError:
                raise ImportFault("the file asks for more memory than there is") from None
