"""Parameter: what a study declares at a path, so that a range can be asked whether it fits."""

import re
import types
from collections.abc import Mapping
from typing import Any, Union, final, get_args, get_origin

import attrs

from artneuro import registry
from artneuro.cohort import Arm
from artneuro.fields import Spec, hints, words
from artneuro.study.overrides import BESIDE, keys_of
from artneuro.study.study import Entry, Study


@final
@attrs.frozen
class Parameter:
    """What stands at a path of a study.

    Parameters
    ----------
    kind : type
        Its declared type.
    units, doc : str
        As declared with the parameter; empty where the path leads to something that is none.
    """

    kind: Any
    units: str = "1"
    doc: str = ""

    @property
    def number(self) -> type | None:
        """Int or float, where it is a number (or may be left out); else None."""
        options = get_args(self.kind) if get_origin(self.kind) in (Union, types.UnionType) else (self.kind,)
        return next((option for option in options if option in (int, float)), None)

    @property
    def words(self) -> str:
        """What it takes, in words."""
        return words(self.kind)


def parameter_at(study: Study, path: str) -> Parameter:
    """Return what stands at a path that the study has, written as an override writes it.

    Examples
    --------
    >>> from artneuro.fields import build
    >>> cohort = {"anatomy": "mlp", "environment": "digits", "arms": {"half": [{"LabelCorruption": {"fraction": 0.5}}]}}
    >>> study = build(Study, {"study": "s", "question": "?", "cohort": cohort})
    >>> parameter_at(study, "cohort.arms.half.LabelCorruption.fraction").number
    <class 'float'>
    >>> parameter_at(study, "cohort.rearing.epochs").units
    'epoch'
    """
    value: Any = study
    found = Parameter(Study)
    keys = keys_of(path)
    while keys:
        key = keys.pop(0)
        if isinstance(value, Arm) and key not in hints(Arm):
            value, found = value.interventions, Parameter(hints(Arm)["interventions"])
        if isinstance(value, tuple):
            value, found, inside = _element(value, key, found)
            if inside:
                continue
        elif isinstance(value, Mapping):
            value, found = value[key], Parameter(get_args(found.kind)[1], found.units, found.doc)
        elif isinstance(value, Entry) and key not in BESIDE:
            value = value.protocol  # an entry holds its protocol under the protocol's name
            continue
        else:
            value, found = _field(value, "name" if isinstance(value, Entry) and key == "as" else key)
        if keys and registry.name_of(type(value)) == keys[0]:
            keys.pop(0)  # a member of a family is written as {name: {parameters}}
    return found


def _field(value: Spec, key: str) -> tuple[Any, Parameter]:
    field = getattr(attrs.fields(type(value)), key)
    kind = hints(type(value))[key]
    mapping = next((option for option in get_args(kind) if get_origin(option) in (dict, Mapping)), kind)
    return getattr(value, key), Parameter(mapping, field.metadata["units"], field.metadata["doc"])


def _element(items: tuple[Any, ...], key: str, found: Parameter) -> tuple[Any, Parameter, bool]:
    """Return an element of a list, reached by position or by name, and whether the name was that of its family."""
    kind = attrs.evolve(found, kind=get_args(found.kind)[0] if get_args(found.kind) else Any)
    if position := re.fullmatch(r"\[(\d+)\]", key):
        return items[int(position[1])], kind, False
    held = [getattr(item, "protocol", item) for item in items]
    names = [getattr(item, "name", registry.name_of(type(item))) for item in items]
    return held[names.index(key)], kind, True
