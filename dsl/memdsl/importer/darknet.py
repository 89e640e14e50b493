"""Darknet's `.cfg`: sections of settings, one a layer; its graph in ONNX's operators.

Sizes are those of Darknet's parser.c: a convolution pads by half its size where `pad` is set, a pool by its size
less one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .faults import ImportFault
from .graph import Graph, Network, Node, Port, Tensor
from .wire import Buffer

LARGEST = 4_000_000
MOST_LAYERS = 20_000
_DETECTIONS = ("yolo", "region", "detection", "gaussian_yolo")
_NOTHING = ("dropout", "cost", "softmax", "logistic", "l2norm", "contrastive")


@dataclass
class _Section:
    name: str
    line: int
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        return f"line {self.line}: [{self.name}]"

    def number(self, key: str, otherwise: int) -> int:
        text = self.settings.get(key, "").strip()
        if not text:
            return otherwise
        try:
            value = int(float(text))
        except (ValueError, OverflowError):
            raise ImportFault(f"{self.shown}: {key} is {text[:40]!r} and no number") from None
        if abs(value) > 1 << 24:
            raise ImportFault(f"{self.shown}: {key} is {value:,}")
        return value

    def numbers(self, key: str) -> list[int]:
        try:
            return [int(part) for part in self.settings.get(key, "").split(",") if part.strip()]
        except ValueError:
            raise ImportFault(f"{self.shown}: {key} is {self.settings[key][:40]!r} and no list of numbers") from None


def read_darknet(data: Buffer) -> Network:
    """The network of a Darknet file's bytes. Raises ImportFault."""
    if len(data) > LARGEST:
        raise ImportFault(f"the file has {len(data):,} bytes; a .cfg has a few thousand")
    sections = _sections(bytes(data[:]).decode("utf-8", "replace"))
    if not sections or sections[0].name not in ("net", "network"):
        raise ImportFault("the file does not begin with [net]")
    return _Maker(sections[0], sections[1:]).network()


def _sections(text: str) -> list[_Section]:
    found: list[_Section] = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#")[0].split(";")[0].strip()
        if not line:
            continue
        if line.startswith("["):
            found.append(_Section(line.strip("[] \t").lower()[:40], number))
            if len(found) > MOST_LAYERS:
                raise ImportFault(f"the file has more than {MOST_LAYERS:,} sections")
        elif found:
            key, _, value = line.partition("=")
            found[-1].settings[key.strip().lower()] = value.strip()
    return found


