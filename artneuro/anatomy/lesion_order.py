"""The order in which units are lesioned."""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor

from artneuro.errors import Problem, SpecificationError
from artneuro.seeds import Stream

Order = Literal["random", "selectivity", "mutual_information", "incoming_norm", "outgoing_norm", "importance", "given"]


def ranked(values: Tensor, ascending: bool) -> Tensor:
    """Return the numbers of units in the order of a measure; of equals, the lower number comes first.

    Examples
    --------
    >>> ranked(torch.tensor([0.2, 0.9, 0.2]), ascending=False)
    tensor([1, 0, 2])
    """
    return torch.argsort(values, descending=not ascending, stable=True)


def random_orders(total: int, repeats: int, stream: Stream) -> list[Tensor]:
    """Return a random order for each repeat, from ``stream.child(repeat)``.

    Examples
    --------
    >>> [order.sort().values.tolist() for order in random_orders(3, 2, Stream(0))]
    [[0, 1, 2], [0, 1, 2]]
    """
    return [torch.from_numpy(stream.child(repeat).numpy().permutation(total)) for repeat in range(repeats)]


def lesion_orders(
    names: Sequence[Order],
    units: Mapping[str, Tensor],
    *,
    total: int,
    ascending: bool,
    given: Sequence[int],
    repeats: int,
    stream: Stream,
) -> dict[str, list[Tensor]]:
    """Return the orders of a pool of units: one a repeat where it is random, else one for all.

    Parameters
    ----------
    names : sequence of str
        Which orders.
    units : mapping of str to Tensor, shape (unit,)
        Measures of the units, by the names of the orders.
    total : int
        Number of units.
    ascending : bool
        Begin with the lowest value of the measure.
    given : sequence of int
        Numbers of units for the order ``given``; those left out follow in the order of their numbers.
    repeats : int
        Number of random orders.
    stream : Stream
        Randomness of the random orders.

    Raises
    ------
    SpecificationError
        Where a measure is missing for some unit: class selectivity of signed activity, for one.

    Examples
    --------
    >>> units = {"selectivity": torch.tensor([0.1, 0.9, 0.5])}
    >>> lesion_orders(["selectivity", "given"], units, total=3, ascending=False, given=[2], repeats=1, stream=Stream(0))
    {'selectivity': [tensor([1, 2, 0])], 'given': [tensor([2, 0, 1])]}
    """
    orders: dict[str, list[Tensor]] = {}
    for name in names:
        if name == "random":
            orders[name] = random_orders(total, repeats, stream)
        elif name == "given":
            orders[name] = [torch.tensor([*given, *(unit for unit in range(total) if unit not in given)])]
        elif units[name].isnan().any():
            missing = int(units[name].isnan().sum())
            advice = "Class selectivity is defined for activity >= 0 alone." if name == "selectivity" else ""
            required = f"a measure that all units have, to order them by {name}"
            raise SpecificationError([Problem("order", required, f"{missing} of {total} units without", advice)])
        else:
            orders[name] = [ranked(units[name].cpu(), ascending)]
    return orders
