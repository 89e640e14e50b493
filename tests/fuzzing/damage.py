"""What is done to a text or to bytes so that they are no longer what they should be."""

from __future__ import annotations

import random
import re
from pathlib import Path

TESTS = Path(__file__).parent.parent

WORDS = (
    *("param", "option", "override", "base.x", "self.x", "unlimited", "inputs", "consumers.index", "live.out_bytes"),
    *("copies", "group", "where", "if", "true", "not", "today", "->", "{", "}", "[", "]", "(", ")", ",", "=", "3 B"),
    *("1 s", "/ 0", "^ 99", "^ 0.5", "each layer in net", "then 1 else 2", "sum(layers.macs)", "argmax(layers.time)"),
    *("first(m in hw.memories where 1 B <= m.capacity)", "whole", "from 1", "-1", "0", "1e300", "0.1", "1e-300"),
    *(
        "conv(8)",
        "dense(4)",
        "max_pool(2)",
        "concat",
        "add",
        "norm()",
        "residual(8)",
        "2 *",
        "n *",
        "image",
        "\x1b[31m",
    ),
    *(
        "=1+1",
        "%",
        "±",
        "~ normal(1)",
        "in MB",
        '"a"',
        '"""',
        "#",
        "\n",
        "report { }",
        "claims",
        "chart bar",
        "é",
        "\0",
    ),
)


def specs() -> list[Path]:
    found = [*(TESTS / "cases").glob("*/*.mem"), *(TESTS.parent / "specs").glob("*.mem")]
    return sorted(path for path in found if path.stat().st_size < 6_000)


def damaged(text: str, chance: random.Random) -> str:
    tokens = re.findall(r"\w+|\s+|[^\w\s]", text) or [""]
    for _ in range(chance.randint(1, 4)):
        i, j = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        match chance.randrange(4):
            case 0:
                tokens[i] = ""
            case 1:
                tokens.insert(i, tokens[j])
            case 2:
                tokens[i] = chance.choice(WORDS)
            case _:
                tokens[i], tokens[j] = tokens[j], tokens[i]
    return "".join(tokens)


def bitten(content: bytes, chance: random.Random) -> bytes:
    """Bytes changed, cut out, doubled or cut off."""
    found = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found) + 1)
        length = min(chance.choice((1, 1, 2, 4, 16, 200)), len(found) - at)
        match chance.randrange(5):
            case 0:
                found[at : at + length] = chance.randbytes(length)
            case 1:
                del found[at : at + length]
            case 2:
                found[at:at] = found[at : at + length]
            case 3:
                found[at : at + length] = chance.choice((b"\xff" * length, b"\0" * length, b"\x80\x80\x80\x80\x10"))
            case _:
                if chance.random() < 0.3:
                    del found[at:]
    return bytes(found)
