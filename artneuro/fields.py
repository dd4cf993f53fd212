"""Parameters of specifications: attrs fields with meaning, unit and check, made from Python or from plain data alike.

One function, `conform`, turns a value into what a field's type asks for; it serves the constructor and the study file,
so both accept the same things and refuse in the same words, all problems at once.
"""

import math
import operator
import types
from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs

from artneuro import registry
from artneuro.errors import Problem, SpecificationError

S = TypeVar("S", bound="Spec")


@attrs.frozen
class Check:
    """A requirement on a value: the words that state it, the test that decides it, and how JSON Schema says it."""

    words: str
    holds: Callable[[Any], bool]
    schema: Mapping[str, Any] = attrs.field(factory=dict)


def ge(bound: float) -> Check:
    """Require a value of at least `bound`."""
    return Check(f">= {bound:g}", lambda value: value >= bound, {"minimum": bound})


def gt(bound: float) -> Check:
    """Require a value above `bound`."""
    return Check(f"> {bound:g}", lambda value: value > bound, {"exclusiveMinimum": bound})


def between(low: float, high: float) -> Check:
    """Require a value from `low` to `high`, both included."""
    return Check(f"between {low:g} and {high:g}", lambda value: low <= value <= high, {"minimum": low, "maximum": high})


def each(check: Check) -> Check:
    """Require `check` of every element."""
    return Check(
        f"each {check.words}", lambda values: all(check.holds(value) for value in values), {"items": check.schema}
    )


def some() -> Check:
    """Require at least one element."""
    # a keyword of JSON Schema holds for its own type alone: the three stand for lists, text and mappings
    return Check("not empty", lambda values: len(values) > 0, {"minItems": 1, "minLength": 1, "minProperties": 1})


def param(default: Any = attrs.NOTHING, *, doc: str, units: str = "1", check: Check | None = None) -> Any:
    """Declare one parameter of a specification.

    Parameters
    ----------
    default : optional
        The value where none is given; without one the parameter is required.
    doc : str
        What it means; `artneuro describe` prints it.
    units : str
        Its unit, "1" for counts, ratios and names.
    check : Check, optional
        A requirement beyond the type; not asked of None.
    """
    return attrs.field(default=default, metadata={"doc": doc, "units": units, "check": check})


def hints(cls: type) -> Mapping[str, Any]:
    """Return the types of a specification's parameters by name; looked up once, for it takes longer than a check."""
    return _hints(cls)


# the annotation spares type checkers the cache's own: they take a class with a hash of its own for unhashable
_hints: Callable[[Any], Mapping[str, Any]] = cache(get_type_hints)


class Spec:
    """Base of every specification: frozen, keyword-only, built of `param(...)`, printable as plain data."""

    __slots__ = ()

    if TYPE_CHECKING:
        # attrs and `conform` make and check the constructor; what they do is not known to a type checker

        __attrs_attrs__: ClassVar[Any]

        def __init__(self, **parameters: Any) -> None: ...

    @classmethod
    def from_plain(cls, value: Any) -> Self:
        """Build from plain data, the inverse of `plain`; a subclass that files write otherwise overrides it.

        Raises
        ------
        SpecificationError
            With paths as they are in the plain data.
        """
        if not isinstance(value, Mapping):
            raise SpecificationError([Problem("", words(cls), shown(value))])
        return build(cls, value)

    def problems(self) -> Iterable[Problem]:
        """Yield what is wrong between fields; a subclass overrides this where one field constrains another."""
        return ()

    def plain(self) -> dict[str, Any]:
        """Return the parameters as JSON-able data; `conform` turns it back into an equal specification."""
        return {field.name: plain(getattr(self, field.name)) for field in attrs.fields(type(self))}

    def but(self, **changes: Any) -> Self:
        """Return the specification with some parameters changed, checked anew.

        Examples
        --------
        >>> import artneuro as an
        >>> an.Rearing(epochs=5, batch=32).but(epochs=7) == an.Rearing(epochs=7, batch=32)
        True
        """
        own = {field.name: getattr(self, field.name) for field in attrs.fields(type(self))}
        return type(self)(**{**own, **changes})

    def named(self) -> dict[str, Any]:
        """Return ``{registered name: parameters}``, as a study file writes a member of a family."""
        name = registry.name_of(type(self))
        if name is None:
            raise TypeError(f"{type(self).__name__} is not registered in any family")
        return {name: self.plain()}


