"""Document: a YAML file as plain data, with the place of every value. Nothing that stands in a file is ever executed.

YAML is read by the rules of its version 1.2 (core schema): ``1e-3`` is a number, ``no`` and ``on`` are text, and only
``true`` and ``false`` are booleans. Tags are refused; aliases are read, within limits.
"""

import math
import re
from pathlib import Path
from typing import Any

import yaml

from artneuro.errors import Problem, SpecificationError
from artneuro.study.node import Node

MOST_BYTES = 256 * 1024
"""Largest file read. A study file is a page or two; the longest lists (the units to lesion) are some 30 kB."""
MOST_VALUES = 50_000
"""Most values, with every alias written out: a few short lines of aliases can stand for billions."""
MOST_TEXT = 4 * MOST_BYTES
"""Most characters of text, with every alias written out."""
MOST_LEVELS = 40
"""Deepest nesting; a study file has about ten levels."""


def read(path: Path | str) -> Node:
    """Read a YAML file.

    Raises
    ------
    SpecificationError
        Where there is no such file, or it is not text, not YAML, too large, empty, or uses a key twice; with the line.
    """
    path = Path(path)
    try:
        with path.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = (error.strerror if isinstance(error, OSError) else str(error)) or "it cannot be opened"
        advice = "" if path.exists() else "Check the path; `artneuro run` takes the study file as its argument."
        raise SpecificationError([Problem(str(path), "a readable file", reason, advice)]) from None
    if len(content) > MOST_BYTES:
        raise SpecificationError([Problem(str(path), f"at most {MOST_BYTES // 1024} KiB", "a larger file")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        came = f"byte 0x{content[error.start]:02x}"
        advice = "Save the file as UTF-8."
        raise SpecificationError([Problem(f"{path}:{line}", "text in UTF-8", came, advice)]) from None
    return parse(text, str(path))


def parse(text: str, source: str) -> Node:
    """Read YAML.

    Parameters
    ----------
    source : str
        Name of the file, for the places.

    Raises
    ------
    SpecificationError
        As from `read`.

    Examples
    --------
    >>> parse("lr: 1e-3", "a.yaml").bare()
    {'lr': 0.001}
    """
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        came = f"the character U+{int(error.character):04X}"
        advice = "Remove it, or write it as an escape in double quotes."
        raise SpecificationError([Problem(f"{source}:{line}", "printable text", came, advice)]) from None
    except yaml.MarkedYAMLError as error:
        raise SpecificationError([_not_yaml(error, source)]) from None
    except yaml.YAMLError as error:
        raise SpecificationError([Problem(source, "YAML", str(error))]) from None
    if root is None:
        raise SpecificationError([Problem(source, "a mapping with `study:`, `question:`, `cohort:`", "an empty file")])
    reading = _Reading(source)
    node = reading.node(root)
    if reading.problems:
        raise SpecificationError(reading.problems)
    return node


def dump(data: Any) -> str:
    """Write plain data as YAML that `parse` reads back as equal data.

    Examples
    --------
    >>> print(dump({"question": "1e-3", "lr": 0.001}), end="")
    question: '1e-3'
    lr: 0.001
    """
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def flow(data: Any) -> str:
    """Write plain data on one line, as `--set` takes it.

    Examples
    --------
    >>> flow({"step": {"every": 4}}), flow(1e-05), flow("yes")
    ('{step: {every: 4}}', '1.0e-05', 'yes')
    """
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=math.inf, default_flow_style=True)
    return text.removesuffix("...\n").strip()


_NUMBERS = "-+0123456789."
_SCALARS = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list(_NUMBERS)),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list(_NUMBERS)),
)
"""Tag, pattern and first characters of every plain scalar that is not text: the core schema of YAML 1.2.

Its ``.inf`` and ``.nan`` are left out: no parameter takes them, and JSON has no word for them.
"""


