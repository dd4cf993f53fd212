"""In words: a specification as a reader of a report meets it, what is left at its default left out."""

from collections.abc import Mapping
from typing import Any

import attrs

from artneuro.fields import Spec
from artneuro.registry import name_of


def in_words(value: Any) -> str:
    """Return a value of a declaration in words.

    Examples
    --------
    >>> from artneuro.rearing.rearing import Rearing
    >>> in_words(Rearing(epochs=60, keep=(0, 30)))
    'epochs 60; keep 0, 30'
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
        return _specification(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {in_words(item)}" for key, item in value.items())
    if isinstance(value, tuple | list):
        return ("; " if any(isinstance(item, Spec) for item in value) else ", ").join(map(in_words, value))
    return str(value)


def _specification(spec: Spec) -> str:
    said = [
        f"{field.name.replace('_', ' ')} {in_words(getattr(spec, field.name))}"
        for field in attrs.fields(type(spec))
        if getattr(spec, field.name) != _default(field)
    ]
    name = name_of(type(spec))
    if name is None:
        return "; ".join(said) or "as by default"
    return f"{name} ({'; '.join(said)})" if said else name


def _default(field: "attrs.Attribute[Any]") -> Any:
    default: Any = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return attrs.NOTHING if default.takes_self else default.factory()
    return default