def plain(value: Any) -> Any:
    """Turn a parameter's value into JSON-able data."""
    if isinstance(value, Spec):
        return value.named() if registry.name_of(type(value)) else value.plain()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def define_spec(cls: type[S]) -> type[S]:
    """Make a frozen, keyword-only attrs class whose parameters are conformed and checked when it is built.

    Raises
    ------
    SpecificationError
        From the constructor, with every problem at once: a name that is unknown or missing too, as a study file with
        the same mistake is answered.

    Examples
    --------
    >>> @define_spec
    ... class Blur(Spec):
    ...     size: int = param(8, units="pixel", doc="side that is left", check=ge(1))
    >>> Blur(size=0)
    Traceback (most recent call last):
        ...
    artneuro.errors.SpecificationError: Blur.size: required a whole number >= 1; came 0.
    """

    def __attrs_post_init__(self: Any) -> None:  # noqa: N807  the hook of attrs
        found: list[Problem] = []
        kinds = hints(type(self))
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            try:
                object.__setattr__(self, field.name, conform(value, kinds[field.name], field.metadata["check"]))
            except SpecificationError as error:
                found += [problem.within(f"{type(self).__name__}.{field.name}") for problem in error.problems]
        if not found:
            found += [problem.within(type(self).__name__) for problem in self.problems()]
        if found:
            raise SpecificationError(found)

    cls.__attrs_post_init__ = __attrs_post_init__  # type: ignore[attr-defined]
    made = attrs.define(cls, frozen=True, kw_only=True, slots=False)
    made.__init__ = _answering(made)  # type: ignore[method-assign]
    return made


def _answering(cls: type[S]) -> Callable[..., None]:
    """Return the constructor of attrs, with an answer in words to a name that is unknown or missing."""
    construct = cls.__init__
    valid = {field.name for field in attrs.fields(cls)}
    required = {field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING}

    @wraps(construct)
    def __init__(self: S, **parameters: Any) -> None:  # noqa: N807  the hook of Python
        if not required <= parameters.keys() <= valid:
            try:
                build(cls, parameters)  # knows what to say of each
            except SpecificationError as error:
                raise SpecificationError([problem.within(cls.__name__) for problem in error.problems]) from None
        construct(self, **parameters)

    return __init__


def build(cls: type[S], parameters: Mapping[str, Any]) -> S:
    """Build a specification from plain parameters, naming every unknown, missing and wrong one at once.

    Raises
    ------
    SpecificationError
        Its problems carry paths relative to the specification.
    """
    fields = {field.name: field for field in attrs.fields(cls)}
    kinds = hints(cls)
    found: list[Problem] = []
    values: dict[str, Any] = {}
    for key, value in parameters.items():
        if key not in fields:
            advice = registry.suggestion(str(key), list(fields))
            found.append(Problem(str(key), f"a parameter of {display(cls)}", f"the unknown name {str(key)!r}", advice))
            continue
        try:
            values[key] = conform(value, kinds[key], fields[key].metadata["check"])
        except SpecificationError as error:
            found += [problem.within(key) for problem in error.problems]
    for name, field in fields.items():
        if field.default is attrs.NOTHING and name not in parameters:
            required = f"{words(kinds[name], field.metadata['check'])} ({field.metadata['doc']})"
            found.append(Problem(name, required, "nothing", f"Add `{name}` here."))
    if found:
        raise SpecificationError(found)
    try:
        return cls(**values)
    except SpecificationError as error:  # only problems between fields are left
        prefix = f"{cls.__name__}."
        bare = [attrs.evolve(problem, where=problem.where.removeprefix(prefix)) for problem in error.problems]
        raise SpecificationError(bare) from None


def display(cls: type) -> str:
    """Return the name that users know a class by."""
    return registry.name_of(cls) or cls.__name__


_WORDS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    type(None): "nothing",
    Any: "anything",
}


def words(kind: Any, check: Check | None = None) -> str:
    """Say what a type asks for, as in "a list of whole numbers, each >= 1"."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in _WORDS:
        text = _WORDS[kind]
    elif origin is Literal:
        text = "one of " + ", ".join(map(str, arguments))
    elif origin in (Union, types.UnionType):
        text = " or ".join(words(option) for option in arguments)
    elif origin is tuple:
        text = f"a list of ({words(arguments[0])})" if arguments[-1] is Ellipsis else f"a list of {len(arguments)}"
    elif origin in (dict, Mapping):
        text = f"a mapping to ({words(arguments[1])})"
    else:
        family = registry.family_of(kind)
        article = "an" if (family or "")[:1] in tuple("aeiou") else "a"
        text = f"{article} {family}, as {{name: {{parameters}}}}" if family else f"the parameters of {display(kind)}"
    return f"{text} {check.words}" if check else text


def shown(value: Any) -> str:
    """Show a value that came, shortened where it is long."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def conform(value: Any, kind: Any, check: Check | None = None) -> Any:
    """Turn `value` (Python or plain data) into the type `kind`, and check it.

    Raises
    ------
    SpecificationError
        With one problem an offending place; paths are relative to the value.

    Examples
    --------
    >>> conform([64, 32], tuple[int, ...])
    (64, 32)
    """
    result = _typed(value, kind, check)
    if check is not None and result is not None and not check.holds(result):
        raise SpecificationError([Problem("", words(kind, check), shown(value))])
    return result


