"""Plain Python as JavaScript, so that what a report and its page draw alike is written once.

Plain code is functions and classes over numbers, texts, lists, sets and dictionaries: no exceptions, no generators of
its own, no global state. What this module does not know raises `NotPlain` with its line; `python.js` has the helpers.
"""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterable, Sequence
from types import ModuleType


class NotPlain(Exception):
    """A construct that has no translation."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RESERVED = _words(
    "arguments await case catch const debugger default delete do enum eval export extends function implements in "
    "instanceof interface let new null package private protected public static super switch this throw try typeof "
    "undefined var void with yield Map Set Math Number String Object Array Symbol document window"
)
_LISTS = (ast.List, ast.ListComp, ast.Tuple)
_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_COMPARE = {
    ast.Eq: "===", ast.NotEq: "!==", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "===",
    ast.IsNot: "!==",
}  # fmt: skip
_MATHS = {
    "floor": "Math.floor", "ceil": "Math.ceil", "sqrt": "Math.sqrt", "hypot": "Math.hypot", "log": "Math.log",
    "log2": "Math.log2", "log10": "Math.log10", "isnan": "Number.isNaN", "inf": "Infinity", "nan": "NaN",
    "copysign": "$copysign", "exp": "Math.exp", "isinf": "$isinf", "isfinite": "Number.isFinite",
}  # fmt: skip
_BUILTINS = _words(
    "len range enumerate zip sum sorted reversed round int float str list tuple set dict any all pairwise escape"
)
_METHODS = _words(
    "append extend join partition rpartition replace split startswith endswith strip rstrip lstrip items get values "
    "keys removesuffix removeprefix add update setdefault pop lower"
)


def translate(parts: Sequence[tuple[ModuleType, Sequence[str] | None]]) -> str:
    """The JavaScript of some modules, or of the names given of them, in one scope.

    A name that a module keeps to itself carries the module's name, so that two modules may have the same.
    """
    public: dict[str, str] = {}
    chosen: list[tuple[str, list[ast.stmt]]] = []
    for module, names in parts:
        title = module.__name__.rpartition(".")[2]
        tree = ast.parse(inspect.getsource(module))
        found = {name: node for node in tree.body for name in _names(node)}
        nodes = list({id(node): node for name, node in found.items() if names is None or name in names}.values())
        for name in (name for name in found if not name.startswith("_") and (names is None or name in names)):
            if public.setdefault(name, title) != title:
                raise NotPlain(f"{name} is defined in {public[name]} and in {title}")
        chosen.append((title, nodes))
    known = _Known([node for _, nodes in chosen for node in nodes])
    return "\n".join(_Translator(title, nodes, known).text() for title, nodes in chosen)


def _names(node: ast.stmt) -> Iterable[str]:
    """What a statement of a module defines, apart from names for types."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Assign) and not _is_type(node.value):
        for target in node.targets:
            yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id


def _starred(node: ast.Call) -> bool:
    return any(isinstance(part, ast.Starred) for part in node.args)


def _is_type(value: ast.expr) -> bool:
    if isinstance(value, ast.Subscript):
        return isinstance(value.value, ast.Name)
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in ("TypeVar", "NewType")
    return isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr)


class _Known:
    """The classes of all modules, and the arguments of functions, classes and (after a dot) methods."""

    def __init__(self, nodes: Sequence[ast.stmt]) -> None:
        self.classes = {node.name for node in nodes if isinstance(node, ast.ClassDef)}
        self.signatures: dict[str, list[tuple[str, ast.expr | None]]] = {}
        for node in nodes:
            if isinstance(node, ast.FunctionDef):
                self.signatures[node.name] = _signature(node)
            elif isinstance(node, ast.ClassDef):
                self._class_signatures(node)

    def _class_signatures(self, node: ast.ClassDef) -> None:
        fields = [(f.target.id, f.value) for f in _fields(node)]  # type: ignore[union-attr]
        self.signatures[node.name] = fields
        for part in node.body:
            if isinstance(part, ast.FunctionDef):
                name = node.name if part.name == "__init__" else f".{part.name}"
                self.signatures[name] = _signature(part)[1:]


