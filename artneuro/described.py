"""Parameters of a specification as documentation, one line each: what `artneuro describe` prints."""

import json
from typing import Any

import attrs

from artneuro.fields import Spec, hints, plain, words


@attrs.frozen
class Described:
    """One parameter as documentation: name, requirement, default as a study file writes it, unit, meaning."""

    name: str
    required: str
    default: str
    units: str
    doc: str


def describe(cls: type[Spec]) -> tuple[Described, ...]:
    """Return the parameters of a specification as documentation."""
    kinds = hints(cls)
    return tuple(
        Described(
            field.name,
            words(kinds[field.name], field.metadata["check"]),
            _default(field.default),
            field.metadata["units"],
            field.metadata["doc"],
        )
        for field in attrs.fields(cls)
    )


def _default(default: Any) -> str:
    """Return a default as a study file would write it."""
    if default is attrs.NOTHING:
        return "required"
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        if default.takes_self:
            return "follows from the others"
        default = default.factory()
    return json.dumps(plain(default), ensure_ascii=False)
