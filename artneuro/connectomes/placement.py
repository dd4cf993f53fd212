"""Neurons: the units of a layer lie where the neurons of a published connectome do."""

from typing import final

import attrs
import torch
from torch import Tensor

from artneuro.anatomy.placement import Placement, padded, require
from artneuro.connectomes.published import connectome
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, param
from artneuro.registry import register


@final
@register("connectome")
@define_spec
class Neurons(Placement):
    """Where the neurons of a published connectome lie, in its own unit of length; unit j has the place of neuron j.

    It is read from the data root. Subjects are reared anew where the file changes.

    Examples
    --------
    >>> import artneuro as an
    >>> Neurons(name="celegans")
    Neurons(name='celegans')
    """

    name: str = param(doc="a published connectome that has positions, such as celegans")

    def material(self) -> str:
        """Return what identifies the positions."""
        return connectome(self.name).fingerprint

    def places(self, units: int) -> Tensor:
        """Return them.

        Raises
        ------
        DataError
            Where the file is missing or is not what it should be.
        """
        try:
            positions = connectome(self.name).positions
        except SpecificationError as error:
            raise SpecificationError([attrs.evolve(problem, where="name") for problem in error.problems]) from None
        if positions is None:
            raise SpecificationError([Problem("name", "a connectome with positions", repr(self.name))])
        require("name", len(positions), units)
        return padded(*torch.tensor(positions, dtype=torch.float64).unbind(1))
