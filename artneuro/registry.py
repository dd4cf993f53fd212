"""Named families of specifications: the only way from a name in a study file to a class.

A family (anatomies, environments, interventions, protocols, ...) is an abstract class; its members are registered
under one name each when they are defined. A study file can therefore never reach a class that was not meant for it.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import TypeVar

from artneuro.errors import Problem, RunError, SpecificationError

C = TypeVar("C", bound=type)

_families: dict[type, str] = {}
_members: dict[str, dict[str, type]] = {}
_names: dict[type, str] = {}


def family(word: str) -> Callable[[C], C]:
    """Declare an abstract class as a family, known to users as `word` (singular, lower case)."""

    def declare(cls: C) -> C:
        _families[cls] = word
        _members.setdefault(word, {})
        return cls

    return declare


def register(name: str) -> Callable[[C], C]:
    """Register a final class under `name` in every family that it belongs to.

    Raises
    ------
    TypeError
        Where the class belongs to no family, or the name is taken.
    """

    def enter(cls: C) -> C:
        words = [_families[base] for base in cls.__mro__ if base in _families]
        if not words:
            raise TypeError(f"{cls.__name__} belongs to no family: derive it from one of {sorted(_members)}")
        for word in words:
            if name in _members[word]:
                raise TypeError(f"the {word} {name!r} is registered already, by {_members[word][name].__module__}")
            _members[word][name] = cls
        _names[cls] = name
        return cls

    return enter


def families() -> tuple[str, ...]:
    """Return the words of all families, in alphabetical order."""
    return tuple(sorted(_members))


def members(word: str) -> Mapping[str, type]:
    """Return the classes of a family by name."""
    return MappingProxyType(_members[word])


def family_of(cls: type) -> str | None:
    """Return the family that an abstract class declares, or None."""
    return _families.get(cls)


def name_of(cls: type) -> str | None:
    """Return the name a class is registered under, or None."""
    return _names.get(cls)


def suggestion(name: str, valid: list[str]) -> str:
    """Return a sentence that names the nearest valid name, or all of them.

    Examples
    --------
    >>> suggestion("widht", ["width", "depth"])
    'Did you mean "width"? Valid: depth, width.'
    """
    near = get_close_matches(name, valid, n=1, cutoff=0.6)
    listing = f"Valid: {', '.join(sorted(valid)) or 'none'}."
    return f'Did you mean "{near[0]}"? {listing}' if near else listing


def find(word: str, name: str) -> type:
    """Return the member `name` of the family `word`.

    Raises
    ------
    SpecificationError
        Where there is none; the message carries the nearest valid name.
    """
    found = _members[word].get(name)
    if found is None:
        raise SpecificationError(
            [Problem("", f"the name of a known {word}", repr(name), suggestion(name, list(_members[word])))]
        )
    return found


def load_plugins() -> None:
    """Import what installed packages offer under the entry point ``artneuro.plugins``; importing registers it.

    Raises
    ------
    RunError
        Where one cannot be imported; the text names it.
    """
    for plugin in entry_points(group="artneuro.plugins"):
        try:
            plugin.load()
        except Exception as error:
            raise RunError(
                f"the plugin {plugin.name!r} ({plugin.value}) cannot be loaded: {type(error).__name__}: {error}. "
                "Mend or uninstall the package that brings it."
            ) from error