class _Maker:
    def __init__(self, net: _Section, layers: list[_Section]) -> None:
        self.net = net
        self.layers = layers
        self.graph = Graph("darknet", [], [], [], {})
        self.outputs: list[str] = []
        """The tensor behind each layer, by Darknet's own numbers."""
        self.channels: dict[str, int | None] = {}
        self.sizes: dict[str, tuple[int, int]] = {}
        """Height and width of each tensor at the file's own size."""

    def network(self) -> Network:
        channels = self.net.number("channels", 3)
        height, width = self.net.number("height", 0), self.net.number("width", 0)
        flat = self.net.number("inputs", 0)
        defaults: dict[str, int] = {}
        if height and width:
            fixed = any(layer.name.startswith("conn") for layer in self.layers)  # its weights are one for each position
            dims = (1, channels, height, width) if fixed else (1, channels, "height", "width")
            self.graph.inputs.append(Port("image", "float32", dims))
            self.channels["image"], self.sizes["image"] = channels, (height, width)
            defaults = {} if fixed else {"height": height, "width": width}
        elif flat:
            self.graph.inputs.append(Port("image", "float32", (1, flat)))
            self.channels["image"], self.sizes["image"] = flat, (1, 1)
        else:
            raise ImportFault(f"{self.net.shown} has no height and width")
        before = "image"
        for number, section in enumerate(self.layers):
            maker = MAKERS.get(section.name)
            if maker is None:
                self.channels[f"layer{number}"] = None
                self.add(number, section.name, (before,), {})
            else:
                maker(self, number, section, before)
            self.sizes.setdefault(f"layer{number}", self.sizes[before])
            before = f"layer{number}"
            self.outputs.append(before)
        read = {name for node in self.graph.nodes for name in node.inputs}
        ends = [name for name in self.outputs if name not in read]
        self.graph.outputs = [Port(name, "float32", None) for name in ends]
        if not self.graph.nodes:
            raise ImportFault("the file has no layers")
        return Network(self.graph, "Darknet", 13, "Darknet", defaults)

    def add(self, number: int, op: str, inputs: tuple[str, ...], attributes: dict[str, object]) -> None:
        output = f"layer{number}"
        name = f"{number} {self.layers[number].name}"
        self.graph.nodes.append(Node(name, op, "", inputs, (output,), attributes))  # type: ignore[arg-type]

    def stored(self, name: str, *dims: int) -> str:
        self.graph.stored[name] = Tensor(name, "float32", dims)
        return name

    def windowed(self, number: int, before: str, span: int, stride: int, padding: int) -> None:
        """The size behind a window."""
        height, width = ((size + padding - span) // stride + 1 for size in self.sizes[before])
        self.sizes[f"layer{number}"] = height, width

    def width(self, section: _Section, name: str) -> int:
        found = self.channels.get(name)
        if found is None:
            raise ImportFault(f"{section.shown} reads a layer whose channels are not known")
        return found

    def reached(self, number: int, section: _Section, index: int) -> str:
        """The layer that an index means: back from here where it is negative."""
        place = number + index if index < 0 else index
        if not 0 <= place < number:
            raise ImportFault(f"{section.shown} reads layer {index}, which is not before it")
        return self.outputs[place]


def _convolution(at: _Maker, number: int, section: _Section, before: str) -> None:
    wide, size = at.width(section, before), section.number("size", 1)
    stride, groups, filters = section.number("stride", 1), section.number("groups", 1), section.number("filters", 1)
    dilation = section.number("dilation", 1)
    pad = section.number("padding", 0)
    if section.number("pad", 0):
        pad = dilation * (size // 2)
    if min(size, stride, groups, filters, dilation) < 1 or wide % groups or pad < 0:
        raise ImportFault(f"{section.shown} has size {size}, stride {stride}, {groups} groups of {wide} channels")
    weights = at.stored(f"weights{number}", filters, wide // groups, size, size)
    x, y = section.number("stride_x", stride), section.number("stride_y", stride)
    attributes: dict[str, object] = {
        "kernel_shape": [size, size], "strides": [y, x], "pads": [pad] * 4, "group": groups,
        "dilations": [dilation, dilation],
    }  # fmt: skip
    at.add(number, "Conv", (before, weights), attributes)
    at.windowed(number, before, dilation * (size - 1) + 1, stride, 2 * pad)
    at.channels[f"layer{number}"] = filters


def _max_pool(at: _Maker, number: int, section: _Section, before: str) -> None:
    stride = section.number("stride", 1)
    size = section.number("size", stride)
    pad = section.number("padding", size - 1)
    attributes: dict[str, object] = {
        "kernel_shape": [size, size], "strides": [stride, stride], "pads": [pad // 2] * 2 + [pad - pad // 2] * 2,
    }  # fmt: skip
    op = "AveragePool" if section.name == "local_avgpool" else "MaxPool"
    at.add(number, op, (before,), attributes)
    at.windowed(number, before, size, max(stride, 1), pad)
    at.channels[f"layer{number}"] = at.channels.get(before)


def _global_pool(at: _Maker, number: int, section: _Section, before: str) -> None:
    at.add(number, "GlobalAveragePool", (before,), {})
    at.sizes[f"layer{number}"] = 1, 1
    at.channels[f"layer{number}"] = at.channels.get(before)


def _upsample(at: _Maker, number: int, section: _Section, before: str) -> None:
    factor = section.number("stride", 2)
    scales = f"scales{number}"
    at.graph.stored[scales] = Tensor(scales, "int64", (4,), (1, 1, factor, factor))
    at.add(number, "Upsample", (before, scales), {})
    at.sizes[f"layer{number}"] = at.sizes[before][0] * factor, at.sizes[before][1] * factor
    at.channels[f"layer{number}"] = at.channels.get(before)


def _route(at: _Maker, number: int, section: _Section, before: str) -> None:
    names = [at.reached(number, section, index) for index in section.numbers("layers")]
    if not names:
        raise ImportFault(f"{section.shown} names no layers")
    groups, group = section.number("groups", 1), section.number("group_id", 0)
    if groups > 1:
        if not 0 <= group < groups <= 1024:
            raise ImportFault(f"{section.shown} takes group {group} of {groups}")
        cut = []
        for place, name in enumerate(names):
            parts = tuple(f"layer{number}/{place}/{part}" for part in range(groups))
            at.graph.nodes.append(Node(f"{number} route", "Split", "", (name,), parts, {"axis": 1}))
            cut.append(parts[group])
        names, widths = cut, [at.width(section, name) // groups for name in names]
    else:
        widths = [at.width(section, name) for name in names]
    at.channels[f"layer{number}"] = sum(widths)
    at.sizes[f"layer{number}"] = at.sizes[at.reached(number, section, section.numbers("layers")[0])]
    if len(names) == 1:
        at.add(number, "Identity", (names[0],), {})
    else:
        at.add(number, "Concat", tuple(names), {"axis": 1})


def _shortcut(at: _Maker, number: int, section: _Section, before: str) -> None:
    others = [at.reached(number, section, index) for index in section.numbers("from")]
    op = "Mul" if section.name in ("scale_channels", "sam") else "Add"
    at.add(number, op if len(others) < 2 else "Sum", (before, *others), {})
    wide = [others[0]] if section.name == "scale_channels" else [before]
    at.channels[f"layer{number}"] = at.channels.get(wide[0])


def _connected(at: _Maker, number: int, section: _Section, before: str) -> None:
    output = section.number("output", 1)
    flat = f"layer{number}/flat"
    height, width = at.sizes[before]
    inside = at.width(section, before) * height * width
    if output < 1 or inside < 1:
        raise ImportFault(f"{section.shown} makes {output} of {inside} numbers")
    at.graph.nodes.append(Node(f"{number} connected", "Flatten", "", (before,), (flat,), {}))
    at.add(number, "Gemm", (flat, at.stored(f"weights{number}", output, inside)), {"transB": 1})
    at.channels[f"layer{number}"], at.sizes[f"layer{number}"] = output, (1, 1)


def _reorg(at: _Maker, number: int, section: _Section, before: str) -> None:
    stride = section.number("stride", 2)
    if stride < 1:
        raise ImportFault(f"{section.shown} has a stride of {stride}")
    at.add(number, "SpaceToDepth", (before,), {"blocksize": stride})
    at.sizes[f"layer{number}"] = at.sizes[before][0] // stride, at.sizes[before][1] // stride
    at.channels[f"layer{number}"] = at.width(section, before) * stride * stride


def _nothing(at: _Maker, number: int, section: _Section, before: str) -> None:
    at.add(number, "Identity", (before,), {})
    at.channels[f"layer{number}"] = at.channels.get(before)


MAKERS: dict[str, Callable[[_Maker, int, _Section, str], None]] = {
    "convolutional": _convolution, "conv": _convolution, "maxpool": _max_pool, "max": _max_pool,
    "local_avgpool": _max_pool, "avgpool": _global_pool, "avg": _global_pool, "upsample": _upsample, "route": _route,
    "shortcut": _shortcut, "scale_channels": _shortcut, "sam": _shortcut, "connected": _connected, "conn": _connected,
    "reorg": _reorg, "reorg3d": _reorg, **dict.fromkeys((*_DETECTIONS, *_NOTHING), _nothing),
}  # fmt: skip