def _typed(value: Any, kind: Any, check: Check | None) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    refused = SpecificationError([Problem("", words(kind, check), shown(value))])
    if kind is Any:
        return value
    if kind is bool or kind is str or kind is type(None):
        if isinstance(value, kind):
            return value
        raise refused
    if kind is int or kind is float:
        return _number(value, kind, refused)
    if origin is Literal:
        if any(value == option and type(value) is type(option) for option in arguments):
            return value
        if isinstance(value, str):
            advice = registry.suggestion(value, [str(option) for option in arguments])
            raise SpecificationError([Problem("", words(kind), shown(value), advice)])
        raise refused
    if origin in (Union, types.UnionType):
        return _any_of(value, arguments, refused)
    if origin is tuple:
        return _sequence(value, arguments, refused)
    if origin in (dict, Mapping):
        return _mapping(value, arguments, refused)
    if isinstance(kind, type) and isinstance(value, kind):
        return value
    if registry.family_of(kind) is not None:
        return _member(value, kind, refused)
    if isinstance(kind, type) and issubclass(kind, Spec):
        named = isinstance(value, Mapping) and list(value) == [registry.name_of(kind)]
        return kind.from_plain(value[registry.name_of(kind)] if named else value)  # both {parameters} and {name: ...}
    raise refused


def _number(value: Any, kind: type, refused: SpecificationError) -> Any:
    if isinstance(value, bool | str):
        raise refused
    try:
        number = operator.index(value) if kind is int else float(value)
    except (TypeError, ValueError, OverflowError):
        raise refused from None
    if kind is float and not math.isfinite(number):
        raise refused
    return number


def _any_of(value: Any, options: tuple[Any, ...], refused: SpecificationError) -> Any:
    nearest: SpecificationError | None = None
    for option in options:
        try:
            return conform(value, option)
        except SpecificationError as error:
            if any(problem.where or problem.advice for problem in error.problems):
                nearest = error  # it went wrong inside this option: more telling than "none fits"
    raise nearest or refused


def _sequence(value: Any, arguments: tuple[Any, ...], refused: SpecificationError) -> tuple[Any, ...]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise refused
    items = list(value)
    kinds = [arguments[0]] * len(items) if arguments[-1] is Ellipsis else list(arguments)
    if len(kinds) != len(items):
        raise refused
    return tuple(
        _gather((f"[{place}]", item, kind) for place, (item, kind) in enumerate(zip(items, kinds, strict=True)))
    )


def _mapping(value: Any, arguments: tuple[Any, ...], refused: SpecificationError) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise refused
    keys = [conform(key, arguments[0]) for key in value]
    return dict(zip(keys, _gather((str(key), item, arguments[1]) for key, item in value.items()), strict=True))


def _gather(places: Iterable[tuple[str, Any, Any]]) -> list[Any]:
    """Conform many places, collecting the problems of all of them."""
    results, found = [], []
    for where, item, kind in places:
        try:
            results.append(conform(item, kind))
        except SpecificationError as error:
            found += [problem.within(where) for problem in error.problems]
    if found:
        raise SpecificationError(found)
    return results


def _member(value: Any, kind: type, refused: SpecificationError) -> Any:
    """Build a member of a family from ``name`` or ``{name: {parameters}}``."""
    if isinstance(value, str):
        value = {value: {}}
    if not isinstance(value, Mapping) or len(value) != 1:
        raise refused
    ((name, parameters),) = value.items()
    word = registry.family_of(kind)
    assert word is not None
    cls = registry.find(word, str(name))
    if not isinstance(parameters, Mapping | None):
        raise SpecificationError([Problem(str(name), f"the parameters of {name}, as a mapping", shown(parameters))])
    try:
        return build(cls, parameters or {})
    except SpecificationError as error:
        raise SpecificationError([problem.within(str(name)) for problem in error.problems]) from None
