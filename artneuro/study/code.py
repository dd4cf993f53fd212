"""The code that matters to a result: the modules that a class can reach through its imports, as one digest."""

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import attrs

from artneuro import records
from artneuro.fields import Spec

ROOT = Path(records.__file__).parent
WORDING = frozenset({"described", "errors", "extras", "fields", "files", "registry", "_version"})
"""Rooms that word and check declarations: what they decide stands in the declaration, which is in the key itself."""


def digest(*modules: str) -> str:
    """Return 16 hexadecimal digits that identify the code these modules can reach through their imports.

    A result is made anew when code that it rests on changes: its own module, and what that imports within artneuro.
    Another protocol, another anatomy, comments and docstrings do not touch it. Of a user's own package, the named
    modules themselves count, to the letter.

    Parameters
    ----------
    *modules : str
        Full names, such as ``artneuro.rearing.rear``.

    Examples
    --------
    >>> digest("artneuro.seeds") == digest("artneuro.seeds", "artneuro.errors")
    True
    """
    own = sorted({name for name in modules if name.partition(".")[0] != "artneuro"})
    return records.content_key(_digest_within(frozenset(modules) - set(own)), {name: _letters(name) for name in own})


def modules_of(value: Any) -> set[str]:
    """Return the modules of all specifications that a declaration is built of, at any depth."""
    if isinstance(value, Spec):
        inner = (getattr(value, field.name) for field in attrs.fields(type(value)))
        return {type(value).__module__}.union(*map(modules_of, inner))
    if isinstance(value, Mapping):
        return set().union(*map(modules_of, value.values()))
    if isinstance(value, tuple | list):
        return set().union(*map(modules_of, value))
    return set()


@cache
def _digest_within(modules: frozenset[str]) -> str:
    reached: set[str] = set()
    todo = [place for place in map(_place, modules) if place]
    while todo:
        place = todo.pop()
        if place in reached or place in WORDING:
            continue
        reached.add(place)
        todo += _imports(place)
    return records.code_digest(*reached)


@cache
def _imports(place: str) -> tuple[str, ...]:
    """Return the places of artneuro's modules that the one at `place` imports."""
    tree = ast.parse(_file(place).read_text(encoding="utf-8"))
    return tuple(place for place in map(_place, _imported(tree)) if place)


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _place(name: str) -> str | None:
    """Return where the module that holds `name` lies within artneuro, without suffix; None outside."""
    top, *rest = name.split(".")
    if top != "artneuro":
        return None
    while rest:
        place = "/".join(rest)
        if _file(place).is_file():
            return place
        if (ROOT / place / "__init__.py").is_file():
            return f"{place}/__init__"
        rest = rest[:-1]  # the last part names something within a module
    return None


def _file(place: str) -> Path:
    return ROOT / f"{place}.py"


def _letters(name: str) -> str:
    """Return a digest of a module's text; of its name alone where it has no file, as in an interactive session."""
    loaded = getattr(sys.modules.get(name), "__file__", None)
    found = None if loaded or name == "__main__" else importlib.util.find_spec(name)
    origin = loaded or (found.origin if found else None)
    return hashlib.sha256(Path(origin).read_bytes() if origin else name.encode()).hexdigest()
