"""A network of the user's own: any class or function that makes a torch module.

A declaration is data and never reaches for code: it names the network and carries a digest of its source. The code
itself is handed over in Python, with `anatomy_of`, before the declaration can be used; a study file that names a
network which nobody handed over is refused.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, final

import torch
from torch import nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, param, some
from artneuro.own_code import arguments, given_as_data, identity, is_code, not_handed_over
from artneuro.registry import register, suggestion

Factory = Callable[..., nn.Module]

_handed_over: dict[tuple[str, str], Factory] = {}


@final
@register("module")
@define_spec
class Module(Anatomy):
    """A network of the user's own, handed over with `anatomy_of`."""

    network: str = param(doc="qualified name of the class or function, as package.module:Name")
    source: str = param(doc="digest of its source code, so that a changed network is another anatomy")
    places: Mapping[str, str] = param(doc="sites: name of the site -> name of the torch module", check=some())
    parameters: Mapping[str, Any] = param({}, doc="what it is called with, besides shape and classes")

    def problems(self) -> Iterator[Problem]:
        """Refuse a network that was not handed over, or has changed since."""
        name = self.network.rpartition(":")[2]
        yield from not_handed_over("network", self.network, self.source, _handed_over, f"anatomy_of({name}, sites=...)")

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model.

        Raises
        ------
        SpecificationError
            Where the network cannot be made, does not accept stimuli of this shape, or does not give one logit a
            class.
        """
        factory = _handed_over[self.network, self.source]
        model = factory(**arguments(factory, {"shape": shape, "classes": classes}, self.parameters))
        _check_output(self.network, model, shape, classes)
        return model

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return the sites that were named.

        Raises
        ------
        SpecificationError
            Where the model has no module of such a name.
        """
        valid = [name for name, _ in model.named_modules() if name]
        found = [
            Problem(f"sites.{site}", f"the name of a module of {self.network}", repr(name), suggestion(name, valid))
            for site, name in self.places.items()
            if name not in valid
        ]
        if found:
            raise SpecificationError(found)
        return dict(self.places)


def anatomy_of(network: Factory, *, sites: Mapping[str, str], parameters: Mapping[str, Any] | None = None) -> Module:
    """Make an anatomy of any torch module.

    Parameters
    ----------
    network : class or function
        Returns an ``nn.Module`` that maps stimuli (batch, channel, y, x) to logits (batch, class). Where it has
        parameters named ``shape`` or ``classes`` it is given the environment's; without them it is called without.
        It must take its randomness from torch's global generator, which is seeded around the call.
    sites : mapping of str to str
        Name of the site -> name of the torch module (as ``named_modules`` has it) whose output it is. Choose modules
        after the nonlinearity, each called once in a forward pass.
    parameters : mapping, optional
        Further keyword arguments of `network`: numbers, text, lists and mappings of them (tuples become lists), which
        are written into records.

    Returns
    -------
    Module
        Its identity is the qualified name, a digest of the source of the network (of a class and its own bases), the
        sites and the parameters. What else the network calls is not part of it.

    Notes
    -----
    A subject of such an anatomy is saved like any other. To load it in another session, call `anatomy_of` for the
    network first.

    Examples
    --------
    >>> class Tiny(nn.Module):
    ...     def __init__(self, shape, classes, units=8):
    ...         super().__init__()
    ...         self.flatten, self.fc1, self.relu = nn.Flatten(), nn.LazyLinear(units), nn.ReLU()
    ...         self.fc2 = nn.Linear(units, classes)
    ...     def forward(self, x):
    ...         return self.fc2(self.relu(self.fc1(self.flatten(x))))
    >>> tiny = anatomy_of(Tiny, sites={"hidden": "relu"}, parameters={"units": 4})
    >>> tiny.sites(tiny.build((1, 8, 8), classes=10))
    {'hidden': 'relu'}
    """
    if not is_code(network):
        advice = "Hand over the class, with what it is called with as `parameters`."
        raise SpecificationError([Problem("network", "a class or a function", repr(type(network)), advice)])
    given = given_as_data(network, parameters, {"shape": (1, 1, 1), "classes": 1})
    name, source = identity(network)
    _handed_over[name, source] = network
    return Module(network=name, source=source, places=sites, parameters=given)


def _check_output(network: str, model: object, shape: tuple[int, ...], classes: int) -> None:
    required = f"a network that turns stimuli (batch, {', '.join(map(str, shape))}) into logits (batch, {classes})"
    if not isinstance(model, nn.Module):
        raise SpecificationError([Problem(network, required, type(model).__name__)])
    modes = {module: module.training for module in model.modules()}
    try:
        with torch.no_grad():
            logits = model.eval()(torch.zeros(2, *shape))  # lazy modules take their shape here
    except Exception as error:  # a user's forward may raise anything
        raise SpecificationError([Problem(network, required, f"{type(error).__name__}: {error}")]) from error
    for module, training in modes.items():
        module.training = training
    if not isinstance(logits, torch.Tensor) or tuple(logits.shape) != (2, classes):
        came = f"logits {tuple(logits.shape)}" if isinstance(logits, torch.Tensor) else type(logits).__name__
        raise SpecificationError([Problem(network, required, came)])
