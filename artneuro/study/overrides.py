"""Overrides: what a profile, or `--set` on the command line, changes in a study file.

Rules of merging
----------------
- A mapping is merged into a mapping, key by key.
- A member of a family merges into a member of the same name, and replaces one of another name:
  ``optimizer: {adam: {lr: 1e-3}}`` over ``optimizer: {sgd: {momentum: 0.9}}`` leaves no trace of sgd.
- A list replaces a list. To change an element only, a mapping reaches it by name: ``protocols: {LesionStudy: {repeats:
  2}}`` reaches the entry whose record has that name; in the same way ``LabelCorruption`` within an arm, ``anova``
  within the analyses. With `--set`, also by position: ``protocols[0].LesionStudy.repeats=2``.
- A label (of an arm, a hypothesis) that is set to null is removed.
- Everything else replaces.
"""

import re
import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin

from artneuro import registry
from artneuro.cohort import Arm
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import Spec, hints
from artneuro.study.document import parse
from artneuro.study.node import Node

BESIDE = ("as", "arms", "ages")
"""Keys of a protocol's entry beside the protocol."""
_POSITION = re.compile(r"\[(\d+)\]")
_PATH = re.compile(r"[^.\[\]]+(\.[^.\[\]]+|\[\d+\])*")


def assignment(text: str) -> Node:
    """Return what ``PATH=VALUE`` overrides, in the form of a profile.

    Raises
    ------
    SpecificationError
        Where it is not of that form, or the value is not YAML.

    Examples
    --------
    >>> assignment("cohort.rearing.epochs=5").bare()
    {'cohort': {'rearing': {'epochs': 5}}}
    """
    place = f"--set {text}"
    path, equals, value = text.partition("=")
    if not equals or not is_path(path):
        example = "For example: --set cohort.rearing.epochs=5"
        raise SpecificationError([Problem("--set", "PATH=VALUE", repr(text), example)])
    return at(path, parse(value, place).placed(lambda line: place) if value.strip() else Node(None, place))


def is_path(text: str) -> bool:
    """Tell whether a text is a path, such as ``cohort.rearing.epochs`` or ``protocols[0].LesionStudy.repeats``."""
    return _PATH.fullmatch(text) is not None


def keys_of(path: str) -> list[str]:
    """Return the keys that a path goes through.

    Examples
    --------
    >>> keys_of("cohort.arms.half[0].LabelCorruption")
    ['cohort', 'arms', 'half', '[0]', 'LabelCorruption']
    """
    return re.findall(r"\[\d+\]|[^.\[\]]+", path)


def at(path: str, node: Node) -> Node:
    """Return what overrides the value under a path, in the form of a profile."""
    for key in reversed(keys_of(path)):
        node = Node({key: node}, node.place)
    return node


def merge(base: Node, over: Node, kind: Any) -> Node:
    """Return `base` with `over` merged in by the rules above.

    Parameters
    ----------
    kind : type
        What the values will become; it tells families, lists and labels apart.

    Raises
    ------
    SpecificationError
        Where an element of a list is reached that is not there; paths are those within `over`.
    """
    if not isinstance(over.value, dict):
        return over
    kind = _choose(kind)
    if kind is Arm:
        base, over = _whole_arm(base), _whole_arm(over)
    if isinstance(base.value, list):
        return _into_list(base, over, kind)
    if registry.family_of(kind) is not None:
        base = _whole_member(base)
        if not isinstance(base.value, dict) or list(base.value) != list(over.value):
            return over
    if not isinstance(base.value, dict):
        return over
    merged = dict(base.value)
    merging = _Merging()
    for key, child in over.value.items():
        if child.value is None and get_origin(kind) in (dict, Mapping):
            merged.pop(key, None)
        elif key in merged:
            merged[key] = merging.within(key, merged[key], child, _inner(kind, key))
        else:
            merged[key] = child
    merging.finish()
    return Node(merged, base.place)


class _Merging:
    """One level of merging: goes on past problems, so that all are found."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def within(self, key: str, base: Node, over: Node, kind: Any) -> Node:
        try:
            return merge(base, over, kind)
        except SpecificationError as error:
            self.problems += [problem.within(key) for problem in error.problems]
            return base

    def finish(self) -> None:
        if self.problems:
            raise SpecificationError(self.problems)


def _choose(kind: Any) -> Any:
    """Return the option of a union that has parameters or elements, or else the type itself."""
    if get_origin(kind) not in (Union, types.UnionType):
        return kind
    options = [option for option in get_args(kind) if get_origin(option) or _is_spec(option)]
    return options[0] if options else kind


def _is_spec(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Spec)


def _inner(kind: Any, key: str) -> Any:
    """Return the type of the value under `key`."""
    if get_origin(kind) in (dict, Mapping):
        return get_args(kind)[1]
    if not _is_spec(kind):
        return Any
    if word := registry.family_of(kind):
        return registry.members(word).get(key, Any)
    kinds = hints(kind)
    families = [word for hint in kinds.values() if (word := registry.family_of(hint))]
    beside = [registry.members(word)[key] for word in families if key in registry.members(word)]
    return kinds.get(key) or next(iter(beside), Any)  # an entry holds its protocol beside `as`, `arms`, `ages`


def _whole_arm(arm: Node) -> Node:
    """Return an arm with its list of interventions as the parameter that it stands for."""
    parameters = hints(Arm)
    reaching = isinstance(arm.value, dict) and bool(arm.value) and not set(arm.value) & set(parameters)
    return Node({"interventions": arm}, arm.place) if isinstance(arm.value, list) or reaching else arm


def _whole_member(member: Node) -> Node:
    """Return a member of a family, written as a name or without parameters, as a mapping."""
    if isinstance(member.value, str):
        return Node({member.value: Node({}, member.place)}, member.place)
    if isinstance(member.value, dict):
        filled = {key: Node({}, child.place) if child.value is None else child for key, child in member.value.items()}
        return Node(filled, member.place)
    return member


def _into_list(base: Node, over: Node, kind: Any) -> Node:
    items = list(base.value)
    named = [name_of(item) for item in items]
    inner = next((option for option in get_args(kind) if option is not Ellipsis), Any)
    merging = _Merging()
    for key, child in over.value.items():
        position = _POSITION.fullmatch(key)
        places = [int(position[1])] if position else [place for place, name in enumerate(named) if name == key]
        if len(places) != 1 or places[0] >= len(items):
            required = f"the name of one element of a list of {len(items)}, or its [position] from [0]"
            came = f"{key!r}, the name of {len(places)}" if len(places) > 1 else repr(key)
            advice = registry.suggestion(key, [name for name in named if name])
            merging.problems.append(Problem(key, required, came, advice))
            continue
        (place,) = places
        reached = child if position else Node({_member_key(items[place]): child}, child.place)
        items[place] = merging.within(key, items[place], reached, inner)
    merging.finish()
    return Node(items, base.place)


def _member_key(item: Node) -> str:
    """Return the name of the member of a family that an element of a list is, or holds."""
    if isinstance(item.value, str):
        return item.value
    return next((str(key) for key in item.value if key not in BESIDE), "")


def name_of(item: Node) -> str | None:
    """Return the name by which an element of a list is reached: of its record, or of the member of a family.

    Examples
    --------
    >>> name_of(Node({"LesionStudy": Node({}, ""), "as": Node("early", "")}, ""))
    'early'
    """
    if isinstance(item.value, str):
        return item.value
    if not isinstance(item.value, dict):
        return None
    own = item.value.get("as")
    if own is not None and isinstance(own.value, str):
        return own.value
    return _member_key(item) or None