class _Loader(yaml.SafeLoader):
    """PyYAML's reader, with the scalars of YAML 1.2 and a limit on nesting. Used up to nodes; it constructs nothing."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  PyYAML's own class attribute
    level = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.level += 1
        if self.level > MOST_LEVELS:
            mark = parent.start_mark if parent else None
            raise yaml.composer.ComposerError(None, None, f"values nested more than {MOST_LEVELS} deep", mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.level -= 1
        return node


class _Dumper(yaml.SafeDumper):
    """PyYAML's writer, which quotes what YAML 1.2 would not read as text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # PyYAML folds the line break U+0085 in other styles and loses it
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if "\x85" in text else None)


_Dumper.add_representer(str, _text)
for _tag, _pattern, _first in _SCALARS:
    for _class in (_Loader, _Dumper):
        _class.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)


def _not_yaml(error: yaml.MarkedYAMLError, source: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    where = f"{source}:{mark.line + 1}" if mark else source
    came = ", ".join(part for part in (error.context, error.problem) if part)
    column = f" in column {mark.column + 1}" if mark else ""
    advice = ""
    if r"'\t'" in came or "\\t" in came:
        advice = "Indent with spaces; YAML allows no tabs."
    elif "mapping values are not allowed" in came:
        advice = "Quote text that holds a colon, and check the indentation."
    elif "expected a single document" in came:
        advice = "Put one study in a file; remove the second `---`."
    return Problem(where, "YAML", f'"{came}"{column}', advice)


class _Reading:
    """One walk over composed nodes: scalars to values, every problem noted with its line."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.values = 0
        self.characters = 0

    def place(self, node: yaml.Node) -> str:
        return f"{self.source}:{node.start_mark.line + 1}"

    def refuse(self, node: yaml.Node, required: str, came: str, advice: str = "") -> None:
        self.problems.append(Problem(self.place(node), required, came, advice))

    def node(self, node: yaml.Node, place: str = "", level: int = 0) -> Node:
        place = place or self.place(node)
        self.values += 1
        if level > MOST_LEVELS:  # the text itself is not so deep: an alias stands within its own anchor
            raise SpecificationError([Problem(place, "aliases that end", "an alias that holds itself")])
        self.characters += len(node.value) if isinstance(node, yaml.ScalarNode) else 0
        if self.values > MOST_VALUES or self.characters > MOST_TEXT:
            most = f"at most {MOST_VALUES} values and {MOST_TEXT} characters"
            advice = "An alias (`*name`) counts with all that it stands for."
            raise SpecificationError([Problem(place, most, "more", advice)])
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if isinstance(node, yaml.MappingNode) and kind == "map":
            return Node(self.mapping(node, level), place)
        if isinstance(node, yaml.SequenceNode) and kind == "seq":
            return Node([self.node(item, level=level + 1) for item in node.value], place)
        if isinstance(node, yaml.ScalarNode) and kind in _READERS:
            try:
                return Node(_READERS[kind](node.value), place)
            except (ValueError, KeyError, OverflowError):
                self.refuse(node, _KINDS[kind], repr(node.value[:60]))
                return Node(None, place)
        self.refuse(node, "plain YAML", f"the tag {node.tag[:60]!r}", "Remove the tag: a study file holds data only.")
        return Node(None, place)

    def mapping(self, node: yaml.MappingNode, level: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.refuse(key, "text as a key", "a list or mapping", "Write `name: value`.")
                continue
            name = key.value  # a key is the text that stands there, also where it looks like a number
            if name in found:
                came = f"{name[:60]!r} again (first on line {lines[name]})"
                self.refuse(key, "each key once", came, "Remove one of the two.")
                continue
            lines[name] = key.start_mark.line + 1
            found[name] = self.node(value, self.place(key), level + 1)
        return found


def _whole(text: str) -> int:
    number = int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if not -(2**63) <= number < 2**63:  # what netCDF can hold
        raise ValueError(text)
    return number


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_READERS: dict[str, Any] = {
    "null": lambda text: None,
    "bool": lambda text: {"true": True, "false": False}[text.lower()],
    "int": _whole,
    "float": _finite,
    "str": str,
}
_KINDS = {"bool": "true or false", "int": "a whole number of 64 bits", "float": "a finite number"}
