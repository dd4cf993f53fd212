"""Freeze: weights that stop changing for a while, or for good."""

from collections.abc import Iterator, Mapping
from typing import final

from torch import Tensor

from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, param
from artneuro.rearing.intervention import Holding
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.timing import Clock, Window
from artneuro.rearing.tissue import Body, Tissue
from artneuro.registry import register, suggestion


@final
@register("Freeze")
@define_spec
class Freeze(Holding):
    """Leave weights as they are at every update within the window, and what the optimiser keeps of them.

    They still carry activity, and gradients pass through them; other interventions may change them. After the window
    they learn on with the optimiser's state they had. Running statistics of a batch norm are frozen with it; in
    training it still normalises by its batch.

    The published code of Tran et al. 2022 replaces tensors before the first update that the optimiser then does not
    know: it is ``Freeze(sites=["hidden2"])`` beside `Turnover`; the biases of the layer that reads the site go on
    learning there, as they do here.

    Examples
    --------
    >>> import artneuro as an
    >>> subject = an.Subject.naive(an.anatomy("mlp", widths=(8, 8)), an.environment("digits"), seed=0)
    >>> adult = an.rear(subject, subject.environment, an.Rearing(epochs=1), [Freeze(sites=["hidden2"])])
    >>> [name for name, tensor in adult.weights.items() if bool((tensor == subject.weights[name]).all())]
    ['hidden2.weight', 'hidden2.bias', 'output.weight']
    """

    sites: tuple[str, ...] = param((), doc="sites whose weights in and out are frozen, with their biases")
    incoming: bool = param(True, doc="of sites, the weights and biases into them, and batch norms beside them")
    outgoing: bool = param(True, doc="of sites, the weights out of them, without the biases of the layers they lead to")
    layers: tuple[str, ...] = param((), doc="torch modules, all of whose weights are frozen, whatever they contain")
    window: Window = param(Window(), doc="when they are frozen")

    def problems(self) -> Iterator[Problem]:
        """Refuse to freeze nothing of a site."""
        if self.sites and not (self.incoming or self.outgoing):
            yield Problem("incoming", "weights in, out, or both", "neither", "Leave `sites` out to freeze none.")

    def misfits(self, body: Body, rearing: Rearing, begin: Clock) -> Iterator[Problem]:
        """Refuse sites without wiring, and layers that the network does not have."""
        for site in self.sites:
            try:
                body.wiring(site)
            except SpecificationError as error:
                yield from (problem.within("sites") for problem in error.problems)
        valid = [name for name, _ in body.model.named_modules() if name]
        for layer in self.layers:
            if layer not in valid:
                yield Problem("layers", "a module of the network", repr(layer), suggestion(layer, valid))

    def frozen(self, body: Body) -> tuple[str, ...]:
        """Return the names of the tensors that it freezes."""
        parts = {"incoming", "bias", "norm"} if self.incoming else set()
        parts |= {"outgoing"} if self.outgoing else set()
        of_sites = {strand.name for site in self.sites for strand in body.wiring(site).strands if strand.part in parts}
        known = dict(body.model.named_parameters()) | dict(body.model.named_buffers())
        within = tuple(f"{layer}." for layer in self.layers)
        return tuple(name for name in known if name in of_sites or name.startswith(within))

    def holds(self, tissue: Tissue, clock: Clock) -> Mapping[str, Tensor | None]:
        """Hold all of them, within the window."""
        return dict.fromkeys(self.frozen(tissue.body)) if self.window.holds(clock.epoch) else {}
