"""Ranking: which units of a site come first, by one of several measures or one of the user's own."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, final

import torch
from torch import Tensor

from artneuro.errors import Problem, SpecificationError
from artneuro.fields import Spec, define_spec, param
from artneuro.own_code import arguments, given_as_data, identity, is_code, not_handed_over
from artneuro.rearing.tissue import Tissue

Measure = Literal["random", "incoming_norm", "outgoing_norm", "activity", "age"]
Function = Callable[..., Tensor]

OFFERED = ("incoming", "outgoing", "activity", "age")

_handed_over: dict[tuple[str, str], Function] = {}


@final
@define_spec
class Ranking(Spec):
    """A measure of units of the user's own, handed over with `ranking_of`."""

    function: str = param(doc="qualified name of the function, as package.module:name")
    source: str = param(doc="digest of its source code, so that a changed function is another ranking")
    parameters: Mapping[str, Any] = param({}, doc="what it is called with, besides what it asks for by name")

    def problems(self) -> Iterator[Problem]:
        """Refuse a function that was not handed over, or has changed since."""
        name = self.function.rpartition(":")[2]
        yield from not_handed_over("function", self.function, self.source, _handed_over, f"ranking_of({name})")


def ranking_of(function: Function, *, parameters: Mapping[str, Any] | None = None) -> Ranking:
    """Make a ranking of any function of a site's units.

    Parameters
    ----------
    function : function
        Returns one number a unit, a float tensor (unit,). Where it has parameters of these names it is given them:
        ``incoming`` and ``outgoing`` (the unit's weights, (unit, weight)), ``activity`` (mean absolute activity,
        (unit,)), ``age`` (in updates, (unit,)). They are those of one subject, and copies.
    parameters : mapping, optional
        Further keyword arguments: numbers, text, lists and mappings of them, which are written into records.

    Examples
    --------
    >>> def utility(outgoing, activity):
    ...     return activity * outgoing.abs().sum(1)
    >>> ranking_of(utility).function.endswith("utility")
    True
    """
    if not is_code(function):
        advice = "Hand over a function, with what it is called with as `parameters`."
        raise SpecificationError([Problem("function", "a function", repr(type(function)), advice)])
    given = given_as_data(function, parameters, dict.fromkeys(OFFERED))
    name, source = identity(function)
    _handed_over[name, source] = function
    return Ranking(function=name, source=source, parameters=given)


def values(measure: Measure | Ranking, tissue: Tissue, site: str, place: int, age: Tensor, stimuli: int) -> Tensor:
    """Return the measure of each unit (unit,) of one subject.

    Parameters
    ----------
    place : int
        Of the subject in the litter.
    age : Tensor, shape (unit,)
        Age of its units, in updates.
    stimuli : int
        Training stimuli over which activity is measured.

    Raises
    ------
    SpecificationError
        Where a function of the user's does not return one number a unit.
    """

    def offer(name: str) -> Tensor:
        if name == "age":
            return age.clone()
        return tissue.activity(site, place, stimuli) if name == "activity" else _weights(tissue, site, place, name)

    if not isinstance(measure, Ranking):
        name = measure.removesuffix("_norm")
        return offer(name).abs().sum(1) if name != measure else offer(name)
    function = _handed_over[measure.function, measure.source]
    asked = inspect.signature(function).parameters
    offered = {name: offer(name) for name in OFFERED if name in asked}
    found: object = function(**arguments(function, offered, measure.parameters))
    required = f"a function that returns one finite number a unit, shape ({len(age)},)"
    if not isinstance(found, Tensor) or found.shape != age.shape or not found.isfinite().all():
        came = str(tuple(found.shape)) if isinstance(found, Tensor) else type(found).__name__
        raise SpecificationError([Problem(measure.function, required, came)])
    return found


def _weights(tissue: Tissue, site: str, place: int, part: str) -> Tensor:
    """Return the weights into or out of each unit (unit, weight) of one subject."""
    wiring = tissue.body.wiring(site)
    found = [
        strand.of_units(tensor := tissue.weights(strand.name)[place], torch.arange(wiring.units, device=tensor.device))
        for strand in wiring.strands
        if strand.part == part
    ]
    return torch.cat([tensor.flatten(1) for tensor in found], dim=1)
