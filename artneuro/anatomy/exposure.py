"""Exposure: a network that is open at its sites while it sees one block of stimuli, so that units can be changed there.

What lies below the first site is computed once; each change runs what lies above.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, final

import attrs
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from artneuro.anatomy.cut import Carried, Cut, cut
from artneuro.anatomy.lesion import fold
from artneuro.anatomy.recording import hooked
from artneuro.errors import Problem, SpecificationError

_GROUP = 16  # units lesioned one by one upon one common sum; near the square root of common widths, which costs least


@final
@attrs.frozen(eq=False)
class Opened:
    """A model in evaluation mode, open at one site or several.

    Parameters
    ----------
    model : nn.Module
        The network.
    modules : mapping of str to str
        Name of the site -> name of the torch module, from input to output.
    cut : Cut
        The model in two at the first of them.
    """

    model: nn.Module
    modules: Mapping[str, str]
    cut: Cut

    @classmethod
    def at(cls, model: nn.Module, modules: Mapping[str, str], example: Tensor) -> "Opened":
        """Open a model.

        Parameters
        ----------
        example : Tensor, shape (batch, channel, y, x)
            A few stimuli as presented.

        Raises
        ------
        SpecificationError
            Where a module cannot serve as a site.
        """
        names = list(modules.values())
        return cls(model, dict(modules), cut(model, names[0], example, whole=names))

    def expose(self, x: Tensor) -> "Exposure":
        """Show stimuli as presented, (stimulus, channel, y, x).

        Raises
        ------
        SpecificationError
            Where a site does not come after the first one.
        """
        first, *later = self.modules
        activity, carried = self.cut.before(x)
        seen: dict[str, Tensor] = {}

        def keep(site: str) -> Callable[..., None]:
            return lambda module, inputs, output: seen.__setitem__(site, output.clone())

        if later:
            with hooked(self.model, {self.modules[site]: keep(site) for site in later}):
                self.cut.after(activity, carried)
        missing = [site for site in later if site not in seen]
        if missing:
            advice = "Name the sites from input to output."
            required = f"sites that come after {first}"
            raise SpecificationError(Problem("site", required, repr(site), advice) for site in missing)
        return Exposure(self, {first: activity} | {site: seen[site] for site in later}, carried)


@final
@attrs.frozen(eq=False)
class Exposure:
    """One block of stimuli in an opened network.

    The units of all its sites are one pool, numbered from 0, site by site from input to output.

    Parameters
    ----------
    opened : Opened
        The network.
    activity : mapping of str to Tensor, shape (stimulus, unit, ...)
        Intact activity by site.
    carried : tuple of Tensor
        What else crosses the cut.
    """

    opened: Opened
    activity: Mapping[str, Tensor]
    carried: Carried

    @property
    def nbytes(self) -> int:
        """Memory that it holds."""
        return sum(tensor.nbytes for tensor in (*self.activity.values(), *self.carried))

    @property
    def sizes(self) -> dict[str, int]:
        """Number of units at each site."""
        return {site: activity.shape[1] for site, activity in self.activity.items()}

    def changed(self, changes: Mapping[str, Callable[[Tensor], Tensor]]) -> Tensor:
        """Return the logits (stimulus, class) with the activity at sites changed.

        Parameters
        ----------
        changes : mapping of str to callable
            For each site, a function of the activity there: the intact one at the first site; at later sites what
            comes up from below, changed already.
        """
        first, *later = self.activity

        def replace(site: str) -> Callable[[nn.Module, Any, Tensor], Tensor]:
            return lambda module, inputs, output: changes[site](output)

        with hooked(self.opened.model, {self.opened.modules[site]: replace(site) for site in later}):
            return self.opened.cut.after(changes[first](self.activity[first]), self.carried)

    def clamped(self, lesion: Tensor, fillings: Mapping[str, Tensor]) -> Tensor:
        """Return the logits (stimulus, class) with some units of the pool clamped.

        Parameters
        ----------
        lesion : Tensor, shape (unit,), bool
            True where a unit of the pool is lesioned. An empty lesion gives the intact logits bit for bit.
        fillings : mapping of str to Tensor
            What units are clamped to at each site, in a shape that `lesion.fold` takes for one lesion.
        """
        parts = dict(zip(self.activity, torch.split(lesion, list(self.sizes.values())), strict=True))

        def clamp(site: str) -> Callable[[Tensor], Tensor]:
            return lambda activity: fold(activity, parts[site][None], fillings[site])

        return self.changed({site: clamp(site) for site in self.activity})

    def nested(self, order: Tensor, counts: Sequence[int], fillings: Mapping[str, Tensor]) -> Tensor:
        """Return the logits (count, stimulus, class) with ever more units of the pool clamped.

        Where a linear layer alone reads the site, each step adds to that layer's drive what the units that are still
        intact there contribute. It goes from the full lesion back to the intact network, for then silent units add
        nothing at all, where subtracting them would leave rounding errors in place of exact zeros.

        Parameters
        ----------
        order : Tensor, shape (unit,), int64
            Every unit of the pool, the first one lesioned first.
        counts : sequence of int, ascending
            How many are lesioned.
        fillings : mapping of str to Tensor
            As in `clamped`.
        """
        order = order.to(next(iter(self.activity.values())).device)
        rank = torch.empty_like(order)
        rank[order] = torch.arange(len(order), device=order.device)
        if self.opened.cut.linear is None or len(self.activity) > 1:
            return torch.stack([self.clamped(rank < count, fillings) for count in counts])
        layer, head = self.opened.cut.linear
        flat, filled = self._flat(fillings)
        positions = flat.shape[1] // len(order)
        columns = (order[:, None] * positions + torch.arange(positions, device=order.device)).flatten()
        gain = (flat - filled)[:, columns]
        weights = layer.weight.T[columns]
        drive = F.linear(filled, layer.weight, layer.bias).expand(len(flat), -1)
        stop = len(columns)
        logits = []
        for count in reversed(counts):
            start = count * positions
            drive = torch.addmm(drive, gain[:, start:stop], weights[start:stop])
            stop = start
            logits.append(head(drive) if count else self.clamped(rank < 0, fillings))
        return torch.stack(logits[::-1])

    def single(self, fillings: Mapping[str, Tensor]) -> Iterator[Tensor]:
        """Yield the logits (unit, stimulus, class) with one unit of the pool clamped, a group of units at a time.

        Where a linear layer alone reads the site, the drive of all units outside the group is computed once, and what
        the others of the group contribute is added: no unit is ever subtracted, for the reason given in `nested`.

        Parameters
        ----------
        fillings : mapping of str to Tensor
            As in `clamped`.
        """
        device = next(iter(self.activity.values())).device
        groups = torch.split(torch.arange(sum(self.sizes.values()), device=device), _GROUP)
        if self.opened.cut.linear is None or len(self.activity) > 1:
            everyone = torch.cat(groups)
            for group in groups:
                yield torch.stack([self.clamped(everyone == unit, fillings) for unit in group])
            return
        layer, head = self.opened.cut.linear
        flat, filled = self._flat(fillings)
        filled = filled.expand_as(flat)
        positions = flat.shape[1] // sum(self.sizes.values())
        for group in groups:
            start, stop = int(group[0]) * positions, (int(group[-1]) + 1) * positions
            weights = layer.weight[:, start:stop].T
            others = flat.clone()
            others[:, start:stop] = 0.0
            drive = F.linear(others, layer.weight, layer.bias)
            logits = []
            for place in range(0, stop - start, positions):
                members = flat[:, start:stop].clone()
                members[:, place : place + positions] = filled[:, start + place : start + place + positions]
                logits.append(head(torch.addmm(drive, members, weights)))
            yield torch.stack(logits)

    def _flat(self, fillings: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Return the activity of the one site, and what it is clamped to, with one column a unit and position."""
        ((site, activity),) = self.activity.items()
        filling, flat = fillings[site], activity.flatten(1)
        if filling.ndim == 0:
            return flat, filling.expand(1, flat.shape[1])
        if filling.ndim == 1:
            return flat, filling.repeat_interleave(flat.shape[1] // len(filling))[None]
        return flat, filling[0].flatten(1)