class _Translator:
    def __init__(self, module: str, nodes: Sequence[ast.stmt], known: _Known) -> None:
        self.nodes = nodes
        self.classes, self.signatures = known.classes, known.signatures
        self.private = {n: f"{n}${module}" for node in nodes for n in _names(node) if n.startswith("_")}

    def name(self, name: str) -> str:
        return self.private.get(name) or _name(name)

    def text(self) -> str:
        return "\n".join(self.statement(node, top=True) for node in self.nodes)

    # ---- statements -------------------------------------------------------------------------------------------------

    def block(self, nodes: Sequence[ast.stmt]) -> str:
        return "\n".join(self.statement(node) for node in nodes)

    def statement(self, node: ast.stmt, top: bool = False) -> str:
        match node:
            case ast.FunctionDef():
                return f"const {self.name(node.name)} = {self.function(node.args, node.body)};"
            case ast.ClassDef():
                return self.class_(node)
            case ast.Assign(targets=[ast.Subscript() as target]):
                return f"$put({self.value(target.value)}, {self.value(target.slice)}, {self.value(node.value)});"
            case ast.Assign():
                names = " = ".join(self.target(target) for target in node.targets)
                return f"{'const ' if top else ''}{names} = {self.value(node.value)};"
            case ast.AnnAssign():
                if node.value is None:
                    return ""
                return f"{'const ' if top else ''}{self.target(node.target)} = {self.value(node.value)};"
            case ast.AugAssign(target=ast.Subscript() as target):
                place = f"{self.value(target.value)}, {self.value(target.slice)}"
                return f"$put({place}, {self._binary(node.op, f'$at({place})', self.value(node.value))});"
            case ast.AugAssign():
                name = self.target(node.target)
                if isinstance(node.value, (ast.List, ast.ListComp)):
                    return f"{name} = [...{name}, ...{self.value(node.value)}];"
                return f"{name} = {self._binary(node.op, name, self.value(node.value))};"
            case ast.Return():
                return f"return {self.value(node.value) if node.value is not None else 'null'};"
            case ast.If():
                other = f" else {{\n{self.block(node.orelse)}\n}}" if node.orelse else ""
                return f"if ({self.truth(node.test)}) {{\n{self.block(node.body)}\n}}{other}"
            case ast.For(orelse=[]):
                head = f"for ({self.target(node.target)} of $list({self.value(node.iter)}))"
                return f"{head} {{\n{self.block(node.body)}\n}}"
            case ast.While(orelse=[]):
                return f"while ({self.truth(node.test)}) {{\n{self.block(node.body)}\n}}"
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.Assert():
                return ""
            case ast.Expr():
                return f"{self.value(node.value)};"
            case ast.Break():
                return "break;"
            case ast.Continue():
                return "continue;"
        raise _not_plain(node)

    def function(self, arguments: ast.arguments, body: Sequence[ast.stmt], skip: int = 0, prefix: str = "") -> str:
        given = _all_arguments(arguments)[skip:]
        texts = [f"{_name(a.arg)} = {self.value(d)}" if d is not None else _name(a.arg) for a, d in given]
        taken = {a.arg for a, _ in given}
        local = [name for name in dict.fromkeys(_assigned(body)) if name not in taken]
        declared = f"let {', '.join(_name(name) for name in local)};\n" if local else ""
        arrow = "" if prefix else " =>"
        return f"{prefix}({', '.join(texts)}){arrow} {{\n{declared}{self.block(body)}\n}}"

    def class_(self, node: ast.ClassDef) -> str:
        parts = []
        fields = _fields(node)
        if fields:
            names = [_name(f.target.id) for f in fields]  # type: ignore[union-attr]
            given = [
                f"{name} = {self.value(f.value)}" if f.value is not None else name
                for name, f in zip(names, fields, strict=True)
            ]
            stored = "\n".join(f"this.{f.target.id} = {name};" for f, name in zip(fields, names, strict=True))  # type: ignore[union-attr]
            parts.append(f"constructor({', '.join(given)}) {{\n{stored}\n}}")
        for part in node.body:
            if isinstance(part, ast.FunctionDef):
                getter = any(isinstance(d, ast.Name) and d.id == "property" for d in part.decorator_list)
                name = "constructor" if part.name == "__init__" else f"{'get ' if getter else ''}{part.name}"
                parts.append(self.function(part.args, part.body, skip=1, prefix=name))
        return f"class {node.name} {{\n" + "\n".join(parts) + "\n}"

    def target(self, node: ast.expr) -> str:
        match node:
            case ast.Name():
                return self.name(node.id)
            case ast.Tuple() | ast.List():
                return f"[{', '.join(self.target(part) for part in node.elts)}]"
            case ast.Starred():
                return f"...{self.target(node.value)}"
            case ast.Attribute():
                return self.value(node)
        raise _not_plain(node)

    # ---- values -----------------------------------------------------------------------------------------------------

    def truth(self, node: ast.expr) -> str:
        """A condition as JavaScript takes it: an empty list is false."""
        match node:
            case ast.BoolOp():
                sign = " && " if isinstance(node.op, ast.And) else " || "
                return f"({sign.join(self.truth(part) for part in node.values)})"
            case ast.UnaryOp(op=ast.Not()):
                return f"!{self.truth(node.operand)}"
            case ast.Compare():
                return self.value(node)
        return f"$truth({self.value(node)})"

    def value(self, node: ast.expr) -> str:
        match node:
            case ast.Constant():
                return json.dumps(node.value)
            case ast.Name():
                return "this" if node.id == "self" else self.name(node.id)
            case ast.Attribute(value=ast.Name(id="math")):
                return _MATHS[node.attr]
            case ast.Attribute():
                return f"{self.value(node.value)}.{node.attr}"
            case ast.BinOp(op=ast.Add()) if isinstance(node.left, _LISTS) or isinstance(node.right, _LISTS):
                return f"[...{self.value(node.left)}, ...{self.value(node.right)}]"
            case ast.BinOp():
                return self._binary(node.op, self.value(node.left), self.value(node.right))
            case ast.UnaryOp(op=ast.Not()):
                return self.truth(node)
            case ast.UnaryOp():
                return f"(-{self.value(node.operand)})"
            case ast.BoolOp():
                first, *others = node.values
                other = others[0] if len(others) == 1 else ast.BoolOp(node.op, others)
                turns = "?" if isinstance(node.op, ast.And) else "? $v :"
                rest = " : $v" if isinstance(node.op, ast.And) else ""
                return f"(($v) => $truth($v) {turns} {self.value(other)}{rest})({self.value(first)})"
            case ast.Compare():
                return self._compare(node)
            case ast.IfExp():
                return f"({self.truth(node.test)} ? {self.value(node.body)} : {self.value(node.orelse)})"
            case ast.List() | ast.Tuple():
                return f"[{', '.join(self.value(part) for part in node.elts)}]"
            case ast.Set():
                return f"new Set([{', '.join(self.value(part) for part in node.elts)}])"
            case ast.Dict():
                pairs = [(k, v) for k, v in zip(node.keys, node.values, strict=True) if k is not None]
                return f"new Map([{', '.join(f'[{self.value(k)}, {self.value(v)}]' for k, v in pairs)}])"
            case ast.Starred():
                return f"...$list({self.value(node.value)})"
            case ast.JoinedStr():
                return self._text(node)
            case ast.Lambda():
                return f"(({', '.join(_name(a.arg) for a in node.args.args)}) => {self.value(node.body)})"
            case ast.ListComp() | ast.GeneratorExp():
                return self._comprehension(node.generators, self.value(node.elt))
            case ast.SetComp():
                return f"new Set({self._comprehension(node.generators, self.value(node.elt))})"
            case ast.DictComp():
                pair = f"[{self.value(node.key)}, {self.value(node.value)}]"
                return f"new Map({self._comprehension(node.generators, pair)})"
            case ast.Subscript():
                return self._subscript(node)
            case ast.Call():
                return self._call(node)
        raise _not_plain(node)

    def _binary(self, op: ast.operator, left: str, right: str) -> str:
        if isinstance(op, ast.FloorDiv):
            return f"Math.floor({left} / {right})"
        if isinstance(op, ast.Mod):
            return f"$mod({left}, {right})"
        return f"({left} {_BINARY[type(op)]} {right})"

    def _compare(self, node: ast.Compare) -> str:
        parts, left = [], node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            a, b = self.value(left), self.value(right)
            if isinstance(op, (ast.In, ast.NotIn)):
                parts.append(f"{'!' if isinstance(op, ast.NotIn) else ''}$in({a}, {b})")
            else:
                parts.append(f"{a} {_COMPARE[type(op)]} {b}")
            left = right
        return f"({' && '.join(parts)})"

    def _text(self, node: ast.JoinedStr) -> str:
        parts = ['""']
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                spec = self.value(part.format_spec) if part.format_spec is not None else '""'
                parts.append(f"$format({self.value(part.value)}, {spec})")
            else:
                parts.append(self.value(part))
        return f"({' + '.join(parts)})"

    def _comprehension(self, generators: Sequence[ast.comprehension], body: str) -> str:
        first, *others = generators
        found = f"$list({self.value(first.iter)})"
        target = self.target(first.target)
        for test in first.ifs:
            found += f".filter(({target}) => {self.truth(test)})"
        if others:
            return f"{found}.flatMap(({target}) => {self._comprehension(others, body)})"
        return f"{found}.map(({target}) => {body if not body.startswith('{') else f'({body})'})"

    def _subscript(self, node: ast.Subscript) -> str:
        inside = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            if node.slice.step is not None:
                raise _not_plain(node)
            ends = [self.value(e) if e is not None else "null" for e in (node.slice.lower, node.slice.upper)]
            return f"$slice({inside}, {', '.join(ends)})"
        return f"$at({inside}, {self.value(node.slice)})"

    def _call(self, node: ast.Call) -> str:
        arguments = [self.value(part) for part in node.args]
        keywords = {k.arg: k.value for k in node.keywords if k.arg is not None}
        match node.func:
            case ast.Name(id="isinstance"):
                kinds = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
                return f"$is({arguments[0]}, {json.dumps([k.id for k in kinds if isinstance(k, ast.Name)])})"
            case ast.Name(id="min" | "max" as name) if len(arguments) == 2 and not keywords and not _starred(node):
                return f"${'larger' if name == 'max' else 'smaller'}({', '.join(arguments)})"
            case ast.Name(id="min" | "max" as name):
                given = arguments[0] if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred) else None
                given = given or f"[{', '.join(arguments)}]"
                key = self.value(keywords["key"]) if "key" in keywords else "null"
                other = f", {self.value(keywords['default'])}" if "default" in keywords else ""
                return f"${name}({given}, {key}{other})"
            case ast.Name(id="sorted"):
                key = self.value(keywords["key"]) if "key" in keywords else "null"
                backwards = self.value(keywords["reverse"]) if "reverse" in keywords else "false"
                return f"$sorted({arguments[0]}, {key}, {backwards})"
            case ast.Name(id="abs"):
                return f"Math.abs({arguments[0]})"
            case ast.Name(id="isnan"):
                return f"Number.isNaN({arguments[0]})"
            case ast.Name(id="next"):
                return f"$next({', '.join(arguments)})"
            case ast.Name() if node.func.id in _BUILTINS and node.func.id not in self.signatures:
                return f"${node.func.id}({', '.join(arguments)})"
            case ast.Name() if node.func.id in self.classes:
                return f"new {node.func.id}({self._given(node, node.func.id, arguments, keywords)})"
            case ast.Name() if node.func.id in self.signatures:
                return f"{self.name(node.func.id)}({self._given(node, node.func.id, arguments, keywords)})"
            case ast.Name() if not keywords:
                return f"{self.name(node.func.id)}({', '.join(arguments)})"
            case ast.Attribute(value=ast.Name(id="math")):
                return f"{_MATHS[node.func.attr]}({', '.join(arguments)})"
            case ast.Attribute() if f".{node.func.attr}" in self.signatures:
                given_text = self._given(node, f".{node.func.attr}", arguments, keywords)
                return f"{self.value(node.func.value)}.{node.func.attr}({given_text})"
            case ast.Attribute() if node.func.attr in _METHODS and not keywords:
                return f"$m.{node.func.attr}({', '.join([self.value(node.func.value), *arguments])})"
        raise _not_plain(node)

    def _given(self, node: ast.Call, name: str, arguments: list[str], keywords: dict[str, ast.expr]) -> str:
        """Arguments in the order of the function, those given by name in their places."""
        signature = self.signatures[name]
        given = list(arguments)
        if keywords and any(isinstance(part, ast.Starred) for part in node.args):
            raise _not_plain(node)
        unknown = keywords.keys() - {argument for argument, _ in signature}
        if unknown:
            raise _not_plain(node)
        if keywords:
            last = max(i for i, (argument, _) in enumerate(signature) if argument in keywords)
            for argument, _ in signature[len(given) : last + 1]:
                given.append(self.value(keywords[argument]) if argument in keywords else "undefined")
        return ", ".join(given)


def _not_plain(node: ast.AST) -> NotPlain:
    return NotPlain(f"line {getattr(node, 'lineno', '?')}: {ast.unparse(node)[:120]}")


def _name(name: str) -> str:
    return f"{name}$" if name in _RESERVED else name


def _all_arguments(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    plain = [*arguments.posonlyargs, *arguments.args]
    none: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    return [
        *zip(plain, [*none, *arguments.defaults], strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]


def _signature(node: ast.FunctionDef) -> list[tuple[str, ast.expr | None]]:
    return [(argument.arg, default) for argument, default in _all_arguments(node.args)]


def _fields(node: ast.ClassDef) -> list[ast.AnnAssign]:
    return [part for part in node.body if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)]


def _assigned(body: Sequence[ast.stmt]) -> list[str]:
    """Names that a function assigns, those of functions inside it left out."""
    found: list[str] = []

    def visit(node: ast.AST) -> None:
        if isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
            return
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
        for child in ast.iter_child_nodes(node):
            visit(child)

    for statement in body:
        visit(statement)
    return found
