"""Bench: a network on the bench, lesioned in every way while it sees one set of stimuli."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import final

import attrs
import torch
from torch import Tensor, nn

from artneuro.anatomy.clamping import Clamp, filling, spread, standard_noise
from artneuro.anatomy.connections import Afferents, Drive
from artneuro.anatomy.exposure import Exposure, Opened
from artneuro.anatomy.neighbours import layers_into
from artneuro.anatomy.preparation import Preparation
from artneuro.anatomy.profile import Profile
from artneuro.anatomy.recording import hooked
from artneuro.measures.performance import Tally
from artneuro.seeds import Stream

Key = tuple[str, str, int]

_DRAWN: tuple[Clamp, ...] = ("noise", "resample")  # under other clamps, one order gives the same in every repeat


@final
@attrs.frozen(eq=False)
class Bench:
    """A network on the bench.

    Parameters
    ----------
    model : nn.Module
        The network, in evaluation mode.
    modules : mapping of str to str
        Name of the site -> name of the torch module.
    intact : Preparation
        The whole network, with the stimuli and targets that its performance is measured on.
    stream : Stream
        Randomness. Clamps draw from ``child("clamp", clamp, site, repeat, block)``, noise from
        ``child("noise", site, repeat, block)``.
    """

    model: nn.Module
    modules: Mapping[str, str]
    intact: Preparation[Tensor]
    stream: Stream

    def opened(self, *sites: str) -> Preparation[Exposure]:
        """Return the network opened at sites (from input to output), with the same stimuli."""
        modules = {site: self.modules[site] for site in sites}
        return self.intact.showing_to(Opened.at(self.model, modules, self.intact.example).expose)

    def performance(self) -> Tally:
        """Return the performance of the intact network, shape ()."""
        return intact_performance(self.intact)

    def ever_more(
        self,
        there: Preparation[Exposure],
        profiles: Mapping[str, Profile],
        orders: Mapping[str, Sequence[Tensor]],
        clamps: Sequence[Clamp],
        repeats: int,
        counts: Sequence[int],
    ) -> dict[Key, Tally]:
        """Lesion ever more units of a pool.

        Parameters
        ----------
        there : Preparation
            The network, `opened` at the sites whose units are the pool.
        profiles : mapping of str to Profile
            What the units do, by site.
        orders : mapping of str to sequence of Tensor, shape (unit,)
            In which order units are lesioned: one order a repeat, or one for all.
        clamps : sequence of str
            What they are clamped to.
        repeats : int
            Repeats of what is random.
        counts : sequence of int, ascending
            How many units are lesioned.

        Returns
        -------
        dict of (order, clamp, repeat) to Tally, shape (count,)
            Where neither order nor clamp is random, all repeats share one measurement.
        """

        def respond(block: int, exposure: Exposure) -> Iterator[tuple[Key, Tensor]]:
            for clamp in clamps:
                for repeat in range(repeats):
                    due = [name for name, each in orders.items() if repeat == 0 or len(each) > 1 or clamp in _DRAWN]
                    filled = self._fillings(exposure, profiles, clamp, repeat, block) if due else {}
                    for name in due:
                        order = orders[name][min(repeat, len(orders[name]) - 1)]
                        yield (name, clamp, repeat), exposure.nested(order, counts, filled)

        found = there.tally(respond)
        keys = [(name, clamp, repeat) for name in orders for clamp in clamps for repeat in range(repeats)]
        return {key: found[key] if key in found else found[key[0], key[1], 0] for key in keys}

    def each_alone(self, there: Preparation[Exposure], profiles: Mapping[str, Profile], clamp: Clamp) -> Tally:
        """Lesion each unit alone, shape (unit,); random clamps draw as in the first repeat of `ever_more`."""

        def respond(block: int, exposure: Exposure) -> Iterator[tuple[str, Tensor]]:
            filled = self._fillings(exposure, profiles, clamp, 0, block)
            for logits in exposure.single(filled):
                yield "alone", logits

        return there.tally(respond)["alone"]

    def each_silenced(self, site: str) -> Tally:
        """Set each unit of a site to zero alone, shape (unit,)."""

        def respond(block: int, exposure: Exposure) -> Iterator[tuple[str, Tensor]]:
            for logits in exposure.single({site: exposure.activity[site].new_zeros(())}):
                yield "alone", logits

        return self.opened(site).tally(respond)["alone"]

    def each_group(
        self, there: Preparation[Exposure], profiles: Mapping[str, Profile], lesions: Sequence[Tensor], clamp: Clamp
    ) -> Tally:
        """Lesion groups of units, each by itself, shape (lesion,); random clamps draw as in the first repeat.

        Parameters
        ----------
        lesions : sequence of Tensor, shape (unit,), bool
            True where a unit of the pool is lesioned.
        """

        def respond(block: int, exposure: Exposure) -> Iterator[tuple[str, Tensor]]:
            filled = self._fillings(exposure, profiles, clamp, 0, block)
            for lesion in lesions:
                yield "group", exposure.clamped(lesion, filled)[None]

        return there.tally(respond)["group"]

    def under_noise(
        self, there: Preparation[Exposure], profiles: Mapping[str, Profile], scales: Sequence[float], repeats: int
    ) -> list[Tally]:
        """Add Gaussian noise to every unit of the pool: for each scale, a Tally (repeat,).

        The noise has zero mean and `scale` times the unit's standard deviation, for every stimulus and position. All
        scales of a repeat share their standard normal numbers.
        """

        def respond(block: int, exposure: Exposure) -> Iterator[tuple[float, Tensor]]:
            for repeat in range(repeats):
                noise = {
                    site: spread(profiles[site].deviation, activity)
                    * standard_noise(activity, self.stream.child("noise", site, repeat, block))
                    for site, activity in exposure.activity.items()
                }
                for scale in scales:
                    yield scale, exposure.changed({site: _adding(scale * noise[site]) for site in noise})[None]

        found = there.tally(respond)
        return [found[scale] for scale in scales]

    def connections(self, site: str) -> int:
        """Return the number of connections into a site that one layer drives."""
        ((_, layer),) = layers_into(self.model, self.modules[site]).items()
        return layer.weight.numel()

    def cut_ever_more(self, site: str, orders: Sequence[Tensor], counts: Sequence[int]) -> dict[Key, Tally]:
        """Cut ever more connections into a site that one layer drives.

        Parameters
        ----------
        site : str
            The site.
        orders : sequence of Tensor, shape (connection,)
            For each repeat, connections in the order in which they are cut, numbered as the weight's entries.
        counts : sequence of int
            How many are cut.

        Returns
        -------
        dict of ("random", "zero", repeat) to Tally, shape (count,)
        """
        ((name, layer),) = layers_into(self.model, self.modules[site]).items()
        afferents = Afferents.of(self.model, layer, name, self.intact.example)

        def respond(block: int, drive: Drive) -> Iterator[tuple[Key, Tensor]]:
            for repeat, order in enumerate(orders):
                yield ("random", "zero", repeat), drive.nested(order, counts)

        return self.intact.showing_to(afferents.expose).tally(respond)

    def holding(self, model: nn.Module, lesion: Mapping[str, Mapping[int, float]]) -> Tally:
        """Return the performance, shape (), of a network of the same anatomy while a lesion holds.

        Parameters
        ----------
        model : nn.Module
            The network, in evaluation mode.
        lesion : mapping of str to mapping of int to float
            For each site, the units lesioned and what each is clamped to.
        """

        def clamp(clamped: Mapping[int, float]) -> Callable[[nn.Module, object, Tensor], Tensor]:
            units, values = list(clamped), list(clamped.values())

            def hook(module: nn.Module, inputs: object, output: Tensor) -> Tensor:
                held = output.clone()
                held[:, units] = spread(torch.tensor(values), output)
                return held

            return hook

        with torch.no_grad(), hooked(model, {self.modules[site]: clamp(lesion[site]) for site in lesion}):
            return intact_performance(self.intact.showing_to(model))

    def _fillings(
        self, exposure: Exposure, profiles: Mapping[str, Profile], clamp: Clamp, repeat: int, block: int
    ) -> dict[str, Tensor]:
        return {
            site: filling(
                clamp,
                activity,
                profiles[site].mean_activity,
                profiles[site].deviation,
                self.stream.child("clamp", clamp, site, repeat, block),
            )
            for site, activity in exposure.activity.items()
        }


def intact_performance(shown: Preparation[Tensor]) -> Tally:
    """Return the performance of a whole network on the stimuli of a preparation, shape ()."""
    tally = shown.tally(lambda block, logits: [("intact", logits[None])])["intact"]
    return Tally(tally.losses[0], tally.hits[0], tally.shown)


def _adding(noise: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda activity: activity + noise
