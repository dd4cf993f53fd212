"""Code of the user's own: how a declaration, which is data, names a class or a function that was handed over in Python.

A declaration never reaches for code. It carries the qualified name and a digest of the source, and can be used once
that very code was handed over in the same session.
"""

import hashlib
import inspect
import json
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from types import CodeType
from typing import Any

from artneuro.errors import Problem, SpecificationError
from artneuro.fields import plain

Code = Callable[..., Any]


def is_code(thing: object) -> bool:
    """Tell whether something is a class or a function, which have a name and a source."""
    return inspect.isclass(thing) or inspect.isfunction(thing)


def identity(code: Code) -> tuple[str, str]:
    """Return the qualified name of a class or function, as package.module:Name, and a digest of its source.

    The digest has 16 hexadecimal digits and covers a function, or a class with its own bases; what else they call is
    not part of it.
    """
    lineage = inspect.getmro(code) if inspect.isclass(code) else (code,)
    foreign = {"torch", *sys.stdlib_module_names}
    digest = hashlib.sha256()
    for each in lineage:
        if each.__module__.partition(".")[0] not in foreign:
            digest.update(_source(each).encode())
    return f"{code.__module__}:{code.__qualname__}", digest.hexdigest()[:16]


def arguments(code: Code, offered: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what code is called with: of what is offered, what it asks for by name; and what the user gave.

    Examples
    --------
    >>> arguments(lambda classes, units: None, {"shape": (1, 8, 8), "classes": 10}, {"units": 4})
    {'classes': 10, 'units': 4}
    """
    asked = inspect.signature(code).parameters
    return {name: value for name, value in offered.items() if name in asked} | dict(given)


def given_as_data(
    code: Code, given: Mapping[str, Any] | None, offered: Mapping[str, Any], first: Collection[str] = ()
) -> dict[str, Any]:
    """Return the parameters that a user gave as plain data (tuples become lists), having checked that code takes them.

    Parameters
    ----------
    code : class or function
        What will be called.
    given : mapping, optional
        The parameters.
    offered : mapping
        What it is handed besides where it asks by name; any values of the right names will do.
    first : collection of str
        What it is always handed, before all others and without names.

    Raises
    ------
    SpecificationError
        Where no record can hold them, or the code does not take them.
    """
    try:
        data: dict[str, Any] = json.loads(json.dumps(plain(dict(given or {})), allow_nan=False))
    except (TypeError, ValueError) as error:
        required = "numbers, text, lists and mappings of them"
        raise SpecificationError([Problem("parameters", required, str(error))]) from None
    signature = inspect.signature(code)
    try:
        signature.bind(*first, **arguments(code, offered, data))
    except TypeError as error:
        required = f"what {identity(code)[0]}{signature} takes"
        raise SpecificationError([Problem("parameters", required, str(error))]) from None
    return data


def not_handed_over(
    field: str, name: str, source: str, handed_over: Collection[tuple[str, str]], by: str
) -> Iterator[Problem]:
    """Yield why a declaration cannot be used: the code that it names was not handed over, or has changed since.

    Parameters
    ----------
    field : str
        Parameter of the declaration that names the code.
    name, source : str
        The identity that it names.
    handed_over : collection of (name, source)
        What was handed over in this session.
    by : str
        How that is done, as ``anatomy_of(Net, sites=...)``.
    """
    if (name, source) in handed_over:
        return
    changed = any(name == other for other, _ in handed_over)
    came = f"{name!r}, " + ("whose source has changed since" if changed else "which was not")
    advice = f"In Python, call `an.{by}` first; in a study file, name a registered one."
    function = by.partition("(")[0]
    yield Problem(field, f"code handed over with `{function}` in this session", came, advice)


def _source(thing: Any) -> str:
    try:
        return inspect.getsource(thing)
    except (OSError, TypeError):  # defined at a prompt: no source, but the compiled code
        functions = [thing] if inspect.isfunction(thing) else filter(inspect.isfunction, vars(thing).values())
        return repr([_compiled(function.__code__) for function in functions])


def _compiled(code: CodeType) -> tuple[Any, ...]:
    constants = [_compiled(const) if isinstance(const, CodeType) else repr(const) for const in code.co_consts]
    return code.co_name, code.co_code, code.co_names, constants
