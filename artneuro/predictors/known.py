"""Known: what is known of stimuli besides their pixels: class, and quantities and dissimilarities of the user's."""

from collections.abc import Iterator
from typing import Literal, final

import torch
from torch import Tensor

from artneuro.environment.environment import Environment, Stimuli
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, param, some
from artneuro.predictors.predictor import Description, Predictor
from artneuro.registry import register, suggestion

Of = Literal["shown", "set"]
_OF = "for the stimuli shown, in the order that they are shown in (by class); or for the whole set, in its own order"


@final
@register("class")
@define_spec
class ClassMembership(Predictor):
    """Whether two stimuli are of one class: all pairs of different classes are equally dissimilar."""

    def rdm(self, environment: Environment, stimuli: Stimuli) -> Tensor:
        """Return 0 for a pair of one class, 1 for others."""
        if not environment.classes:
            advice = "Take a `quantity` of the stimuli instead."
            raise SpecificationError(
                [Problem("predictors.class", "stimuli of classes", "targets that are values", advice)]
            )
        first, second = torch.triu_indices(len(stimuli), len(stimuli), offset=1)
        return (stimuli.targets[first] != stimuli.targets[second]).double()


@final
@register("quantity")
@define_spec
class Quantity(Description):
    """A quantity that the environment knows of its stimuli, such as the sign of a permutation."""

    name: str = param(doc="name of the quantity", check=some())

    def features(self, environment: Environment, stimuli: Stimuli) -> Tensor:
        """Return its values."""
        if self.name not in stimuli.quantities:
            advice = suggestion(self.name, list(stimuli.quantities))
            required = "a quantity of the stimuli"
            raise SpecificationError([Problem("predictors.quantity.name", required, repr(self.name), advice)])
        return stimuli.quantities[self.name][:, None]


@final
@register("quantities")
@define_spec
class Quantities(Description):
    """Quantities of the user's: ratings, coordinates, any numbers that are known of each stimulus."""

    values: tuple[tuple[float, ...], ...] = param(doc="one list of numbers a stimulus", check=some())
    of: Of = param("shown", doc=_OF)

    def features(self, environment: Environment, stimuli: Stimuli) -> Tensor:
        """Return the numbers of the stimuli shown."""
        return _table(self.values, "quantities", self.of, stimuli)


@final
@register("matrix")
@define_spec
class Matrix(Predictor):
    """Dissimilarities of the user's: of people, of another model, of an hypothesis."""

    values: tuple[tuple[float, ...], ...] = param(doc="rows of the symmetric matrix", check=some())
    of: Of = param("shown", doc=_OF)

    def problems(self) -> Iterator[Problem]:
        """Refuse what is no symmetric matrix."""
        square = len({len(self.values), *map(len, self.values)}) == 1
        if not square or any(a != b for a, b in zip(self.values, zip(*self.values, strict=True), strict=True)):
            yield Problem("values", "a square symmetric matrix", "one that is not")

    def rdm(self, environment: Environment, stimuli: Stimuli) -> Tensor:
        """Return the dissimilarities of the stimuli shown."""
        rows = _table(self.values, "matrix", self.of, stimuli)
        rows = rows if self.of == "shown" else rows[:, stimuli.index]
        above = torch.triu_indices(len(stimuli), len(stimuli), offset=1)
        return rows[above[0], above[1]]


def _table(values: tuple[tuple[float, ...], ...], name: str, of: Of, stimuli: Stimuli) -> Tensor:
    """Return rows of numbers, one a stimulus shown."""
    found = []
    fewest = int(stimuli.index.max()) + 1
    if len({len(row) for row in values}) != 1:
        found.append(Problem(f"predictors.{name}.values", "as many numbers for each stimulus", "unequal lists"))
    elif of == "shown" and len(values) != len(stimuli):
        required = f"{len(stimuli)} lists, of the stimuli shown, or `of: set`"
        found.append(Problem(f"predictors.{name}.values", required, f"{len(values)} lists"))
    elif of == "set" and len(values) < fewest:
        found.append(Problem(f"predictors.{name}.values", f"{fewest} lists or more", f"{len(values)} lists"))
    if found:
        raise SpecificationError(found)
    table = torch.tensor(values, dtype=torch.float64, device=stimuli.targets.device)
    return table if of == "shown" else table[stimuli.index]
