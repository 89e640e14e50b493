"""How each operation of the language is written in JavaScript: one table.

`a`, `b` and `c` are the operands, closures of a row `i`; `all` is the list of them. `truth`, `divide`, `power` and the
other words are functions of `machine.js`.
"""

from __future__ import annotations

OPERATIONS: dict[str, str] = {
    "+": "a(i) + b(i)",
    "-": "a(i) - b(i)",
    "*": "a(i) * b(i)",
    "/": "divide(a(i), b(i))",
    "^": "power(a(i), b(i))",
    "neg": "-a(i)",
    "==": "a(i) === b(i)",
    "!=": "a(i) !== b(i)",
    "<": "a(i) < b(i)",
    "<=": "a(i) <= b(i)",
    ">": "a(i) > b(i)",
    ">=": "a(i) >= b(i)",
    "and": "a(i) && b(i)",
    "or": "a(i) || b(i)",
    "not": "!a(i)",
    "if": "a(i) ? b(i) : c(i)",
    "min": "least(all, i)",
    "max": "greatest(all, i)",
    "floor": "Math.floor(a(i))",
    "ceil": "Math.ceil(a(i))",
    "round": "round(a(i))",
    "sqrt": "root(a(i))",
    "log2": "logarithm(a(i))",
    "exp": "Math.exp(a(i))",
    "abs": "Math.abs(a(i))",
    "clamp": "clamp(a(i), b(i), c(i))",
}

AGGREGATES: dict[str, str] = {
    "sum": "total(chosen)",
    "count": "copies(chosen)",
    "mean": "mean(chosen)",
    "max": "extreme(chosen, 1)",
    "min": "extreme(chosen, -1)",
    "any": "chosen.values.some(Boolean)",
    "all": "chosen.values.every(Boolean)",
    "argmax": "argmax(chosen)",
    "first": "first(chosen)",
}
"""How an aggregate is made of the rows that it chose: their positions, values and copies."""
