"""What the words of the language mean, in one line each: for hover and completion."""

from __future__ import annotations

from typing import Final

from ..sheet.operations import AGGREGATES, OPERATIONS

DECLARATIONS: Final = {
    "use": "takes names from the library (`use std.layers`) or from a file beside the spec",
    "param": "an input: a value, with its range, its label and its source",
    "option": "what decides structure: fixed when the sheet is built",
    "fn": "a function: inlined where it is called",
    "layer": "a layer kind: the columns of each row that it makes",
    "each": "columns of every row of a class or of a kind",
    "block": "a part of a network, applied to tensors; its result is its `out`",
    "network": "a network: its rows are made by layer kinds and blocks",
    "hardware": "a chip: its memories, its compute units and cells over them",
    "rows": "a kind of component and its columns",
    "model": "columns added to the rows of a network, and totals over them",
    "table": "rows of values, or instances crossed with each other",
    "schedule": "named groups of rows of a network",
    "claim": "a published figure that the model must reproduce",
    "fit": "inputs found so that one column of a table comes close to a measured one: `memdsl fit`",
    "loss": "what a fit makes small: median, mean, squares",
    "scenario": "a named set of inputs",
    "require": "a condition that must hold, and what is wrong when it does not",
    "report": "what the report shows, in this order",
    "override": "replaces a cell of what is extended",
}
CLAUSES: Final = {
    "from": 'a range (`from 0 B to 1 GiB`) or a source (`from "…"`)',
    "to": "the upper end of a range",
    "whole": "the value has no fraction",
    "multiple": "`multiple of n`: the value is always divisible by n",
    "one": "`one of a, b`: the values that are allowed",
    "in": "the unit that a value is shown in",
    "within": "how far a claim may be off: a share or a distance",
    "at": "inputs that a claim sets for itself",
    "disputed": "the source is wrong, and why",
    "extends": "takes everything from another template",
    "where": "a condition on rows",
    "if": "`if c then a else b`: one of two values",
    "then": "the value where the condition holds",
    "else": "the value where the condition does not hold",
    "and": "both conditions hold",
    "or": "one of the conditions holds",
    "not": "the condition does not hold",
    "text": "prose of the report; `{cell in unit}` shows a value",
    "chart": "a chart of the report",
    "equation": "a closed form in the report",
    "claims": "the claims, in the report",
    "over": "the input along an axis",
    "by": "the column that names the rows",
    "for": "crosses a table, or names the network of a schedule",
    "of": "`multiple of`, `one of`, `rows … of …`",
    "true": "the truth value",
    "false": "the truth value",
    "unlimited": "a number above all others",
    "self": "the instance itself",
    "base": "`base.x` is the formula that an override replaces",
}
FUNCTIONS: Final = {
    **{name: f"{known.signature}: {known.says}" for name, known in OPERATIONS.items() if known.signature},
    **{name: f"{known.signature}: {known.says}" for name, known in AGGREGATES.items() if name not in OPERATIONS},
    **{
        name: f"{OPERATIONS[name].signature}: {OPERATIONS[name].says}; of a column: {AGGREGATES[name].signature}"
        for name in AGGREGATES.keys() & OPERATIONS.keys()
    },
}
_UNITS = """B kB MB GB TB KiB MiB GiB bit B/s kB/s MB/s GB/s TB/s MAC kMAC MMAC GMAC TMAC op Gop Top MAC/s GMAC/s
TMAC/s op/s Gop/s Top/s MAC/B op/B s ms us ns Hz kHz MHz GHz J mJ uJ nJ pJ pJ/B pJ/bit pJ/MAC W mW m mm mm^2 mm^2/MB
usd % px image token cycle image/s token/s k M G"""
COMMON_UNITS: Final = tuple(_UNITS.split())
