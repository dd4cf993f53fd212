"""Carrying: what the units of a circuit tell of the quantities that a task goes through."""

from collections.abc import Mapping
from typing import final

import attrs
import torch
from torch import Tensor, nn

from artneuro import measures
from artneuro.anatomy.circuit import Circuit
from artneuro.anatomy.recording import record_activity
from artneuro.seeds import Stream

FOLDS = 5
"""Parts of the stimuli that decoders are tested on."""


@final
@attrs.frozen(eq=False)
class Carrying:
    """Activity of a network's units beside quantities of the stimuli.

    Parameters
    ----------
    activity : mapping of str to Tensor, shape (stimulus, fold, unit)
        Site -> activity. A unit that a site shows several times, such as once a token, has that many folds. Of tokens
        or steps that lie along positions the last one counts.
    layers : mapping of str to str
        Site -> layer of the circuit whose units it shows.
    quantities : Tensor, shape (stimulus, quantity)
    """

    activity: Mapping[str, Tensor]
    layers: Mapping[str, str]
    quantities: Tensor

    @classmethod
    def of(
        cls,
        model: nn.Module,
        sites: Mapping[str, str],
        circuit: Circuit,
        shown: Tensor,
        quantities: Mapping[str, Tensor],
    ) -> "Carrying":
        """Return what a network does while it is shown stimuli; sites that show no layer of the circuit are left out.

        Parameters
        ----------
        model : nn.Module
            The network, in evaluation mode.
        sites : mapping of str to str
            As the anatomy has them.
        circuit : Circuit
            Of the network.
        shown : Tensor, shape (stimulus, channel, y, x)
            As presented.
        quantities : mapping of str to Tensor, shape (stimulus,)
        """
        with torch.no_grad():
            recorded = record_activity(model, sites, shown)
        activity, layers = {}, {}
        for site, whole in recorded.items():
            layer = site if site in circuit.layers else site.rstrip("0123456789")  # a residual stream, block by block
            units = circuit.layers.get(layer, 0)
            last = whole.flatten(2)[..., -1] if whole.ndim > 2 else whole
            if units and last.shape[1] % units == 0:
                layers[site], activity[site] = layer, last.reshape(len(last), -1, units).double()
        told = torch.stack(list(quantities.values()), dim=1) if quantities else shown.new_zeros(len(shown), 0)
        return cls(activity, layers, told.double())

    def correlations(self) -> dict[str, Tensor]:
        """Return Pearson's r of each unit with each quantity by layer, (unit, quantity): of its folds the largest |r|.

        Not-a-number where the unit or the quantity never varies. Of several sites of a layer the last one counts.
        """
        told, found = _standardised(self.quantities), {}
        for site, activity in self.activity.items():
            r = torch.einsum("sfu,sq->fuq", _standardised(activity), told) / len(told)
            best = r.abs().nan_to_num(-1.0).argmax(0, keepdim=True)
            found[self.layers[site]] = r.gather(0, best)[0].cpu()
        return found

    def decoded(self, used: Mapping[str, Tensor], rng: Stream) -> Tensor:
        """Return the R^2 of linear decoders of each quantity from units in use, (site, quantity); see `decode_value`.

        Parameters
        ----------
        used : mapping of str to Tensor, shape (unit,), bool
            Layer -> the units that are read. Where there are none, R^2 is 0; not-a-number where there are fewer
            than two stimuli a fold.
        rng : Stream
            Randomness of the folds, the same for every site.
        """
        found = torch.zeros(len(self.activity), self.quantities.shape[1], dtype=torch.float64)
        if len(self.quantities) < 2 * FOLDS:
            return found.fill_(torch.nan)
        for row, (site, activity) in enumerate(self.activity.items()):
            read = activity[:, :, used[self.layers[site]].to(activity.device)].flatten(1)
            for column, told in enumerate(self.quantities.unbind(1) if read.shape[1] else ()):
                found[row, column] = float(measures.decode_value(read, told, stream=rng, folds=FOLDS).mean())
        return found


def _standardised(along: Tensor) -> Tensor:
    """Return columns (stimulus, ...) with mean 0 and mean square 1; not-a-number where one never varies."""
    centred = along - along.mean(0)
    return centred / centred.square().mean(0).sqrt()
