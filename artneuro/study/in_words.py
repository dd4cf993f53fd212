"""In words: a specification as a reader of a report meets it, complete enough to write a methods section from.

A value is said whether it was declared or is a default. Only what is not done at all is left unsaid where that is the
default: a switch that is off, an optional part that is absent, an empty list.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from artneuro.fields import Spec
from artneuro.registry import name_of


def in_words(value: Any, apart_from: Any = None) -> str:
    """Return a value of a declaration in words.

    Parameters
    ----------
    value : optional
        A specification, or anything that a parameter holds.
    apart_from : optional
        A specification of the same class: what is equal there is left out.

    Examples
    --------
    >>> from artneuro.rearing.optimizer import SGD
    >>> in_words(SGD(lr=0.1))
    'sgd (lr 0.1; momentum 0; weight decay 0)'
    >>> in_words(SGD(lr=0.2), apart_from=SGD(lr=0.1))
    'sgd (lr 0.2)'
    >>> in_words((True, None, 0.1)), in_words({"x": (1, 2)})
    ('yes, none, 0.1', 'x: 1, 2')
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Spec):
        return _specification(value, apart_from)
    if isinstance(value, tuple | list | Mapping) and not value:
        return "none"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {in_words(item)}" for key, item in value.items())
    if isinstance(value, tuple | list):
        return ("; " if any(isinstance(item, Spec) for item in value) else ", ").join(map(in_words, value))
    return str(value)


def _specification(spec: Spec, apart_from: Any) -> str:
    values = [(field, getattr(spec, field.name)) for field in attrs.fields(type(spec))]
    if type(apart_from) is type(spec):
        said = [(field, value) for field, value in values if value != getattr(apart_from, field.name)]
    else:
        said = [(field, value) for field, value in values if not _not_done(field, value)]
    parts = "; ".join(_part(field.name.replace("_", " "), value) for field, value in said)
    name = name_of(type(spec))
    if name is None:
        return parts
    return f"{name} ({parts})" if parts else name


def _part(name: str, value: Any) -> str:
    words = in_words(value)
    within = isinstance(value, Spec) and name_of(type(value)) is None
    return f"{name} ({words})" if within else f"{name} {words}"


def _not_done(field: "attrs.Attribute[Any]", value: Any) -> bool:
    """Tell whether a value is a default by which nothing is done: off, absent, empty, or a part that is all default."""
    if value != _default(field):
        return False
    unnamed = isinstance(value, Spec) and name_of(type(value)) is None  # augmentation: none; window: all of rearing
    return value is None or value is False or unnamed or (isinstance(value, str | tuple | Mapping) and not value)


def _default(field: "attrs.Attribute[Any]") -> Any:
    default: Any = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return attrs.NOTHING if default.takes_self else default.factory()
    return default
